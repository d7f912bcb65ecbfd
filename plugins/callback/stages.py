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
    thing on the screen, in colour on a terminal.
type: aggregate
author:
  - osa_lab (@osa-lab)
requirements:
  - enable it in the configuration, C(callbacks_enabled = osa_lab.ceph_aio.stages)
'''

import shutil
import textwrap
import time

from ansible import constants as C
from ansible.plugins.callback import CallbackBase

COLLECTION = 'osa_lab.ceph_aio.'
COLORS = {'ok': C.COLOR_OK, 'warn': C.COLOR_WARN, 'mgr_down': C.COLOR_WARN}
WIDEST = 120  # characters of a line: longer ones are hard to read


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

    def v2_playbook_on_handler_task_start(self, task):
        self.v2_playbook_on_task_start(task, False)

    def v2_runner_on_ok(self, result):
        # ansible-core calls it so from 2.19 on.
        facts = (getattr(result, 'result', None) or result._result).get('ansible_facts') or {}
        host = getattr(result, 'host', None) or result._host
        for name in ('report_outcome', 'bundle_path'):
            if facts.get(name):
                self._outcomes.setdefault(host.get_name(), {})[name] = facts[name]

    def v2_playbook_on_stats(self, stats):
        self._enter(None)
        self._show_seconds()
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
