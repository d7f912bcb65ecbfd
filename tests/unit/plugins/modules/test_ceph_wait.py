# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json

import pytest


@pytest.fixture
def module(run_module, ceph, captured):
    """Wait for a captured cluster over the real program: module(case, release, option=value...)."""
    def run(_case='ok', _release='nautilus', **options):
        if _case:
            ceph.is_like(captured(_release, _case))
        return run_module('ceph_wait', **dict(ceph.access, **dict({'deadline': 0.3, 'interval': 0.1}, **options)))
    return run


@pytest.mark.parametrize('check_mode', [False, True])
def test_module(module, ceph, check_mode):
    result = module(osds=3, quorum=1, pools=[{'name': 'rbd', 'pg_num': 8}, {'name': 'vms'}], _ansible_check_mode=check_mode)
    assert (result['changed'], result['unmet'], result['rounds']) == (False, [], 1)
    assert result['state'] == result['ceph']['state'] == 'ok'
    assert set(['health', 'mons', 'mgr', 'osds', 'pgs', 'pools']) <= set(result['ceph'])
    assert [command['prefix'] for command in ceph.asked] == [
        'status', 'version', 'health', 'quorum_status', 'mgr dump', 'osd pool ls', 'osd lspools']


NOTHING = {'health': '', 'mgr': False, 'pgs_clean': False}


@pytest.mark.parametrize('options, prefixes', [
    ({}, ['health', 'mgr dump', 'osd pool ls', 'osd lspools']),
    (NOTHING, []),
    (dict(NOTHING, osds=3), []),
    (dict(NOTHING, mgr=True), ['mgr dump']),
    (dict(NOTHING, quorum=1), ['quorum_status']),
    (dict(NOTHING, pools=[{'name': 'rbd'}]), ['osd pool ls', 'osd lspools']),
])
def test_module_asks_for_what_is_wanted(module, ceph, options, prefixes):
    result = module(**options)
    assert (result['unmet'], result['rounds']) == ([], 1)
    assert [command['prefix'] for command in ceph.asked] == ['status', 'version'] + prefixes


def test_module_without_managers(module):
    """They are wanted by default; jewel has none."""
    result = module('ok', 'jewel', osds=3)
    assert (result['unmet'], result['ceph']['mgr']['available']) == ([], None)


def test_module_that_is_not_answered_in_the_end(module, ceph):
    """The second round hangs."""
    ceph.does(command='''note("rounds", 1)
        if len(open(os.path.join(HERE, "rounds")).readlines()) > 2: time.sleep(60)''')
    result = module('osd_down', osds=3, deadline=0.5, **NOTHING)
    assert (result['failed'], result['rounds']) == (True, 2)
    assert result['state'] == result['ceph']['state'] == 'timed_out'
    assert [text.split(':')[0] for text in result['unmet']] == ['2 OSDs are up, not 3', 'timed_out']
    assert result['ceph']['osds'] == {'total': 3, 'up': 2, 'in': 3}
    assert result['ceph']['missing']
    assert 'or allow more time' in result['problem']['remedy']


def test_module_asks_over_one_connection(module, ceph, captured):
    """Until it is so; here its OSD comes back."""
    before, after = captured('nautilus', 'osd_down'), captured('nautilus', 'ok')
    for asked in before:
        ceph.says(json.loads(asked), tuple(before[asked]), tuple(before[asked]), tuple(after[asked]))
    result = module(None, deadline=10)
    assert (result['unmet'], result['rounds']) == ([], 3)
    assert result['seconds'] >= 0.2
    assert len(ceph.connections) == 1
    assert len(ceph.asked) == 3 * 6


def test_module_fails_with_what_is_not_so(module):
    result = module('osd_down', osds=3, health='', pgs_clean=False, deadline=0.8)
    assert result['failed']
    assert result['unmet'] == ['2 OSDs are up, not 3']
    assert result['problem']['what'] == 'the cluster is not as planned'
    assert '2 OSDs are up, not 3 (after ' in result['msg']
    assert 'ceph health detail' in result['problem']['remedy']
    assert result['state'] == result['ceph']['state'] == 'warn'
    assert result['rounds'] >= 2


def test_module_says_that_nothing_moves(module):
    result = module('osd_down', deadline=30, stalled_after=0.2)
    assert result['failed']
    assert ', nothing has changed for 0.2 s)' in result['msg']
    assert result['seconds'] < 10


def test_module_gives_up_where_waiting_cannot_help(run_module, fake_run):
    fake_run.expect(['lxc-info', '--name', 'mon', '--state', '--no-humanize'], 'STOPPED\n')
    result = run_module('ceph_wait', container='mon')
    assert result['failed']
    assert result['problem']['remedy'] == 'on the lab host: lxc-start -n mon'
    assert result['unmet'] == ['container_stopped: the mon container does not run (mon): LXC says it is STOPPED']
    assert (result['rounds'], result['state'], result['ceph']['state']) == (1, 'container_stopped', 'container_stopped')


def test_module_waits_for_a_mon_that_is_not_there_yet(module, ceph):
    ceph.does(connect='''note("tries", 1)
        if len(open(os.path.join(HERE, "tries")).readlines()) < 3: raise Error("timed out", 110)''')
    result = module(deadline=20)
    assert (result['unmet'], result['rounds']) == ([], 3)
    assert len(ceph.connections) == 3


def test_accepted_checks(module):
    assert 'failed' not in module('osd_down', accept=['OSD_DOWN', 'PG_DEGRADED'], pgs_clean=False)


@pytest.mark.parametrize('name', ['timeout', 'deadline', 'interval', 'stable_for', 'stalled_after'])
@pytest.mark.parametrize('value', ['0', '-1', 'nan', 'inf', '604801'])
def test_times_that_make_no_sense(run_module, fake_run, name, value):
    if value == '0' and name in ('stable_for', 'stalled_after'):
        fake_run.expect(['lxc-info', '--name', 'mon', '--state', '--no-humanize'], 'STOPPED\n')
        assert run_module('ceph_wait', container='mon', **{name: value})['rounds'] == 1
    else:
        result = run_module('ceph_wait', **{name: value})
        assert result['failed']
        assert (result['problem']['where'], 'rounds' in result) == (name, False)
        assert 'is no time limit' in result['msg']


@pytest.mark.parametrize('options, text', [
    ({'health': 'OK'}, 'value of health must be one of'), ({'pools': [{'pg_num': 8}]}, 'missing required arguments: name'),
    ({'osds': 'three'}, 'osds')])
def test_options_that_make_no_sense(run_module, fake_run, options, text):
    assert text in run_module('ceph_wait', **options)['msg']


def test_return_documentation(module, returned, documented):
    succeeded, failed = module(), module('osd_down')
    assert returned(succeeded, failed) | set(['state']) == documented('ceph_wait')
    assert returned(failed) - returned(succeeded) == set(['problem'])
    assert 'state' in succeeded and 'state' in failed
