# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import copy

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_conditions, ceph_shape, drills
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

MON = 'aio1_ceph-mon_container-0c19f9f6'
IP = ['nsenter', '--target', '4711', '--net', 'ip']
HEALTHY = {
    'state': 'ok', 'reason': '', 'remedy': '', 'container': MON, 'missing': [], 'fsid': 'f', 'health': {'status': 'HEALTH_OK', 'checks': []},
    'mons': {'total': 1, 'quorum': ['a'], 'members': [{'name': 'a', 'rank': 0, 'address': '172.29.236.9:6789'}]},
    'mgr': {'available': True, 'active': 'a'}, 'osds': {'total': 3, 'up': 3, 'in': 3}, 'pgs': {'total': 8, 'clean': 8, 'states': {}},
    'pools': [{'name': 'rbd', 'pg_num': 8, 'pg_num_target': 8, 'pgp_num': 8, 'autoscale_mode': 'off'}]}
IMAGE = {'path': '/openstack/ceph2.img', 'device': '/dev/loop8', 'link': '/dev/osa/ceph2', 'osds': ['1']}
ADDRESSES = """1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: eth0    inet 10.0.3.7/24 brd 10.0.3.255 scope global eth0\\       valid_lft forever
5: eth1    inet 172.29.236.9/22 brd 172.29.239.255 scope global eth1\\       valid_lft forever
"""
ROUTES = """default via 172.29.236.1 dev eth1
10.0.3.0/24 dev eth0 proto kernel scope link src 10.0.3.7
172.29.236.0/22 dev eth1 proto kernel scope link src 172.29.236.9
172.16.0.0/12 via 172.29.236.2 dev eth1 metric 5
"""
RATIOS = '{"full_ratio": 0.95, "backfillfull_ratio": 0.9, "nearfull_ratio": 0.85}'
USAGE = '{"stats": {"total_bytes": 3000, "total_used_bytes": 300, "total_used_raw_bytes": 900}}'


def checks(*codes):
    return {'status': 'HEALTH_WARN', 'checks': [{'code': code, 'summary': '', 'muted': False} for code in codes]}


class Answer:
    def __init__(self, out):
        self.out = out

    def json(self):
        return drills.observation.json.loads(self.out)

    def check(self):
        if self.out == 'refused':
            raise AioError('Ceph refused the command')


class Lab:
    """What is told to the lab host, in order, is in told."""

    def __init__(self):
        self.told = []
        self.seen = [HEALTHY]
        self.units = {'': {'ceph-osd@1.service': 'active', 'ceph-osd@0.service': 'inactive', 'ceph-osd@2.service': 'active'},
                      MON: {'ceph-mgr@a.service': 'active', 'ceph-mon@a.service': 'active'}}
        self.answer = RATIOS
        self.usage = USAGE
        self.places = []

    def observe(self, _timeout):
        return copy.deepcopy(self.seen.pop(0) if len(self.seen) > 1 else self.seen[0])

    def observer(self, ceph, _subsets):
        self.places.append(ceph)
        return self

    def ask(self, commands, _timeout):
        self.told += commands
        return [Answer(self.usage if command['prefix'] == 'df' else self.answer) for command in commands]

    def close(self):
        pass

    def checked(self, argv, *_timeout):
        self.told.append(argv)
        return {'address': ADDRESSES, 'route': ROUTES}.get(argv[6 if '-o' in argv else 5] if argv[:5] == IP and len(argv) > 6 else '', '')

    def daemons(self, container=''):
        lab = self

        class Daemons:
            def units(self):
                return lab.units[container]

            def init(self):
                return '4711'

            def root(self):
                return '/proc/4711/root'

            def run(self):
                lab.told.append('%s run' % container)

            def __getattr__(self, verb):
                return lambda units: lab.told.append(' '.join([container or 'host', verb] + units))
        return Daemons()


@pytest.fixture
def lab(monkeypatch):
    lab = Lab()
    monkeypatch.setattr(drills, 'Daemons', lab.daemons)
    monkeypatch.setattr(drills.daemons, 'checked', lab.checked)
    monkeypatch.setattr(drills.observation, 'Observer', lab.observer)
    monkeypatch.setattr(drills.loops, 'observe', lambda: ([dict(IMAGE, link='', osds=['0']), IMAGE], []))
    monkeypatch.setattr(drills.loops, 'attach', lambda image: lab.told.append('attach ' + image['path']))
    monkeypatch.setattr(drills.host, 'read', lambda _path: 'boot-1\n')
    monkeypatch.setattr(drills, 'PEACE', 0.0)
    return lab


class Clock:
    def __init__(self):
        self.now = 100.0

    def time(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def drill(lab, tmp_path):
    clock = Clock()
    params = {'timeout': 15.0, 'accept': [], 'notice_deadline': 2.0, 'deadline': 0.3, 'conf': '/etc/ceph/ceph.conf', 'keyring': None,
              'client_name': 'client.admin', 'container': MON, 'via': 'auto'}
    return drills.Drill(lab, params, drills.Pending(str(tmp_path / 'state')), now=clock.time, sleep=clock.sleep, is_heard=lambda: True)


FULL = [('osd set-nearfull-ratio', 0.03), ('osd set-backfillfull-ratio', 0.04), ('osd set-full-ratio', 0.05)]
BACK = [('osd set-full-ratio', 0.95), ('osd set-backfillfull-ratio', 0.9), ('osd set-nearfull-ratio', 0.85)]


def ratios(commands):
    return [{'prefix': prefix, 'ratio': pytest.approx(ratio), 'format': 'json'} for prefix, ratio in commands]


@pytest.mark.parametrize('name, broken, mended', [
    ('osd_down', ['host kill ceph-osd@1.service'], ['host start ceph-osd@1.service']),
    ('osd_out', ['host kill ceph-osd@1.service', {'prefix': 'osd out', 'ids': ['1'], 'format': 'json'}],
     ['host start ceph-osd@1.service', {'prefix': 'osd in', 'ids': ['1'], 'format': 'json'}]),
    ('mon_stopped', [MON + ' stop ceph-mon@a.service'], [MON + ' start ceph-mon@a.service']),
    ('container_frozen', [['lxc-freeze', '--name', MON]], [MON + ' run']),
    ('container_killed', [['lxc-stop', '--name', MON, '--kill']], [MON + ' run']),
    ('disk_full', ratios(FULL), ratios(BACK)),
    ('network_cut', [IP + ['link', 'set', 'eth1', 'down']], [
        MON + ' run', IP + ['link', 'set', 'eth1', 'up'], IP + ['route', 'replace', 'default', 'via', '172.29.236.1', 'dev', 'eth1'],
        IP + ['route', 'replace', '172.16.0.0/12', 'via', '172.29.236.2', 'dev', 'eth1', 'metric', '5']]),
    ('host_reboot', [['systemd-run', '--on-active=1', '--timer-property=AccuracySec=100ms', 'systemctl', 'reboot']], []),
    ('loop_detached', ['host kill ceph-osd@1.service', ['losetup', '--detach', '/dev/loop8'], 'host start ceph-osd@1.service'],
     ['host kill ceph-osd@1.service', 'attach /openstack/ceph2.img', 'host start ceph-osd@1.service']),
])
def test_broken_and_mended(drill, lab, name, broken, mended):
    """What it takes to mend it is known before it is broken, and mending it again does no harm."""
    facts = drill.look(name)
    lab.told = []
    drill.inject(name, facts)
    assert lab.told == broken
    assert drill.pending.load()['name'] == name
    lab.told = []
    other = drills.Drill(lab, drill.params, drill.pending)  # of the next command
    assert other.undo() == name
    assert lab.told == mended
    assert drill.pending.load() == {}
    assert other.undo() == ''


def test_every_drill_is_tried():
    (marker,) = [mark for mark in test_broken_and_mended.pytestmark if mark.name == 'parametrize']
    assert sorted(case[0] for case in marker.args[1]) == sorted(drills.DRILLS)


def test_written_down_first(drill, lab, monkeypatch):
    known = []
    monkeypatch.setattr(drills.daemons, 'checked', lambda _argv: known.append(drill.pending.load()['name']))
    drill.inject('container_frozen', drill.look('container_frozen'))
    assert known == ['container_frozen']


def test_mending_that_fails(drill, lab, monkeypatch):
    """It stays written down."""
    drill.inject('osd_out', drill.look('osd_out'))
    lab.answer = 'refused'
    with pytest.raises(AioError):
        drill.undo()
    assert drill.pending.load()['name'] == 'osd_out'


@pytest.mark.parametrize('name, change, text', [
    ('osd_down', {'units': {'': {}, MON: {}}}, 'there is no OSD on this host'),
    ('mon_stopped', {'units': {'': {}, MON: {'ceph-mon@a.service': 'failed'}}}, 'there is no mon to stop'),
    ('disk_full', {'answer': '{}'}, 'the release of Ceph is too old'),
    ('disk_full', {'usage': '{"stats": {"total_bytes": 0, "total_used_bytes": 0}}'}, 'nothing is used on the OSDs'),
    ('loop_detached', {'units': {'': {'ceph-osd@0.service': 'active'}, MON: {}}}, 'no OSD lives on a loop device'),
    ('network_cut', {'seen': [dict(HEALTHY, mons=dict(HEALTHY['mons'], members=[{'address': '192.0.2.1:6789'}]))]}, 'the interface of'),
    ('container_killed', {'seen': [dict(HEALTHY, container='')], 'units': {'': {}}}, 'the mon has no container'),
    ('network_cut', {'seen': [dict(HEALTHY, container='')], 'units': {'': {}}}, 'the mon has no container'),
    ('osd_down', {'seen': [dict(HEALTHY, state='warn', reason='OSD_DOWN', health=checks('OSD_DOWN'))]}, 'something is wrong with the cluster already'),
    ('osd_downn', {}, "there is no drill 'osd_downn'"),
])
def test_preconditions(drill, lab, name, change, text):
    """Nothing is broken then."""
    for field, value in change.items():
        setattr(lab, field, value)
    with pytest.raises(AioError) as caught:
        drill.look(name)
    assert text in str(caught.value)
    assert drill.pending.load() == {}


@pytest.mark.parametrize('accept, codes, well', [
    (['MGR_MODULE_DEPENDENCY'], ['MGR_MODULE_DEPENDENCY'], True), (['MGR_MODULE_DEPENDENCY'], ['MGR_MODULE_DEPENDENCY', 'OSD_DOWN'], False),
    (['MGR_MODULE_DEPENDENCY'], [], False), ([], ['MGR_MODULE_DEPENDENCY'], False)])
def test_what_does_not_count(drill, lab, accept, codes, well):
    """Before the drill and after it: a warning without codes is of before luminous, and nobody can have named it."""
    warns = dict(HEALTHY, state='warn', reason='x', health=checks(*codes))
    drill.params['accept'] = accept
    lab.seen = [warns]
    if well:
        assert drill.await_health(drill.look('osd_down')) >= 0
    else:
        with pytest.raises(AioError) as caught:
            drill.look('osd_down')
        assert 'drill_accept' in str(caught.value)


def test_host_that_does_not_say_which_boot_this_is(drill, monkeypatch):
    monkeypatch.setattr(drills.host, 'read', lambda _path: '')
    with pytest.raises(AioError):
        drill.look('host_reboot')


def test_noticed(drill, lab):
    facts = drill.look('osd_down')
    down = dict(HEALTHY, state='warn', health=checks('OSD_DOWN', 'PG_DEGRADED'), osds={'total': 3, 'up': 2, 'in': 3})
    lab.seen = [HEALTHY, HEALTHY, dict(down, health=checks('PG_DEGRADED')), dict(down, osds=HEALTHY['osds']), down]
    seen, seconds = drill.await_notice('osd_down', facts)
    assert (seen['state'], ceph_conditions.codes(seen), seconds) == ('warn', ['OSD_DOWN', 'PG_DEGRADED'], 1.2)


def test_not_noticed(drill, lab):
    facts = drill.look('mon_stopped')
    with pytest.raises(AioError) as caught:
        drill.await_notice('mon_stopped', facts)
    assert 'the state is ok, not mon_unreachable (after 2.1 s)' in str(caught.value)


def test_nobody_listens(drill, lab):
    drill.is_heard = lambda: False
    with pytest.raises(AioError) as caught:
        drill.await_notice('mon_stopped', drill.look('mon_stopped'))
    assert 'was left alone' in str(caught.value)


def test_network_is_looked_at_from_outside(drill, lab):
    """Inside, a mon is reached on its own address, whatever the interface is like."""
    facts = drill.look('network_cut')
    lab.places, lab.seen = [], [dict(HEALTHY, state='mon_unreachable')]
    drill.await_notice('network_cut', facts)
    (outside,) = lab.places
    assert outside.params['via'] == 'host' and outside.params['container'] is None
    assert outside.params['conf'] == '/proc/4711/root/etc/ceph/ceph.conf'
    assert outside.params['keyring'] == '/proc/4711/root/etc/ceph/ceph.client.admin.keyring'


@pytest.mark.parametrize('seen, known', [
    (HEALTHY, True), (dict(HEALTHY, state='warn', health=checks('MGR_MODULE_DEPENDENCY')), True),
    (dict(HEALTHY, state='mon_unreachable', reason='no librados'), False)])
def test_view_that_there_is_none_of(drill, lab, seen, known):
    """Where the lab host cannot ask, a cut network would be noticed that is none."""
    lab.seen = [HEALTHY, seen]
    drill.params['accept'] = ['MGR_MODULE_DEPENDENCY']
    if known:
        assert drill.look('network_cut')['interface'] == 'eth1'
    else:
        with pytest.raises(AioError) as caught:
            drill.look('network_cut')
        assert 'cannot be asked from the lab host itself' in str(caught.value)


def test_healthy(drill, lab):
    facts = drill.look('osd_down')
    assert drill.await_health(facts) >= 0
    lab.seen = [dict(HEALTHY, osds={'total': 3, 'up': 2, 'in': 3})]
    with pytest.raises(AioError) as caught:
        drill.await_health(facts)
    assert '2 OSDs are up, not 3' in str(caught.value)


@pytest.mark.parametrize('name', sorted(drills.DRILLS))
def test_table(name):
    """Whatever is seen is a state and codes that there are, and a word that is a fact is one that is needed or always there."""
    drill = drills.DRILLS[name]
    sees = drill['sees']
    assert sees == {} if name == 'host_reboot' else sees['state'] in list(ceph_shape.STATES.values()) + ['mon_unreachable', 'container_stopped']
    assert set(sees) <= set(['state', 'codes', 'lost', 'from'])
    assert set(drill['needs']) <= set(drills.REASONS)
    assert drill['inject'] and drill['what']


def test_fill():
    facts = {'a': 1, 'b': 'x'}
    assert drills.fill(('{a}', 'n{a}', ['{b}'], {'k': '{a}'}), facts) == [1, 'n1', ['x'], {'k': 1}]


def test_unknown_verb(drill):
    with pytest.raises(ValueError):
        drill._do(('dance', '', []), {})


def test_ratios_are_in_order():
    found = drills.ratios(0.0003)
    assert 0 < found['near'] < found['backfill'] < found['full'] < 0.0003
