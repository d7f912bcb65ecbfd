# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One shape for what Ceph says about itself, whatever its release: jewel (10) to tentacle (20).

Each function takes parsed answers and gives one part of the documented value. What a release lacks is
empty; a shape that no known release has is a KeyError, TypeError or the like.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import re

STATES = {'HEALTH_OK': 'ok', 'HEALTH_WARN': 'warn', 'HEALTH_ERR': 'err'}
# https://docs.ceph.com/en/latest/releases/
RELEASES = {10: 'jewel', 11: 'kraken', 12: 'luminous', 13: 'mimic', 14: 'nautilus', 15: 'octopus', 16: 'pacific',
            17: 'quincy', 18: 'reef', 19: 'squid', 20: 'tentacle'}
VERSION = re.compile(r'^ceph version (\S+)(?: \([^)]*\))?(?: (\w+))?')


def is_internal(pool):
    """Pools that Ceph makes for itself."""
    return pool == 'device_health_metrics' or pool.startswith('.')


def version(answer):
    """:param answer: to "version"."""
    return parse_version(answer['version'])


def parse_version(text):
    """"ceph version 16.2.15 (hash) pacific (stable)" as version and release; jewel does not say its name."""
    match = VERSION.match(text)
    if not match:
        return {'version': text, 'release': ''}
    number = match.group(1)
    major = int(number.split('.')[0]) if number.split('.')[0].isdigit() else 0
    return {'version': number, 'release': match.group(2) or RELEASES.get(major, '')}


def is_known(number):
    """Whether a version is one of a release that this is written for."""
    return int(re.match('[0-9]*', number).group() or 0) in RELEASES


def known_releases():
    return '%s (%d) to %s (%d)' % (RELEASES[min(RELEASES)], min(RELEASES), RELEASES[max(RELEASES)], max(RELEASES))


def health_status(status):
    """HEALTH_OK, HEALTH_WARN or HEALTH_ERR; luminous keeps a field of the old name that says otherwise."""
    health_part = status['health']
    return health_part.get('status') or health_part['overall_status']


def health(answer):
    """:param answer: to "health detail"."""
    checks = []
    muted = set(mute.get('code') for mute in answer.get('mutes', []))
    for code, check in sorted(answer.get('checks', {}).items()):
        checks.append({
            'code': code, 'severity': check['severity'], 'summary': check['summary']['message'],
            'detail': [line['message'] for line in check.get('detail', [])],
            'muted': bool(check.get('muted', code in muted)),
        })
    if 'checks' not in answer:
        # Before luminous a reason has no code, and the details belong to no reason.
        for reason in answer.get('summary', []):
            checks.append({'code': '', 'severity': reason['severity'], 'summary': reason['summary'], 'detail': [], 'muted': False})
        if checks:
            checks[0]['detail'] = list(answer.get('detail', []))
    return {'status': answer.get('status') or answer['overall_status'], 'checks': checks}


def mons(quorum_status):
    members = quorum_status['monmap']['mons']
    return {
        'total': len(members), 'quorum': quorum_status['quorum_names'],
        'leader': quorum_status.get('quorum_leader_name', ''),
        'members': [{
            'name': mon['name'], 'rank': mon['rank'],
            'address': (mon.get('public_addr') or mon['addr']).partition('/')[0],
        } for mon in members],
    }


def manager_available(status):
    """Whether a manager is active; None before there were managers."""
    return bool(status['mgrmap']['available']) if 'mgrmap' in status else None


def mgr(answer):
    """:param answer: to "mgr dump"; None of a release without managers."""
    if answer is None:
        return {'available': None, 'active': '', 'standbys': []}
    return {'available': bool(answer.get('available')), 'active': answer.get('active_name', ''),
            'standbys': [standby['name'] for standby in answer.get('standbys', [])]}


def osds(status):
    osdmap = status['osdmap']
    osdmap = osdmap.get('osdmap', osdmap)  # nested up to nautilus
    return {'total': osdmap['num_osds'], 'up': osdmap['num_up_osds'], 'in': osdmap['num_in_osds']}


def pgs(status):
    pgmap = status['pgmap']
    states = dict((entry['state_name'], entry['count']) for entry in pgmap.get('pgs_by_state', []))
    # A placement group that is being scrubbed is clean all the same. Of a stale one nothing has been heard since its OSDs went.
    clean = sum(count for state, count in states.items()
                if set(['active', 'clean']) <= set(state.split('+')) and 'stale' not in state.split('+'))
    return {'total': pgmap.get('num_pgs', 0), 'states': states, 'clean': clean}


def pools(detail, ids):
    """:param detail: answer to "osd pool ls detail". :param ids: to "osd lspools", for releases whose details lack the id."""
    numbers = dict((pool['poolname'], pool['poolnum']) for pool in ids)
    # Between the two questions a pool may have gone.
    numbered = [(pool.get('pool_id', numbers.get(pool['pool_name'])), pool) for pool in detail]
    return [{
        'id': number, 'name': pool['pool_name'], 'size': pool['size'], 'min_size': pool['min_size'],
        'pg_num': pool['pg_num'], 'pg_num_target': pool.get('pg_num_target', pool['pg_num']), 'pgp_num': pool['pg_placement_num'],
        'autoscale_mode': pool.get('pg_autoscale_mode', 'off'),
        'applications': sorted(pool.get('application_metadata', {})),
        'internal': is_internal(pool['pool_name']),
    } for number, pool in numbered if number is not None]


def osd_tree(answer):
    """The tree as a flat list, parents before children, in the order Ceph shows it."""
    nodes = dict((node['id'], node) for node in answer['nodes'])
    children = set(child for node in answer['nodes'] for child in node.get('children', []))
    flat = []

    def walk(node, parent, path):
        path = path + [node['name']]
        entry = {'id': node['id'], 'name': node['name'], 'type': node['type'], 'parent': parent,
                 'path': '/'.join(path), 'weight': round(float(node.get('crush_weight', 0.0)), 5)}
        if node['type'] == 'osd':
            entry.update(status=node.get('status', ''), reweight=float(node.get('reweight', 0.0)),
                         device_class=node.get('device_class', ''))
        else:
            entry['weight'] = 0.0
        flat.append(entry)
        for child in reversed(node.get('children', [])):
            if child in nodes:
                below = walk(nodes[child], node['name'], path)
                if node['type'] != 'osd':
                    entry['weight'] = round(entry['weight'] + below, 5)
        return entry['weight']

    for node in answer['nodes']:
        if node['id'] not in children:
            walk(node, None, [])
    for stray in answer.get('stray', []):
        walk(stray, None, [])
    return flat


def usage(answer):
    """:param answer: to "df". Before nautilus bytes_used is what was stored, and what that takes is not said."""
    stats = answer['stats']
    return {
        'total_bytes': stats['total_bytes'], 'used_bytes': stats.get('total_used_raw_bytes', stats['total_used_bytes']),
        'available_bytes': stats['total_avail_bytes'],
        'pools': [{
            'id': pool['id'], 'name': pool['name'], 'objects': pool['stats']['objects'],
            'stored_bytes': pool['stats'].get('stored', pool['stats']['bytes_used']),
            'used_bytes': pool['stats']['bytes_used'] if 'stored' in pool['stats'] else None,
            'available_bytes': pool['stats']['max_avail'],
        } for pool in answer['pools']],
    }


def osd_usage(answer):
    """:param answer: to "osd df"."""
    return [{
        'id': node['id'], 'name': node['name'], 'total_bytes': node['kb'] * 1024, 'used_bytes': node['kb_used'] * 1024,
        'available_bytes': node['kb_avail'] * 1024, 'pgs': node['pgs'],
    } for node in answer['nodes'] + answer.get('stray', []) if node['id'] >= 0]


def versions(answer):
    """Which versions the daemons run, and how many of each kind."""
    return [dict(parse_version(text), daemon=daemon, count=count)
            for daemon, counts in sorted(answer.items()) if daemon != 'overall'
            for text, count in sorted(counts.items())]


def crush_rules(answer):
    rules = []
    for rule in answer:
        steps = rule['steps']
        choose = [step for step in steps if step['op'].startswith('choose')]
        rules.append({
            'id': rule['rule_id'], 'name': rule['rule_name'],
            'type': {1: 'replicated', 3: 'erasure'}.get(rule['type'], str(rule['type'])),
            'root': next((step['item_name'] for step in steps if step['op'] == 'take'), ''),
            'failure_domain': choose[-1]['type'] if choose else '',
        })
    return rules
