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
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import by_make
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils.watching import WatchingAction

AS_BEFORE = ' with the -e of before, but for what has to change'
BY_THE_MAKEFILE = ('lab_host_name=', 'teardown_confirm=')


def command():
    """The command that goes on, without what was given with -e: that may hold passwords. Empty where the run is no playbook's."""
    given = context.CLIARGS
    if isinstance(given.get('args'), str):  # the pattern of hosts that the program ansible has
        return ''
    if by_make.lab():
        return by_make.command('lab') + AS_BEFORE * any(
            not str(text).startswith(BY_THE_MAKEFILE) for text in given.get('extra_vars') or ())
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
    return ' '.join(map(shlex.quote, words)) + AS_BEFORE * bool(given.get('extra_vars'))


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
