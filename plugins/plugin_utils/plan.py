# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be built: the overrides of ceph.conf, the pools' placement groups, and whether Ceph will have them."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

# What a plan is held to where the release has no limit: the first that one had, luminous's.
UNLIMITED = 200
PG_NUM = 'osd_pool_default_pg_num'
# Options that have a variable of their own, or must not be set, and what to do instead.
NOT_HERE = {
    PG_NUM: 'say the number with ceph_overrides_pg_num',
    'osd_pool_default_pgp_num': 'leave it out; Ceph makes it pg_num, and refuses pools where it is larger',
}


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


def largest_fitting(pools, size, osds, limit):
    """The largest power of two that the limit allows each pool, at least 1."""
    pg_num = 1
    while pools * pg_num * 2 * size <= (limit or UNLIMITED) * osds:
        pg_num *= 2
    return pg_num


def arithmetic(pools, pg_num, size, osds):
    return '%d pools x %d PGs x size %d / %d OSDs = %g PGs per OSD' % (
        pools, pg_num, size, osds, round(pools * pg_num * size / float(osds), 1))


def check_pg_num(pg_num, pools, size, osds, limit):
    """Judge the placement groups: (errors, warnings), both lists of AioError."""
    if limit and pools * pg_num * size > limit * osds:
        return [AioError(
            'the pools would have too many placement groups', 'ceph_overrides_pg_num: %d' % pg_num,
            '%s, the limit (mon_max_pg_per_osd) is %d' % (arithmetic(pools, pg_num, size, osds), limit),
            'set ceph_overrides_pg_num to %d or less' % largest_fitting(pools, size, osds, limit))], []
    if not is_power_of_two(pg_num):
        return [], [AioError(
            '%d is not a power of two' % pg_num, 'ceph_overrides_pg_num',
            'placement groups then differ in size, and Ceph warns (POOL_PG_NUM_NOT_POWER_OF_TWO)',
            'set ceph_overrides_pg_num to %d' % (2 ** (pg_num.bit_length() - 1)))]
    return [], []


def spelled(option):
    """An option as ceph.conf may also have it is the same option."""
    return to_text(option).strip().replace(' ', '_').replace('-', '_')


def check_extra(extra):
    """Judge the user's own overrides: a list of AioError."""
    where = 'ceph_overrides_extra'
    if not isinstance(extra, dict):
        return [AioError('the overrides are no hash of hashes', where, 'they are %s' % type(extra).__name__,
                         'write them as section: {option: value}')]
    errors = []
    for section, options in extra.items():
        if not isinstance(options, dict):
            errors.append(AioError('the overrides are no hash of hashes', '%s.%s' % (where, section),
                                   'its value is %r' % (options,), 'write it as %s: {option: value}' % section))
            continue
        for option, value in options.items():
            name = '%s.%s.%s' % (where, section, option)
            if isinstance(value, (dict, list)) or value is None:
                errors.append(AioError('an option has no plain value', name, 'its value is %r' % (value,),
                                       'give it text, a number or a truth value'))
            elif section == 'global' and spelled(option) in NOT_HERE:
                errors.append(AioError('an option is not to be set here', name, '', NOT_HERE[spelled(option)]))
    return errors


def number_in(extra, option, default):
    """A number that the overrides give an option that the mons read, else the default.

    :raises AioError: it is none.
    """
    for section in ('mon', 'global'):
        for name, value in extra.get(section, {}).items():
            if spelled(name) == option:
                if not re.match(r'^[0-9]+\Z', to_text(value)) or int(value) < 1:
                    raise AioError("'%s' is no number" % value, 'ceph_overrides_extra.%s.%s' % (section, name),
                                   'it must be a whole number of at least 1', 'correct it')
                return int(value)
    return default


def check_strategy(overrides, series, strategy):
    """Judge how the overrides are to be set: a list of AioError."""
    if strategy in ('auto', overrides['strategy']):
        return []
    # Why a series does not honour what another does.
    shadowed = {
        'role_default': 'its group_vars make ceph_conf_overrides of several hashes and so shadow the role\'s default; '
                        '%s is the one for users' % overrides['name'],
        'custom_hash': 'it makes ceph_conf_overrides of no other hash, so nobody would read it',
    }
    return [AioError(
        '%s does not honour the strategy %s' % (series, strategy), 'ceph_overrides_strategy',
        shadowed.get(strategy, 'there are auto, role_default and custom_hash only'),
        'leave it at auto, which is %s for this series' % overrides['strategy'])]


def with_own(own, extra):
    """The series' own options and the user's; of one that both have, wherever it counts for the same daemons, the user's."""
    joined = dict((section, dict(options)) for section, options in extra.items())
    for section, options in own.items():
        said = set(spelled(option) for place in ('global', section) for option in extra.get(place, {}))
        for option in sorted(set(options) - said):
            joined.setdefault(section, {})[option] = options[option]
    return joined


def taken_back(overrides, keep):
    """What becomes of overrides that are switched off: those that are removed, and those that are again as the all-in-one has them."""
    removed, restored = {}, {}
    for section, options in overrides.items():
        for option, value in options.items():
            if option in keep.get(section, {}):
                restored.setdefault(section, {})[option] = keep[section][option]
            else:
                removed.setdefault(section, {})[option] = value
    return removed, restored


def make(facts, pg_num=8, extra=None, strategy='auto'):
    """The plan for a series' facts: a dict, see the filter ceph_plan; errors, refusals and warnings are lists of AioError."""
    ceph, extra = facts['ceph'], {} if extra is None else extra
    errors = check_strategy(facts['overrides'], facts['series'], strategy) + check_extra(extra)
    plan = {'pg_num': pg_num, 'overrides': {}, 'removed': {}, 'restored': {}, 'pools': {}, 'text': '', 'errors': errors, 'refusals': [],
            'warnings': []}
    if errors:
        return plan
    pools, osds = len(ceph['pools']), ceph['osds']
    if not pools or osds < 1:
        return dict(plan, errors=[AioError(
            'there is nothing to plan placement groups for', 'release_differences.ceph', 'it has %d pools on %s OSDs' % (pools, osds),
            'leave pools and osds out, which are as the series has them, or give at least one of each')])
    try:
        limit = number_in(extra, 'mon_max_pg_per_osd', ceph['pg_limit'])
        size = number_in(extra, 'osd_pool_default_size', ceph['pool_size'])
        pg_num = parse_pg_num(largest_fitting(pools, size, osds, limit) if pg_num == 'auto' else pg_num)
    except AioError as error:
        return dict(plan, errors=[error])
    plan['pg_num'] = pg_num
    plan['refusals'], plan['warnings'] = check_pg_num(pg_num, pools, size, osds, limit)
    plan['text'] = '%s, of %s' % (arithmetic(pools, pg_num, size, osds), '%d at most' % limit if limit else 'any number')
    plan['overrides'] = with_own(ceph['options'], extra)
    plan['overrides'].setdefault('global', {})[PG_NUM] = pg_num
    plan['removed'], plan['restored'] = taken_back(plan['overrides'], facts['overrides']['keep'])
    if ceph['autoscaler']:
        fixed = {'pg_autoscale_mode': 'off', 'pg_num': pg_num}
        plan['pools'] = dict((name, dict(pool, **fixed)) for name, pool in ceph['pool_variables'].items())
    return plan
