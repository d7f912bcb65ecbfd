# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import loops
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError


class Host:
    """The folders of a lab host, below one of the test's."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        for name in ('osd', 'sys', 'dev', 'openstack', 'proc', 'proc/self'):
            (folder / name).mkdir()
        self.mounts(u'')
        self.bound = []  # as traces.loop_bindings() has them
        monkeypatch.setattr(loops, 'OSDS', str(folder / 'osd'))
        monkeypatch.setattr(loops, 'SYSFS', str(folder / 'sys'))
        monkeypatch.setattr(loops.traces, 'PROC', str(folder / 'proc'))
        monkeypatch.setattr(loops.traces, 'loop_bindings', lambda: self.bound)
        monkeypatch.setattr(loops, 'DEV', str(folder / 'dev'))

    def path(self, *names):
        return str(self.folder.joinpath(*names))

    def mounts(self, table):
        (self.folder / 'proc' / 'self' / 'mountinfo').write_bytes(table.encode('utf-8'))

    def image(self, name):
        path = self.folder / 'openstack' / name
        path.write_bytes(b'x' * 100)
        return str(path)

    def loop(self, name, backing):
        """A loop device over a file; its device node is under dev."""
        (self.folder / 'sys' / name / 'loop').mkdir(parents=True)
        (self.folder / 'sys' / name / 'loop' / 'backing_file').write_bytes((backing + '\n').encode('utf-8'))
        (self.folder / 'dev' / name).write_bytes(b'')
        return self.path('dev', name)

    def osd(self, number, **links):
        folder = self.folder / 'osd' / ('ceph-%d' % number)
        folder.mkdir()
        for name, target in links.items():
            os.symlink(target, str(folder / name))
        return str(folder)


@pytest.fixture
def lab(tmp_path, monkeypatch, fake_run):
    return Host(tmp_path, monkeypatch)


def stat(path):
    return ['stat', '--format=%W', path]


def test_observe(lab, fake_run):
    """Through a link that has a name of its own, as in the embedded OSA, and without one."""
    one, two = lab.image('ceph1.img'), lab.image('ceph2.img')
    lab.loop('loop7', one)
    lab.loop('loop8', two)
    os.symlink(lab.path('dev', 'loop7'), lab.path('dev', 'ceph1'))
    lab.osd(0, block=lab.path('dev', 'ceph1'))
    lab.osd(1, block=lab.path('dev', 'loop8'))
    fake_run.expect(stat(one), '1795404924\n')
    fake_run.expect(stat(two), '-\n')  # a coreutils that does not know
    images, mounts = loops.observe()
    assert mounts == []
    assert images == [
        {'path': one, 'inode': os.stat(one).st_ino, 'born': 1795404924, 'size': 100, 'device': lab.path('dev', 'loop7'), 'link': lab.path('dev', 'ceph1'),
         'osds': ['0']},
        {'path': two, 'inode': os.stat(two).st_ino, 'born': 0, 'size': 100, 'device': lab.path('dev', 'loop8'), 'link': lab.path('osd', 'ceph-1', 'block'),
         'osds': ['1']}]


def test_observe_what_is_mounted(lab, fake_run):
    """As filestore has it: partitions of one loop device."""
    image = lab.image('ceph1.img')
    lab.loop('loop7', image)
    for part in ('loop7p1', 'loop7p2'):
        (lab.folder / 'sys' / 'loop7' / part).mkdir()
        (lab.folder / 'sys' / 'loop7' / part / 'partition').write_bytes(b'1\n')
        os.symlink(lab.path('sys', 'loop7', part), lab.path('sys', part))
        (lab.folder / 'dev' / part).write_bytes(b'')
    folder = lab.osd(0, journal=lab.path('dev', 'loop7p2'))
    lab.mounts(u'40 22 7:3 / %s rw,noatime - xfs %s rw,inode64\n41 22 0:40 / /run rw - tmpfs tmpfs rw\n' % (folder, lab.path('dev', 'loop7p1')))
    fake_run.expect(stat(image), '5\n')
    images, mounts = loops.observe()
    assert [(found['path'], found['link'], found['osds']) for found in images] == [(image, '', ['0'])]
    assert mounts == [{'source': lab.path('dev', 'loop7p1'), 'target': folder, 'type': 'xfs', 'options': 'rw,noatime,rw,inode64'}]


def test_observe_volumes(lab, fake_run):
    """LVM over a loop device."""
    image = lab.image('ceph1.img')
    lab.loop('loop7', image)
    (lab.folder / 'sys' / 'dm-3' / 'slaves' / 'loop7').mkdir(parents=True)
    (lab.folder / 'dev' / 'dm-3').write_bytes(b'')
    os.symlink('dm-3', lab.path('dev', 'osd-block'))
    lab.osd(0, block=lab.path('dev', 'osd-block'))
    fake_run.expect(stat(image), '5\n')
    images, mounts = loops.observe()
    assert [(found['path'], found['device'], found['link']) for found in images] == [(image, lab.path('dev', 'loop7'), '')]
    assert mounts == []


def test_osd_on_a_disk(lab):
    (lab.folder / 'sys' / 'sdb').mkdir()
    (lab.folder / 'dev' / 'sdb').write_bytes(b'')
    lab.osd(0, block=lab.path('dev', 'sdb'))
    with pytest.raises(AioError) as caught:
        loops.observe()
    assert 'sdb is no loop device' in str(caught.value)


def test_image_is_gone(lab):
    lab.loop('loop7', lab.path('openstack', 'gone.img'))
    lab.osd(0, block=lab.path('dev', 'loop7'))
    with pytest.raises(AioError) as caught:
        loops.observe()
    assert 'gone.img' in caught.value.where


def image(lab, **facts):
    return dict({'path': lab.image('ceph1.img'), 'device': lab.path('dev', 'loop7'), 'link': lab.path('links', 'ceph1')}, **facts)


def bind(lab, name):
    """Have a loop device over the image. Another lab host's file of the same name has one, too: they share the kernel."""
    seen = os.stat(lab.image('ceph1.img'))
    lab.bound = [('loop1', lab.path('openstack', 'ceph1.img'), seen.st_dev, seen.st_ino + 1), (name, '/elsewhere', seen.st_dev, seen.st_ino)]


def test_attached_already(lab, fake_run):
    lab.loop('loop7', 'x')
    loops.point(lab.path('links', 'ceph1'), lab.path('dev', 'loop7'))
    bind(lab, 'loop7')
    assert loops.attached(lab.path('openstack', 'ceph1.img')) == [lab.path('dev', 'loop7')]
    assert loops.attach(image(lab)) == lab.path('dev', 'loop7')


def test_attached_anew(lab, fake_run):
    """As before, where that device is free; the link is made again."""
    (lab.folder / 'dev' / 'loop7').write_bytes(b'')
    fake_run.expect(['losetup', lab.path('dev', 'loop7'), lab.path('openstack', 'ceph1.img')])
    assert loops.attach(image(lab)) == lab.path('dev', 'loop7')
    assert os.readlink(lab.path('links', 'ceph1')) == lab.path('dev', 'loop7')


def test_attached_to_another_device(lab, fake_run):
    """Ours is somebody else's by now, and the next free one is taken from under us once."""
    lab.loop('loop7', '/somebody/else.img')
    loops.point(lab.path('links', 'ceph1'), lab.path('dev', 'loop7'))
    for name in ('loop8', 'loop9'):
        (lab.folder / 'dev' / name).write_bytes(b'')
    fake_run.expect(['losetup', '--find'], lab.path('dev', 'loop8') + '\n')
    fake_run.expect(['losetup', lab.path('dev', 'loop8'), lab.path('openstack', 'ceph1.img')], rc=1, stderr='busy')
    fake_run.expect(['losetup', '--find'], lab.path('dev', 'loop9') + '\n')
    fake_run.expect(['losetup', lab.path('dev', 'loop9'), lab.path('openstack', 'ceph1.img')])
    assert loops.attach(image(lab)) == lab.path('dev', 'loop9')
    assert os.readlink(lab.path('links', 'ceph1')) == lab.path('dev', 'loop9')


def test_not_to_be_attached(lab, fake_run, monkeypatch):
    monkeypatch.setattr(loops, 'ATTEMPTS', 2)
    (lab.folder / 'dev' / 'loop7').write_bytes(b'')
    for _attempt in range(2):
        fake_run.expect(['losetup', lab.path('dev', 'loop7'), lab.path('openstack', 'ceph1.img')], rc=1, stderr='no')
    with pytest.raises(AioError):
        loops.attach(image(lab))


def test_no_link_that_could_lead_elsewhere(lab, fake_run):
    lab.loop('loop7', '/somebody/else.img')
    bind(lab, 'loop9')
    with pytest.raises(AioError) as caught:
        loops.attach(image(lab, link=''))
    assert 'is taken' in caught.value.why


def test_device_node_is_made(lab, fake_run, monkeypatch):
    made = []
    monkeypatch.setattr(loops.os, 'mknod', lambda *arguments: made.append(arguments))
    fake_run.expect(['losetup', '/nonexistent/dev/loop12', lab.path('openstack', 'ceph1.img')])
    loops.attach(image(lab, device='/nonexistent/dev/loop12'))
    assert made == [('/nonexistent/dev/loop12', 0o60660, os.makedev(7, 12))]


def test_point_replaces_what_is_there(tmp_path):
    link = str(tmp_path / 'link')
    (tmp_path / 'link').write_bytes(b'a file')
    os.symlink('left', link + '.new')
    loops.point(link, '/dev/loop1')
    assert os.readlink(link) == '/dev/loop1'
    assert os.listdir(str(tmp_path)) == ['link']


def test_identity(tmp_path, fake_run):
    path = str(tmp_path / 'image')
    assert loops.identity(path) is None
    (tmp_path / 'image').write_bytes(b'')
    fake_run.expect(stat(path), '17\n')
    assert loops.identity(path) == {'inode': os.stat(path).st_ino, 'born': 17}


def test_flush(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(loops.fcntl, 'ioctl', lambda handle, number, _argument: asked.append((os.fstat(handle).st_ino, number)))
    (tmp_path / 'device').write_bytes(b'')
    loops.flush(str(tmp_path / 'device'))
    assert asked == [(os.stat(str(tmp_path / 'device')).st_ino, 0x1261)]
