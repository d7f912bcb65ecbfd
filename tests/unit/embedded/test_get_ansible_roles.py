# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import shutil
import subprocess
import sys

import pytest

REQUIREMENTS = '''---
- name: ceph.ceph-common
  scm: git
  src: ../ansible-ceph-common
  version: ocata
'''


def git(folder, *arguments):
    identity = ['-c', 'user.name=t', '-c', 'user.email=t@localhost']
    argv = ['git', '-C', str(folder), *identity, *arguments]
    return subprocess.run(argv, capture_output=True, encoding='utf-8', check=True).stdout.strip()


def commit(folder, text):
    (folder / 'file').write_text(text)
    git(folder, 'add', 'file')
    git(folder, 'commit', '--quiet', '-m', text)
    return git(folder, 'rev-parse', 'HEAD')


@pytest.fixture(scope='session')
def published(tmp_path_factory):
    """The repositories as they are in the beginning: openstack-ansible and, beside it, a role."""
    folder = tmp_path_factory.mktemp('published')
    for name in ('openstack-ansible', 'ansible-ceph-common'):
        git(folder, 'init', '--quiet', '--initial-branch=ocata', '--template=', name)
        commit(folder / name, 'first')
    return folder


@pytest.fixture
def served(published, tmp_path):
    """The repositories as they are served, and the clone of openstack-ansible."""
    shutil.copytree(published, tmp_path / 'served')
    git(tmp_path, 'clone', '--quiet', '--template=', str(tmp_path / 'served' / 'openstack-ansible'), 'osa')
    return tmp_path / 'served'


@pytest.fixture
def fetch(served, tmp_path, osa_of_all):
    def run(requirements=REQUIREMENTS):
        (tmp_path / 'requirements.yml').write_text(requirements)
        script = os.path.join(osa_of_all, 'scripts', 'get-ansible-roles.py')
        argv = [sys.executable, script, str(tmp_path / 'requirements.yml'), str(tmp_path / 'roles')]
        return subprocess.run(argv, cwd=tmp_path / 'osa', capture_output=True, encoding='utf-8', check=True).stdout
    return run


@pytest.fixture
def role(tmp_path):
    return tmp_path / 'roles' / 'ceph.ceph-common'


def test_role_from_beside_the_origin(fetch, served, role):
    assert fetch() == 'ceph.ceph-common %s\n' % git(served / 'ansible-ceph-common', 'rev-parse', 'ocata')
    assert (role / 'file').read_text() == 'first'


def test_role_from_an_address_of_its_own(fetch, served, role):
    fetch(REQUIREMENTS.replace('../', '%s/' % served))
    assert (role / 'file').read_text() == 'first'


def test_role_at_a_commit(fetch, served, role):
    first = git(served / 'ansible-ceph-common', 'rev-parse', 'ocata')
    commit(served / 'ansible-ceph-common', 'second')
    locked = REQUIREMENTS.replace('version: ocata', 'version: ' + first)
    for _again in range(2):
        assert fetch(locked) == 'ceph.ceph-common %s\n' % first
        assert (role / 'file').read_text() == 'first'


def test_edits_are_thrown_away(fetch, role):
    before = fetch()
    (role / 'file').write_text('edited')
    assert fetch() == before
    assert (role / 'file').read_text() == 'first'


def test_new_commit_is_fetched(fetch, served, role):
    fetch()
    new = commit(served / 'ansible-ceph-common', 'second')
    assert fetch() == 'ceph.ceph-common %s\n' % new
    assert (role / 'file').read_text() == 'second'


def test_new_history_is_fetched(fetch, served, role):
    """A repository that is published anew has no commit in common with the old."""
    fetch()
    git(served / 'ansible-ceph-common', 'checkout', '--quiet', '--orphan', 'other')
    new = commit(served / 'ansible-ceph-common', 'other')
    git(served / 'ansible-ceph-common', 'branch', '--quiet', '--force', 'ocata', 'other')
    assert fetch() == 'ceph.ceph-common %s\n' % new
    assert (role / 'file').read_text() == 'other'


def clone_cut_short(role):
    (role / '.git' / 'HEAD').unlink()


def git_that_was_killed(role):
    for lock in ('config.lock', 'index.lock'):
        (role / '.git' / lock).write_text('')


def nothing_but_a_folder(role):
    (role / '.git' / 'HEAD').unlink()
    (role / '.git').rename(role / 'other')


@pytest.mark.parametrize('leave', [clone_cut_short, git_that_was_killed, nothing_but_a_folder])
def test_what_an_interrupted_run_left_is_cloned_anew(fetch, served, role, tmp_path, leave):
    """And a repository above it, such as one of /etc, is not taken for it."""
    git(tmp_path, 'init', '--quiet')
    git(tmp_path, 'remote', 'add', 'origin', 'somewhere')
    fetch()
    leave(role)
    (role.parent / 'ceph.ceph-common.new').mkdir()
    new = commit(served / 'ansible-ceph-common', 'second')
    assert fetch() == 'ceph.ceph-common %s\n' % new
    assert (role / 'file').read_text() == 'second'
    assert os.listdir(str(role.parent)) == ['ceph.ceph-common']
    assert git(tmp_path, 'remote', 'get-url', 'origin') == 'somewhere'


def test_a_source_that_cannot_be_reached_costs_nothing(fetch, served, role):
    fetch()
    (served / 'ansible-ceph-common').rename(served / 'elsewhere')
    with pytest.raises(subprocess.CalledProcessError):
        fetch()
    assert (role / 'file').read_text() == 'first' and git(role, 'rev-parse', 'HEAD')
