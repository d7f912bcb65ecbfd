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
          'mgr': True}
DEGRADED = 'PG_DEGRADED: Degraded data redundancy: 12/36 objects degraded (33.333%), 12 pgs degraded'


def test_all_is_as_wanted(observed):
    assert ceph_conditions.unmet(observed('ok'), WANTED) == []


def test_nothing_is_wanted(observed):
    assert ceph_conditions.unmet(observed('osd_down'), {}) == []


def test_osd_down(observed):
    assert ceph_conditions.unmet(observed('osd_down'), WANTED) == [
        'health is HEALTH_WARN, not HEALTH_OK; OSD_DOWN: 1 osds down; ' + DEGRADED,
        '2 OSDs are up and 3 in, not 3',
        '0 of 40 PGs are active+clean']


@pytest.mark.parametrize('accept, missing', [
    (['OSD_DOWN'], ['health is HEALTH_WARN, not HEALTH_OK; ' + DEGRADED]),
    (['OSD_DOWN', 'PG_DEGRADED', 'POOL_NO_REDUNDANCY'], []),
    (None, ['health is HEALTH_WARN, not HEALTH_OK; OSD_DOWN: 1 osds down; ' + DEGRADED]),
])
def test_accepted_checks(observed, accept, missing):
    assert ceph_conditions.unmet(observed('osd_down'), {'health': 'HEALTH_OK', 'accept': accept}) == missing


@pytest.mark.parametrize('status, text', [('HEALTH_WARN', 'HEALTH_WARN'), ('', 'unknown')])
def test_health_without_a_check(observed, status, text):
    cluster = dict(observed('ok'), health={'status': status, 'checks': []})
    assert ceph_conditions.unmet(cluster, {'health': 'HEALTH_OK'}) == ['health is %s, not HEALTH_OK' % text]


@pytest.mark.parametrize('wanted, missing', [
    ({'osds': 4}, '3 OSDs are up and 3 in, not 4'),
    ({'osds': 0}, '3 OSDs are up and 3 in, not 0'),
    ({'pools': [{'name': 'new', 'pg_num': 8}]}, 'pool new is missing'),
    ({'pools': [{'name': 'rbd', 'pg_num': 16}]}, 'pool rbd has 8 PGs, not 16 (a default counts for new pools only)'),
])
def test_not_as_wanted(observed, wanted, missing):
    assert ceph_conditions.unmet(observed('ok'), wanted) == [missing]


@pytest.mark.parametrize('pg_num', [None, 0])
def test_any_number_of_placement_groups(observed, pg_num):
    assert ceph_conditions.unmet(observed('ok'), {'pools': [{'name': 'rbd', 'pg_num': pg_num}]}) == []


def test_no_manager(observed):
    cluster = dict(observed('ok'), mgr={'available': False})
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


def test_nothing_is_changed(observed):
    cluster, wanted = observed('osd_down'), dict(WANTED, accept=['OSD_DOWN'])
    before = copy.deepcopy((cluster, wanted))
    ceph_conditions.unmet(cluster, wanted)
    assert (cluster, wanted) == before
