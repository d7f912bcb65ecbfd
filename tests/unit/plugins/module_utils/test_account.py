# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import copy

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import account

ABSENT = account.ABSENT
PLACES = dict({'paths': {'/o': {'is': 'folder'}}}, **dict((name, []) for name in account.LISTS))
FILE = {'type': 'file'}


def text(content, mode=0o644):
    return {'type': 'file', 'content': content, 'mode': mode, 'uid': 0, 'gid': 0}


def look(**kinds):
    """An observation with nothing in it but this."""
    seen = dict((kind, {}) for kind in account.THINGS + ('sysctls',))
    seen.update(kinds)
    return seen


def no_merge(*_facts):
    pytest.fail('nothing is to be merged')


class Host(object):
    """A baseline, and looks at what came later."""

    def __init__(self, seen, merge=no_merge, late=False, made=None):
        self.book, self.made = {}, made or {}
        self.merge = merge
        self.own().begin(copy.deepcopy(seen), PLACES, late)

    def own(self):
        return account.Account(self.book, self.made, self.merge)

    def take(self, seen, is_open, is_late=None):
        own = self.own()
        own.set_open(is_open)
        own.take(copy.deepcopy(seen), is_late)
        return own.news


THINGS = [(kind, '/o/x' if kind == 'paths' else 'x') for kind in account.THINGS]
FACTS = {'paths': FILE, 'containers': {'osa': True}, 'packages': {'version': '1'}, 'loops': {'device': 1, 'inode': 2, 'devices': []}}


@pytest.mark.parametrize('kind, name', THINGS)
def test_new_while_a_build_is_open_is_ours(kind, name):
    host = Host(look())
    seen = look(**{kind: {name: FACTS.get(kind, {})}})
    assert host.take(seen, True) == ['%s %s' % (kind, name)]
    assert list(host.made[kind]) == [name]
    assert host.take(seen, True) == [] and host.take(seen, False) == []
    assert list(host.made[kind]) == [name]


@pytest.mark.parametrize('kind, name', THINGS)
def test_new_at_another_time_is_foreign_and_stays_so(kind, name):
    host = Host(look())
    seen = look(**{kind: {name: FACTS.get(kind, {})}})
    assert host.take(seen, False) == [] and host.take(seen, True) == []
    assert host.made == {}


@pytest.mark.parametrize('kind, name', THINGS)
def test_what_was_there_before_is_none_of_ours(kind, name):
    seen = look(**{kind: {name: FACTS.get(kind, {})}})
    host = Host(seen)
    assert host.take(look(), True) == []  # gone for a while
    assert host.take(seen, True) == []
    assert host.made == {}


def test_foreign_that_went_and_is_made_by_us_is_ours():
    host = Host(look())
    host.take(look(paths={'/o/x': FILE}), False)
    host.take(look(), False)
    assert host.take(look(paths={'/o/x': FILE}), True) == ['paths /o/x']


def test_ours_that_went_and_came_back_is_ours():
    """A loop device is detached, a file removed by a drill and put back by reset."""
    host = Host(look())
    host.take(look(paths={'/o/x': FILE}, loops={'/o/x': {'device': 1, 'inode': 2, 'devices': ['loop5']}}), True)
    host.take(look(), False)
    host.take(look(paths={'/o/x': FILE}, loops={'/o/x': {'device': 1, 'inode': 3, 'devices': ['loop4']}}), False)
    assert host.made == {'paths': {'/o/x': {}}, 'loops': {'/o/x': {'device': 1, 'inode': 3, 'devices': ['loop4', 'loop5']}}}


@pytest.mark.parametrize('kind, name', [('paths', '/o/x'), ('packages', 'x'), ('loops', '/o/x'), ('swaps', '/o/x')])
@pytest.mark.parametrize('late', [False, True])
def test_after_a_build_was_killed_what_came_later_is_foreign(late, kind, name):
    asked = []
    host = Host(look())
    seen = look(**{kind: {name: FACTS.get(kind, {})}})
    assert host.take(seen, True, lambda *what: asked.append(what) or late) == ([] if late else ['%s %s' % (kind, name)])
    assert asked == [('packages' if kind == 'packages' else 'paths', name)]
    assert host.book['foreign'][kind] == ([name] if late else [])
    assert host.take(seen, True) == []  # and stays so


def test_what_is_osas_by_its_name_came_with_the_build_whenever_it_changed():
    seen = look(paths={'/o/i': dict(FILE, alone=True)}, loops={'/o/i': FACTS['loops']})
    assert Host(look()).take(seen, True, lambda *_what: True) == ['loops /o/i', 'paths /o/i']


def test_a_file_that_was_changed_after_a_build_was_killed_stays_and_is_named():
    host = Host(look(paths={'/f': text('1')}))
    assert host.take(look(paths={'/f': text('2')}), True, lambda *what: what == ('files', '/f')) == []
    assert (host.made, host.book['foreign']['files']) == ({}, ['/f'])
    assert host.take(look(paths={'/f': text('3')}), True) == ['files /f']
    assert host.made['files']['/f']['before'] == text('2')


def test_what_is_always_ours_is_so_at_any_time():
    host = Host(look())
    assert host.take(look(paths={'/o/x': dict(FILE, always=True)}), False) == ['paths /o/x']


def test_a_container_that_osa_does_not_know_is_foreign_even_while_a_build_is_open():
    host = Host(look())
    assert host.take(look(containers={'aio1_ceph-mon_container-00000000': {'osa': False}}), True) == []
    assert host.made == {}


def test_a_container_that_osa_comes_to_know():
    host = Host(look())
    host.take(look(containers={'c': {'osa': False}}), True)
    assert host.take(look(containers={'c': {'osa': True}}), True) == ['containers c']


def test_the_ledger_knows_what_removal_wants():
    host = Host(look())
    host.take(look(paths={'/o': {'type': 'folder'}, '/o/x': {'type': 'folder', 'whole': True, 'cache': True, 'alone': True}}), True)
    assert host.made == {'paths': {'/o': {}, '/o/x': {'whole': True, 'cache': True}}}


def test_a_changed_file():
    before, after = text('1'), text('2')
    host = Host(look(paths={'/f': before}))
    assert host.take(look(paths={'/f': after}), True) == ['files /f']
    assert host.made == {'files': {'/f': {'before': before, 'after': after}}}
    host.take(look(paths={'/f': text('3')}), True)
    assert host.made['files']['/f'] == {'before': before, 'after': text('3')}


@pytest.mark.parametrize('after', [text('1', 0o600), ABSENT, {'type': 'link', 'target': 'x', 'mode': 0o777, 'uid': 0, 'gid': 0}])
def test_a_file_that_changed_otherwise(after):
    host = Host(look(paths={'/f': text('1')}))
    assert host.take(look(paths={} if after == ABSENT else {'/f': after}), True) == ['files /f']
    assert host.made['files']['/f']['after'] == after


def test_a_shared_file_that_was_not_there():
    host = Host(look(paths={'/f': ABSENT}))
    assert host.take(look(paths={'/f': ABSENT}), True) == []
    host.take(look(paths={'/f': text('1')}), True)
    assert host.made == {'files': {'/f': {'before': ABSENT, 'after': text('1')}}}


def test_a_file_that_somebody_else_changed_stays_as_it_is():
    host = Host(look(paths={'/f': text('1')}))
    assert host.take(look(paths={'/f': text('2')}), False) == []
    host.take(look(paths={'/f': text('3')}), True)
    assert host.made['files']['/f']['before'] == text('2')


def test_somebody_else_changes_what_we_had_changed():
    def merge(current, base, other):
        assert (current, base, other) == (text('1'), text('2'), text('3'))
        return text('merged'), True

    host = Host(look(paths={'/f': text('1')}), merge)
    host.take(look(paths={'/f': text('2')}), True)
    assert host.take(look(paths={'/f': text('3')}), False) == []
    assert host.made['files']['/f'] == {'before': text('merged'), 'after': text('3')}


def test_what_is_as_it_was_is_not_merged():
    host = Host(look(paths={'/f': text('1')}))
    host.take(look(paths={'/f': text('2')}), True)
    host.take(look(paths={'/f': text('1')}), False)
    assert host.made['files']['/f'] == {'before': text('1'), 'after': text('2')}


def test_what_cannot_be_merged_is_marked():
    host = Host(look(paths={'/f': text('1')}), lambda current, base, other: (current, False))
    host.take(look(paths={'/f': text('2')}), True)
    host.take(look(paths={'/f': text('3')}), False)
    assert host.made['files']['/f'] == {'before': text('1'), 'after': text('3'), 'conflict': True}


def test_a_setting_of_the_kernel():
    host = Host(look(sysctls={'s': {'value': '1'}}))
    host.take(look(sysctls={'s': {'value': '2'}}), True)
    assert host.made == {'sysctls': {'s': {'before': {'value': '1'}, 'after': {'value': '2'}}}}
    host.take(look(sysctls={'s': {'value': '3'}}), False)
    assert host.made['sysctls']['s']['before'] == {'value': '3'}  # theirs counts


def late_host():
    return Host(look(
        paths={'/o': {'type': 'folder', 'alone': True}, '/o/i': dict(FILE, alone=True), '/e': {'type': 'folder'}, '/e/x': FILE,
               '/f': text('1'), '/g': ABSENT},
        loops={'/o/i': {'device': 1, 'inode': 2}, '/e/x': {'device': 1, 'inode': 3}}, services={'s': {}}, links={'l': {}},
        containers={'c': {'osa': True}, 'd': {'osa': False}}, packages={'p': {'version': '1'}}), late=True)


def test_where_something_was_built_before_the_baseline_only_the_certain_is_ours():
    host = late_host()
    assert host.made == {'paths': {'/o': {}, '/o/i': {}}, 'loops': {'/o/i': {'device': 1, 'inode': 2}}, 'services': {'s': {}},
                         'containers': {'c': {}}}
    host.book['places'] = {'paths': {'/f': {'is': 'shared'}, '/g': {'is': 'shared'}}}
    assert host.own().lost() == ['files /f (its former content)', 'links l', 'paths /e/x', 'packages (which of them were installed for it)']


def test_with_a_baseline_of_its_time_all_can_be_told():
    assert Host(look(links={'l': {}})).own().lost() == []


def widened(places, before, now, **options):
    host = Host(before, **options)
    host.own().widen(copy.deepcopy(now), places)
    return host


def test_more_places_than_the_baseline_knew():
    places = copy.deepcopy(PLACES)
    places['paths']['/p'] = {'is': 'folder'}
    now = look(paths={'/p': {'type': 'folder'}, '/p/x': FILE, '/o/y': FILE})
    host = widened(places, look(), now)
    assert host.take(now, True) == ['paths /o/y']
    assert host.book['places'] == places


@pytest.mark.parametrize('name, kind', [('links', 'links'), ('images', 'loops'), ('images', 'swaps')])
def test_more_patterns_than_the_baseline_knew(name, kind):
    places = dict(PLACES, **{name: ['x*']})
    now = look(**{kind: {'x1': {}}})
    host = widened(places, look(), now)
    assert host.take(now, True) == []


def test_more_places_do_not_take_what_is_ours():
    places = copy.deepcopy(PLACES)
    places['paths']['/o'] = {'is': 'folder', 'depth': 2}
    host = widened(places, look(), look(paths={'/o/x': FILE}), made={'paths': {'/o/x': {}}})
    assert host.book['seen']['paths'] == {}


def test_merged_places():
    more = {'paths': {'/o': {'is': 'whole'}, '/p': {'is': 'shared'}}}
    more.update((name, ['b', 'a']) for name in account.LISTS)
    merged = account.merge_places(dict(PLACES, links=['c']), more)
    assert merged['paths'] == more['paths']
    assert merged['links'] == ['a', 'b', 'c'] and merged['rules'] == ['a', 'b']
    assert account.merge_places(merged, more) == merged
    assert account.merge_places({}, more) == dict(merged, links=['a', 'b'])


MADE = {
    'paths': {'/o': {}, '/o/x': {'whole': True}, '/v': {'whole': True, 'cache': True}, '/e/k': {'package': 'p'}},
    'packages': {'p': {}}, 'files': {'/f': {}}, 'services': {'s': {}}, 'containers': {'c': {}}, 'loops': {'/o/x': {}},
    'mounts': {'/m': {}, '/m/n': {}}, 'swaps': {'w': {}}, 'volume_groups': {'g': {}}, 'links': {'l': {}}, 'rules': {'r': {}},
    'sysctls': {'t': {}}, 'caches': {'/c': {}}, 'ceph_keys': {'client.x': {}},
}


def test_the_order_of_removal():
    assert [step[:2] for step in account.plan(MADE, [])] == [
        ('services', 's'), ('containers', 'c'), ('mounts', '/m/n'), ('mounts', '/m'), ('swaps', 'w'), ('volume_groups', 'g'),
        ('loops', '/o/x'), ('links', 'l'), ('rules', 'r'), ('paths', '/e/k'), ('paths', '/o/x'), ('paths', '/o'), ('paths', '/v'),
        ('caches', '/c'), ('files', '/f'), ('sysctls', 't'), ('packages', 'p')]


def test_what_is_kept():
    kept = [('paths', '/e/k'), ('paths', '/v'), ('caches', '/c'), ('packages', 'p')]
    assert [step[:2] for step in account.plan(MADE, []) if step not in account.plan(MADE, ['caches'])] == kept
    assert account.what_stays(MADE, []) == {}
    assert account.what_stays(MADE, ['caches']) == {
        'paths': {'/v': MADE['paths']['/v'], '/e/k': MADE['paths']['/e/k']}, 'caches': {'/c': {}}, 'packages': {'p': {}}}
