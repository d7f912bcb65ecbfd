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


def repositories(layers):
    """What the folders of the controller give, one laid over the other: repository → path → (mode, content)."""
    found = {}
    for layer in layers:
        for path, mode, content in files_below(layer['folder']):
            name, slash, rest = (layer.get('prefix', '') + path).partition('/')
            if slash:
                found.setdefault(name, {})[rest] = (mode, content)
    return {name: dict(sorted(files.items())) for name, files in sorted(found.items())}


def fast_import(files, branch, message):
    """One commit with the files, as text for git fast-import."""
    def data(text):
        return 'data %d\n%s\n' % (len(text.encode('utf-8')), text)

    parts = ['reset refs/heads/%s\n' % branch,
             'commit refs/heads/%s\ncommitter %s\n%sdeleteall\n' % (branch, IDENTITY, data(message))]
    for path, (mode, content) in files.items():
        parts.append('M %s inline %s\n%s' % (mode, path, data(content)))
    return ''.join(parts)


def digest(found):
    """A short name for the content of all the repositories."""
    return hashlib.sha256(repr(found).encode()).hexdigest()[:16]


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        layers = arguments.get('src')
        if not isinstance(layers, list) or not all(isinstance(layer, dict) for layer in layers):
            raise AnsibleActionFail('src is %r, not a list of folders, each a dict with its path as folder' % (layers,))
        for layer in layers:
            if not os.path.isdir(layer.get('folder', '')):
                raise AnsibleActionFail('%s is no folder of the controller' % layer.get('folder', 'what src names'))
        branch = arguments.get('branch', '')
        found = repositories(layers)
        # The repositories belong together: where one changes, each gets a new commit, so that who
        # has fetched one of them sees that there is something new.
        edition = digest(found)
        arguments['streams'] = {
            name: base64.b64encode(fast_import(files, branch, '%s, edition %s\n' % (name, edition)).encode()).decode()
            for name, files in found.items()}
        return self._execute_module(
            module_name='osa_lab.ceph_aio.git_publish', module_args=arguments, task_vars=task_vars)
