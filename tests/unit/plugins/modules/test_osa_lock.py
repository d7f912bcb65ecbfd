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
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import drills, supervisor, unfinished
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import State
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.supervision import Job
from ansible_collections.osa_lab.ceph_aio.plugins.modules import osa_lock

ONE = {'id': '1', 'controller': 'c1', 'user': 'u1', 'pid': 11, 'since': '2026-11-22T18:00:00Z'}
TWO = {'id': '2', 'controller': 'c2', 'user': 'u2', 'pid': 22, 'since': '2026-11-22T19:00:00Z'}


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'state' / 'lock'


@pytest.fixture
def lock(run_module, path):
    def run(owner, state='present', **arguments):
        return run_module('osa_lock', owner=owner, state=state, state_dir=str(path.parent), **arguments)
    return run


def holder(path):
    return json.loads(path.read_bytes().decode('utf-8'))


def test_take_and_give_back(lock, path):
    result = lock(ONE)
    assert (result['changed'], 'failed' in result) == (False, False)
    assert holder(path) == ONE
    assert [stat.S_IMODE(os.stat(str(name)).st_mode) for name in (path, path.parent)] == [0o600, 0o700]
    lock(ONE, 'absent')
    assert not path.parent.exists()


def test_take_twice(lock, path):
    lock(ONE)
    assert 'failed' not in lock(ONE)
    assert os.listdir(str(path.parent)) == ['lock']


def test_held_by_another(lock, path):
    lock(ONE)
    result = lock(TWO)
    assert result['failed']
    assert result['holder'] == ONE
    assert result['problem']['why'] == 'process 11 of u1 on c1, since 2026-11-22T18:00:00Z'
    assert 'lock_force=true' in result['problem']['remedy']
    assert holder(path) == ONE


def test_only_the_holder_gives_it_back(lock, path):
    lock(ONE)
    assert 'failed' not in lock(TWO, 'absent')
    assert holder(path) == ONE


@pytest.mark.parametrize('arguments', [{'force': True}, {'dead': ['1']}])
def test_what_is_not_ours_is_given_back_in_no_case(lock, path, arguments):
    """A run that was refused after it was told to take the lock has not taken it."""
    lock(ONE)
    assert 'failed' not in lock(TWO, 'absent', **arguments)
    assert holder(path) == ONE


def test_give_back_what_nobody_holds(lock, path):
    assert 'failed' not in lock(ONE, 'absent')
    assert not path.parent.exists()


@pytest.mark.parametrize('arguments', [{'force': True}, {'dead': ['7', '1']}])
def test_take_over(lock, path, arguments):
    lock(ONE)
    assert 'failed' not in lock(TWO, **arguments)
    assert holder(path) == TWO
    assert os.listdir(str(path.parent)) == ['lock']


def test_another_one_is_dead(lock, path):
    lock(ONE)
    assert lock(TWO, dead=['7'])['failed']


@pytest.mark.parametrize('content', [b'', b'{', b'\xff', b'null', b'[]', b'"x"'])
def test_lock_that_cannot_be_understood(lock, path, content):
    """It may be another run's, so it keeps us out; force takes it."""
    path.parent.mkdir()
    path.write_bytes(content)
    assert lock(ONE)['failed']
    assert path.read_bytes() == content
    assert 'failed' not in lock(ONE, force=True)
    assert holder(path) == ONE


def test_lock_that_cannot_be_read(lock, path):
    path.mkdir(parents=True)
    result = lock(ONE)
    assert result['failed']
    assert result['problem']['what'] == 'the lock cannot be read'


def test_folder_that_cannot_be_made(lock, path):
    path.parent.write_bytes(b'')
    result = lock(ONE)
    assert result['failed']
    assert str(path) == result['problem']['where']


def test_check_mode_takes_nothing(lock, path):
    assert 'failed' not in lock(ONE, _ansible_check_mode=True)
    assert not path.parent.exists()


def test_check_mode_tells_of_the_holder(lock, path):
    lock(ONE)
    assert lock(TWO, _ansible_check_mode=True)['failed']
    assert 'failed' not in lock(TWO, force=True, _ansible_check_mode=True)
    lock(ONE, 'absent', _ansible_check_mode=True)
    assert holder(path) == ONE


def test_one_of_many_takes_what_a_dead_run_left(path):
    """They all ask at the same moment; one gets it."""
    path.parent.mkdir()
    path.write_bytes(b'{"id": "7"}')
    children = []
    for number in range(8):
        pid = os.fork()
        if pid == 0:
            holder = osa_lock.take(str(path), {
                'state_dir': str(path.parent), 'owner': {'id': 'run%d' % number}, 'dead': ['7'], 'force': False})
            os._exit(1 if holder else 0)
        children.append(pid)
    assert sorted(os.waitpid(pid, 0)[1] >> 8 for pid in children) == [0] + [1] * 7


def test_return_documentation(lock, returned, documented):
    succeeded, failed = lock(ONE), lock(TWO)
    assert returned(succeeded) == {'left'}
    assert returned(succeeded, failed) == documented('osa_lock')


def test_what_is_unfinished_is_told(lock, path):
    """Under the names that those have for it who begin it."""
    assert lock(ONE)['left'] == []
    os.mkdir(Job(State(str(path.parent))).folder)
    for name in (os.path.join('supervised', supervisor.JOB), drills.Pending.FILE, unfinished.Taking.FILE, unfinished.Resetting.FILE):
        (path.parent / name).write_bytes(b'{}')
    assert lock(ONE)['left'] == ['drill', 'reset', 'snapshot', 'step']


def test_after_a_teardown_the_folder_goes_with_the_lock(lock, path):
    lock(ONE)
    (path.parent / 'records.lock').write_bytes(b'')
    lock(ONE, 'absent')
    assert not path.parent.exists()
    assert 'failed' not in lock(ONE, 'absent')


def test_with_anything_in_it_the_folder_stays(lock, path):
    lock(ONE)
    (path.parent / 'records.lock').write_bytes(b'')
    (path.parent / 'ledger.json').write_bytes(b'')
    lock(ONE, 'absent')
    assert sorted(os.listdir(str(path.parent))) == ['ledger.json', 'records.lock']
