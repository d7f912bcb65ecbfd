# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster must be like, and what of it is not so yet."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type


# The parts of an observation that conditions can be about.
SUBSETS = ('health', 'mons', 'mgr', 'osds', 'pgs', 'pools')


def fixed_otherwise(observed, wanted):
    """Pools whose number of placement groups is another than wanted, and stays so: nobody scales them."""
    asked = dict((pool['name'], pool.get('pg_num')) for pool in wanted.get('pools') or [])
    return [pool['name'] for pool in observed.get('pools', [])
            if asked.get(pool['name']) and pool['pg_num'] != asked[pool['name']] and pool['autoscale_mode'] != 'on']


def unmet(observed, wanted):
    """The conditions that an observation does not meet, each as a sentence; an empty list is success.

    :param observed: what observation.Observer.observe() gives for SUBSETS.
    :param wanted: health (str), accept (list of check codes), osds, osds_up, osds_in, quorum (int), pools (list
        of name and pg_num), pgs_clean, mgr (bool); None, empty or missing: not asked for.
    """
    if any(part not in observed for part in SUBSETS):
        why = observed['reason'] or '; '.join(missing['reason'] for missing in observed['missing'])
        return ['%s: %s' % (observed['state'], why)]
    return (_health(observed['health'], wanted.get('health'), set(wanted.get('accept') or []))
            + (['no manager is active'] if wanted.get('mgr') and not observed['mgr']['available'] else [])
            + _quorum(observed['mons'], wanted.get('quorum'))
            + _osds(observed['osds'], wanted)
            + _pools(observed['pools'], wanted.get('pools') or [])
            + (_pgs_clean(observed) if wanted.get('pgs_clean') else []))


def _health(health, wanted, accepted):
    open_checks = [check for check in health['checks'] if check['code'] not in accepted and not check['muted']]
    if not wanted or health['status'] == wanted or (health['checks'] and not open_checks):
        return []
    return ['health is %s, not %s%s' % (
        health['status'] or 'unknown', wanted,
        ''.join('; ' + ': '.join(filter(None, [check['code'], check['summary']])) for check in open_checks))]


def _quorum(mons, wanted):
    if wanted is None or len(mons['quorum']) >= wanted:
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
    missing = []
    for pool in wanted:
        if pool['name'] not in there:
            missing.append('pool %s is missing' % pool['name'])
        elif pool.get('pg_num') and there[pool['name']]['pg_num'] != pool['pg_num']:
            missing.append('pool %s has %d PGs, not %d (a default counts for new pools only)' % (
                pool['name'], there[pool['name']]['pg_num'], pool['pg_num']))
    return missing


def _pgs_clean(observed):
    pgs = observed['pgs']
    planned = sum(pool['pg_num'] for pool in observed['pools'])
    if pgs['total'] == planned and pgs['clean'] == pgs['total']:
        return []
    return ['%d of %d PGs are active+clean' % (pgs['clean'], planned)]


def progress(observed):
    """What of an observation shows that things move: two equal ones mean that nothing did."""
    return (observed['state'], [check['code'] for check in observed.get('health', {}).get('checks', [])],
            observed.get('mons', {}).get('quorum'), observed.get('mgr'), observed.get('osds'), observed.get('pgs'),
            [(pool['name'], pool['pg_num'], pool['pgp_num']) for pool in observed.get('pools', [])])
