# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show, at the end of a run, how long each role of the collection took, and how each lab host is."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: stages
short_description: Seconds that each stage of a run took, and what came of it
version_added: 0.1.0
description:
  - Prints, when a playbook has ended, the roles of this collection in the order they ran, with the seconds each took.
  - A role counts once, however often it ran. Where several hosts went through it, it is the time until all were through.
  - Below them it says of each lab host how it ended, why, where its page or its bundle is, and what to type next. So that is the last
    thing on the screen, in colour on a terminal. It does so, too, of a host that failed or could not be reached before that.
  - Where somebody interrupts a run, it says that the step of OpenStack-Ansible goes on.
type: aggregate
author:
  - osa_lab (@osa-lab)
requirements:
  - enable it in the configuration, C(callbacks_enabled = osa_lab.ceph_aio.stages)
'''

import atexit
import os
import shutil
import textwrap
import time

from ansible import constants as C
from ansible.plugins.callback import CallbackBase
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import by_make
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils.outcomes import reason, went_well

COLLECTION = 'osa_lab.ceph_aio.'
COLORS = {'ok': C.COLOR_OK, 'done': C.COLOR_OK, 'warn': C.COLOR_WARN, 'mgr_down': C.COLOR_WARN}
WIDEST = 120  # characters of a line: longer ones are hard to read


def parts(result):
    """Name of the host and the answer of a task's result."""
    # ansible-core calls them so from 2.19 on.
    return (getattr(result, 'host', None) or result._host).get_name(), getattr(result, 'result', None) or result._result


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'aggregate'
    CALLBACK_NAME = 'osa_lab.ceph_aio.stages'
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._seconds = {}  # role → seconds, in the order of their first task
        self._role = None
        self._since = self._start = time.time()
        self._outcomes = {}  # lab host → what the role report kept of it, and where the bundle is
        self._reasons = {}  # host → the last failure
        self._step = ''  # the task that waits for a step on the lab host
        self._process = os.getpid()
        atexit.register(self._interrupted)

    def _enter(self, role):
        now = time.time()
        if self._role:
            self._seconds[self._role] = self._seconds.get(self._role, 0.0) + now - self._since
        self._role, self._since = role, now
        if role:
            self._seconds.setdefault(role, 0.0)

    def v2_playbook_on_task_start(self, task, is_conditional):
        name = task._role.get_name() if task._role else ''
        self._enter(name[len(COLLECTION):] if name.startswith(COLLECTION) else None)
        self._step = task.get_name() if task.action == COLLECTION + 'osa_step' else ''

    def v2_playbook_on_handler_task_start(self, task):
        self.v2_playbook_on_task_start(task, False)

    def v2_runner_on_ok(self, result):
        host, answer = parts(result)
        facts = answer.get('ansible_facts') or {}
        for name in ('report_outcome', 'bundle_path'):
            if facts.get(name):
                self._outcomes.setdefault(host, {})[name] = facts[name]

    def v2_runner_on_failed(self, result, ignore_errors=False):
        if not ignore_errors:
            host, answer = parts(result)
            self._reasons[host] = reason(answer)

    def v2_runner_on_unreachable(self, result):
        self.v2_runner_on_failed(result)

    def _interrupted(self):
        """Called at the end of the process, however it ends but by SIGKILL; a worker of Ansible is none of ours."""
        if self._step and os.getpid() == self._process:
            again = by_make.command('lab') or 'the same command'
            self._display.display('\n%s: interrupted. What it has begun on the lab host goes on there.\nNext: %s waits for it, and goes on.' % (
                self._step.rpartition(' : ')[2], again), color=C.COLOR_WARN)

    def v2_playbook_on_stats(self, stats):
        self._enter(None)
        self._step = ''
        self._show_seconds()
        for host in sorted(set(stats.failures) | set(stats.dark)) if self._seconds else ():
            state = 'failed' if host in stats.failures else 'unreachable'
            kept = self._outcomes.setdefault(host, {})
            if went_well(kept.get('report_outcome', {})):
                kept['report_outcome'] = {'state': state, 'text': self._reasons.get(host, '')}
        for host, facts in self._outcomes.items():
            if 'report_outcome' in facts:
                self._show_outcome(host, facts['report_outcome'], facts.get('bundle_path', ''))

    def _show_outcome(self, host, outcome, bundle):
        width = min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST)

        def show(head, text):
            lines = textwrap.wrap(text, width - 8, break_long_words=False, break_on_hyphens=False) or ['']
            self._display.display('\n'.join('%-8s%s' % ('' if number else head, line) for number, line in enumerate(lines)))

        self._display.display('\n%s: %s' % (host, outcome['state']), color=COLORS.get(outcome['state'], C.COLOR_ERROR))
        show('', outcome.get('text', ''))
        for head, text in [('page', outcome.get('file', '')), ('bundle', bundle)]:
            if text:
                show(head, text)
        for command in outcome.get('next', []):
            show('next', '%s: %s' % (command['to'], command['type']))

    def _show_seconds(self):
        if not self._seconds:
            return
        self._display.display('\nstage             seconds')
        for role, seconds in self._seconds.items():
            self._display.display('%-16s %8.1f' % (role, seconds))
        self._display.display('%-16s %8.1f' % ('in all', time.time() - self._start))
