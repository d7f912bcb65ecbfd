# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import copy
import json

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_shape
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.ceph_client import Answer
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

SUMMARY = 'Degraded data redundancy: 12/36 objects degraded (33.333%), 12 pgs degraded'
DEGRADED = (('2.2', '0,2'), ('2.3', '2,0'), ('2.4', '0,2'), ('3.2', '2,0'), ('3.3', '0,2'), ('3.4', '2,0'),
            ('4.2', '0,2'), ('4.3', '0,2'),
            ('4.4', '2,0'), ('5.2', '0,2'), ('5.3', '0,2'), ('5.4', '0,2'))


def osd(number, status='up'):
    return {'id': number, 'name': 'osd.%d' % number, 'type': 'osd', 'parent': 'labpacific',
            'path': 'default/labpacific/osd.%d' % number,
            'weight': 1.0, 'status': status, 'reweight': 1.0, 'device_class': 'hdd'}


def pool(number, name):
    return {'id': number, 'name': name, 'size': 3, 'min_size': 2, 'pg_num': 8, 'pgp_num': 8, 'autoscale_mode': 'off',
            'applications': ['rbd'], 'internal': False}


OK = {
    'state': 'ok',
    'reason': '',
    'fsid': 'b739d969-693c-404c-9af3-ddb61161b493',
    'version': 'ceph version 16.2.15 (618f440892089921c3e944a991122ddc44e60516) pacific (stable)',
    'health': {'status': 'HEALTH_OK', 'checks': []},
    'mons': {'total': 1, 'quorum': ['aio1-ceph-mon-container-c58b9242']},
    'mgr': {'available': True, 'active': 'aio1-ceph-mon-container-c58b9242', 'standbys': []},
    'osds': {'total': 3, 'up': 3, 'in': 3},
    'osd_tree': [
        {'id': -1, 'name': 'default', 'type': 'root', 'parent': None, 'path': 'default', 'weight': 3.0},
        {'id': -3, 'name': 'labpacific', 'type': 'host', 'parent': 'default', 'path': 'default/labpacific', 'weight': 3.0},
        osd(0), osd(1), osd(2)],
    'pgs': {'total': 40, 'clean': 40, 'states': {'active+clean': 40}},
    'pools': [pool(1, 'rbd'), pool(2, 'images'), pool(3, 'volumes'), pool(4, 'vms'), pool(5, 'backups')],
}
OSD_DOWN = dict(
    OK,
    state='warn',
    reason='OSD_DOWN: 1 osds down; PG_DEGRADED: ' + SUMMARY,
    health={'status': 'HEALTH_WARN', 'checks': [
        {'code': 'OSD_DOWN', 'severity': 'HEALTH_WARN', 'summary': '1 osds down', 'muted': False,
         'detail': ['osd.1 (root=default,host=labpacific) is down']},
        {'code': 'PG_DEGRADED', 'severity': 'HEALTH_WARN', 'muted': False,
         'summary': SUMMARY,
         'detail': ['pg %s is active+undersized+degraded, acting [%s]' % pg for pg in DEGRADED]}]},
    osds={'total': 3, 'up': 2, 'in': 3},
    osd_tree=OK['osd_tree'][:3] + [osd(1, 'down'), osd(2)],
    pgs={'total': 40, 'clean': 0, 'states': {'active+undersized': 28, 'active+undersized+degraded': 12}},
)


def answers(texts):
    return [Answer(question, 0, text, '') for question, text in zip(ceph_shape.QUESTIONS, texts)]


def changed(texts, number, **values):
    """The answers with some values of one of them replaced."""
    result = list(texts)
    result[number] = json.dumps(dict(json.loads(result[number]), **values))
    return answers(result)


@pytest.mark.parametrize('case, expected', [('ok', OK), ('osd_down', OSD_DOWN)])
def test_real_cluster(ceph_said, case, expected):
    assert ceph_shape.shape(answers(ceph_said(case))) == expected


@pytest.mark.parametrize('release', ['nautilus', 'pacific', 'reef', 'tentacle'])
@pytest.mark.parametrize('case, up, available', [('ok', 3, True), ('osd_down', 2, True), ('mgr_down', 3, False)])
def test_every_release(ceph_said, release, case, up, available):
    shape = ceph_shape.shape(answers(ceph_said(case, release)))
    assert shape['osds'] == {'total': 3, 'up': up, 'in': 3}
    assert shape['mgr']['available'] == available
    assert [(pool['name'], pool['pg_num']) for pool in shape['pools'] if not pool['internal']] == [
        (name, 8) for name in ('rbd', 'images', 'volumes', 'vms', 'backups')]
    codes = [check['code'] for check in shape['health']['checks'] if check['code'] != 'MGR_MODULE_DEPENDENCY']
    assert codes == {'ok': [], 'osd_down': ['OSD_DOWN', 'PG_DEGRADED'], 'mgr_down': ['MGR_DOWN']}[case]


def test_no_manager(ceph_said):
    shape = ceph_shape.shape(changed(ceph_said('ok'), 4, available=False, active_name=''))
    assert (shape['state'], shape['reason']) == ('mgr_down', 'no manager is active')
    assert shape['mgr'] == {'available': False, 'active': '', 'standbys': []}


def test_no_manager_is_less_than_an_error(ceph_said):
    texts = ceph_said('ok')
    texts[4] = '{"available": false}'
    assert ceph_shape.shape(changed(texts, 1, status='HEALTH_ERR'))['state'] == 'err'


@pytest.mark.parametrize('status, state', [('HEALTH_ERR', 'err'), ('HEALTH_WARN', 'warn'), ('', 'err'),
                                           ('HEALTH_NEW', 'err')])
def test_state(ceph_said, status, state):
    assert ceph_shape.shape(changed(ceph_said('ok'), 1, status=status))['state'] == state


@pytest.mark.parametrize('check, mutes', [
    ({'muted': True}, []),
    ({}, [{'code': 'OSD_DOWN', 'sticky': False}]),
])
def test_muted_check_is_no_reason(ceph_said, check, mutes):
    checks = copy.deepcopy(json.loads(ceph_said('osd_down')[1])['checks'])
    del checks['OSD_DOWN']['muted']
    checks['OSD_DOWN'].update(check)
    shape = ceph_shape.shape(changed(ceph_said('osd_down'), 1, checks=checks, mutes=mutes))
    muted = [(seen['code'], seen['muted']) for seen in shape['health']['checks']]
    assert muted == [('OSD_DOWN', True), ('PG_DEGRADED', False)]
    assert shape['reason'].startswith('PG_DEGRADED')


def test_before_luminous(fixture_text):
    status = json.loads(fixture_text('ceph', 'pre-luminous', 'status-health-monmap.json'))
    assert ceph_shape.health(status['health']) == {'status': 'HEALTH_OK', 'checks': []}
    assert ceph_shape.mons(status) == {'total': 2, 'quorum': ['test-mon01', 'test-mon02']}


def test_numbers_of_osds_up_to_nautilus():
    status = {'osdmap': {'osdmap': {'num_osds': 3, 'num_up_osds': 2, 'num_in_osds': 1}}}
    assert ceph_shape.osds(status) == {'total': 3, 'up': 2, 'in': 1}


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


def test_pool_before_nautilus():
    (shape,) = ceph_shape.pools({'pools': [
        {'pool': 1, 'pool_name': 'rbd', 'size': 3, 'min_size': 2, 'pg_num': 8, 'pg_placement_num': 4}]})
    assert (shape['autoscale_mode'], shape['applications'], shape['pgp_num']) == ('off', [], 4)


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
        ('default/host1/osd.10', 0.5),
        ('default/host2', 0.0), ('osd.7', 0.0)]


def test_answer_that_is_no_json(ceph_said):
    texts = ceph_said('ok')
    texts[2] = 'not now\n'
    with pytest.raises(AioError) as error:
        ceph_shape.shape(answers(texts))
    assert error.value.where == 'ceph osd tree'
    assert 'not now' in error.value.why
