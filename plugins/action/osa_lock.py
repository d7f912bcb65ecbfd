# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say who is asking for the lab host's lock, and whether the holder still lives."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import getpass
import hashlib
import os
import platform

from ansible.plugins.action import ActionBase
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.clock import utc


def started(pid):
    """When a process of this machine was started, or an empty text where it does not live: one that nobody has buried yet is dead."""
    try:
        with open('/proc/%d/stat' % pid) as stream:
            fields = stream.read().rpartition(')')[2].split()
    except OSError:
        return ''
    return '' if fields[0] in 'ZX' else fields[19]


def boot():
    """Names this boot of this machine."""
    try:
        with open('/proc/sys/kernel/random/boot_id') as stream:
            return stream.read().strip()
    except OSError:
        return ''


def whoami():
    """This run of ansible-playbook: the worker's parent."""
    pid = os.getppid()
    owner = {'controller': platform.node(), 'boot': boot(), 'user': getpass.getuser(), 'pid': pid, 'started': started(pid)}
    owner['id'] = hashlib.sha256(repr(sorted(owner.items())).encode()).hexdigest()[:16]
    owner['since'] = utc()
    return owner


def is_dead(holder):
    """Is the holder a process of this machine that lives no more?"""
    if holder.get('controller') != platform.node() or not holder.get('boot'):
        return False
    if holder['boot'] != boot():
        return True
    return started(int(holder.get('pid', 0))) != holder.get('started')


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        arguments = dict(self._task.args, owner=whoami())
        result = self._take(arguments, task_vars)
        holder = result.get('holder')
        if holder and is_dead(holder):
            result = self._take(dict(arguments, dead=[holder['id']]), task_vars)
        return result

    def _take(self, arguments, task_vars):
        return self._execute_module(
            module_name='osa_lab.ceph_aio.osa_lock', module_args=arguments, task_vars=task_vars)
