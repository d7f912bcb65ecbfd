# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take the environment off a lab host by its ledger, and see that nothing of it is left."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import account, removal, traces
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.books import ENABLED_BY
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.removal import NotRemoved

UNITS = ('/etc/systemd/', '/lib/systemd/', '/usr/lib/systemd/')
ROUNDS = 2  # daemons that end may still write a log
# What stays in the state folder as long as it stays itself. The lock is the run's, the lease a person's.
LOCKS = ('lock', 'records.lock')
OURS = ('ledger.json', 'baseline.json', 'kept')
LEASE = ('lease.json',)


def title(kind, name):
    return '%s %s' % (kind, name)


class Teardown(object):
    """Use within books.open().

    :ivar left: what should have gone and has not: title → reason.
    """

    def __init__(self, books, keep):
        self.books = books
        self.keep = keep
        self.remover = removal.Remover(books.store)
        self.left = {}
        self._removed = []
        self._stays = {}
        self._unpurged = []

    def run(self):
        if not self.books.is_new or self.books.steps:
            self.books.look(begins=True)
            self.books.account.set_open(False)
        steps = self._plan()
        if self.books.dry:
            self._removed = [title(*step[:2]) for step in steps]
            return
        self.books.save()
        self._forget_what_was_built()
        for _round in range(ROUNDS):
            self._remove(steps)
            seen = self._look_again()
            steps = [step for step in self._plan() if self._is_there(seen, *step)]
            if not steps:
                break
        self._judge(steps)
        self._keep_books(steps)

    def _plan(self):
        return account.plan(self.books.made, self.keep)

    def _look_again(self):
        """Only what is ours whenever it comes is added: nothing is built any more."""
        if self.books.is_new:
            return None
        seen = self.books.observe()
        self.books.account.take(seen)
        return seen

    def _forget_what_was_built(self):
        """The steps, and what was begun with their work and not ended: a drill, a snapshot, a reset."""
        folder = os.path.dirname(self.books.state.path)
        for path in [os.path.join(folder, name + '.json') for name in ('state', 'drill', 'snapshot', 'reset')]:
            if os.path.exists(path):
                os.unlink(path)

    def _remove(self, steps):
        failures, self._stays, self._unpurged = {}, {}, []
        self._stop([name for kind, name, _facts in steps if kind == 'services'], failures)
        for kind, name, facts in steps:
            if kind not in ('services', 'packages') and 'package' not in facts:
                self._try(failures, kind, name, self.remover.remove, kind, name, facts)
        here = self._uninstall([name for kind, name, _facts in steps if kind == 'packages'], failures)
        # What a package had brought is gone with it, but for its configuration and what has changed since; what it shares
        # with others can be empty now.
        for kind, name, facts in steps:
            if (kind == 'paths' or 'package' in facts) and title(kind, name) not in failures:
                if self._is_needed(name, facts, here):
                    self._stays[title(kind, name)] = 'it belongs to a package that stays (%s)' % facts['package']
                else:
                    self._try(failures, kind, name, self.remover.remove, kind, name, facts)
        if any(kind in ('paths', 'files') and name.startswith(UNITS) for kind, name, _facts in steps):
            self._try(failures, 'services', 'systemd', self.remover.reload)
        self._purge_leftovers(failures)
        self.left = failures

    def _is_needed(self, name, facts, here):
        """Does it belong to a package that is still there? Of a link that one enabled it is not known of which: it leads there."""
        if facts.get('package') == ENABLED_BY:
            return bool(here) and os.path.exists(name)
        return 'package' in facts and facts['package'].partition(':')[0] in here

    def _try(self, failures, kind, name, do, *arguments):
        try:
            do(*arguments)
        except NotRemoved as error:
            failures[title(kind, name)] = str(error)

    def _stop(self, names, failures):
        if not names:
            return
        try:
            self.remover.stop(names)
        except NotRemoved:
            for name in names:
                self._try(failures, 'services', name, self.remover.remove, 'services', name, {})

    def _uninstall(self, names, failures):
        """The packages that are still there, without the architecture."""
        if not names:
            return set()
        try:
            stay = set(self.remover.uninstall(names))
        except NotRemoved as error:
            failures.update((title('packages', name), str(error)) for name in names)
            return set(name.partition(':')[0] for name in names)
        for name in names:
            if name.partition(':')[0] in stay:
                self._stays[title('packages', name)] = 'others depend on it'
        return stay

    def _purge_leftovers(self, failures):
        """Also of packages that an earlier, interrupted teardown removed."""
        names = [name for kind, name, _facts in self._plan() if kind == 'packages']
        places = dict((place, spec) for place, spec in self.books.places['paths'].items() if spec['is'] != 'none')
        try:
            reasons = self.remover.purge_leftovers(names, places) if names else {}
        except NotRemoved as error:
            self._unpurged = names
            failures.update((title('packages', name), str(error)) for name in names)
            return
        self._stays.update((title('packages', name), reason) for name, reason in reasons.items())

    def _is_there(self, seen, kind, name, facts):
        if kind in ('paths', 'caches', 'snapshot'):
            return os.path.lexists(name)
        if kind == 'loops':
            return bool(traces.bound_to(name, facts))
        if seen is None:
            return False
        if kind in account.VALUES:
            return not account.same(kind, account.values_of(kind, seen).get(name, account.ABSENT), facts['before'])
        return name in seen[kind] or (kind == 'packages' and name in self._unpurged)

    def _judge(self, steps):
        """What is still there: because of others, or for no good reason."""
        reasons, self.left = self.left, {}
        for kind, name, facts in steps:
            named = title(kind, name)
            if named in self._stays:
                continue
            if kind == 'files' and facts.get('conflict'):
                self._stays[named] = reasons.get(named, removal.CONFLICT)  # none where it came since
            elif kind == 'paths' and os.path.isdir(name) and not os.path.islink(name) and not facts.get('whole'):
                self._judge_folder(name, steps)
            else:
                self.left[named] = reasons.get(named, 'it is still there, or there again')
        for named in sorted(set(reasons) - set(self.left) - set(self._stays)):
            if named == title('services', 'systemd'):
                self.left[named] = reasons[named]
        done = set(title(*step[:2]) for step in steps)
        self._removed = [title(*step[:2]) for step in self._plan() if title(*step[:2]) not in done]

    def _judge_folder(self, name, steps):
        """A folder of ours that is not empty: what is in it is kept, left for a reason of its own, or of others."""
        known = set(step[1] for step in steps if step[0] in ('paths', 'caches', 'snapshot'))
        for facts in account.what_stays(self.books.made, self.keep).values():
            known.update(facts)
        others = [entry for entry in sorted(os.listdir(name)) if not any(account.below(path, os.path.join(name, entry)) for path in known)]
        if others:
            self._stays[title('paths', name)] = 'others have in it: %s' % ', '.join(others)

    def _keep_books(self, steps):
        """What is left or kept stays in the ledger; where there is nothing, no record stays either."""
        made = account.what_stays(self.books.made, self.keep)
        with_others = self._stays if made or self.left else {}
        for kind, name, facts in steps:
            if title(kind, name) in self.left or title(kind, name) in with_others:
                made.setdefault(kind, {})[name] = facts
        self._kept = sorted(title(kind, name) for kind, named in account.what_stays(self.books.made, self.keep).items() for name in named)
        self.books.made.clear()
        self.books.made.update(made)
        folder = self.books.ledger.directory
        stay = LOCKS
        if made:
            self.books.save()
            stay += OURS + LEASE
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            if name not in stay:
                try:
                    removal.remove_tree(os.path.join(folder, name))
                except NotRemoved as error:
                    self.left[title('paths', os.path.join(folder, name))] = str(error)

    def results(self):
        book = self.books.account.book
        foreign = [title(kind, name) for kind, names in book.get('foreign', {}).items() for name in names]
        results = {
            'removed': self._removed, 'kept': getattr(self, '_kept', sorted(
                title(kind, name) for kind, named in account.what_stays(self.books.made, self.keep).items() for name in named)),
            'stays': ['%s: %s' % pair for pair in sorted(self._stays.items())], 'foreign': sorted(foreign),
            'untold': self.books.account.lost() if book else []}
        if self.left:
            results['left'] = ['%s: %s' % pair for pair in sorted(self.left.items())]
        return results
