# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import drills, golden, snapshots, unfinished
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import Ledger

MANIFEST = {
    'name': 'golden', 'fsid': '31ff4489-b257-4172-816a-af35b0f0ff48', 'health': 'HEALTH_OK', 'osds': {'total': 3, 'up': 3, 'in': 3},
    'pools': [{'name': 'rbd', 'pg_num': 8}], 'container': 'mon', 'images': [], 'mounts': [], 'places': []}
SUMMARY = dict((name, MANIFEST[name]) for name in ('name', 'fsid', 'health', 'osds', 'pools'))


class Done:
    """What was done to the environment, in order; a step that fails is in fails."""

    def __init__(self):
        self.steps = []
        self.fails = {}

    def step(self, name, answer=None):
        def do(*_arguments):
            self.steps.append(name)
            if name in self.fails:
                raise self.fails[name]
            return answer
        return do


@pytest.fixture
def done(monkeypatch):
    done = Done()

    def take(snapshot, manifest):
        done.steps.append('take')
        os.makedirs(snapshot.path)
        manifest['taken'] = '2026-11-23T04:00:00Z'
        snapshots.Manifest(snapshot.path).save(manifest)

    monkeypatch.setattr(golden.Snapshot, 'look', lambda snapshot: done.step('look unhealthy' if snapshot.params['unhealthy'] else 'look', dict(MANIFEST))())
    monkeypatch.setattr(golden.Snapshot, 'take', take)
    monkeypatch.setattr(golden.Snapshot, 'needed', done.step('needed', 5))
    monkeypatch.setattr(golden.Snapshot, 'growth', done.step('growth', 5))
    for name in ('reset', 'await_golden', 'check_identity'):
        monkeypatch.setattr(golden.Snapshot, name, done.step(name))
    monkeypatch.setattr(golden.Snapshot, 'check_space', done.step('space'))
    return done


@pytest.fixture
def snapshot(run_module, done, tmp_path):
    """Run the module: snapshot(option=value...)."""
    def run(**options):
        return run_module('ceph_snapshot', **dict(
            {'directory': str(tmp_path / 'snapshots'), 'state_dir': str(tmp_path / 'state')}, **options))
    return run


@pytest.fixture
def there(tmp_path):
    """Have a snapshot."""
    path = tmp_path / 'snapshots' / 'golden'
    path.mkdir(parents=True)
    snapshots.Manifest(str(path)).save(dict(MANIFEST, taken='2026-11-22T04:00:00Z'))
    Ledger(str(tmp_path / 'state')).add('snapshot', str(path), folder_is_ours=True)
    return path


def test_taken(snapshot, done, tmp_path):
    result = snapshot()
    assert result['changed'] is True
    assert result['snapshot'] == dict(SUMMARY, taken='2026-11-23T04:00:00Z', path=str(tmp_path / 'snapshots' / 'golden'))
    assert done.steps == ['look', 'needed', 'space', 'take', 'await_golden']


def test_there_already(snapshot, done, there):
    result = snapshot()
    assert (result['changed'], result['snapshot']['taken'], done.steps) == (False, '2026-11-22T04:00:00Z', [])


def test_replaced(snapshot, done, there):
    there.joinpath('snapshot.json').unlink()
    there.rmdir()
    result = snapshot(replace=True, unhealthy=True)
    assert (result['changed'], done.steps) == (True, ['look unhealthy', 'needed', 'space', 'take', 'await_golden'])


def test_restored(snapshot, done, there):
    for _time in range(2):
        done.steps = []
        result = snapshot(state='restored')
        assert (result['changed'], result['snapshot']['taken']) == (True, '2026-11-22T04:00:00Z')
        assert done.steps == ['check_identity', 'growth', 'space', 'reset', 'await_golden']


@pytest.mark.parametrize('mends', [True, False])
def test_restored_after_an_interrupted_drill(snapshot, done, there, tmp_path, monkeypatch, mends):
    """What the drill broke is mended first; where the cluster is too broken for that, by the reset."""
    pending = drills.Pending(str(tmp_path / 'state'))
    pending.save({'name': 'osd_out', 'facts': {'osd': '1'}, 'started': 'then'})
    if not mends:
        done.fails['mend'] = AioError('no mon can be reached')
    monkeypatch.setattr(drills.Drill, '_do', done.step('mend'))
    result = snapshot(state='restored')
    assert result['changed'] is True
    assert done.steps == ['check_identity', 'growth', 'space'] + ['mend'] * (2 if mends else 1) + ['reset', 'await_golden']
    assert pending.load() == {}
    assert [text for text in result.get('warnings', []) if 'no mon can be reached' in text] == ([] if mends else result['warnings'])


@pytest.mark.parametrize('name', ['golden.old', 'golden'])
def test_restored_after_an_interrupted_snapshot(snapshot, done, there, tmp_path, name):
    """Whenever it was killed: the half one is gone, and the one that was to be replaced is brought back."""
    there.rename(tmp_path / 'snapshots' / name)
    (tmp_path / 'snapshots' / 'golden.new').mkdir()
    unfinished.Taking(str(tmp_path / 'state')).save({'path': str(there), 'places': [], 'mounts': []})
    result = snapshot(state='restored')
    assert (result['changed'], result['snapshot']['taken']) == (True, '2026-11-22T04:00:00Z')
    assert os.listdir(str(tmp_path / 'snapshots')) == ['golden']


def test_restored_after_an_interrupted_reset(snapshot, done, there, tmp_path):
    """Where it cannot be, the way out is another: site and snapshot refuse then."""
    done.fails['reset'] = AioError('no', 'where', 'why', 'look')
    assert snapshot(state='restored')['problem']['remedy'] == 'look'
    unfinished.Resetting(str(tmp_path / 'state')).save({'name': 'golden', 'started': 'then'})
    assert snapshot(state='restored')['problem']['remedy'] == 'look; ' + unfinished.ANEW
    gone = snapshot(state='restored', name='gone')
    assert "there is no snapshot 'gone'" in gone['msg'] and gone['msg'].count('make rebuild') == 1


@pytest.mark.parametrize('refuses', ['check_identity', 'space'])
def test_refused(snapshot, done, there, refuses):
    """Nothing is touched then."""
    done.fails[refuses] = AioError('no', 'where', 'why', 'next')
    result = snapshot(state='restored')
    assert (result['failed'], result['problem']['what']) == (True, 'no')
    assert 'reset' not in done.steps


@pytest.mark.parametrize('state', ['restored', 'absent'])
def test_unknown(snapshot, done, there, state):
    result = snapshot(name='gold', state=state)
    if state == 'restored':
        assert "there is no snapshot 'gold'" in result['msg'] and 'there are golden' in result['msg']
    else:
        assert result['changed'] is False
    assert done.steps == []


def test_removed(snapshot, done, there, tmp_path):
    assert snapshot(state='absent', _ansible_check_mode=True)['changed'] is True
    assert there.exists()
    assert snapshot(state='absent')['changed'] is True
    assert not (tmp_path / 'snapshots').exists()
    assert Ledger(str(tmp_path / 'state')).load() == {}
    assert snapshot(state='absent')['changed'] is False


@pytest.mark.parametrize('options, steps', [
    ({}, ['look', 'needed', 'space']), ({'state': 'restored', 'name': 'golden'}, ['check_identity', 'growth', 'space'])])
def test_check_mode(snapshot, done, there, options, steps):
    """Predicts, refusals too, and does nothing."""
    result = snapshot(_ansible_check_mode=True, **dict({'name': 'other'}, **options))
    assert (result['changed'], done.steps) == (True, steps)


@pytest.mark.parametrize('check_mode', [True, False])
def test_settled(snapshot, done, tmp_path, check_mode):
    assert snapshot(state='settled', _ansible_check_mode=check_mode)['changed'] is False
    taking = unfinished.Taking(str(tmp_path / 'state'))
    taking.save({'path': str(tmp_path / 'snapshots' / 'golden'), 'places': [], 'mounts': []})
    assert snapshot(state='settled', _ansible_check_mode=check_mode)['changed'] is True
    assert bool(taking.load()) is check_mode
    unfinished.Resetting(str(tmp_path / 'state')).save({'name': 'golden', 'started': 'then'})
    assert 'a reset was interrupted' in snapshot(state='settled', _ansible_check_mode=check_mode)['msg']


def test_disk_that_fails(snapshot, done):
    done.fails['space'] = OSError(5, 'Input/output error')
    result = snapshot()
    assert 'Input/output error' in result['problem']['why']


def test_state_of_the_cluster(snapshot, done):
    done.fails['look'] = golden.containers.ContainerProblem('container_stopped', 'it does not run', 'mon', 'stopped', 'start it')
    assert snapshot()['state'] == 'container_stopped'


@pytest.mark.parametrize('options, text', [
    ({'name': 'a/b'}, 'is no name of a snapshot (name)'), ({'deadline': 0}, '0 is no time limit (deadline)'),
    ({'timeout': -1}, 'is no time limit (timeout)'), ({'container': 'a b'}, 'is no name of a container'),
    ({'state': 'gone'}, 'value of state must be one of')])
def test_options_that_make_no_sense(snapshot, done, options, text):
    result = snapshot(**options)
    assert result['failed'] and text in result['msg']
    assert done.steps == []


def test_return_documentation(snapshot, done, returned, documented):
    good = snapshot()
    done.fails['look'] = golden.containers.ContainerProblem('container_stopped', 'it does not run', 'mon', 'stopped', 'start it')
    denied = snapshot(name='other')
    assert returned(good, denied) | set(['state']) == documented('ceph_snapshot')
    assert 'state' in denied
    assert set(good['snapshot']) == documented('ceph_snapshot', 'snapshot')


@pytest.mark.parametrize('options', [{'state': 'absent'}, {'replace': True}])
def test_a_folder_of_others_is_left_alone(snapshot, done, tmp_path, options):
    (tmp_path / 'snapshots' / 'golden').mkdir(parents=True)
    (tmp_path / 'snapshots' / 'golden' / 'thesis').write_bytes(b'chapter one')
    result = snapshot(**options)
    assert result['failed'] and result['problem']['what'] == 'the folder is no snapshot'
    assert (tmp_path / 'snapshots' / 'golden' / 'thesis').exists()
    assert done.steps == []


def test_what_the_ledger_has_goes_without_a_description(snapshot, there):
    (there / 'snapshot.json').unlink()
    assert snapshot(state='absent')['changed']
    assert not there.exists()


def test_what_is_mounted_in_a_snapshot_is_left_alone(snapshot, there, monkeypatch):
    (there / 'a').mkdir()
    monkeypatch.setattr(snapshots.removal.traces, 'mounts', lambda: {str(there / 'a'): '/dev/sda'})
    result = snapshot(state='absent')
    assert result['failed'] and result['problem']['where'] == str(there / 'a')
    assert (there / 'snapshot.json').exists()
