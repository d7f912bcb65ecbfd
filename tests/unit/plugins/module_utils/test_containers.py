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


def write_inventory(tmp_path, *names):
    path = tmp_path / 'inventory.json'
    path.write_bytes(json.dumps({'ceph-mon': {'hosts': names}}).encode('utf-8'))
    return str(path)


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


def test_inventory_of_a_real_osa(inventory_path):
    assert containers.from_inventory(inventory_path) == [MON]
    assert containers.from_inventory(inventory_path, 'ceph-osd') == ['aio1']
    assert containers.from_inventory(inventory_path, 'no-such-group') == []


def test_no_inventory(tmp_path):
    assert containers.from_inventory(str(tmp_path / 'inventory.json')) == []


def test_inventory_that_cannot_be_read(tmp_path):
    with pytest.raises(AioError) as error:
        containers.from_inventory(str(tmp_path))
    assert error.value.what == "OSA's inventory cannot be read"
    assert error.value.where == str(tmp_path)


def test_truncated_inventory(inventory_path, tmp_path):
    with open(inventory_path, 'rb') as stream:
        content = stream.read()
    path = tmp_path / 'inventory.json'
    path.write_bytes(content[:len(content) // 2])
    with pytest.raises(AioError) as error:
        containers.from_inventory(str(path))
    assert error.value.what == "OSA's inventory is damaged"
    assert error.value.remedy


@pytest.mark.parametrize('content', [
    b'', b'null', b'[]', b'1', b'"x"', b'\xff\xfe', b'{"ceph-mon": []}', b'{"ceph-mon": null}',
    b'{"ceph-mon": {"hosts": null}}',
    b'{"ceph-mon": {"hosts": [1]}}', b'{"ceph-mon": {"hosts": [null]}}', b'{"ceph-mon": {"hosts": "mon"}}'])
def test_inventory_of_another_shape(content, tmp_path):
    path = tmp_path / 'inventory.json'
    path.write_bytes(content)
    with pytest.raises(AioError) as error:
        containers.from_inventory(str(path))
    assert error.value.what == "OSA's inventory is damaged"


@pytest.mark.parametrize('name', ['../a', 'a b', '$(id)', '-n'])
def test_inventory_with_a_name_that_is_none(name, tmp_path):
    with pytest.raises(AioError) as error:
        containers.from_inventory(write_inventory(tmp_path, MON, name))
    assert 'is no name of a container' in error.value.what


@pytest.mark.parametrize('stdout, rc, state', [
    ('RUNNING\n', 0, 'RUNNING'), ('STOPPED\n', 0, 'STOPPED'), ('FROZEN\n', 0, 'FROZEN'),
    ('mon doesn\'t exist\n', 1, None)])
def test_state(fake_run, stdout, rc, state):
    fake_run.expect(lxc_info('mon'), stdout, rc)
    assert containers.lxc_state('mon') == state


def test_state_without_lxc(fake_run):
    fake_run.expect(lxc_info('mon'), error=OSError(errno.ENOENT, 'No such file or directory'))
    assert containers.lxc_state('mon') is None


def test_lxc_that_does_not_answer(fake_run):
    fake_run.expect(lxc_info('mon'), rc=None, timed_out=True)
    with pytest.raises(AioError) as error:
        containers.lxc_state('mon')
    assert error.value.what == 'LXC does not answer'
    assert fake_run.calls[0]['timeout'] == containers.LXC_TIMEOUT


def test_mon_of_the_inventory(fake_run, inventory_path):
    fake_run.expect(lxc_info(MON), 'RUNNING\n')
    assert containers.find_mon(inventory=inventory_path) == MON


def test_mon_as_asked_for(fake_run, inventory_path):
    fake_run.expect(lxc_info('mine'), 'RUNNING\n')
    assert containers.find_mon('mine', inventory_path) == 'mine'


def test_first_mon_that_runs(fake_run, tmp_path):
    fake_run.expect(lxc_info('mon1'), '', rc=1)
    fake_run.expect(lxc_info('mon2'), 'STOPPED\n')
    fake_run.expect(lxc_info('mon3'), 'RUNNING\n')
    assert containers.find_mon(inventory=write_inventory(tmp_path, 'mon1', 'mon2', 'mon3')) == 'mon3'


@pytest.mark.parametrize('states, state, where, remedy', [
    ([], 'no_container', 'group ceph-mon of', 'site playbook'),
    ([('', 1)], 'no_container', 'mon0', 'site playbook'),
    ([('STOPPED\n', 0)], 'container_stopped', 'mon0', 'lxc-start -n mon0'),
    ([('FROZEN\n', 0)], 'container_stopped', 'mon0', 'lxc-unfreeze -n mon0'),
    ([('', 1), ('STOPPED\n', 0)], 'container_stopped', 'mon1', 'lxc-start -n mon1'),
])
def test_no_mon_runs(fake_run, tmp_path, states, state, where, remedy):
    names = ['mon%d' % number for number in range(len(states))]
    for name, (stdout, rc) in zip(names, states):
        fake_run.expect(lxc_info(name), stdout, rc)
    with pytest.raises(containers.ContainerProblem) as problem:
        containers.find_mon(inventory=write_inventory(tmp_path, *names))
    assert problem.value.state == state
    assert where in problem.value.where
    assert remedy in problem.value.remedy


def test_odd_name_is_not_given_to_lxc(fake_run):
    with pytest.raises(AioError):
        containers.find_mon('a; reboot')
    assert fake_run.calls == []
