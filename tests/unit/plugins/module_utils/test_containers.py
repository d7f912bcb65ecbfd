# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import json

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import containers
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

MON = 'aio1_ceph-mon_container-82a1d5fc'


def lxc_info(name):
    return ['lxc-info', '--name', name, '--state', '--no-humanize']


@pytest.mark.parametrize('name', [MON, 'mon', 'mon.1', 'a_b-c', '0'])
def test_name(name):
    assert containers.check_name(name) == name


@pytest.mark.parametrize('name', [
    '', '.', '..', '../mon', 'a/b', '/etc', 'a b', '-n', '--help', '.a', '_a', 'a;b', 'a$b', '$(id)', '`id`', 'a|b',
    'a&', 'a*', "a'b", 'a"b',
    'a\\b', 'a\nb', 'a\n', 'a\x00', u'gr\xf6\xdfe'])
def test_name_that_could_be_something_else(name):
    with pytest.raises(AioError) as error:
        containers.check_name(name)
    assert 'is no name of a container' in error.value.what


def read(path):
    return containers.read_inventory(str(path))


def write(tmp_path, content):
    path = tmp_path / 'inventory.json'
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode('utf-8'))
    return path


def test_inventory_of_a_real_osa(inventory_path):
    inventory = containers.read_inventory(inventory_path)
    assert containers.members(inventory, 'ceph-mon') == [MON]
    assert containers.members(inventory, 'ceph-osd') == ['aio1']
    assert containers.members(inventory, 'no-such-group') == []
    assert containers.is_host_itself(inventory, 'aio1')
    assert not containers.is_host_itself(inventory, MON)
    assert not containers.is_host_itself(inventory, 'nonesuch')


@pytest.mark.parametrize('group, names', [
    ('a', 'xyz'), ('b', 'yz'), ('c', 'z'), ('round', 'xyz'), ('self', 'x'), ('lost', ''), ('nonesuch', '')])
def test_members_of_groups_below(group, names):
    inventory = {'a': {'hosts': ['x'], 'children': ['b', 'c']}, 'b': {'hosts': ['y'], 'children': ['c']}, 'c': {'hosts': ['z']},
                 'round': {'children': ['a', 'again']}, 'again': {'children': ['round']},
                 'self': {'hosts': ['x'], 'children': ['self']}, 'lost': {'children': ['nonesuch']}}
    assert containers.all_members(inventory, group) == set(names)


@pytest.mark.parametrize('path', [('inventory.json',), ('file', 'inventory.json')])
def test_no_inventory(tmp_path, path):
    (tmp_path / 'file').write_bytes(b'')
    assert read(tmp_path.joinpath(*path)) is None


def test_inventory_that_cannot_be_read(tmp_path):
    with pytest.raises(AioError) as error:
        read(tmp_path)
    assert error.value.what == "OSA's inventory cannot be read"
    assert error.value.where == str(tmp_path)


def test_truncated_inventory(inventory_path, tmp_path):
    with open(inventory_path, 'rb') as stream:
        content = stream.read()
    with pytest.raises(AioError) as error:
        read(write(tmp_path, content[:len(content) // 2]))
    assert error.value.what == "OSA's inventory is damaged"
    assert error.value.where == str(tmp_path / 'inventory.json')
    assert error.value.remedy


@pytest.mark.parametrize('content', [
    b'', b'null', b'[]', b'1', b'"x"', b'\xff\xfe', b'{"ceph-mon": []}', b'{"ceph-mon": null}',
    b'{"ceph-mon": {"hosts": null}}', b'{"ceph-mon": {"hosts": {}}}',
    b'{"ceph-mon": {"hosts": [1]}}', b'{"ceph-mon": {"hosts": [null]}}', b'{"ceph-mon": {"hosts": "mon"}}',
    b'{"_meta": []}', b'{"_meta": {"hostvars": []}}', b'{"_meta": {"hostvars": {"mon": null}}}',
    b'{"_meta": {"hostvars": {"mon": []}}}'] + [
    ('{"_meta": {"hostvars": {"mon": {%s}}}}' % variables).encode('ascii') for variables in (
        '"properties": "x"', '"properties": ["x"]', '"properties": {"service_name": ["x"]}', '"container_networks": "x"',
        '"container_networks": ["x"]', '"container_networks": {"lxcbr0": "x"}', '"container_networks": {"lxcbr0": {"address": 1}}',
        '"component": {}', '"physical_host": ["aio1"]', '"container_address": 1', '"management_address": []')])
def test_inventory_of_another_shape(content, tmp_path):
    with pytest.raises(AioError) as error:
        read(write(tmp_path, content))
    assert error.value.what == "OSA's inventory is damaged"


@pytest.mark.parametrize('content', [{}, {'ceph-mon': {}}, {'_meta': {}}, {'ceph-mon': {'children': ['x'], 'hosts': []}}] + [
    {'_meta': {'hostvars': {'mon': variables}}} for variables in (
        {'properties': None, 'container_networks': None}, {'container_networks': {'lxcbr0': None}}, {'component': None})])
def test_inventory_without_hosts(content, tmp_path):
    assert read(write(tmp_path, content)) == content


@pytest.mark.parametrize('name', ['../a', 'a b', '$(id)', '-n', 'a\n'])
@pytest.mark.parametrize('inventory', [
    lambda name: {'ceph-mon': {'hosts': [MON, name]}}, lambda name: {'_meta': {'hostvars': {MON: {}, name: {}}}}],
    ids=['group', 'hostvars'])
def test_inventory_with_a_name_that_is_none(inventory, name, tmp_path):
    with pytest.raises(AioError) as error:
        read(write(tmp_path, inventory(name)))
    assert 'is no name of a container' in error.value.what


@pytest.mark.parametrize('stdout, rc, state', [
    ('RUNNING\n', 0, 'RUNNING'), ('STOPPED\n', 0, 'STOPPED'), ('FROZEN\n', 0, 'FROZEN'),
    ('mon doesn\'t exist\n', 1, None)])
def test_state(fake_run, stdout, rc, state):
    fake_run.expect(lxc_info('mon'), stdout, rc)
    assert containers.lxc_state('mon') == state


@pytest.mark.parametrize('which, argv', [
    (None, ['lxc-ls', '-1']), ('running', ['lxc-ls', '-1', '--running']), ('frozen', ['lxc-ls', '-1', '--frozen'])])
def test_names(fake_run, which, argv):
    fake_run.expect(argv, 'a\nb\n')
    assert containers.lxc_names(which) == ['a', 'b']


def test_names_that_are_refused(fake_run):
    fake_run.expect(['lxc-ls', '-1'], rc=1, stderr='lxc-ls: permission denied\n')
    with pytest.raises(AioError) as error:
        containers.lxc_names()
    assert (error.value.what, error.value.where, error.value.why) == (
        'LXC does not say which containers it has', 'lxc-ls -1', 'lxc-ls: permission denied')


@pytest.mark.parametrize('stdout, rc, addresses', [
    ('172.29.236.145\n10.0.3.5\n', 0, ['172.29.236.145', '10.0.3.5']), ('', 0, []), ("mon doesn't exist\n", 1, [])])
def test_addresses(fake_run, stdout, rc, addresses):
    fake_run.expect(['lxc-info', '--name', 'mon', '--ips', '--no-humanize'], stdout, rc)
    assert containers.lxc_addresses('mon') == addresses


CALLS = [(containers.lxc_state, ('mon',), containers.NO_LXC), (containers.lxc_names, (), []), (containers.lxc_addresses, ('mon',), [])]


@pytest.mark.parametrize('call, arguments, nothing', CALLS)
def test_no_lxc(fake_run, call, arguments, nothing):
    fake_run.expect(lambda argv: True, error=OSError(errno.ENOENT, 'No such file or directory'))
    assert call(*arguments) == nothing


@pytest.mark.parametrize('call, arguments, nothing', CALLS)
def test_lxc_that_cannot_be_run(fake_run, call, arguments, nothing):
    fake_run.expect(lambda argv: True, error=OSError(errno.EACCES, 'Permission denied'))
    with pytest.raises(OSError):
        call(*arguments)


@pytest.mark.parametrize('call, arguments, nothing', CALLS)
def test_lxc_that_does_not_answer(fake_run, call, arguments, nothing):
    fake_run.expect(lambda argv: True, rc=None, timed_out=True)
    with pytest.raises(containers.ContainerProblem) as problem:
        call(*arguments, timeout=2.5)
    assert (problem.value.state, problem.value.what, problem.value.why) == (
        'timed_out', 'LXC does not answer', 'it took more than 2.5 s')
    assert [made['timeout'] for made in fake_run.calls] == [2.5]


@pytest.mark.parametrize('call, arguments, nothing', CALLS)
def test_no_time_is_left_for_lxc(fake_run, call, arguments, nothing):
    with pytest.raises(containers.ContainerProblem) as problem:
        call(*arguments, timeout=-0.5)
    assert (problem.value.state, problem.value.why) == ('timed_out', 'no time was left for it')


def test_lxc_has_a_limit_by_itself(fake_run):
    fake_run.expect(lxc_info('mon'), 'RUNNING\n')
    containers.lxc_state('mon')
    assert fake_run.calls[0]['timeout'] == containers.LXC_TIMEOUT
