# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json
import os
import re
import stat
import tarfile

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import bundle
from ansible_collections.osa_lab.ceph_aio.plugins.modules import osa_bundle as module


@pytest.fixture
def osa_bundle(run_module, tmp_path, ceph, monkeypatch):
    """Make a bundle of two commands and a state folder: osa_bundle(option=value...)."""
    monkeypatch.setattr(bundle, 'FILES', ())
    monkeypatch.setattr(bundle, 'COMMANDS', (('one.txt', ['echo', '1']), ('none.txt', ['no-such-program'])))
    monkeypatch.setattr(bundle, 'DEPLOY', str(tmp_path / 'deploy'))
    monkeypatch.setattr(bundle, 'SECRETS', str(tmp_path / 'deploy' / 'user_secrets*.yml'))
    monkeypatch.setattr(bundle, 'collect_containers', lambda _bundle: None)
    ceph.does(connect='raise Error("timed out", 110)')
    (tmp_path / 'state').mkdir()
    (tmp_path / 'state' / 'state.json').write_bytes(b'{}')
    (tmp_path / 'out').mkdir()

    def run(**arguments):
        return run_module('osa_bundle', **dict(dict(ceph.access, dir=str(tmp_path / 'out'), state_dir=str(tmp_path / 'state'),
                                                    checkout=str(tmp_path / 'none')), **arguments))
    return run


def test_bundle(osa_bundle, tmp_path):
    result = osa_bundle(name='osa-ceph-aio-mylab', about={'host': 'mylab'})
    assert result['changed']
    assert re.match(r'^osa-ceph-aio-mylab-\d{8}T\d{6}Z\.tar\.gz$', os.path.basename(result['path']))
    assert os.listdir(str(tmp_path / 'out')) == [os.path.basename(result['path'])]
    assert stat.S_IMODE(os.stat(result['path']).st_mode) == 0o600
    assert result['bytes'] == os.path.getsize(result['path'])
    archive = tarfile.open(result['path'])
    top = os.path.basename(result['path'])[:-len('.tar.gz')]
    assert sorted(archive.getnames()) == [top + '/' + name for name in (
        'ceph/observed.json', 'host/one.txt', 'manifest.json', 'state/state.json')]
    manifest = json.loads(archive.extractfile(top + '/manifest.json').read().decode('utf-8'))
    assert manifest['host'] == 'mylab'
    assert result['entries'] == 3
    assert 'no-such-program: it is not installed' in result['lacking']
    assert len(result['lacking']) == len([entry for entry in manifest['entries'] if entry['problem']])


@pytest.mark.parametrize('arguments, what', [
    ({'name': '../x'}, "'../x' is no name of a file"), ({'name': ''}, "'' is no name of a file"), ({'deadline': 0}, '0 is no time limit'),
    ({'timeout': -1}, '-1 is no time limit'), ({'file_mb': 0}, '0 MiB are no limit'), ({'file_mb': 51}, '51 MiB are no limit')])
def test_bad_input(osa_bundle, tmp_path, arguments, what):
    result = osa_bundle(**arguments)
    assert result['failed']
    assert what in result['msg']
    assert os.listdir(str(tmp_path / 'out')) == []


def test_folder_that_is_not_there(osa_bundle, tmp_path):
    result = osa_bundle(dir=str(tmp_path / 'no'))
    assert result['failed']
    assert result['problem']['what'] == 'the bundle cannot be written'
    assert result['problem']['where'] == str(tmp_path / 'no')


def test_disk_that_is_full(osa_bundle, tmp_path, monkeypatch):
    """Nothing half is left."""
    def fail(*_arguments):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(module, 'collect', fail)
    result = osa_bundle()
    assert result['failed']
    assert 'No space left' in result['problem']['why']
    assert os.listdir(str(tmp_path / 'out')) == []


def test_what_another_put_there(osa_bundle, tmp_path, monkeypatch):
    """Not through a link."""
    monkeypatch.setattr(module.time, 'strftime', lambda _form, _time: 'fixed')
    os.symlink(str(tmp_path / 'elsewhere'), str(tmp_path / 'out' / 'fixed.tar.gz'))
    assert osa_bundle()['failed']
    assert not (tmp_path / 'elsewhere').exists()


def test_return_documentation(osa_bundle, returned, documented):
    assert returned(osa_bundle(), osa_bundle(file_mb=0)) == documented('osa_bundle')
