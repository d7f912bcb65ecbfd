# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each contract's repositories are, and where they differ."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import re
import subprocess

import pytest
from ansible.module_utils.common.yaml import yaml_load

from .conftest import CONTRACTS, ROLE

SERVED = {
    'ocata': [
        'ansible-ceph-common', 'ansible-ceph-mgr', 'ansible-ceph-mon', 'ansible-ceph-osd', 'openstack-ansible',
        'openstack-ansible-ceph_client', 'openstack-ansible-lxc_container_create', 'openstack-ansible-lxc_hosts',
        'openstack-ansible-openstack_hosts'],
    'modern': [
        'ceph-ansible', 'openstack-ansible', 'openstack-ansible-ceph_client', 'openstack-ansible-lxc_container_create',
        'openstack-ansible-lxc_hosts', 'openstack-ansible-openstack_hosts'],
}
# Where the defaults of the Ceph roles are.
DEFAULTS = {'ocata': 'ansible-ceph-common/defaults/main.yml', 'modern': 'ceph-ansible/roles/ceph-defaults/defaults/main.yml'}


def load(*path):
    with open(os.path.join(*map(str, path)), encoding='utf-8') as stream:
        return yaml_load(stream)


def test_repositories(laid_out, contract):
    assert sorted(os.listdir(str(laid_out(contract)))) == SERVED[contract]


def test_each_role_is_fetched_from_its_branch(osa, contract):
    required = load(osa, 'ansible-role-requirements.yml')
    assert sorted(role['src'] for role in required) == ['../' + name for name in SERVED[contract] if name != 'openstack-ansible']
    assert {role['version'] for role in required} == {contract}


def test_no_file_is_there_twice():
    """What contracts have in common stands once: no file of a contract says what a shared one, or the other's, says."""
    contents = {}
    for contract, layers in CONTRACTS.items():
        for layer in layers:
            for folder, _folders, names in os.walk(layer['folder']):
                for name in names:
                    with open(os.path.join(folder, name), encoding='utf-8') as stream:
                        contents.setdefault(stream.read(), set()).add(os.path.join(folder, name))
    assert [sorted(paths) for text, paths in contents.items() if len(paths) > 1 and text.count('\n') > 5] == []


def test_nothing_is_laid_over_the_same(contract):
    """Each file comes of one layer, so that it is plain where to look."""
    seen = set()
    for layer in CONTRACTS[contract]:
        for folder, _folders, names in os.walk(layer['folder']):
            for name in names:
                path = layer.get('prefix', '') + os.path.relpath(os.path.join(folder, name), layer['folder'])
                assert path not in seen
                seen.add(path)


def test_every_folder_is_used():
    assert {layer['folder'] for layers in CONTRACTS.values() for layer in layers} == {
        os.path.join(ROLE, 'files', name) for name in os.listdir(os.path.join(ROLE, 'files'))}


def test_yaml_can_be_read(laid_out, contract):
    paths = [path for path in laid_out(contract).rglob('*') if path.name.endswith(('.yml', '.yml.aio'))]
    assert len(paths) > 40
    for path in paths:
        load(path)


def test_scripts_can_be_read(laid_out, contract):
    scripts = list(laid_out(contract).rglob('*.sh'))
    assert len(scripts) > 8
    for path in scripts:
        assert subprocess.run(['bash', '-n', str(path)], check=False).returncode == 0


def test_the_role_default_is_empty(laid_out, contract):
    assert load(laid_out(contract), DEFAULTS[contract])['ceph_conf_overrides'] == {}


def test_group_vars_shadow_it_in_modern_only(laid_out, contract):
    shadows = [path for path in laid_out(contract).rglob('group_vars/*.yml') if 'ceph_conf_overrides' in path.read_text()]
    assert [path.name for path in shadows] == {'ocata': [], 'modern': ['ceph_all.yml']}[contract]


@pytest.fixture
def wrapper(osa, tmp_path):
    """The installed openstack-ansible with an ansible-playbook that shows its arguments: wrapper(word...) gives them."""
    deploy, bin_dir = tmp_path / 'openstack_deploy', tmp_path / 'bin'
    for folder in (deploy, bin_dir):
        folder.mkdir()
    for name in ('user_variables.yml', 'user_a.yml', 'user_z.yml', 'other.yml'):
        (deploy / name).write_text('---\n')
    (bin_dir / 'ansible-playbook').write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (bin_dir / 'ansible-playbook').chmod(0o755)
    (bin_dir / 'openstack-ansible.rc').write_text('')
    with open(os.path.join(osa, 'scripts', 'bootstrap-ansible.sh'), encoding='utf-8') as stream:
        install = re.search(r'^sed -e "s[|]OSA_CLONE_DIR.*?[^\\]\n', stream.read(), re.M | re.S).group(0)
    script = tmp_path / 'openstack-ansible'
    subprocess.run(['bash', '-euc', 'cd %s; source scripts/contract.sh; OSA_CLONE_DIR=%s\n%s' % (
        osa, osa, install.replace('/usr/local/bin/openstack-ansible', str(script)))], check=True)
    script.write_text(script.read_text().replace('/etc/openstack_deploy', str(deploy)).replace('/opt/ansible-runtime/bin', str(bin_dir))
                      .replace('/usr/local/bin', str(bin_dir)))
    script.chmod(0o755)

    def run(*words):
        lines = subprocess.run([str(script), *words], check=True, capture_output=True, encoding='utf-8').stdout.splitlines()
        assert lines[0].startswith('Variable files:')
        return [line.replace(str(deploy), '') for line in lines[1:]]
    return run


def test_who_wins(wrapper, contract):
    """The last one to set a variable: the user's files in ocata, the command line in modern."""
    files = ['-e', '@/user_a.yml', '-e', '@/user_variables.yml', '-e', '@/user_z.yml']
    own = ['some.yml', '-e', 'a b=1']
    assert wrapper(*own) == {'ocata': own + files, 'modern': files + own}[contract]


@pytest.mark.parametrize('options, words', [
    ('', {'ocata': [], 'modern': []}),
    ('a=1 {"b":2}', {'ocata': ['-e', 'a=1 {"b":2}'], 'modern': ['-e', 'a=1', '-e', '{"b":2}']})])
def test_bootstrap_options(osa, contract, tmp_path, options, words):
    (tmp_path / 'openstack-ansible').write_text('#!/bin/sh\nprintf "%s\\n" "$ANSIBLE_INVENTORY" "$@"\n')
    (tmp_path / 'openstack-ansible').chmod(0o755)
    result = subprocess.run(
        ['bash', os.path.join(osa, 'scripts', 'bootstrap-aio.sh')], check=True, capture_output=True, encoding='utf-8',
        env=dict(os.environ, PATH='%s:%s' % (tmp_path, os.environ['PATH']), BOOTSTRAP_OPTS=options))
    assert result.stdout.splitlines() == [os.path.join(osa, 'tests', 'test-inventory.ini'), 'bootstrap-aio.yml'] + words[contract]
