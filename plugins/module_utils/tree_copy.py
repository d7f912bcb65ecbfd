# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make files and folders like others: in place, and no more is written than differs.

A file keeps its inode, so that a loop device over it stays what it is. Where the file system can share blocks
(reflink), they are shared.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import ctypes
import errno
import fcntl
import os
import stat

FICLONE = 0x40049409  # of linux/fs.h
PUNCH_HOLE = 0x01 | 0x02  # and keep the size
SEEK_DATA, SEEK_HOLE = 3, 4
CHUNK = 1 << 20

_libc = ctypes.CDLL(None, use_errno=True)


def allocated(path):
    """Bytes that a file, or a folder with all below it on its file system, takes on its disk; of what goes away meanwhile, none."""
    try:
        total = os.lstat(path).st_blocks * 512
        if is_folder(path):
            total += sum(allocated(child) for child in children(path))
    except (IOError, OSError) as error:
        if error.errno != errno.ENOENT:
            raise
        return 0
    return total


def is_folder(path):
    """Is it a folder, and no link to one?"""
    return os.path.isdir(path) and not os.path.islink(path)


def children(path):
    """What is in a folder, what is mounted there left out."""
    device = os.lstat(path).st_dev
    found = []
    for name in sorted(os.listdir(path)):
        child = os.path.join(path, name)
        try:
            if os.lstat(child).st_dev == device:
                found.append(child)
        except (IOError, OSError) as error:
            if error.errno != errno.ENOENT:  # it has gone away meanwhile
                raise
    return found


def extents(handle, first, last):
    """(start, end) of each part of an open file that is no hole, between first and last."""
    position = first
    while position < last:
        try:
            start = os.lseek(handle, position, SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing but a hole behind it
                return
            raise
        if start >= last:
            return
        position = os.lseek(handle, start, SEEK_HOLE)
        yield start, min(position, last)


def share(source, target):
    """Let the file target have the blocks of source; whether the file system can."""
    try:
        fcntl.ioctl(target, FICLONE, source)
        return True
    except (IOError, OSError) as error:
        if error.errno in (errno.EOPNOTSUPP, errno.ENOTTY, errno.EINVAL, errno.EXDEV, errno.ETXTBSY):
            return False
        raise


def punch(handle, start, end):
    """Make a part of a file a hole; where the file system has none, zeros are written."""
    fallocate = _libc.fallocate64 if hasattr(_libc, 'fallocate64') else _libc.fallocate
    if fallocate(handle, PUNCH_HOLE, ctypes.c_longlong(start), ctypes.c_longlong(end - start)) == 0:
        return
    number = ctypes.get_errno()
    if number not in (errno.EOPNOTSUPP, errno.ENOSYS):
        raise OSError(number, os.strerror(number))
    os.lseek(handle, start, os.SEEK_SET)
    while start < end:
        start += os.write(handle, b'\0' * min(CHUNK, end - start))


def gaps(parts, size):
    """What of a file of this size is between these parts."""
    position = 0
    for start, end in parts:
        if position < start:
            yield position, start
        position = end
    if position < size:
        yield position, size


def read(handle, position, length):
    """So many bytes from there, fewer only where the file ends."""
    os.lseek(handle, position, os.SEEK_SET)
    data = b''
    while len(data) < length:
        more = os.read(handle, length - len(data))
        if not more:
            break
        data += more
    return data


def write(handle, position, data):
    os.lseek(handle, position, os.SEEK_SET)
    while data:
        data = data[os.write(handle, data):]


def copy_data(source, target):
    """Make the content of an open file that of another; holes stay holes."""
    size, before = os.fstat(source).st_size, os.fstat(target).st_size
    if before != size:
        os.ftruncate(target, size)
    if share(source, target):
        return
    parts = list(extents(source, 0, size))
    for start, end in parts:
        for position in range(start, end, CHUNK):
            length = min(CHUNK, end - position)
            wanted = read(source, position, length)
            if position >= before or read(target, position, length) != wanted:
                write(target, position, wanted)
    for hole in gaps(parts, size):
        for start, end in list(extents(target, *hole)):
            punch(target, start, end)


def copy_file(source, target):
    """Make one file like another: content, owner, mode. The target keeps its inode where it is there."""
    facts = os.lstat(source)
    read_from = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        write_to = os.open(target, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            copy_data(read_from, write_to)
            os.fchown(write_to, facts.st_uid, facts.st_gid)
            os.fchmod(write_to, stat.S_IMODE(facts.st_mode))
        finally:
            os.close(write_to)
    finally:
        os.close(read_from)
    os.utime(target, (facts.st_atime, facts.st_mtime))


def remove(path):
    """Remove a file, or a folder with all that is in it on its file system.

    :raises OSError: something is mounted in it; that is left as it is.
    """
    if is_folder(path):
        for child in children(path):
            remove(child)
        os.rmdir(path)
    else:
        os.unlink(path)


def mirror(source, target):
    """Make a folder like another: what is in it, and nothing else. What is mounted in either is left alone.

    Sockets, pipes and devices are no content: those of source are not made.
    """
    facts = os.lstat(source)
    if not is_folder(target):
        if os.path.lexists(target):
            os.unlink(target)
        os.mkdir(target, 0o700)
    wanted = dict((os.path.basename(path), path) for path in children(source))
    for path in children(target):
        name = os.path.basename(path)
        if name not in wanted or kind(wanted[name]) != kind(path):
            remove(path)
    for name, path in sorted(wanted.items()):
        there = os.path.join(target, name)
        if is_folder(path):
            mirror(path, there)
        elif os.path.islink(path):
            _mirror_link(path, there)
        elif os.path.isfile(path):
            copy_file(path, there)
    os.chown(target, facts.st_uid, facts.st_gid)
    os.chmod(target, stat.S_IMODE(facts.st_mode))


def kind(path):
    return stat.S_IFMT(os.lstat(path).st_mode)


def _mirror_link(source, target):
    where = os.readlink(source)
    if not os.path.lexists(target) or os.readlink(target) != where:
        if os.path.lexists(target):
            os.unlink(target)
        os.symlink(where, target)
    facts = os.lstat(source)
    os.lchown(target, facts.st_uid, facts.st_gid)
