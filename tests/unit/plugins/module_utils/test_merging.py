# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import itertools

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import kept, merging

ABSENT = {'type': 'absent'}


def merged(current, base, other):
    """Of words instead of lines."""
    lines = merging.merge_lines(current.split(), base.split(), other.split())
    return None if lines is None else ' '.join(lines)


# Before us, as we left it, as somebody else made it since, and what is to be there.
@pytest.mark.parametrize('before, after, now, wanted', [
    ('a b', 'a b x y', 'a b x y', 'a b'),  # nobody else
    ('a b', 'a b x y', 'a b x y u', 'a b u'),  # right behind ours
    ('a b', 'a b x y', 'a b u x y', 'a b u'),  # right before it
    ('a b', 'a b x y', 'u a b x y', 'u a b'),
    ('a b', 'a b x y', 'b x y', 'b'),  # they removed theirs
    ('a b', 'a b x y', 'a b', 'a b'),  # they removed ours
    ('a b', 'a b x y', 'a', 'a'),  # ours and theirs
    ('a b', 'a b x y', 'a b y', 'a b'),  # a part of ours
    ('a b', 'a b x y', 'a b x u y', None),  # into ours
    ('a b', 'a b x y', 'a b z y', None),  # ours is another
    ('a b c', 'a c', 'a c u', 'a b c u'),  # we removed one
    ('a b c', 'a c', 'a u c', 'a b u c'),
    ('a b c', 'a x c', 'a x c u', 'a b c u'),  # we replaced one
    ('a b c', 'a x c', 'a b c', 'a b c'),
    ('a b c', 'a x c', 'a u c', None),
    ('a b c', 'a x c', 'a c', None),
    ('', 'x', 'x u', 'u'),
    ('', 'x', '', ''),
    ('a', '', 'u', 'a u'),
])
def test_our_change_goes_theirs_stays(before, after, now, wanted):
    assert merged(before, after, now) == wanted


def test_without_one_side_the_other_counts():
    texts = [' '.join(words) for count in range(4) for words in itertools.product('abx', repeat=count)]
    for base, other in itertools.product(texts, texts):
        assert merged(base, base, other) == other
        assert merged(other, base, base) == other
        assert merged(other, base, other) == other


def test_an_inserted_line_and_a_removed_block():
    assert merging.clash((1, 3, []), (3, 3, ['u'])) is False
    assert merging.clash((1, 3, []), (2, 2, ['u'])) is True
    assert merging.clash((2, 2, ['u']), (1, 3, [])) is True
    assert merging.clash((1, 1, ['u']), (1, 1, ['v'])) is False


@pytest.fixture
def store(tmp_path):
    return kept.Store(str(tmp_path))


@pytest.fixture
def merge(store):
    """Three texts, or None where there is no file: what is to be there, and whether that went well."""
    def facts(text, **more):
        if text is None:
            return ABSENT
        return dict({'type': 'file', 'content': store.keep(text), 'mode': 0o644, 'uid': 0, 'gid': 0}, **more)

    def run(current, base, other, modes=(0o644, 0o644, 0o644)):
        found, clean = merging.Merger(store)(*[facts(text, mode=mode) for text, mode in zip((current, base, other), modes)])
        return (found, clean, None if found['type'] == 'absent' else store.content(found['content']))
    return run


def test_a_file(merge):
    found, clean, text = merge(b'a\n', b'a\nx\n', b'a\nx\nu')
    assert (found['type'], clean, text) == ('file', True, b'a\nu')


def test_bytes_that_are_no_text(merge):
    assert merge(b'\xff\n', b'\xff\nx\n', b'\xff\nx\n\xfe\n')[1:] == (True, b'\xff\n\xfe\n')


def test_a_conflict_leaves_what_was_before(merge):
    assert merge(b'a\n', b'a\nx\n', b'a\nu\n')[1:] == (False, b'a\n')


def test_a_file_that_was_not_there(merge):
    assert merge(None, b'x\n', b'x\n')[:2] == (ABSENT, True)
    found, clean, text = merge(None, b'x\n', b'x\nu\n', (0, 0o600, 0o600))
    assert (found['mode'], clean, text) == (0o600, True, b'u\n')


def test_a_file_that_they_removed(merge):
    assert merge(b'a\n', b'a\nx\n', None)[:2] == (ABSENT, True)


def test_permissions_that_they_changed_stay_and_ours_go(merge):
    assert merge(b'a\n', b'a\nx\n', b'a\nx\n', (0o644, 0o600, 0o600))[0]['mode'] == 0o644
    assert merge(b'a\n', b'a\nx\n', b'a\nx\n', (0o644, 0o600, 0o640))[0]['mode'] == 0o640


@pytest.mark.parametrize('facts', [{'type': 'link', 'target': 'x'}, {'type': 'file', 'size': 1 << 30}, {'type': 'folder'}])
def test_what_has_no_lines_is_a_conflict(store, facts):
    before = {'type': 'file', 'content': store.keep(b'a\n'), 'mode': 0o644, 'uid': 0, 'gid': 0}
    assert merging.Merger(store)(before, before, facts) == (before, False)


def test_what_was_not_kept_or_is_damaged_is_a_conflict(store):
    before, after, now = [{'type': 'file', 'content': store.keep(text), 'mode': 0o600, 'uid': 0, 'gid': 0} for text in (b'a\n', b'a\nx\n', b'a\nu\n')]
    assert merging.Merger(store)(before, dict(after, secret=True), now) == (before, False)
    open(store.path(after['content']), 'wb').close()
    assert merging.Merger(store)(before, after, now) == (before, False)
