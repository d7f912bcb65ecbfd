# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import os
import time

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ages


@pytest.fixture
def new(tmp_path):
    (tmp_path / 'f').write_bytes(b'')
    return str(tmp_path / 'f')


def test_a_file_that_has_not_changed_since(new, fake_run):
    own = ages.Ages(time.time() + 60)
    assert [own.is_late(kind, new) for kind in ('paths', 'files')] == [False, False]


@pytest.mark.parametrize('born, late', [('%d' % (1 << 40), True), ('1000', False), ('0', True), ('-', True)])
def test_a_file_is_late_where_it_was_made_late(born, late, new, fake_run):
    fake_run.expect(['stat', '--format', '%W', '--', new], born + '\n')
    assert ages.Ages(time.time() - 60).is_late('paths', new) is late


@pytest.mark.parametrize('options', [{'rc': 1}, {'error': OSError(errno.ENOENT, 'no stat')}])
def test_where_it_is_not_known_when_it_was_made_a_change_tells(options, new, fake_run):
    fake_run.expect(lambda argv: argv[0] == 'stat', **options)
    assert ages.Ages(time.time() - 60).is_late('paths', new)


def test_of_a_file_whose_content_counts_the_change_does(new, fake_run):
    assert ages.Ages(time.time() - 60).is_late('files', new)


def test_what_is_gone_is_not_told(new, fake_run):
    assert not ages.Ages(0).is_late('files', new + 'gone')


def test_a_path_that_cannot_be_looked_at(new, monkeypatch):
    def broken(_path):
        raise OSError(errno.EIO, 'broken')

    monkeypatch.setattr(ages.os, 'lstat', broken)
    with pytest.raises(OSError):
        ages.Ages(0).is_late('files', new)


def test_what_has_no_time_is_not_late(fake_run):
    assert not any(ages.Ages(0).is_late(kind, 'x') for kind in ('links', 'mounts', 'rules', 'services', 'sysctls', 'volume_groups', 'containers'))


@pytest.fixture
def dpkg(tmp_path, monkeypatch):
    (tmp_path / 'info').mkdir()
    for name, attribute in (('dpkg.log', 'DPKG_LOG'), ('info', 'DPKG_INFO')):
        monkeypatch.setattr(ages, attribute, str(tmp_path / name))
    return tmp_path


def test_packages_by_the_log_of_dpkg(dpkg, fake_run):
    (dpkg / 'dpkg.log').write_bytes(b'''2026-11-20 10:00:00 install aa:amd64 <none> 1
2026-11-20 10:00:01 status installed aa:amd64 1
2026-11-22 10:00:00 install bb:all <none> 1
2026-11-23 10:00:00 upgrade aa:amd64 1 2
''')
    own = ages.Ages(time.mktime((2026, 11, 21, 0, 0, 0, 0, 0, -1)))
    assert [own.is_late('packages', name) for name in ('aa', 'aa:amd64', 'bb')] == [False, False, True]


@pytest.mark.parametrize('name', ['aa', 'libx:amd64'])
def test_packages_that_the_log_does_not_have_any_more(name, dpkg, fake_run):
    path = dpkg / 'info' / (name + '.list')
    path.write_bytes(b'')
    os.utime(str(path), (1000, 1000))
    assert [ages.Ages(end).is_late('packages', name) for end in (999, 1001)] == [True, False]
    assert not ages.Ages(0).is_late('packages', 'of-which-nothing-is-known')


def test_packages_of_rpm(dpkg, fake_run):
    (dpkg / 'info').rmdir()
    fake_run.expect(['rpm', '--query', '--all', '--queryformat', '%{NAME}\t%{INSTALLTIME}\n'], 'aa\t1000\nbb\t3000\n')
    own = ages.Ages(2000)
    assert [own.is_late('packages', name) for name in ('aa', 'bb')] == [False, True]
