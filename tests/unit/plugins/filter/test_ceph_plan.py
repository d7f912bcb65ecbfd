# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
from ansible_collections.osa_lab.ceph_aio.plugins.filter.ceph_plan import FilterModule

FACTS = {
    'series': 'pike',
    'overrides': {'strategy': 'role_default', 'name': 'ceph_conf_overrides', 'keep': {}},
    'ceph': {'pools': ['images'] * 5, 'pool_size': 3, 'osds': 3, 'pg_limit': 200, 'options': {}, 'autoscaler': False, 'pool_variables': {}},
}
ceph_plan = FilterModule().filters()['ceph_plan']


def test_findings_are_text():
    made = ceph_plan(FACTS, 64)
    assert (made['errors'], made['warnings']) == ([], [])
    (refusal,) = made['refusals']
    assert refusal['name'] == 'pg_plan'
    assert refusal['text'].startswith('the pools would have too many placement groups (ceph_overrides_pg_num: 64): 5 pools')
    assert refusal['text'].endswith('Next: set ceph_overrides_pg_num to 32 or less.')
    assert ceph_plan(FACTS, 12)['warnings'][0].startswith('12 is not a power of two (ceph_overrides_pg_num)')
    assert ceph_plan(FACTS, 0)['errors'][0].startswith("'0' is no number")


def test_defaults():
    assert ceph_plan(FACTS)['overrides'] == {'global': {'osd_pool_default_pg_num': 8}}
