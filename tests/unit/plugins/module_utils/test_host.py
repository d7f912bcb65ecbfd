# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import host

ROUTES = '''default via 192.168.1.1 dev eth0 proto dhcp metric 100
10.0.3.0/24 dev lxcbr0 proto kernel scope link src 10.0.3.1
172.29.236.0/22 dev br-mgmt proto kernel scope link src 172.29.236.100
192.168.1.1 dev eth0 proto dhcp scope link
unreachable 198.51.100.0/24
blackhole 198.51.101.0/24 dev lo

'''


def test_file(tmp_path):
    (tmp_path / 'a').write_bytes(b'one\ntwo\n')
    assert host.read(str(tmp_path / 'a')) == 'one\ntwo\n'


@pytest.mark.parametrize('name', ['none', 'none/none', ''])
def test_file_that_is_not_there(tmp_path, name):
    assert host.read(str(tmp_path / name)) == ''


@pytest.mark.parametrize('text, fields', [
    ('ID=ubuntu\nVERSION_ID="16.04"\n', {'ID': 'ubuntu', 'VERSION_ID': '16.04'}),
    ("PRETTY_NAME='x = y'\n ID='debian' \n", {'PRETTY_NAME': 'x = y', 'ID': 'debian'}),
    ('# nothing\n\n', {}),
])
def test_os_release(tmp_path, text, fields):
    (tmp_path / 'os-release').write_bytes(text.encode('ascii'))
    assert host.os_release(str(tmp_path / 'os-release')) == fields


def test_system_that_does_not_tell(tmp_path):
    assert host.os_release(str(tmp_path / 'os-release')) == {}


@pytest.mark.parametrize('kind, mb', [('MemTotal', 7969), ('MemAvailable', 97), ('MemFree', 0)])
def test_memory(tmp_path, kind, mb):
    (tmp_path / 'meminfo').write_bytes(b'MemTotal:        8161252 kB\nMemAvailable:     100000 kB\n')
    assert host.memory_mb(kind, str(tmp_path / 'meminfo')) == mb


@pytest.mark.parametrize('path, there', [('', ''), ('a', 'a'), ('a/b', 'a'), ('b/c/d', '')])
def test_existing(tmp_path, path, there):
    (tmp_path / 'a').mkdir()
    assert host.existing(str(tmp_path / path)) == str(tmp_path / there).rstrip('/')


def test_free_disk_of_a_folder_to_come(tmp_path):
    stat = os.statvfs(str(tmp_path))
    assert abs(host.free_gb(str(tmp_path / 'a' / 'b')) - stat.f_bavail * stat.f_frsize // 2 ** 30) <= 1


def test_free_disk_of_a_relative_folder(tmp_path, monkeypatch, must_end):
    monkeypatch.chdir(tmp_path)
    assert abs(host.free_gb('openstack') - host.free_gb(str(tmp_path))) <= 1


def test_routes():
    assert host.routes(ROUTES) == [('lxcbr0', '10.0.3.0/24'), ('br-mgmt', '172.29.236.0/22'), ('eth0', '192.168.1.1')]


@pytest.mark.parametrize('cidr, first, last', [
    ('10.193.1.0/24', '10.193.1.0', '10.193.1.255'), ('10.193.1.77/24', '10.193.1.0', '10.193.1.255'),
    ('0.0.0.0/0', '0.0.0.0', '255.255.255.255'),
    ('10.193.1.7', '10.193.1.7', '10.193.1.7'), ('10.193.1.7/32', '10.193.1.7', '10.193.1.7')])
def test_span(cidr, first, last):
    assert [host.dotted(number) for number in host.span(cidr)] == [first, last]


@pytest.mark.parametrize('cidr', ['', 'auto', '10.193.1.0/33', '10.193.1.0/-1', '10.193.1.0/x', '10.193.1.256/24',
                                  'fd00::/64', '10.193.1.0/24/8'])
def test_no_span(cidr):
    with pytest.raises(ValueError):
        host.span(cidr)


@pytest.mark.parametrize('one, other, together', [
    ('172.29.236.0/22', '172.29.236.0/22', True), ('172.29.236.0/22', '172.29.239.0/24', True),
    ('172.29.236.0/22', '172.29.240.0/22', False),
    ('172.16.0.0/12', '172.29.236.0/22', True), ('172.29.236.7', '172.29.236.0/22', True),
    ('10.0.0.0/8', '11.0.0.0/8', False),
    ('0.0.0.0/0', '172.29.236.0/22', True), ('172.29.236.9/22', '172.29.237.0/24', True)])
def test_overlap(one, other, together):
    spans = host.span(one), host.span(other)
    assert host.overlap(*spans) == host.overlap(*spans[::-1]) == together
