# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take our change out of a file that somebody else changed, too.

Unlike git merge-file, changes that touch each other are no conflict: who adds a line to /etc/hosts adds it right
after ours.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import difflib

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.kept import Damaged

ATTRIBUTES = ('mode', 'uid', 'gid')


def edits(before, after):
    """What makes after of before: (first line, line behind the last, lines in their place)."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [(first, last, after[start:end]) for tag, first, last, start, end in matcher.get_opcodes() if tag != 'equal']


def clash(one, other):
    """Do two edits of the same lines contradict each other?"""
    if one == other:
        return False
    if max(one[0], other[0]) < min(one[1], other[1]):
        return bool(one[2] or other[2])  # that both remove lines is none
    return any(inner[0] == inner[1] and outer[0] < inner[0] < outer[1] for inner, outer in ((one, other), (other, one)))


def merge_lines(current, base, other):
    """current with what makes other of base; None where that contradicts what makes current of base."""
    ours, theirs = edits(base, current), edits(base, other)
    if any(clash(one, another) for one in ours for another in theirs):
        return None
    merged, removed = [], set()
    both = ours + [edit for edit in theirs if edit not in ours]
    for first, last, _lines in both:
        removed.update(range(first, last))
    for number in range(len(base) + 1):
        for first, _last, lines in both:
            if first == number:
                merged += lines
        if number < len(base) and number not in removed:
            merged.append(base[number])
    return merged


def split(content):
    """The lines, each with its end; the last one may have none."""
    return content.splitlines(True)


class Merger(object):
    """Merges files as an observation has them; their contents are in a store."""

    def __init__(self, store):
        self.store = store

    def lines(self, facts):
        return split(self.store.content(facts['content'])) if facts['type'] == 'file' else []

    def __call__(self, current, base, other):
        """:returns: (facts of current with what makes other of base, whether that went well)."""
        if other['type'] == 'absent':
            return other, True  # they removed it
        if any(facts['type'] not in ('absent', 'file') or (facts['type'] == 'file' and ('content' not in facts or facts.get('secret')))
               for facts in (current, base, other)):
            return current, False
        try:
            lines = merge_lines(self.lines(current), self.lines(base), self.lines(other))
        except Damaged:
            return current, False
        if lines is None:
            return current, False
        content = b''.join(lines)
        if current['type'] == 'absent' and not content:
            return current, True
        merged = {'type': 'file', 'content': self.store.keep(content)}
        for name in ATTRIBUTES:
            changed = base.get(name) != other[name]
            merged[name] = other[name] if changed or current['type'] == 'absent' else current[name]
        return merged, True
