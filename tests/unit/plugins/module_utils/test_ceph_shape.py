# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_shape, observation

MON = 'aio1-ceph-mon-container-f6c9f2fc'
SUMMARY = 'Degraded data redundancy: 12/36 objects degraded (33.333%), 12 pgs degraded'
DEGRADED = (('2.2', '0,2'), ('2.3', '2,0'), ('2.4', '0,2'), ('3.2', '2,0'), ('3.3', '0,2'), ('3.4', '2,0'),
            ('4.2', '0,2'), ('4.3', '0,2'), ('4.4', '2,0'), ('5.2', '0,2'), ('5.3', '0,2'), ('5.4', '0,2'))


def osd(number, status='up'):
    return {'id': number, 'name': 'osd.%d' % number, 'type': 'osd', 'parent': 'labnautilus',
            'path': 'default/labnautilus/osd.%d' % number,
            'weight': 1.0, 'status': status, 'reweight': 1.0, 'device_class': 'hdd'}


def pool(number, name):
    return {'id': number, 'name': name, 'size': 3, 'min_size': 2, 'pg_num': 8, 'pg_num_target': 8, 'pgp_num': 8, 'autoscale_mode': 'off',
            'applications': ['rbd'], 'internal': False}


def stored(number, name, objects, stored_bytes, used_bytes, available_bytes):
    return {'id': number, 'name': name, 'objects': objects, 'stored_bytes': stored_bytes, 'used_bytes': used_bytes,
            'available_bytes': available_bytes}


def running(daemon, count):
    return {'daemon': daemon, 'version': '14.2.21', 'release': 'nautilus', 'count': count}


OSD_DOWN = {
    'state': 'warn',
    'reason': 'OSD_DOWN: 1 osds down; PG_DEGRADED: ' + SUMMARY,
    'remedy': '', 'container': 'mon', 'via': 'container', 'missing': [],
    'fsid': 'f1de2cea-bccf-4e9a-920e-bb270005a369', 'version': '14.2.21', 'release': 'nautilus',
    'health': {'status': 'HEALTH_WARN', 'checks': [
        {'code': 'OSD_DOWN', 'severity': 'HEALTH_WARN', 'summary': '1 osds down', 'muted': False,
         'detail': ['osd.1 (root=default,host=labnautilus) is down']},
        {'code': 'PG_DEGRADED', 'severity': 'HEALTH_WARN', 'muted': False, 'summary': SUMMARY,
         'detail': ['pg %s is active+undersized+degraded, acting [%s]' % pg for pg in DEGRADED]}]},
    'mons': {'total': 1, 'quorum': [MON], 'leader': MON, 'members': [
        {'name': MON, 'rank': 0, 'address': '172.29.238.108:6789'}]},
    'mgr': {'available': True, 'active': MON, 'standbys': []},
    'osds': {'total': 3, 'up': 2, 'in': 3},
    'osd_tree': [
        {'id': -1, 'name': 'default', 'type': 'root', 'parent': None, 'path': 'default', 'weight': 3.0},
        {'id': -3, 'name': 'labnautilus', 'type': 'host', 'parent': 'default', 'path': 'default/labnautilus', 'weight': 3.0},
        osd(0), osd(1, 'down'), osd(2)],
    'pgs': {'total': 40, 'clean': 0, 'states': {'active+undersized': 28, 'active+undersized+degraded': 12}},
    'pools': [pool(1, 'rbd'), pool(2, 'images'), pool(3, 'volumes'), pool(4, 'vms'), pool(5, 'backups')],
    'usage': {'total_bytes': 3298534883328, 'used_bytes': 3240361984, 'available_bytes': 3295294521344, 'pools': [
        stored(1, 'rbd', 0, 0, 0, 1043455475712)] + [
        stored(number, name, 3, 28, 196608, 1565183180800)
        for number, name in ((2, 'images'), (3, 'volumes'), (4, 'vms'), (5, 'backups'))]},
    'versions': [running('mgr', 1), running('mon', 1), running('osd', 2)],
    'crush_rules': [{'id': 0, 'name': 'replicated_rule', 'type': 'replicated', 'root': 'default', 'failure_domain': 'osd'}],
}


def test_every_value(observed):
    assert observed('osd_down', 'nautilus') == OSD_DOWN


# What each case is, in any release. A lab host's managers lack what some of their modules need.
ACCEPTED = set(['MGR_MODULE_DEPENDENCY'])
CASES = {
    'ok': {'osds': (3, 3, 3), 'codes': set()},
    'osd_down': {'osds': (3, 2, 3), 'codes': set(['OSD_DOWN', 'PG_DEGRADED'])},
    'pool_too_large': {'osds': (3, 3, 3), 'codes': set(['TOO_MANY_PGS'])},
    'mgr_down': {'osds': (3, 3, 3), 'codes': set(['MGR_DOWN'])},
    'pgs_undersized': {'osds': (3, 3, 3), 'codes': set(['PG_DEGRADED'])},
    'muted': {'osds': (3, 3, 3), 'codes': set()},
}


@pytest.fixture
def cluster(observed, release, case):
    return observed(case, release)


def test_nothing_is_missing(cluster, fixture_text, release, case):
    unknown = json.loads(fixture_text('ceph', release, case, 'source.json')).get('unknown', [])
    assert [part['subset'] for part in cluster['missing']] == [name for name in ['versions'] if name in unknown]
    assert set(observation.SUBSETS) - set(cluster) == set(part['subset'] for part in cluster['missing'])


def test_release(cluster, fixture_text, release, case):
    source = json.loads(fixture_text('ceph', release, case, 'source.json'))
    assert (cluster['release'], cluster['version']) == (release, source['version'])
    assert ceph_shape.is_known(cluster['version'])
    assert set(entry['release'] for entry in cluster.get('versions', [])) <= set([release])


def test_case(cluster, release, case):
    expected = CASES[case]
    assert tuple(cluster['osds'][name] for name in ('total', 'up', 'in')) == expected['osds']
    counted = [check for check in cluster['health']['checks'] if check['code'] not in ACCEPTED]
    if release == 'jewel':  # has no codes
        assert bool(counted) == bool(expected['codes'])
        assert [check['code'] for check in counted] == [''] * len(counted)
    else:
        assert expected['codes'] <= set(check['code'] for check in counted if not check['muted'])
        assert bool(expected['codes']) == any(not check['muted'] for check in counted)
    assert any(check['muted'] for check in counted) is (case == 'muted')
    assert all(check['summary'] in cluster['reason'] for check in counted if not check['muted'])
    assert not any(check['summary'] in cluster['reason'] for check in counted if check['muted'])
    states = {'mgr_down': 'mgr_down'}
    open_checks = [check for check in cluster['health']['checks'] if not check['muted']]
    assert cluster['state'] == states.get(case, 'warn' if open_checks else 'ok')
    assert cluster['mgr']['available'] is (None if release == 'jewel' else case != 'mgr_down')
    assert bool(cluster['mgr']['active']) is bool(cluster['mgr']['available'])
    assert all(pool['pg_num_target'] == pool['pg_num'] for pool in cluster['pools'])


def test_parts_agree(cluster, release, case):
    """The parts come from different answers about the same cluster."""
    nodes = [node for node in cluster['osd_tree'] if node['type'] == 'osd']
    assert len(nodes) == cluster['osds']['total']
    assert [node['status'] for node in nodes].count('up') == cluster['osds']['up']
    assert nodes[0]['path'].split('/')[-1] == nodes[0]['name']
    assert cluster['osd_tree'][0]['weight'] == pytest.approx(sum(node['weight'] for node in nodes), abs=1e-4)
    assert sum(cluster['pgs']['states'].values()) == cluster['pgs']['total'] == sum(
        pool['pg_num'] for pool in cluster['pools'])
    assert cluster['pgs']['clean'] == cluster['pgs']['states'].get('active+clean', 0)
    assert [(pool['id'], pool['name']) for pool in cluster['usage']['pools']] == [
        (pool['id'], pool['name']) for pool in cluster['pools']]
    assert [pool['name'] for pool in cluster['pools'] if not pool['internal']][:5] == [
        'rbd', 'images', 'volumes', 'vms', 'backups']
    assert cluster['mons']['total'] == len(cluster['mons']['members']) == len(cluster['mons']['quorum'])
    assert cluster['mons']['leader'] in cluster['mons']['quorum']
    assert all(mon['address'].count(':') == 1 for mon in cluster['mons']['members'])
    assert cluster['crush_rules'][0]['root'] == cluster['osd_tree'][0]['name']
    assert [count['count'] for count in cluster.get('versions', []) if count['daemon'] == 'osd'] in (
        [], [cluster['osds']['up']])


@pytest.mark.parametrize('text, number, name', [
    ('ceph version 16.2.15 (618f440892089921c3e944a991122ddc44e60516) pacific (stable)', '16.2.15', 'pacific'),
    ('ceph version 10.2.7 (50e863e0f4bc8f4b9e31156de690d765af245185)', '10.2.7', 'jewel'),
    ('ceph version 21.1.0 (0123456789abcdef0123456789abcdef01234567) ursula (rc)', '21.1.0', 'ursula'),
    ('ceph version 21.1.0 (0123456789abcdef0123456789abcdef01234567)', '21.1.0', ''),
    ('ceph version Development (no_version) reef (dev)', 'Development', 'reef'),
    ('something else', 'something else', ''),
])
def test_version(text, number, name):
    assert ceph_shape.version({'version': text}) == {'version': number, 'release': name}


@pytest.mark.parametrize('number, known', [
    ('10.2.7', True), ('16.2.15', True), ('20.1.0', True), ('21.1.0', False), ('9.2.1', False), ('Development', False), ('', False)])
def test_known_release(number, known):
    assert ceph_shape.is_known(number) is known


def test_known_releases():
    assert ceph_shape.known_releases() == 'jewel (10) to tentacle (20)'


def test_health_of_luminous_has_an_old_field_that_says_otherwise():
    health = {'checks': {}, 'status': 'HEALTH_OK', 'summary': [{'severity': 'HEALTH_WARN', 'summary': 'read "status"'}],
              'overall_status': 'HEALTH_WARN'}
    assert ceph_shape.health(health) == {'status': 'HEALTH_OK', 'checks': []}
    assert ceph_shape.health_status({'health': health}) == 'HEALTH_OK'


def test_details_before_luminous_go_to_the_first_check():
    health = {'overall_status': 'HEALTH_WARN', 'detail': ['a', 'b'], 'summary': [
        {'severity': 'HEALTH_WARN', 'summary': 'one'}, {'severity': 'HEALTH_ERR', 'summary': 'two'}]}
    assert ceph_shape.health(health)['checks'] == [
        {'code': '', 'severity': 'HEALTH_WARN', 'summary': 'one', 'detail': ['a', 'b'], 'muted': False},
        {'code': '', 'severity': 'HEALTH_ERR', 'summary': 'two', 'detail': [], 'muted': False}]


@pytest.mark.parametrize('muted, mutes', [
    (True, []),
    (None, [{'code': 'OSD_DOWN', 'sticky': False, 'summary': '1 osds down', 'count': 1}]),
])
def test_muted_check(muted, mutes):
    check = {'severity': 'HEALTH_WARN', 'summary': {'message': '1 osds down', 'count': 1}, 'detail': []}
    health = {'status': 'HEALTH_OK', 'mutes': mutes, 'checks': {
        'OSD_DOWN': dict(check, **({} if muted is None else {'muted': muted})), 'OTHER': check}}
    assert [(check['code'], check['muted']) for check in ceph_shape.health(health)['checks']] == [
        ('OSD_DOWN', True), ('OTHER', False)]


@pytest.mark.parametrize('mon, address', [
    ({'addr': '10.0.0.1:6789/0'}, '10.0.0.1:6789'),
    ({'addr': '10.0.0.1:6789/0', 'public_addr': '10.0.0.2:6789/0'}, '10.0.0.2:6789'),
    ({'addr': '[fd00::1]:6789/0'}, '[fd00::1]:6789'),
])
def test_address_of_a_mon(mon, address):
    mons = ceph_shape.mons({'quorum_names': [], 'monmap': {'mons': [dict(mon, name='a', rank=0)]}})
    assert mons == {'total': 1, 'quorum': [], 'leader': '', 'members': [{'name': 'a', 'rank': 0, 'address': address}]}


@pytest.mark.parametrize('status, available', [
    ({}, None), ({'mgrmap': {'available': True}}, True), ({'mgrmap': {'available': False}}, False)])
def test_manager_of_the_status(status, available):
    assert ceph_shape.manager_available(status) is available


@pytest.mark.parametrize('answer, available', [(None, None), ({}, False), ({'available': False, 'active_name': ''}, False)])
def test_no_manager(answer, available):
    """Before luminous there was none; since then it may be down."""
    assert ceph_shape.mgr(answer) == {'available': available, 'active': '', 'standbys': []}


def test_standby_managers():
    assert ceph_shape.mgr({'available': True, 'active_name': 'a', 'standbys': [{'name': 'b'}, {'name': 'c'}]}) == {
        'available': True, 'active': 'a', 'standbys': ['b', 'c']}


def test_no_placement_groups():
    assert ceph_shape.pgs({'pgmap': {}}) == {'total': 0, 'clean': 0, 'states': {}}


def test_placement_groups_that_are_scrubbed_are_clean():
    states = [{'state_name': 'active+clean', 'count': 37}, {'state_name': 'active+clean+scrubbing+deep', 'count': 2},
              {'state_name': 'peering', 'count': 1}]
    assert ceph_shape.pgs({'pgmap': {'num_pgs': 40, 'pgs_by_state': states}})['clean'] == 39


@pytest.mark.parametrize('name, internal', [('rbd', False), ('device_health_metrics', True), ('.mgr', True),
                                            ('.rgw.root', True)])
def test_internal_pool(name, internal):
    assert ceph_shape.is_internal(name) == internal


DETAIL = {'pool_name': 'rbd', 'size': 3, 'min_size': 2, 'pg_num': 8, 'pg_placement_num': 4}


def test_pool_before_luminous():
    (shape,) = ceph_shape.pools([DETAIL], [{'poolnum': 7, 'poolname': 'rbd'}])
    assert (shape['id'], shape['autoscale_mode'], shape['applications'], shape['pgp_num']) == (7, 'off', [], 4)
    assert (shape['pg_num'], shape['pg_num_target']) == (8, 8)


def test_pool_whose_number_is_being_changed():
    (shape,) = ceph_shape.pools([dict(DETAIL, pool_id=7, pg_num_target=32)], [])
    assert (shape['pg_num'], shape['pg_num_target']) == (8, 32)


@pytest.mark.parametrize('details, ids, numbers', [
    ([dict(DETAIL, pool_id=7)], [{'poolnum': 8, 'poolname': 'rbd'}], [7]),
    ([dict(DETAIL, pool_id=0)], [], [0]),
    ([DETAIL], [{'poolnum': 0, 'poolname': 'rbd'}], [0]),
    ([DETAIL, dict(DETAIL, pool_name='vms')], [{'poolnum': 2, 'poolname': 'vms'}], [2]),
    ([DETAIL], [{'poolnum': 1, 'poolname': 'rbd'}, {'poolnum': 2, 'poolname': 'vms'}], [1]),
])
def test_number_of_a_pool(details, ids, numbers):
    """Of two answers, between which a pool may have gone or come."""
    assert [pool['id'] for pool in ceph_shape.pools(details, ids)] == numbers


def test_usage_before_nautilus():
    usage = ceph_shape.usage({
        'stats': {'total_bytes': 300, 'total_used_bytes': 30, 'total_avail_bytes': 270},
        'pools': [{'id': 1, 'name': 'rbd', 'stats': {'kb_used': 1, 'bytes_used': 9, 'max_avail': 90, 'objects': 2}}]})
    assert usage == {'total_bytes': 300, 'used_bytes': 30, 'available_bytes': 270, 'pools': [stored(1, 'rbd', 2, 9, None, 90)]}


def test_tree_of_several_hosts_and_a_stray():
    tree = {'nodes': [
        {'id': -1, 'name': 'default', 'type': 'root', 'children': [-7, -5]},
        {'id': -5, 'name': 'host1', 'type': 'host', 'children': [10, 2]},
        {'id': 2, 'name': 'osd.2', 'type': 'osd', 'crush_weight': 0.00989, 'status': 'up', 'reweight': 1},
        {'id': 10, 'name': 'osd.10', 'type': 'osd', 'crush_weight': 0.5, 'status': 'down', 'reweight': 0},
        {'id': -7, 'name': 'host2', 'type': 'host', 'children': []},
    ], 'stray': [{'id': 7, 'name': 'osd.7', 'type': 'osd', 'crush_weight': 0, 'status': 'down', 'reweight': 0}]}
    assert [(node['path'], node['weight']) for node in ceph_shape.osd_tree(tree)] == [
        ('default', 0.50989), ('default/host1', 0.50989), ('default/host1/osd.2', 0.00989),
        ('default/host1/osd.10', 0.5), ('default/host2', 0.0), ('osd.7', 0.0)]


@pytest.mark.parametrize('kind, steps, expected', [
    (1, [{'op': 'take', 'item_name': 'default'}, {'op': 'chooseleaf_firstn', 'num': 0, 'type': 'host'}, {'op': 'emit'}],
     ('replicated', 'default', 'host')),
    (3, [{'op': 'set_chooseleaf_tries', 'num': 5}, {'op': 'take', 'item_name': 'default~hdd'},
         {'op': 'choose_indep', 'num': 0, 'type': 'rack'}, {'op': 'chooseleaf_indep', 'num': 2, 'type': 'osd'}, {'op': 'emit'}],
     ('erasure', 'default~hdd', 'osd')),
    (4, [], ('4', '', '')),
])
def test_crush_rule(kind, steps, expected):
    (rule,) = ceph_shape.crush_rules([{'rule_id': 1, 'rule_name': 'r', 'type': kind, 'steps': steps}])
    assert (rule['type'], rule['root'], rule['failure_domain']) == expected


def test_osd_usage_of_one_that_is_gone(fixture_text):
    """It has no size, and one that is in no bucket is among the strays."""
    answer = json.loads(fixture_text('osd_df', 'pacific.json'))
    answer['stray'] = [dict(answer['nodes'].pop(), kb=0, kb_used=0, kb_avail=0)]
    answer['nodes'].append({'id': -1, 'name': 'default', 'type': 'root'})
    assert [(osd['id'], osd['total_bytes'] > 0) for osd in ceph_shape.osd_usage(answer)] == [(0, True), (1, True), (2, False)]
