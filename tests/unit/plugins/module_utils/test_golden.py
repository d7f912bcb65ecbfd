# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import copy
import errno
import json
import os

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import golden, snapshots, unfinished
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import Ledger

FSID = '31ff4489-b257-4172-816a-af35b0f0ff48'
MON = 'aio1_ceph-mon_container-0c19f9f6'
OSD, MONITOR, MANAGER = 'ceph-osd@0.service', 'ceph-mon@a.service', 'ceph-mgr@a.service'
HEALTHY = {
    'state': 'ok', 'reason': '', 'remedy': '', 'container': MON, 'missing': [], 'fsid': FSID, 'version': '16.2.15',
    'health': {'status': 'HEALTH_OK', 'checks': []}, 'mons': {'total': 1, 'quorum': ['a']}, 'mgr': {'available': True, 'active': 'a'},
    'osds': {'total': 3, 'up': 3, 'in': 3}, 'pgs': {'total': 8, 'clean': 8, 'states': {'active+clean': 8}},
    'pools': [{'name': 'rbd', 'pg_num': 8, 'pg_num_target': 8, 'pgp_num': 8, 'autoscale_mode': 'off'}]}
DOWN = dict(HEALTHY, osds={'total': 3, 'up': 0, 'in': 3}, pgs={'total': 8, 'clean': 0, 'states': {'stale+active+clean': 8}})


HURRIED = ['mgr.asok config set mgr_tick_period 1', 'mgr.asok config set mgr_stats_period 1', 'mon.asok config set paxos_propose_interval 0.1']


class Lab:
    """A lab host made of folders: what its daemons, loop devices and cluster are told, in order, is in told."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.told = []
        self.seen = [HEALTHY]  # what the cluster says, the last one for ever
        self.fails = None  # a word of what is told: then it fails
        self.lacks = ()  # commands that the daemons do not know
        self.mounts = []
        self.root = {'': str(folder / 'host'), MON: str(folder / 'mon')}
        self.image = str(folder / 'ceph1.img')
        for root in self.root.values():
            for path in golden.TREES:
                os.makedirs(root + path)
        self.write('', '/etc/ceph/ceph.conf', '[global]\nfsid = %s\n' % FSID)
        self.write('', '/var/lib/ceph/osd.keyring', 'key of the OSD')
        self.write(MON, '/var/lib/ceph/store.db', 'the store')
        with open(self.image, 'wb') as stream:
            stream.write(b'data of the OSD')
        (folder / 'lxc' / MON).mkdir(parents=True)
        self.write('', '/../lxc/%s/config' % MON, 'lxc.uts.name = mon')
        monkeypatch.setattr(golden.containers, 'LXC', str(folder / 'lxc'))
        for room in (golden, unfinished):
            monkeypatch.setattr(room, 'Daemons', self.daemons)
        monkeypatch.setattr(golden.observation, 'Observer', lambda _ceph, _subsets: self)
        monkeypatch.setattr(golden, 'mon_containers', lambda _params: [MON])
        monkeypatch.setattr(golden.loops, 'observe', lambda: ([dict(self.identity(), device='/dev/loop7', link='', size=15, path=self.image)], self.mounts))
        monkeypatch.setattr(golden.loops, 'identity', lambda path: self.identity() if os.path.exists(path) else None)
        monkeypatch.setattr(golden.loops, 'attach', lambda image: self.tell('attach', image['path']) or '/dev/loop7')
        monkeypatch.setattr(golden.loops, 'flush', lambda device: self.tell('flush', device))
        monkeypatch.setattr(golden.daemons, 'checked', lambda argv, *_timeout, **_accept: self.tell(*argv))
        monkeypatch.setattr(golden.containers, 'lxc_state', lambda name: 'RUNNING')
        monkeypatch.setattr(golden.admin_socket, 'find', lambda root, kind: [] if root == self.root[''] else ['%s.asok' % kind])
        monkeypatch.setattr(golden.admin_socket, 'ask', self.ask)
        monkeypatch.setattr(golden.host, 'read', lambda path: self.read('', path))
        monkeypatch.setattr(golden.traces, 'read', self.read_mounts)

    def identity(self):
        return {'inode': os.stat(self.image).st_ino, 'born': 17}

    def read_mounts(self, path):
        assert path == '/proc/self/mountinfo'
        return ''.join('40 22 7:3 / %s rw - xfs %s rw\n' % (mount['target'].replace(' ', '\\040'), mount['source']) for mount in self.mounts)

    def write(self, place, path, text):
        with open(self.root[place] + path, 'wb') as stream:
            stream.write(text.encode('utf-8'))

    def read(self, place, path):
        path = self.root[place] + path
        if not os.path.exists(path):
            return ''
        with open(path, 'rb') as stream:
            return stream.read().decode('utf-8')

    def tell(self, *words):
        self.told.append(' '.join(words))
        if self.fails and self.fails in self.told[-1]:
            raise AioError('it failed', self.told[-1])

    def ask(self, path, command):
        if command['prefix'] in self.lacks:
            raise ValueError('the answer broke off')
        if command['prefix'] == 'config get':
            return {command['var']: '5.000000'}
        self.tell(path, command['prefix'], *[str(word) for word in [command.get('var')] + command.get('val', []) if word])
        return {'state': 'leader'}

    def observe(self, _timeout):
        return copy.deepcopy(self.seen.pop(0) if len(self.seen) > 1 else self.seen[0])

    def daemons(self, container=''):
        lab, name = self, container or 'host'

        class Daemons:
            def units(self):
                return {MONITOR: 'active', MANAGER: 'active', 'ceph-mds@old.service': 'inactive'} if container else {OSD: 'active'}

            def enabled(self, units):
                return [unit for unit in units if unit != MANAGER]

            def root(self):
                return lab.root[container]

            def run(self, again=False):
                lab.tell(name, 'run again' if again else 'run')

            def __getattr__(self, verb):
                return lambda units: lab.tell(name, verb, *units) if units else None
        return Daemons()


class Ceph:
    """Stands for cluster.Cluster."""

    def __init__(self, lab):
        self.lab = lab

    def ask(self, commands, _timeout):
        self.lab.tell('ceph', *[command['prefix'] for command in commands])

    def close(self):
        self.lab.tell('ceph closed')


@pytest.fixture
def lab(tmp_path, monkeypatch):
    monkeypatch.setattr(golden.time, 'sleep', lambda _seconds: None)
    return Lab(tmp_path, monkeypatch)


@pytest.fixture
def make(lab, tmp_path):
    """A snapshot's handle: make(name)."""
    def snapshot(name='golden', **params):
        state = str(tmp_path / 'state')
        params = dict({'name': name, 'directory': str(tmp_path / 'snapshots'), 'deadline': 60.0, 'timeout': 15.0, 'accept': [], 'unhealthy': False}, **params)
        return golden.Snapshot(Ceph(lab), params, Ledger(state), unfinished.Taking(state), unfinished.Resetting(state))
    return snapshot


@pytest.fixture
def taken(make, lab):
    """A snapshot that was taken: (handle, manifest); what was told then is forgotten."""
    snapshot = make()
    manifest = snapshot.look()
    lab.seen = [HEALTHY, DOWN]
    snapshot.take(manifest)
    lab.told, lab.seen = [], [HEALTHY]
    return snapshot, snapshots.load(snapshot.directory, 'golden')


def test_take(make, lab):
    """Everything in its order: the mon hears of the OSDs' end, nothing is copied before all has ended."""
    snapshot = make()
    manifest = snapshot.look()
    lab.seen = [HEALTHY, dict(DOWN, pgs=HEALTHY['pgs']), DOWN]
    snapshot.take(manifest)
    assert lab.told == [
        'mgr.asok config set mgr_tick_period 1', 'mgr.asok config set mgr_stats_period 1', 'mon.asok config set paxos_propose_interval 0.1',
        'host stop ' + OSD, MON + ' stop %s %s' % (MANAGER, MONITOR), 'ceph closed', 'flush /dev/loop7',
        MON + ' enable ' + MONITOR, MON + ' start %s %s' % (MANAGER, MONITOR), 'mon.asok mon_status',
        'host enable ' + OSD, 'host start ' + OSD, 'sync --file-system %s.new' % snapshot.path]
    assert os.listdir(snapshot.directory) == ['golden']
    assert oct(os.stat(snapshot.path).st_mode & 0o777) == oct(os.stat(snapshot.directory).st_mode & 0o777) == oct(0o700)
    assert snapshot.ledger.has('snapshot', snapshot.path)
    assert snapshot.taking.load() == {}
    kept = snapshots.load(snapshot.directory, 'golden')
    assert (kept['fsid'], kept['health'], kept['pools'], kept['clean']) == (FSID, 'HEALTH_OK', [{'name': 'rbd', 'pg_num': 8}], True)
    assert [place['container'] for place in kept['places']] == ['', MON]
    assert [part['part'] for part in snapshot.clock.seconds] == ['stop the daemons', 'copy', 'start the daemons', 'write it to the disk']


def test_take_with_mounts(make, lab):
    lab.mounts = [{'source': '/dev/loop7p1', 'target': '/mounted', 'type': 'xfs', 'options': 'rw'}]
    snapshot = make()
    manifest = snapshot.look()
    lab.seen = [DOWN]
    snapshot.take(manifest)
    assert 'umount /mounted' in lab.told
    assert lab.told.index('umount /mounted') < lab.told.index('flush /dev/loop7')


def test_mount_all(lab):
    lab.mounts = [{'source': '/elsewhere', 'target': '/mounted'}]  # as a source it does not count
    golden.loops.mount_all([{'source': '/dev/loop7p1', 'target': '/elsewhere', 'type': 'xfs', 'options': 'rw,noatime'}])
    assert lab.told == ['mount -t xfs -o rw,noatime /dev/loop7p1 /elsewhere']
    lab.mounts = [{'source': '/dev/loop7p1', 'target': '/with space'}]
    golden.loops.mount_all(lab.mounts)
    assert len(lab.told) == 1


def test_osds_that_nobody_says_are_down(make, lab, monkeypatch):
    """The last to go has no peer left that would tell the mon."""
    clock = iter(range(0, 1000))
    monkeypatch.setattr(golden.process, 'now', lambda: next(clock))
    snapshot = make()
    manifest = snapshot.look()
    lab.seen = [HEALTHY, HEALTHY, HEALTHY, DOWN]
    snapshot.take(manifest)
    assert lab.told.count('ceph osd down') == 1


def test_manager_that_takes_them_for_clean_all_the_same(make, lab, monkeypatch):
    """It begins anew, once, and is told to hurry again."""
    clock = iter(range(0, 1000))
    monkeypatch.setattr(golden.process, 'now', lambda: next(clock))
    snapshot = make()
    manifest = snapshot.look()
    lab.seen = [dict(DOWN, pgs=HEALTHY['pgs'])] * 8 + [DOWN]
    snapshot.take(manifest)
    begins = lab.told.index(MON + ' stop ' + MANAGER)
    assert lab.told[begins:begins + 5] == [MON + ' stop ' + MANAGER, MON + ' start ' + MANAGER] + HURRIED[:2] + [
        MON + ' stop %s %s' % (MANAGER, MONITOR)]
    assert lab.told.count(MON + ' stop ' + MANAGER) == 1


def test_mon_that_does_not_notice(make, lab, monkeypatch):
    """Nothing half is kept, and the daemons run again."""
    monkeypatch.setattr(golden, 'LET_GO', -1.0)
    snapshot = make()
    manifest = snapshot.look()
    with pytest.raises(AioError) as caught:
        snapshot.take(manifest)
    assert 'does not notice' in str(caught.value)
    assert not os.path.exists(snapshot.directory)
    assert not snapshot.ledger.has('snapshot', snapshot.path)
    assert lab.told[-3:] == [MON + ' run', MON + ' start ' + MONITOR, 'host start ' + OSD] or lab.told[-1] == MON + ' start ' + MANAGER
    assert snapshot.taking.load() == {}


@pytest.mark.parametrize('fails', ['host stop', MON + ' stop', 'flush'])
def test_take_fails(make, lab, fails):
    snapshot = make()
    manifest = snapshot.look()
    lab.seen, lab.fails = [DOWN], fails
    with pytest.raises(AioError):
        snapshot.take(manifest)
    assert not os.path.exists(snapshot.directory)
    hurried = [words.split()[3] for words in lab.told if 'config set' in words]
    assert sorted(hurried) == sorted(words.split()[3] for words in lab.told if 'config unset' in words)
    started = [words for words in lab.told if ' start ' in words]
    assert started == [MON + ' start ' + MONITOR, 'host start ' + OSD, MON + ' start ' + MANAGER]


@pytest.mark.parametrize('change, text', [
    ({'state': 'warn', 'reason': 'OSD_DOWN', 'health': {'status': 'HEALTH_WARN', 'checks': []}}, 'is not healthy'),
    ({'state': 'mon_unreachable', 'reason': 'no ceph-mon runs there', 'missing': [{'subset': 'health', 'reason': 'x'}], 'remedy': 'start it'},
     'cannot be asked'),
])
def test_look_refuses(make, lab, change, text):
    lab.seen = [dict(HEALTHY, **change)]
    with pytest.raises(AioError) as caught:
        make().look()
    assert text in str(caught.value)
    assert lab.told == []


def test_look_takes_what_does_not_count(make, lab):
    checks = [{'code': code, 'summary': '', 'muted': False} for code in ('MGR_MODULE_DEPENDENCY', 'OSD_DOWN')]
    lab.seen = [dict(HEALTHY, state='warn', reason='2 checks', health={'status': 'HEALTH_WARN', 'checks': checks})]
    assert make(accept=['OSD_DOWN', 'MGR_MODULE_DEPENDENCY']).look()['codes'] == ['MGR_MODULE_DEPENDENCY', 'OSD_DOWN']
    with pytest.raises(AioError) as caught:
        make(accept=['MGR_MODULE_DEPENDENCY']).look()
    assert 'snapshot_accept' in str(caught.value)


def test_look_takes_what_is_unhealthy_where_told(make, lab):
    checks = [{'code': 'OSD_DOWN', 'summary': '1 osds down', 'muted': False}]
    lab.seen = [dict(HEALTHY, state='warn', health={'status': 'HEALTH_WARN', 'checks': checks}, osds={'total': 3, 'up': 2, 'in': 3},
                     pgs={'total': 8, 'clean': 1, 'states': {}})]
    snapshot = make(unhealthy=True)
    manifest = snapshot.look()
    assert (manifest['codes'], manifest['clean'], manifest['osds']['up']) == (['OSD_DOWN'], False, 2)
    snapshot.await_golden(manifest)  # what was wrong then does not count
    lab.seen = [HEALTHY]
    with pytest.raises(AioError):
        make(deadline=0.1).await_golden(manifest)


def test_look_without_osds(make, monkeypatch):
    monkeypatch.setattr(golden.loops, 'observe', lambda: ([], []))
    with pytest.raises(AioError) as caught:
        make().look()
    assert 'there is no OSD to keep' in str(caught.value)


def test_look_after_an_interrupted_reset(make):
    snapshot = make()
    snapshot.resetting.save({'name': 'golden', 'started': '2026-11-23T04:00:00Z'})
    with pytest.raises(AioError) as caught:
        snapshot.look()
    assert 'a reset was interrupted' in str(caught.value)
    assert 'make reset' in caught.value.remedy and 'make rebuild' in caught.value.remedy


def test_space(make, monkeypatch):
    snapshot = make()
    assert snapshot.needed(snapshot.look()) > 0
    monkeypatch.setattr(golden.snapshots, 'free_bytes', lambda _path: 100 << 20)
    snapshot.check_space(36 << 20)
    with pytest.raises(AioError) as caught:
        snapshot.check_space((36 << 20) + 1)
    assert '100 MiB are free' in str(caught.value)


def test_replace(taken, make, lab):
    lab.write(MON, '/var/lib/ceph/store.db', 'a newer store')
    snapshot = make()
    manifest = snapshot.look()
    lab.seen = [DOWN]
    snapshot.take(manifest)
    assert os.listdir(snapshot.directory) == ['golden']
    with open(snapshots.tree_of(snapshot.path, 1, '/var/lib/ceph') + '/store.db') as stream:
        assert stream.read() == 'a newer store'


def test_reset(taken, lab):
    """From a state in which nothing is left as it was."""
    snapshot, manifest = taken
    os.unlink(lab.root[''] + '/etc/ceph/ceph.conf')
    os.unlink(lab.root[''] + '/var/lib/ceph/osd.keyring')
    lab.write(MON, '/var/lib/ceph/store.db', 'rubbish of another length')
    lab.write(MON, '/var/lib/ceph/dump', 'of a crash')
    with open(lab.image, 'r+b') as stream:
        stream.write(b'rubbish')
    inode = os.stat(lab.image).st_ino
    snapshot.reset(manifest)
    assert lab.read('', '/etc/ceph/ceph.conf').endswith(FSID + '\n')
    assert lab.read('', '/var/lib/ceph/osd.keyring') == 'key of the OSD'
    assert lab.read(MON, '/var/lib/ceph/store.db') == 'the store'
    assert os.listdir(lab.root[MON] + '/var/lib/ceph') == ['store.db']
    with open(lab.image, 'rb') as stream:
        assert stream.read() == b'data of the OSD'
    assert os.stat(lab.image).st_ino == inode
    assert lab.told == [
        MON + ' run', 'host kill ' + OSD, MON + ' kill ceph-mds@old.service %s %s' % (MANAGER, MONITOR),
        MON + ' enable ' + MONITOR, MON + ' start %s %s' % (MANAGER, MONITOR),
        'attach ' + lab.image, 'flush /dev/loop7', 'flush /dev/loop7',
        MON + ' enable ' + MONITOR, MON + ' start %s %s' % (MANAGER, MONITOR), 'mon.asok mon_status',
        'host enable ' + OSD, 'host start ' + OSD]
    assert snapshot.resetting.load() == {}


def test_reset_of_the_container_configuration(taken, lab):
    """It takes effect at the container's next start only."""
    snapshot, manifest = taken
    lab.write('', '/../lxc/%s/config' % MON, 'lxc.uts.name = other')
    snapshot.reset(manifest)
    assert lab.told[0] == MON + ' run again'
    assert lab.read('', '/../lxc/%s/config' % MON) == 'lxc.uts.name = mon'


@pytest.mark.parametrize('fails', [MON + ' run', 'host kill', 'attach', 'host start'])
def test_interrupted_reset(taken, lab, fails):
    """It is known, other verbs refuse, and the next one does it."""
    snapshot, manifest = taken
    lab.fails = fails
    with pytest.raises(AioError):
        snapshot.reset(manifest)
    assert snapshot.resetting.load()['name'] == 'golden'
    with pytest.raises(AioError) as caught:
        unfinished.check_not_resetting(snapshot.resetting)
    assert 'reset again' in caught.value.remedy
    lab.fails = None
    snapshot.reset(manifest)
    unfinished.check_not_resetting(snapshot.resetting)


def test_identity(taken, lab, monkeypatch):
    snapshot, manifest = taken
    snapshot.check_identity(manifest)
    os.unlink(lab.root[''] + '/etc/ceph/ceph.conf')
    snapshot.check_identity(manifest)  # that is one of the things that it brings back
    lab.write('', '/etc/ceph/ceph.conf', 'fsid = 00000000-0000-4000-8000-000000000000\n')
    os.rename(lab.image, lab.image + '.old')
    monkeypatch.setattr(golden.containers, 'lxc_state', lambda name: None)
    with pytest.raises(AioError) as caught:
        snapshot.check_identity(manifest)
    assert 'was rebuilt since' in str(caught.value)
    assert 'the rebuild playbook' in caught.value.remedy and 'site' not in caught.value.remedy
    for text in ('ceph1.img is gone', 'there is no container ' + MON, 'has the fsid 00000000-'):
        assert text in caught.value.why
    with open(lab.image, 'wb') as stream:
        stream.write(b'another')
    with pytest.raises(AioError) as caught:
        snapshot.check_identity(manifest)
    assert 'ceph1.img is another file' in caught.value.why


def test_growth(taken, lab):
    snapshot, manifest = taken
    assert snapshot.growth(manifest) == 0
    with open(lab.image, 'wb'):
        pass
    assert snapshot.growth(manifest) > 0


def test_wait(taken, lab):
    """Who reports is hurried as soon as it can be told, and let go in the end."""
    snapshot, manifest = taken
    lab.seen = [dict(HEALTHY, pgs=dict(HEALTHY['pgs'], clean=3)), HEALTHY]
    snapshot.await_golden(manifest)
    assert lab.told == HURRIED + [
        'mgr.asok config unset mgr_stats_period', 'mgr.asok config unset mgr_tick_period', 'mon.asok config unset paxos_propose_interval']


def test_wait_with_daemons_that_cannot_unset(taken, lab):
    """Luminous: they are told what it was."""
    snapshot, manifest = taken
    lab.lacks = ('config unset',)
    snapshot.await_golden(manifest)
    assert lab.told == HURRIED + [
        'mgr.asok config set mgr_stats_period 5.000000', 'mgr.asok config set mgr_tick_period 5.000000',
        'mon.asok config set paxos_propose_interval 5.000000']


def test_wait_that_breaks_off(taken, lab, monkeypatch):
    """Nobody stays hurried."""
    snapshot, manifest = taken

    def wait(waiting):
        waiting.observe(1.0)
        raise AioError('it broke off')
    monkeypatch.setattr(golden.Waiting, 'wait', wait)
    with pytest.raises(AioError) as caught:
        snapshot.await_golden(manifest)
    assert caught.value.what == 'it broke off'
    assert len([words for words in lab.told if 'config unset' in words]) == len(HURRIED)


@pytest.mark.parametrize('answer', [{'error': 'no such setting'}, {}, None])
def test_daemon_without_such_a_setting(taken, lab, monkeypatch, answer):
    """What it had is not known: it is left as it is."""
    snapshot, manifest = taken
    asked = []
    monkeypatch.setattr(golden.admin_socket, 'ask', lambda path, command: asked.append(command['prefix']) or answer)
    snapshot.await_golden(manifest)
    assert set(asked) == set(['config get'])


def test_wait_for_daemons_that_cannot_be_told(taken, lab, monkeypatch):
    snapshot, manifest = taken

    def refuse(_path, _command):
        raise ValueError('no answer')
    monkeypatch.setattr(golden.admin_socket, 'ask', refuse)
    snapshot.await_golden(manifest)
    assert not snapshot._leads(manifest)


def test_wait_in_vain(taken, make, lab):
    _snapshot, manifest = taken
    lab.seen = [dict(HEALTHY, pools=[])]
    with pytest.raises(AioError) as caught:
        make(deadline=0.1).await_golden(manifest)
    assert 'pool rbd is missing' in str(caught.value)


def test_folder_that_is_a_link(make, lab):
    """Out of the container it would lead into the lab host."""
    os.rmdir(lab.root[MON] + '/etc/ceph')
    os.symlink('/etc', lab.root[MON] + '/etc/ceph')
    snapshot = make()
    with pytest.raises(AioError) as caught:
        snapshot.needed(snapshot.look())
    assert 'it leads to /etc' in caught.value.why


def test_settle_with_nothing_to_do(make):
    snapshot = make()
    assert unfinished.settle(snapshot.taking, snapshot.ledger) is False


@pytest.mark.parametrize('there, left', [
    (['golden.new'], []), (['golden', 'golden.new'], ['golden']), (['golden.old', 'golden.new'], ['golden']), (['golden', 'golden.old'], ['golden'])])
def test_settle(make, lab, there, left):
    """Wherever it was interrupted: no half one is left, and one that was to be replaced is kept."""
    snapshot = make()
    for name in there:
        os.makedirs(os.path.join(snapshot.directory, name, 'images'))
    snapshot.ledger.add('snapshot', snapshot.path)
    places = [{'container': '', 'units': [OSD]}, {'container': MON, 'units': [MANAGER, MONITOR]}]
    snapshot.taking.save({'path': snapshot.path, 'places': places, 'mounts': []})
    assert unfinished.settle(snapshot.taking, snapshot.ledger) is True
    assert os.listdir(snapshot.directory) == left
    assert snapshot.ledger.has('snapshot', snapshot.path) == bool(left)
    assert [words for words in lab.told if 'start' in words] == [MON + ' start ' + MONITOR, 'host start ' + OSD, MON + ' start ' + MANAGER]
    assert snapshot.taking.load() == {}


def test_list_and_remove(taken, tmp_path):
    snapshot, manifest = taken
    os.makedirs(os.path.join(snapshot.directory, 'half.new'))
    os.makedirs(os.path.join(snapshot.directory, 'damaged'))
    with open(os.path.join(snapshot.directory, 'damaged', 'snapshot.json'), 'w') as stream:
        stream.write('{')
    damaged, listed = snapshots.listed(snapshot.directory)
    assert (damaged['name'], damaged['taken']) == ('damaged', '')
    assert 'is damaged' in damaged['problem']
    assert (listed['name'], listed['taken'], listed['fsid'], listed['problem']) == ('golden', manifest['taken'], FSID, '')
    assert listed['allocated_bytes'] > 0
    snapshots.remove(snapshot.directory, 'damaged', snapshot.ledger)
    snapshots.remove(snapshot.directory, 'half', snapshot.ledger)
    assert os.listdir(snapshot.directory) == ['golden']
    snapshots.remove(snapshot.directory, 'golden', snapshot.ledger)
    assert not snapshot.ledger.has('snapshot', snapshot.path)
    assert not os.path.exists(snapshot.directory)
    snapshots.remove(snapshot.directory, 'half', snapshot.ledger)


def take(snapshot, lab):
    manifest = snapshot.look()
    lab.seen = [DOWN]
    snapshot.take(manifest)
    lab.seen = [HEALTHY]


def test_folder_that_was_there_before(make, lab, tmp_path):
    """Such as /srv: it keeps its mode, and stays."""
    (tmp_path / 'srv').mkdir()
    (tmp_path / 'srv').chmod(0o755)
    snapshot = make(directory=str(tmp_path / 'srv'))
    take(snapshot, lab)
    assert [os.stat(path).st_mode & 0o777 for path in (snapshot.directory, snapshot.path)] == [0o755, 0o700]
    snapshots.remove(snapshot.directory, 'golden', snapshot.ledger)
    assert os.listdir(snapshot.directory) == []
    lab.fails = 'host stop'
    with pytest.raises(AioError):
        take(snapshot, lab)
    assert os.listdir(snapshot.directory) == []


def test_folder_of_several_snapshots(make, lab):
    """It is ours whichever is the last to go, and however often one was replaced."""
    for name in ('one', 'two', 'two'):
        lab.seen = [HEALTHY]
        take(make(name), lab)
    for name in ('one', 'two'):
        assert os.path.isdir(make().directory)
        snapshots.remove(make().directory, name, make().ledger)
    assert not os.path.exists(make().directory)


def test_folder_with_something_of_others(taken):
    snapshot, _manifest = taken
    os.mkdir(os.path.join(snapshot.directory, 'others'))
    snapshots.remove(snapshot.directory, 'golden', snapshot.ledger)
    assert os.listdir(snapshot.directory) == ['others']


def test_list_nothing(tmp_path, monkeypatch):
    assert snapshots.listed(str(tmp_path / 'none')) == []

    def refuse(_path):
        raise OSError(errno.EACCES, 'Permission denied')
    monkeypatch.setattr(golden.os, 'listdir', refuse)
    with pytest.raises(AioError) as caught:
        snapshots.listed(str(tmp_path))
    assert 'become root' in str(caught.value)


def test_unknown_name(taken):
    snapshot, _manifest = taken
    with pytest.raises(AioError) as caught:
        snapshots.load(snapshot.directory, 'gold')
    assert (caught.value.what, caught.value.why) == ("there is no snapshot 'gold'", 'there are golden')
    with pytest.raises(AioError) as caught:
        snapshots.load(snapshot.directory + '/none', 'gold')
    assert caught.value.why == 'there are none'


def test_no_description(taken):
    snapshot, _manifest = taken
    os.unlink(os.path.join(snapshot.path, 'snapshot.json'))
    with pytest.raises(AioError) as caught:
        snapshots.load(snapshot.directory, 'golden')
    assert 'has no description' in str(caught.value)


def test_description_of_a_newer_version(taken):
    snapshot, _manifest = taken
    path = os.path.join(snapshot.path, 'snapshot.json')
    with open(path) as stream:
        content = json.load(stream)
    with open(path, 'w') as stream:
        json.dump(dict(content, version=99), stream)
    with pytest.raises(AioError) as caught:
        snapshots.load(snapshot.directory, 'golden')
    assert 'newer version' in str(caught.value)


@pytest.mark.parametrize('name', ['', 'a/b', '..', '.hidden', '-n', 'golden.new', 'a b', 'x' * 41, 'a\n'])
def test_names(name):
    with pytest.raises(AioError) as caught:
        snapshots.check_name(name)
    assert 'is no name of a snapshot' in str(caught.value)


def test_mon_containers(monkeypatch):
    monkeypatch.setattr(golden.places, 'find', lambda _params, _deadline: [golden.places.Place('a'), golden.places.Place()])
    assert golden.mon_containers({}) == ['a', '']
