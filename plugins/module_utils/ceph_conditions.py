# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster must be like, and what of it is not so yet."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
OF_NEW_POOLS = 'a default counts for new pools only'


def parts(wanted):
    """The subsets of an observation that the conditions are about."""
    needed = ['health'] if wanted.get('health') else []
    needed += ['mons'] if wanted.get('quorum') is not None else []
    needed += ['mgr'] if wanted.get('mgr') else []
    needed += ['osds'] if any(wanted.get(name) is not None for name in ('osds', 'osds_up', 'osds_in')) else []
    needed += ['pools'] if wanted.get('pools') or wanted.get('pgs_clean') else []
    return needed + (['pgs'] if wanted.get('pgs_clean') else [])


def fixed_otherwise(observed, wanted):
    """Pools whose number of placement groups is another than wanted, and stays so: nobody scales them."""
    asked = dict((pool['name'], pool.get('pg_num')) for pool in wanted.get('pools') or [])
    return [pool['name'] for pool in observed.get('pools', [])
            if asked.get(pool['name']) and asked[pool['name']] not in (pool['pg_num'], pool['pg_num_target'])
            and pool['autoscale_mode'] != 'on']


def unmet(observed, wanted):
    """The conditions that an observation does not meet, each as a sentence; an empty list is success.

    :param observed: what observation.Observer.observe() gives for parts(wanted).
    :param wanted: health (str), accept (list of check codes), osds, osds_up, osds_in, quorum (int), pools (list
        of name and pg_num), pgs_clean, mgr (bool); None, empty or missing: not asked for.
    """
    needed = parts(wanted)
    if not is_whole(observed, wanted):
        why = observed['reason'] or '; '.join(missing['reason'] for missing in observed['missing'])
        return ['%s: %s' % (observed['state'], why)]
    return ((_health(observed['health'], wanted['health'], set(wanted.get('accept') or [])) if 'health' in needed else [])
            # Before luminous there is none (null).
            + (['no manager is active'] if 'mgr' in needed and observed['mgr']['available'] is False else [])
            + (_quorum(observed['mons'], wanted['quorum']) if 'mons' in needed else [])
            + (_osds(observed['osds'], wanted) if 'osds' in needed else [])
            + (_pools(observed['pools'], wanted.get('pools') or []) if 'pools' in needed else [])
            + (_pgs_clean(observed) if 'pgs' in needed else []))


def codes(observed):
    """The codes of the health checks in an observation, sorted; none where it has no health."""
    return sorted(check['code'] for check in observed.get('health', {}).get('checks', []))


def is_well(observed, accept):
    """Whether nothing is wrong, or nothing but warnings of these codes."""
    return observed['state'] == 'ok' or observed['state'] == 'warn' and are_accepted(observed['health'], accept)


def are_accepted(health, accept):
    """Whether there are checks, and none that counts."""
    return bool(health['checks']) and not open_checks(health, accept)


def open_checks(health, accept):
    """The checks that count: not muted, and not of these codes."""
    return [check for check in health['checks'] if check['code'] not in accept and not check['muted']]


def is_whole(observed, wanted):
    """Whether an observation has all that the conditions are about."""
    return bool(observed.get('fsid')) and all(part in observed for part in parts(wanted))


def _health(health, wanted, accepted):
    if health['status'] == wanted or are_accepted(health, accepted):
        return []
    return ['health is %s, not %s%s' % (
        health['status'] or 'unknown', wanted,
        ''.join('; ' + ': '.join(filter(None, [check['code'], check['summary']])) for check in open_checks(health, accepted)))]


def _quorum(mons, wanted):
    if len(mons['quorum']) >= wanted:
        return []
    return ['%d of %d mons are in quorum, not %d' % (len(mons['quorum']), mons['total'], wanted)]


def _osds(osds, wanted):
    up = wanted.get('osds') if wanted.get('osds_up') is None else wanted['osds_up']
    inside = wanted.get('osds') if wanted.get('osds_in') is None else wanted['osds_in']
    missing = []
    if up is not None and osds['up'] != up:
        missing.append('%d OSDs are up, not %d' % (osds['up'], up))
    if inside is not None and osds['in'] != inside:
        missing.append('%d OSDs are in, not %d' % (osds['in'], inside))
    return missing


def _pools(pools, wanted):
    there = dict((pool['name'], pool) for pool in pools)
    missing, others = [], {}
    for pool in wanted:
        if pool['name'] not in there:
            missing.append('pool %s is missing' % pool['name'])
        elif pool.get('pg_num') and there[pool['name']]['pg_num'] != pool['pg_num']:
            others.setdefault((there[pool['name']]['pg_num'], pool['pg_num']), []).append(pool['name'])
    for numbers, names in sorted(others.items()):
        missing.append(('pool %s has' % names[0] if len(names) == 1 else 'pools %s have' % ', '.join(names))
                       + ' %d PGs, not %d (%s)' % (numbers + (OF_NEW_POOLS,)))
    return missing


def _pgs_clean(observed):
    pgs = observed['pgs']
    planned = sum(pool['pg_num'] for pool in observed['pools'])
    if pgs['total'] == planned and pgs['clean'] == pgs['total']:
        return []
    return ['%d of %d PGs are active+clean' % (pgs['clean'], planned)]


def progress(observed):
    """What of an observation shows that things move: two equal ones mean that nothing did."""
    checks = observed.get('health', {}).get('checks', [])
    # Those of placement groups and objects count what is left to do; others count the seconds that they last.
    return (observed['state'], [(check['code'], check['summary'] if check['code'].startswith(('PG_', 'OBJECT_')) else '')
                                for check in checks],
            observed.get('mons', {}).get('quorum'), observed.get('mgr'), observed.get('osds'), observed.get('pgs'),
            [(pool['name'], pool['pg_num'], pool['pgp_num']) for pool in observed.get('pools', [])])
