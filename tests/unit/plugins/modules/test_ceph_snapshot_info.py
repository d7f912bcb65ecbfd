# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import snapshots


@pytest.fixture
def info(run_module, tmp_path):
    return lambda: run_module('ceph_snapshot_info', directory=str(tmp_path / 'snapshots'))


def test_none(info):
    result = info()
    assert (result['changed'], result['snapshots']) == (False, [])
    assert result['free_bytes'] > 0


def test_listed(info, tmp_path, documented):
    for name in ('golden', 'broken', 'half.new'):
        (tmp_path / 'snapshots' / name).mkdir(parents=True)
    snapshots.Manifest(str(tmp_path / 'snapshots' / 'golden')).save({
        'name': 'golden', 'taken': '2026-11-23T04:00:00Z', 'fsid': 'f', 'health': 'HEALTH_OK', 'osds': {'total': 3, 'up': 3, 'in': 3},
        'pools': [{'name': 'rbd', 'pg_num': 8}]})
    broken, there = info()['snapshots']
    assert (broken['name'], broken['health']) == ('broken', '')
    assert 'has no description' in broken['problem']
    assert (there['name'], there['taken'], there['health'], there['problem']) == ('golden', '2026-11-23T04:00:00Z', 'HEALTH_OK', '')
    assert set(there) == set(broken) == documented('ceph_snapshot_info', 'snapshots')


def test_not_a_folder(info, tmp_path, returned, documented):
    (tmp_path / 'snapshots').write_bytes(b'')
    result = info()
    assert result['failed'] and 'cannot be looked at' in result['msg']
    (tmp_path / 'snapshots').unlink()
    assert returned(result, info()) == documented('ceph_snapshot_info')


def test_snapshot_that_goes_away_meanwhile(info, tmp_path, monkeypatch):
    (tmp_path / 'snapshots' / 'golden').mkdir(parents=True)
    look = snapshots.tree_copy.children

    def gone(path):
        os.rmdir(str(tmp_path / 'snapshots' / 'golden'))
        return look(path)
    monkeypatch.setattr(snapshots.tree_copy, 'children', gone)
    assert info()['snapshots'][0]['allocated_bytes'] == 0


def test_snapshots_that_may_not_be_read(info, tmp_path, monkeypatch):
    def refused(_path):
        raise OSError(13, 'Permission denied', 'golden')
    (tmp_path / 'snapshots' / 'golden').mkdir(parents=True)
    monkeypatch.setattr(snapshots.tree_copy, 'children', refused)
    result = info()
    assert result['failed'] and 'become root' in result['problem']['remedy']
