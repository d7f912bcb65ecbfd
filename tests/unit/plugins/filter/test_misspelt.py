# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import glob
import os
import re

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.filter.misspelt import known_variables, misspelt


@pytest.fixture
def roles(root):
    return os.path.join(root, 'roles')


@pytest.mark.parametrize('name, meant', [
    ('ceph_override_pg_num', 'ceph_overrides_pg_num'), ('ceph_overrides_pgnum', 'ceph_overrides_pg_num'), ('release_serie', 'release_series'),
    ('site_form', 'site_from'), ('mirror_host', 'mirror_hosts'), ('lab_destroy_confrim', 'lab_destroy_confirm'),
    ('teardown_keeps', 'teardown_keep'), ('Source_mirror', 'source_mirror')])
def test_a_slip(name, meant, roles):
    (row,) = misspelt([name, 'release_ref'], roles)
    assert (row['name'], row['variable'], row['meant']) == ('variables', name, meant)
    assert row['text'].startswith('"%s" is no variable of this collection' % name) and 'Next: call it %s;' % meant in row['text']


def test_what_is_right_and_what_is_of_others(roles):
    others = ['ceph_conf_overrides', 'ceph_origin', 'my_lab', 'inventory_hostname', 'ansible_port', 'release', 'install_method', 'groups']
    assert misspelt(known_variables(roles) + others, roles) == []


def test_what_the_roles_themselves_set_is_none(roles):
    """Else a second look in the same run would take it for a slip."""
    names = set()
    for path in glob.glob(os.path.join(roles, '*', 'tasks', '*.yml')) + glob.glob(os.path.join(roles, '..', 'playbooks', '*.yml')):
        with open(path, encoding='utf-8') as stream:
            text = stream.read()
        names.update(re.findall(r'^ *([a-z_]+):', text, re.M))
        names.update(re.findall(r'register: (\w+)', text))
    assert len(names) > 100
    assert misspelt(names, roles) == []
