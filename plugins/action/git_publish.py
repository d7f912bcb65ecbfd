# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read folders of the controller as streams that git fast-import understands."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import base64
import hashlib
import os

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

IDENTITY = 'osa_lab <osa_lab@localhost> 1500000000 +0000'  # fixed: the same files, the same commit
IGNORED = ('.git', '__pycache__')


def files_below(folder):
    """The files below a folder: (path as git has it, mode, content), in name order."""
    for current, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in IGNORED)
        for name in sorted(names):
            path = os.path.join(current, name)
            mode = '100755' if os.access(path, os.X_OK) else '100644'
            with open(path, encoding='utf-8', newline='') as stream:
                yield os.path.relpath(path, folder), mode, stream.read()


def fast_import(folder, branch, message):
    """One commit with the folder's files, as text for git fast-import."""
    def data(text):
        return 'data %d\n%s\n' % (len(text.encode('utf-8')), text)

    parts = ['reset refs/heads/%s\n' % branch,
             'commit refs/heads/%s\ncommitter %s\n%sdeleteall\n' % (branch, IDENTITY, data(message))]
    for path, mode, content in files_below(folder):
        parts.append('M %s inline %s\n%s' % (mode, path, data(content)))
    return ''.join(parts)


def digest(folders):
    """A short name for the content of all the folders."""
    total = hashlib.sha256()
    for name, folder in folders.items():
        for entry in files_below(folder):
            total.update(repr((name,) + entry).encode())
    return total.hexdigest()[:16]


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        src = arguments.get('src', '')
        if not os.path.isdir(src):
            raise AnsibleActionFail('%s is no folder of the controller' % src)
        branch = arguments.get('branch', '')
        folders = {name: os.path.join(src, name) for name in sorted(os.listdir(src)) if os.path.isdir(os.path.join(src, name))}
        # The repositories belong together: where one changes, each gets a new commit, so that who
        # has fetched one of them sees that there is something new.
        edition = digest(folders)
        arguments['streams'] = {
            name: base64.b64encode(fast_import(folder, branch, '%s, edition %s\n' % (name, edition)).encode()).decode()
            for name, folder in folders.items()}
        return self._execute_module(
            module_name='osa_lab.ceph_aio.git_publish', module_args=arguments, task_vars=task_vars)
