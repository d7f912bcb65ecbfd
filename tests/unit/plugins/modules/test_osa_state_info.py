# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.lease import Lease
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import State
from ansible_collections.osa_lab.ceph_aio.plugins.modules import osa_state_info


def test_no_state_yet(run_module, tmp_path):
    result = run_module('osa_state_info', state_dir=str(tmp_path / 'none'))
    assert (result['changed'], result['steps'], result['lease'], result['snapshots'], result['lockfile']) == (False, {}, None, [], '')
    assert not (tmp_path / 'none').exists()


@pytest.mark.parametrize('check_mode', [False, True])
def test_steps(run_module, tmp_path, check_mode):
    State(str(tmp_path)).record('bootstrap', rc=0, seconds=1.5)
    result = run_module('osa_state_info', state_dir=str(tmp_path), _ansible_check_mode=check_mode)
    assert result['steps'] == {'bootstrap': {'rc': 0, 'seconds': 1.5}}


def test_step_that_runs(run_module, tmp_path):
    script = 'echo "PLAY [all] ***"; echo "TASK [one] ***"; sleep 30'
    run_module('osa_step', name='setup', argv=['sh', '-c', script], chdir=str(tmp_path), state_dir=str(tmp_path / 'state'), patience=0.2)
    running = run_module('osa_state_info', state_dir=str(tmp_path / 'state'))['running']
    run_module('osa_job', state='ended', state_dir=str(tmp_path / 'state'))
    assert (running['step'], running['tasks'], running['play'], running['task']) == ('setup', 1, 'all', 'one')
    assert running['seconds'] > 0
    assert run_module('osa_state_info', state_dir=str(tmp_path / 'state'))['running'] is None


def test_all_else_that_is_written_down(run_module, tmp_path):
    Lease(str(tmp_path)).take('ann@there', 'tests', '8h')
    (tmp_path / 'lockfile.yml').write_bytes(b'release_series: embedded\n')
    (tmp_path / 'snapshots' / 'golden').mkdir(parents=True)
    result = run_module('osa_state_info', state_dir=str(tmp_path), snapshots=str(tmp_path / 'snapshots'))
    assert (result['lease']['owner'], result['lease']['expired'], result['lockfile']) == ('ann@there', False, 'release_series: embedded\n')
    assert [(snapshot['name'], 'has no description' in snapshot['problem']) for snapshot in result['snapshots']] == [('golden', True)]


def test_damaged_state(run_module, tmp_path):
    (tmp_path / 'state.json').write_bytes(b'{"version": 1, "steps": ')
    result = run_module('osa_state_info', state_dir=str(tmp_path))
    assert result['failed']
    assert result['problem']['what'] == 'the state of the lab host is damaged'
    assert result['problem']['where'] == str(tmp_path / 'state.json')


def test_return_documentation(run_module, tmp_path, returned, documented):
    result = run_module('osa_state_info', state_dir=str(tmp_path))
    (tmp_path / 'state.json').write_bytes(b'')
    assert returned(result, run_module('osa_state_info', state_dir=str(tmp_path))) == documented('osa_state_info')


def test_folder_that_may_not_be_read(run_module, tmp_path, monkeypatch):
    def refused(_directory):
        raise OSError(13, 'Permission denied', str(tmp_path / 'snapshots' / 'golden'))
    monkeypatch.setattr(osa_state_info.snapshots, 'listed', refused)
    result = run_module('osa_state_info', state_dir=str(tmp_path), snapshots=str(tmp_path / 'snapshots'))
    assert result['failed']
    assert (result['problem']['where'], 'become root' in result['problem']['remedy']) == (str(tmp_path / 'snapshots' / 'golden'), True)
