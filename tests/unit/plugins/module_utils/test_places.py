# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import inspect
import json
import runpy

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import containers, places, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.containers import ContainerProblem
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

LXC_LS = ['lxc-ls', '-1']
# OSA's names of containers, through 2023.2 and from 2024.1, both with either name of the group.
OLD, NEW, NEWEST = ('aio1_ceph-mon_container-48daa66b', 'aio1-ceph-mon-container-0c19f9f6', 'aio1-ceph_mon-container-0c19f9f6')
OTHERS = ['aio1_utility_container-48daa66b', 'aio1_ceph-mon_container-48daa66', 'aio1_ceph-mon_container-48daa66b.bak',
          'aio1_ceph-mon_container-48DAA66B', '-x_ceph-mon_container-48daa66b', '$(id)_ceph-mon_container-48daa66b']


def lxc_info(name):
    return ['lxc-info', '--name', name, '--state', '--no-humanize']


def mons(*names, **more):
    return dict({'ceph-mon': {'hosts': list(names)}}, **more)


def metal(*names):
    return mons(*names, _meta={'hostvars': dict((name, {'physical_host': name}) for name in names)})


@pytest.fixture
def find(tmp_path):
    """places.find() with the options of a module: find(inventory=dict or path, option=value...)."""
    def run(inventory=None, deadline=15, **params):
        path = tmp_path / 'inventory.json'
        if inventory is not None:
            path.write_bytes(json.dumps(inventory).encode('utf-8'))
        params = dict({'via': 'auto', 'container': None, 'inventory': str(path), 'mon_group': None,
                       'conf': str(tmp_path / 'ceph.conf')}, **params)
        return [place.container for place in places.find(params, process.now() + deadline)]
    return run


def problem_of(find, *arguments, **options):
    with pytest.raises(ContainerProblem) as problem:
        find(*arguments, **options)
    return problem.value


@pytest.fixture(params=[True, False], ids=['root', 'not root'])
def whoever(request, monkeypatch):
    """The test runs as root, and as somebody else."""
    monkeypatch.setattr(places, 'IS_ROOT', request.param)


@pytest.fixture
def not_root(monkeypatch):
    monkeypatch.setattr(places, 'IS_ROOT', False)


def test_host_asks_nobody(find, fake_run, whoever):
    assert find(via='host') == ['']
    assert fake_run.calls == []


@pytest.mark.parametrize('container', ['mon', '../odd'])
def test_container_on_the_host(find, fake_run, container):
    with pytest.raises(AioError) as error:
        find(via='host', container=container)
    assert not isinstance(error.value, ContainerProblem)
    assert (error.value.what, error.value.where) == (
        'it is not clear where Ceph is to be asked', 'via: host, container: %s' % container)
    assert error.value.remedy == 'leave one of them out'
    assert fake_run.calls == []


@pytest.mark.parametrize('options', [{'inventory': mons('mon', 'other')}, {'container': 'mon'}])
@pytest.mark.parametrize('via', ['auto', 'container'])
def test_container_that_others_than_root_ask_for(find, fake_run, not_root, via, options):
    """LXC would say that there is none."""
    problem = problem_of(find, via=via, **options)
    assert (problem.state, problem.what, problem.where) == ('denied', 'containers are not to be seen', 'mon')
    assert (problem.why, problem.remedy) == ('LXC shows them to root only', 'become root on the lab host: become: true')
    assert fake_run.calls == []


@pytest.mark.parametrize('via', ['auto', 'container'])
@pytest.mark.parametrize('inventory', [None, mons()])
def test_nobody_for_others_than_root(find, fake_run, tmp_path, not_root, via, inventory):
    """LXC may well have a container, by OSA's names."""
    problem = problem_of(find, inventory, via=via)
    assert (problem.state, problem.where) == ('denied', str(tmp_path / 'inventory.json'))
    assert problem.why == 'LXC shows them to root only'
    assert fake_run.calls == []


@pytest.mark.parametrize('uid', [0, 1000])
def test_root_or_not(monkeypatch, uid):
    monkeypatch.setattr(places.os, 'geteuid', lambda: uid)
    assert runpy.run_path(inspect.getsourcefile(places))['IS_ROOT'] is (uid == 0)


def test_place_in_a_container():
    place = places.Place('mon')
    assert place.argv == ['lxc-attach', '--clear-env', '--name', 'mon', '--set-var',
                          'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', '--']
    assert (place.title, place.command('ceph -s')) == ('mon', 'lxc-attach -n mon -- ceph -s')
    assert place.look == "on the lab host: lxc-attach -n mon -- systemctl status 'ceph-mon@*'"


def test_place_on_the_host():
    place = places.Place()
    assert (place.argv, place.title, place.command('ceph -s')) == ([], 'the host itself', 'ceph -s')
    assert place.look == 'check that this host reaches the mons that its ceph.conf names'


@pytest.mark.parametrize('via', ['auto', 'container'])
def test_container_by_name(find, fake_run, via):
    """The inventory is not even read."""
    fake_run.expect(lxc_info('mine'), 'RUNNING\n')
    assert find(mons('other'), via=via, container='mine') == ['mine']


@pytest.mark.parametrize('name', ['a; reboot', '$(reboot)', '`id`', '-n', '--help', '../mon', '/etc', 'a b', 'a\n', ''])
def test_hostile_name(find, fake_run, name):
    """It is refused, and nothing is run with it."""
    if name:
        with pytest.raises(AioError) as error:
            find(container=name)
        assert 'is no name of a container' in error.value.what
        assert not isinstance(error.value, ContainerProblem)
    with pytest.raises(AioError):
        find(mons('mon', name))
    assert fake_run.calls == []


@pytest.mark.parametrize('group', ['ceph-mon', 'ceph_mon'])
@pytest.mark.parametrize('via', ['auto', 'container'])
def test_container_of_the_inventory(find, fake_run, group, via):
    fake_run.expect(lxc_info('mon'), 'RUNNING\n')
    assert find({group: {'hosts': ['mon']}}, via=via) == ['mon']


def test_container_of_a_real_inventory(find, fake_run, inventory_path):
    fake_run.expect(lxc_info('aio1_ceph-mon_container-82a1d5fc'), 'RUNNING\n')
    assert [place.container for place in places.find(
        {'via': 'auto', 'container': None, 'inventory': inventory_path, 'mon_group': None, 'conf': '/nonexistent'},
        process.now() + 10)] == ['aio1_ceph-mon_container-82a1d5fc']


def test_group_by_name(find, fake_run):
    fake_run.expect(lxc_info('mon2'), 'RUNNING\n')
    assert find(mons('mon1', mine={'hosts': ['mon2']}), mon_group='mine') == ['mon2']


def test_several_mons_in_order(find, fake_run):
    """All that run, as the inventory has them."""
    for name, state in (('c', 'RUNNING'), ('a', 'STOPPED'), ('d', ''), ('b', 'RUNNING')):
        fake_run.expect(lxc_info(name), state + '\n', rc=0 if state else 1)
    assert find(mons('c', 'a', 'd', 'b')) == ['c', 'b']


@pytest.mark.parametrize('states, state, where, why, remedy', [
    (['STOPPED'], 'container_stopped', 'mon0', 'LXC says it is STOPPED', 'on the lab host: lxc-start -n mon0'),
    (['FROZEN'], 'container_stopped', 'mon0', 'LXC says it is FROZEN', 'on the lab host: lxc-unfreeze -n mon0'),
    (['ABORTING'], 'container_stopped', 'mon0', 'LXC says it is ABORTING', 'on the lab host: lxc-start -n mon0'),
    ([None, 'STOPPED'], 'container_stopped', 'mon1', 'LXC says it is STOPPED', 'on the lab host: lxc-start -n mon1'),
])
def test_no_mon_runs(find, fake_run, states, state, where, why, remedy):
    names = ['mon%d' % number for number in range(len(states))]
    for name, said in zip(names, states):
        fake_run.expect(lxc_info(name), '%s\n' % said, rc=0 if said else 1)
    problem = problem_of(find, mons(*names))
    assert (problem.state, problem.where, problem.why, problem.remedy) == (state, where, why, remedy)


@pytest.mark.parametrize('there, why, remedy', [
    ([], '', 'run the site playbook, it makes the container anew'),
    (OTHERS, '', 'run the site playbook, it makes the container anew'),
    ([OLD], ', but it has ' + OLD, 'set container to %s if that is the one' % OLD),
    ([OTHERS[0], NEW, OLD], ', but it has %s, %s' % (NEW, OLD), 'set container to %s if that is the one' % NEW),
])
def test_stale_name(find, fake_run, tmp_path, there, why, remedy):
    """The inventory names a container that LXC does not have, perhaps because it was made anew."""
    fake_run.expect(lxc_info('mon'), rc=1)
    fake_run.expect(LXC_LS, '\n'.join(there))
    problem = problem_of(find, mons('mon'))
    assert (problem.state, problem.where, problem.remedy) == ('no_container', 'mon', remedy)
    assert problem.why == 'LXC has no container of this name (in %s)%s' % (tmp_path / 'inventory.json', why)


def test_stale_name_as_asked_for(find, fake_run):
    fake_run.expect(lxc_info('mon'), rc=1)
    fake_run.expect(LXC_LS)
    assert problem_of(find, container='mon').why == 'LXC has no container of this name (as asked for)'


def test_metal(find, fake_run, whoever):
    """OSA put the mon on the host itself: there is nothing to ask LXC."""
    assert find(metal('aio1')) == ['']
    assert fake_run.calls == []


def test_metal_of_a_real_inventory(find, inventory_path, fake_run):
    params = {'via': 'auto', 'container': None, 'inventory': inventory_path, 'mon_group': 'ceph-osd', 'conf': '/nonexistent'}
    assert [place.container for place in places.find(params, process.now() + 10)] == ['']


def test_container_wanted_of_metal(find, fake_run):
    problem = problem_of(find, metal('aio1'), via='container')
    assert (problem.state, problem.why, problem.remedy) == (
        'no_container', 'it has the mon aio1 on the host itself', 'set via to host')


def test_container_beside_metal(find, fake_run):
    fake_run.expect(lxc_info('mon'), 'RUNNING\n')
    inventory = metal('aio1')
    inventory['ceph-mon']['hosts'].append('mon')
    assert find(inventory) == ['mon']


@pytest.mark.parametrize('name', [OLD, NEW, NEWEST, 'lab_ceph_mon_container-00000000', 'a-b-ceph-mon-container-00000000'])
@pytest.mark.parametrize('inventory', [None, {}, mons()])
def test_no_inventory_but_containers(find, fake_run, inventory, name):
    """LXC has one by OSA's names, of whichever series."""
    fake_run.expect(LXC_LS, '\n'.join(OTHERS + [name]))
    fake_run.expect(lxc_info(name), 'RUNNING\n')
    assert find(inventory, via='container') == [name]


def test_stopped_container_without_an_inventory(find, fake_run):
    """It is the mon's container although the host has a ceph.conf."""
    fake_run.expect(LXC_LS, OLD)
    fake_run.expect(lxc_info(OLD), 'STOPPED\n')
    assert problem_of(find).state == 'container_stopped'


def test_host_by_its_conf_for_others_than_root(find, fake_run, tmp_path, not_root):
    """LXC is not asked: it would refuse."""
    (tmp_path / 'ceph.conf').write_bytes(b'')
    assert find() == ['']
    assert fake_run.calls == []


@pytest.mark.parametrize('names', [[], OTHERS])
def test_host_by_its_conf(find, fake_run, tmp_path, names):
    (tmp_path / 'ceph.conf').write_bytes(b'')
    fake_run.expect(LXC_LS, '\n'.join(names))
    assert find() == ['']


def test_host_without_lxc(find, fake_run, tmp_path):
    (tmp_path / 'ceph.conf').write_bytes(b'')
    fake_run.expect(LXC_LS, error=OSError(errno.ENOENT, 'No such file or directory'))
    assert find() == ['']


@pytest.mark.parametrize('via, why', [
    ('auto', 'the file is not there or has no mon in ceph-mon or ceph_mon, LXC has no container of such a name, and the host has no '),
    ('container', 'the file is not there or has no mon in ceph-mon or ceph_mon, LXC has no container of such a name')])
def test_nobody(find, fake_run, tmp_path, via, why):
    if via == 'container':
        (tmp_path / 'ceph.conf').write_bytes(b'')
    fake_run.expect(LXC_LS, error=OSError(errno.ENOENT, 'No such file or directory'))
    problem = problem_of(find, via=via)
    assert (problem.state, problem.where) == ('no_container', str(tmp_path / 'inventory.json'))
    assert problem.why == why + (str(tmp_path / 'ceph.conf') if via == 'auto' else '')
    assert problem.remedy


@pytest.mark.parametrize('inventory, groups', [
    (mons('mon', **{'ceph-osd': {}, 'all': {}, 'my_ceph': {}}), 'ceph-mon, ceph-osd, my_ceph'), ({'all': {}}, 'none')])
def test_group_that_is_not_there(find, fake_run, tmp_path, inventory, groups):
    with pytest.raises(AioError) as error:
        find(inventory, mon_group='mine')
    assert not isinstance(error.value, ContainerProblem)
    assert (error.value.what, error.value.where) == ('there is no group mine', str(tmp_path / 'inventory.json'))
    assert (error.value.why, error.value.remedy) == ('its groups of Ceph are ' + groups, 'correct mon_group, or leave it out')
    assert fake_run.calls == []


@pytest.mark.parametrize('inventory', [None, {}, {'mine': {'hosts': []}}])
def test_group_that_has_nobody(find, fake_run, inventory):
    fake_run.expect(LXC_LS)
    assert 'no mon in mine,' in problem_of(find, inventory, mon_group='mine').why


@pytest.mark.parametrize('options, source', [({'container': 'mon'}, 'as asked for'), ({'inventory': mons('mon')}, 'in %s')])
def test_container_without_lxc(find, fake_run, tmp_path, options, source):
    fake_run.expect(lxc_info('mon'), error=OSError(errno.ENOENT, 'No such file or directory'))
    problem = problem_of(find, **options)
    assert (problem.state, problem.where, problem.remedy) == ('no_container', 'mon', 'check that this is the lab host')
    assert problem.why == 'LXC is not installed on this host (%s)' % source.replace('%s', str(tmp_path / 'inventory.json'))


@pytest.mark.parametrize('inventory', [mons('mon'), None])
def test_lxc_that_hangs(find, fake_run, inventory):
    fake_run.expect(lambda argv: argv[0] in ('lxc-info', 'lxc-ls'), rc=None, timed_out=True)
    assert problem_of(find, inventory).state == 'timed_out'


@pytest.mark.parametrize('deadline, least, most', [(100, containers.LXC_TIMEOUT, containers.LXC_TIMEOUT), (3, 2, 3), (-5, 0.1, 0.1)])
def test_time_for_lxc(find, fake_run, deadline, least, most):
    fake_run.expect(lxc_info('mon'), 'RUNNING\n')
    find(mons('mon'), deadline=deadline)
    assert least <= fake_run.calls[0]['timeout'] <= most


def test_damaged_inventory(find, fake_run, tmp_path):
    (tmp_path / 'inventory.json').write_bytes(b'{')
    with pytest.raises(AioError) as error:
        find()
    assert error.value.what == "OSA's inventory is damaged"
