# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import os
import socket
import stat

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import tree_copy

MIB = 1 << 20


def fill(path, parts, size):
    """A sparse file with these parts: {position: bytes}."""
    with open(path, 'wb') as stream:
        stream.truncate(size)
        for position, data in parts.items():
            stream.seek(position)
            stream.write(data)


def content(path):
    with open(path, 'rb') as stream:
        return stream.read()


@pytest.fixture
def pair(tmp_path):
    return str(tmp_path / 'source'), str(tmp_path / 'target')


GOLDEN = {0: b'superblock', 3 * MIB + 5: b'x' * (2 * MIB), 7 * MIB: b'end'}


@pytest.mark.parametrize('shared', [True, False])
@pytest.mark.parametrize('before, size', [
    (None, 0),
    ({}, 8 * MIB),
    (GOLDEN, 8 * MIB),
    ({0: b'wrong', 2 * MIB: b'w' * (3 * MIB), 7 * MIB + 100: b'more'}, 8 * MIB),
    ({0: b'full' * (2 * MIB)}, 8 * MIB),
    ({0: b'long', 9 * MIB: b'too long'}, 12 * MIB),
    ({0: b'short'}, 5),
])
def test_copy_file(pair, monkeypatch, before, size, shared):
    """Whatever was there; the file stays the same file, and holes are holes."""
    source, target = pair
    if not shared:
        monkeypatch.setattr(tree_copy, 'share', lambda *_handles: False)
    fill(source, GOLDEN, 8 * MIB)
    os.chmod(source, 0o640)
    if before is not None:
        fill(target, before, size)
        inode = os.stat(target).st_ino
    tree_copy.copy_file(source, target)
    assert content(target) == content(source)
    assert before is None or os.stat(target).st_ino == inode
    assert stat.S_IMODE(os.stat(target).st_mode) == 0o640
    assert int(os.stat(target).st_mtime) == int(os.stat(source).st_mtime)
    assert tree_copy.allocated(target) <= tree_copy.allocated(source) + 4096


def test_no_more_is_written_than_differs(pair, monkeypatch):
    source, target = pair
    fill(source, GOLDEN, 8 * MIB)
    fill(target, dict(GOLDEN, **{}), 8 * MIB)
    with open(target, 'r+b') as stream:
        stream.seek(4 * MIB + 7)
        stream.write(b'changed')
    written = []
    real = tree_copy.write
    monkeypatch.setattr(tree_copy, 'share', lambda *_handles: False)
    monkeypatch.setattr(tree_copy, 'write', lambda handle, position, data: written.append(position) or real(handle, position, data))
    monkeypatch.setattr(tree_copy, 'punch', lambda *_part: pytest.fail('there is nothing to punch'))
    tree_copy.copy_file(source, target)
    assert len(written) == 1 and 3 * MIB <= written[0] <= 4 * MIB + 7
    assert content(target) == content(source)


class NoHoles:
    """A C library whose file system has no holes."""

    @staticmethod
    def fallocate64(*_arguments):
        tree_copy.ctypes.set_errno(NoHoles.error)
        return -1


@pytest.mark.parametrize('error', [errno.EOPNOTSUPP, errno.EIO])
def test_no_holes(pair, monkeypatch, error):
    source, target = pair
    NoHoles.error = error
    monkeypatch.setattr(tree_copy, 'share', lambda *_handles: False)
    monkeypatch.setattr(tree_copy, '_libc', NoHoles)
    fill(source, {}, 3 * MIB)
    fill(target, {0: b'old' * MIB}, 3 * MIB)
    if error == errno.EOPNOTSUPP:
        tree_copy.copy_file(source, target)
        assert content(target) == b'\0' * (3 * MIB)
    else:
        with pytest.raises(OSError):
            tree_copy.copy_file(source, target)


@pytest.mark.parametrize('error, kept', [(errno.EOPNOTSUPP, True), (errno.EXDEV, True), (errno.ENOTTY, True), (errno.EIO, False)])
def test_share(pair, monkeypatch, error, kept):
    """It is tried, with the target first; a real error is none of "the file system cannot"."""
    asked = []

    def ioctl(handle, number, other):
        asked.append((number, os.fstat(handle).st_ino, os.fstat(other).st_ino))
        raise IOError(error, os.strerror(error))

    source, target = pair
    fill(source, {0: b'a'}, 1)
    fill(target, {0: b'b'}, 1)
    monkeypatch.setattr(tree_copy.fcntl, 'ioctl', ioctl)
    if kept:
        tree_copy.copy_file(source, target)
        assert content(target) == b'a'
    else:
        with pytest.raises(IOError):
            tree_copy.copy_file(source, target)
    assert asked == [(0x40049409, os.stat(target).st_ino, os.stat(source).st_ino)]


def test_shared_blocks_are_enough(pair, monkeypatch):
    source, target = pair
    fill(source, {0: b'a'}, 1)
    monkeypatch.setattr(tree_copy.fcntl, 'ioctl', lambda *_arguments: 0)
    monkeypatch.setattr(tree_copy, 'write', lambda *_arguments: pytest.fail('nothing is to be written'))
    tree_copy.copy_file(source, target)


def test_no_link_is_followed(pair, tmp_path):
    source, target = pair
    fill(source, {0: b'a'}, 1)
    victim = tmp_path / 'victim'
    victim.write_bytes(b'mine')
    os.symlink(str(victim), target)
    with pytest.raises(OSError):
        tree_copy.copy_file(source, target)
    assert victim.read_bytes() == b'mine'


def tree(folder):
    """A folder as a dict: name to content, link or dict, with the mode."""
    found = {}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        facts = os.lstat(path)
        value = os.readlink(path) if os.path.islink(path) else tree(path) if os.path.isdir(path) else content(path)
        found[name] = (value, None if os.path.islink(path) else oct(stat.S_IMODE(facts.st_mode)))
    return found


@pytest.fixture
def golden(pair):
    source, target = pair
    os.makedirs(os.path.join(source, 'osd', 'ceph-0'))
    os.makedirs(os.path.join(source, 'empty'))
    fill(os.path.join(source, 'osd', 'ceph-0', 'keyring'), {0: b'secret'}, 6)
    os.chmod(os.path.join(source, 'osd', 'ceph-0', 'keyring'), 0o600)
    os.chmod(os.path.join(source, 'osd'), 0o750)
    os.symlink('/dev/osa/ceph1', os.path.join(source, 'osd', 'ceph-0', 'block'))
    return pair


def test_mirror_makes_it(golden):
    source, target = golden
    tree_copy.mirror(source, target)
    assert tree(target) == tree(source)
    assert stat.S_IMODE(os.stat(target).st_mode) == stat.S_IMODE(os.stat(source).st_mode)


def test_mirror_of_something_else(golden, tmp_path):
    """What is too much goes, what is of another kind is replaced, links are not followed."""
    source, target = golden
    outside = tmp_path / 'outside'
    outside.mkdir()
    (outside / 'kept').write_bytes(b'')
    os.makedirs(os.path.join(target, 'more', 'below'))
    fill(os.path.join(target, 'more', 'below', 'file'), {0: b'x'}, 1)
    os.symlink(str(outside), os.path.join(target, 'link'))
    os.symlink(str(outside), os.path.join(target, 'osd'))
    os.makedirs(os.path.join(target, 'empty', 'not'))
    tree_copy.mirror(source, target)
    assert tree(target) == tree(source)
    assert os.listdir(str(outside)) == ['kept']


def test_mirror_twice_keeps_the_files(golden):
    source, target = golden
    tree_copy.mirror(source, target)
    inodes = [os.lstat(os.path.join(target, 'osd', 'ceph-0', name)).st_ino for name in ('block', 'keyring')]
    os.unlink(os.path.join(target, 'osd', 'ceph-0', 'block'))
    os.symlink('/dev/loop7', os.path.join(target, 'osd', 'ceph-0', 'block'))
    tree_copy.mirror(source, target)
    assert tree(target) == tree(source)
    assert os.lstat(os.path.join(target, 'osd', 'ceph-0', 'keyring')).st_ino == inodes[1]


def test_mirror_where_a_file_is_in_the_way(golden):
    source, target = golden
    fill(target, {0: b'x'}, 1)
    tree_copy.mirror(source, target)
    assert tree(target) == tree(source)


def test_sockets_are_no_content(golden, monkeypatch):
    source, target = golden
    monkeypatch.chdir(source)  # a socket's path is short
    listening = socket.socket(socket.AF_UNIX)
    listening.bind('asok')
    tree_copy.mirror(source, target)
    listening.close()
    assert 'asok' not in os.listdir(target)


def test_what_is_mounted_is_left_alone(golden, monkeypatch):
    """As seen by its device."""
    source, target = golden
    tree_copy.mirror(source, target)
    mounted = os.path.join(target, 'mounted')
    os.mkdir(mounted)
    fill(os.path.join(mounted, 'file'), {0: b'x'}, 1)
    real = os.lstat

    class Elsewhere:
        def __init__(self, facts):
            self.facts = facts

        def __getattr__(self, name):
            return -1 if name == 'st_dev' else getattr(self.facts, name)

    monkeypatch.setattr(tree_copy.os, 'lstat', lambda path: Elsewhere(real(path)) if path.startswith(mounted) else real(path))
    tree_copy.mirror(source, target)
    assert tree(mounted) == {'file': (b'x', oct(0o644))}
    with pytest.raises(OSError):
        tree_copy.remove(target)
    assert tree(mounted) == {'file': (b'x', oct(0o644))}


def test_allocated(pair):
    source, _target = pair
    os.mkdir(source)
    fill(os.path.join(source, 'sparse'), {MIB: b'x' * 4096}, 1024 * MIB)
    os.symlink(source, os.path.join(source, 'loop'))
    assert 4096 <= tree_copy.allocated(source) <= 64 * 1024


@pytest.mark.parametrize('parts, size, expected', [
    ([], 0, []), ([], 5, [(0, 5)]), ([(0, 5)], 5, []), ([(1, 2), (3, 4)], 5, [(0, 1), (2, 3), (4, 5)])])
def test_gaps(parts, size, expected):
    assert list(tree_copy.gaps(parts, size)) == expected
