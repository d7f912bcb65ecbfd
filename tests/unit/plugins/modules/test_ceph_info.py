# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json
import re

import pytest
import yaml
from ansible_collections.osa_lab.ceph_aio.plugins.doc_fragments.ceph_access import ModuleDocFragment
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_ask
from ansible_collections.osa_lab.ceph_aio.plugins.modules import ceph_info

LXC_INFO = ['lxc-info', '--name', 'mon', '--state', '--no-humanize']


def is_attach(argv):
    return argv[:4] == ['lxc-attach', '--clear-env', '--name', 'mon']


@pytest.fixture
def cluster(fake_run, ceph_said):
    """A running mon container that answers as a real one did; cluster(text...) adds answers."""
    def answer(*more):
        fake_run.expect(LXC_INFO, 'RUNNING\n')
        answers = [json.dumps({'rc': 0, 'out': text, 'err': ''}) for text in ceph_said('ok') + list(more)]
        fake_run.expect(is_attach, '\n'.join(answers))
    return answer


def test_cluster(run_module, cluster):
    cluster()
    result = run_module('ceph_info', container='mon')
    assert result['changed'] is False
    assert (result['ceph']['state'], result['ceph']['container']) == ('ok', 'mon')
    assert [pool['name'] for pool in result['ceph']['pools']] == ['rbd', 'images', 'volumes', 'vms', 'backups']


def test_check_mode_asks_as_well(run_module, cluster):
    cluster()
    assert run_module('ceph_info', container='mon', _ansible_check_mode=True)['ceph']['state'] == 'ok'


def test_mon_of_the_inventory(run_module, fake_run, inventory_path):
    name = 'aio1_ceph-mon_container-82a1d5fc'
    fake_run.expect(['lxc-info', '--name', name, '--state', '--no-humanize'], 'STOPPED\n')
    result = run_module('ceph_info', inventory=inventory_path)
    assert 'failed' not in result
    assert result['ceph']['state'] == 'container_stopped'
    assert result['ceph']['remedy'] == 'on the lab host: lxc-start -n ' + name


@pytest.mark.parametrize('arguments, what', [
    ({'container': 'a b'}, "is no name of a container"),
    ({'container': 'mon', 'timeout': 0}, '0 is no time limit'),
    ({'container': 'mon', 'timeout': -2.5}, '-2.5 is no time limit'),
])
def test_arguments_that_make_no_sense(run_module, fake_run, arguments, what):
    result = run_module('ceph_info', **arguments)
    assert result['failed']
    assert what in result['problem']['what']


def test_damaged_inventory(run_module, fake_run, tmp_path):
    (tmp_path / 'inventory.json').write_bytes(b'{')
    result = run_module('ceph_info', inventory=str(tmp_path / 'inventory.json'))
    assert result['failed']
    assert result['problem']['what'] == "OSA's inventory is damaged"


def test_return_documentation(run_module, cluster, fake_run, returned, documented):
    cluster('  cluster:\n', 'ID\n')
    result = run_module('ceph_info', container='mon', text=True)
    failure = run_module('ceph_info', container='a b')
    assert returned(result) | returned(failure) == documented('ceph_info')
    assert set(result['ceph']) == documented('ceph_info', 'ceph')


@pytest.mark.parametrize('name', ['health', 'mons', 'mgr', 'osds', 'pgs', 'text'])
def test_return_documentation_of_parts(run_module, cluster, name):
    """The description names each key as C(key)."""
    cluster('  cluster:\n', 'ID\n')
    result = run_module('ceph_info', container='mon', text=True)
    description = yaml.safe_load(ceph_info.RETURN)['ceph']['contains'][name]['description']
    assert set(re.findall(r'C\((\w+)\)', description)) == set(result['ceph'][name])


@pytest.mark.parametrize('name, fields', [
    ('osd_tree', 'id name type parent path weight status reweight device_class'),
    ('pools', 'id name size min_size pg_num pgp_num autoscale_mode applications internal'),
])
def test_return_documentation_of_lists(run_module, cluster, name, fields):
    cluster()
    entries = run_module('ceph_info', container='mon')['ceph'][name]
    description = yaml.safe_load(ceph_info.RETURN)['ceph']['contains'][name]['description']
    assert set().union(*entries) == set(fields.split())
    assert set(fields.split()) <= set(re.findall(r'\w+', description))


def test_documented_options():
    """The options of the doc fragment are those that the modules take."""
    options = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)['options']
    assert dict((name, (option['type'], option.get('default'))) for name, option in options.items()) == dict(
        (name, (option['type'], option.get('default'))) for name, option in ceph_ask.ACCESS_ARGUMENTS.items())
