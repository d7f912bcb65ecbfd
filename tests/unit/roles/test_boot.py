# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What binds the OSDs' loop devices at a start of the lab host."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import subprocess

import pytest

# Devices are files in a folder that hold the image's name. Binding one that is bound is refused, as losetup does; what is
# free by --find may be taken by another at the same moment: by as many as the file "others" has lines.
LOSETUP = '''#!/bin/sh
echo "$*" >> said
[ ! -e broken ] || { echo "losetup: it cannot be told" >&2; exit 1; }
case "$1" in
    --associated) grep -lx "$2" loop* 2> /dev/null | sed 's,.*,/dev/&: [2049]:12 (image),' || true ;;
    --find)
        n=0; while [ -s loop$n ]; do n=$((n + 1)); done; echo /dev/loop$n
        if [ -s others ]; then echo other > loop$n; sed -i 1d others; fi ;;
    --partscan)
        [ ! -s "${2#/dev/}" ] || { echo "$2: device is busy" >&2; exit 1; }
        sleep 0.05; echo "$3" > "${2#/dev/}" ;;
    --detach) rm "${2#/dev/}" ;;
    *) exit 9 ;;
esac
'''


class Host:
    def __init__(self, folder, script):
        self.folder = folder
        self.script = script

    def start(self, *words, **environment):
        return subprocess.Popen(['sh', self.script, *words], cwd=str(self.folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=dict(os.environ, LOCK=str(self.folder / 'lock'), **environment))

    def run(self, *words, **environment):
        process = self.start(*words, **environment)
        _out, err = process.communicate(timeout=60)
        return process.returncode, err

    def bound(self):
        return {path.name: path.read_text().strip() for path in sorted(self.folder.glob('loop*'))}

    def said(self, word):
        path = self.folder / 'said'
        return [line for line in path.read_text().splitlines() if line.startswith('--' + word)] if path.exists() else []


@pytest.fixture
def host(tmp_path, executable, root):
    executable('losetup', LOSETUP)
    executable('mknod', '#!/bin/sh\n')
    folder = tmp_path / 'host'
    folder.mkdir()
    return Host(folder, os.path.join(root, 'roles', 'boot', 'files', 'osa-lab-loop.sh'))


def test_the_device_that_it_had(host):
    assert host.run('attach', 'ceph1', DEVICE='/dev/loop5') == (0, '')
    assert host.bound() == {'loop5': '/openstack/ceph1.img'}
    assert host.said('partscan') == ['--partscan /dev/loop5 /openstack/ceph1.img']


def test_bound_already(host):
    """By whomever, and to whatever device: no second one."""
    (host.folder / 'loop0').write_text('/openstack/ceph1.img\n')
    assert host.run('attach', 'ceph1', DEVICE='/dev/loop5') == (0, '')
    assert host.bound() == {'loop0': '/openstack/ceph1.img'}


def test_another_has_it(host):
    (host.folder / 'loop0').write_text('other\n')
    (host.folder / 'loop5').write_text('other\n')
    code, err = host.run('attach', 'ceph1', DEVICE='/dev/loop5')
    assert code == 0
    assert host.bound() == {'loop0': 'other', 'loop1': '/openstack/ceph1.img', 'loop5': 'other'}
    assert '/openstack/ceph1.img does not get /dev/loop5 as before' in err


def test_another_is_faster(host):
    (host.folder / 'others').write_text('x\nx\n')
    assert host.run('attach', 'ceph1')[0] == 0
    assert host.bound() == {'loop0': 'other', 'loop1': 'other', 'loop2': '/openstack/ceph1.img'}


def test_there_is_none(host):
    (host.folder / 'others').write_text('x\n' * 10)
    code, err = host.run('attach', 'ceph1')
    assert code == 1
    assert 'there is no loop device for /openstack/ceph1.img' in err
    assert len(host.said('find')) == 10


def test_all_at_the_same_moment(host):
    """Also where two are for the same file."""
    names = ['ceph1', 'ceph2', 'ceph3', 'ceph1']
    started = [host.start('attach', name) for name in names]
    assert [process.wait(60) for process in started] == [0] * 4
    for process in started:
        process.communicate()
    assert sorted(host.bound().values()) == ['/openstack/ceph1.img', '/openstack/ceph2.img', '/openstack/ceph3.img']


def test_detach(host):
    for number, name in enumerate(['ceph1', 'ceph2', 'ceph1']):
        (host.folder / ('loop%d' % number)).write_text('/openstack/%s.img\n' % name)
    assert host.run('detach', 'ceph1') == (0, '')
    assert host.bound() == {'loop1': '/openstack/ceph2.img'}
    assert host.run('detach', 'ceph1') == (0, '')


@pytest.mark.parametrize('word', ['attach', 'detach'])
def test_it_cannot_be_told(host, word):
    """What is not known to be bound is not bound once more."""
    (host.folder / 'loop0').write_text('/openstack/ceph1.img\n')
    (host.folder / 'broken').write_text('')
    assert host.run(word, 'ceph1', DEVICE='/dev/loop5') == (1, 'losetup: it cannot be told\n')
    assert host.said('') == ['--associated /openstack/ceph1.img']


def test_something_else(host):
    code, err = host.run('reattach', 'ceph1')
    assert code == 2
    assert 'usage:' in err
    assert not (host.folder / 'said').exists()
