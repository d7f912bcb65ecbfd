# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show, within one task, how far a step on a lab host is."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import shutil
import time

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

display = Display()
OFTEN, SELDOM = 2, 60  # seconds between lines, on a terminal and elsewhere
LOST = 300  # seconds without a connection, after which the task ends; the step goes on
AGAIN = 5  # seconds before the next try


def on_terminal():
    """Whether a person watches: the standard output of ansible-playbook, whose worker this is, is a terminal."""
    if os.isatty(1):
        return True
    try:  # newer ansible-core takes it from its workers
        handle = os.open('/proc/%d/fd/1' % os.getppid(), os.O_WRONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.isatty(handle)
    finally:
        os.close(handle)


def clock(seconds):
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return '%d:%02d:%02d' % (hours, minutes, seconds) if hours else '%d:%02d' % (minutes, seconds)


def left(cursor):
    """Seconds that it may still take, or None where nobody knows."""
    tasks, seconds = cursor['expected']['tasks'], cursor['expected']['seconds']
    if seconds:
        return max(seconds - cursor['seconds'], 0)
    if tasks and cursor['tasks']:
        return max(cursor['seconds'] / cursor['tasks'] * (tasks - cursor['tasks']), 0)
    return None


def line(title, cursor):
    """How far a step is, in a line: what does not fit on it matters least."""
    parts = ['%s %s' % (title, clock(cursor['seconds']))]
    if left(cursor) is not None:
        parts.append('about %s left' % clock(left(cursor)))
    if cursor['tasks']:
        total = cursor['expected']['tasks']
        parts.append('task %d%s' % (cursor['tasks'], ' of %d' % max(total, cursor['tasks']) if total else ''))
    return ', '.join(parts) + ''.join(': ' + name for name in (cursor['play'], cursor['task']) if name)


class Screen:
    """Where it is shown: one line that changes where one host is watched on a terminal, else a line now and then."""

    def __init__(self, host, hosts):
        self._host = host
        self.watched = on_terminal()
        self._changing = self.watched and hosts == 1
        self.patience = OFTEN if self._changing else SELDOM
        self._used = False

    def show(self, text):
        text = '%s: %s' % (self._host, text)
        if not self._changing:
            display.display(text)
            return
        width = shutil.get_terminal_size().columns - 1
        display.display('\r%s\033[K' % text[:width], screen_only=True, newline=False)
        self._used = True

    def end(self):
        if self._used:
            display.display('\r\033[K', screen_only=True, newline=False)


def follow(execute, arguments, title, screen):
    """Call a module that waits for a step until the step has ended: its last result.

    :param execute: calls the module with arguments.
    :param title: gives, of a result, what the step is called.
    """
    result, lost = {}, None
    try:
        while True:
            try:
                result = execute(dict(arguments, patience=screen.patience, cursor=result.get('cursor', {})))
                lost = None
            except AnsibleConnectionFailure as error:
                # A step that has not begun has nothing to be waited for.
                if not result.get('cursor') or lost and time.monotonic() - lost > LOST:
                    raise
                lost = lost or time.monotonic()
                screen.show('%s: the connection is lost, the step goes on: %s' % (title(result), ' '.join(str(error).split())))
                time.sleep(AGAIN)
                continue
            if not result.get('running') or 'cursor' not in result:  # in check mode nothing is waited for
                return result
            screen.show(line(title(result), result['cursor']))
    finally:
        screen.end()


class WatchingAction(ActionBase):
    """An action whose module waits for a step."""

    def screen(self, task_vars):
        return Screen(task_vars.get('inventory_hostname', ''), len(task_vars.get('ansible_play_hosts', [])))

    def follow(self, module, arguments, title, screen, task_vars):
        """As follow, of a module of this collection."""

        def execute(arguments):
            return self._execute_module(module_name='osa_lab.ceph_aio.' + module, module_args=arguments, task_vars=task_vars)

        return follow(execute, arguments, title, screen)
