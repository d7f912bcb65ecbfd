# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.filter.report_view import report_view

STEPS = {
    'setup-hosts': {'started': '2026-11-26T14:00:20Z', 'finished': '2026-11-26T14:00:30Z', 'seconds': 10.0, 'rc': 0, 'log': '/hosts.log'},
    'bootstrap-aio': {'started': '2026-11-26T14:00:00Z', 'finished': '2026-11-26T14:00:20Z', 'seconds': 20.0, 'rc': 0, 'log': '/aio.log'},
}


def view(ceph=None, **document):
    return report_view(dict({'host': 'mylab', 'ceph': dict({'state': 'ok', 'container': 'mon1'}, **(ceph or {}))}, **document))


@pytest.mark.parametrize('state, mark', [
    ('ok', 'good'), ('warn', 'poor'), ('mgr_down', 'poor'), ('err', 'bad'), ('no_container', 'bad'), ('timed_out', 'bad')])
def test_mark(state, mark):
    assert view({'state': state})['mark'] == mark


def test_nothing_is_known_but_the_state():
    assert {name: part for name, part in view({'state': 'no_container', 'container': ''}).items() if name not in ('mark', 'commands')} == {
        'timeline': [], 'tree': [], 'pgs': [], 'pools': [], 'used': None, 'overrides': [], 'commits': None}


def bars(steps, running=None):
    return [(row['name'], row['start'], row['share'], row['result']) for row in view(steps=steps, running=running)['timeline']]


def test_timeline():
    assert bars(STEPS) == [('bootstrap-aio', 0.0, 66.67, 'done'), ('setup-hosts', 66.67, 33.33, 'done')]


def test_a_night_between_two_steps_is_no_part_of_the_build():
    late = dict(STEPS['setup-hosts'], started='2026-11-27T08:00:00Z')
    assert bars(dict(STEPS, **{'setup-hosts': late})) == [('bootstrap-aio', 0.0, 33.33, 'done'), ('setup-hosts', 83.33, 16.67, 'done')]


def test_what_took_no_time_can_be_seen():
    assert bars(dict(STEPS, verify={'started': '2026-11-26T14:00:30Z', 'seconds': 0.0, 'rc': 0}))[-1] == ('verify', 100.0, 0.4, 'done')


def test_steps_that_failed_or_run():
    steps = dict(STEPS, **{'setup-hosts': {'started': '2026-11-26T14:00:20Z', 'log': '/hosts.log'}})
    assert bars(steps)[-1][-1] == 'failed'
    assert bars(steps, {'step': 'setup-hosts'})[-1][-1] == 'running'
    assert bars(dict(STEPS, never={})) == bars(STEPS)


def names(nodes):
    return [(node['name'], names(node['children'])) for node in nodes]


def test_tree():
    paths = ['default', 'default/a', 'default/a/osd.0', 'default/a/osd.1', 'default/ab', 'default/ab/osd.2', 'other', 'osd.9']
    nodes = [{'path': path, 'name': path.rpartition('/')[2]} for path in paths]
    assert names(view({'osd_tree': nodes})['tree']) == [
        ('default', [('a', [('osd.0', []), ('osd.1', [])]), ('ab', [('osd.2', [])])]), ('other', []), ('osd.9', [])]


def test_use_of_osds():
    nodes = [{'path': 'osd.%d' % number, 'name': 'osd.%d' % number, 'id': number} for number in range(3)]
    usage = [{'id': 0, 'used_bytes': 1, 'total_bytes': 4}, {'id': 1, 'used_bytes': 0, 'total_bytes': 0}]
    assert [node.get('used') for node in view({'osd_tree': nodes, 'osd_usage': usage})['tree']] == [25.0, None, None]


def test_pgs():
    states = {'active+clean': 30, 'active+undersized+degraded': 6, 'stale+active+clean': 3, 'down': 1}
    assert [(row['name'], row['share'], row['mark']) for row in view({'pgs': {'total': 40, 'states': states}})['pgs']] == [
        ('active+clean', 75.0, 'good'), ('active+undersized+degraded', 15.0, 'poor'), ('stale+active+clean', 7.5, 'bad'), ('down', 2.5, 'bad')]


def test_pools():
    found = [{'id': 1, 'name': '.mgr', 'internal': True, 'pg_num': 1}, {'id': 2, 'name': 'rbd', 'internal': False, 'pg_num': 8},
             {'id': 3, 'name': 'new', 'internal': False, 'pg_num': 1}]
    usage = {'used_bytes': 5, 'total_bytes': 20, 'pools': [{'id': 2, 'stored_bytes': 7, 'objects': 3}]}
    seen = view({'pools': found, 'usage': usage})
    assert [(row['name'], row['share'], row['stored_bytes'], row['objects']) for row in seen['pools']] == [
        ('rbd', 80.0, 7, 3), ('new', 10.0, None, None), ('.mgr', 10.0, None, None)]
    assert seen['used'] == 25.0


def test_overrides():
    proved = {'ceph_overrides': {'evidence': {'daemon': 'mon.a', 'settings': {'osd_pool_default_pg_num': '8', 'mon_x': '1'}}}}
    assert view({'config': {'settings': {'osd_pool_default_pg_num': '32'}}}, steps=proved)['overrides'] == [
        {'name': 'mon_x', 'proved': '1', 'effective': ''}, {'name': 'osd_pool_default_pg_num', 'proved': '8', 'effective': '32'}]


@pytest.mark.parametrize('ceph, document, first, last, count', [
    ({}, {}, 'lxc-attach -n mon1 -- ceph -s', 'osa_lab.ceph_aio.teardown --limit mylab -e teardown_confirm=mylab', 5),
    ({'state': 'no_container', 'container': ''}, {}, 'osa_lab.ceph_aio.site --limit mylab', 'osa_lab.ceph_aio.site --limit mylab', 1),
    ({'state': 'warn'}, {}, 'lxc-attach -n mon1 -- ceph health detail', 'osa_lab.ceph_aio.bundle --limit mylab', 3),
    ({'state': 'err'}, {'snapshots': [{'name': 'golden'}]}, 'ceph health detail', 'osa_lab.ceph_aio.bundle --limit mylab', 4),
    ({'state': 'ok', 'container': ''}, {}, 'osa_lab.ceph_aio.snapshot', 'teardown_confirm=mylab', 4),
])
def test_commands(ceph, document, first, last, count):
    commands = [row['type'] for row in view(ceph, **document)['commands']]
    assert first in commands[0] and commands[-1].endswith(last) and len(commands) == count
    assert ('reset_name=golden' in ' '.join(commands)) == bool(document)


def test_while_a_step_goes_on_there_is_nothing_else_to_do():
    commands = view({'state': 'mgr_down'}, running={'step': 'setup-infrastructure'})['commands']
    assert [(row['to'].split()[0], row['type'].split()[-3]) for row in commands] == [('wait', 'osa_lab.ceph_aio.site')]


def test_asked_from_the_controller():
    document = {'host': 'mylab', 'ceph': {'state': 'ok', 'container': 'mon1'}}
    assert report_view(document, 'labs.yml')['commands'][0]['type'] == "ansible -i labs.yml mylab -b -m command -a 'lxc-attach -n mon1 -- ceph -s'"


def test_who_does_not_answer_is_not_asked_for_more():
    assert [row['type'].split()[-3] for row in view({'state': 'mon_unreachable'})['commands']] == ['osa_lab.ceph_aio.site', 'osa_lab.ceph_aio.bundle']


def test_commands_name_the_inventory():
    document = {'host': 'mylab', 'ceph': {'state': 'no_container', 'container': ''}}
    assert report_view(document, 'labs.yml')['commands'][0]['type'] == 'ansible-playbook -i labs.yml osa_lab.ceph_aio.site --limit mylab'


@pytest.mark.parametrize('lab, given', [('labosa', ''), ('other', ' LAB=other')])
def test_who_came_by_make_types_make(lab, given, monkeypatch):
    monkeypatch.setenv('OSA_CEPH_AIO_MAKE', lab)

    def typed(state, **more):
        document = dict({'host': 'mylab', 'ceph': {'state': state, 'container': 'mon1'}}, **more)
        return [row['type'] for row in report_view(document, 'labs.yml')['commands']]

    assert typed('no_container') == ['make lab' + given]
    assert typed('ok') == ['make ssh' + given + " COMMAND='lxc-attach -n mon1 -- ceph -s'"] + [
        'make ' + target + given + more for target, more in [('snapshot', ''), ('drill', ' DRILL=osd_down'), ('rebuild', ''), ('teardown', '')]]
    assert typed('warn', snapshots=[{'name': 'golden'}]) == ['make ssh' + given + " COMMAND='lxc-attach -n mon1 -- ceph health detail'"] + [
        'make ' + target + given + more for target, more in [('lab', ''), ('reset', ' NAME=golden'), ('bundle', '')]]


def test_commits():
    lock = {'osa': 'c0', 'roles': {'ceph-mon': 'c1'}, 'collections': {'ansible.posix': 'c2'}}
    assert view(made_of={'source_lock': lock})['commits'] == {'osa': 'c0', 'parts': {'ceph-mon': 'c1', 'ansible.posix': 'c2'}}
