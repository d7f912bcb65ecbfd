# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be broken on purpose, as data, and who breaks and mends it.

What is needed to mend it is written down before it is broken: whoever is killed in between, the next command mends it.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import time

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import (
    ceph_conditions, clock, cluster, daemons, host, loops, observation, process)
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.daemons import Daemons, kind_of
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.marker import Marker
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.waiting import Waiting

BOOT_ID = '/proc/sys/kernel/random/boot_id'
# Steps are (verb, where, words): where is the lab host itself (empty) or the mon's container, words have {facts} in them.
# needs are the facts that have to be known before; sees is what the cluster must then be like.
DRILLS = {
    'osd_down': {
        'what': 'an OSD is killed, and stays down',
        'needs': ('osd',),
        'inject': [('kill', '', ['ceph-osd@{osd}.service'])],
        'sees': {'state': 'warn', 'codes': ['OSD_DOWN'], 'lost': 'up'},
        'undo': [('start', '', ['ceph-osd@{osd}.service'])],
    },
    'osd_out': {
        # One that is out but up still lends its copies, and nobody complains.
        'what': 'an OSD is down and out, as the mon has it after ten minutes, so that its copies have to go elsewhere',
        'needs': ('osd',),
        'inject': [('kill', '', ['ceph-osd@{osd}.service']), ('ceph', '', {'prefix': 'osd out', 'ids': ['{osd}']})],
        'sees': {'state': 'warn', 'codes': ['PG_DEGRADED'], 'lost': 'in'},
        'undo': [('start', '', ['ceph-osd@{osd}.service']), ('ceph', '', {'prefix': 'osd in', 'ids': ['{osd}']})],
    },
    'mon_stopped': {
        'what': 'the mon is stopped',
        'needs': ('mon',),
        'inject': [('stop', '{place}', ['{mon}'])],
        'sees': {'state': 'mon_unreachable', 'codes': []},
        'undo': [('start', '{place}', ['{mon}'])],
    },
    'container_frozen': {
        'what': "the mon's container is frozen",
        'needs': ('container',),
        'inject': [('run', '', ['lxc-freeze', '--name', '{container}'])],
        'sees': {'state': 'container_stopped', 'codes': []},
        'undo': [('up', '{container}', [])],
    },
    'container_killed': {
        'what': "the mon's container is killed",
        'needs': ('container',),
        'inject': [('run', '', ['lxc-stop', '--name', '{container}', '--kill'])],
        'sees': {'state': 'container_stopped', 'codes': []},
        'undo': [('up', '{container}', [])],
    },
    'disk_full': {
        'what': 'OSDs are full: the ratio at which they are is set below what is used',
        'needs': ('full_ratio', 'used_ratio'),
        'inject': [
            ('ceph', '', {'prefix': 'osd set-nearfull-ratio', 'ratio': '{near}'}),
            ('ceph', '', {'prefix': 'osd set-backfillfull-ratio', 'ratio': '{backfill}'}),
            ('ceph', '', {'prefix': 'osd set-full-ratio', 'ratio': '{full}'})],
        'sees': {'state': 'err', 'codes': ['OSD_FULL']},
        'undo': [
            ('ceph', '', {'prefix': 'osd set-full-ratio', 'ratio': '{full_ratio}'}),
            ('ceph', '', {'prefix': 'osd set-backfillfull-ratio', 'ratio': '{backfillfull_ratio}'}),
            ('ceph', '', {'prefix': 'osd set-nearfull-ratio', 'ratio': '{nearfull_ratio}'})],
    },
    'network_cut': {
        'what': "the network interface of the mon's container is down",
        'needs': ('container', 'interface'),
        'inject': [('network', '{container}', ['link', 'set', '{interface}', 'down'])],
        'sees': {'state': 'mon_unreachable', 'codes': [], 'from': 'host'},
        'undo': [('up', '{container}', []), ('network', '{container}', ['link', 'set', '{interface}', 'up']), ('routes', '{container}', [])],
    },
    'host_reboot': {
        'what': 'the lab host reboots',
        'needs': ('boot',),
        'inject': [('run', '', ['systemd-run', '--on-active=1', '--timer-property=AccuracySec=100ms', 'systemctl', 'reboot'])],
        'sees': {},  # the controller does: nobody is here to see it
        'undo': [],
    },
    'loop_detached': {
        'what': 'the loop device of an OSD is gone',
        'needs': ('image', 'osd'),
        'inject': [
            ('kill', '', ['ceph-osd@{osd}.service']), ('run', '', ['losetup', '--detach', '{device}']),
            ('start', '', ['ceph-osd@{osd}.service'])],
        'sees': {'state': 'warn', 'codes': ['OSD_DOWN'], 'lost': 'up'},
        'undo': [('kill', '', ['ceph-osd@{osd}.service']), ('attach', '', []), ('start', '', ['ceph-osd@{osd}.service'])],
    },
}
REASONS = {
    'osd': ('there is no OSD on this host', 'no unit ceph-osd@ID is active'),
    'mon': ('there is no mon to stop', 'no unit ceph-mon@ID is active where the mon answers'),
    'container': ('the mon has no container', 'it is on the lab host itself'),
    'full_ratio': ('the release of Ceph is too old', 'before luminous the ratios are set in another way'),
    'used_ratio': ('nothing is used on the OSDs', 'so that they cannot be full'),
    'interface': ("the interface of the mon's container is not to be found", 'none has the address that the mon has'),
    'image': ('no OSD lives on a loop device', 'see losetup --list'),
    'boot': ('the host does not say which boot this is', 'there is no %s' % BOOT_ID),
}
NOTICE_TIMEOUT = 3.0  # seconds for one look at a cluster that may not answer
PEACE = 5.0  # seconds for which it must stay healthy: so often OSDs report


class Pending(Marker):
    """drill.json in the state folder: there from before something is broken until it is mended."""

    FILE, PART, NAME = 'drill.json', 'drill', 'record of an unfinished drill'
    REMEDY = 'mend by hand what the drill broke (the status playbook says what is wrong), and move the file away'


def check_name(name):
    """:raises AioError: there is no such drill."""
    if name not in DRILLS:
        raise AioError("there is no drill '%s'" % name, 'name', 'there are %s' % ', '.join(sorted(DRILLS)),
                       'name one: drill_name (make: DRILL)')


def fill(value, facts):
    """A step's words with the facts in them; a word that is one fact alone keeps its type."""
    if isinstance(value, dict):
        return dict((key, fill(item, facts)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return [fill(item, facts) for item in value]
    if value.startswith('{') and value.endswith('}') and value[1:-1] in facts:
        return facts[value[1:-1]]
    return value.format(**facts)


def ratios(used):
    """Ratios at which OSDs that have so much of their space in use are full, in the order that Ceph wants."""
    return {'full': used * 0.5, 'backfill': used * 0.4, 'near': used * 0.3}


class Drill(object):
    """One drill.

    :param ceph: cluster.Cluster.
    :param params: a module's parameters: timeout, deadlines and cluster.ACCESS_ARGUMENTS.
    """

    def __init__(self, ceph, params, pending, now=process.now, sleep=time.sleep, is_heard=process.is_heard):
        self.ceph = ceph
        self.params = params
        self.pending = pending
        self.now = now
        self.sleep = sleep
        self.is_heard = is_heard

    def look(self, name):
        """What is needed to break and to mend it.

        :raises AioError: it cannot be broken here, or something is wrong already.
        """
        check_name(name)
        seen = observation.Observer(self.ceph, ('health', 'mons', 'mgr', 'osds', 'pools', 'pgs')).observe(self.params['timeout'])
        if not ceph_conditions.is_well(seen, self.params['accept']):
            raise AioError('something is wrong with the cluster already, so that a drill would show nothing', seen['container'],
                           '%s: %s' % (seen['state'], seen['reason']),
                           seen['remedy'] or 'mend it and wait for HEALTH_OK, or reset; or name the codes that do not count: drill_accept (accept)')
        if DRILLS[name]['sees'].get('from'):
            self._check_view(DRILLS[name]['sees']['from'], seen)
        facts = dict(self._facts(seen, DRILLS[name]['needs']), planned={
            'osds': seen['osds'], 'mgr': bool(seen['mgr']['available']),
            'pools': [{'name': pool['name'], 'pg_num': pool['pg_num']} for pool in seen['pools']]})
        for need in DRILLS[name]['needs']:
            if not facts.get(need):
                raise AioError(REASONS[need][0], 'drill %s' % name, REASONS[need][1], 'choose another drill: %s' % ', '.join(sorted(DRILLS)))
        return facts

    def _check_view(self, where, seen):
        """:raises AioError: the cluster cannot be asked from there, so that nothing would be noticed."""
        if not seen['container']:
            return
        with self._from(where, seen) as ceph:
            there = observation.Observer(ceph, ('health', 'osds')).observe(self.params['timeout'])
        if not ceph_conditions.is_well(there, self.params['accept']):
            raise AioError('the cluster cannot be asked from the lab host itself', there['container'] or 'the host itself', there['reason'],
                           'see that the lab host has python3-rados or the ceph command')

    def _facts(self, seen, needs):
        container = seen['container']
        facts = {'place': container, 'container': container}
        here = sorted(unit for unit, active in Daemons().units().items() if active == 'active')
        osds = [unit.partition('@')[2].rpartition('.')[0] for unit in here if kind_of(unit) == 'osd']
        facts['osd'] = osds[0] if osds else ''
        if 'mon' in needs:
            units = Daemons(container).units()
            facts['mon'] = next((unit for unit in sorted(units) if kind_of(unit) == 'mon' and units[unit] == 'active'), '')
        if 'image' in needs:
            image = next((image for image in loops.observe()[0] if image['link'] and set(image['osds']) & set(osds)), None)
            facts.update({'image': image, 'device': image['device'], 'osd': image['osds'][0]} if image else {'image': None})
        if 'full_ratio' in needs:
            facts.update(self._ratios())
        if 'interface' in needs and container:
            facts.update(self._network(container, seen['mons']['members'][0]['address']))
        if 'boot' in needs:
            facts['boot'] = host.read(BOOT_ID).strip()
        return facts

    def _ratios(self):
        ratios_answer, usage_answer = self.ceph.ask([observation.question('osd dump'), observation.question('df')], self.params['timeout'])
        known, usage = ratios_answer.json(), usage_answer.json()['stats']
        # What OSDs call full: in nautilus data alone, later also what is set aside for metadata. A ratio below both is below it.
        used = float(min(usage['total_used_bytes'], usage.get('total_used_raw_bytes', usage['total_used_bytes']))) / max(1, usage['total_bytes'])
        facts = dict((name, known.get(name)) for name in ('full_ratio', 'backfillfull_ratio', 'nearfull_ratio'))
        return dict(facts, used_ratio=used, **ratios(used))

    def _network(self, container, address):
        """The interface that has the mon's address, and the routes that go with it."""
        address = address.strip('[]').rpartition(':')[0].strip('[]')
        words = [line.split() for line in self._ip(container, '-o', 'address', 'show').splitlines()]
        interface = next((line[1] for line in words if len(line) > 3 and line[3].partition('/')[0] == address), '')
        routes = [line.split() for line in self._ip(container, 'route', 'show').splitlines()]
        return {'interface': interface, 'routes': [route for route in routes if interface in route and 'kernel' not in route]}

    def _ip(self, container, *words):
        """The host's own ip in the container's network: it needs nothing in there."""
        pid = Daemons(container).init()
        return daemons.checked(['nsenter', '--target', pid, '--net', 'ip'] + list(words))

    # Breaking and mending

    def inject(self, name, facts):
        self.pending.save({'name': name, 'facts': facts, 'started': clock.utc()})
        self.ceph.close()  # what is frozen meanwhile could not be ended
        for step in DRILLS[name]['inject']:
            self._do(step, facts)
        self.ceph.close()

    def undo(self):
        """Mend what is broken, if something is; its name. Does again what was done before."""
        drill = self.pending.load()
        if not drill:
            return ''
        check_name(drill['name'])
        for step in DRILLS[drill['name']]['undo']:
            self._do(step, drill['facts'])
        self.pending.clear()
        return drill['name']

    def _do(self, step, facts):
        verb, where, words = [fill(part, facts) for part in step]
        if verb in ('kill', 'stop', 'start'):
            getattr(Daemons(where), verb)(words)
        elif verb == 'run':
            daemons.checked(words)
        elif verb == 'up':
            Daemons(where).run()
        elif verb == 'ceph':
            self._tell(words)
        elif verb == 'attach':
            loops.attach(facts['image'])
        elif verb == 'network':
            self._ip(where, *words)
        elif verb == 'routes':
            for route in facts['routes']:
                self._ip(where, 'route', 'replace', *route)
        else:
            raise ValueError(verb)

    def _tell(self, command):
        (answer,) = self.ceph.ask([dict(command, format='json')], self.params['timeout'])
        answer.check()

    # Watching

    def await_notice(self, name, facts):
        """Wait until it is seen: what was seen, and after how many seconds.

        :raises AioError: it is not, within the deadline.
        """
        wanted = DRILLS[name]['sees']
        looking = self._from(wanted['from'], facts) if 'from' in wanted else self.ceph
        start = self.now()
        try:
            while True:
                seen = observation.Observer(looking, ('health', 'osds')).observe(min(NOTICE_TIMEOUT, self.params['timeout']))
                missing = unnoticed(wanted, seen, facts['planned'])
                seconds = round(self.now() - start, 1)
                if not missing:
                    return seen, seconds
                if seconds >= self.params['notice_deadline']:
                    raise AioError('the drill was not noticed as it should be', 'drill %s' % name, '%s (after %g s)' % (missing, seconds),
                                   'what was broken is mended again; try with a longer notice_deadline')
                if not self.is_heard():
                    raise AioError('the drill was left alone', 'drill %s' % name, 'the connection to the controller is gone',
                                   'what was broken is mended again')
                self.sleep(0.3)
        finally:
            looking.close()

    def _from(self, where, facts):
        """The cluster as it is seen from the lab host, with what the mon's container has."""
        root = Daemons(facts['container']).root()
        # The addresses in it hold everywhere; the keyring's path does not.
        return cluster.Cluster(dict(
            self.params, via=where, container=None, conf=root + self.params['conf'],
            keyring=root + (self.params['keyring'] or '/etc/ceph/ceph.%s.keyring' % self.params['client_name'])))

    def await_health(self, facts):
        """Wait until the cluster is as it was before, and stays so: after how many seconds it was.

        :raises AioError: it is not, within the deadline.
        """
        self.ceph.close()
        end = self.params['deadline'] + self.now()
        start = self.now()
        self._await(facts['planned'], end, 0.0)
        # A mon that comes back says what it knew before. What a manager answers is of today: the question waits for it.
        (answer,) = self.ceph.ask([observation.question('pg stat')], max(1.0, end - self.now()))
        answer.check()
        self._await(facts['planned'], end, PEACE)
        return round(max(0.0, self.now() - start - PEACE), 1)

    def _await(self, planned, end, peace):
        params = dict(
            self.params, health='HEALTH_OK', osds=None, osds_up=planned['osds']['up'], osds_in=planned['osds']['in'], quorum=None,
            pools=planned['pools'], pgs_clean=True, mgr=planned['mgr'], interval=0.5, stable_for=peace, stalled_after=0.0,
            deadline=max(1.0, end - self.now()))
        waiting = Waiting(params, observation.Observer(self.ceph, ceph_conditions.parts(params)).observe, self.now, self.sleep, self.is_heard)
        waiting.wait()
        if waiting.unmet:
            raise AioError('the cluster did not become healthy again', waiting.seen['container'], '%s (after %g s)' % (
                '; '.join(waiting.unmet), waiting.seconds), waiting.seen['remedy'] or 'look with the status playbook; or reset')


def unnoticed(wanted, seen, planned):
    """Why what is seen is not yet what a drill wants to be seen; an empty text where it is."""
    if seen['state'] != wanted['state']:
        return 'the state is %s, not %s%s' % (seen['state'], wanted['state'], '; ' + seen['reason'] if seen['reason'] else '')
    there = ceph_conditions.codes(seen)
    lacking = [code for code in wanted['codes'] if code not in there]
    if lacking:
        return 'the codes are %s, %s is not among them' % (', '.join(there) or 'none', ', '.join(lacking))
    lost = wanted.get('lost')
    if lost and seen['osds'][lost] != planned['osds'][lost] - 1:
        return '%d OSDs are %s, not %d' % (seen['osds'][lost], lost, planned['osds'][lost] - 1)
    return ''
