# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Golden states of the Ceph environment: take one, bring it back.

The mon in a snapshot knows that its OSDs are down and that nothing is known of the placement groups since then: a cluster that
has come back is healthy only when all have reported anew.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import contextlib
import os
import re
import time

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import (
    admin_socket, ceph_conditions, clock, containers, daemons, host, loops, observation, places, process, snapshots, state, traces,
    tree_copy, unfinished)
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.daemons import Daemons, kind_of
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.hurry import Hurry
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.waiting import Waiting

TREES = ('/etc/ceph', '/var/lib/ceph')
RESERVE = 64 << 20  # bytes that stay free
LET_GO = 30.0  # seconds until the mon has noticed that all OSDs are down
UNSAID = 1.0  # seconds after which the mon is told so
FORGET = 5.0  # seconds after which a manager that takes their placement groups for clean all the same begins anew
MON_START = 20.0  # seconds until a mon leads
FSID = re.compile(r'^\s*fsid\s*=\s*([0-9a-f-]{36})\s*$', re.M)


class Clock(object):
    """Where the seconds go."""

    def __init__(self, now=process.now):
        self.now = now
        self.seconds = []

    @contextlib.contextmanager
    def part(self, name):
        start = self.now()
        try:
            yield
        finally:
            self.seconds.append({'part': name, 'seconds': round(self.now() - start, 2)})


class Nudge(object):
    """What is done about a state that lasts, once.

    :param patience: how long it may last by itself, in seconds.
    """

    def __init__(self, patience, act):
        self.patience = patience
        self.act = act
        self.since = None
        self.given = False

    def look(self, lasts, *arguments):
        """:param lasts: whether the state is there; arguments are for act."""
        if not lasts or self.given:
            return
        now = process.now()
        self.since = now if self.since is None else self.since
        if now - self.since > self.patience:
            self.given = True
            self.act(*arguments)


def mon_containers(params):
    """The names of the containers that mons run in; an empty name stands for the lab host itself."""
    return [place.container for place in places.find(params, process.now() + containers.LXC_TIMEOUT)]


class Snapshot(object):
    """One golden state.

    :param ceph: cluster.Cluster.
    :param params: a module's parameters: name, directory, deadline and cluster.ACCESS_ARGUMENTS.
    """

    def __init__(self, ceph, params, ledger=None, taking=None, resetting=None):
        self.ceph = ceph
        self.params = params
        self.directory = params['directory']
        self.name = snapshots.check_name(params['name'])
        self.path = os.path.join(self.directory, self.name)
        self.ledger = ledger or state.Ledger()
        self.taking = taking or unfinished.Taking()
        self.resetting = resetting or unfinished.Resetting()
        self.clock = Clock()
        self.waiting = None
        self._daemons = {}
        self.hurry = Hurry()

    def there(self, place):
        """The daemons of a place of the manifest."""
        return self._daemons.setdefault(place['container'], Daemons(place['container']))

    def root_path(self, place, path):
        """A path in a place as the lab host sees it."""
        there = os.path.join(self.there(place).root(), path.lstrip('/'))
        if os.path.islink(there):
            raise AioError('a folder of Ceph is a link', there, 'it leads to %s' % os.readlink(there),
                           'put a folder in its place; only such are kept and brought back')
        return there

    # Taking one

    def look(self):
        """What would be kept, as a manifest.

        :raises AioError: the cluster is not one to be kept.
        """
        unfinished.check_not_resetting(self.resetting)
        seen = observation.Observer(self.ceph, ('health', 'mons', 'mgr', 'osds', 'pools', 'pgs')).observe(self.params['timeout'])
        if seen['missing']:
            raise AioError('the cluster cannot be asked', seen['container'], '; '.join(
                [seen['reason']] * bool(seen['reason']) or [missing['reason'] for missing in seen['missing']]),
                seen['remedy'] or 'see that it answers: the status playbook')
        if not self.params['unhealthy'] and not ceph_conditions.is_well(seen, self.params['accept']):
            raise AioError('the cluster is not healthy, so its state is none to go back to', seen['container'],
                           '%s: %s' % (seen['health']['status'], seen['reason']),
                           'mend it and wait for HEALTH_OK; where a check does not count, name its code: snapshot_accept (accept of the module); '
                           'or keep it as it is: snapshot_unhealthy=true (unhealthy)')
        images, mounts = loops.observe()
        if not images:
            raise AioError('there is no OSD to keep', loops.OSDS, 'nothing there lives in an image file', 'run the site playbook')
        return {
            'name': self.name, 'fsid': seen['fsid'], 'version': seen.get('version', ''), 'container': seen['container'],
            'health': seen['health']['status'], 'codes': ceph_conditions.codes(seen),
            'osds': seen['osds'], 'quorum': len(seen['mons']['quorum']), 'mgr': bool(seen['mgr']['available']),
            'clean': seen['pgs']['clean'] == seen['pgs']['total'],
            'pools': [{'name': pool['name'], 'pg_num': pool['pg_num']} for pool in seen['pools']],
            'images': images, 'mounts': mounts, 'places': self._places(mon_containers(self.params)),
        }

    def _places(self, names):
        found = []
        for name in [''] + [name for name in names if name]:
            there = Daemons(name)
            units = sorted(unit for unit, active in there.units().items() if active == 'active')
            found.append({'container': name, 'units': units, 'enabled': there.enabled(units)})
        return found

    def needed(self, manifest):
        """Bytes that taking it needs, where blocks are not shared."""
        return sum(tree_copy.allocated(image['path']) for image in manifest['images']) + sum(
            tree_copy.allocated(self.root_path(place, path)) for place in manifest['places'] for path in TREES
            if os.path.isdir(self.root_path(place, path)))

    def check_space(self, bytes_needed):
        """:raises AioError: the file system of the snapshots has not so much."""
        free = snapshots.free_bytes(self.directory)
        if bytes_needed + RESERVE > free:
            raise AioError('there is not enough space', self.directory, 'it takes %d MiB, %d MiB to spare among them, and %d MiB are free' % (
                (bytes_needed + RESERVE) >> 20, RESERVE >> 20, free >> 20),
                'make room on that file system, for example remove another snapshot')

    def take(self, manifest):
        """Take it. Its daemons run again in the end, whatever happens; where we are killed, by unfinished.settle()."""
        partial = self.path + '.new'
        # First, so that what is made is known even where we are killed.
        ours = not os.path.isdir(self.directory) or snapshots.in_folder_of_ours(self.path, self.ledger)
        self.ledger.add(snapshots.KIND, self.path, folder_is_ours=ours)
        if os.path.isdir(partial):
            tree_copy.remove(partial)
        if not os.path.isdir(self.directory):  # one that is there may be of others, too: its mode stays
            os.makedirs(self.directory, 0o700)
        os.mkdir(partial, 0o700)
        self.taking.save({'path': self.path, 'places': manifest['places'], 'mounts': manifest['mounts']})
        try:
            with self.clock.part('stop the daemons'):
                self._let_go(manifest)
            with self.clock.part('copy'):
                self._copy(manifest, partial)
        except BaseException:
            self.hurry.end()
            unfinished.settle(self.taking, self.ledger)
            raise
        with self.clock.part('start the daemons'):
            self.hurry = Hurry()  # whom that was told has ended
            self._bring_up(manifest)
        manifest['taken'] = clock.utc()
        snapshots.Manifest(partial).save(manifest)
        with self.clock.part('write it to the disk'):
            daemons.checked(['sync', '--file-system', partial], self.params['deadline'])
        self._put_in_place(partial)
        self.taking.clear()

    def _put_in_place(self, partial):
        old = self.path + '.old'
        if os.path.isdir(self.path):
            os.rename(self.path, old)
        os.rename(partial, self.path)
        if os.path.isdir(old):
            tree_copy.remove(old)

    def _let_go(self, manifest):
        """Stop all daemons, the mons last: they must have noticed that the others are down."""
        self._let_hurry(manifest)
        for place in manifest['places']:
            self.there(place).stop([unit for unit in place['units'] if kind_of(unit) not in ('mon', 'mgr')])
        self._await_down(manifest)
        for place in manifest['places']:
            self.there(place).stop([unit for unit in place['units'] if kind_of(unit) in ('mon', 'mgr')])
        self.ceph.close()
        for mount in manifest['mounts']:
            daemons.checked(['umount', mount['target']])

    def _await_down(self, manifest):
        observer = observation.Observer(self.ceph, ('osds', 'pgs'))
        end = process.now() + LET_GO
        telling, renewing = Nudge(UNSAID, self._say_that_they_are_down), Nudge(FORGET, self._renew_managers)
        while True:
            seen = observer.observe(max(0.1, min(self.params['timeout'], end - process.now())))
            if 'osds' in seen and 'pgs' in seen:
                if not seen['osds']['up'] and not seen['pgs']['clean']:
                    return
                telling.look(seen['osds']['up'] > 0, seen['osds']['total'])
                renewing.look(seen['osds']['up'] == 0, manifest)
            if process.now() > end:
                state = '%d OSDs are up, %d placement groups are clean' % (seen['osds']['up'], seen['pgs']['clean']) if 'pgs' in seen else ''
                raise AioError('the mon does not notice that the OSDs are down', seen['container'],
                               '; '.join(filter(None, [state, seen['reason']])), 'try again; the daemons run again')
            if renewing.given:
                self._let_hurry(manifest)
            time.sleep(0.1)

    def _say_that_they_are_down(self, osds):
        """Those whose peers went first: nobody is left to say it."""
        self.ceph.ask([{'prefix': 'osd down', 'ids': [str(number) for number in range(osds)]}], self.params['timeout'])

    def _renew_managers(self, manifest):
        """What an OSD said last may have come after that it is down: a manager that begins anew knows nothing of it."""
        for place in manifest['places']:
            units = [unit for unit in place['units'] if kind_of(unit) == 'mgr']
            self.there(place).stop(units)
            self.there(place).start(units)
        self.hurry.forget(self._sockets(manifest, 'mgr'))

    def _copy(self, manifest, folder):
        for number, image in enumerate(manifest['images']):
            if image['device']:
                loops.flush(image['device'])
            tree_copy.copy_file(image['path'], snapshots.image_copy(folder, number))
        for number, place in enumerate(manifest['places']):
            place['trees'] = [path for path in TREES if tree_copy.is_folder(self.root_path(place, path))]
            for path in place['trees']:
                tree_copy.mirror(self.root_path(place, path), snapshots.tree_of(folder, number, path))
            if place['container']:
                tree_copy.copy_file(configuration(place), snapshots.tree_of(folder, number, 'config'))

    # Bringing it back

    def check_identity(self, manifest):
        """:raises AioError: the environment was rebuilt since, so that the snapshot is of another one."""
        problems = []
        for image in manifest['images']:
            there = loops.identity(image['path'])
            if there is None:
                problems.append('%s is gone' % image['path'])
            elif there['inode'] != image['inode'] or there['born'] != image['born']:
                problems.append('%s is another file' % image['path'])
        for place in manifest['places']:
            name = place['container']
            if name and containers.lxc_state(name) is None:
                problems.append('there is no container %s' % name)
        known = FSID.search(host.read('/etc/ceph/ceph.conf'))
        if known and known.group(1) != manifest['fsid']:
            problems.append('/etc/ceph/ceph.conf has the fsid %s, not %s' % (known.group(1), manifest['fsid']))
        if problems:
            raise AioError('the environment was rebuilt since the snapshot was taken', self.path, '; '.join(problems),
                           'take another snapshot; ' + unfinished.ANEW)

    def growth(self, manifest):
        """Bytes that bringing it back adds to the images, where blocks are not shared."""
        return sum(max(0, tree_copy.allocated(snapshots.image_copy(self.path, number)) - tree_copy.allocated(image['path']))
                   for number, image in enumerate(manifest['images']))

    def reset(self, manifest):
        """Bring it back, from whatever there is."""
        self.resetting.save({'name': self.name, 'started': clock.utc()})
        with self.clock.part('let the containers run'):
            for number, place in enumerate(manifest['places']):
                if place['container']:
                    self.there(place).run(again=self._configure(number, place))
        with self.clock.part('kill the daemons'):
            for place in manifest['places']:
                there = self.there(place)
                there.kill(sorted(there.units()))
            mounted = traces.mounts()
            for mount in manifest['mounts']:
                if mount['target'] in mounted:
                    daemons.checked(['umount', mount['target']])
        with self.clock.part('bring back the files'):
            for number, place in enumerate(manifest['places']):
                for path in place['trees']:
                    tree_copy.mirror(snapshots.tree_of(self.path, number, path), self.root_path(place, path))
        with self.clock.part('start the mon'):
            self._start(manifest, ('mon', 'mgr'))  # a manager loads its modules for seconds
        with self.clock.part('bring back the images'):
            for number, image in enumerate(manifest['images']):
                device = loops.attach(image)
                loops.flush(device)
                tree_copy.copy_file(snapshots.image_copy(self.path, number), image['path'])
                loops.flush(device)
        with self.clock.part('start the others'):
            self._bring_up(manifest)
        self.resetting.clear()
        self.taking.clear()  # what an interrupted snapshot had stopped runs again

    def _configure(self, number, place):
        """Put the container's configuration back; whether it was another."""
        with open(snapshots.tree_of(self.path, number, 'config'), 'rb') as stream:
            wanted = stream.read()
        with open(configuration(place), 'rb') as stream:
            if stream.read() == wanted:
                return False
        tree_copy.copy_file(snapshots.tree_of(self.path, number, 'config'), configuration(place))
        return True

    def _start(self, manifest, kinds):
        for place in manifest['places']:
            there = self.there(place)
            units = [unit for unit in place['units'] if kind_of(unit) in kinds]
            there.enable([unit for unit in units if unit in place['enabled']])
            there.start(units)

    def _bring_up(self, manifest):
        """Mount what was mounted, and start all daemons, the mons first: who does not find one waits for seconds; a manager looks for it late."""
        loops.mount_all(manifest['mounts'])
        self._start(manifest, ('mon', 'mgr'))
        end = process.now() + MON_START
        while not self._leads(manifest) and process.now() < end:  # where none leads, the wait that follows says why
            time.sleep(0.05)
        self._start(manifest, ('osd', 'mds', 'radosgw'))

    def _leads(self, manifest):
        """Whether a mon has found a quorum."""
        for path in self._sockets(manifest, 'mon'):
            try:
                if admin_socket.ask(path, {'prefix': 'mon_status', 'format': 'json'}).get('state') in ('leader', 'peon'):
                    return True
            except (IOError, OSError, ValueError):
                pass  # not yet
        return False

    # Waiting

    def await_golden(self, manifest):
        """Wait until the cluster is as it was.

        :raises AioError: it is not, within the deadline.
        """
        params = dict(
            self.params, health='HEALTH_OK', accept=manifest['codes'] + self.params['accept'], osds=None, osds_up=manifest['osds']['up'],
            osds_in=manifest['osds']['in'], quorum=manifest['quorum'], pools=manifest['pools'], pgs_clean=manifest['clean'],
            mgr=manifest['mgr'], interval=0.2, stable_for=0.0, stalled_after=0.0)
        with self.clock.part('wait for %s' % manifest['health']):
            observer = observation.Observer(self.ceph, ceph_conditions.parts(params))

            def observe(timeout):
                self._let_hurry(manifest)
                return observer.observe(timeout)

            self.waiting = Waiting(params, observe)
            try:
                self.waiting.wait()
            finally:
                self.hurry.end()
        if self.waiting.unmet:
            raise AioError('the cluster is not as it was', self.waiting.seen['container'], '%s (after %g s)' % (
                '; '.join(self.waiting.unmet), self.waiting.seconds),
                self.waiting.seen['remedy'] or 'look with the status playbook, or wait and look again')

    def _let_hurry(self, manifest):
        self.hurry.begin(lambda kind: self._sockets(manifest, kind))

    def _sockets(self, manifest, kind):
        return [path for place in manifest['places'] for path in admin_socket.find(self.there(place).root(), kind)]


def configuration(place):
    return os.path.join(containers.LXC, place['container'], 'config')
