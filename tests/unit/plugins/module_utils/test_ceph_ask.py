# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_ask, ceph_shape
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

PARAMS = {'container': 'mon', 'inventory': '/nonexistent', 'mon_group': 'ceph-mon', 'timeout': 15.0}
LXC_INFO = ['lxc-info', '--name', 'mon', '--state', '--no-humanize']


def is_attach(argv):
    return argv[:4] == ['lxc-attach', '--clear-env', '--name', 'mon']


def said(*texts):
    return ''.join(json.dumps({'rc': 0, 'out': text, 'err': ''}) + '\n' for text in texts)


def refused(rc, err, count=len(ceph_shape.QUESTIONS)):
    return (json.dumps({'rc': rc, 'out': '', 'err': err}) + '\n') * count


def asked(fake_run):
    return json.loads(fake_run.calls[-1]['options']['stdin'])['commands']


def test_cluster_that_answers(fake_run, ceph_said):
    fake_run.expect(LXC_INFO, 'RUNNING\n')
    fake_run.expect(is_attach, said(*ceph_said('ok')))
    answer = ceph_ask.ask(PARAMS)
    assert (answer['state'], answer['reason'], answer['remedy'], answer['container']) == ('ok', '', '', 'mon')
    assert answer['osds'] == {'total': 3, 'up': 3, 'in': 3}
    assert 'text' not in answer
    assert asked(fake_run) == list(ceph_shape.QUESTIONS)


def test_text(fake_run, ceph_said):
    fake_run.expect(LXC_INFO, 'RUNNING\n')
    fake_run.expect(is_attach, said(*(ceph_said('ok') + ['  cluster:\n    id: 1\n \n', 'ID  CLASS\n-1\n'])))
    answer = ceph_ask.ask(PARAMS, with_text=True)
    assert answer['text'] == {'status': '  cluster:\n    id: 1', 'osd_tree': 'ID  CLASS\n-1'}
    assert asked(fake_run) == list(ceph_shape.QUESTIONS) + [{'prefix': 'status'}, {'prefix': 'osd tree'}]


def test_warning(fake_run, ceph_said):
    fake_run.expect(LXC_INFO, 'RUNNING\n')
    fake_run.expect(is_attach, said(*ceph_said('osd_down')))
    answer = ceph_ask.ask(PARAMS)
    assert answer['state'] == 'warn'
    assert answer['reason'].startswith('OSD_DOWN: 1 osds down')


def test_no_manager(fake_run, ceph_said):
    texts = ceph_said('ok')
    texts[4] = '{"available": false, "active_name": "", "standbys": []}'
    fake_run.expect(LXC_INFO, 'RUNNING\n')
    fake_run.expect(is_attach, said(*texts))
    assert ceph_ask.ask(PARAMS)['state'] == 'mgr_down'


@pytest.mark.parametrize('stdout, rc, state, reason', [
    ('', 1, 'no_container', 'the mon container is not there (mon): LXC has no container of this name (as asked for)'),
    ('STOPPED\n', 0, 'container_stopped', 'the mon container does not run (mon): LXC says it is STOPPED'),
])
def test_no_container_to_ask(fake_run, stdout, rc, state, reason):
    fake_run.expect(LXC_INFO, stdout, rc)
    answer = ceph_ask.ask(PARAMS)
    assert answer.pop('remedy')
    assert answer == {'state': state, 'reason': reason, 'container': ''}


@pytest.mark.parametrize('result, state, reason', [
    ({'stdout': '{"connect": "TimedOut", "errno": 110, "err": "timed out"}\n'}, 'mon_unreachable',
     'no mon can be reached (mon): timed out'),
    ({'stdout': '{"connect": "PermissionError", "errno": 1, "err": "no"}\n'}, 'denied',
     'the cluster does not let us in (mon): no as client.admin'),
    ({'rc': None, 'timed_out': True}, 'timed_out', 'Ceph did not answer in time (mon): 0 of 6 questions were answered'),
    ({'rc': 1, 'stderr': 'lxc-attach: no cgroup'}, 'mon_unreachable',
     'the mon container cannot be entered (mon): lxc-attach: no cgroup'),
])
def test_cluster_that_does_not_answer(fake_run, result, state, reason):
    fake_run.expect(LXC_INFO, 'RUNNING\n')
    fake_run.expect(is_attach, **result)
    answer = ceph_ask.ask(PARAMS)
    assert set(answer) == set(['state', 'reason', 'remedy', 'container'])
    assert (answer['state'], answer['container']) == (state, 'mon')
    assert answer['reason'].startswith(reason)
    assert answer['remedy']


def test_some_answers_only(fake_run, ceph_said):
    fake_run.expect(LXC_INFO, 'RUNNING\n')
    fake_run.expect(is_attach, said(*ceph_said('ok')[:2]), rc=142)
    answer = ceph_ask.ask(PARAMS)
    assert answer['state'] == 'timed_out'
    assert '2 of 6 questions' in answer['reason']


def test_key_that_may_not_ask(fake_run):
    """How the cluster is, is in the state: nothing is raised."""
    fake_run.expect(LXC_INFO, 'RUNNING\n')
    fake_run.expect(is_attach, refused(-13, 'access denied'))
    answer = ceph_ask.ask(PARAMS)
    assert answer['state'] == 'denied'
    assert 'access denied' in answer['reason']


def test_release_without_a_manager(fake_run, ceph_said):
    """jewel knows no "mgr dump"; its other answers count."""
    texts = ceph_said('ok')
    fake_run.expect(LXC_INFO, 'RUNNING\n')
    version = '{"version": "ceph version 10.2.11"}'
    fake_run.expect(is_attach, said(*texts[:4]) + refused(-22, 'command not known', 1) + said(version))
    answer = ceph_ask.ask(PARAMS)
    assert answer['osds'] == {'total': 3, 'up': 3, 'in': 3}
    assert answer['mgr']['available'] is False


def test_inventory_that_is_damaged_is_no_state_of_the_cluster(tmp_path):
    (tmp_path / 'inventory.json').write_bytes(b'{')
    with pytest.raises(AioError):
        ceph_ask.ask(dict(PARAMS, container=None, inventory=str(tmp_path / 'inventory.json')))


@pytest.mark.parametrize('timeout', [0.0, -1.0, float('nan')])
def test_timeout_that_is_none(timeout):
    with pytest.raises(AioError) as error:
        ceph_ask.check_timeout({'timeout': timeout})
    assert error.value.where == 'timeout'


def test_timeout():
    assert ceph_ask.check_timeout({'timeout': 0.1}) is None
