# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import base64
import os
import re
import subprocess
from unittest import mock

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.osa_lab.ceph_aio.plugins.action import git_publish


@pytest.fixture
def source(tmp_path):
    """Two folders with files, and what must not get into a repository."""
    source = tmp_path / 'src'
    for name, content in (('one/README.md', 'größe\n'), ('one/a b/c.txt', 'no newline'), ('one/crlf', 'a\r\nb\r\n'),
                          ('one/empty', ''),
                          ('one/.hidden', 'x'), ('one/.git/config', 'x'), ('one/lib/__pycache__/m.pyc', 'x'),
                          ('two/file', 'x')):
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode('utf-8'))
    (source / 'one' / 'run.sh').write_text('#!/bin/sh\n')
    (source / 'one' / 'run.sh').chmod(0o700)
    (source / 'notes.txt').write_text('no folder')
    return source


@pytest.fixture
def action(monkeypatch):
    def run(**arguments):
        task = mock.MagicMock(args=arguments, async_val=0, check_mode=False, diff=False)
        plugin = git_publish.ActionModule(task, *[mock.MagicMock() for _number in range(5)])
        execute = mock.MagicMock(return_value={'changed': True})
        monkeypatch.setattr(plugin, '_execute_module', execute)
        assert plugin.run(task_vars={}) == {'changed': True}
        assert execute.call_args.kwargs['module_name'] == 'osa_lab.ceph_aio.git_publish'
        return execute.call_args.kwargs['module_args']
    return run


def imported(folder, stream):
    """The files that git makes of a stream: path → (mode, content)."""
    repository = str(folder / 'repository')
    subprocess.run(['git', 'init', '--quiet', '--bare', repository], check=True)
    subprocess.run(['git', '--git-dir', repository, 'fast-import', '--quiet', '--force'], input=stream, check=True)
    listed = subprocess.check_output(['git', '--git-dir', repository, 'ls-tree', '-r', '-z', 'ocata']).decode('utf-8')
    files = {}
    for entry in listed.split('\0')[:-1]:
        fields, path = entry.split('\t')
        mode, _kind, name = fields.split()
        files[path] = mode, subprocess.check_output(['git', '--git-dir', repository, 'cat-file', 'blob', name])
    return files


def test_files_below(source):
    assert [(path, mode) for path, mode, _content in git_publish.files_below(str(source / 'one'))] == [
        ('.hidden', '100644'), ('README.md', '100644'), ('crlf', '100644'), ('empty', '100644'), ('run.sh', '100755'),
        ('a b/c.txt', '100644')]


def files(source, repository):
    return git_publish.repositories([{'folder': str(source)}])[repository]


def test_later_folders_count(source, tmp_path):
    """Files of the same path, a folder in another place, and a repository of its own."""
    for path, text in (('above/two/file', 'above'), ('above/three/file', '3'), ('tasks/mon/main.yml', 'mon'), ('tasks/README', '')):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    found = git_publish.repositories([
        {'folder': str(source)}, {'folder': str(tmp_path / 'tasks'), 'prefix': 'role-'},
        {'folder': str(tmp_path / 'tasks'), 'prefix': 'two/roles/'}, {'folder': str(tmp_path / 'above'), 'prefix': ''}])
    assert list(found) == ['one', 'role-mon', 'three', 'two']
    assert found['two'] == {'file': ('100644', 'above'), 'roles/README': ('100644', ''), 'roles/mon/main.yml': ('100644', 'mon')}
    assert found['role-mon'] == {'main.yml': ('100644', 'mon')}


def test_git_reads_the_stream(source, tmp_path):
    stream = git_publish.fast_import(files(source, 'one'), 'ocata', 'größe\n').encode('utf-8')
    assert imported(tmp_path, stream) == {
        'README.md': ('100644', 'größe\n'.encode('utf-8')), 'a b/c.txt': ('100644', b'no newline'),
        'crlf': ('100644', b'a\r\nb\r\n'),
        'empty': ('100644', b''), '.hidden': ('100644', b'x'), 'run.sh': ('100755', b'#!/bin/sh\n')}


def test_same_files_same_stream(source, tmp_path):
    first = git_publish.fast_import(files(source, 'one'), 'ocata', 'm')
    source.rename(tmp_path / 'elsewhere')
    os.utime(str(tmp_path / 'elsewhere' / 'one' / 'README.md'), (1, 1))
    assert git_publish.fast_import(files(tmp_path / 'elsewhere', 'one'), 'ocata', 'm') == first


def decoded(arguments):
    return {name: base64.b64decode(stream).decode('utf-8') for name, stream in arguments['streams'].items()}


def test_arguments_of_the_module(action, source):
    arguments = action(src=[{'folder': str(source)}], dest='/dest', branch='ocata')
    assert (arguments['src'], arguments['dest'], arguments['branch']) == ([{'folder': str(source)}], '/dest', 'ocata')
    assert sorted(arguments['streams']) == ['one', 'two']
    message, = re.findall(r'^two, edition [0-9a-f]{16}\n', decoded(arguments)['two'], re.M)
    assert decoded(arguments)['two'] == git_publish.fast_import(files(source, 'two'), 'ocata', message)


def test_repositories_change_together(action, source):
    first = decoded(action(src=[{'folder': str(source)}], branch='ocata'))
    assert decoded(action(src=[{'folder': str(source)}], branch='ocata')) == first
    (source / 'two' / 'file').write_text('y')
    second = decoded(action(src=[{'folder': str(source)}], branch='ocata'))
    assert all(second[name] != first[name] for name in first)


@pytest.mark.parametrize('src', [None, '/tmp', ['/tmp']])
def test_no_folders(action, src):
    with pytest.raises(AnsibleActionFail, match='not a list of folders'):
        action(src=src)


@pytest.mark.parametrize('folder', ['', '/nonexistent', os.path.abspath(__file__)])
def test_no_folder(action, source, folder):
    with pytest.raises(AnsibleActionFail, match='is no folder of the controller'):
        action(src=[{'folder': str(source)}, {'folder': folder}])
