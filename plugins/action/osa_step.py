# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show how far a step is while it runs, and in the end how to go on where it failed."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import shlex

from ansible import constants as C
from ansible import context
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils.watching import WatchingAction


def command():
    """The command of this run, without what was given with -e: that may hold passwords. Empty where it is no playbook's."""
    given = context.CLIARGS
    if isinstance(given.get('args'), str):  # the pattern of hosts that the program ansible has
        return ''
    words = ['ansible-playbook']
    for inventory in given.get('inventory') or ():
        if inventory not in C.DEFAULT_HOST_LIST:
            words += ['-i', inventory]
    if given.get('subset'):
        words += ['--limit', given['subset']]
    for name in ('tags', 'skip_tags'):
        chosen = [tag for tag in given.get(name) or () if tag != 'all']
        if chosen:
            words += ['--' + name.replace('_', '-'), ','.join(chosen)]
    words += given.get('args') or ()
    return ' '.join(map(shlex.quote, words)) + (' and -e as before' if given.get('extra_vars') else '')


class ActionModule(WatchingAction):
    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        screen = self.screen(task_vars)
        arguments = dict(self._task.args)
        if not screen.watched:
            arguments['count_tasks'] = False  # nobody looks at it
        name = str(arguments.get('name', ''))
        result = self.follow('osa_step', arguments, lambda _result: name, screen, task_vars)
        if result.get('failed') and 'rc' in result and command():
            result['msg'] = '%s The command that goes on: %s.' % (result['msg'], command())
        return result
