# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import cluster, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.ceph_session import CephProblem
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.containers import ContainerProblem
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

PARAMS = {'client_name': 'client.admin', 'conf': '/etc/ceph/ceph.conf', 'container': None, 'inventory': '/nonexistent',
          'keyring': None, 'mon_group': None, 'timeout': 15.0, 'via': 'auto'}
STATUS = {'prefix': 'status', 'format': 'json'}
TREE = {'prefix': 'osd tree', 'format': 'json'}


def test_parameters_that_make_sense():
    assert set(PARAMS) == set(cluster.ACCESS_ARGUMENTS)
    assert cluster.check(PARAMS) is None


@pytest.mark.parametrize('timeout', [0.0, -1.0, -0.0, 7 * 24 * 3600 + 1.0, 1e308, float('nan'), float('inf'), float('-inf')])
def test_time_that_is_none(timeout):
    with pytest.raises(AioError) as error:
        cluster.check(dict(PARAMS, timeout=timeout))
    assert (error.value.what, error.value.where) == ('%g is no time limit' % timeout, 'timeout')
    assert error.value.why == 'it must be more than 0 seconds and a week at most'


@pytest.mark.parametrize('timeout', [0.001, 1, 7 * 24 * 3600])
def test_time(timeout):
    assert cluster.check(dict(PARAMS, timeout=timeout)) is None


def test_times_by_name():
    with pytest.raises(AioError) as error:
        cluster.check_seconds({'a': 1.0, 'b': 0.0, 'c': 0.0}, 'a', 'b')
    assert error.value.where == 'b'
    assert cluster.check_seconds({'a': 1.0, 'c': 0.0}, 'a') is None


@pytest.mark.parametrize('name', ['client.admin', 'client.rgw.aio1-x_y', 'osd.0'])
def test_client_name(name):
    assert cluster.check(dict(PARAMS, client_name=name)) is None


@pytest.mark.parametrize('name', [
    '', 'admin', 'client', 'client.', 'mon.', '.admin', 'Client.admin', 'client admin', 'client.-x', '--help', '-n.x', 'client.a b',
    'client.a;id', 'client.$(id)', 'client.a\n', 'client.a/b', u'client.gr\xfcn'])
def test_client_name_that_is_none(name):
    with pytest.raises(AioError) as error:
        cluster.check(dict(PARAMS, client_name=name))
    assert 'is no name of a client' in error.value.what
    assert error.value.where == 'client_name'


@pytest.mark.parametrize('name', ['', 'a b', '$(id)', '-n'])
def test_container_that_is_none(name):
    with pytest.raises(AioError) as error:
        cluster.check(dict(PARAMS, container=name))
    assert error.value.where == 'container'


# Containers are folders with what makes them differ: the Python in them reads it first.
LXC_ATTACH = '''#!/bin/sh
while [ "$1" != --name ]; do shift; done
CONTAINER=$2; export CONTAINER
echo $CONTAINER >> %s
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
'''


@pytest.fixture
def mons(ceph, executable, fake_run, tmp_path):
    """A cluster of these mons, all of which run: mons(name=code that its librados runs in connect()...) gives Cluster."""
    executable('lxc-attach', LXC_ATTACH % (tmp_path / 'entered'))

    def make(*names, **connects):
        ceph.does(connect='exec(%r.get(os.environ["CONTAINER"], "pass"))' % connects, command=connects.pop('command', 'pass'))
        ceph.says(STATUS, '{}')
        path = tmp_path / 'inventory.json'
        path.write_bytes(json.dumps({'ceph-mon': {'hosts': list(names)}}).encode('utf-8'))
        make.looks(*names)
        return cluster.Cluster(dict(PARAMS, conf=ceph.access['conf'], inventory=str(path)))

    def looks(*names):
        for name in names:
            fake_run.expect(['lxc-info', '--name', name, '--state', '--no-humanize'], 'RUNNING\n')
    make.looks = looks
    make.entered = lambda: (tmp_path / 'entered').read_bytes().decode('ascii').split()
    return make


REFUSES = 'raise Error("timed out", 110)'
HANGS = 'time.sleep(60)'


def test_first_mon_that_answers(mons):
    with mons('a', 'b', 'c', a=REFUSES) as ceph:
        (answer,) = ceph.ask([STATUS], 10)
        assert (answer.rc, ceph.place.container) == (0, 'b')
    assert mons.entered() == ['a', 'b']


def test_connection_is_used_again(mons, ceph, gone):
    with mons('a', 'b') as one:
        for _round in range(3):
            one.ask([STATUS], 10)
        assert one.place.container == 'a'
    assert mons.entered() == ['a']
    assert (len(ceph.connections), ceph.asked) == (1, [STATUS] * 3)
    assert gone(ceph.connections[0]['pid'])


def test_no_mon_answers(mons):
    """The last one's problem is told."""
    with mons('a', 'b', a=REFUSES, b='raise Error("no", 13)') as ceph:
        with pytest.raises(CephProblem) as problem:
            ceph.ask([STATUS], 10)
    assert (problem.value.state, problem.value.where, ceph.place.container) == ('denied', 'b', 'b')
    assert mons.entered() == ['a', 'b']


def test_time_is_shared(mons):
    """A mon that hangs leaves time for the others."""
    start = process.now()
    with mons('a', 'b', a=HANGS) as ceph:
        assert ceph.ask([STATUS], 2.4)[0].rc == 0
        assert ceph.place.container == 'b'
    assert 0.6 < process.now() - start < 2


@pytest.mark.parametrize('script', ['exec sleep 60', 'echo "Error EACCES: access denied" >&2; exit 13'])
def test_next_mon_with_the_ceph_command(mons, ceph, executable, script):
    """Where it hangs, or may not ask, the next mon is tried."""
    ceph.has_no_librados()
    for name in ('python2.7', 'python'):
        executable(name, '#!/bin/sh\nexit 127\n')
    executable('ceph', '#!/bin/sh\nif [ $CONTAINER = a ]; then %s; fi\necho {}\n' % script)
    with mons('a', 'b') as one:
        ceph.has_no_librados()
        assert one.ask([STATUS], 4)[0].rc == 0
        assert one.place.container == 'b'


def test_all_hang(mons, ceph, gone):
    start = process.now()
    with mons('a', 'b', a=HANGS, b=HANGS) as one:
        with pytest.raises(CephProblem) as problem:
            one.ask([STATUS], 0.8)
    assert process.now() - start < 4
    assert problem.value.state in ('mon_unreachable', 'timed_out')
    assert all(gone(connection['pid']) for connection in ceph.connections)


def test_opened_again_after_a_failure(mons, ceph, gone):
    """Whoever hung is left, and the places are looked for anew."""
    with mons('a', command='if command["prefix"] == "osd tree": time.sleep(60)') as one:
        assert one.ask([STATUS], 10)[0].rc == 0
        with pytest.raises(CephProblem) as problem:
            one.ask([STATUS, TREE], 0.5)
        assert (problem.value.state, len(problem.value.answers)) == ('timed_out', 1)
        assert gone(ceph.connections[0]['pid'])
        mons.looks('a')
        assert one.ask([STATUS], 10)[0].rc == 0
    assert mons.entered() == ['a', 'a']


def test_mon_that_went_away(mons, fake_run):
    """Then there is no place any more."""
    with mons('a', command='if command["prefix"] == "osd tree": os._exit(1)') as one:
        with pytest.raises(CephProblem) as problem:
            one.ask([TREE], 10)
        assert (problem.value.state, one.place.container) == ('mon_unreachable', 'a')
        fake_run.expect(['lxc-info', '--name', 'a', '--state', '--no-humanize'], 'STOPPED\n')
        with pytest.raises(ContainerProblem):
            one.ask([STATUS], 10)
        assert one.place is None


def test_nobody_to_ask_and_then_somebody(ceph, fake_run):
    """A container that is started while we wait is found."""
    looks = ['lxc-info', '--name', 'mon', '--state', '--no-humanize']
    with cluster.Cluster(dict(PARAMS, container='mon', conf=ceph.access['conf'])) as one:
        fake_run.expect(looks, 'STOPPED\n')
        with pytest.raises(ContainerProblem):
            one.ask([STATUS], 10)
        assert one.place is None
        fake_run.expect(looks, 'FROZEN\n')
        with pytest.raises(ContainerProblem):
            one.ask([STATUS], 10)


def test_nothing_is_done_before_it_is_asked():
    with cluster.Cluster(PARAMS) as one:
        assert one.place is None
    one.close()


def test_closed_after_an_error(ceph, gone):
    ceph.says(STATUS, '{}')
    with pytest.raises(ZeroDivisionError):
        with cluster.Cluster(dict(PARAMS, **ceph.access)) as one:
            one.ask([STATUS], 10)
            raise ZeroDivisionError
    assert gone(ceph.connections[0]['pid'])


def test_access(ceph):
    with cluster.Cluster(dict(PARAMS, client_name='client.dev', keyring='/dev.keyring', **ceph.access)) as one:
        one.ask([STATUS], 10)
        assert one.place.container == ''
    (connection,) = ceph.connections
    assert (connection['name'], connection['conf'], connection['settings']['keyring']) == (
        'client.dev', ceph.access['conf'], '/dev.keyring')
