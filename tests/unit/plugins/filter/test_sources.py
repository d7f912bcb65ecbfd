# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.osa_lab.ceph_aio.plugins.filter import git_settings, lock_differences, lock_problems, make_lock, osa_sources, source_environment
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import sources

FILTERS = {name: function for module in (git_settings, lock_differences, lock_problems, make_lock, osa_sources, source_environment)
           for name, function in module.FilterModule().filters().items()}
FILES = {sources.ROLES: '- {name: a, src: ../a, version: b}'}


def test_osa_sources():
    found = FILTERS['osa_sources'](FILES, 'file:///srv/osa', 'ocata')
    assert [entry['path'] for entry in found['repositories']] == ['localhost/srv/a', 'localhost/srv/osa']
    assert FILTERS['osa_sources'](FILES, 'file:///srv/osa', 'ocata', versions={'a': 'c'})['roles'] == [dict(name='a', src='../a', version='c')]


@pytest.mark.parametrize('option, left', [('leave_out', ['b']), ('only', ['a', 'c'])])
def test_names_may_be_text(option, left):
    """As -e source_only=a,c gives it."""
    files = {sources.ROLES: ''.join('- {name: %s, src: ../%s}\n' % (name, name) for name in 'abc')}
    found = FILTERS['osa_sources'](files, 'file:///srv/osa', 'ocata', **{option: 'a, c'})
    assert [role['name'] for role in found['roles']] == left


def test_failure():
    with pytest.raises(AnsibleFilterError, match='it is no OpenStack-Ansible'):
        FILTERS['osa_sources']({}, 'file:///srv/osa', 'ocata')


def test_git_settings():
    assert FILTERS['git_settings']('') == ''
    assert 'insteadOf' in FILTERS['git_settings']('/srv/mirror', [], {}, '')


def test_source_environment():
    assert FILTERS['source_environment']({}, config='/c') == {'XDG_CONFIG_HOME': '/c'}


def test_locks():
    lock = FILTERS['make_lock'](sources.wanted(FILES, 'file:///srv/osa', 'ocata'), series='ocata', ref='ocata', osa='c',
                                roles={'a': 'x'}, packages={'host': {}}, commits={})
    assert FILTERS['lock_problems'](lock, 'ocata', 'c') == []
    assert FILTERS['lock_differences'](lock, dict(lock, osa='d')) == ['openstack-ansible: c could not be had, it is d']
