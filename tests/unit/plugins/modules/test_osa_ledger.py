# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import copy
import errno
import json
import os
import time

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import account, books, state, traces

PLACES = dict({'paths': {'/o': {'is': 'folder'}}}, **dict((name, []) for name in account.LISTS))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / 'state'


@pytest.fixture
def seen(monkeypatch):
    """What is seen of the lab host; a test changes it."""
    observation = dict((kind, {}) for kind in account.THINGS + ('sysctls',))
    asked = []

    def observe(places, inventory, known, store):
        asked.append((places, inventory, known))
        return copy.deepcopy(observation)

    monkeypatch.setattr(traces, 'observe', observe)
    observation['asked'] = asked
    return observation


@pytest.fixture
def ledger(run_module, folder):
    def run(wanted='opened', **arguments):
        return run_module('osa_ledger', state=wanted, state_dir=str(folder), **dict({'places': PLACES}, **arguments))
    return run


def made(folder):
    return state.Ledger(str(folder)).load()


def test_a_whole_build(ledger, seen, folder):
    seen['links'] = {'theirs': {}}
    result = ledger()
    assert (result['changed'], result['added'], result['fresh'], result['late']) == (False, [], True, False)
    seen['links']['ours'] = {}
    assert ledger('looked')['added'] == ['links ours']
    seen['links']['ours too'] = {}
    assert ledger('closed')['added'] == ['links ours too']
    seen['links']['foreign'] = {}
    result = ledger()
    assert (result['fresh'], result['added']) == (False, [])
    assert made(folder) == {'links': {'ours': {}, 'ours too': {}}}


def test_what_a_killed_build_made_is_caught_up(ledger, seen, folder):
    ledger()
    seen['links']['ours'] = {}
    assert ledger()['added'] == ['links ours']


SIGNS = ('looked', 'log', 'finished')


@pytest.mark.parametrize('sign', (None,) + SIGNS)
def test_what_came_long_after_a_build_was_killed_is_foreign(sign, ledger, seen, folder, tmp_path, fake_run):
    """Until ten minutes after its last sign it is the build's."""
    path, long_ago = tmp_path / 'x', time.time() - 3600
    ledger()
    path.write_bytes(b'')
    seen['paths'][str(path)] = {'type': 'file'}
    (folder / 'logs').mkdir()
    (folder / 'logs' / 'setup-hosts.log').write_bytes(b'')
    if sign != 'log':
        os.utime(str(folder / 'logs' / 'setup-hosts.log'), (long_ago, long_ago))
    state.State(str(folder)).record('setup-hosts', started='2026-01-01T00:00:00Z', rc=None, finished=time.strftime(
        '%Y-%m-%dT%H:%M:%SZ', time.gmtime()) if sign == 'finished' else '')
    if sign != 'looked':
        baseline = state.Baseline(str(folder))
        baseline.save(dict(baseline.load(), looked=long_ago))
    if not sign:
        fake_run.expect(['stat', '--format', '%W', '--', str(path)], '0\n')
    assert ledger()['added'] == (['paths %s' % path] if sign else [])
    assert state.Baseline(str(folder)).load()['foreign']['paths'] == ([] if sign else [str(path)])


@pytest.mark.parametrize('wanted', ['looked', 'closed'])
def test_while_a_build_goes_on_it_may_be_silent(wanted, ledger, seen, folder, tmp_path):
    ledger()
    baseline = state.Baseline(str(folder))
    baseline.save(dict(baseline.load(), looked=0))
    (tmp_path / 'x').write_bytes(b'')
    seen['paths'][str(tmp_path / 'x')] = {'type': 'file'}
    assert ledger(wanted)['added'] == ['paths %s' % (tmp_path / 'x')]


def test_the_first_look_knows_no_paths_the_later_ones_do(ledger, seen):
    seen['paths']['/o'] = {'type': 'folder'}
    ledger(inventory='/i.json')
    ledger(inventory='/i.json')
    assert [(inventory, known) for _places, inventory, known in seen['asked']] == [('/i.json', None), ('/i.json', {'/o': {'type': 'folder'}})]


def test_places_of_a_newer_version(ledger, seen, folder):
    ledger()
    seen['links']['b'] = {}
    ledger(places=dict(PLACES, links=['b']))
    assert made(folder) == {}
    ledger()
    assert [places['links'] for places, _inventory, _known in seen['asked']] == [[], ['b'], ['b']]


def test_a_host_on_which_an_earlier_version_built(ledger, seen, folder):
    state.State(str(folder)).record('bootstrap-ansible', rc=0)
    seen['paths']['/o/i'] = {'type': 'file', 'alone': True}
    result = ledger()
    assert (result['fresh'], result['late'], result['added']) == (True, True, ['paths /o/i'])
    assert ledger('looked')['late'] is True


def test_what_others_wrote_into_the_ledger_stays(ledger, seen, folder):
    state.Ledger(str(folder)).add('ceph_keys', 'client.dev', fsid='f')
    ledger()
    seen['links']['ours'] = {}
    ledger('closed')
    assert made(folder) == {'ceph_keys': {'client.dev': {'fsid': 'f'}}, 'links': {'ours': {}}}


@pytest.mark.parametrize('wanted', ['looked', 'closed'])
def test_without_a_baseline(wanted, ledger, seen, folder):
    result = ledger(wanted)
    assert result['problem']['what'] == 'there is no baseline of the lab host'
    assert not (folder / 'baseline.json').exists()


def test_check_mode(ledger, seen, folder):
    for wanted in ('opened', 'looked', 'closed'):
        assert ledger(wanted, _ansible_check_mode=True)['fresh'] is True and not folder.exists()
    ledger()
    seen['links']['ours'] = {}
    before = sorted((name, (folder / name).read_bytes()) for name in os.listdir(str(folder)))
    assert ledger('closed', _ansible_check_mode=True)['added'] == ['links ours']
    assert sorted((name, (folder / name).read_bytes()) for name in os.listdir(str(folder))) == before


def test_packages_own_what_they_brought(ledger, seen, folder, fake_run):
    ledger()
    seen['packages'] = {'lxc:amd64': {'version': '5'}}
    seen['paths'] = {'/etc/lxc/default.conf': {'type': 'file'}, '/o/x': {'type': 'file'}, '/etc/apt/x': {'type': 'file'},
                     '/o/y': {'type': 'file'}}
    paths = ['/etc/apt/x', '/etc/lxc/default.conf', '/o/x', '/o/y']
    fake_run.expect(
        lambda argv: argv[:2] == ['dpkg-query', '--search'] and sorted(argv[2:]) == paths,
        'lxc:amd64: /etc/lxc/default.conf\napt: /etc/apt/x\nlxc:amd64, lxd: /o/x\ndiversion by lxc from: /o/y\n', rc=1)
    ledger('looked')
    assert made(folder)['paths'] == {
        '/etc/lxc/default.conf': {'package': 'lxc:amd64', 'looked': True}, '/etc/apt/x': {'looked': True}, '/o/x': {'looked': True},
        '/o/y': {'looked': True}}
    seen['paths']['/o/z'] = {'type': 'file'}
    fake_run.expect(['dpkg-query', '--search', '/o/z'], rc=1)
    ledger('closed')  # only what is new is asked for


def test_packages_without_dpkg(ledger, seen, folder, fake_run):
    ledger()
    seen.update({'packages': {'a': {'version': '1'}}, 'paths': {'/o/x': {'type': 'file'}}})
    fake_run.expect(['dpkg-query', '--search', '/o/x'], error=OSError(errno.ENOENT, 'no'))
    ledger('looked')
    assert made(folder)['paths'] == {'/o/x': {'looked': True}}


def test_a_link_that_a_package_enabled_is_the_packages(ledger, seen, folder, fake_run, monkeypatch, tmp_path):
    monkeypatch.setattr(books, 'ENABLED', str(tmp_path / 'enabled'))
    (tmp_path / 'enabled' / 'multi-user.target.wants').mkdir(parents=True)
    (tmp_path / 'enabled' / 'multi-user.target.wants' / 'ceph.target').write_bytes(b'')
    ledger()
    seen['packages'] = {'ceph-base': {'version': '1'}}
    wants = '/etc/systemd/system/multi-user.target.wants/'
    seen['paths'] = {wants + 'ceph.target': {'type': 'link'}, wants + 'openstack-loop@ceph1.service': {'type': 'link'}}
    fake_run.expect(lambda argv: argv[:2] == ['dpkg-query', '--search'], rc=1)
    ledger('looked')
    assert [path for path, facts in made(folder)['paths'].items() if 'package' in facts] == [wants + 'ceph.target']


@pytest.mark.parametrize('name', ['baseline.json', 'ledger.json', 'state.json'])
@pytest.mark.parametrize('content, what', [
    (b'{"version": 1, "ma', 'is damaged'), (b'', 'is damaged'),
    (json.dumps({'version': 99, 'made': {}, 'baseline': {}, 'steps': {}}).encode('utf-8'), 'was written by a newer version')])
@pytest.mark.parametrize('built', [False, True])
def test_a_record_that_is_not_ours_to_read(built, name, content, what, ledger, seen, folder):
    if built:
        ledger()
        state.State(str(folder)).record('setup-hosts', rc=0)
        state.Ledger(str(folder)).add('links', 'br-mgmt')
    else:
        folder.mkdir()
    before = set(os.listdir(str(folder)))
    (folder / name).write_bytes(content)
    result = ledger()
    assert what in result['problem']['what'] and result['problem']['where'] == str(folder / name)
    assert (folder / name).read_bytes() == content
    assert set(os.listdir(str(folder))) - before - set(['records.lock']) <= set([name])


def test_a_look_that_fails_changes_nothing(ledger, seen, folder, monkeypatch):
    ledger()
    before = (folder / 'baseline.json').read_bytes()

    def observe(*_arguments):
        raise OSError(errno.EIO, 'broken', '/proc/swaps')

    monkeypatch.setattr(traces, 'observe', observe)
    result = ledger('closed')
    assert (result['problem']['what'], result['problem']['where']) == ('the lab host cannot be looked at', '/proc/swaps')
    assert (folder / 'baseline.json').read_bytes() == before


def test_a_full_disk_leaves_the_old_records(ledger, seen, folder, monkeypatch):
    ledger()
    before = (folder / 'baseline.json').read_bytes()

    def full(_handle):
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(state.os, 'fsync', full)
    result = ledger('closed')
    assert result['problem']['what'] == 'the baseline of the lab host cannot be written'
    assert 'No space left' in result['problem']['why']
    assert (folder / 'baseline.json').read_bytes() == before
    assert sorted(os.listdir(str(folder))) == ['baseline.json', 'records.lock']


def test_names_that_are_not_ascii(run_module, seen, folder, tmp_path, monkeypatch):
    """Python 2 in the C locale has them as bytes in a folder, and as text in a record."""
    place = tmp_path / 'place'
    place.mkdir()
    name = u'caf\xe9'.encode('utf-8')

    def look(places, _inventory, known, store):
        assert all(isinstance(path, str) for path in places['paths'])
        found = traces.Paths(dict((path, spec) for path, spec in places['paths'].items() if path == str(place)), known, store).look()
        return dict((kind, {}) if kind != 'paths' else (kind, found) for kind in account.THINGS + ('sysctls',))

    def write(extra):
        with open(os.path.join(str(place).encode('utf-8'), name + extra), 'wb'):
            pass

    monkeypatch.setattr(traces, 'observe', look)
    places = dict(PLACES, paths={str(place): {'is': 'folder'}})
    write(b'')
    for wanted in ('opened', 'looked'):
        assert run_module('osa_ledger', state=wanted, state_dir=str(folder), places=places)['added'] == []
    write(b'2')
    assert len(run_module('osa_ledger', state='closed', state_dir=str(folder), places=places)['added']) == 1
    assert [os.path.basename(path) for path in made(folder)['paths']] == [u'caf\xe92']
