# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import ipaddress
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

MON = re.compile(r'^aio1(_ceph-mon_|-ceph-mon-)container-[0-9a-f]{8}$')
FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'fixtures')
# Whose inventory a contract's is like, where it generates it, and the key of an address in it.
LIKE = {'ocata': ('ocata-15.1.2', 'playbooks/inventory', 'container_address'), 'modern': ('osa-29.2.4', 'inventory', 'management_address')}
OF_CINDER = {'cinder_backends'}  # its hosts are in no conf.d file of the embedded OSA


@pytest.fixture(scope='session')
def after_bootstrap(osa, tmp_path_factory):
    """The deployment's configuration as bootstrap leaves it."""
    folder = tmp_path_factory.mktemp('after_bootstrap') / 'openstack_deploy'
    (folder / 'conf.d').mkdir(parents=True)
    etc = os.path.join(osa, 'etc', 'openstack_deploy')
    shutil.copy(os.path.join(etc, 'openstack_user_config.yml.aio'), folder / 'openstack_user_config.yml')
    shutil.copy(os.path.join(etc, 'conf.d', 'ceph.yml.aio'), folder / 'conf.d' / 'ceph.yml')
    return folder


@pytest.fixture
def config_dir(after_bootstrap, tmp_path):
    """One to change."""
    return shutil.copytree(after_bootstrap, tmp_path / 'openstack_deploy')


@pytest.fixture(scope='session')
def key(contract):
    return LIKE[contract][2]


@pytest.fixture(scope='session')
def generator(osa, contract):
    """Run the generator on a deployment's configuration: generator(folder, argument...)."""
    def run(config_dir, *arguments):
        return subprocess.run(
            [sys.executable, os.path.join(osa, LIKE[contract][1], 'dynamic_inventory.py'), *arguments],
            env=dict(os.environ, OSA_CONFIG_DIR=str(config_dir)), capture_output=True, encoding='utf-8', check=False)
    return run


@pytest.fixture
def generate(generator, config_dir):
    """Run it on the one to change: generate(argument...) gives what it prints."""
    def run(*arguments):
        result = generator(config_dir, *arguments)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)
    return run


@pytest.fixture(scope='session')
def printed(generator, after_bootstrap, tmp_path_factory):
    """What it prints where nothing was changed."""
    result = generator(shutil.copytree(after_bootstrap, tmp_path_factory.mktemp('printed') / 'openstack_deploy'))
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def made(printed):
    """The inventory of it."""
    return json.loads(printed)


@pytest.fixture
def real(contract):
    """The inventory that a real OSA wrote, without the networks and routes that the embedded one has not."""
    with open(os.path.join(FIXTURES, LIKE[contract][0], 'openstack_inventory.json'), encoding='utf-8') as stream:
        inventory = json.load(stream)
    for variables in inventory['_meta']['hostvars'].values():
        variables['container_networks'].pop('storage_address', None)
        for network in variables['container_networks'].values():
            network.pop('static_routes', None)
    for network in inventory['all']['vars']['provider_networks']:
        network['network'].pop('static_routes', None)
    return inventory


def mon_of(inventory):
    name, = inventory['ceph-mon']['hosts']
    assert MON.match(name)
    return name


def group_of(inventory, name):
    """Hosts and children of a group, the mon container without its number."""
    group = inventory.get(name, {})
    return {kind: sorted(MON.sub('mon', member) for member in group.get(kind, [])) for kind in ('hosts', 'children')}


def test_mon_container(generate, key):
    inventory = generate('--list')
    variables = inventory['_meta']['hostvars'][mon_of(inventory)]
    address = ipaddress.ip_address(variables['ansible_host'])
    assert address in ipaddress.ip_network('172.29.236.0/22')
    assert address not in [ipaddress.ip_address('172.29.236.1') + number for number in range(50)]
    assert address != ipaddress.ip_address('172.29.236.100')
    assert variables[key] == str(address)
    assert variables['container_networks'][key]['address'] == str(address)
    assert variables['container_name'] == mon_of(inventory)


@pytest.mark.parametrize('group', [
    'ceph-mon', 'ceph-mon_all', 'ceph-mon_container', 'ceph-mon_containers', 'ceph-mon_hosts', 'ceph-osd',
    'ceph-osd_all',
    'ceph-osd_container', 'ceph-osd_containers', 'ceph-osd_hosts', 'lxc_hosts'])
def test_group_as_in_a_real_osa(made, real, group):
    assert group_of(made, group) == group_of(real, group)


def test_ceph_all(made, real):
    """A real OSA may have gateways and file systems, too."""
    children = group_of(made, 'ceph_all')['children']
    assert children == ['ceph-mon', 'ceph-osd']
    assert set(children) <= set(group_of(real, 'ceph_all')['children'])


def test_no_group_that_a_real_osa_has_not(made, real):
    assert [name for name in made if name not in real] == []


@pytest.mark.parametrize('group', ['all_containers', 'hosts'])
def test_parents_have_the_ceph_groups(made, real, group):
    """A real OSA has more of them."""
    children = group_of(made, group)['children']
    assert children
    assert children == [child for child in group_of(real, group)['children'] if re.match('ceph-(mon|osd)', child)]


def test_containers_of_the_host(made, real):
    assert made['aio1-host_containers']['hosts'] == [mon_of(made)]
    assert mon_of(real) in real['aio1-host_containers']['hosts']


def test_variables_of_the_mon_as_in_a_real_osa(made, real):
    def variables(inventory):
        name = mon_of(inventory)
        found = inventory['_meta']['hostvars'][name]
        return json.loads(json.dumps(found).replace(name, 'mon').replace(found['ansible_host'], 'address'))

    assert variables(made) == variables(real)


def test_variables_of_the_host_as_in_a_real_osa(made, real, key):
    host, wanted = made['_meta']['hostvars']['aio1'], real['_meta']['hostvars']['aio1']
    assert set(host) == set(wanted) - OF_CINDER
    assert host['container_networks'][key] == wanted['container_networks'][key]
    for name in ('ansible_host', key, 'container_name', 'is_metal', 'physical_host'):
        assert host[name] == wanted[name]


def test_variables_of_all(made, real):
    found, wanted = made['all']['vars'], real['all']['vars']
    assert set(found) <= set(wanted)
    for name in ('container_cidr', 'internal_lb_vip_address', 'management_bridge'):
        assert found[name] == wanted[name]
    assert found['provider_networks'] == wanted['provider_networks'][:1]


def test_it_is_kept(generate, config_dir):
    first = generate('--list')
    assert json.loads((config_dir / 'openstack_inventory.json').read_text()) == first
    assert generate('--list') == first
    names = sorted(path.name for path in config_dir.iterdir())
    assert names == ['conf.d', 'openstack_inventory.json', 'openstack_user_config.yml']


def test_names_and_addresses_are_kept(generate, config_dir, real):
    """It goes on with the file of a real OSA."""
    (config_dir / 'openstack_inventory.json').write_text(json.dumps(real))
    inventory = generate()
    assert mon_of(inventory) == mon_of(real)
    assert inventory['_meta']['hostvars'][mon_of(real)]['ansible_host'] == real['_meta']['hostvars'][mon_of(real)]['ansible_host']


def test_no_address_twice(generate, config_dir):
    """Of a network with one free address, the mon gets that."""
    path = config_dir / 'openstack_user_config.yml'
    text = path.read_text()
    for old, new in (('172.29.236.0/22', '172.29.236.96/29'),
                     ('172.29.236.1,172.29.236.50', '172.29.236.97,172.29.236.98'),
                     ('  - "172.29.236.100"', '  - "172.29.236.100"\n  - " 172.29.236.101 , 172.29.236.102 "')):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    inventory = generate()
    assert inventory['_meta']['hostvars'][mon_of(inventory)]['ansible_host'] == '172.29.236.99'


def test_without_ceph(generate, config_dir):
    (config_dir / 'conf.d' / 'ceph.yml').unlink()
    inventory = generate()
    assert inventory['_meta']['hostvars'] == {}
    assert [name for name, group in inventory.items() if group.get('hosts')] == []


def test_variables_of_one_host_are_in_meta(generate):
    assert generate('--host', 'aio1') == {}


def test_before_bootstrap(generator, config_dir):
    (config_dir / 'openstack_user_config.yml').unlink()
    result = generator(config_dir)
    assert result.returncode != 0
    assert 'run scripts/bootstrap-aio.sh first' in result.stderr
    assert not (config_dir / 'openstack_inventory.json').exists()
