# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import plan
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError


@pytest.mark.parametrize('value, number', [(8, 8), ('8', 8), (' 16 ', 16), ('08', 8), (1, 1)])
def test_pg_num(value, number):
    assert plan.parse_pg_num(value) == number


@pytest.mark.parametrize('value', [0, -8, '-8', '', 'eight', '8.0', 8.5, '0x8', '8 8', True, None, [8], u'\xb2',
                                   u'\xe4'])
def test_no_pg_num(value):
    with pytest.raises(AioError) as error:
        plan.parse_pg_num(value)
    assert 'is no number of placement groups' in error.value.what


@pytest.mark.parametrize('number, is_one', [(1, True), (2, True), (3, False), (8, True), (12, False), (256, True)])
def test_power_of_two(number, is_one):
    assert plan.is_power_of_two(number) == is_one


@pytest.mark.parametrize('pools, size, osds, limit, fits', [
    (5, 3, 3, 0, 32), (5, 3, 3, 250, 32), (5, 3, 3, 300, 32), (5, 3, 3, 320, 64), (5, 2, 3, 250, 64), (1, 1, 1, 1, 1), (5, 3, 3, 1, 1)])
def test_largest_that_fits(pools, size, osds, limit, fits):
    assert plan.largest_fitting(pools, size, osds, limit) == fits


FACTS = {
    'series': 'ocata',
    'overrides': {'strategy': 'role_default', 'name': 'ceph_conf_overrides', 'keep': {}},
    'ceph': {'pools': ['rbd', 'images', 'volumes', 'vms', 'backups'], 'pool_size': 3, 'osds': 3, 'pg_limit': 250, 'options': {},
             'autoscaler': False, 'pool_variables': {}},
}


def make(pg_num=8, extra=None, strategy='auto', **ceph):
    return plan.make(dict(FACTS, ceph=dict(FACTS['ceph'], **ceph)), pg_num, extra, strategy)


@pytest.mark.parametrize('pg_num, limit, text', [
    (8, 250, '= 40 PGs per OSD, of 250 at most'), ('8', 250, '= 40 PGs per OSD, of 250 at most'),
    (32, 250, '= 160 PGs per OSD, of 250 at most'), (256, 0, '= 1280 PGs per OSD, of any number')])
def test_plan_that_works(pg_num, limit, text):
    made = make(pg_num, pg_limit=limit)
    assert (made['errors'], made['refusals'], made['warnings']) == ([], [], [])
    assert made['overrides'] == {'global': {'osd_pool_default_pg_num': int(pg_num)}}
    assert made['text'] == '5 pools x %s PGs x size 3 / 3 OSDs %s' % (pg_num, text)
    assert made['pools'] == {}


RECLAIM = 'auth_allow_insecure_global_id_reclaim'


@pytest.mark.parametrize('extra, mon', [
    ({}, {RECLAIM: False}), ({'mon': {'x': 1}}, {RECLAIM: False, 'x': 1}), ({'osd': {RECLAIM: True}}, {RECLAIM: False}),
    ({'mon': {RECLAIM: True}}, {RECLAIM: True}), ({'mon': {'auth allow-insecure global_id reclaim': 1}}, {'auth allow-insecure global_id reclaim': 1}),
    ({'global': {RECLAIM: True}}, None)])
def test_the_users_word_counts_more_than_the_series(extra, mon):
    made = make(8, extra, options={'mon': {RECLAIM: False}})
    assert made['errors'] == []
    assert made['overrides'].get('mon') == mon
    assert made['overrides']['global']['osd_pool_default_pg_num'] == 8


def test_what_the_all_in_one_sets_is_given_back():
    made = plan.make(dict(FACTS, overrides=dict(FACTS['overrides'], keep={'global': {'mon_max_pg_per_osd': 500, 'x': 1}, 'osd': {'y': 1}})), 8,
                     {'global': {'mon_max_pg_per_osd': 300}, 'mon': {'x': 2}})
    assert made['removed'] == {'global': {'osd_pool_default_pg_num': 8}, 'mon': {'x': 2}}
    assert made['restored'] == {'global': {'mon_max_pg_per_osd': 500}}


@pytest.mark.parametrize('pg_num, why, remedy', [
    (64, '5 pools x 64 PGs x size 3 / 3 OSDs = 320 PGs per OSD, the limit (mon_max_pg_per_osd) is 250', '32 or less'),
    (256, '5 pools x 256 PGs x size 3 / 3 OSDs = 1280 PGs per OSD, the limit (mon_max_pg_per_osd) is 250',
     '32 or less'),
    (51, '= 255 PGs per OSD', '32 or less'),
])
def test_plan_that_ceph_refuses(pg_num, why, remedy):
    made = make(pg_num)
    (error,) = made['refusals']
    assert error.where == 'ceph_overrides_pg_num: %d' % pg_num
    assert why in error.why
    assert remedy in error.remedy
    assert (made['errors'], made['warnings']) == ([], [])
    # Who ignores the refusal by name gets what he asked for.
    assert made['overrides'] == {'global': {'osd_pool_default_pg_num': pg_num}}


@pytest.mark.parametrize('pg_num, better', [(12, 8), (50, 32)])
def test_plan_that_ceph_warns_of(pg_num, better):
    """50 PGs are just as many as the limit allows."""
    made = make(pg_num)
    (warning,) = made['warnings']
    assert (made['errors'], made['refusals']) == ([], [])
    assert warning.what == '%d is not a power of two' % pg_num
    assert warning.remedy == 'set ceph_overrides_pg_num to %d' % better


def test_plan_that_is_none():
    made = make('many')
    (error,) = made['errors']
    assert 'is no number' in error.what
    assert (made['pg_num'], made['overrides']) == ('many', {})


@pytest.mark.parametrize('limit, number', [(250, 32), (500, 64), (200, 32), (0, 32), (40, 8)])
def test_auto(limit, number):
    """Where the release has no limit, the first that one had counts."""
    made = make('auto', pg_limit=limit)
    assert (made['pg_num'], made['refusals']) == (number, [])
    if limit:
        assert make(2 * number, pg_limit=limit)['refusals']


@pytest.mark.parametrize('extra, number', [
    ({'global': {'mon_max_pg_per_osd': 500}}, 64), ({'global': {'mon max pg per osd': '500'}}, 64),
    ({'mon': {'mon-max-pg-per-osd': 500}, 'global': {'mon_max_pg_per_osd': 100}}, 64),
    ({'global': {'osd_pool_default_size': 1}}, 128), ({'osd': {'mon_max_pg_per_osd': 500}}, 32)])
def test_the_limit_is_what_the_overrides_set(extra, number):
    made = make('auto', extra)
    assert made['pg_num'] == number
    assert made['errors'] == []


def test_the_users_overrides_stand_beside_the_number():
    extra = {'global': {'log_to_syslog': True}, 'osd': {'osd_max_backfills': 4}}
    assert make(8, extra)['overrides'] == {
        'global': {'log_to_syslog': True, 'osd_pool_default_pg_num': 8}, 'osd': {'osd_max_backfills': 4}}
    assert extra == {'global': {'log_to_syslog': True}, 'osd': {'osd_max_backfills': 4}}


@pytest.mark.parametrize('extra, where, what', [
    ([1], 'ceph_overrides_extra', 'the overrides are no hash of hashes'),
    ('global', 'ceph_overrides_extra', 'the overrides are no hash of hashes'),
    ({'global': 8}, 'ceph_overrides_extra.global', 'the overrides are no hash of hashes'),
    ({'osd': {'a': [1]}}, 'ceph_overrides_extra.osd.a', 'an option has no plain value'),
    ({'osd': {'a': None}}, 'ceph_overrides_extra.osd.a', 'an option has no plain value'),
    ({'global': {'osd pool default pg num': 8}}, 'ceph_overrides_extra.global.osd pool default pg num', 'an option is not to be set here'),
    ({'global': {'osd_pool_default_pgp_num': 8}}, 'ceph_overrides_extra.global.osd_pool_default_pgp_num', 'an option is not to be set here'),
    ({'mon': {'mon_max_pg_per_osd': 'many'}}, 'ceph_overrides_extra.mon.mon_max_pg_per_osd', "'many' is no number"),
])
def test_overrides_that_are_none(extra, where, what):
    made = make(8, extra)
    (error,) = made['errors']
    assert (error.where, error.what) == (where, what)
    assert error.remedy
    assert made['overrides'] == {}


def test_all_errors_at_once():
    assert len(make(8, {'a': 1, 'b': {'c': []}}, 'custom_hash')['errors']) == 3


def test_pools_that_an_autoscaler_would_change():
    pool = {'name': 'images', 'application': 'rbd'}
    made = make(16, autoscaler=True, pool_variables={'openstack_glance_pool': pool})
    assert made['pools'] == {'openstack_glance_pool': dict(pool, pg_num=16, pg_autoscale_mode='off')}
    assert pool == {'name': 'images', 'application': 'rbd'}


@pytest.mark.parametrize('own, strategy, why', [
    ('role_default', 'custom_hash', 'nobody would read it'), ('custom_hash', 'role_default', 'shadow the role'),
    ('role_default', 'magic', 'there are auto, role_default and custom_hash only')])
def test_a_strategy_that_the_series_shadows(own, strategy, why):
    facts = dict(FACTS, overrides={'strategy': own, 'name': 'x', 'keep': {}})
    (error,) = plan.make(facts, strategy=strategy)['errors']
    assert why in error.why
    assert own in error.remedy
    assert plan.make(facts, strategy=own)['errors'] == []


@pytest.mark.parametrize('changes', [{'pools': []}, {'osds': 0}])
def test_nothing_to_plan_for(changes):
    (error,) = make('auto', **changes)['errors']
    assert error.where == 'release_differences.ceph'
