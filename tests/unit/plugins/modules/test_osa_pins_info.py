# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import places
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.containers import ContainerProblem

SHA = 'a' * 40
DPKG = ['dpkg-query', '--show', '--showformat', '${db:Status-Status} ${Package} ${Version}\\n']
RPM = ['rpm', '--query', '--all', '--queryformat', 'installed %{NAME} %{VERSION}-%{RELEASE}\\n']
LISTED = '''installed ceph-osd 16.2.15-1
installed bash 5.2
config-files ceph-mds 14.2.1
installed python3-rados 16.2.15-1
installed librbd1 16.2.15-1
not-installed radosgw
'''
FOUND = {'ceph-osd': '16.2.15-1', 'python3-rados': '16.2.15-1', 'librbd1': '16.2.15-1'}


@pytest.fixture
def mon(monkeypatch):
    place = places.Place('aio1_ceph-mon_container-00000000')
    monkeypatch.setattr(places, 'find', lambda params, deadline: [place])
    return place


def test_packages_and_roles(run_module, fake_run, mon, tmp_path):
    (tmp_path / 'pki' / '.git').mkdir(parents=True)
    (tmp_path / 'plain').mkdir()
    fake_run.expect(DPKG, LISTED)
    fake_run.expect(mon.argv + DPKG, 'installed ceph-mon 16.2.15-1\n')
    fake_run.expect(['git', '--git-dir', str(tmp_path / 'pki' / '.git'), 'rev-parse', '--verify', '--quiet', 'HEAD'], SHA + '\n')
    result = run_module('osa_pins_info', roles=['pki', 'plain', 'none'], roles_path=str(tmp_path))
    assert result['packages'] == {'host': FOUND, 'mon': {'ceph-mon': '16.2.15-1'}}
    assert result['roles'] == {'pki': SHA}


def test_rpm(run_module, fake_run, mon):
    fake_run.expect(DPKG, error=OSError(2, 'No such file'))
    fake_run.expect(RPM, LISTED)
    fake_run.expect(mon.argv + DPKG, rc=1, stderr='lxc-attach: no such program')
    fake_run.expect(mon.argv + RPM, LISTED)
    assert run_module('osa_pins_info')['packages'] == {'host': FOUND, 'mon': FOUND}


def test_neither(run_module, fake_run):
    fake_run.expect(DPKG, error=OSError(2, 'No such file'))
    fake_run.expect(RPM, error=OSError(2, 'No such file'))
    assert run_module('osa_pins_info')['problem']['why'] == 'it has neither dpkg nor rpm'


def test_no_answer(run_module, fake_run):
    fake_run.expect(DPKG, rc=None, timed_out=True)
    assert run_module('osa_pins_info', timeout=3)['problem']['why'] == 'no answer within 3 s'


def test_a_command_that_cannot_be_run(run_module, fake_run):
    fake_run.expect(DPKG, error=OSError(13, 'Permission denied'))
    assert run_module('osa_pins_info')['problem']['what'] == 'the host cannot be looked at'


def test_no_mon(run_module, fake_run, monkeypatch, returned, documented, mon):
    fake_run.expect(DPKG, LISTED)
    fake_run.expect(mon.argv + DPKG, LISTED)
    good = run_module('osa_pins_info')

    def find(params, deadline):
        raise ContainerProblem('no_container', 'there is no mon container', 'x', 'y', 'z')
    monkeypatch.setattr(places, 'find', find)
    fake_run.expect(DPKG, LISTED)
    result = run_module('osa_pins_info')
    assert result['failed'] and result['state'] == 'no_container'
    assert returned(good, result) | {'state'} == documented('osa_pins_info')
