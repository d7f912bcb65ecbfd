# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many placement groups a plan gives a pool."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import pg_plan


def pg_num(wanted, plan):
    """See pg_num.yml."""
    if wanted != 'auto':
        return wanted
    return pg_plan.largest_fitting(len(plan['pools']), plan['pool_size'], plan['osds'], plan['pg_limit'] or pg_plan.UNLIMITED)


class FilterModule(object):
    def filters(self):
        return {'pg_num': pg_num}
