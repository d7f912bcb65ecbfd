# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.filter.pg_num import FilterModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import pg_plan

PLAN = {'pools': ['rbd', 'images', 'volumes', 'vms', 'backups'], 'pool_size': 3, 'osds': 3, 'pg_limit': 250}
pg_num = FilterModule().filters()['pg_num']


@pytest.mark.parametrize('limit, number', [(250, 32), (500, 64), (200, 32), (0, 32), (40, 8)])
def test_auto(limit, number):
    plan = dict(PLAN, pg_limit=limit)
    assert pg_num('auto', plan) == number
    if limit:
        assert pg_plan.check(number, 5, 3, 3, limit) == ([], [])
        assert pg_plan.check(2 * number, 5, 3, 3, limit)[0]


@pytest.mark.parametrize('wanted', [8, '8', 0, 'many', None])
def test_anything_else_is_left_for_preflight_to_judge(wanted):
    assert pg_num(wanted, PLAN) == wanted
