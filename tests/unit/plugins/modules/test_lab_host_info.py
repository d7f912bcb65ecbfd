# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import json
import os
import re

import pytest
import yaml
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import host
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.modules import lab_host_info

ALL_CAPABILITIES = 'Name:\tpython\nCapEff:\t000001ffffffffff\n'
FILESYSTEMS = 'nodev\tsysfs\nnodev\tcgroup2\nnodev\toverlay\n\text4\n'
DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_CODENAME=bookworm\n'
UBUNTU = 'ID=ubuntu\nVERSION_CODENAME=noble\n'
MOUNTS = '''22 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw
30 22 0:26 / /tmp rw - tmpfs tmpfs rw
31 22 254:2 / /srv rw shared:1 - xfs /dev/vdb rw
32 31 0:40 / /srv/share rw - nfs4 server:/x rw
33 22 0:41 / /var rw - overlay overlay rw
34 33 254:3 / /var rw - ext4 /dev/vdc rw
'''
ROUTES = '''default via 192.168.1.1 dev eth0
10.193.0.0/24 dev br-other proto kernel scope link src 10.193.0.1
10.193.1.0/24 dev br-labosa proto kernel scope link src 10.193.1.1
192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.5
'''
TARGETS = ('apt-get', 'indextargets', '--format',
           '$(ORIGIN)|$(LABEL)|$(CODENAME)|$(RELEASE)|$(REPO_URI)|$(COMPONENT)|$(SIGNED_BY)',
           'Created-By: Packages')
RECORD = {'name': 'labosa', 'network': '10.200.0.0/24', 'image': 'bookworm-1'}
OTHER = {'name': 'other', 'network': '10.193.17.0/24', 'image': 'bookworm-1'}
DEVICES = ('/dev/loop-control', '/sys/fs/cgroup', '/usr/bin/apt-get')


class Machine:
    """The machine as the module sees it: files, devices and numbers."""

    def __init__(self):
        self.files = {'/proc/self/status': ALL_CAPABILITIES, '/proc/filesystems': FILESYSTEMS,
                      '/etc/os-release': DEBIAN,
                      '/proc/meminfo': 'MemTotal: 16000000 kB\nMemAvailable: 8192000 kB\n',
                      '/proc/self/mountinfo': MOUNTS,
                      '/etc/resolv.conf': 'nameserver 127.0.0.53\n', '/proc/sys/net/ipv4/ip_forward': '1\n',
                      '/sys/class/net/eth0/mtu': '1450\n'}
        self.missing = set()
        self.uid = 0
        self.free_gb = 100


@pytest.fixture
def machine(monkeypatch):
    machine = Machine()
    real_read, real_exists, real_isdir = host.read, os.path.exists, os.path.isdir

    def there(real):
        return lambda path: path not in machine.missing and (path in DEVICES or real(path))

    class Room:
        f_frsize = 4096

        @property
        def f_bavail(self):
            return machine.free_gb * 2 ** 18

    monkeypatch.setattr(host, 'read', lambda path: machine.files[path] if path in machine.files else real_read(path))
    monkeypatch.setattr(lab_host_info.os, 'geteuid', lambda: machine.uid)
    monkeypatch.setattr(lab_host_info.os, 'statvfs', lambda path: Room())
    monkeypatch.setattr(lab_host_info.os.path, 'exists', there(real_exists))
    monkeypatch.setattr(lab_host_info.os.path, 'isdir', there(real_isdir))
    return machine


# What this machine can do

def test_able(machine):
    assert lab_host_info.check_abilities() == []


def test_no_root(machine):
    machine.uid = 1000
    (error,) = lab_host_info.check_abilities()
    assert (error.what, error.where) == ('lab hosts need root', 'uid 1000')


@pytest.mark.parametrize('path, text, what, why', [
    ('/proc/self/status', 'CapEff:\t00000000a80425fb\n', 'LXC cannot work here',
     'root lacks CAP_NET_ADMIN, CAP_SYS_ADMIN'),
    ('/proc/self/status', 'CapEff:\t000001ffffffefff\n', 'LXC cannot work here', 'root lacks CAP_NET_ADMIN'),
    ('/proc/self/status', 'CapEff:\t000001ffffdfffff\n', 'LXC cannot work here', 'root lacks CAP_SYS_ADMIN'),
    ('/proc/self/status', 'CapEff:\t000001fff7ffffff\n', 'LXC cannot work here', 'root lacks CAP_MKNOD'),
    ('/proc/filesystems', 'nodev\toverlay\n', 'LXC cannot work here', 'the kernel has no cgroup2'),
    ('/proc/filesystems', 'nodev\tcgroup2\n', 'LXC cannot share its base here',
     'the kernel knows no overlay file system'),
])
def test_unable(machine, path, text, what, why):
    machine.files[path] = text
    (error,) = lab_host_info.check_abilities()
    assert (error.what, error.why) == (what, why)
    assert error.remedy


@pytest.mark.parametrize('path, what, about', [
    ('/dev/loop-control', 'the OSDs need loop devices', '/dev/loop-control'),
    ('/sys/fs/cgroup', 'LXC cannot work here', 'cgroup'),
    ('/usr/bin/apt-get', 'lab hosts are made with apt', 'fedora'),
])
def test_unable_without(machine, path, what, about):
    machine.files['/etc/os-release'] = 'NAME=Fedora\nID="fedora"\n'
    machine.missing.add(path)
    (error,) = lab_host_info.check_abilities()
    assert (error.what, error.where) == (what, about)


@pytest.mark.parametrize('path, kind', [
    ('/', 'ext4'), ('/home', 'ext4'), ('/tmp', 'tmpfs'), ('/tmpfiles', 'ext4'), ('/srv', 'xfs'), ('/srv/a/b', 'xfs'),
    ('/srv/share/a', 'nfs4'), ('/var/lib', 'ext4')])
def test_file_system(machine, monkeypatch, path, kind):
    monkeypatch.setattr(lab_host_info.os.path, 'realpath', lambda path: path)
    assert lab_host_info.file_system(path) == kind


@pytest.mark.parametrize('needs, why', [
    ({}, []),
    ({'min_memory_mb': 8000, 'min_disk_gb': 100}, []),
    ({'min_memory_mb': 8001}, ['8000 MiB are available, 8001 MiB are needed']),
    ({'min_disk_gb': 101}, ['100 GiB are free, 101 GiB are needed']),
    ({'dir': '/tmp/nonexistent/a'}, ['it is on tmpfs']),
])
def test_room(machine, needs, why):
    params = dict({'dir': '/nonexistent/a', 'min_memory_mb': 0, 'min_disk_gb': 0}, **needs)
    assert [error.why for error in lab_host_info.check_room(params)] == why


def test_room_in_a_relative_folder(machine, monkeypatch, tmp_path, must_end):
    monkeypatch.chdir(tmp_path)
    machine.files['/proc/self/mountinfo'] = MOUNTS.replace('tmpfs', 'ext4')
    assert lab_host_info.check_room({'dir': 'lab', 'min_memory_mb': 0, 'min_disk_gb': 0}) == []


# Networks

def test_no_span():
    with pytest.raises(AioError) as error:
        lab_host_info.span('10.193.1.0/33')
    assert error.value.where == 'lab_host_network'


@pytest.mark.parametrize('cidr, reason', [
    ('10.193.0.0/16', '10.193.0.0/24 is reached through br-other'),
    ('10.193.0.128/25', '10.193.0.0/24 is reached through br-other'),
    ('10.193.2.0/24', ''), ('10.194.0.7/32', '10.194.0.7 is reached through /etc/resolv.conf')])
def test_collision(cidr, reason):
    assert lab_host_info.collision(cidr, [('br-other', '10.193.0.0/24'), ('/etc/resolv.conf', '10.194.0.7')]) == reason


def test_taken_networks(machine, fake_run):
    machine.files['/etc/resolv.conf'] = 'search x\nnameserver 10.193.2.53\nnameserver 127.0.0.1\nnameserver fd00::1\n'
    fake_run.expect(['ip', '-4', 'route', 'show'], ROUTES)
    assert lab_host_info.taken_networks('br-labosa') == [
        ('br-other', '10.193.0.0/24'), ('eth0', '192.168.1.0/24'), ('/etc/resolv.conf', '10.193.2.53')]


@pytest.mark.parametrize('network, pool, resolver, others, chosen', [
    ('auto', '10.193.0.0/16', '127.0.0.1', [], '10.193.17.0/24'),
    ('auto', '10.193.0.0/16', '10.193.17.53', [], '10.193.18.0/24'),
    ('auto', '10.193.0.0/16', '127.0.0.1', [OTHER], '10.193.18.0/24'),
    ('auto', '10.193.0.0/23', '127.0.0.1', [], '10.193.1.0/24'),
    ('auto', '10.192.0.0/23', '127.0.0.1', [dict(OTHER, network='10.192.1.0/24')], '10.192.0.0/24'),
    ('auto', '10.7.0.0/24', '127.0.0.1', [], '10.7.0.0/24'),
    ('10.50.0.0/24', '10.193.0.0/16', '127.0.0.1', [OTHER], '10.50.0.0/24'),
    ('10.50.0.7/24', '10.193.0.0/16', '127.0.0.1', [], '10.50.0.0/24'),  # as ip and nft show it
])
def test_choice_of_a_network(machine, fake_run, network, pool, resolver, others, chosen):
    machine.files['/etc/resolv.conf'] = 'nameserver %s\n' % resolver
    fake_run.expect(['ip', '-4', 'route', 'show'], ROUTES)
    params = {'name': 'labosa', 'network': network, 'network_pool': pool}
    assert lab_host_info.choose_network(params, 'br-labosa', others) == chosen


def test_another_name_begins_elsewhere(machine, fake_run):
    fake_run.expect(['ip', '-4', 'route', 'show'], ROUTES)
    params = {'name': 'my-lab', 'network': 'auto', 'network_pool': '10.193.0.0/16'}
    assert lab_host_info.choose_network(params, 'br-my-lab', []) == '10.193.172.0/24'


@pytest.mark.parametrize('network, pool, others, what', [
    ('192.168.1.0/25', '10.193.0.0/16', [], 'the address range of the lab host is taken'),
    ('10.193.16.0/20', '10.193.0.0/16', [OTHER], 'the address range of the lab host is taken'),
    ('auto', '10.193.0.0/24', [], 'there is no free address range for the lab host'),
])
def test_no_network_is_free(machine, fake_run, network, pool, others, what):
    fake_run.expect(['ip', '-4', 'route', 'show'], ROUTES)
    with pytest.raises(AioError) as error:
        lab_host_info.choose_network({'name': 'labosa', 'network': network, 'network_pool': pool}, 'br-labosa', others)
    assert error.value.what == what


def network_commands(fake_run, bridge='br-labosa', table='osa_ceph_aio_labosa',
                     route='default via 192.168.1.1 dev eth0\n', address='', nat=None,
                     forward=''):
    fake_run.expect(['ip', '-4', 'route', 'show', 'default'], route)
    fake_run.expect(['ip', '-4', 'addr', 'show', 'dev', bridge], address, rc=0 if address else 1)
    if nat is not None:
        fake_run.expect(['nft', 'list', 'table', 'ip', table], nat, rc=0 if nat else 1)
    fake_run.expect(['nft', 'list', 'chain', 'ip', 'filter', 'FORWARD'], forward, rc=0 if forward else 1)


def test_network_of_a_new_lab_host(machine, fake_run):
    fake_run.expect(['ip', '-4', 'route', 'show'], ROUTES)
    network_commands(fake_run, 'br-my-lab', 'osa_ceph_aio_my_lab')
    params = {'name': 'my-lab', 'network': 'auto', 'network_pool': '10.193.0.0/16'}
    assert lab_host_info.look_at_network(params, {}, []) == {
        'cidr': '10.193.172.0/24', 'bridge': 'br-my-lab', 'gateway': '10.193.172.1', 'address': '10.193.172.10',
        'prefix': '24',
        'table': 'osa_ceph_aio_my_lab', 'mtu': 1450, 'ready': False, 'forward_drop': False}


DROP = 'type filter hook forward; policy drop;'


@pytest.mark.parametrize('address, nat, forward, ready', [
    ('inet 10.200.0.1/24 scope global br-labosa', 'ip saddr 10.200.0.0/24 masquerade', DROP + ' iifname "br-labosa" accept', True),
    ('inet 10.200.0.1/24 scope global br-labosa', 'ip saddr 10.200.0.0/24 masquerade', DROP, False),
    ('inet 10.200.0.1/24 scope global br-labosa', '', DROP, False),
    ('inet 10.201.0.1/24 scope global br-labosa', None, DROP, False),
])
def test_network_that_was_written_down(machine, fake_run, address, nat, forward, ready):
    """A firewall that drops what is forwarded must know the lab host's bridge."""
    network_commands(fake_run, address=address, nat=nat, route='', forward=forward)
    network = lab_host_info.look_at_network({'name': 'labosa', 'network': 'auto'}, RECORD, [])
    assert (network['cidr'], network['ready'], network['forward_drop']) == ('10.200.0.0/24', ready, True)
    assert network['mtu'] == lo_mtu()


def lo_mtu():
    with open('/sys/class/net/lo/mtu') as stream:
        return int(stream.read())


@pytest.mark.parametrize('cidr', ['10.50.0.0/30', '10.50.0.0/29', '10.50.0.7'])
def test_network_that_has_no_room(machine, monkeypatch, cidr):
    """The lab host is the tenth address of its network."""
    monkeypatch.setattr(lab_host_info, 'command', lambda *argv: '')
    with pytest.raises(AioError):
        lab_host_info.look_at_network({'name': 'labosa', 'network': cidr, 'network_pool': '10.193.0.0/16'}, {}, [])


# Packages

def targets(fake_run, *lines):
    fake_run.expect(list(TARGETS), ''.join(line + '\n' for line in lines))


def test_archive_of_this_machine(machine, fake_run):
    targets(fake_run,
            'Debian|Debian|bookworm|stable|http://deb.example.org/debian/|main|/usr/share/keyrings/debian.gpg',
            'Debian|Debian|bookworm|stable|http://deb.example.org/debian/|main|/usr/share/keyrings/debian.gpg',
            'Debian|Debian|bookworm-updates|stable-updates|http://deb.example.org/debian/|main|',
            'Debian|Debian-Security|bookworm|stable-security|http://deb.example.org/security/|main|',
            'Docker|Docker CE|bookworm|bookworm|http://docker.example.org/|stable|')
    assert lab_host_info.archive('', '') == {
        'suite': 'bookworm',
        'sources': ['deb [signed-by=/usr/share/keyrings/debian.gpg] http://deb.example.org/debian/ bookworm main',
                    'deb http://deb.example.org/debian/ stable-updates main',
                    'deb http://deb.example.org/security/ stable-security main']}


def test_archive_of_another_suite(machine, fake_run):
    targets(fake_run,
            'Debian|Debian|bookworm|stable|http://deb.example.org/debian/|main|',
            'Debian|Debian-Security|bookworm-security|stable-security|http://deb.example.org/security/|main|')
    archive = lab_host_info.archive('trixie', '')
    assert (archive['suite'], archive['sources']) == ('trixie', ['deb http://deb.example.org/debian/ trixie main'])


def test_archive_without_lists(machine, fake_run):
    targets(fake_run)
    assert lab_host_info.archive('', '')['sources'] == []


@pytest.mark.parametrize('release, suite, mirror, expected', [
    (DEBIAN, '', 'http://m/debian', 'bookworm main'), (UBUNTU, '', 'http://m/ubuntu', 'noble main universe'),
    (UBUNTU, 'bookworm', 'http://m/debian', 'bookworm main')])
def test_archive_of_a_mirror(machine, fake_run, release, suite, mirror, expected):
    machine.files['/etc/os-release'] = release
    sources = ['deb %s %s' % (mirror, expected)]
    assert lab_host_info.archive(suite, mirror) == {'suite': expected.split()[0], 'sources': sources}


def test_suite_of_ubuntu(machine, fake_run):
    machine.files['/etc/os-release'] = UBUNTU
    targets(fake_run)
    assert lab_host_info.archive('', '')['suite'] == 'noble'


# The record and the container

@pytest.mark.parametrize('content, record', [(None, {}), ('', {}), (json.dumps(RECORD), RECORD)])
def test_record(tmp_path, content, record):
    if content is not None:
        (tmp_path / 'record.json').write_bytes(content.encode('utf-8'))
    assert lab_host_info.read_record(str(tmp_path)) == record


def test_damaged_record(tmp_path):
    (tmp_path / 'record.json').write_bytes(b'{"network": ')
    with pytest.raises(AioError) as error:
        lab_host_info.read_record(str(tmp_path))
    assert error.value.where == str(tmp_path / 'record.json')


@pytest.mark.parametrize('argv, error, stdout', [(['true'], None, 'x'), (['false'], None, ''),
                                                 (['none'], OSError(errno.ENOENT, 'no'), '')])
def test_command(fake_run, argv, error, stdout):
    fake_run.expect(argv, 'x', rc=int(argv == ['false']), error=error)
    assert lab_host_info.command(*argv) == stdout


@pytest.fixture
def lab(tmp_path):
    """The folder of two lab hosts, labosa and other, that share an image; there is another image, and a rest of one."""
    for name, record in (('labosa', RECORD), ('other', OTHER)):
        host = tmp_path / 'lab' / 'hosts' / name
        (host / 'delta' / 'etc' / 'ssh').mkdir(parents=True)
        (host / 'record.json').write_bytes(json.dumps(record).encode('utf-8'))
        (host / 'config').write_bytes(b'')
        (host / 'delta' / 'etc' / 'ssh' / 'ssh_host_ed25519_key.pub').write_bytes(b'ssh-ed25519 AAAA root@labosa\n')
    for image in ('bookworm-1', 'trixie-1'):
        (tmp_path / 'lab' / 'images' / image).mkdir(parents=True)
        (tmp_path / 'lab' / 'images' / image / 'osa_ceph_aio.image').write_bytes(b'')
    (tmp_path / 'lab' / 'images' / 'rest').mkdir()
    (tmp_path / 'lab' / 'images' / 'of-somebody-else' / 'rootfs').mkdir(parents=True)
    return tmp_path / 'lab'


def lxc_info(lab, name='labosa'):
    return ['lxc-info', '-P', str(lab / 'hosts'), '-n', name, '--state', '--no-humanize']


def test_container(lab, fake_run):
    fake_run.expect(lxc_info(lab), 'RUNNING\n')
    seen = lab_host_info.look_at_container({'dir': str(lab), 'name': 'labosa'}, RECORD)
    assert seen == {'exists': True, 'state': 'RUNNING'}


def test_container_without_a_record_is_none(lab, fake_run):
    fake_run.expect(lxc_info(lab), 'STOPPED\n')
    seen = lab_host_info.look_at_container({'dir': str(lab), 'name': 'labosa'}, {})
    assert seen == {'exists': False, 'state': 'STOPPED'}


def test_no_container(lab, fake_run):
    assert lab_host_info.look_at_container({'dir': str(lab), 'name': 'new'}, {}) == {'exists': False, 'state': ''}


# The module

SHOW = ['dpkg-query', '--show', '--showformat=${Package} ${db:Status-Status}\n']


def test_lab_host_that_runs(run_module, machine, fake_run, lab):
    machine.free_gb = 0
    fake_run.expect(lxc_info(lab), 'RUNNING\n')
    network_commands(fake_run, address='inet 10.200.0.1/24', nat='10.200.0.0/24')
    targets(fake_run)
    fake_run.expect(SHOW + ['lxc', 'nftables', 'mmdebstrap'], 'lxc installed\nnftables config-files\n', rc=1)
    result = run_module('lab_host_info', name='labosa', dir=str(lab), packages=['lxc', 'nftables', 'mmdebstrap'],
                        min_disk_gb=6)
    assert (result['changed'], result['errors'], result['record']) == (False, [], RECORD)
    assert result['container'] == {'exists': True, 'state': 'RUNNING'}
    assert result['network']['ready']
    assert result['images'] == {'bookworm-1': ['labosa', 'other'], 'trixie-1': []}
    assert (result['others'], result['host_key'], result['ip_forward']) == (['other'], 'ssh-ed25519 AAAA', True)
    assert result['packages_missing'] == ['nftables', 'mmdebstrap']


def test_apt_is_not_asked_again_for_what_a_lab_host_was_made_of(run_module, machine, fake_run, lab):
    """But where its container is gone, it is made of what there is now."""
    sources = ['deb http://localhost bookworm main']
    (lab / 'hosts' / 'labosa' / 'record.json').write_bytes(json.dumps(dict(RECORD, suite='bookworm', sources=sources)).encode('utf-8'))
    fake_run.expect(lxc_info(lab), 'RUNNING\n')
    network_commands(fake_run, address='inet 10.200.0.1/24', nat='10.200.0.0/24')
    assert run_module('lab_host_info', name='labosa', dir=str(lab))['archive'] == {'suite': 'bookworm', 'sources': sources}
    (lab / 'hosts' / 'labosa' / 'config').unlink()
    network_commands(fake_run)
    targets(fake_run)
    assert run_module('lab_host_info', name='labosa', dir=str(lab))['archive']['sources'] != sources


def new_lab_host(run_module, machine, fake_run, tmp_path, **arguments):
    fake_run.expect(['ip', '-4', 'route', 'show'], ROUTES)
    network_commands(fake_run)
    targets(fake_run)
    return run_module('lab_host_info', name='labosa', dir=str(tmp_path / 'none'), **arguments)


def test_new_lab_host(run_module, machine, fake_run, tmp_path):
    machine.files['/proc/self/mountinfo'] = MOUNTS.replace('tmpfs', 'ext4')
    machine.files['/proc/sys/net/ipv4/ip_forward'] = '0\n'
    result = new_lab_host(run_module, machine, fake_run, tmp_path, _ansible_check_mode=True)
    assert (result['errors'], result['record'], result['images'], result['others']) == ([], {}, {}, [])
    assert result['container'] == {'exists': False, 'state': ''}
    assert (result['host_key'], result['ip_forward'], result['packages_missing']) == ('', False, [])


def test_findings_do_not_fail(run_module, machine, fake_run, tmp_path):
    machine.missing.add('/dev/loop-control')
    fake_run.expect(['modprobe', '--dry-run', '--quiet', 'loop'], rc=1)
    result = new_lab_host(run_module, machine, fake_run, tmp_path, min_memory_mb=9000, min_disk_gb=200)
    assert 'failed' not in result
    assert result['errors'][0].startswith('the OSDs need loop devices')
    assert result['errors'][1].startswith('this machine has too little memory')
    assert any(error.startswith('this machine has too little free disk') for error in result['errors'])
    assert all(' Next: ' in error for error in result['errors'])


def test_loop_devices_that_can_be_loaded(run_module, machine, fake_run, tmp_path):
    machine.files['/proc/self/mountinfo'] = MOUNTS.replace('tmpfs', 'ext4')
    machine.missing.add('/dev/loop-control')
    fake_run.expect(['modprobe', '--dry-run', '--quiet', 'loop'])
    assert new_lab_host(run_module, machine, fake_run, tmp_path)['errors'] == []


def test_machine_without_dpkg(run_module, machine, fake_run, tmp_path):
    machine.missing.add('/usr/bin/apt-get')
    fake_run.expect(['ip', '-4', 'route', 'show'], ROUTES)
    network_commands(fake_run)
    targets(fake_run)
    fake_run.expect(SHOW + ['lxc'], error=OSError(errno.ENOENT, 'No such file or directory'))
    result = run_module('lab_host_info', name='labosa', dir=str(tmp_path), packages=['lxc'])
    assert result['packages_missing'] == ['lxc']
    assert any(error.startswith('lab hosts are made with apt') for error in result['errors'])


@pytest.mark.parametrize('name', ['', 'Lab', '1lab', '-lab', 'a b', 'a/b', '../a', 'a_b', 'lab;x', 'labosalabosal',
                                  'labosa\n'])
def test_name_that_is_none(run_module, fake_run, tmp_path, name):
    (error,) = run_module('lab_host_info', name=name, dir=str(tmp_path))['errors']
    assert 'is no name for a lab host' in error


def test_damaged_record_of_a_lab_host(run_module, machine, fake_run, lab):
    (lab / 'hosts' / 'labosa' / 'record.json').write_bytes(b'{')
    (error,) = run_module('lab_host_info', name='labosa', dir=str(lab))['errors']
    assert error.startswith('the record of the lab host is damaged')


def test_return_documentation(run_module, machine, fake_run, tmp_path, returned, documented):
    result = new_lab_host(run_module, machine, fake_run, tmp_path)
    assert returned(result) == documented('lab_host_info')
    refused = run_module('lab_host_info', name='No', dir=str(tmp_path))
    assert returned(refused) == documented('lab_host_info')


@pytest.mark.parametrize('name', ['container', 'network', 'archive'])
def test_return_documentation_of_parts(run_module, machine, fake_run, tmp_path, name):
    """The description names each key as C(key)."""
    result = new_lab_host(run_module, machine, fake_run, tmp_path)
    description = yaml.safe_load(lab_host_info.RETURN)[name]['description']
    assert set(re.findall(r'C\((\w+)\)', description)) == set(result[name])
