# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""README.md and meta/main.yml of the roles hold what tools/role-readmes.py makes."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import importlib.util
import os
import sys

import pytest


@pytest.fixture
def tool(root, monkeypatch):
    spec = importlib.util.spec_from_file_location('role_readmes', os.path.join(root, 'tools', 'role-readmes.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_all_roles_have_them(tool, root):
    texts = dict(tool.files())
    assert {path.relative_to(root).parts[1] for path in texts} == set(os.listdir(os.path.join(root, 'roles')))
    for path, text in texts.items():
        assert path.read_text(encoding='utf-8') == text, '%s is stale. Next: make role-readmes' % path


def test_stale(tool, tmp_path, monkeypatch, capsys):
    """--check says which, and writes nothing."""
    path = tmp_path / 'README.md'
    path.write_text('old')
    monkeypatch.setattr(tool, 'ROOT', tmp_path)
    monkeypatch.setattr(tool, 'files', lambda: [(path, 'new')])
    monkeypatch.setattr(sys, 'argv', ['role-readmes.py', '--check'])
    with pytest.raises(SystemExit) as end:
        tool.main()
    assert (end.value.code, path.read_text()) == (True, 'old')
    assert 'README.md is not what the argument specs say. Next: make role-readmes' in capsys.readouterr().out
    monkeypatch.setattr(sys, 'argv', ['role-readmes.py'])
    with pytest.raises(SystemExit) as end:
        tool.main()
    assert (end.value.code, path.read_text()) == (False, 'new')


@pytest.mark.parametrize('said, written', [
    ('O(a) is V(b), C(f(x)) and RV(c.d)', '`a` is `b`, `f(x)` and `c.d`'), ('M(osa_lab.ceph_aio.ceph_info)', '`osa_lab.ceph_aio.ceph_info`'),
    ('as <host>, C(<host>)', 'as \\<host>, `<host>`'), ('B(not) L(there, https://example.com)', 'not [there](https://example.com)')])
def test_markup(tool, said, written):
    assert tool.plain(said) == written


def test_defaults(tool):
    assert [tool.default(option) for option in ({'required': True}, {}, {'default': ''}, {'default': False}, {'default': None})] == [
        'required', '', '`""`', '`false`', '`null`']
