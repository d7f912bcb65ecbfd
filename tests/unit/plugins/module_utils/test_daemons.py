# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import daemons
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.daemons import Daemons
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

MON = 'aio1_ceph-mon_container-0c19f9f6'
INSIDE = ['lxc-attach', '--clear-env', '--name', MON, '--set-var', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', '--']
LISTED = """ceph-mgr@a.service loaded active running Ceph cluster manager daemon
ceph-mon@a.service loaded failed failed Ceph cluster monitor daemon
ceph-osd@7.service not-found inactive dead ceph-osd@7.service
"""
PATTERNS = ['ceph-mon@*.service', 'ceph-mgr@*.service', 'ceph-osd@*.service', 'ceph-mds@*.service', 'ceph-radosgw@*.service']


def systemctl(*words):
    return INSIDE + ['systemctl'] + list(words)


@pytest.fixture
def mon():
    return Daemons(MON)


def test_units(mon, fake_run):
    fake_run.expect(systemctl('list-units', '--all', '--no-legend', '--plain', '--full', *PATTERNS), LISTED)
    assert mon.units() == {'ceph-mgr@a.service': 'active', 'ceph-mon@a.service': 'failed', 'ceph-osd@7.service': 'inactive'}


def test_on_the_host(fake_run):
    fake_run.expect(['systemctl', 'list-units', '--all', '--no-legend', '--plain', '--full'] + PATTERNS, '')
    assert Daemons().units() == {}
    assert Daemons().root() == '/'


def test_enabled(mon, fake_run):
    fake_run.expect(systemctl('is-enabled', 'a', 'b', 'c'), 'enabled\ndisabled\nenabled-runtime\n', rc=1)
    assert mon.enabled(['a', 'b', 'c']) == ['a', 'c']


def test_enable_what_is_not(mon, fake_run):
    fake_run.expect(systemctl('is-enabled', 'a', 'b'), 'enabled\ndisabled\n', rc=1)
    fake_run.expect(systemctl('enable', 'b'))
    mon.enable(['a', 'b'])
    fake_run.expect(systemctl('is-enabled', 'a'), 'enabled\n')
    mon.enable(['a'])


def test_start_and_stop(mon, fake_run):
    fake_run.expect(systemctl('stop', 'a', 'b'))
    mon.stop(['a', 'b'])
    fake_run.expect(systemctl('kill', '--signal=KILL', 'a'), rc=1)
    fake_run.expect(systemctl('stop', 'a'))
    mon.kill(['a'])
    fake_run.expect(systemctl('reset-failed', 'a'), rc=1)
    fake_run.expect(systemctl('start', '--no-block', 'a'))
    mon.start(['a'])


def test_nothing_to_do(mon, fake_run):
    """systemctl without a unit would mean all, or fail."""
    for do in (mon.start, mon.stop, mon.kill, mon.enable):
        do([])
    assert mon.enabled([]) == []


@pytest.mark.parametrize('result, why', [
    ({'rc': 5, 'stderr': 'Unit x is masked.\n'}, 'Unit x is masked.'), ({'rc': 1, 'stdout': 'said\n'}, 'said'), ({'rc': 3}, 'it ended with 3'),
    ({'timed_out': True, 'rc': None}, 'it took more than 60 s')])
def test_command_failed(mon, fake_run, result, why):
    fake_run.expect(systemctl('stop', 'x'), **result)
    with pytest.raises(AioError) as caught:
        mon.stop(['x'])
    assert caught.value.why == why
    assert caught.value.where.endswith('systemctl stop x')


def test_no_such_command(fake_run):
    fake_run.expect(['losetup'], error=OSError(2, 'No such file or directory'))
    with pytest.raises(AioError) as caught:
        daemons.checked(['losetup'])
    assert 'cannot be run' in str(caught.value)


def test_root(mon, fake_run):
    """Asked once, until the container is started anew."""
    pid = ['lxc-info', '--name', MON, '--pid', '--no-humanize']
    fake_run.expect(pid, '4711\n')
    assert [mon.root(), mon.root()] == ['/proc/4711/root'] * 2
    fake_run.expect(['lxc-info', '--name', MON, '--state', '--no-humanize'], 'STOPPED\n')
    fake_run.expect(['lxc-start', '--name', MON, '--daemon'])
    fake_run.expect(systemctl('is-system-running'), 'running\n')
    mon.run()
    fake_run.expect(pid, '4712\n')
    assert mon.root() == '/proc/4712/root'


def test_root_of_a_container_that_does_not_run(mon, fake_run):
    fake_run.expect(['lxc-info', '--name', MON, '--pid', '--no-humanize'], '')
    with pytest.raises(AioError) as caught:
        mon.root()
    assert 'lxc-start -n' in caught.value.remedy


STATE = ['lxc-info', '--name', MON, '--state', '--no-humanize']


@pytest.mark.parametrize('state, again, commands, done', [
    ('RUNNING', False, [], ''),
    ('FROZEN', False, [['lxc-unfreeze', '--name', MON]], 'thawed'),
    ('STOPPED', False, [['lxc-start', '--name', MON, '--daemon']], 'started'),
    ('STOPPED', True, [['lxc-start', '--name', MON, '--daemon']], 'started'),
    ('RUNNING', True, [['lxc-stop', '--name', MON, '--kill'], ['lxc-start', '--name', MON, '--daemon']], 'started'),
    ('FROZEN', True, [['lxc-unfreeze', '--name', MON], ['lxc-stop', '--name', MON, '--kill'], ['lxc-start', '--name', MON, '--daemon']], 'started'),
])
def test_run(mon, fake_run, state, again, commands, done):
    fake_run.expect(STATE, state + '\n')
    for command in commands:
        fake_run.expect(command)
    if done == 'started':
        fake_run.expect(systemctl('is-system-running'), 'starting\n', rc=1)
        fake_run.expect(systemctl('is-system-running'), 'degraded\n', rc=1)
    assert mon.run(again) == done


def test_run_the_host(fake_run):
    assert Daemons().run() == ''


def test_container_does_not_come_up(mon, fake_run, monkeypatch):
    monkeypatch.setattr(daemons, 'BOOT', 0)
    fake_run.expect(STATE, 'STOPPED\n')
    fake_run.expect(['lxc-start', '--name', MON, '--daemon'])
    fake_run.expect(systemctl('is-system-running'), '', rc=1, stderr='Failed to connect to bus')
    with pytest.raises(AioError) as caught:
        mon.run()
    assert 'Failed to connect to bus' in caught.value.why


@pytest.mark.parametrize('unit, kind', [('ceph-osd@0.service', 'osd'), ('ceph-mon@a-b.service', 'mon'), ('ceph-radosgw@rgw.a.service', 'radosgw')])
def test_kind_of(unit, kind):
    assert daemons.kind_of(unit) == kind
