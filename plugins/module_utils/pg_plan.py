# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many placement groups a plan asks of each OSD, and whether Ceph will have it."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

# Ceph's default of mon_max_pg_per_osd since mimic (200 in luminous, no limit in jewel).
DEFAULT_LIMIT = 250
# What a plan is held to where the release has no limit: the first that one had, luminous's.
UNLIMITED = 200


def parse_pg_num(value):
    """A pg_num as a positive int.

    :raises AioError: it is none.
    """
    text = to_text(value, nonstring='simplerepr').strip()
    if not re.match(r'^[0-9]+\Z', text) or int(text) < 1:
        raise AioError("'%s' is no number of placement groups" % text, 'ceph_overrides_pg_num',
                       'it must be a whole number of at least 1, a power of two by preference',
                       'set ceph_overrides_pg_num to 8 or to auto, or leave it out')
    return int(text)


def is_power_of_two(number):
    return number & (number - 1) == 0


def largest_fitting(pools, size, osds, limit=DEFAULT_LIMIT):
    """The largest power of two that the limit allows each pool, at least 1."""
    pg_num = 1
    while pools * pg_num * 2 * size <= limit * osds:
        pg_num *= 2
    return pg_num


def arithmetic(pools, pg_num, size, osds):
    return '%d pools x %d PGs x size %d / %d OSDs = %g PGs per OSD' % (
        pools, pg_num, size, osds, round(pools * pg_num * size / float(osds), 1))


def check(pg_num, pools, size, osds, limit=DEFAULT_LIMIT):
    """Judge a plan: (errors, warnings), both lists of AioError."""
    try:
        pg_num = parse_pg_num(pg_num)
    except AioError as error:
        return [error], []
    errors, warnings = [], []
    if osds < 1:
        errors.append(AioError('the plan has no OSD', 'osds: %d' % osds, '', 'plan for one at least'))
    elif limit and pools * pg_num * size > limit * osds:
        fits = largest_fitting(pools, size, osds, limit)
        errors.append(AioError(
            'the pools would have too many placement groups', 'ceph_overrides_pg_num: %d' % pg_num,
            '%s, the limit (mon_max_pg_per_osd) is %d' % (arithmetic(pools, pg_num, size, osds), limit),
            'set ceph_overrides_pg_num to %d or less' % fits))
    elif not is_power_of_two(pg_num):
        warnings.append(AioError(
            '%d is not a power of two' % pg_num, 'ceph_overrides_pg_num',
            'placement groups then differ in size, and Ceph warns (POOL_PG_NUM_NOT_POWER_OF_TWO)',
            'set ceph_overrides_pg_num to %d' % (2 ** (pg_num.bit_length() - 1))))
    return errors, warnings
