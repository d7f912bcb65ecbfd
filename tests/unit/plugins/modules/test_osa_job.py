# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import State
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.supervision import Job


@pytest.fixture
def state_dir(tmp_path):
    return str(tmp_path / 'state')


@pytest.fixture
def left(run_module, tmp_path, state_dir):
    """Leave a step running: left(script)."""
    def leave(script):
        result = run_module('osa_step', name='setup', argv=['sh', '-c', script], chdir=str(tmp_path), state_dir=state_dir, patience=0.0)
        assert result['running']
    yield leave
    run_module('osa_job', state='ended', state_dir=state_dir)


@pytest.fixture
def call(run_module, state_dir):
    return lambda **arguments: run_module('osa_job', state_dir=state_dir, **arguments)


def told(result):
    return dict((key, result.get(key)) for key in ('changed', 'step', 'exit_status', 'running'))


@pytest.mark.parametrize('arguments', [{}, {'_ansible_check_mode': True}])
def test_nothing_was_left(call, state_dir, arguments):
    assert told(call(**arguments)) == {'changed': False, 'step': '', 'exit_status': None, 'running': False}
    assert not os.path.exists(state_dir)


@pytest.mark.parametrize('status', [0, 2])
def test_waits_until_it_has_ended_and_records_that(call, left, state_dir, status):
    left('sleep 0.5; exit %d' % status)
    assert told(call()) == {'changed': False, 'step': 'setup', 'exit_status': status, 'running': False}
    assert State(state_dir).steps()['setup']['rc'] == status
    assert call()['step'] == ''


def test_tells_how_far_it_is(call, left):
    left('echo "PLAY [all] ***"; echo "TASK [one] ***"; sleep 30')
    first = call(patience=0.3)
    assert told(first) == {'changed': False, 'step': 'setup', 'exit_status': None, 'running': True}
    assert (first['cursor']['play'], first['cursor']['task'], first['cursor']['tasks']) == ('all', 'one', 1)
    second = call(patience=0.1, cursor=first['cursor'])
    assert second['cursor']['tasks'] == 1
    assert second['cursor']['seconds'] > first['cursor']['seconds']


def test_end(call, left, state_dir, tmp_path, gone):
    left('echo $$ > pid; sleep 30')
    assert told(call(state='ended')) == {'changed': True, 'step': 'setup', 'exit_status': -9, 'running': False}
    assert gone(int((tmp_path / 'pid').read_bytes()))
    assert not call(state='ended')['changed']
    assert State(state_dir).steps()['setup']['rc'] == -9


@pytest.mark.parametrize('state, changed', [('awaited', False), ('ended', True)])
def test_check_mode_leaves_it_alone(call, left, state_dir, state, changed):
    left('sleep 30')
    assert told(call(state=state, _ansible_check_mode=True)) == {'changed': changed, 'step': 'setup', 'exit_status': None, 'running': True}
    assert Job(State(state_dir)).is_running()


def test_another_begins_at_this_moment(call, state_dir):
    with Job(State(state_dir)).alone():
        assert call(state='ended')['problem']['what'] == 'another run begins a step at this moment'


def test_folder_that_is_not_ours(call, tmp_path):
    (tmp_path / 'state').write_bytes(b'')
    assert call(state='ended')['problem']['what'] == 'the step of an earlier run cannot be looked at'


def test_return_documentation(call, left, returned, documented):
    left('sleep 30')
    results = [call(patience=0.0), call(state='ended')]
    assert returned({'problem': {}}, *results) == documented('osa_job')
