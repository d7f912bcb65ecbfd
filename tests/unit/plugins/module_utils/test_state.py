# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import fcntl
import json
import multiprocessing
import os
import stat
import time

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import state
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError


def mode(path):
    return stat.S_IMODE(os.stat(str(path)).st_mode)


def test_digest():
    assert state.digest({'a': 1, u'\xe4': [2, u'\xe4']}) == state.digest({u'\xe4': [2, u'\xe4'], 'a': 1})
    assert state.digest({'a': 1}) != state.digest({'a': 2})
    assert len(state.digest({})) == 16


def test_digest_of_numbers_that_arrive_as_text():
    """Releases of Ansible differ in that."""
    assert state.digest({'a': 1, 'b': [True]}) == state.digest({'a': '1', 'b': ['True']})


def test_private_folder(tmp_path):
    state.make_private_dir(str(tmp_path / 'a' / 'b'))
    assert mode(tmp_path / 'a' / 'b') == 0o700


def test_folder_becomes_private(tmp_path):
    tmp_path.chmod(0o755)
    state.make_private_dir(str(tmp_path))
    assert mode(tmp_path) == 0o700


def test_private_folder_where_a_file_is(tmp_path):
    (tmp_path / 'file').write_bytes(b'')
    with pytest.raises(OSError):
        state.make_private_dir(str(tmp_path / 'file'))


def test_write_atomically(tmp_path):
    path = tmp_path / 'file'
    path.write_bytes(b'old')
    state.write_atomically(str(path), u'n\xe4u')
    assert path.read_bytes() == u'n\xe4u'.encode('utf-8')
    assert mode(path) == 0o600
    assert os.listdir(str(tmp_path)) == ['file']


def test_failed_write_leaves_the_old_and_no_rest(tmp_path, monkeypatch):
    def fail(_old, _new):
        raise OSError('disk full')

    path = tmp_path / 'file'
    path.write_bytes(b'old')
    monkeypatch.setattr(state.os, 'rename', fail)
    with pytest.raises(OSError):
        state.write_atomically(str(path), u'new')
    assert path.read_bytes() == b'old'
    assert os.listdir(str(tmp_path)) == ['file']


def test_no_state_yet(tmp_path):
    assert state.State(str(tmp_path / 'none')).steps() == {}
    assert not (tmp_path / 'none').exists()


def test_record(tmp_path):
    record = state.State(str(tmp_path / 'state')).record
    record('a', rc=None, inputs='x')
    record('b', rc=0)
    assert record('a', rc=0) == {'rc': 0, 'inputs': 'x'}
    steps = {'a': {'rc': 0, 'inputs': 'x'}, 'b': {'rc': 0}}
    assert state.State(str(tmp_path / 'state')).steps() == steps
    content = (tmp_path / 'state' / 'state.json').read_bytes().decode('utf-8')
    assert json.loads(content) == {'version': 1, 'steps': steps}
    assert mode(tmp_path / 'state') == 0o700
    assert mode(tmp_path / 'state' / 'state.json') == 0o600


@pytest.mark.parametrize('content', [
    b'', b'{', b'null', b'[]', b'{}', b'{"version": 1}', b'{"version": 1, "steps": []}', b'{"steps": {}}',
    b'{"version": "x", "steps": {}}',
    b'{"version": null, "steps": {}}', b'\xff'])
def test_damaged_state(content, tmp_path):
    (tmp_path / 'state.json').write_bytes(content)
    with pytest.raises(AioError) as error:
        state.State(str(tmp_path)).steps()
    assert error.value.what == 'the state of the lab host is damaged'
    assert error.value.where == str(tmp_path / 'state.json')
    with pytest.raises(AioError):
        state.State(str(tmp_path)).record('a', rc=0)
    assert (tmp_path / 'state.json').read_bytes() == content


def test_state_of_a_newer_version(tmp_path):
    (tmp_path / 'state.json').write_bytes(json.dumps({'version': state.STATE_VERSION + 1, 'steps': {}}).encode('utf-8'))
    with pytest.raises(AioError) as error:
        state.State(str(tmp_path)).steps()
    assert 'newer version' in error.value.what


def test_state_of_another_user(tmp_path, monkeypatch):
    state.State(str(tmp_path)).record('a', rc=0)
    monkeypatch.setattr(state.os, 'geteuid', lambda: os.stat(str(tmp_path)).st_uid + 1)
    with pytest.raises(AioError) as error:
        state.State(str(tmp_path)).steps()
    assert error.value.what == 'the state of the lab host is not ours'
    assert error.value.why == 'it belongs to user %d' % os.stat(str(tmp_path)).st_uid


@pytest.mark.parametrize('kind', [state.State, state.Ledger, state.Baseline])
def test_a_full_disk_leaves_what_was_there(kind, tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(errno.ENOSPC, 'No space left on device')

    record = kind(str(tmp_path))
    record.save({'a': {}})
    monkeypatch.setattr(state.os, 'fsync', full)
    with pytest.raises(AioError) as error:
        record.save({'b': {}})
    assert error.value.what == 'the %s of the lab host cannot be written' % kind.NAME
    assert (error.value.where, 'No space left' in error.value.why) == (record.path, True)
    assert record.load() == {'a': {}}
    assert os.listdir(str(tmp_path)) == [kind.FILE]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / 'file').write_bytes(b'')
    for change in (lambda record: record.save({}), lambda record: record.add('kind', 'name')):
        with pytest.raises(AioError) as error:
            change(state.Ledger(str(tmp_path / 'file')))
        assert error.value.what == 'the ledger of the lab host cannot be written'


def test_state_that_cannot_be_read(tmp_path):
    (tmp_path / 'state.json').mkdir()
    with pytest.raises(AioError) as error:
        state.State(str(tmp_path)).steps()
    assert error.value.what == 'the state of the lab host cannot be read'


@pytest.fixture
def ledger(tmp_path):
    return state.Ledger(str(tmp_path / 'state'))


def made(ledger):
    with open(ledger.path) as stream:
        return json.load(stream)


def test_ledger_of_nothing(ledger):
    assert ledger.load() == {}
    assert not ledger.has('ceph_keys', 'client.dev')
    ledger.remove('ceph_keys', 'client.dev')
    assert not os.path.exists(ledger.path)


def test_ledger(ledger, tmp_path):
    ledger.add('ceph_keys', 'client.dev')
    ledger.add('ceph_keys', 'client.other', why='asked for')
    ledger.add('pools', 'client.dev', pg_num=8)
    assert made(ledger) == {'version': 1, 'made': {
        'ceph_keys': {'client.dev': {}, 'client.other': {'why': 'asked for'}}, 'pools': {'client.dev': {'pg_num': 8}}}}
    assert mode(ledger.path) == 0o600
    assert ledger.has('ceph_keys', 'client.dev')
    assert not ledger.has('ceph_keys', 'pools')
    ledger.remove('ceph_keys', 'client.dev')
    assert not ledger.has('ceph_keys', 'client.dev')
    assert ledger.has('pools', 'client.dev')


def test_ledger_with_facts(ledger):
    ledger.add('pools', 'a', pg_num=8, fsid='x')
    assert ledger.has('pools', 'a', pg_num=8) and ledger.has('pools', 'a', pg_num=8, fsid='x')
    assert not ledger.has('pools', 'a', pg_num=16) and not ledger.has('pools', 'a', size=3)


def write(folder, who):
    for number in range(100):
        name = '%s%d' % (who, number)
        state.Ledger(folder).add('pools', name)
        state.State(folder).record(name, rc=0)
        if number % 2:
            state.Ledger(folder).remove('pools', name)


def test_two_at_once(ledger):
    """Nothing that one wrote is lost to the other."""
    writers = [multiprocessing.Process(target=write, args=(ledger.directory, who)) for who in 'ab']
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    names = ['%s%d' % (who, number) for who in 'ab' for number in range(100)]
    assert sorted(state.State(ledger.directory).steps()) == sorted(names)
    assert sorted(ledger.load()['pools']) == sorted(name for name in names if int(name[1:]) % 2 == 0)


@pytest.mark.parametrize('change', [
    lambda folder: state.Ledger(folder).add('pools', 'b'), lambda folder: state.Ledger(folder).remove('pools', 'a'),
    lambda folder: state.State(folder).record('a', rc=0)])
def test_somebody_else_keeps_it_locked(ledger, monkeypatch, change):
    ledger.add('pools', 'a')
    path = os.path.join(ledger.directory, 'records.lock')
    assert mode(path) == 0o600
    monkeypatch.setattr(state, 'LOCK_WAIT', 0.2)
    with open(path) as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        start = time.time()
        with pytest.raises(AioError) as error:
            change(ledger.directory)
        assert 0.2 <= time.time() - start < 2
    assert (error.value.where, error.value.why) == (path, 'another process has had it locked for 0.2 s')
    assert error.value.remedy
    assert ledger.load() == {'pools': {'a': {}}}
    change(ledger.directory)


def test_ledger_again(ledger):
    """What is written twice is there once, as written last."""
    ledger.add('pools', 'a', pg_num=8)
    ledger.add('pools', 'a', pg_num=16)
    assert made(ledger)['made'] == {'pools': {'a': {'pg_num': 16}}}
    ledger.remove('pools', 'a')
    ledger.remove('pools', 'a')
    assert made(ledger)['made'] == {}


def test_state_and_ledger_are_two_files(ledger):
    ledger.add('pools', 'a')
    state.State(ledger.directory).record('bootstrap', rc=0)
    assert sorted(os.listdir(ledger.directory)) == ['ledger.json', 'records.lock', 'state.json']
    assert ledger.has('pools', 'a')


@pytest.mark.parametrize('content', [
    b'', b'{', b'[]', b'{"version": 1}', b'{"version": 1, "steps": {}}', b'{"version": 1, "made": []}', b'{"made": {}}'])
def test_damaged_ledger(ledger, content):
    """Nothing is added to it or taken from it."""
    os.makedirs(ledger.directory)
    with open(ledger.path, 'wb') as stream:
        stream.write(content)
    for call in (ledger.load, lambda: ledger.has('a', 'b'), lambda: ledger.add('a', 'b'), lambda: ledger.remove('a', 'b')):
        with pytest.raises(AioError) as error:
            call()
        assert error.value.what == 'the ledger of the lab host is damaged'
        assert error.value.remedy == 'restore the file: only what it names is ever removed'
    with open(ledger.path, 'rb') as stream:
        assert stream.read() == content


def test_ledger_of_a_newer_version(ledger):
    os.makedirs(ledger.directory)
    with open(ledger.path, 'w') as stream:
        json.dump({'version': state.STATE_VERSION + 1, 'made': {}}, stream)
    with pytest.raises(AioError) as error:
        ledger.load()
    assert error.value.what == 'the ledger of the lab host was written by a newer version of this collection'


def test_where_things_are_remembered():
    assert state.State().path == '/var/lib/osa_ceph_aio/state.json'
    assert state.Ledger().path == '/var/lib/osa_ceph_aio/ledger.json'


def test_a_folder_of_others_is_no_state_folder(tmp_path):
    (tmp_path / 'thesis').mkdir()
    tmp_path.chmod(0o755)
    with pytest.raises(AioError) as error:
        state.State(str(tmp_path)).record('bootstrap', rc=0)
    assert (error.value.where, 'such as thesis' in error.value.why) == (str(tmp_path), True)
    assert (os.listdir(str(tmp_path)), mode(tmp_path)) == (['thesis'], 0o755)


def test_a_state_folder_that_was_just_begun(tmp_path):
    (tmp_path / '.lease.jsonx1').write_bytes(b'')
    state.State(str(tmp_path)).record('bootstrap', rc=0)


def test_a_state_folder_may_have_more_in_it(tmp_path):
    state.State(str(tmp_path / 'state')).record('bootstrap', rc=0)
    (tmp_path / 'state' / 'notes').mkdir()
    state.State(str(tmp_path / 'state')).record('bootstrap', rc=1)
    assert state.State(str(tmp_path / 'state')).steps()['bootstrap']['rc'] == 1
