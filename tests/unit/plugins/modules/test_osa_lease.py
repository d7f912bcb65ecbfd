# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json
import os
import stat

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import State

FAR = '2099-01-01T00:00:00Z'


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'state' / 'lease.json'


@pytest.fixture
def osa_lease(run_module, path):
    def run(state='present', owner='ann@desk', **arguments):
        return run_module('osa_lease', state=state, owner=owner, state_dir=str(path.parent), **arguments)
    return run


def written(path):
    return json.loads(path.read_bytes().decode('utf-8'))['lease']


def test_take(osa_lease, path):
    result = osa_lease(purpose='the upgrade', expires=FAR)
    assert result['changed']
    assert (result['lease']['owner'], result['lease']['expires'], result['lease']['expired']) == ('ann@desk', FAR, False)
    assert dict(written(path), expired=False) == result['lease']
    assert [stat.S_IMODE(os.stat(str(name)).st_mode) for name in (path, path.parent)] == [0o600, 0o700]
    assert result['diff']['before'] == ''
    assert json.loads(result['diff']['after']) == result['lease']


def test_take_twice(osa_lease):
    osa_lease(expires=FAR)
    result = osa_lease(expires=FAR)
    assert not result['changed']
    assert result['diff']['before'] == result['diff']['after']


def test_take_for_eight_hours(osa_lease):
    assert not osa_lease()['lease']['expired']


def test_give_back(osa_lease, path):
    osa_lease()
    result = osa_lease('absent')
    assert (result['changed'], result['lease'], result['diff']['after']) == (True, None, '')
    assert not path.exists()
    assert not osa_lease('absent')['changed']


@pytest.mark.parametrize('state', ['present', 'absent', 'check'])
def test_of_another(osa_lease, path, state):
    osa_lease(expires=FAR)
    was = written(path)
    result = osa_lease(state, owner='bob@desk')
    assert result['failed']
    assert result['lease'] == dict(was, expired=False)
    assert 'leased to ann@desk' in result['msg'] and 'lease_override=ann@desk' in result['msg']
    assert osa_lease(state, owner='bob@desk', override='carl@desk')['failed']
    assert written(path) == was
    assert 'failed' not in osa_lease(state, owner='bob@desk', override='ann@desk')


def test_check_without_another(osa_lease, path):
    assert osa_lease('check')['lease'] is None
    assert not path.parent.exists()
    osa_lease()
    result = osa_lease('check')
    assert (result['changed'], result['lease']['owner']) == (False, 'ann@desk')


def test_look(osa_lease):
    assert osa_lease('look', owner='')['lease'] is None
    osa_lease()
    assert osa_lease('look', owner='bob@desk')['lease']['owner'] == 'ann@desk'


@pytest.mark.parametrize('state', ['present', 'absent', 'check'])
@pytest.mark.parametrize('arguments, where', [({'owner': ''}, 'lease_owner'), ({'override': 'a b'}, 'lease_override')])
def test_names(osa_lease, path, state, arguments, where):
    result = osa_lease(state, **arguments)
    assert result['failed']
    assert result['problem']['where'] == where
    assert not path.parent.exists()


def test_end_that_is_no_time(osa_lease, path):
    result = osa_lease(expires='tomorrow')
    assert result['failed']
    assert "'tomorrow' is no time" in result['msg']
    assert not path.parent.exists()


def test_check_mode(osa_lease, path):
    result = osa_lease(_ansible_check_mode=True)
    assert (result['changed'], result['lease']['owner']) == (True, 'ann@desk')
    assert not path.parent.exists()
    osa_lease()
    assert osa_lease('absent', _ansible_check_mode=True)['changed']
    assert path.exists()
    assert osa_lease('check', owner='bob@desk', _ansible_check_mode=True)['failed']


def test_record_that_is_damaged(osa_lease, path):
    path.parent.mkdir()
    path.write_bytes(b'{')
    for state in ('present', 'absent', 'check', 'look'):
        result = osa_lease(state)
        assert result['failed']
        assert result['problem']['what'] == 'the lease of the lab host is damaged'
    assert path.read_bytes() == b'{'


def test_folder_that_cannot_be_made(osa_lease, path):
    path.parent.write_bytes(b'')
    result = osa_lease()
    assert result['failed']
    assert result['problem']['what'] == 'the lease of the lab host cannot be written'


def test_other_records_stay(osa_lease, path):
    State(str(path.parent)).record('bootstrap', rc=0)
    osa_lease()
    osa_lease('absent')
    assert State(str(path.parent)).steps() == {'bootstrap': {'rc': 0}}


def test_return_documentation(osa_lease, returned, documented):
    """diff is of every module."""
    taken, refused = osa_lease(), osa_lease(owner='bob@desk')
    assert returned(taken, refused) == documented('osa_lease')
