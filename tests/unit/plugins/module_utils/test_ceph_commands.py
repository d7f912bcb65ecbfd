# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import collections
import json

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_commands


@pytest.fixture(params=[False, True], ids=['in order', 'reversed'])
def descriptions(fixture_text, request):
    """What a real mon says of some of its commands; their order means nothing."""
    said = json.loads(fixture_text('get_command_descriptions.json'))
    return collections.OrderedDict(sorted(said.items(), reverse=request.param))


@pytest.mark.parametrize('command, argv, words', [
    ({'prefix': 'osd  pool get', 'pool': 'x'}, None, ['osd', 'pool', 'get']),
    (None, ['osd', 'df'], ['osd', 'df']),
    (None, ['osd', 'df', '--format', 'json'], ['osd', 'df', '--format', 'json']),
    (None, ['osd', 'df', '--format=json'], ['osd', 'df', '--format=json']),
    (None, ['osd', 'df', '-f', 'json'], ['osd', 'df', '-f', 'json']),
    (None, ['osd', 'df', '-o', '/etc/passwd'], None),
    (None, ['--admin-daemon', '/x', 'config', 'set'], None),
    (None, ['auth', 'get', 'client.a', '-o/x'], None),
    (None, ['status', '--watch'], None),
    (None, ['status', '-'], None),
])
def test_words(command, argv, words):
    assert ceph_commands.words_of(command, argv) == words


@pytest.mark.parametrize('words', [
    'status', 'health', 'health detail', 'pg stat', 'osd tree', 'osd df tree --format json', 'osd pool ls detail',
    'osd pool get images size', 'osd crush rule dump', 'config get osd.0 ms_type', 'config show osd.0', 'config-key get x',
    'mgr dump', 'mon dump', 'log last 5', 'progress', 'device ls', 'auth get client.admin', 'auth get-key client.admin', 'auth ls'])
def test_reads(descriptions, words):
    assert ceph_commands.only_reads(words.split(), descriptions) is True


@pytest.mark.parametrize('words', [
    'health mute OSD_DOWN', 'pg repair 1.0', 'osd out 0', 'osd set noout', 'osd pool create x 8', 'osd pool set x size 1',
    'osd pool delete x x --yes-i-really-really-mean-it', 'osd pool get noautoscale', 'osd crush set 0 1.0 root=default',
    'config set osd ms_type x', 'config-key set a b', 'auth get-or-create client.a', 'auth caps client.a', 'auth del client.a',
    'mgr module enable x', 'progress clear', 'log hello', 'crash archive x', 'tell osd.0 config set a b'])
def test_may_change(descriptions, words):
    assert ceph_commands.only_reads(words.split(), descriptions) is False


@pytest.mark.parametrize('words', ['', 'nonesuch', 'osd', 'osd nonesuch', 'daemon osd.0 config show', '-f json status', 'stat', 'Status'])
def test_what_is_not_known_may_change(descriptions, words):
    assert ceph_commands.only_reads(words.split(), descriptions) is False


def test_nothing_is_known(descriptions):
    assert ceph_commands.only_reads(['status'], {}) is False
    assert ceph_commands.only_reads(None, descriptions) is False


def test_every_command_by_its_own_words(descriptions):
    for description in descriptions.values():
        words = ceph_commands.literals(description['sig'])
        assert ceph_commands.only_reads(words, descriptions) is ('w' not in description['perm']), words


@pytest.mark.parametrize('permissions, reads', [(['r', 'r'], True), (['r', 'rw'], False), (['w', 'r'], False)])
def test_several_signatures_of_the_same_words(permissions, reads):
    descriptions = dict((str(number), {'sig': ['osd', 'crush', {'name': str(number)}], 'perm': permission})
                        for number, permission in enumerate(permissions))
    assert ceph_commands.only_reads(['osd', 'crush', 'x'], descriptions) is reads


@pytest.mark.parametrize('signature, words', [
    (['osd', 'pool', {'name': 'x'}, 'more'], ['osd', 'pool']), (['osd pool', 'get'], ['osd', 'pool', 'get']), ([{'name': 'x'}], [])])
def test_literals(signature, words):
    assert ceph_commands.literals(signature) == words


TREE = {'sig': ['osd', 'tree'], 'perm': 'r'}


@pytest.mark.parametrize('descriptions', [
    None, [], [TREE], 'osd tree', 1, {'a': None}, {'a': []}, {'a': {}}, {'a': {'perm': 'r'}}, {'a': {'sig': ['osd', 'tree']}},
    {'a': TREE, 'b': {'perm': 'r'}}, {'a': dict(TREE, sig=None)}, {'a': dict(TREE, sig='osd tree')},
    {'a': dict(TREE, sig={'osd': 1, 'tree': 2})}] + [
    {'a': dict(TREE, perm=perm)} for perm in (None, '', 1, True, [], ['rw'], [['r']], {}, 'x', 'read', 'w')])
def test_descriptions_of_another_shape(descriptions):
    """What is not understood may change the cluster, and its arguments stay as they are."""
    assert ceph_commands.only_reads(['osd', 'tree'], descriptions) is False
    command = {'prefix': 'osd tree', 'epoch': '5'}
    assert ceph_commands.typed(command, descriptions) == command


@pytest.mark.parametrize('prefix, name, given, wanted', [
    ('log last', 'num', '5', 5), ('log last', 'num', 5, 5), ('log last', 'num', 'five', 'five'), ('log last', 'num', '5.0', '5.0'),
    ('log last', 'num', '5 ', '5 '), ('log last', 'num', '', ''), ('log last', 'num', '1_0', '1_0'), ('log last', 'num', None, None),
    ('log last', 'nonesuch', '5', '5'), ('log  last', 'num', '-5', -5),
    ('osd crush set', 'id', '0', 0), ('osd crush set', 'id', 'osd.2', 2), ('osd crush set', 'id', 'osd.x', 'osd.x'),
    ('osd crush set', 'prior_version', '7', 7), ('osd crush set', 'weight', '0.5', 0.5), ('osd crush set', 'weight', '1e-05', 1e-05),
    ('osd crush set', 'weight', 1, 1.0), ('osd crush set', 'weight', True, True), ('osd crush set', 'weight', 'nan', 'nan'),
    ('osd crush set', 'args', ['root=default', 5], ['root=default', '5']),
    ('osd pool create', 'bulk', 'True', True), ('osd pool create', 'bulk', 'no', False), ('osd pool create', 'bulk', 1, True),
    ('osd pool create', 'bulk', 'much', 'much'), ('osd pool create', 'bulk', {}, {}), ('osd pool create', 'pg_num', u'8', 8),
    ('osd pool create', 'pool', '8', '8'), ('osd pool create', 'pool', 8, '8'),
    ('osd pool set', 'val', 3, '3'), ('osd pool set', 'val', 0.5, '0.5'), ('osd pool set', 'val', True, 'true'),
    ('osd pool set', 'val', '3', '3'), ('osd pool set', 'val', None, None),
    ('log', 'num', '5', '5'), ('osd', 'epoch', '5', '5'), ('nonesuch', 'num', '5', '5')])
def test_types_of_arguments(descriptions, prefix, name, given, wanted):
    typed = ceph_commands.typed({'prefix': prefix, name: given, 'format': 'json'}, descriptions)
    assert typed == {'prefix': prefix, name: wanted, 'format': 'json'}
    assert isinstance(typed[name], type(wanted))


def test_signatures_that_disagree():
    descriptions = dict((kind, {'sig': ['a', {'name': 'x', 'type': kind}]}) for kind in ('CephInt', 'CephString'))
    assert ceph_commands.typed({'prefix': 'a', 'x': '5'}, descriptions) == {'prefix': 'a', 'x': '5'}
