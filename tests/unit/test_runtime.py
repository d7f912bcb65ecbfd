# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The groups of module defaults in meta/runtime.yml: who is in, and that each module says so."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import io
import os

import pytest
import yaml

FRAGMENTS = {'ceph': 'osa_lab.ceph_aio.ceph_access', 'osa': 'osa_lab.ceph_aio.attributes.osa_group'}


@pytest.fixture
def groups(root):
    with io.open(os.path.join(root, 'meta', 'runtime.yml'), encoding='utf-8') as stream:
        return yaml.safe_load(stream)['action_groups']


@pytest.fixture
def documentation(root, module_text):
    """What each module says of itself, by its name."""
    names = sorted(name[:-3] for name in os.listdir(os.path.join(root, 'plugins', 'modules')) if name.endswith('.py'))
    return dict((name, yaml.safe_load(module_text(name))) for name in names if name != '__init__')


@pytest.fixture
def module_text(root):
    def read(name):
        with io.open(os.path.join(root, 'plugins', 'modules', name + '.py'), encoding='utf-8') as stream:
            return stream.read().split("DOCUMENTATION = r'''")[1].split("'''")[0]
    return read


def test_who_is_in(groups, documentation):
    """All that take the options, for which defaults are given to the group, and none that would refuse them."""
    assert sorted(groups) == ['ceph', 'osa']
    assert groups['ceph'] == [name for name in sorted(documentation)
                              if FRAGMENTS['ceph'] in documentation[name].get('extends_documentation_fragment', [])]
    assert groups['osa'] == [name for name in sorted(documentation) if 'state_dir' in documentation[name].get('options', {})]


def test_each_module_says_so(groups, documentation):
    for name in sorted(documentation):
        used = documentation[name].get('extends_documentation_fragment', [])
        own = documentation[name].get('attributes', {}).get('action_group', {}).get('membership')
        said = own or ['osa_lab.ceph_aio.' + group for group in sorted(groups) if FRAGMENTS[group] in used]
        assert said == ['osa_lab.ceph_aio.' + group for group in sorted(groups) if name in groups[group]], name
