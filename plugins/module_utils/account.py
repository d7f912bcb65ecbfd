# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What on a lab host is ours, by observations of it; and in which order it goes. Pure: nothing is looked at or changed here.

Ours is what was not there before (the baseline) and was first seen while a build was open. What was first seen at another
time is foreign, whatever its name; of what is first seen after a build was killed, what came when that was over. Of files
that were there before, the ledger knows how they were and how we left them.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

ABSENT = {'type': 'absent'}
THINGS = ('services', 'containers', 'mounts', 'swaps', 'volume_groups', 'loops', 'links', 'rules', 'packages', 'paths')
VALUES = ('files', 'sysctls')
# What makes a file the same, and a setting.
SAME = {'files': ('type', 'content', 'target', 'size', 'mode', 'uid', 'gid'), 'sysctls': ('value',)}
MARKS = ('whole', 'cache', 'package', 'device', 'inode', 'devices')
LISTS = ('services', 'mounts', 'images', 'volume_groups', 'links', 'rules', 'sysctls')
# How a list of patterns is called in an observation.
SEEN_AS = {'images': ('swaps', 'loops')}


def same(kind, one, other):
    return all(one.get(key) == other.get(key) for key in SAME[kind])


def values_of(kind, observation):
    """The files whose content counts, or the settings, of an observation."""
    if kind == 'sysctls':
        return observation['sysctls']
    return dict((path, entry) for path, entry in observation['paths'].items() if 'mode' in entry or entry['type'] == 'absent')


def merge_places(known, more):
    """All places of two sets; where both have one, the later counts."""
    merged = {'paths': dict(known.get('paths', {}), **more['paths'])}
    for name in LISTS:
        merged[name] = sorted(set(known.get(name, [])) | set(more[name]))
    return merged


def below(path, folder):
    return path == folder or path.startswith(folder.rstrip('/') + '/')


def is_certain(kind, name, facts, paths):
    """Where it is not known how the host was before: what is OpenStack-Ansible's by its name alone.

    :param paths: those that are certain.
    """
    if kind == 'paths':
        return bool(facts.get('alone'))
    if kind == 'loops':
        return name in paths
    return kind == 'services' or (kind == 'containers' and facts['osa'])


class Account(object):
    """The baseline and the ledger, kept up to date by observations.

    :param book: content of the baseline's record; empty where there is none yet.
    :param made: content of the ledger.
    :param merge: merge(current, base, other) of three files' facts: (facts, whether it went well).
    """

    def __init__(self, book, made, merge):
        self.book = book
        self.made = made
        self.merge = merge
        self.news = []
        self.is_late, self.paths = None, {}

    def begin(self, observation, places, late):
        """Take the baseline.

        :param late: an environment was built before; only what is certain by its name is ours then.
        """
        self.book.update({'seen': observation, 'places': places, 'foreign': {}, 'open': False, 'late': late})
        if late:
            for kind in ('paths', 'loops', 'services', 'containers'):
                for name, facts in sorted(observation[kind].items()):
                    if is_certain(kind, name, facts, self.made.get('paths', {})):
                        self._add(kind, name, facts)
                        del observation[kind][name]

    def widen(self, observation, places):
        """Look at more places from now on; what is there already is none of ours."""
        known, seen = self.book['places'], self.book['seen']
        fresh = [path for path, spec in places['paths'].items() if known['paths'].get(path) != spec]
        for path, entry in observation['paths'].items():
            if path not in seen['paths'] and path not in self.made.get('paths', {}) and any(below(path, place) for place in fresh):
                seen['paths'][path] = entry
        for name in LISTS:
            if set(places[name]) != set(known[name]):
                for kind in SEEN_AS.get(name, (name,)):
                    for thing, facts in observation[kind].items():
                        if thing not in self.made.get(kind, {}):
                            seen[kind].setdefault(thing, facts)
        self.book['places'] = places

    def set_open(self, is_open):
        self.book['open'] = is_open

    def take(self, observation, is_late=None):
        """Tell what is new since the last look.

        :param is_late: is_late(kind, name): whether it came when the open build was over; None where one goes on, or none is open.
        """
        self.is_late, self.paths = is_late, observation['paths']
        for kind in THINGS:
            self._things(kind, observation[kind])
        for kind in VALUES:
            self._values(kind, values_of(kind, observation))

    def _is_builds(self, kind, name):
        """Was it the open build that made or changed it? What is OpenStack-Ansible's by its name always."""
        if not self.book['open'] or self.is_late is None:
            return self.book['open']
        where = 'paths' if kind in ('swaps', 'loops') else kind
        return bool(where == 'paths' and self.paths.get(name, {}).get('alone')) or not self.is_late(where, name)

    def _add(self, kind, name, facts):
        if name not in self.made.setdefault(kind, {}):
            self.news.append('%s %s' % (kind, name))
        self.made[kind][name] = dict((mark, facts[mark]) for mark in MARKS if mark in facts)

    def _things(self, kind, now):
        seen, made = self.book['seen'][kind], self.made.get(kind, {})
        foreign = set(self.book['foreign'].get(kind, [])) & set(now)
        for name in sorted(set(now) - set(seen) - set(made) - foreign):
            facts = now[name]
            if facts.get('type') == 'absent' or (kind == 'containers' and not facts['osa']):
                continue
            if facts.get('always') or self._is_builds(kind, name):
                self._add(kind, name, facts)
            else:
                foreign.add(name)
        # An image is made before its loop device is bound, or bound again.
        for name in set(now) & set(self.made.get('loops', {})) if kind == 'loops' else ():
            devices = set(self.made[kind][name].get('devices', [])) | set(now[name].get('devices', []))
            self.made[kind][name] = dict(now[name], devices=sorted(devices))
        self.book['foreign'][kind] = sorted(foreign)

    def _values(self, kind, now):
        seen = values_of(kind, self.book['seen'])
        base = self.book['seen']['sysctls' if kind == 'sysctls' else 'paths']
        for name in sorted(seen):
            facts, known = now.get(name, ABSENT), self.made.get(kind, {}).get(name)
            if same(kind, facts, known['after'] if known else seen[name]):
                continue
            if self._is_builds(kind, name):
                self.made.setdefault(kind, {})[name] = {'before': known['before'] if known else seen[name], 'after': facts}
                self.news.append('%s %s' % (kind, name))
            elif known:
                if not same(kind, facts, known['before']):  # put back, by whom ever
                    self._rebase(kind, known, facts)
            else:
                base[name] = facts  # somebody else's change: it stays
                if self.book['open']:  # and may have ours below it
                    self.book['foreign'][kind] = sorted(set(self.book['foreign'].get(kind, [])) | set([name]))

    def _rebase(self, kind, known, facts):
        """Somebody changed what we had changed: their change is to stay, ours is to go."""
        if kind == 'files':
            merged, clean = self.merge(known['before'], known['after'], facts)
        else:
            merged, clean = facts, True
        known.update({'before': merged, 'after': facts})
        if not clean:
            known['conflict'] = True

    def lost(self):
        """What cannot be told, where the baseline was taken late: it stays, and is named."""
        if not self.book.get('late'):
            return []
        seen = self.book['seen']
        named = ['%s %s' % (kind, name) for kind in ('mounts', 'swaps', 'volume_groups', 'links', 'rules') for name in seen[kind]]
        named += ['files %s (its former content)' % path for path, entry in seen['paths'].items()
                  if self.book['places']['paths'].get(path, {}).get('is') == 'shared' and entry['type'] != 'absent']
        named += ['paths %s' % path for path, entry in seen['paths'].items()
                  if entry['type'] not in ('absent', 'folder') and self.book['places']['paths'].get(path, {}).get('is') != 'shared']
        return sorted(named) + ['packages (which of them were installed for it)']


def is_kept(kind, facts, keep):
    """Whether it stays where caches are kept."""
    return 'caches' in keep and (kind in ('packages', 'caches') or bool(facts.get('cache')) or 'package' in facts)


def plan(made, keep):
    """What is to be done, in the order of what depends on what: a list of (kind, name, facts)."""
    steps = []
    for kind in ('services', 'containers', 'mounts', 'swaps', 'volume_groups', 'loops', 'links', 'rules', 'snapshot', 'paths', 'caches',
                 'files', 'sysctls', 'packages'):
        named = [(kind, name, facts) for name, facts in made.get(kind, {}).items() if not is_kept(kind, facts, keep)]
        # What lies below goes first: a mount, and what is in a folder.
        steps += sorted(named, key=lambda step: (-step[1].count('/'), step[1])) if kind in ('mounts', 'paths') else sorted(
            named, key=lambda step: step[1])
    return steps


def what_stays(made, keep):
    """The ledger of what is kept."""
    stays = {}
    for kind, named in made.items():
        for name, facts in named.items():
            if is_kept(kind, facts, keep):
                stays.setdefault(kind, {})[name] = facts
    return stays
