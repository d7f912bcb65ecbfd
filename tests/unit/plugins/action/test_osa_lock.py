# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import platform
import subprocess
import time
from unittest import mock

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.action import osa_lock


@pytest.fixture
def action(monkeypatch):
    """Run the action: action(result of each module run...) gives its own result and each module run's arguments."""
    def run(*results, **arguments):
        task = mock.MagicMock(args=arguments, async_val=0, check_mode=False, diff=False)
        plugin = osa_lock.ActionModule(task, *[mock.MagicMock() for _number in range(5)])
        execute = mock.MagicMock(side_effect=results)
        monkeypatch.setattr(plugin, '_execute_module', execute)
        result = plugin.run(task_vars={'a': 1})
        assert all(call.kwargs['module_name'] == 'osa_lab.ceph_aio.osa_lock' and call.kwargs['task_vars'] == {'a': 1}
                   for call in execute.call_args_list)
        return result, [call.kwargs['module_args'] for call in execute.call_args_list]
    return run


def me(**changes):
    """A holder that is this very process."""
    return dict({'id': 'x', 'controller': platform.node(), 'boot': osa_lock.boot(), 'pid': os.getpid(),
                 'started': osa_lock.started(os.getpid())},
                **changes)


def test_free_lock(action):
    result, (arguments,) = action({'changed': False}, state_dir='/x', force=True)
    assert result == {'changed': False}
    assert (arguments['state_dir'], arguments['force']) == ('/x', True)
    owner = arguments['owner']
    assert sorted(owner) == ['boot', 'controller', 'id', 'pid', 'since', 'started', 'user']
    assert (owner['controller'], owner['pid']) == (platform.node(), os.getppid())
    assert owner['started'].isdigit()


def test_same_run_same_id():
    assert osa_lock.whoami()['id'] == osa_lock.whoami()['id']


def test_another_run_another_id(monkeypatch):
    mine = osa_lock.whoami()['id']
    monkeypatch.setattr(osa_lock.os, 'getppid', os.getpid)
    assert osa_lock.whoami()['id'] != mine


def test_holder_that_lives(action):
    held = {'failed': True, 'holder': me()}
    result, calls = action(held)
    assert (result, len(calls)) == (held, 1)


def test_holder_that_is_dead(action):
    result, (first, second) = action({'failed': True, 'holder': me(boot='earlier')}, {'changed': False},
                                     state='present')
    assert result == {'changed': False}
    assert 'dead' not in first
    assert second == dict(first, dead=['x'])


def test_dead_holder_and_another_run_is_faster(action):
    faster = {'failed': True, 'holder': me()}
    result, calls = action({'failed': True, 'holder': me(started='1')}, faster)
    assert (result, len(calls)) == (faster, 2)


@pytest.mark.parametrize('changes, dead', [
    ({}, False),
    ({'controller': 'another'}, False),
    ({'controller': 'another', 'boot': 'earlier'}, False),
    ({'boot': ''}, False),
    ({'boot': 'earlier'}, True),
    ({'started': '1'}, True),
    ({'pid': 2 ** 22 + 1}, True),
])
def test_is_dead(changes, dead):
    assert osa_lock.is_dead(me(**changes)) is dead


@pytest.mark.parametrize('holder', [{}, {'id': 'unreadable'}])
def test_nothing_is_known_of_the_holder(holder):
    assert osa_lock.is_dead(holder) is False


def test_started():
    with open('/proc/uptime') as stream:
        uptime = float(stream.read().split()[0])
    assert 0 <= uptime - int(osa_lock.started(os.getpid())) / os.sysconf('SC_CLK_TCK') < 3600
    assert osa_lock.started(2 ** 22 + 1) == ''


def test_killed_and_not_buried():
    """Its parent may be killed, too, and whoever takes the orphan in take their time, or never look."""
    with subprocess.Popen(['sleep', '60']) as process:
        since = osa_lock.started(process.pid)
        assert since
        process.kill()
        deadline = time.monotonic() + 10
        while ') Z ' not in open('/proc/%d/stat' % process.pid).read():
            assert time.monotonic() < deadline
        assert osa_lock.is_dead(me(pid=process.pid, started=since))
