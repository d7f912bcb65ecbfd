# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os

import pytest
from ansible.module_utils.common.yaml import yaml_load

ROLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'roles')
TYPES = {'str': str, 'path': str, 'bool': bool, 'int': int, 'float': (int, float), 'dict': dict, 'list': list}


def read(role, *path):
    with open(os.path.join(ROLES, role, *path), encoding='utf-8') as stream:
        return yaml_load(stream)


def options(role):
    """The options of all entry points of a role, and whether a default is given in more than one way."""
    merged = {}
    for entry in read(role, 'meta', 'argument_specs.yml')['argument_specs'].values():
        for name, option in entry['options'].items():
            assert merged.setdefault(name, option) == option
    return merged


def is_of_type(value, kind):
    if isinstance(value, bool):  # which Python takes for an int, too
        return kind in ('bool', 'raw')
    return kind == 'raw' or isinstance(value, TYPES[kind])


def is_description(default):
    """Is the default words for people, because the real one is computed?"""
    return isinstance(default, str) and any(sign in default for sign in ('{{', '$', '<'))


@pytest.fixture(params=sorted(os.listdir(ROLES)))
def role(request):
    return request.param


def test_defaults_are_the_options(role):
    assert sorted(read(role, 'defaults', 'main.yml')) == sorted(options(role))


def test_defaults_are_those_of_the_options(role):
    defaults = read(role, 'defaults', 'main.yml')
    documented = {name: option['default'] for name, option in options(role).items()
                  if 'default' in option and not is_description(option['default'])}
    assert {name: defaults[name] for name in documented} == documented


def test_option_without_a_default_is_required(role):
    optional = {name: option for name, option in options(role).items() if not option.get('required')}
    assert [name for name, option in optional.items() if 'default' not in option] == []


def test_defaults_are_of_the_type_of_the_options(role):
    specs = options(role)
    for name, value in read(role, 'defaults', 'main.yml').items():
        assert is_of_type(value, specs[name]['type']) or is_description(value), name
        for one in value if isinstance(value, list) else [value]:
            assert one in specs[name].get('choices', [one])


def test_names(role):
    assert [name for name in read(role, 'defaults', 'main.yml') if not name.startswith(role + '_')] == []


def test_options_are_described(role):
    for entry in read(role, 'meta', 'argument_specs.yml')['argument_specs'].values():
        assert entry['short_description']
        assert all(option['description'] for option in entry['options'].values())


def test_entry_points_are_task_files(role):
    for entry in read(role, 'meta', 'argument_specs.yml')['argument_specs']:
        assert os.path.exists(os.path.join(ROLES, role, 'tasks', entry + '.yml'))
