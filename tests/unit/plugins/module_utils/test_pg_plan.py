# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import pg_plan
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError


@pytest.mark.parametrize('value, number', [(8, 8), ('8', 8), (' 16 ', 16), ('08', 8), (1, 1)])
def test_pg_num(value, number):
    assert pg_plan.parse_pg_num(value) == number


@pytest.mark.parametrize('value', [0, -8, '-8', '', 'eight', '8.0', 8.5, '0x8', '8 8', True, None, [8], u'\xb2',
                                   u'\xe4'])
def test_no_pg_num(value):
    with pytest.raises(AioError) as error:
        pg_plan.parse_pg_num(value)
    assert 'is no number of placement groups' in error.value.what


@pytest.mark.parametrize('number, is_one', [(1, True), (2, True), (3, False), (8, True), (12, False), (256, True)])
def test_power_of_two(number, is_one):
    assert pg_plan.is_power_of_two(number) == is_one


@pytest.mark.parametrize('pools, size, osds, limit, fits', [
    (5, 3, 3, 250, 32), (5, 3, 3, 300, 32), (5, 3, 3, 320, 64), (5, 2, 3, 250, 64), (1, 1, 1, 1, 1), (5, 3, 3, 1, 1)])
def test_largest_that_fits(pools, size, osds, limit, fits):
    assert pg_plan.largest_fitting(pools, size, osds, limit) == fits


@pytest.mark.parametrize('pg_num, limit', [(8, 250), ('8', 250), (32, 250), (256, 0)])
def test_plan_that_works(pg_num, limit):
    assert pg_plan.check(pg_num, 5, 3, 3, limit) == ([], [])


@pytest.mark.parametrize('pg_num, why, remedy', [
    (64, '5 pools x 64 PGs x size 3 / 3 OSDs = 320 PGs per OSD, the limit (mon_max_pg_per_osd) is 250', '32 or less'),
    (256, '5 pools x 256 PGs x size 3 / 3 OSDs = 1280 PGs per OSD, the limit (mon_max_pg_per_osd) is 250',
     '32 or less'),
    (51, '= 255 PGs per OSD', '32 or less'),
])
def test_plan_that_ceph_refuses(pg_num, why, remedy):
    (error,), warnings = pg_plan.check(pg_num, 5, 3, 3)
    assert error.where == 'ceph_overrides_pg_num: %d' % pg_num
    assert why in error.why
    assert remedy in error.remedy
    assert warnings == []


@pytest.mark.parametrize('pg_num, better', [(12, 8), (50, 32)])
def test_plan_that_ceph_warns_of(pg_num, better):
    """50 PGs are just as many as the limit allows."""
    errors, (warning,) = pg_plan.check(pg_num, 5, 3, 3)
    assert errors == []
    assert warning.what == '%d is not a power of two' % pg_num
    assert warning.remedy == 'set ceph_overrides_pg_num to %d' % better


def test_plan_that_is_none():
    (error,), warnings = pg_plan.check('many', 5, 3, 3)
    assert 'is no number' in error.what
    assert warnings == []
