# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json
import struct

import pytest
import yaml
from ansible_collections.osa_lab.ceph_aio.plugins.doc_fragments.ceph_access import ModuleDocFragment
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_session, cluster, observation, places

SETTING = 'osd_pool_default_pg_num'
KEY = 'AQ' + 'B3' * 18 + '=='  # made up
ALWAYS = set(['state', 'reason', 'remedy', 'container', 'via', 'missing'])


@pytest.fixture
def info(run_module, ceph, captured):
    """Ask a captured cluster over the real program: info(case, release, option=value...)."""
    def run(_case='ok', _release='nautilus', **options):
        if _case:
            ceph.is_like(captured(_release, _case))
        return run_module('ceph_info', **dict(ceph.access, **options))
    return run


def missing(result):
    return dict((part['subset'], part['reason']) for part in result['ceph']['missing'])


def test_every_captured_cluster(info, ceph, observed, release, case):
    """What the module returns is what the answers mean, and as documented."""
    result = info(case, release)
    assert (result['changed'], result.get('warnings', [])) == (False, [])
    assert result['ceph'] == dict(observed(case, release), container='', via='host')
    assert set(result['ceph']) - ALWAYS - set(['fsid', 'version', 'release']) == set(observation.SUBSETS) - set(missing(result))
    assert len(ceph.asked) == 11
    assert len(ceph.connections) == 1


def test_check_mode_asks_as_well(info, observed):
    assert info(_ansible_check_mode=True)['ceph'] == dict(observed('ok'), container='', via='host')


@pytest.mark.parametrize('options, prefixes', [
    ({'gather_subset': ['min']}, ['status', 'version', 'health']),
    ({'gather_subset': 'status'}, ['status', 'version']),
    ({'gather_subset': ['!all']}, ['status', 'version']),
    ({'gather_subset': ['!all', 'mgr']}, ['status', 'version', 'mgr dump']),
    ({'gather_subset': 'min,!health'}, ['status', 'version']),
    ({'gather_subset': ['osd_tree', 'usage']}, ['status', 'version', 'osd tree', 'df']),
    ({'gather_subset': ['status'], 'text': True}, ['status', 'version', 'osd tree', 'status']),
])
def test_what_is_asked(info, ceph, options, prefixes):
    result = info(**options)
    assert [command['prefix'] for command in ceph.asked] == prefixes
    assert 'text' in options or result['ceph']['missing'] == []


def test_text(info, ceph):
    ceph.says({'prefix': 'status'}, '  cluster:\n')
    ceph.says({'prefix': 'osd tree'}, 'ID\n')
    assert info(gather_subset=['status'], text=True)['ceph']['text'] == {'status': '  cluster:', 'osd_tree': 'ID'}


def test_raw(info, ceph):
    ceph.says({'prefix': 'df', 'format': 'json'}, '{"key": "%s"}' % KEY)
    result = info(None, gather_subset=['usage'], raw=True)
    assert result['ceph']['raw']['ceph df'] == {'key': '<key>'}
    assert KEY not in json.dumps(result)


@pytest.fixture
def mon(monkeypatch, admin_socket):
    """The mon beside the program tells of the setting."""
    out = ('{"%s": "8"}' % SETTING).encode('ascii')
    source = admin_socket.answers(struct.pack('>I', len(out)) + out)
    monkeypatch.setattr(ceph_session.inspect, 'getsource', lambda module: source)


def test_config(info, mon):
    result = info(gather_subset=['status'], config=[SETTING])
    assert result['ceph']['config'] == {'daemon': 'mon.aio1-ceph-mon-container-0c19f9f6', 'settings': {SETTING: '8'}}


def test_config_of_a_daemon(info, ceph):
    """Asked over the same connection, once it is known that a manager is there."""
    asked = {'prefix': 'config show', 'who': 'osd.0', 'key': SETTING, 'format': 'json'}
    ceph.says(asked, '8\n')
    result = info(gather_subset=['status'], config=[SETTING], config_of='osd.0')
    assert result['ceph']['config'] == {'daemon': 'osd.0', 'settings': {SETTING: '8'}}
    assert ceph.asked[2:] == [asked]
    assert len(ceph.connections) == 1


def test_release_that_is_not_known(info, ceph, captured):
    """It is asked all the same, with a warning, and everything that it answers is there."""
    ceph.is_like(captured('nautilus', 'ok'))
    ceph.says({'prefix': 'version', 'format': 'json'},
              '{"version": "ceph version 21.1.0 (0123456789abcdef0123456789abcdef01234567) ursula (rc)"}')
    result = info(None)
    assert (result['ceph']['version'], result['ceph']['release'], result['ceph']['state']) == ('21.1.0', 'ursula', 'ok')
    assert result['ceph']['missing'] == []
    assert result['warnings'] == [
        'Ceph 21.1.0 is no release that this collection knows (jewel (10) to tentacle (20)). What it answered is below, '
        'what it did not is in missing.']


def test_timed_out(info, ceph, captured, gone):
    """The answers before it are there; nothing is left behind."""
    ceph.does(command='if command["prefix"] == "df": time.sleep(60)')
    result = info(timeout=1)
    assert 'failed' not in result
    assert result['ceph']['state'] == 'timed_out'
    assert 'the first that was not is "ceph df"' in result['ceph']['reason']
    assert set(missing(result)) == set(['usage', 'versions', 'crush_rules'])
    assert result['ceph']['osds'] == {'total': 3, 'up': 3, 'in': 3}
    assert gone(ceph.connections[0]['pid'])


@pytest.mark.parametrize('connect, state', [
    ('raise Error("no", 13)', 'denied'), ('raise Error("timed out", 110)', 'mon_unreachable')])
def test_not_let_in(info, ceph, connect, state):
    ceph.does(connect=connect)
    result = info()
    assert result['ceph']['state'] == state
    assert result['ceph']['remedy']
    assert set(missing(result)) == set(observation.SUBSETS) | set(['status'])
    assert set(result['ceph']) == ALWAYS


def test_access(info, ceph):
    info(client_name='client.dev', keyring='/dev.keyring')
    (connection,) = ceph.connections
    assert (connection['name'], connection['settings']['keyring']) == ('client.dev', '/dev.keyring')


LXC_ATTACH = '''#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
'''


def test_container(info, ceph, fake_run, executable):
    executable('lxc-attach', LXC_ATTACH)
    fake_run.expect(['lxc-info', '--name', 'mon', '--state', '--no-humanize'], 'RUNNING\n')
    result = info(via='auto', container='mon')
    assert (result['ceph']['state'], result['ceph']['container'], result['ceph']['via']) == ('ok', 'mon', 'container')


def test_mon_of_the_inventory(run_module, fake_run, inventory_path):
    name = 'aio1_ceph-mon_container-82a1d5fc'
    fake_run.expect(['lxc-info', '--name', name, '--state', '--no-humanize'], 'STOPPED\n')
    result = run_module('ceph_info', inventory=inventory_path)
    assert 'failed' not in result
    assert result['ceph']['state'] == 'container_stopped'
    assert result['ceph']['remedy'] == 'on the lab host: lxc-start -n ' + name
    assert (result['ceph']['container'], result['ceph']['via']) == ('', '')


@pytest.mark.parametrize('arguments, what, where', [
    ({'container': 'a b'}, "is no name of a container", 'container'),
    ({'timeout': 0}, '0 is no time limit', 'timeout'),
    ({'timeout': -2.5}, '-2.5 is no time limit', 'timeout'),
    ({'timeout': 'nan'}, 'nan is no time limit', 'timeout'),
    ({'timeout': 'inf'}, 'inf is no time limit', 'timeout'),
    ({'timeout': 604801}, '604801 is no time limit', 'timeout'),
    ({'via': 'host', 'container': 'mon'}, 'it is not clear where Ceph is to be asked', 'via: host, container: mon'),
    ({'gather_subset': ['pool', '!all']}, "there is no subset 'pool'", 'gather_subset'),
    ({'client_name': 'admin'}, 'is no name of a client', 'client_name'),
    ({'gather_subset': ['pool']}, "there is no subset 'pool'", 'gather_subset'),
    ({'config': ['a b']}, 'is no name of a setting', 'config'),
    ({'config': ['a'], 'config_of': '0'}, 'is no name of a daemon', 'config_of'),
])
def test_arguments_that_make_no_sense(run_module, fake_run, arguments, what, where):
    """Nothing is run for them."""
    result = run_module('ceph_info', **arguments)
    assert result['failed']
    assert what in result['problem']['what']
    assert result['problem']['where'] == where
    assert result['msg'].startswith(result['problem']['what'])


def test_choice_that_is_none(run_module, fake_run):
    assert 'value of via must be one of' in run_module('ceph_info', via='lxc')['msg']


def test_container_that_others_than_root_ask_for(run_module, fake_run, monkeypatch):
    monkeypatch.setattr(places, 'IS_ROOT', False)
    result = run_module('ceph_info', container='mon')
    assert 'failed' not in result
    assert (result['ceph']['state'], result['ceph']['container']) == ('denied', '')
    assert result['ceph']['remedy'] == 'become root on the lab host: become: true'


@pytest.mark.parametrize('content, why', [(None, 'there is no %s'), (b'[global]\n', '%s names no mon')])
def test_conf_without_a_mon(info, ceph, tmp_path, content, why):
    path = tmp_path / 'other.conf'
    if content is not None:
        path.write_bytes(content)
    result = info(conf=str(path))
    assert result['ceph']['state'] == 'mon_unreachable'
    assert why % path in result['ceph']['reason']
    assert result['ceph']['remedy'] == 'correct %s there, or name another with conf' % path
    assert set(missing(result).values()) == set(['it was not answered: no mon can be reached.'])


def test_damaged_inventory(run_module, fake_run, tmp_path):
    (tmp_path / 'inventory.json').write_bytes(b'{')
    result = run_module('ceph_info', inventory=str(tmp_path / 'inventory.json'))
    assert result['failed']
    assert result['problem']['what'] == "OSA's inventory is damaged"


def test_return_documentation(info, ceph, mon, run_module, returned, documented, fixture_text):
    """All that is documented is returned; that nothing else is, and the types, every result is held against."""
    ceph.says({'prefix': 'status'}, '  cluster:\n')
    ceph.says({'prefix': 'osd tree'}, 'ID\n')
    ceph.says({'prefix': 'osd df', 'format': 'json'}, fixture_text('osd_df', 'pacific.json'))
    result = info(text=True, raw=True, config=[SETTING], gather_subset=['all', 'osd_usage'])
    assert returned(result, run_module('ceph_info', container='a b')) == documented('ceph_info')
    assert set(result['ceph']) == documented('ceph_info', 'ceph')


def test_documented_options():
    """The options of the doc fragment are those that the modules take."""
    options = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)['options']

    def facts(all_of_them):
        return dict((name, (option['type'], option.get('default'), option.get('choices'))) for name, option in all_of_them.items())
    assert facts(options) == facts(cluster.ACCESS_ARGUMENTS)
