# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts of OSA's series, put together from the files of the role release.

What is known is a list of dicts, the release_data of each file.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import re

# What a user should know of a series that upstream does not maintain.
STATUS_NOTES = {
    'eol': '%s has ended upstream: its tree stays as it is, and some of the addresses that it uses are gone.',
    'unmaintained': '%s is no longer maintained upstream: what breaks may stay broken.',
    'development': '%s is under development upstream: what works today may not tomorrow.',
}
VERSION = re.compile(r'(\d+)\.\d+\.\d+')
# A branch or tag that is named after a series.
NAMED = re.compile(r'(?:(?:stable|unmaintained)/)?(.+?)(?:-(?:em|eom|eol))?\Z')


class SeriesError(Exception):
    """The files contradict one another, or the series is not among them."""


def short(ref):
    """A ref by the name that people call it."""
    return re.sub(r'^refs/(heads|tags)/', '', ref)


def merge(below, above):
    """Two dicts as one. Dicts in them are merged, too, but an empty one above empties; of all else the one above counts."""
    merged = dict(below)
    for key, value in above.items():
        both = value and isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def resolve(known, name):
    """The data of a series with what it inherits, over as many parents as there are."""
    by_name = {data['series']: data for data in known}
    resolved, path = {}, []
    while name is not None:
        if name in path:
            raise SeriesError('the series inherit in a circle: %s' % ', '.join(path + [name]))
        if name not in by_name:
            raise SeriesError('the series %s is not known%s' % (name, ', from which %s inherits' % path[-1] if path else ''))
        resolved = merge(by_name[name], resolved)
        path.append(name)
        name = by_name[name].get('inherits')
    resolved.pop('inherits', None)
    return resolved


def check_differences(found, differences, where='release_differences'):
    """Only what is there can differ.

    :raises SeriesError: the facts have no such key.
    """
    for key, value in differences.items():
        name = '%s.%s' % (where, key)
        if key not in found:
            raise SeriesError('the facts of a series have no %s; there are %s' % (name, ', '.join(sorted(found))))
        if isinstance(found[key], dict) and not isinstance(value, dict):
            raise SeriesError('%s must be a hash, as in the facts of the series' % name)
        if isinstance(found[key], dict) and found[key]:
            check_differences(found[key], value, name)


def facts(known, name, ref='', differences=None, called=''):
    """What the rooms are to know of a series at a ref; without one, at the ref that is recommended.

    :param differences: what is otherwise on one lab host.
    :param called: the name that a ref had, where it is the commit of a lockfile.
    """
    found = resolve(known, name)
    found['ref'] = ref or found['ref']
    notes = [STATUS_NOTES[found['status']] % name] if found['status'] in STATUS_NOTES else []
    notes.append(found['note'])
    for point in found['point_releases']:
        if re.match(point['refs'], short(called or found['ref'])):
            found = merge(found, point['facts'])
            notes.append(point['facts'].get('note', ''))
    found['note'] = ' '.join(note for note in notes if note)
    if differences:
        check_differences(found, differences)
        found = merge(found, differences)
    return found


def other_series(known, name, ref):
    """The series that a ref of upstream's belongs to, where it is not this one; else an empty text.

    A commit, and a branch of somebody's own, may belong to any.
    """
    mine = resolve(known, name)['major']
    ref = short(ref)
    # The embedded OSA follows a series, and is none of upstream's.
    majors = dict((data['series'], data['major']) for data in known if not data['series'].startswith('embedded'))
    version, named = VERSION.match(ref), NAMED.match(ref)
    if version:
        major = int(version.group(1))
        owner = next((series for series in majors if majors[series] == major), 'OpenStack-Ansible %d' % major)
    elif named and named.group(1) in majors:
        owner = named.group(1)
        major = majors[owner]
    else:
        return ''
    return '' if major == mine else owner
