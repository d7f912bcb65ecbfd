# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show how far the step is that an earlier run left running."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
from ansible.plugins.action import ActionBase
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import watching


def title(result):
    return '%s, left running by an earlier run' % result['step']


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        screen = watching.Screen(task_vars.get('inventory_hostname', ''), len(task_vars.get('ansible_play_hosts', [])))

        def execute(arguments):
            return self._execute_module(
                module_name='osa_lab.ceph_aio.osa_job', module_args=arguments, task_vars=task_vars)

        return watching.follow(execute, dict(self._task.args), title, screen)
