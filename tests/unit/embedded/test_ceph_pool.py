# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module ceph_pool of the contract modern."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import importlib.util
import json
import sys

import pytest

CEPH = '''#!%s -ISB
import json, sys
words = sys.argv[1:]
folder = %r
with open(folder + '/calls', 'a') as stream:
    stream.write(json.dumps(words) + chr(10))
with open(folder + '/pools') as stream:
    pools = json.load(stream)
if words[:4] == ['osd', 'pool', 'ls', 'detail']:
    print(json.dumps(pools))
elif words[2] == 'create' and words[3] == 'large':
    sys.exit('Error ERANGE: pg_num 512 size 3 would mean 1536 total pgs')
elif words[2] == 'create':
    mode = words[words.index('--autoscale-mode') + 1]
    number = int(words[4]) if words[4].isdigit() else 8
    size = int(words[words.index('--size') + 1]) if '--size' in words else 3
    pools.append({'pool_name': words[3], 'pg_autoscale_mode': mode, 'pg_num': number, 'size': size, 'application_metadata': {}})
    with open(folder + '/pools', 'w') as stream:
        json.dump(pools, stream)
'''
THERE = {'pool_name': 'images', 'pg_autoscale_mode': 'on', 'pg_num': 32, 'size': 3, 'application_metadata': {'rbd': {}}}


@pytest.fixture(scope='session')
def module(laid_out):
    spec = importlib.util.spec_from_file_location('ceph_pool', laid_out('modern') / 'ceph-ansible' / 'library' / 'ceph_pool.py')
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture
def pool(module, run_main, tmp_path, monkeypatch):
    """Run the module beside a Ceph: pool([pool that is there], option=value...) gives what it returns and what it did."""
    (tmp_path / 'ceph').write_text(CEPH % (sys.executable, str(tmp_path)))
    (tmp_path / 'ceph').chmod(0o755)
    monkeypatch.setenv('PATH', str(tmp_path), prepend=':')

    def run(there, **options):
        (tmp_path / 'pools').write_text(json.dumps(there))
        (tmp_path / 'calls').write_text('')
        result = run_main(module, options)
        calls = [json.loads(line) for line in (tmp_path / 'calls').read_text().splitlines()]
        return result, [' '.join(words[2:]) for words in calls if words[2] != 'ls']
    return run


@pytest.mark.parametrize('options, did', [
    ({}, ['create vms replicated --autoscale-mode on']),
    ({'pg_num': 8}, ['create vms replicated --autoscale-mode on']),
    ({'pg_autoscale_mode': 'off'}, ['create vms replicated --autoscale-mode off']),
    ({'pg_autoscale_mode': False, 'pg_num': 16}, ['create vms 16 16 replicated --autoscale-mode off']),
    ({'pg_autoscale_mode': 'off', 'pg_num': '16', 'size': 2}, ['create vms 16 16 replicated --autoscale-mode off --size 2']),
    ({'application': 'rbd'}, ['create vms replicated --autoscale-mode on', 'application enable vms rbd']),
])
def test_new(pool, options, did):
    result, done = pool([THERE], name='vms', **options)
    assert (result['changed'], done) == (True, did)


@pytest.mark.parametrize('options, did', [
    ({}, []),
    ({'application': 'rbd', 'size': 3, 'pg_num': 8}, []),
    ({'pg_autoscale_mode': 'off'}, ['set images pg_autoscale_mode off']),
    ({'size': 2, 'application': 'rgw'}, ['set images size 2', 'application enable images rgw']),
])
def test_there(pool, options, did):
    result, done = pool([THERE], name='images', **options)
    assert (result['changed'], done) == (bool(did), did)


def test_there_and_fixed(pool):
    """The mode that a pool has is not kept: the autoscaler comes on again unless the pool says off."""
    fixed = dict(THERE, pg_autoscale_mode='off', pg_num=8)
    assert pool([fixed], name='images', pg_autoscale_mode='off', pg_num=16)[1] == ['set images pg_num 16']
    assert pool([fixed], name='images', pg_autoscale_mode='off', pg_num=8)[1] == []
    assert pool([fixed], name='images')[1] == ['set images pg_autoscale_mode on']


def test_refused(pool):
    result, done = pool([], name='large', application='rbd')
    assert result['failed']
    assert result['msg'] == (
        'ceph osd pool create large replicated --autoscale-mode on: Error ERANGE: pg_num 512 size 3 would mean 1536 total pgs')
    assert done == ['create large replicated --autoscale-mode on']
