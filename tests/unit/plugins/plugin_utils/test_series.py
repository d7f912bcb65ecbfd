# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import copy

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import series

KNOWN = [
    {'series': 'ocata', 'major': 15, 'status': 'eol', 'note': '', 'ref': 'ocata-eol', 'ceph': {'release': 'jewel', 'pools': ['rbd']},
     'point_releases': [
         {'refs': r'15\.', 'facts': {'note': 'Tags are old.', 'ceph': {'size': 3}}},
         {'refs': r'15\.0\.', 'facts': {'note': 'These more so.', 'ceph': {'size': 2}}}]},
    {'series': 'pike', 'inherits': 'ocata', 'major': 16, 'status': 'eol', 'ref': 'pike-eol', 'ceph': {'pools': ['vms']}},
    {'series': 'embedded', 'inherits': 'ocata', 'major': 15, 'status': 'maintained', 'ref': 'ocata'},
    {'series': '2024.1', 'inherits': 'pike', 'major': 29, 'status': 'unmaintained', 'ref': 'unmaintained/2024.1', 'note': 'Mind.',
     'point_releases': []},
    {'series': '2025.2', 'inherits': '2024.1', 'major': 32, 'status': 'maintained', 'ref': 'stable/2025.2', 'note': ''},
    {'series': 'master', 'inherits': '2025.2', 'major': None, 'status': 'development', 'ref': 'master'},
]


@pytest.fixture(autouse=True)
def unchanged():
    before = copy.deepcopy(KNOWN)
    yield
    assert KNOWN == before


def test_root():
    assert series.resolve(KNOWN, 'ocata') == KNOWN[0]


def test_chain():
    resolved = series.resolve(KNOWN, 'master')
    assert resolved['series'] == 'master' and resolved['major'] is None
    assert resolved['ceph'] == {'release': 'jewel', 'pools': ['vms']}
    assert 'inherits' not in resolved


@pytest.mark.parametrize('files, name, said', [
    ({'a': 'b', 'b': 'c', 'c': 'b'}, 'a', 'the series inherit in a circle: a, b, c, b'),
    ({'a': 'a'}, 'a', 'the series inherit in a circle: a, a'),
    ({'a': 'b', 'b': 'c'}, 'a', 'the series c is not known, from which b inherits'),
    ({'a': None}, 'b', 'the series b is not known'),
])
def test_chain_without_an_end(files, name, said):
    known = [dict({'series': one}, **({'inherits': parent} if parent else {})) for one, parent in files.items()]
    with pytest.raises(series.SeriesError) as caught:
        series.resolve(known, name)
    assert str(caught.value) == said


@pytest.mark.parametrize('name, ref, size, note', [
    ('ocata', '', None, series.STATUS_NOTES['eol'] % 'ocata'),
    ('ocata', 'mine', None, series.STATUS_NOTES['eol'] % 'ocata'),
    ('ocata', 'refs/tags/15.1.2', 3, series.STATUS_NOTES['eol'] % 'ocata' + ' Tags are old.'),
    ('ocata', '15.1.2', 3, series.STATUS_NOTES['eol'] % 'ocata' + ' Tags are old.'),
    ('ocata', '15.0.2', 2, series.STATUS_NOTES['eol'] % 'ocata' + ' Tags are old. These more so.'),
    ('2024.1', '', None, series.STATUS_NOTES['unmaintained'] % '2024.1' + ' Mind.'),
    ('2025.2', '', None, ''),
    ('embedded', '', None, ''),
    ('master', '', None, series.STATUS_NOTES['development'] % 'master'),
])
def test_facts(name, ref, size, note):
    facts = series.facts(KNOWN, name, ref)
    assert facts['ref'] == ref or not ref and facts['ref'] == series.resolve(KNOWN, name)['ref']
    assert facts['ceph'].get('size') == size
    assert facts['note'] == note


@pytest.mark.parametrize('ref', [
    '', 'stable/2025.2', 'unmaintained/2025.2', '2025.2-eol', '2025.2-eom', '32.0.0', '32.0.0.0rc1', 'refs/heads/stable/2025.2',
    'refs/tags/32.1.0', '1' * 40, '0123abc', '15', 'mine', 'feature/x', 'stable/newton', 'ocata-fix', 'x/stable/2024.1', 'embedded', '-eol'])
def test_ref_that_does_not_contradict(ref):
    assert series.other_series(KNOWN, '2025.2', ref) == ''


@pytest.mark.parametrize('name, ref, other', [
    ('2025.2', 'stable/2024.1', '2024.1'), ('2025.2', 'unmaintained/2024.1', '2024.1'), ('2025.2', '2024.1-eom', '2024.1'),
    ('2025.2', '15.1.2', 'ocata'), ('2025.2', 'ocata-eol', 'ocata'), ('2025.2', 'ocata-em', 'ocata'), ('2025.2', 'stable/ocata', 'ocata'),
    ('2025.2', 'master', 'master'), ('2025.2', 'refs/tags/29.2.4', '2024.1'), ('master', 'stable/2025.2', '2025.2'),
    ('master', '32.0.0', '2025.2'), ('ocata', '14.2.3', 'OpenStack-Ansible 14'), ('ocata', 'pike', 'pike'),
    ('embedded', 'master', 'master'), ('embedded', '16.0.1', 'pike'), ('embedded', '15.9.9', ''), ('embedded', 'ocata', ''), ('master', 'master', ''),
])
def test_ref_of_another_series(name, ref, other):
    assert series.other_series(KNOWN, name, ref) == other


def test_what_is_otherwise_on_a_lab_host():
    facts = series.facts(KNOWN, 'pike', '', {'ceph': {'pools': ['mine']}, 'note': 'Mine.'})
    assert facts['ceph'] == {'release': 'jewel', 'pools': ['mine']}
    assert facts['note'] == 'Mine.'


@pytest.mark.parametrize('differences, said', [
    ({'cpeh': {}}, 'the facts of a series have no release_differences.cpeh; there are ceph, '),
    ({'ceph': {'pool': 1}}, 'the facts of a series have no release_differences.ceph.pool; there are pools, release'),
    ({'ceph': 1}, 'release_differences.ceph must be a hash'),
])
def test_what_is_otherwise_must_be_there(differences, said):
    with pytest.raises(series.SeriesError) as caught:
        series.facts(KNOWN, 'pike', '', differences)
    assert said in str(caught.value)
