# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One shape for what Ceph says about itself, whatever its release."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno

STATES = {'HEALTH_OK': 'ok', 'HEALTH_WARN': 'warn', 'HEALTH_ERR': 'err'}

QUESTIONS = (
    {'prefix': 'status', 'format': 'json'},
    {'prefix': 'health', 'detail': 'detail', 'format': 'json'},
    {'prefix': 'osd tree', 'format': 'json'},
    {'prefix': 'osd dump', 'format': 'json'},
    {'prefix': 'mgr dump', 'format': 'json'},
    {'prefix': 'version', 'format': 'json'},
)
TEXT_QUESTIONS = ({'prefix': 'status'}, {'prefix': 'osd tree'})


def is_internal(pool):
    """Pools that Ceph makes for itself."""
    return pool == 'device_health_metrics' or pool.startswith('.')


def health(answer):
    checks = []
    muted = set(mute.get('code') for mute in answer.get('mutes', []))
    for code, check in sorted(answer.get('checks', {}).items()):
        checks.append({
            'code': code, 'severity': check['severity'], 'summary': check['summary']['message'],
            'detail': [line['message'] for line in check.get('detail', [])],
            'muted': bool(check.get('muted', code in muted)),
        })
    return {'status': answer.get('status') or answer.get('overall_status', ''), 'checks': checks}


def osds(status):
    osdmap = status['osdmap']
    osdmap = osdmap.get('osdmap', osdmap)  # nested up to nautilus
    return {'total': osdmap['num_osds'], 'up': osdmap['num_up_osds'], 'in': osdmap['num_in_osds']}


def pgs(status):
    pgmap = status['pgmap']
    states = dict((entry['state_name'], entry['count']) for entry in pgmap.get('pgs_by_state', []))
    # A placement group that is being scrubbed is clean all the same.
    clean = sum(count for state, count in states.items() if set(['active', 'clean']) <= set(state.split('+')))
    return {'total': pgmap.get('num_pgs', 0), 'states': states, 'clean': clean}


def mons(status):
    monmap = status['monmap']
    quorum = status['quorum_names'] if 'quorum_names' in status else [
        mon['name'] for mon in monmap.get('mons', []) if mon['rank'] in status['quorum']]
    return {'total': len(monmap['mons']) if 'mons' in monmap else monmap['num_mons'], 'quorum': quorum}


def mgr(answer):
    """:param answer: to "mgr dump"; None of a release without managers."""
    answer = answer or {}
    return {'available': bool(answer.get('available')), 'active': answer.get('active_name', ''),
            'standbys': [standby['name'] for standby in answer.get('standbys', [])]}


def pools(dump):
    return [{
        'id': pool['pool'], 'name': pool['pool_name'], 'size': pool['size'], 'min_size': pool['min_size'],
        'pg_num': pool['pg_num'], 'pgp_num': pool['pg_placement_num'],
        'autoscale_mode': pool.get('pg_autoscale_mode', 'off'),
        'applications': sorted(pool.get('application_metadata', {})),
        'internal': is_internal(pool['pool_name']),
    } for pool in dump['pools']]


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


def shape(answers):
    """The answers to QUESTIONS as one documented value."""
    status, health_detail, tree, dump = [answer.json() for answer in answers[:4]]
    has_managers = answers[4].rc != -errno.EINVAL  # jewel does not know the question
    mgr_dump = answers[4].json() if has_managers else None
    version = answers[5].json()
    result = {
        'fsid': status['fsid'],
        'version': version['version'],
        'health': health(health_detail),
        'mons': mons(status),
        'mgr': mgr(mgr_dump),
        'osds': osds(status),
        'osd_tree': osd_tree(tree),
        'pgs': pgs(status),
        'pools': pools(dump),
    }
    result['state'] = STATES.get(result['health']['status'], 'err')
    result['reason'] = '; '.join('%s: %s' % (check['code'], check['summary'])
                                 for check in result['health']['checks'] if not check['muted'])
    if has_managers and result['state'] != 'err' and not result['mgr']['available']:
        result['state'] = 'mgr_down'
        result['reason'] = result['reason'] or 'no manager is active'
    return result
