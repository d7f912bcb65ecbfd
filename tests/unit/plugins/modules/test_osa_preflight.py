# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import subprocess

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import State
from ansible_collections.osa_lab.ceph_aio.plugins.modules import osa_preflight

ROUTES = '''default via 192.168.1.1 dev eth0 proto dhcp metric 100
10.0.3.0/24 dev lxcbr0 proto kernel scope link src 10.0.3.1
172.29.236.0/22 dev br-mgmt proto kernel scope link src 172.29.236.100
192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.5
192.168.1.1 dev eth0 proto dhcp scope link
unreachable 198.51.100.0/24
'''
IP = ['ip', '-4', 'route', 'show', 'table', 'main']
URL = 'https://git.example.org/openstack-ansible'
REFS = '''5bcc1f0a3a6a36bd02d50c7e6e6dcd4d8b7bf6ed\tHEAD
5bcc1f0a3a6a36bd02d50c7e6e6dcd4d8b7bf6ed\trefs/heads/stable/ocata
1111111111111111111111111111111111111111\trefs/tags/ocata-eol
'''
COMMIT = '2' * 40


@pytest.mark.parametrize('own, like, version, names', [
    ('ubuntu', 'debian', '16.04', ['ubuntu-16.04']), ('debian', None, None, ['debian-rolling']), (None, None, None, ['unknown-rolling']),
    ('rocky', 'rhel centos fedora', '9.3', ['rocky-9.3', 'el-9']), ('centos', 'rhel fedora', '10', ['centos-10', 'el-10']),
    ('rhel', 'fedora', '8.10', ['rhel-8.10', 'el-8']), ('fedora', None, '40', ['fedora-40']),
    ('opensuse', 'suse', '42.3', ['opensuse-42.3', 'opensuse-leap-42.x']),
    ('opensuse-leap', 'suse opensuse', '15.1', ['opensuse-leap-15.1', 'opensuse-leap-15.x'])])
def test_system(own, like, version, names):
    fields = (('ID', own), ('ID_LIKE', like), ('VERSION_ID', version))
    assert osa_preflight.system_names(dict((key, value) for key, value in fields if value)) == names


@pytest.mark.parametrize('name, supported, count', [
    ('ubuntu-16.04', ['ubuntu-16.04', 'centos-7'], 0), ('debian-12', ['debian-*'], 0),
    ('debian-rolling', ['debian-*'], 0),
    ('debian-12', [], 0), ('ubuntu-18.04', ['ubuntu-16.04', 'centos-7'], 1), ('debianish-1', ['debian-*'], 1),
    ('ubuntu-16.040', ['ubuntu-16.04'], 1), ('rocky-8.9', ['el-8'], 0), ('el-9', ['rocky-8.9'], 1)])
def test_supported_system(name, supported, count):
    errors = osa_preflight.check_system([name, 'el-8'], supported)
    assert len(errors) == count
    assert all(error.why == 'it is %s; supported: %s' % (name, ', '.join(supported)) for error in errors)


@pytest.mark.parametrize('have, needed, count', [(8000, 8000, 0), (7999, 8000, 1), (100, 0, 0)])
def test_enough_memory(have, needed, count):
    errors = osa_preflight.check_memory(have, needed)
    assert len(errors) == count
    assert all(error.why == '%d MiB, %d MiB are needed' % (have, needed) for error in errors)


@pytest.mark.parametrize('verified, wanted, refused', [
    (8, 8, False), (8, 16, True), ('8', 8, False), ('8', 16, True), ('0', 16, False), (8, 0, False), (0, 16, False), (None, 16, False)])
def test_pools_that_are_there(tmp_path, verified, wanted, refused):
    if verified is not None:
        State(str(tmp_path)).record('verify', evidence={'pg_num': verified})
    errors = osa_preflight.check_pg_num(str(tmp_path), wanted)
    assert [error.remedy for error in errors] == ['run again with 8, or build the environment anew with 16 (rebuild)'] * refused


def test_state_that_cannot_be_read_is_a_finding(tmp_path):
    (tmp_path / 'state.json').write_bytes(b'no')
    assert [error.where for error in osa_preflight.check_pg_num(str(tmp_path), 8)] == [str(tmp_path / 'state.json')]


def test_enough_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(osa_preflight.host, 'free_gb', lambda path: 10)
    assert osa_preflight.check_disk(str(tmp_path), 10) == []
    (error,) = osa_preflight.check_disk(str(tmp_path), 11)
    assert error.why == '10 GiB are free, 11 GiB are needed'
    (tmp_path / 'ceph1.img').write_bytes(b'')
    assert osa_preflight.check_disk(str(tmp_path), 11) == []


@pytest.mark.parametrize('network, bridge, taken', [
    ('172.29.236.0/22', 'br-mgmt', []),
    ('172.29.236.0/22', 'br-other', ['172.29.236.0/22 is reached through br-mgmt']),
    ('192.168.0.0/16', 'br-mgmt', ['192.168.1.0/24 is reached through eth0', '192.168.1.1 is reached through eth0']),
    ('10.9.0.0/16', 'br-mgmt', []),
])
def test_network(fake_run, network, bridge, taken):
    fake_run.expect(IP, ROUTES)
    errors = osa_preflight.check_network(network, bridge)
    assert [error.why for error in errors] == taken
    assert all(error.where == network and bridge in error.remedy for error in errors)


@pytest.mark.parametrize('network', ['nonsense', '172.29.236.0/33', '172.29.236.0/x'])
def test_network_that_is_none(fake_run, network):
    fake_run.expect(IP, ROUTES)
    (error,) = osa_preflight.check_network(network, 'br-mgmt')
    assert (error.what, error.where) == ("the containers' address range is none", network)


def test_no_network_to_look_for(fake_run):
    assert osa_preflight.check_network('', 'br-mgmt') == []


def test_no_ip_command(fake_run):
    fake_run.expect(IP, error=OSError(errno.ENOENT, 'No such file or directory'))
    assert len(osa_preflight.check_network('172.29.236.0/22', 'br-mgmt')) == 1


def source(**params):
    return osa_preflight.check_source(dict({'git_url': URL, 'git_ref': 'ocata-eol', 'checkout': '/nonexistent', 'git_environment': {},
                                            'timeout': 30.0}, **params))


def test_source_through_a_proxy(fake_run):
    fake_run.expect(['git', 'ls-remote', '--', URL], REFS)
    assert source(git_environment={'https_proxy': 'http://p', 'GIT_TERMINAL_PROMPT': '1'}) == []
    assert fake_run.calls[0]['options']['environment'] == {
        'https_proxy': 'http://p', 'GIT_TERMINAL_PROMPT': '0', 'GIT_ASKPASS': '/bin/false'}


@pytest.mark.parametrize('ref', ['stable/ocata', 'ocata-eol', 'refs/heads/stable/ocata', COMMIT])
def test_source(fake_run, ref):
    fake_run.expect(['git', 'ls-remote', '--', URL], REFS)
    assert source(git_ref=ref) == []
    (call,) = fake_run.calls
    assert call['timeout'] == 30.0
    assert call['options']['environment'] == {'GIT_TERMINAL_PROMPT': '0', 'GIT_ASKPASS': '/bin/false'}


@pytest.mark.parametrize('ref', ['ocata', 'eol', 'master', COMMIT[:7], 'stable'])
def test_source_without_the_ref(fake_run, ref):
    fake_run.expect(['git', 'ls-remote', '--', URL], REFS)
    (error,) = source(git_ref=ref)
    assert (error.what, error.where) == ('the OSA repository has no such ref', '%s in %s' % (ref, URL))


@pytest.mark.parametrize('result, why', [
    ({'rc': 128, 'stderr': 'fatal: unable to access\n'}, 'fatal: unable to access'),
    ({'rc': None, 'timed_out': True}, 'no answer within 30 s'),
])
def test_source_that_cannot_be_reached(fake_run, result, why):
    fake_run.expect(['git', 'ls-remote', '--', URL], **result)
    (error,) = source()
    assert (error.what, error.where, error.why) == ('the OSA repository cannot be reached', URL, why)


def test_no_git(fake_run):
    fake_run.expect(['git', 'ls-remote', '--', URL], error=OSError(errno.ENOENT, 'No such file or directory'))
    (error,) = source()
    assert error.what == 'git cannot be run'


def test_no_source_to_look_for(fake_run):
    assert source(git_url='') == []


@pytest.fixture
def checkout(tmp_path):
    """A clone of a repository with the branches master and next and the tag v1; master is checked out."""
    def git(*arguments):
        identity = ['-c', 'user.name=t', '-c', 'user.email=t@localhost', '-c', 'init.defaultBranch=master']
        argv = ['git', '-C', str(tmp_path)] + identity + list(arguments)
        return subprocess.check_output(argv).decode('ascii').strip()

    git('init', '--quiet', 'origin')
    for branch in ('master', 'next'):
        git('-C', 'origin', 'checkout', '--quiet', '-B', branch)
        git('-C', 'origin', 'commit', '--quiet', '--allow-empty', '-m', branch)
    git('-C', 'origin', 'tag', 'v1', 'master')
    git('clone', '--quiet', '--branch', 'master', str(tmp_path / 'origin'), 'checkout')
    return {'git_url': str(tmp_path / 'origin'), 'checkout': str(tmp_path / 'checkout'),
            'commit': git('-C', 'origin', 'rev-parse', 'master')}


@pytest.mark.parametrize('ref, has_it', [('master', True), ('v1', True), ('next', False), ('none', False),
                                         ('commit', True)])
def test_checkout(checkout, ref, has_it):
    assert osa_preflight.has_checkout(dict(checkout, git_ref=checkout.get(ref, ref))) is has_it


def test_checkout_needs_no_network(checkout, tmp_path):
    (tmp_path / 'origin').rename(tmp_path / 'gone')
    assert source(git_url=checkout['git_url'], checkout=checkout['checkout'], git_ref='v1') == []


def test_checkout_of_another_repository(checkout):
    assert osa_preflight.has_checkout(dict(checkout, git_url=URL, git_ref='master')) is False


def test_real_repository(checkout):
    arguments = {'git_url': checkout['git_url'], 'checkout': '/nonexistent'}
    assert source(git_ref='next', **arguments) == []
    assert source(git_ref='none', **arguments)[0].why == 'it has 4 refs'
    assert source(git_url='/nonexistent', git_ref='next')[0].what == 'the OSA repository cannot be reached'


@pytest.fixture
def host(monkeypatch):
    """A host of this kind: host(uid, system, memory in MiB, free disk in GiB)."""
    def make(uid, system, memory, disk):
        monkeypatch.setattr(osa_preflight.os, 'geteuid', lambda: uid)
        monkeypatch.setattr(osa_preflight.host, 'os_release', lambda: dict(zip(('ID', 'VERSION_ID'), system.split('-'))))
        monkeypatch.setattr(osa_preflight.host, 'memory_mb', {'MemTotal': memory}.get)
        monkeypatch.setattr(osa_preflight.host, 'free_gb', lambda path: disk)
    return make


NEEDS = {'os_supported': ['ubuntu-16.04'], 'min_memory_mb': 8000, 'min_disk_gb': 50,
         'data_path': '/nonexistent/data',
         'network': '172.29.236.0/22', 'git_url': URL, 'git_ref': 'ocata-eol', 'checkout': '/nonexistent'}


def test_good_host(run_module, fake_run, host):
    host(0, 'ubuntu-16.04', 16000, 100)
    fake_run.expect(IP, ROUTES)
    fake_run.expect(['git', 'ls-remote', '--', URL], REFS)
    result = run_module('osa_preflight', **NEEDS)
    assert result['findings'] == []
    assert result['host'] == {'system': 'ubuntu-16.04', 'memory_mb': 16000, 'free_gb': 100, 'uid': 0}


def test_all_findings_at_once(run_module, fake_run, host):
    host(1000, 'debian-12', 4000, 10)
    fake_run.expect(IP, ROUTES)
    fake_run.expect(['git', 'ls-remote', '--', URL], rc=128, stderr='fatal: no')
    result = run_module('osa_preflight', **dict(NEEDS, bridge='br-other', _ansible_check_mode=True))
    assert 'failed' not in result
    assert [(finding['name'], finding['text'].split(' (')[0]) for finding in result['findings']] == [
        ('root', 'the play is not root on the lab host'),
        ('system', 'this series cannot be installed on this system'), ('memory', 'the lab host has too little memory'),
        ('disk', 'the lab host has too little free disk'),
        ('network', "the containers' address range is taken"), ('source', 'the OSA repository cannot be reached')]
    assert all(' Next: ' in finding['text'] for finding in result['findings'])


def test_return_documentation(run_module, returned, documented, fake_run, host):
    host(0, 'ubuntu-16.04', 16000, 100)
    assert returned(run_module('osa_preflight')) == documented('osa_preflight')
