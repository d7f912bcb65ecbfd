# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import copy

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_conditions

WANTED = {'health': 'HEALTH_OK', 'osds': 3, 'pools': [{'name': 'rbd', 'pg_num': 8}, {'name': 'vms'}], 'pgs_clean': True,
          'mgr': True, 'quorum': 1}
DEGRADED = 'PG_DEGRADED: Degraded data redundancy: 12/36 objects degraded (33.333%), 12 pgs degraded'
OSD_DOWN = 'OSD_DOWN: 1 osds down; ' + DEGRADED


def check(code, muted=False):
    return {'code': code, 'severity': 'HEALTH_WARN', 'summary': 'so', 'detail': [], 'muted': muted}


def test_all_is_as_wanted(observed):
    assert ceph_conditions.unmet(observed('ok'), WANTED) == []


def test_nothing_is_wanted(observed):
    assert ceph_conditions.unmet(observed('osd_down'), {}) == []


def test_osd_down(observed):
    assert ceph_conditions.unmet(observed('osd_down'), WANTED) == [
        'health is HEALTH_WARN, not HEALTH_OK; ' + OSD_DOWN,
        '2 OSDs are up, not 3',
        '0 of 40 PGs are active+clean']


@pytest.mark.parametrize('accept, missing', [
    (['OSD_DOWN'], ['health is HEALTH_WARN, not HEALTH_OK; ' + DEGRADED]),
    (['OSD_DOWN', 'PG_DEGRADED', 'POOL_NO_REDUNDANCY'], []),
    (None, ['health is HEALTH_WARN, not HEALTH_OK; ' + OSD_DOWN]),
])
def test_accepted_checks(observed, accept, missing):
    assert ceph_conditions.unmet(observed('osd_down'), {'health': 'HEALTH_OK', 'accept': accept}) == missing


@pytest.mark.parametrize('status, wanted, checks, accept, missing', [
    ('HEALTH_WARN', 'HEALTH_OK', [], [], ['health is HEALTH_WARN, not HEALTH_OK']),
    ('', 'HEALTH_OK', [], [], ['health is unknown, not HEALTH_OK']),
    ('HEALTH_OK', 'HEALTH_WARN', [], [], ['health is HEALTH_OK, not HEALTH_WARN']),
    ('HEALTH_WARN', 'HEALTH_WARN', [check('A')], [], []),
    ('HEALTH_OK', 'HEALTH_OK', [check('A', muted=True)], [], []),
    ('HEALTH_WARN', 'HEALTH_OK', [check('A', muted=True), check('B')], ['B'], []),
    ('HEALTH_WARN', 'HEALTH_OK', [check('A', muted=True), check('B')], [], ['health is HEALTH_WARN, not HEALTH_OK; B: so']),
    ('HEALTH_WARN', 'HEALTH_OK', [check('')], [], ['health is HEALTH_WARN, not HEALTH_OK; so']),
    ('HEALTH_WARN', '', [check('A')], [], []),
])
def test_health(observed, status, wanted, checks, accept, missing):
    cluster = dict(observed('ok'), health={'status': status, 'checks': checks})
    assert ceph_conditions.unmet(cluster, {'health': wanted, 'accept': accept}) == missing


@pytest.mark.parametrize('wanted, missing', [
    ({'osds': 4}, ['3 OSDs are up, not 4', '3 OSDs are in, not 4']),
    ({'osds': 0}, ['3 OSDs are up, not 0', '3 OSDs are in, not 0']),
    ({'osds_up': 2}, ['3 OSDs are up, not 2']),
    ({'osds_up': 0}, ['3 OSDs are up, not 0']),
    ({'osds_in': 2}, ['3 OSDs are in, not 2']),
    ({'osds': 3, 'osds_up': 2}, ['3 OSDs are up, not 2']),
    ({'osds': 2, 'osds_up': 3, 'osds_in': 3}, []),
    ({'quorum': 2}, ['1 of 1 mons are in quorum, not 2']),
    ({'quorum': 0}, []),
    ({'pools': [{'name': 'new', 'pg_num': 8}]}, ['pool new is missing']),
    ({'pools': [{'name': 'rbd', 'pg_num': 16}]}, ['pool rbd has 8 PGs, not 16 (a default counts for new pools only)']),
    ({'pools': [{'name': 'rbd', 'pg_num': None}]}, []),
    ({'pools': [{'name': 'rbd', 'pg_num': 0}]}, []),
    ({'pools': None}, []),
])
def test_numbers(observed, wanted, missing):
    assert ceph_conditions.unmet(observed('ok'), wanted) == missing


def test_no_manager(observed):
    cluster = observed('mgr_down')
    assert ceph_conditions.unmet(cluster, {'mgr': True}) == ['no manager is active']
    assert ceph_conditions.unmet(cluster, {'mgr': False}) == []


@pytest.mark.parametrize('pgs', [{'total': 32, 'clean': 32}, {'total': 40, 'clean': 32}])
def test_placement_groups_that_are_not_there_yet(observed, pgs):
    cluster = dict(observed('ok'), pgs=pgs)
    assert ceph_conditions.unmet(cluster, {'pgs_clean': True}) == ['32 of 40 PGs are active+clean']
    assert ceph_conditions.unmet(cluster, {'pgs_clean': False}) == []


def test_cluster_that_could_not_be_asked():
    cluster = {'state': 'no_container', 'reason': 'there is no mon container', 'remedy': '', 'container': ''}
    assert ceph_conditions.unmet(cluster, {}) == ['no_container: there is no mon container']


@pytest.mark.parametrize('wanted, parts', [
    ({}, []), ({'health': '', 'mgr': False, 'pgs_clean': False, 'pools': [], 'accept': ['A']}, []),
    ({'health': 'HEALTH_OK'}, ['health']), ({'quorum': 0}, ['mons']), ({'quorum': 1}, ['mons']), ({'mgr': True}, ['mgr']),
    ({'osds': 3}, ['osds']), ({'osds_up': 0}, ['osds']), ({'osds_in': 2}, ['osds']), ({'pools': [{'name': 'rbd'}]}, ['pools']),
    ({'pgs_clean': True}, ['pools', 'pgs']), (WANTED, ['health', 'mons', 'mgr', 'osds', 'pools', 'pgs']),
    ({'osds': None, 'osds_up': None, 'osds_in': None, 'quorum': None, 'pools': None}, []),
])
def test_parts(observed, wanted, parts):
    """They are asked for, and no other is needed."""
    assert ceph_conditions.parts(wanted) == parts
    whole = observed('ok')
    cluster = dict((name, whole[name]) for name in ['state', 'reason', 'missing', 'fsid'] + parts)
    assert ceph_conditions.is_whole(cluster, wanted)
    assert ceph_conditions.unmet(cluster, wanted) == ceph_conditions.unmet(whole, wanted)


@pytest.mark.parametrize('part', ceph_conditions.parts(WANTED) + ['fsid'])
def test_part_that_is_missing(observed, part):
    cluster = dict(observed('ok'), missing=[{'subset': part, 'reason': 'another shape'}])
    del cluster[part]
    assert not ceph_conditions.is_whole(cluster, WANTED)
    assert ceph_conditions.unmet(cluster, WANTED) == ['ok: another shape']
    assert (ceph_conditions.unmet(cluster, {}) == []) is (part != 'fsid')


@pytest.mark.parametrize('release', ['jewel', 'nautilus', 'pacific', 'reef', 'tentacle'])
def test_every_release(observed, release):
    """Before luminous there is no manager to be down."""
    wanted = dict(WANTED, accept=['MGR_MODULE_DEPENDENCY'])
    assert ceph_conditions.unmet(observed('ok', release), wanted) == []
    missing = ceph_conditions.unmet(observed('osd_down', release), wanted)
    assert [text.split(' ')[0] for text in missing] == ['health', '2', '%d' % observed('osd_down', release)['pgs']['clean']]


@pytest.mark.parametrize('target, pg_num, mode, names', [
    (8, 8, 'off', []), (8, 16, 'off', ['rbd']), (8, 16, 'warn', ['rbd']), (8, 16, 'on', []), (8, None, 'off', []), (8, 0, 'off', []),
    # Ceph is on the way to another number.
    (16, 16, 'off', []), (16, 16, 'warn', []), (16, 32, 'off', ['rbd']), (16, 8, 'off', []), (16, 32, 'on', [])])
def test_number_that_stays_another(observed, target, pg_num, mode, names):
    cluster = observed('ok')
    cluster['pools'][0].update(autoscale_mode=mode, pg_num_target=target)
    wanted = {'pools': [{'name': 'rbd', 'pg_num': pg_num}, {'name': 'new', 'pg_num': 8}]}
    assert ceph_conditions.fixed_otherwise(cluster, wanted) == names


@pytest.mark.parametrize('cluster', [{}, {'pools': []}])
def test_nothing_stays_another(cluster):
    assert ceph_conditions.fixed_otherwise(cluster, {'pools': [{'name': 'rbd', 'pg_num': 8}]}) == []
    assert ceph_conditions.fixed_otherwise(cluster, {}) == []


@pytest.mark.parametrize('change', [
    lambda cluster: cluster.update(state='timed_out'),
    lambda cluster: cluster['health']['checks'].append(check('NEW')),
    lambda cluster: cluster['health']['checks'][1].update(summary='Degraded data redundancy: 11/36 objects degraded'),
    lambda cluster: cluster['health']['checks'][2].update(summary='11/36 objects misplaced'),
    lambda cluster: cluster['mons']['quorum'].pop(),
    lambda cluster: cluster['mgr'].update(active='other'),
    lambda cluster: cluster['osds'].update(up=1),
    lambda cluster: cluster['pgs']['states'].update(peering=1),
    lambda cluster: cluster['pools'][0].update(pgp_num=4),
    lambda cluster: cluster['pools'].pop(),
])
def test_progress(observed, change):
    before, after = observed('osd_down'), observed('osd_down')
    for cluster in (before, after):
        cluster['health']['checks'].append(check('OBJECT_MISPLACED'))
    assert ceph_conditions.progress(before) == ceph_conditions.progress(after)
    change(after)
    assert ceph_conditions.progress(before) != ceph_conditions.progress(after)


@pytest.mark.parametrize('change', [
    lambda cluster: cluster['usage'].update(used_bytes=1),
    lambda cluster: cluster['health']['checks'][0].update(summary='1 osds down for 31 s'),
    lambda cluster: cluster['health']['checks'][1]['detail'].append('pg 2.2 is stuck undersized for 31 s'),
])
def test_no_progress(observed, change):
    """What is said of other things may go on for ever."""
    before, after = observed('osd_down'), observed('osd_down')
    change(after)
    assert ceph_conditions.progress(before) == ceph_conditions.progress(after)


def test_progress_of_nothing():
    nothing = {'state': 'no_container'}
    assert ceph_conditions.progress(nothing) == ceph_conditions.progress(dict(nothing))


def test_nothing_is_changed(observed):
    cluster, wanted = observed('osd_down'), dict(WANTED, accept=['OSD_DOWN'])
    before = copy.deepcopy((cluster, wanted))
    ceph_conditions.unmet(cluster, wanted)
    ceph_conditions.progress(cluster)
    assert (cluster, wanted) == before


@pytest.mark.parametrize('state, codes, accept, well', [
    ('ok', '', '', True), ('warn', 'A', '', False), ('warn', 'A', 'A', True), ('warn', 'A (B)', 'A', True), ('warn', 'A B', 'A', False),
    ('warn', '', 'A', False), ('err', 'A', 'A', False), ('mgr_down', 'A', 'A', False)])
def test_is_well(state, codes, accept, well):
    """What is in brackets is muted."""
    checks = [{'code': code.strip('()'), 'summary': '', 'muted': code[0] == '('} for code in codes.split()]
    observed = {'state': state, 'health': {'status': 'HEALTH_WARN', 'checks': checks}}
    assert ceph_conditions.is_well(observed, accept.split()) is well
