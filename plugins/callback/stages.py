# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show, at the end of a run, how long each role of the collection took."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: stages
short_description: Seconds that each stage of a run took
version_added: 0.1.0
description:
  - Prints, when a playbook has ended, the roles of this collection in the order they ran, with the seconds each took.
  - A role counts once, however often it ran. Where several hosts went through it, it is the time until all were through.
type: aggregate
author:
  - osa_lab (@osa-lab)
requirements:
  - enable it in the configuration, C(callbacks_enabled = osa_lab.ceph_aio.stages)
'''

import time

from ansible.plugins.callback import CallbackBase

COLLECTION = 'osa_lab.ceph_aio.'


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

    def v2_playbook_on_stats(self, stats):
        self._enter(None)
        if not self._seconds:
            return
        self._display.display('\nstage             seconds')
        for role, seconds in self._seconds.items():
            self._display.display('%-16s %8.1f' % (role, seconds))
        self._display.display('%-16s %8.1f' % ('in all', time.time() - self._start))
