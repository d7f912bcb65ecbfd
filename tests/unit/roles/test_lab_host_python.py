# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Python a lab host has for Ansible, and that its base image is not taken for one without it."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os

import jinja2.nativetypes
import pytest
import yaml
from ansible.plugins.filter import core


@pytest.fixture
def variables(root):
    """The role's variables for a machine: variables(what was asked for, suite, record of a lab host that is there)."""
    def read(*path):
        with open(os.path.join(root, 'roles', 'lab_host', *path), encoding='utf-8') as stream:
            return yaml.safe_load(stream)

    environment = jinja2.nativetypes.NativeEnvironment()
    environment.filters = dict(core.FilterModule().filters(), **environment.filters)

    def resolve(python, suite='bullseye', record=None):
        known = dict(
            read('defaults', 'main.yml'), lab_host_python=python, role_path='role', lookup=lambda *words: 'a script',
            __lab_host_variables={'release_series': 'embedded'},
            __lab_host_seen={'record': record or {}, 'archive': {'suite': suite, 'sources': ['deb a b c']}, 'network': {'cidr': '10.193.1.0/24'}})
        texts = read('vars', 'main.yml')
        known.update((name, texts[name]) for name in ('__lab_host_ansible_core', '__lab_host_python_suites'))
        for name in ('__lab_host_python', '__lab_host_image_packages', '__lab_host_image', '__lab_host_record', '__lab_host_python_error'):
            known[name] = environment.from_string(texts[name]).render(known)
        return known
    return resolve


def test_image(variables):
    new, old = variables('python3'), variables('python2.7')
    assert old['__lab_host_image_packages'] == new['__lab_host_image_packages'] + ['python2.7']
    assert old['__lab_host_image'] != new['__lab_host_image']
    assert (new['__lab_host_record']['python'], old['__lab_host_record']['python']) == ('python3', 'python2.7')


@pytest.mark.parametrize('asked', ['python3', 'python2.7'])
@pytest.mark.parametrize('record, python', [
    ({'python': 'python2.7', 'suite': 'bullseye'}, 'python2.7'), ({'python': 'python3', 'suite': 'bookworm'}, 'python3'),
    ({'suite': 'bookworm'}, 'python3')])
def test_a_lab_host_keeps_its_own(variables, asked, record, python):
    """Also where the suite is not named again."""
    known = variables(asked, 'bookworm', record)
    assert (known['__lab_host_python'], known['__lab_host_python_error'] or '') == (python, '')


@pytest.mark.parametrize('python, suite, error', [
    ('python3', 'bookworm', ''), ('python2.7', 'bullseye', ''),
    ('python2.7', 'bookworm', 'there is no python2.7 for the lab host (lab_host_python): bookworm has no such package. '
                              'Next: leave lab_host_python out, or set lab_host_suite to bullseye')])
def test_suite_without_it_is_refused(variables, python, suite, error):
    assert (variables(python, suite)['__lab_host_python_error'] or '') == error
