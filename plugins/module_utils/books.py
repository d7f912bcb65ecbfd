# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The baseline and the ledger of a lab host, and the look that keeps them up to date."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import contextlib
import copy
import glob
import os
import time

from ansible.module_utils.common.text.converters import to_native
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import account, ages, clock, kept, process, traces
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.merging import Merger
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import Baseline, Ledger, State

GRACE = 600  # seconds that a build may have gone on after its last sign: between two steps it gives none
ARGUMENTS = 500  # paths of one command line
UNITS = '/etc/systemd/system/'
ENABLED = '/var/lib/systemd/deb-systemd-helper-enabled'  # what packages enabled there
ENABLED_BY = 'enabled by its package'  # of a link: in place of the package's name, which is not known


def native(value):
    """The value with all text in it as Python calls its strings: Python 2 cannot hold a name of a file against one of a record else."""
    if isinstance(value, dict):
        return dict((native(key), native(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return [native(item) for item in value]
    return to_native(value, nonstring='passthru')


class Books(object):
    """Use within open(): nobody else changes the records meanwhile.

    :param places: teardown of the series' facts.
    :param dry: leave the records as they are.
    """

    def __init__(self, directory, places, inventory, dry=False):
        self.baseline, self.ledger, self.state = Baseline(directory), Ledger(directory), State(directory)
        self.places = native(places)
        self.inventory = inventory
        self.dry = dry
        self.store = kept.Store(directory, dry)
        self.account = None
        self.before = None
        self.steps = {}

    @contextlib.contextmanager
    def open(self):
        with self.unlocked() if self.dry else self.ledger.locked():
            book, made, self.steps = native(self.baseline.load()), native(self.ledger.load()), self.state.steps()
            self.before = copy.deepcopy((book, made))
            self.account = account.Account(book, made, Merger(self.store))
            yield self

    @contextlib.contextmanager
    def unlocked(self):
        yield

    @property
    def is_new(self):
        """Whether there is no baseline yet."""
        return not self.account.book

    @property
    def late(self):
        return bool(self.account.book.get('late'))

    @property
    def made(self):
        return self.account.made

    def observe(self):
        known = self.account.book.get('seen', {}).get('paths')
        return native(traces.observe(self.places, self.inventory, known, self.store))

    def look(self, begins=False):
        """Look at the lab host and take it into account.

        :param begins: no build goes on; one that is open was killed.
        """
        try:
            self._look(begins)
        except (IOError, OSError) as error:
            raise AioError('the lab host cannot be looked at', getattr(error, 'filename', None) or '', str(error),
                           'correct that, and run again')

    def _look(self, begins):
        own = self.account
        if self.is_new:
            own.begin(self.observe(), account.merge_places({}, self.places), late=bool(self.steps))
        else:
            self.places = account.merge_places(own.book['places'], self.places)
            seen = self.observe()
            if self.places != own.book['places']:
                own.widen(seen, self.places)
            own.take(seen, ages.Ages(self._last_sign() + GRACE).is_late if begins and own.book['open'] else None)
        own.book['looked'] = time.time()
        self._find_owners()

    def _last_sign(self):
        """The last moment at which the build is known to have gone on, in seconds since 1970."""
        signs = [self.account.book.get('looked', 0)]
        signs += [os.stat(log).st_mtime for log in glob.glob(os.path.join(self.ledger.directory, 'logs', '*'))]
        for step in self.steps.values():
            signs += [clock.seconds(step[mark]) for mark in ('started', 'finished') if step.get(mark)]
        return max(signs)

    def _find_owners(self):
        """Note which of our paths belong to packages that were installed for us: those go with their package."""
        if not self.made.get('packages'):
            return
        fresh = [(name, facts) for kind in ('paths', 'files') for name, facts in self.made.get(kind, {}).items() if 'looked' not in facts]
        found = {}
        for start in range(0, len(fresh), ARGUMENTS):
            found.update(owners([name for name, _facts in fresh[start:start + ARGUMENTS]]))
        for name, facts in fresh:
            facts['looked'] = True
            if found.get(name) in self.made['packages']:
                facts['package'] = found[name]
            elif name.startswith(UNITS) and os.path.lexists(os.path.join(ENABLED, name[len(UNITS):])):
                facts['package'] = ENABLED_BY

    def save(self):
        """The baseline first: what is not in the ledger then is found again by the next look."""
        if self.dry:
            return
        if self.account.book != self.before[0]:
            self.baseline.save(self.account.book)
        if self.made != self.before[1]:
            self.ledger.save(self.made)


def owners(paths):
    """Path → package, for those that one package of dpkg has."""
    try:
        said = process.run(['dpkg-query', '--search'] + paths, traces.LOOK)
    except OSError:
        return {}  # no dpkg
    found = {}
    for line in to_native(said.stdout).splitlines():  # it fails where a path has no package
        names, _separator, path = line.partition(': ')
        if ', ' not in names and not line.startswith('diversion'):
            found[path] = names
    return found
