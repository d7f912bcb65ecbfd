# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster must be like, and what of it is not so yet."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type


def fixed_otherwise(observed, wanted):
    """Pools whose number of placement groups is another than wanted, and stays so: nobody scales them."""
    asked = dict((pool['name'], pool.get('pg_num')) for pool in wanted.get('pools') or [])
    return [pool['name'] for pool in observed.get('pools', [])
            if asked.get(pool['name']) and pool['pg_num'] != asked[pool['name']] and pool['autoscale_mode'] != 'on']


def unmet(observed, wanted):
    """The conditions that an observation does not meet, each as a sentence; an empty list is success.

    :param observed: a result of ceph_ask.ask().
    :param wanted: health (str), accept (list of check codes), osds, pools (list of name and
        pg_num), pgs_clean (bool), mgr (bool); None or missing: not asked for.
    """
    if 'health' not in observed:
        return ['%s: %s' % (observed['state'], observed['reason'])]
    missing = []
    accepted = set(wanted.get('accept') or [])
    open_checks = [check for check in observed['health']['checks'] if check['code'] not in accepted]
    if wanted.get('health') and observed['health']['status'] != wanted['health']:
        if open_checks or not observed['health']['checks']:
            missing.append('health is %s, not %s%s' % (
                observed['health']['status'] or 'unknown', wanted['health'],
                ''.join('; %s: %s' % (check['code'], check['summary']) for check in open_checks)))
    if wanted.get('mgr') and not observed['mgr']['available']:
        missing.append('no manager is active')
    osds = wanted.get('osds')
    if osds is not None and (observed['osds']['up'], observed['osds']['in']) != (osds, osds):
        missing.append('%d OSDs are up and %d in, not %d' % (observed['osds']['up'], observed['osds']['in'], osds))
    pools = dict((pool['name'], pool) for pool in observed['pools'])
    for pool in wanted.get('pools') or []:
        if pool['name'] not in pools:
            missing.append('pool %s is missing' % pool['name'])
        elif pool.get('pg_num') and pools[pool['name']]['pg_num'] != pool['pg_num']:
            missing.append('pool %s has %d PGs, not %d (a default counts for new pools only)' % (
                pool['name'], pools[pool['name']]['pg_num'], pool['pg_num']))
    if wanted.get('pgs_clean'):
        pgs = observed['pgs']
        planned = sum(pool['pg_num'] for pool in observed['pools'])
        if pgs['total'] != planned or pgs['clean'] != pgs['total']:
            missing.append('%d of %d PGs are active+clean' % (pgs['clean'], planned))
    return missing
