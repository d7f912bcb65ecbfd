# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json
import os

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import Ledger
from ansible_collections.osa_lab.ceph_aio.plugins.modules import ceph_key

NAME = 'client.dev'
KEY = 'AQ' + 'B3' * 18 + '=='  # made up
CAPS = {'mon': 'allow r', 'osd': 'allow rw pool=vms'}
FLAT = ['mon', 'allow r', 'osd', 'allow rw pool=vms']


def command(prefix, **more):
    return dict(more, prefix=prefix, entity=NAME, format='json')


FSID = {'prefix': 'fsid', 'format': 'json'}
CLUSTER = '31ff4489-b257-4172-816a-af35b0f0ff48'
GET, DELETE = command('auth get'), command('auth del')
MAKE, CHANGE = command('auth get-or-create', caps=FLAT), command('auth caps', caps=FLAT)
NOT_THERE = (-2, '', 'failed to find client.dev in keyring')


def there(caps):
    """As a real mon says it."""
    return 0, json.dumps([{'entity': NAME, 'key': KEY, 'caps': caps}]), 'exported keyring for client.dev'


@pytest.fixture
def ledger(monkeypatch, tmp_path, ceph):
    ceph.says(FSID, json.dumps({'fsid': CLUSTER}))
    ledger = Ledger(str(tmp_path / 'state'))
    monkeypatch.setattr(ceph_key, 'Ledger', lambda: ledger)
    return ledger


@pytest.fixture
def key(run_module, ceph, ledger):
    """Run the module for client.dev: key(option=value...)."""
    def run(**options):
        result = run_module('ceph_key', **dict(dict(ceph.access, name=NAME), **options))
        assert KEY not in json.dumps(result)
        return result
    return run


def remember(ledger, name=NAME):
    ledger.add('ceph_keys', name, fsid=CLUSTER)


def ours(ledger):
    return ledger.has('ceph_keys', NAME)


def outcome(result):
    return result['changed'], result['caps'], result['diff']


def diff(before, after):
    return {'before': {'caps': before}, 'after': {'caps': after}}


def test_made(key, ceph, ledger):
    ceph.says(GET, NOT_THERE)
    ceph.says(MAKE, there(CAPS))
    assert outcome(key(caps=CAPS)) == (True, CAPS, diff({}, CAPS))
    assert ceph.asked == [GET, FSID, MAKE]
    assert len(ceph.connections) == 1
    assert ledger.load() == {'ceph_keys': {NAME: {'fsid': CLUSTER}}}


def test_ledger_is_written_before_it_is_made(key, ceph, ledger):
    """What was made is known even where we are killed meanwhile."""
    ceph.says(GET, NOT_THERE)
    ceph.does(command='if command["prefix"] == "auth get-or-create": note("known", open(%r).read())' % ledger.path)
    ceph.says(MAKE, there(CAPS))
    key(caps=CAPS)
    (known,) = ceph._noted('known')
    assert json.loads(known)['made'] == {'ceph_keys': {NAME: {'fsid': CLUSTER}}}


def test_ledger_that_cannot_be_read(key, ceph, ledger):
    """Then nothing is made."""
    os.makedirs(ledger.directory)
    with open(ledger.path, 'wb') as stream:
        stream.write(b'{')
    ceph.says(GET, NOT_THERE)
    result = key(caps=CAPS)
    assert result['failed']
    assert result['problem']['what'] == 'the ledger of the lab host is damaged'
    assert ceph.asked == [GET, FSID]


@pytest.mark.parametrize('known', [True, False])
@pytest.mark.parametrize('check_mode', [True, False])
def test_unchanged(key, ceph, ledger, known, check_mode):
    """Whoever made it."""
    if known:
        remember(ledger)
    ceph.says(GET, there(CAPS))
    assert outcome(key(caps=CAPS, _ansible_check_mode=check_mode)) == (False, CAPS, diff(CAPS, CAPS))
    assert ceph.asked == [GET, FSID]
    assert ours(ledger) is known


def test_changed(key, ceph, ledger):
    remember(ledger)
    ceph.says(GET, there({'mon': 'allow r'}))
    ceph.says(CHANGE, (0, '', 'updated caps for client.dev'))
    assert outcome(key(caps=CAPS)) == (True, CAPS, diff({'mon': 'allow r'}, CAPS))
    assert ceph.asked == [GET, FSID, CHANGE]
    assert ours(ledger)


def test_absent(key, ceph, ledger):
    remember(ledger)
    remember(ledger, 'client.other')
    ceph.says(GET, there(CAPS))
    ceph.says(DELETE, (0, '', 'updated'))
    assert outcome(key(state='absent')) == (True, {}, diff(CAPS, {}))
    assert ceph.asked == [GET, FSID, DELETE]
    assert ledger.load() == {'ceph_keys': {'client.other': {'fsid': CLUSTER}}}


def test_absent_without_capabilities(key, ceph, ledger):
    """A client that has none is there all the same."""
    remember(ledger)
    ceph.says(GET, there({}))
    ceph.says(DELETE, (0, '', 'updated'))
    assert key(state='absent')['changed'] is True
    assert ceph.asked == [GET, FSID, DELETE]


@pytest.mark.parametrize('check_mode', [True, False])
def test_absent_already(key, ceph, ledger, check_mode):
    ceph.says(GET, NOT_THERE)
    assert outcome(key(state='absent', _ansible_check_mode=check_mode)) == (False, {}, diff({}, {}))
    assert ceph.asked == [GET, FSID]


@pytest.mark.parametrize('check_mode', [True, False])
def test_absent_already_and_forgotten(key, ceph, ledger, check_mode):
    """Somebody removed it by hand: what another makes of this name then is not ours."""
    remember(ledger)
    ceph.says(GET, NOT_THERE)
    assert key(state='absent', _ansible_check_mode=check_mode)['changed'] is False
    assert ours(ledger) is check_mode


@pytest.mark.parametrize('options', [{'caps': CAPS}, {'state': 'absent'}])
@pytest.mark.parametrize('before, why', [({'mon': 'allow *', 'mgr': 'allow r'}, 'mgr: allow r, mon: allow *'), ({}, 'none')])
@pytest.mark.parametrize('check_mode', [True, False])
def test_not_ours(key, ceph, ledger, options, before, why, check_mode):
    remember(ledger, 'client.other')
    ledger.add('other', NAME)
    ceph.says(GET, there(before))
    result = key(_ansible_check_mode=check_mode, **options)
    assert result['failed']
    assert (result['problem']['what'], result['problem']['where']) == ('client.dev is not ours', ledger.path)
    assert result['problem']['why'] == 'somebody else made it, with the capabilities ' + why
    assert ceph.asked == [GET, FSID]
    assert not ours(ledger)


@pytest.mark.parametrize('said, options, expected', [
    (NOT_THERE, {'caps': CAPS}, (True, CAPS, diff({}, CAPS))),
    (there({'mon': 'allow *'}), {'caps': CAPS}, (True, CAPS, diff({'mon': 'allow *'}, CAPS))),
    (there(CAPS), {'state': 'absent'}, (True, {}, diff(CAPS, {}))),
])
def test_check_mode_changes_nothing(key, ceph, ledger, said, options, expected):
    """But says what would be, as it will be."""
    if said is not NOT_THERE:
        remember(ledger)
    before = ledger.load()
    ceph.says(GET, said)
    assert outcome(key(_ansible_check_mode=True, **options)) == expected
    assert ceph.asked == [GET, FSID]
    assert ledger.load() == before


@pytest.mark.parametrize('said, asked, options, kept', [
    (NOT_THERE, MAKE, {'caps': CAPS}, False), (there({}), CHANGE, {'caps': CAPS}, True),
    (there(CAPS), DELETE, {'state': 'absent'}, True)])
def test_refused(key, ceph, ledger, said, asked, options, kept):
    """What was not made is not ours: somebody else may make it."""
    remember(ledger)
    ceph.says(GET, said)
    ceph.says(asked, (-22, '', 'moncap parse failed'))
    result = key(**options)
    assert result['failed']
    assert result['problem']['what'] == 'Ceph refused the command'
    assert result['problem']['why'] == 'error -22: moncap parse failed'
    assert ours(ledger) is kept


def test_not_let_make(key, ceph, ledger):
    ceph.says(GET, NOT_THERE)
    ceph.says(MAKE, (-13, '', 'access denied'))
    result = key(caps=CAPS)
    assert (result['failed'], result['state']) == (True, 'denied')
    assert not ours(ledger)


def test_may_have_been_made(key, ceph, ledger):
    """Ceph was told and did not say in time, or gave up itself."""
    ceph.says(GET, NOT_THERE)
    ceph.says(MAKE, (-110, '', ''))
    assert key(caps=CAPS)['failed']
    assert ours(ledger)
    ledger.remove('ceph_keys', NAME)
    ceph.does(command='command["prefix"] == "auth get-or-create" and time.sleep(60)')
    assert key(caps=CAPS, timeout=0.6)['state'] == 'timed_out'
    assert ours(ledger)


@pytest.mark.parametrize('facts', [{'fsid': 'd4e5ca31-0000-4000-8000-000000000000'}, {}])
@pytest.mark.parametrize('options', [{'caps': CAPS}, {'state': 'absent'}])
def test_made_in_another_cluster(key, ceph, ledger, facts, options):
    """One that was here before: what has the name in this one is not ours."""
    ledger.add('ceph_keys', NAME, **facts)
    ceph.says(GET, there({'mon': 'allow *'}))
    assert key(**options)['problem']['what'] == 'client.dev is not ours'
    assert ceph.asked == [GET, FSID]


@pytest.mark.parametrize('said, state', [((-13, '', 'access denied'), 'denied')])
def test_not_let(key, ceph, said, state):
    ceph.says(GET, said)
    result = key(caps=CAPS)
    assert (result['failed'], result['state']) == (True, state)


def test_timed_out(key, ceph, ledger, gone):
    ceph.does(command='time.sleep(60)')
    result = key(caps=CAPS, timeout=0.6)
    assert (result['failed'], result['state']) == (True, 'timed_out')
    assert not ours(ledger)
    assert gone(ceph.connections[0]['pid'])


@pytest.mark.parametrize('options, text', [
    ({'name': 'client.admin'}, "is no client that this module makes (name)"),
    ({'name': 'dev'}, "is no client that this module makes (name)"),
    ({'name': 'osd.0'}, "is no client that this module makes (name)"),
    ({'name': 'mon.'}, "is no client that this module makes (name)"),
    ({'name': 'client.'}, "is no client that this module makes (name)"),
    ({'name': 'client.a b'}, "is no client that this module makes (name)"),
    ({'name': 'client.../x'}, "is no client that this module makes (name)"),
    ({'name': 'client.-x'}, "is no client that this module makes (name)"),
    ({'name': 'client.a\n'}, "is no client that this module makes (name)"),
    ({'caps': {}}, 'a client without capabilities can do nothing (caps)'),
    ({'caps': {'mon': ''}}, 'the capability for mon is no text (caps)'),
    ({'caps': {'mon': ' '}}, 'the capability for mon is no text (caps)'),
    ({'caps': {'mon': ['allow r']}}, 'the capability for mon is no text (caps)'),
    ({'caps': {'mon': None}}, 'the capability for mon is no text (caps)'),
    ({'timeout': 0}, '0 is no time limit (timeout)'),
    ({'state': 'gone'}, 'value of state must be one of'),
])
def test_options_that_make_no_sense(run_module, fake_run, ledger, options, text):
    result = run_module('ceph_key', **dict({'name': NAME, 'caps': CAPS}, **options))
    assert result['failed']
    assert text in result['msg']


def test_return_documentation(key, ceph, ledger, returned, documented):
    ceph.says(GET, NOT_THERE)
    absent = key(state='absent')
    ceph.says(GET, (-13, '', 'access denied'))
    denied = key(caps=CAPS)
    assert returned(absent, denied) | set(['state']) == documented('ceph_key')
    assert 'state' in denied
