# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner here is a script that says what it is told to; tests/integration/overrides runs Ansible itself."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import base64
import json
import os

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.modules import ceph_overrides_proof

PG_NUM = {'global': {'osd_pool_default_pg_num': 8}}
POOLS = {'openstack_glance_pool': {'name': 'images', 'pg_num': 8, 'pg_autoscale_mode': 'off'}}


def said(values, host='aio1_ceph-mon_container-a3d8b8b1'):
    word = base64.b64encode(json.dumps(values).encode('utf-8')).decode('ascii')
    return '    "msg": "ceph_overrides_proof:%s:%s:"\n' % (word, host)


@pytest.fixture
def runner(executable, tmp_path):
    """A runner: runner(what it prints, exit status); what it saw is in tmp_path/seen."""
    (tmp_path / 'playbooks').mkdir()

    def make(output, status=0, wait=0):
        (tmp_path / 'output').write_bytes(output.encode('utf-8'))
        return str(executable('runner', (
            '#!/bin/sh\ncp -rL "$(dirname "$1")" "{0}/seen"\npwd > "{0}/pwd"\nenv > "{0}/env"\nsleep {1}\ncat "{0}/output"\nexit {2}\n'
        ).format(tmp_path, wait, status)))
    return make


@pytest.fixture
def proof(run_module, tmp_path):
    def run(runner, **arguments):
        return run_module('ceph_overrides_proof', **dict(
            {'runner': runner, 'chdir': str(tmp_path / 'playbooks'), 'overrides': PG_NUM}, **arguments))
    return run


def test_what_is_wanted(proof, runner):
    result = proof(runner(said({'global.osd_pool_default_pg_num': 8})))
    assert (result['changed'], result['hosts']) == (False, ['aio1_ceph-mon_container-a3d8b8b1'])


@pytest.mark.parametrize('wanted, seen', [(8, '8'), ('8', 8), (True, True), ('off', 'off'), (0.5, 0.5)])
def test_text_and_numbers_are_the_same(proof, runner, wanted, seen):
    assert 'failed' not in proof(runner(said({'osd.a': seen})), overrides={'osd': {'a': wanted}})


def test_pools(proof, runner):
    answer = {'global.osd_pool_default_pg_num': 8, 'openstack_glance_pool': POOLS['openstack_glance_pool']}
    assert 'failed' not in proof(runner(said(answer)), pools=POOLS)
    answer['openstack_glance_pool'] = {'name': 'images', 'application': 'rbd'}
    result = proof(runner(said(answer)), pools=POOLS)
    assert [(found['name'], found['wanted'], found['seen']) for found in result['mismatches']] == [
        ('openstack_glance_pool.pg_autoscale_mode', 'off', 'nothing'), ('openstack_glance_pool.pg_num', '8', 'nothing')]
    assert result['msg'].count('wanted is') == 2
    answer['openstack_glance_pool'] = 'images'  # a user may set it to anything
    assert len(proof(runner(said(answer)), pools=POOLS)['mismatches']) == len(POOLS['openstack_glance_pool'])


@pytest.mark.parametrize('seen, text', [(256, '256'), (None, 'nothing')])
def test_both_values_are_said(proof, runner, seen, text):
    result = proof(runner(said({'global.osd_pool_default_pg_num': 8}, 'a') + said({'global.osd_pool_default_pg_num': seen}, 'b')))
    assert result['mismatches'] == [{'host': 'b', 'name': 'global.osd_pool_default_pg_num', 'wanted': '8', 'seen': text}]
    assert result['msg'].startswith(
        'overrides will have no effect (group ceph-mon): global.osd_pool_default_pg_num on b: wanted is 8, and the host sees %s. '
        'Next: ' % text)


def test_many_mismatches(proof, runner):
    overrides = {'osd': dict(('option%d' % number, number) for number in range(8))}
    result = proof(runner(said(dict(('osd.option%d' % number, None) for number in range(8)))), overrides=overrides)
    assert len(result['mismatches']) == 8
    assert 'osd.option4 on' in result['msg'] and 'osd.option5 on' not in result['msg'] and '(and 3 more)' in result['msg']


def test_how_it_is_asked(proof, runner, tmp_path):
    defaults = tmp_path / 'main.yml'
    defaults.write_bytes(b'ceph_conf_overrides: {}\n')
    proof(runner(said({'global.osd_pool_default_pg_num': 8})), group='ceph_mon', role_defaults=str(defaults),
          environment={'ANSWER': 42}, private_environment={'SECRET': 'hush-hush'})
    role = tmp_path / 'seen' / 'roles' / 'ceph_overrides_proof'
    assert json.loads((tmp_path / 'seen' / 'proof.yml').read_text()) == [
        {'hosts': 'ceph_mon', 'gather_facts': False, 'roles': ['ceph_overrides_proof']}]
    assert (role / 'defaults' / 'main.yml').read_text() == 'ceph_conf_overrides: {}\n'
    ((task,),) = [[one['debug'] for one in json.loads((role / 'tasks' / 'main.yml').read_text())]]
    assert '"global.osd_pool_default_pg_num": ((ceph_conf_overrides | default({}))' in task['msg']
    assert (tmp_path / 'pwd').read_text().strip() == str(tmp_path / 'playbooks')
    given = (tmp_path / 'env').read_text()
    assert 'ANSWER=42\n' in given and 'SECRET=hush-hush\n' in given


def test_nothing_is_left(proof, runner, tmp_path, monkeypatch):
    folder = tmp_path / 'tmp'
    folder.mkdir()
    monkeypatch.setattr(ceph_overrides_proof.tempfile, 'tempdir', str(folder))
    proof(runner('', 1))
    assert os.listdir(str(folder)) == []


def test_no_mon_host(proof, runner):
    result = proof(runner('skipping: no hosts matched\n'), group='ceph_mon')
    assert result['problem']['what'] == "OSA's inventory has no mon host"
    assert result['problem']['where'] == 'group ceph_mon'


def test_a_runner_that_fails(proof, runner, tmp_path):
    result = proof(runner(said({'secret': 1}) + 'ERROR! the inventory is broken\n', 4))
    assert result['problem']['why'] == 'it ended with 4: ERROR! the inventory is broken'
    assert result['problem']['where'].endswith(' in %s' % (tmp_path / 'playbooks'))


def test_a_runner_that_takes_too_long(proof, runner):
    result = proof(runner('', wait=30), deadline=0.5)
    assert result['problem']['why'] == 'it took more than 0.5 s and was killed'


def test_no_runner(proof):
    result = proof('/nonexistent/openstack-ansible')
    assert result['problem']['what'] == "OSA's Ansible cannot be asked for the overrides"
    assert 'run the bootstrap first' in result['msg']


def test_no_role(proof, runner):
    assert 'run the bootstrap first' in proof(runner(''), role_defaults='/nonexistent/main.yml')['msg']


def test_letters_beyond_ascii(proof, runner, tmp_path):
    """Python 2 has two kinds of text: what a module was given and what a program said."""
    wanted = {'global': {'a': u'gr\xf6\xdfe'}}
    same = runner(said({'global.a': u'gr\xf6\xdfe'}))
    assert 'failed' not in proof(same, overrides=wanted, environment={'NAME': u'gr\xf6\xdfe'})
    assert u'NAME=gr\xf6\xdfe\n' in (tmp_path / 'env').read_bytes().decode('utf-8')
    result = proof(runner(said({'global.a': u'\xe4'})), overrides=wanted)
    assert u'wanted is gr\xf6\xdfe, and the host sees \xe4' in result['msg']
    assert u'kaputt: \xe4' in proof(runner(u'kaputt: \xe4\n', status=2), overrides=wanted)['msg']
