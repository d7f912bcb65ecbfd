# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show how far the step is that an earlier run left running."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils.watching import WatchingAction


def title(result):
    return '%s, left running by an earlier run' % result['step']


class ActionModule(WatchingAction):
    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        return self.follow('osa_job', dict(self._task.args), title, self.screen(task_vars), task_vars)
