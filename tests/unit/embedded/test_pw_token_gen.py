# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import re
import stat
import subprocess
import sys

import pytest

BEFORE = '---\n# Passwords\nset_password: mine\nempty_password:\nspaces_password:   \nceph_uuid:\n'
TOKEN, UUID = '[0-9a-f]{48}', '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'


@pytest.fixture
def path(tmp_path):
    path = tmp_path / 'user_secrets.yml'
    path.write_text(BEFORE)
    return path


@pytest.fixture
def fill(osa_of_all):
    """Run the script on a file: fill(path) gives what it prints."""
    def run(path):
        argv = [sys.executable, os.path.join(osa_of_all, 'scripts', 'pw-token-gen.py'), '--file', str(path)]
        return subprocess.run(argv, capture_output=True, encoding='utf-8', check=True).stdout
    return run


def test_empty_values_are_filled(fill, path):
    assert fill(path) == 'filled %s\n' % path
    assert re.match(r'---\n# Passwords\nset_password: mine\n'
                    r'empty_password: %s\nspaces_password: %s\nceph_uuid: %s\n$' % (TOKEN, TOKEN, UUID),
                    path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == [path.name]


def test_no_value_twice(fill, path):
    fill(path)
    values = re.findall(TOKEN, path.read_text())
    assert len(set(values)) == len(values) == 2


def test_what_is_set_stays(fill, path):
    fill(path)
    before = path.read_text()
    assert fill(path) == ''
    assert path.read_text() == before


def test_file_of_the_embedded_osa(fill, osa_of_all, tmp_path):
    path = tmp_path / 'user_secrets.yml'
    with open(os.path.join(osa_of_all, 'etc', 'openstack_deploy', 'user_secrets.yml'), encoding='utf-8') as stream:
        path.write_text(stream.read())
    fill(path)
    assert re.search(r':\s*$', path.read_text(), re.M) is None
