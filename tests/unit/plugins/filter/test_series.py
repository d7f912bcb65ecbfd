# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.osa_lab.ceph_aio.plugins.filter import other_series, series_facts

KNOWN = [
    {'series': 'ocata', 'major': 15, 'status': 'maintained', 'note': '', 'ref': 'ocata-eol', 'point_releases': []},
    {'series': 'pike', 'inherits': 'ocata', 'major': 16},
    {'series': 'queens', 'inherits': 'queens', 'major': 17},
]
FACTS = series_facts.FilterModule().filters()['series_facts']
OTHER = other_series.FilterModule().filters()['other_series']


def test_facts():
    assert FACTS(KNOWN, 'pike') == dict(KNOWN[0], series='pike', major=16)
    assert FACTS(KNOWN, 'pike', 'mine')['ref'] == 'mine'


def test_a_commit_has_the_facts_of_what_it_was_called():
    known = [dict(KNOWN[0], point_releases=[{'refs': '15[.]1', 'facts': {'note': 'old'}}])]
    assert FACTS(known, 'ocata', 'c' * 40)['note'] == ''
    found = FACTS(known, 'ocata', 'c' * 40, {}, '15.1.2')
    assert (found['note'], found['ref']) == ('old', 'c' * 40)


def test_other_series():
    assert OTHER(KNOWN, 'pike', 'ocata-eol') == 'ocata'
    assert OTHER(KNOWN, 'pike', 'mine') == ''


@pytest.mark.parametrize('call', [lambda: FACTS(KNOWN, 'queens'), lambda: OTHER(KNOWN, 'queens', 'mine')])
def test_failure(call):
    with pytest.raises(AnsibleFilterError) as caught:
        call()
    assert 'in a circle: queens, queens' in str(caught.value)
