# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import json

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import places, process

MON = 'aio1_ceph-mon_container-82a1d5fc'
LXC_LS = ['lxc-ls', '-1']


def addresses(name):
    return ['lxc-info', '--name', name, '--ips', '--no-humanize']


@pytest.fixture
def lxc(fake_run):
    """The containers that LXC has, in its order: lxc(name=state...); those that run are asked for their addresses."""
    def has(asked=None, **states):
        fake_run.expect(LXC_LS, '\n'.join(sorted(states)))
        for state in ('running', 'frozen'):
            fake_run.expect(LXC_LS + ['--' + state], '\n'.join(name for name in sorted(states) if states[name] == state))
        for name in sorted(states):
            if states[name] == 'running' and name in (asked or states):
                fake_run.expect(addresses(name), '172.29.236.145\n10.0.3.5\n')
    return has


@pytest.fixture
def info(run_module, tmp_path):
    """Run the module on an inventory: info(dict, option=value...)."""
    def run(inventory=None, **options):
        path = tmp_path / 'inventory.json'
        if inventory is not None:
            path.write_bytes(json.dumps(inventory).encode('utf-8'))
        return run_module('osa_containers_info', **dict({'inventory': str(path)}, **options))
    return run


def host(**more):
    return dict({'physical_host': 'aio1', 'component': 'x', 'properties': {'service_name': 'y'}}, **more)


def inventory_of(**hosts):
    """An inventory with a group of all of these hosts."""
    return {'all_containers': {'hosts': sorted(hosts)}, '_meta': {'hostvars': hosts}}


@pytest.mark.parametrize('check_mode', [False, True])
def test_real_inventory(run_module, lxc, inventory_path, check_mode):
    """The mon runs; all others that are planned are absent; the host itself is no container."""
    lxc(**{MON: 'running'})
    result = run_module('osa_containers_info', inventory=inventory_path, _ansible_check_mode=check_mode)
    assert result['changed'] is False
    mon = [container for container in result['containers'] if container['name'] == MON][0]
    groups = mon.pop('groups')
    assert mon == {
        'name': MON, 'state': 'running', 'running': True, 'known': True, 'component': 'ceph-mon', 'service': 'ceph',
        'physical_host': 'aio1', 'address': mon['address'],
        'networks': mon['networks'], 'addresses': ['172.29.236.145', '10.0.3.5']}
    assert mon['address'].startswith('172.29.23')
    assert mon['networks']['container_address'] == mon['address']
    assert 'ceph-mon' in groups and groups == sorted(groups)
    assert result['groups']['ceph-mon'] == result['services']['ceph'] == [MON]
    assert 'aio1' not in [container['name'] for container in result['containers']]
    assert [container['name'] for container in result['containers']] == sorted(
        container['name'] for container in result['containers'])
    assert all(container['state'] == 'absent' and container['addresses'] == []
               for container in result['containers'] if container['name'] != MON)


def test_group_of_a_real_inventory(run_module, lxc, inventory_path):
    lxc(asked=[MON], other='running', **{MON: 'running'})
    result = run_module('osa_containers_info', inventory=inventory_path, group='ceph-mon')
    assert [container['name'] for container in result['containers']] == [MON]
    assert set(names for group in result['groups'].values() for names in group) == set([MON])


@pytest.mark.parametrize('state', ['running', 'frozen', 'stopped'])
@pytest.mark.parametrize('known', [True, False])
def test_states(info, lxc, state, known):
    lxc(a=state)
    (container,) = info(inventory_of(a=host()) if known else None)['containers']
    assert (container['state'], container['running'], container['known']) == (state, state == 'running', known)
    assert container['addresses'] == (['172.29.236.145', '10.0.3.5'] if state == 'running' else [])
    assert (container['component'], container['service'], container['physical_host']) == (
        ('x', 'y', 'aio1') if known else ('', '', ''))
    assert container['groups'] == (['all_containers'] if known else [])


def test_absent(info, lxc):
    lxc()
    (container,) = info(inventory_of(a=host()))['containers']
    assert (container['state'], container['running'], container['known'], container['addresses']) == ('absent', False, True, [])


def test_host_itself_is_no_container(info, lxc):
    lxc()
    assert info(inventory_of(aio1=host()))['containers'] == []


def test_no_inventory(info, lxc):
    lxc(b='stopped', a='frozen')
    result = info()
    assert [(container['name'], container['state']) for container in result['containers']] == [('a', 'frozen'), ('b', 'stopped')]
    assert (result['groups'], result['services']) == ({}, {})


@pytest.mark.parametrize('variables, address, networks', [
    ({'container_address': '10.0.0.1'}, '10.0.0.1', {}),
    ({'management_address': '10.0.0.2'}, '10.0.0.2', {}),
    ({'management_address': '10.0.0.2', 'container_address': '10.0.0.1'}, '10.0.0.2', {}),
    ({'container_address': None}, '', {}),
    ({'container_networks': {'management_address': {'address': '10.0.0.2', 'bridge': 'br-mgmt'}, 'lxcbr0_address': {'bridge': 'lxcbr0'},
                             'storage_address': {'address': None}}}, '', {'management_address': '10.0.0.2'}),
    ({'properties': None, 'container_networks': None, 'component': None}, '', {}),
    ({'container_networks': {'a_address': None, 'b_address': {'address': '10.0.0.3'}}}, '', {'b_address': '10.0.0.3'}),
    ({}, '', {}),
])
def test_planned_addresses(info, lxc, variables, address, networks):
    lxc()
    (container,) = info(inventory_of(a=dict({'physical_host': 'aio1'}, **variables)))['containers']
    assert (container['address'], container['networks'], container['service']) == (address, networks, '')


def test_groups_and_services(info, lxc):
    lxc(c='stopped')
    inventory = inventory_of(a=host(), b=host(properties={'service_name': 'z'}), aio1=host())
    inventory.update(first={'hosts': ['a', 'aio1']}, empty={'hosts': []}, children={'children': ['first']})
    result = info(inventory)
    assert result['groups'] == {'all_containers': ['a', 'b'], 'first': ['a'], 'children': ['a']}
    assert result['services'] == {'y': ['a'], 'z': ['b']}


@pytest.mark.parametrize('group', ['ceph_all', 'ceph-mon_containers'])
def test_group_with_its_containers_in_groups_below_it(run_module, lxc, inventory_path, group):
    lxc()
    result = run_module('osa_containers_info', inventory=inventory_path, group=group)
    (mon,) = [container for container in result['containers'] if container['name'] == MON]
    assert set(['ceph-mon', 'ceph_all', 'ceph-mon_containers']) <= set(mon['groups'])
    assert result['groups'][group] == [container['name'] for container in result['containers']]


def test_group_all(info, lxc):
    lxc(b='stopped')
    assert [container['name'] for container in info(inventory_of(a=host()), group='all')['containers']] == ['a', 'b']


def test_group_that_has_none(info, lxc):
    lxc(a='stopped')
    result = info(dict(inventory_of(a=host()), empty={'hosts': []}), group='empty')
    assert (result['containers'], result['groups'], result['services']) == ([], {}, {})


@pytest.mark.parametrize('group', ['nonesuch', '_meta'])
@pytest.mark.parametrize('inventory, why', [
    (dict(inventory_of(a=host(), aio1=host()), empty={'hosts': []}, metal={'hosts': ['aio1']}, above={'children': ['all_containers']}),
     'groups with containers are above, all_containers'), (None, 'no group has containers')])
def test_group_that_is_not_there(info, fake_run, group, inventory, why):
    result = info(inventory, group=group)
    assert result['failed']
    assert (result['problem']['what'], result['problem']['why']) == ("there is no group '%s'" % group, why)


def test_no_lxc(info, fake_run):
    for _call in range(3):
        fake_run.expect(lambda argv: argv[0] == 'lxc-ls', error=OSError(errno.ENOENT, 'No such file or directory'))
    assert [container['state'] for container in info(inventory_of(a=host()))['containers']] == ['absent']


@pytest.fixture
def slow(monkeypatch, fake_run):
    """Each call to LXC takes half a second: no one waits for it."""
    monkeypatch.setattr(process, 'now', lambda: 0.5 * len(fake_run.calls))


def test_lxc_that_hangs(info, fake_run, slow):
    fake_run.expect(LXC_LS, rc=None, timed_out=True)
    result = info(inventory_of(a=host()), timeout=3)
    assert result['failed']
    assert (result['problem']['what'], result['problem']['why']) == ('LXC does not answer', 'it took more than 3 s')
    assert result['state'] == 'timed_out'
    assert fake_run.calls[0]['timeout'] == 3


def test_lxc_that_refuses(info, fake_run):
    fake_run.expect(LXC_LS, rc=1, stderr='permission denied')
    result = info(inventory_of(a=host()))
    assert result['failed']
    assert result['problem']['why'] == 'permission denied'


def test_one_time_for_all_calls(info, lxc, fake_run, slow):
    lxc(a='running')
    info(timeout=2)
    assert [call['timeout'] for call in fake_run.calls] == [2.0, 1.5, 1.0, 0.5]


def test_no_time_left(info, fake_run, slow):
    for state, names in (([], 'a'), (['--running'], 'a'), (['--frozen'], '')):
        fake_run.expect(LXC_LS + state, names)
    result = info(timeout=1.5)
    assert (result['failed'], result['state'], result['problem']['why']) == (True, 'timed_out', 'no time was left for it')


@pytest.mark.parametrize('timeout', ['0', '-1', 'nan', 'inf'])
def test_time_that_makes_no_sense(info, fake_run, timeout):
    result = info(timeout=timeout)
    assert result['failed']
    assert result['problem']['where'] == 'timeout'


def test_damaged_inventory(info, fake_run, tmp_path):
    (tmp_path / 'inventory.json').write_bytes(b'{')
    result = info()
    assert result['failed']
    assert result['problem']['what'] == "OSA's inventory is damaged"


def test_return_documentation(info, lxc, fake_run, returned, documented):
    lxc(a='running')
    result = info(inventory_of(a=host()))
    assert returned(result, info(timeout=0)) | set(['state']) == documented('osa_containers_info')
    assert set(result['containers'][0]) == documented('osa_containers_info', 'containers')


def test_nobody_but_root_sees_them(info, fake_run, monkeypatch):
    """LXC would say that there are none."""
    monkeypatch.setattr(places, 'IS_ROOT', False)
    result = info(inventory_of(a=host()))
    assert (result['failed'], result['state']) == (True, 'denied')
    assert 'become: true' in result['problem']['remedy']
