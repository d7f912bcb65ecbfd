# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import pty

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import watching

CURSOR = {'play': 'Make it', 'task': 'role : two', 'tasks': 12, 'seconds': 65.0, 'expected': {'tasks': 40, 'seconds': None}, 'id': 'x'}


def cursor(tasks=40, seconds=None, **changes):
    return dict(CURSOR, expected={'tasks': tasks, 'seconds': seconds}, **changes)


@pytest.fixture
def shown(monkeypatch):
    """What was shown: (text, options)."""
    said = []
    monkeypatch.setattr(watching.display, 'display', lambda text, **options: said.append((text, options)))
    return said


@pytest.fixture
def terminal(monkeypatch):
    """Whether a person watches: terminal(True)."""
    return lambda there: monkeypatch.setattr(watching, 'on_terminal', lambda: there)


@pytest.mark.parametrize('given, text', [
    (cursor(), 'setup 1:05, about 2:31 left, task 12 of 40: Make it: role : two'),
    (cursor(seconds=100.0), 'setup 1:05, about 0:35 left, task 12 of 40: Make it: role : two'),
    (cursor(seconds=50.0), 'setup 1:05, about 0:00 left, task 12 of 40: Make it: role : two'),
    (cursor(tasks=5), 'setup 1:05, about 0:00 left, task 12 of 12: Make it: role : two'),
    (cursor(tasks=None), 'setup 1:05, task 12: Make it: role : two'),
    (cursor(task='', play=''), 'setup 1:05, about 2:31 left, task 12 of 40'),
    (cursor(tasks=None, seconds=None, task='', play='') | {'tasks': 0, 'seconds': 3700.0}, 'setup 1:01:40'),
])
def test_line(given, text):
    assert watching.line('setup', given) == text


def test_a_line_that_changes(shown, terminal, monkeypatch):
    terminal(True)
    monkeypatch.setenv('COLUMNS', '20')
    screen = watching.Screen('labosa', 1)
    assert screen.patience == watching.OFTEN
    screen.show('setup 1:05, task 12 of 40')
    screen.end()
    assert shown == [('\rlabosa: setup 1:05,\033[K', {'screen_only': True, 'newline': False}),
                     ('\r\033[K', {'screen_only': True, 'newline': False})]


@pytest.mark.parametrize('there, hosts', [(False, 1), (True, 2)])
def test_a_line_now_and_then(shown, terminal, there, hosts):
    """Where nobody watches, or several hosts would write on the same line."""
    terminal(there)
    screen = watching.Screen('labosa', hosts)
    assert screen.patience == watching.SELDOM
    screen.show('setup 1:05')
    screen.end()
    assert shown == [('labosa: setup 1:05', {})]


def follow(results, terminal, shown, monkeypatch):
    terminal(False)
    monkeypatch.setattr(watching.time, 'sleep', lambda seconds: None)
    asked = []

    def execute(arguments):
        asked.append(arguments)
        answer = results.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer
    return watching.follow(execute, {'name': 'setup'}, lambda result: 'setup', watching.Screen('labosa', 1)), asked


def test_follow(shown, terminal, monkeypatch):
    goes_on = {'running': True, 'cursor': CURSOR}
    result, asked = follow([goes_on, goes_on, {'running': False, 'rc': 0}], terminal, shown, monkeypatch)
    assert result == {'running': False, 'rc': 0}
    assert asked == [{'name': 'setup', 'patience': 60, 'cursor': given} for given in ({}, CURSOR, CURSOR)]
    assert len(shown) == 2


def test_check_mode(shown, terminal, monkeypatch):
    """It says that a step goes on, and nobody waits for it."""
    goes_on = {'running': True, 'changed': False}
    assert follow([goes_on], terminal, shown, monkeypatch)[0] == goes_on


def test_connection_that_comes_back(shown, terminal, monkeypatch):
    lost = AnsibleConnectionFailure('Connection timed out\nbye')
    result, asked = follow([{'running': True, 'cursor': CURSOR}, lost, lost, {'running': False}], terminal, shown, monkeypatch)
    assert result == {'running': False}
    assert asked[-1]['cursor'] == CURSOR
    assert 'the connection is lost, the step goes on: Connection timed out bye' in shown[1][0]


def test_connection_that_does_not_come_back(shown, terminal, monkeypatch):
    now = iter(range(0, 10000, 200))
    monkeypatch.setattr(watching.time, 'monotonic', lambda: next(now))
    lost = AnsibleConnectionFailure('gone')
    with pytest.raises(AnsibleConnectionFailure):
        follow([{'running': True, 'cursor': CURSOR}] + [lost] * 9, terminal, shown, monkeypatch)


def test_connection_that_was_never_there(shown, terminal, monkeypatch):
    with pytest.raises(AnsibleConnectionFailure):
        follow([AnsibleConnectionFailure('gone')], terminal, shown, monkeypatch)
    assert shown == []


def test_terminal(monkeypatch):
    """The standard output of our parent, who is ansible-playbook to a worker."""
    master, slave = pty.openpty()
    read_end, write_end = os.pipe()
    parent = os.fork()
    if parent == 0:
        os.dup2(slave, 1)
        if os.fork() == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.write(write_end, b'yes' if watching.on_terminal() else b'no')
            os._exit(0)
        os.wait()
        os._exit(0)
    os.waitpid(parent, 0)
    assert os.read(read_end, 10) == b'yes'
    for handle in (master, slave, read_end, write_end):
        os.close(handle)
