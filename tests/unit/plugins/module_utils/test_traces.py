# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import hashlib
import json
import os
import stat
import struct

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import kept, traces
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

LXC_LS = ['lxc-ls', '-1']


@pytest.fixture
def store(tmp_path):
    return kept.Store(str(tmp_path / 'state'))


@pytest.fixture
def top(tmp_path, monkeypatch):
    """A folder in which content counts."""
    folder = tmp_path / 'top'
    folder.mkdir()
    monkeypatch.setattr(traces, 'KEPT_BELOW', (str(folder / 'etc'),))
    return folder


@pytest.fixture
def seen(top, store):
    """What is seen of places below top: seen({place: spec}), by paths below top; no ancestors."""
    def look(places, known=None):
        found = traces.Paths(dict((str(top / place), spec) for place, spec in places.items()), known, store).look()
        for parent in traces.ancestors(str(top)):
            assert found.pop(parent) == {'type': 'folder'}
        assert found.pop(str(top)) == {'type': 'folder'}
        return dict((os.path.relpath(path, str(top)), entry) for path, entry in found.items())
    return look


def tree(top, *paths):
    """Make files and, where a path ends with a slash, folders."""
    for path in paths:
        target = os.path.join(str(top), path)
        folder = target if path.endswith('/') else os.path.dirname(target)
        if not os.path.isdir(folder):
            os.makedirs(folder)
        if not path.endswith('/'):
            with open(target, 'wb') as stream:
                stream.write(path.encode('utf-8'))


def test_whole(top, seen):
    tree(top, 'a/b/c')
    assert seen({'a': {'is': 'whole', 'alone': True}, 'none': {'is': 'whole'}}) == {'a': {'type': 'folder', 'whole': True, 'alone': True}}


def test_entries_of_a_folder(top, seen):
    tree(top, 'a/f', 'a/d/f', 'a/other')
    (top / 'a' / 'l').symlink_to('nowhere')
    os.mkfifo(str(top / 'a' / 'p'))
    assert seen({'a': {'is': 'folder', 'names': ['[a-l]', 'p'], 'always': ['f'], 'cache': True}}) == {
        'a': {'type': 'folder', 'cache': True},
        'a/d': {'type': 'folder', 'whole': True, 'cache': True},
        'a/f': {'type': 'file', 'always': True, 'cache': True},
        'a/l': {'type': 'link', 'cache': True},
        'a/p': {'type': 'other', 'cache': True}}


def test_entries_to_a_depth(top, seen):
    tree(top, 'a/b/c/d/e', 'a/b/f')
    found = seen({'a': {'is': 'folder', 'depth': 2, 'names': ['b']}})
    assert found == {'a': {'type': 'folder'}, 'a/b': {'type': 'folder'}, 'a/b/c': {'type': 'folder', 'whole': True}, 'a/b/f': {'type': 'file'}}


def test_what_is_alone_by_its_name(top, seen):
    tree(top, 'a/ceph1.img', 'a/ceph8.img', 'a/log/x')
    found = seen({'a': {'is': 'folder', 'depth': 2, 'alone': ['ceph[123].img', 'log']}})
    assert sorted(path for path, entry in found.items() if entry.get('alone')) == ['a', 'a/ceph1.img', 'a/log', 'a/log/x']


def test_a_folder_that_is_a_link_is_not_entered(top, seen):
    tree(top, 'real/f')
    (top / 'a').symlink_to('real')
    assert seen({'a': {'is': 'folder'}}) == {'a': {'type': 'link'}}


def test_the_folders_above_are_seen_where_they_are_there(top, seen):
    tree(top, 'a/b/c')
    assert seen({'a/b/c': {'is': 'whole'}, 'x/y': {'is': 'whole'}, 'a/b/c/d': {'is': 'whole'}}) == {
        'a': {'type': 'folder'}, 'a/b': {'type': 'folder'}, 'a/b/c': {'type': 'file'}}


def test_a_place_below_a_place_is_no_part_of_it(top, seen):
    tree(top, 'a/b/c')
    for places in ({'a': {'is': 'folder'}, 'a/b': {'is': 'folder'}}, {'a': {'is': 'folder'}, 'a/b/c': {'is': 'whole'}}):
        assert seen(places) == {'a': {'type': 'folder'}, 'a/b': {'type': 'folder'}, 'a/b/c': {'type': 'file'}}
    assert seen({'a': {'is': 'folder'}, 'a/b': {'is': 'whole'}})['a/b'] == {'type': 'folder', 'whole': True}


def test_a_place_that_is_none(top, seen):
    tree(top, 'a/b')
    assert traces.Paths({str(top / 'a'): {'is': 'none'}}, None, None).look() == {}


def test_content_counts_of_shared_files(top, seen, store):
    tree(top, 'f')
    os.chmod(str(top / 'f'), 0o640)
    found = seen({'f': {'is': 'shared'}, 'g': {'is': 'shared'}})
    name = hashlib.sha256(b'f').hexdigest()
    assert found == {
        'g': {'type': 'absent'},
        'f': {'type': 'file', 'mode': 0o640, 'uid': os.geteuid(), 'gid': os.getegid(), 'content': name}}
    assert store.content(name) == b'f'
    assert stat.S_IMODE(os.stat(store.path(name)).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(store.directory).st_mode) == 0o700
    assert os.listdir(store.directory) == [name]


def test_content_counts_where_configuration_is(top, seen):
    tree(top, 'etc/d/f', 'var/d/f')
    (top / 'etc' / 'd' / 'l').symlink_to('x')
    found = seen({'etc/d': {'is': 'folder'}, 'var/d': {'is': 'folder'}})
    assert 'content' in found['etc/d/f'] and found['etc/d/l']['target'] == 'x'
    assert found['var/d/f'] == {'type': 'file'}


def test_content_counts_later_only_where_it_did_at_first(top, seen):
    tree(top, 'etc/f', 'etc/g')
    found = seen({'etc': {'is': 'folder'}}, known={str(top / 'etc' / 'f'): {}})
    assert 'content' in found['etc/f'] and found['etc/g'] == {'type': 'file'}


def test_of_a_large_file_the_size_counts(top, seen, monkeypatch):
    monkeypatch.setattr(traces, 'KEPT_SIZE', 1)
    tree(top, 'f1')
    found = seen({'f1': {'is': 'shared'}})
    assert found['f1']['size'] == 2 and 'content' not in found['f1']


def test_a_file_that_cannot_be_looked_at(monkeypatch, store):
    def denied(path):
        raise OSError(errno.EIO, 'broken')

    monkeypatch.setattr(traces.os, 'lstat', denied)
    with pytest.raises(AioError) as error:
        traces.Paths({'/f': {'is': 'whole'}}, None, store).look()
    assert (error.value.where, 'broken' in error.value.why) == ('/f', True)


def test_a_store_that_keeps_nothing(tmp_path):
    store = kept.Store(str(tmp_path), dry=True)
    assert store.content(store.keep(b'x')) == b'x'
    assert os.listdir(str(tmp_path)) == []


def test_a_store_keeps_no_half(tmp_path, monkeypatch):
    def fail(_old, _new):
        raise OSError(errno.ENOSPC, 'full')

    store = kept.Store(str(tmp_path))
    monkeypatch.setattr(traces.os, 'rename', fail)
    with pytest.raises(OSError):
        store.keep(b'x')
    assert os.listdir(store.directory) == []


def test_what_is_kept_is_on_the_disk_before_it_has_its_name(store, monkeypatch):
    done, rename, fsync = [], os.rename, os.fsync
    monkeypatch.setattr(traces.os, 'fsync', lambda handle: done.append('dir' if stat.S_ISDIR(os.fstat(handle).st_mode) else 'file') or fsync(handle))
    monkeypatch.setattr(traces.os, 'rename', lambda *paths: done.append('rename') or rename(*paths))
    store.keep(b'x')
    store.keep(b'x')
    assert done == ['file', 'rename', 'dir']


def test_what_is_kept_and_damaged_is_not_given_but_kept_anew(store):
    name = store.keep(b'x')
    open(store.path(name), 'wb').close()
    with pytest.raises(kept.Damaged) as error:
        store.content(name)
    assert 'damaged' in str(error.value) and name in str(error.value)
    store.keep(b'x')
    assert store.content(name) == b'x'


@pytest.mark.parametrize('path, content, kept', [
    ('etc/id_rsa', b'x', False), ('etc/id_rsa.pub', b'x', True), ('etc/host.key', b'-----BEGIN RSA PRIVATE KEY-----', False), ('etc/ssh', b'x', True)])
def test_of_a_private_key_no_copy_is_kept(path, content, kept, top, seen, store):
    tree(top, path)
    (top / path).write_bytes(content)
    entry = seen({'etc': {'is': 'folder'}})[path]
    name = hashlib.sha256(content).hexdigest()
    assert (entry['content'], entry.get('secret', False), os.path.exists(store.path(name))) == (name, not kept, kept)


def test_a_name_that_is_no_utf8_is_not_looked_at(top, seen):
    tree(top, 'a/x')
    with open(os.path.join(str(top).encode('utf-8'), b'a', b'caf\xe9'), 'wb'):
        pass
    assert sorted(seen({'a': {'is': 'folder'}})) == ['a', 'a/x']


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A kernel's tables that a test writes: kernel(path, text)."""
    for name in ('SYS', 'PROC', 'DEV'):
        monkeypatch.setattr(traces, name, str(tmp_path / name.lower()))

    def write(path, content):
        target = tmp_path / path
        if not target.parent.is_dir():
            target.parent.mkdir(parents=True)
        target.write_bytes(content.encode('utf-8'))
    return write


MOUNTINFO = u'''22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 7:3 / /srv/swift1.img rw - xfs /dev/loop3 rw
41 22 0:40 / /srv/with\\040space rw master:2 - tmpfs tmpfs rw
'''


def test_mounts(kernel):
    kernel('proc/self/mountinfo', MOUNTINFO)
    assert traces.mounts() == {'/': '/dev/vda', '/srv/swift1.img': '/dev/loop3', '/srv/with space': 'tmpfs'}
    assert traces.mount_table()['/'] == {'type': 'ext4', 'source': '/dev/vda', 'options': 'rw,relatime,rw'}


def test_swaps(kernel):
    kernel('proc/swaps', u'Filename Type Size Used Priority\n/openstack/swap.img file 1 0 -2\n/a\\040b file 1 0 -3\n')
    assert traces.swaps() == ['/openstack/swap.img', '/a b']


def test_sysctls(kernel):
    kernel('proc/sys/vm/swappiness', u'60\n')
    assert traces.sysctls(['vm.swappiness', 'vm.none']) == {'vm.swappiness': {'value': '60'}}


@pytest.fixture
def bound(kernel, monkeypatch):
    """Loop devices that are bound: bound({name: (file, device, inode)})."""
    def bind(table):
        kernel('sys/block/vda/size', u'1')
        kernel('sys/block/loop9/size', u'1')
        for name, (path, _device, _inode) in table.items():
            kernel('sys/block/%s/loop/backing_file' % name, path + u'\n')
        monkeypatch.setattr(traces, 'loop_status', lambda name: table[name][1:] if table[name][1] else None)
    return bind


def test_loops_are_told_by_their_file_not_by_its_name(bound, tmp_path):
    """Containers of the same machine bind files of the same name."""
    image, other = tmp_path / 'ceph1.img', tmp_path / 'ceph2.img'
    image.write_bytes(b'')
    other.write_bytes(b'')
    seen = os.stat(str(image))
    bound({'loop1': (u'/openstack/other.img', seen.st_dev, seen.st_ino), 'loop2': (u'%s' % other, 1, 2),
           'loop3': (u'/of/somebody', 0, 0)})
    assert traces.loops([str(tmp_path / '*.img')]) == {str(image): {'device': seen.st_dev, 'inode': seen.st_ino, 'devices': ['loop1']}}


def test_a_loop_device_that_is_in_use_on_this_host(bound, tmp_path):
    image = tmp_path / 'ceph1.img'
    image.write_bytes(b'')
    seen = os.stat(str(image))
    bound({'loop1': (u'%s' % image, seen.st_dev, seen.st_ino), 'loop2': (u'%s' % image, 1, 2), 'loop3': (u'/of/somebody', 1, 2)})
    assert [name for name in ('loop1', 'loop2', 'loop3', 'loop4') if traces.in_use(name)] == ['loop1']


def test_loops_of_an_image(bound):
    bound({'loop1': (u'/openstack/ceph1.img', 1, 2), 'loop2': (u'/openstack/ceph1.img (deleted)', 1, 2), 'loop3': (u'/openstack/ceph1.img', 1, 3),
           'loop4': (u'/openstack/else.img', 1, 2)})
    assert traces.bound_to('/openstack/ceph1.img', {'device': 1, 'inode': 2}) == ['loop1', 'loop2']


def test_the_numbers_of_a_loop_device(kernel, monkeypatch, tmp_path):
    def ioctl(_handle, request, given):
        assert (request, len(given)) == (0x4C05, 232)
        return struct.pack('=QQ', 65024, 1975554) + b'\0' * 216

    kernel('dev/loop3', u'')
    monkeypatch.setattr(traces.fcntl, 'ioctl', ioctl)
    assert traces.loop_status('loop3') == (65024, 1975554)


@pytest.mark.parametrize('number, passes', [(errno.ENXIO, True), (errno.EPERM, True), (errno.EIO, False)])
def test_a_loop_device_that_does_not_tell(number, passes, kernel, monkeypatch):
    def ioctl(*_arguments):
        raise OSError(number, 'x')

    kernel('dev/loop3', u'')
    monkeypatch.setattr(traces.fcntl, 'ioctl', ioctl)
    if passes:
        assert traces.loop_status('loop3') is None
    else:
        with pytest.raises(OSError):
            traces.loop_status('loop3')


def test_a_loop_device_without_a_node(kernel, monkeypatch, tmp_path):
    made = []

    def mknod(path, mode, device):
        made.append((os.path.basename(path), stat.S_ISBLK(mode), os.major(device), os.minor(device), os.path.dirname(path)))
        raise OSError(errno.EPERM, 'not here')

    kernel('dev/null', u'')
    monkeypatch.setattr(traces.os, 'mknod', mknod)
    assert traces.loop_status('loop77') is None
    assert made[0][:4] == ('loop77', True, 7, 77) and not os.path.exists(made[0][4])


UNITS = '''ceph-osd@0.service loaded active running Ceph object storage daemon osd.0
ceph-osd@1.service loaded failed failed Ceph object storage daemon osd.1
ceph-osd@2.service loaded inactive dead Ceph object storage daemon osd.2
cron.service loaded active running Regular background program processing daemon

'''


def test_services(fake_run, monkeypatch, tmp_path):
    monkeypatch.setattr(traces, 'SYSTEMD', str(tmp_path))
    fake_run.expect(['systemctl', 'list-units', '--all', '--no-legend', '--plain', '--no-pager', '--full'], UNITS)
    assert traces.services(['ceph-*']) == {'ceph-osd@0.service': {}, 'ceph-osd@1.service': {}}


def test_services_without_systemd(fake_run, monkeypatch):
    monkeypatch.setattr(traces, 'SYSTEMD', '/none')
    assert traces.services(['*']) == {}


def test_containers_of_osa_and_others(fake_run, tmp_path):
    path = tmp_path / 'inventory.json'
    path.write_bytes(json.dumps({'_meta': {'hostvars': {
        'aio1': {'physical_host': 'aio1'}, 'aio1_c-1': {'physical_host': 'aio1'}}}}).encode('utf-8'))
    fake_run.expect(LXC_LS, 'aio1\naio1_c-1\nforeign\n')
    assert traces.lxc_containers(str(path)) == {'aio1': {'osa': False}, 'aio1_c-1': {'osa': True}, 'foreign': {'osa': False}}


@pytest.mark.parametrize('place', ['LXC', 'DATA'])
def test_a_container_that_was_begun_and_has_no_configuration_yet(place, fake_run, tmp_path, monkeypatch):
    """A build that is killed there leaves it so; LXC does not list it."""
    monkeypatch.setattr(traces.containers, place, str(tmp_path))
    for name in ('aio1_c-1', 'foreign'):
        (tmp_path / name).mkdir()
    path = tmp_path / 'inventory.json'
    path.write_bytes(json.dumps({'_meta': {'hostvars': {
        'aio1_c-1': {'physical_host': 'aio1'}, 'aio1_not_yet-2': {'physical_host': 'aio1'}}}}).encode('utf-8'))
    fake_run.expect(LXC_LS, '')
    assert traces.lxc_containers(str(path)) == {'aio1_c-1': {'osa': True}}


@pytest.mark.parametrize('content', [None, b'{'])
def test_containers_without_an_inventory(content, fake_run, tmp_path):
    path = tmp_path / 'inventory.json'
    if content:
        path.write_bytes(content)
    fake_run.expect(LXC_LS, 'c\n')
    assert traces.lxc_containers(str(path)) == {'c': {'osa': False}}


def test_volume_groups(fake_run):
    fake_run.expect(['vgs', '--noheadings', '--separator', '\t', '--options', 'vg_name,pv_name'],
                    '  cinder-volumes\t/dev/loop4\n  cinder-volumes\t/dev/loop5\n  system\t/dev/sda2\n')
    assert traces.volume_groups(['cinder-*']) == {'cinder-volumes': {'devices': ['/dev/loop4', '/dev/loop5']}}


def test_rules(fake_run):
    fake_run.expect(['iptables-save'], '# by\n*nat\n:PREROUTING ACCEPT [0:0]\n-A POSTROUTING -s 10.255.255.0/24 -j MASQUERADE\nCOMMIT\n'
                    '*filter\n-A INPUT -j ACCEPT\nCOMMIT\n')
    assert traces.rules(['MASQUERADE']) == {'nat -A POSTROUTING -s 10.255.255.0/24 -j MASQUERADE': {}}
    assert traces.rules([]) == {}


def test_packages_of_dpkg(fake_run):
    fake_run.expect(lambda argv: argv[0] == 'dpkg-query', 'a\t1\tinstalled\nlibb:amd64\t2-1\tinstalled\nold\t1\tconfig-files\n')
    assert traces.packages() == {'a': {'version': '1'}, 'libb:amd64': {'version': '2-1'}}


def test_packages_of_rpm(fake_run):
    fake_run.expect(lambda argv: argv[0] == 'dpkg-query', error=OSError(errno.ENOENT, 'no'))
    fake_run.expect(lambda argv: argv[0] == 'rpm', 'a\t1-2\n')
    assert traces.packages() == {'a': {'version': '1-2'}}


def test_without_a_package_manager(fake_run):
    for _name in ('dpkg-query', 'rpm'):
        fake_run.expect(lambda argv: True, error=OSError(errno.ENOENT, 'no'))
    assert traces.packages() == {}


@pytest.mark.parametrize('result, why', [
    ({'rc': 2, 'stderr': 'database is locked'}, 'database is locked'), ({'rc': 2}, 'it ended with 2'), ({'rc': None, 'timed_out': True}, 'no answer in 60 s'),
    ({'error': OSError(errno.EACCES, 'denied')}, 'denied')])
def test_what_cannot_be_looked_at_is_no_empty_answer(result, why, fake_run):
    fake_run.expect(['vgs', '--noheadings', '--separator', '\t', '--options', 'vg_name,pv_name'], **result)
    with pytest.raises(AioError) as error:
        traces.volume_groups(['*'])
    assert error.value.what == 'the lab host cannot be looked at'
    assert why in error.value.why


def test_all_of_it(kernel, fake_run, monkeypatch, store):
    kernel('proc/self/mountinfo', MOUNTINFO)
    kernel('proc/swaps', u'Filename Type\n/srv/swap.img file\n/dev/sda3 partition\n')
    kernel('sys/class/net/br-mgmt/mtu', u'1')
    kernel('sys/class/net/br-mgmt0/mtu', u'1')
    kernel('sys/block/vda/size', u'1')
    monkeypatch.setattr(traces, 'SYSTEMD', '/none')
    places = {'paths': {}, 'services': [], 'mounts': ['/srv/swift*'], 'images': ['/srv/*.img'], 'volume_groups': [], 'links': ['br-mgmt'],
              'rules': [], 'sysctls': []}
    fake_run.expect(LXC_LS, 'c\n')
    fake_run.expect(lambda argv: argv[0] == 'dpkg-query', 'a\t1\tinstalled\n')
    assert traces.observe(places, '/none', None, store) == {
        'paths': {}, 'services': {}, 'containers': {'c': {'osa': False}}, 'mounts': {'/srv/swift1.img': {'source': '/dev/loop3'}},
        'swaps': {'/srv/swap.img': {}}, 'volume_groups': {}, 'loops': {}, 'links': {'br-mgmt': {}}, 'rules': {}, 'sysctls': {},
        'packages': {'a': {'version': '1'}}}


def test_names_that_are_no_text(tmp_path):
    """Paths are as Python has those of the file system."""
    name = os.path.join(str(tmp_path).encode('ascii'), b'caf\xe9')
    os.mkdir(name)
    (tmp_path / 'file').write_bytes(b'caf\xe9\n')
    (folder,) = [known for known in os.listdir(str(tmp_path)) if known != 'file']
    assert traces.read(str(tmp_path / 'file')) == folder + '\n'
