# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The validator that every result of every module goes through can fail."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest

from . import documentation

FIELDS = {
    'name': {'type': 'str', 'description': ['Its name;', 'null where it has none.'], 'returned': 'always'},
    'count': {'type': 'int', 'description': 'x', 'returned': 'success'},
    'share': {'type': 'float', 'description': 'x', 'returned': 'O(share=true)'},
    'on': {'type': 'bool', 'description': 'x', 'returned': 'sometimes'},
    'answer': {'type': 'raw', 'description': 'x', 'returned': 'sometimes'},
    'words': {'type': 'list', 'elements': 'str', 'description': 'x', 'returned': 'sometimes'},
    'pairs': {'type': 'list', 'elements': 'list', 'description': 'x', 'returned': 'sometimes'},
    'free': {'type': 'dict', 'description': 'x', 'returned': 'sometimes'},
    'nodes': {'type': 'list', 'elements': 'dict', 'description': 'x', 'returned': 'sometimes', 'contains': {
        'id': {'type': 'int', 'description': 'x'},
        'class': {'type': 'str', 'description': 'x', 'returned': 'for an OSD'}}},
    'problem': {'type': 'dict', 'description': 'x', 'returned': 'failure'},
}


@pytest.mark.parametrize('more', [
    {}, {'name': None}, {'name': u'\xe4'}, {'share': 1.0}, {'on': False}, {'answer': None}, {'answer': [1]}, {'words': ['a']},
    {'pairs': [[1, 'a']]}, {'free': {'any': 1}}, {'nodes': [{'id': 1}, {'id': 2, 'class': 'hdd'}]}, {'nodes': []}])
def test_as_documented(more):
    assert documentation.problems(FIELDS, dict({'name': 'a', 'count': 1}, **more)) == []


@pytest.mark.parametrize('more, problem', [
    ({'other': 1}, 'other is not documented'),
    ({'name': 1}, 'name is 1, not of type str'),
    ({'count': None}, 'count is None, not of type int'),
    ({'count': True}, 'count is True, not of type int'),
    ({'count': 1.0}, 'count is 1.0, not of type int'),
    ({'share': 1}, 'share is 1, not of type float'),
    ({'on': 1}, 'on is 1, not of type bool'),
    ({'words': 'a'}, "words is 'a', not of type list"),
    ({'words': ['a', 1]}, 'words[1] is 1, not of type str'),
    ({'words': [None]}, 'words[0] is None, not of type str'),
    ({'pairs': [1]}, 'pairs[0] is 1, not of type list'),
    ({'free': []}, 'free is [], not of type dict'),
    ({'nodes': [{}]}, 'nodes[0].id is missing'),
    ({'nodes': [{'id': 1, 'class': 2}]}, 'nodes[0].class is 2, not of type str'),
    ({'nodes': [{'id': 1, 'more': 2}]}, 'nodes[0].more is not documented'),
])
def test_not_as_documented(more, problem):
    assert documentation.problems(FIELDS, dict({'name': 'a', 'count': 1}, **more)) == [problem]


def test_what_must_be_there():
    assert documentation.problems(FIELDS, {}) == ['count is missing', 'name is missing']
    assert documentation.problems(FIELDS, {}, failed=True) == ['name is missing', 'problem is missing']
