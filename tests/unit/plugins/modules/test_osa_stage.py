# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import State, digest

VERIFY = {'name': 'verify', 'inputs': {'pg_num': 8}, 'evidence': {'health': 'HEALTH_OK'}, 'seconds': 2.5}


@pytest.fixture
def state(tmp_path):
    return State(str(tmp_path / 'state'))


def test_record(run_module, state):
    state.record('setup-hosts', rc=0)
    result = run_module('osa_stage', stages=[VERIFY, {'name': 'source'}], state_dir=state.directory)
    assert not result['changed']
    steps = state.steps()
    assert sorted(steps) == ['setup-hosts', 'source', 'verify']
    seen = steps['verify']
    assert (seen['inputs'], seen['evidence'], seen['rc'], seen['seconds']) == (digest({'pg_num': 8}), {'health': 'HEALTH_OK'}, 0, 2.5)
    assert seen['started'] < seen['finished']
    assert steps['source']['started'] == steps['source']['finished']


def test_check_mode_writes_nothing(run_module, state, tmp_path):
    run_module('osa_stage', stages=[VERIFY], state_dir=state.directory, _ansible_check_mode=True)
    assert not (tmp_path / 'state').exists()


def test_record_that_is_damaged_is_left_alone(run_module, state, tmp_path):
    (tmp_path / 'state').mkdir()
    (tmp_path / 'state' / 'state.json').write_bytes(b'{"ver')
    assert 'is damaged' in run_module('osa_stage', stages=[VERIFY], state_dir=state.directory)['problem']['what']
    assert (tmp_path / 'state' / 'state.json').read_bytes() == b'{"ver'


def test_folder_that_is_none(run_module, state, tmp_path):
    (tmp_path / 'state').write_bytes(b'')
    assert run_module('osa_stage', stages=[VERIFY], state_dir=state.directory)['problem']['what'] == 'the state of the lab host cannot be written'
