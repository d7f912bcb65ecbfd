# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host tells of itself: its system, memory, disks and networks."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import re
import socket
import struct

from ansible.module_utils.common.text.converters import to_native


def text(path):
    """The text of a file; bytes that are none of UTF-8, as a mount point may have, are kept as Python keeps those of paths."""
    with open(path, 'rb') as stream:
        return to_native(stream.read(), errors='surrogateescape')


def read(path):
    """The text of a file; empty where it is not there or may not be read."""
    try:
        return text(path)
    except (IOError, OSError):
        return ''


def os_release(path='/etc/os-release'):
    """What the system says of itself: name → value, without quotes."""
    fields = (line.strip().partition('=') for line in read(path).splitlines())
    return dict((name, value.strip('"\'')) for name, separator, value in fields if separator)


def memory_mb(kind, path='/proc/meminfo'):
    """MiB of memory of a kind, MemTotal or MemAvailable; 0 where it is not told."""
    found = re.search(r'^%s:\s*(\d+)' % kind, read(path), re.M)
    return int(found.group(1)) // 1024 if found else 0


def existing(path):
    """The path, or the nearest folder above it that is there."""
    path = os.path.abspath(path)
    while not os.path.exists(path):
        path = os.path.dirname(path)
    return path


def free_gb(path):
    """GiB free on the file system that holds path, or will hold it."""
    stat = os.statvfs(existing(path))
    return stat.f_bavail * stat.f_frsize // 2 ** 30


def routes(text):
    """(device, network) of each route in the form of "ip -4 route", the default one left out."""
    found = []
    for line in text.splitlines():
        words = line.split()
        if words and re.match(r'^[0-9.]+(/[0-9]+)?$', words[0]) and 'dev' in words:
            found.append((words[words.index('dev') + 1], words[0]))
    return found


def span(cidr):
    """First and last address of an IPv4 network in CIDR form, as numbers; without a prefix it is one address.

    :raises ValueError: it is none.
    """
    address, _separator, prefix = cidr.partition('/')
    bits = int(prefix or 32)
    if not 0 <= bits <= 32:
        raise ValueError('%d is no prefix from 0 to 32' % bits)
    try:
        number = struct.unpack('!I', socket.inet_aton(address))[0]
    except socket.error as error:
        raise ValueError(str(error))
    size = 2 ** (32 - bits)
    first = number // size * size
    return first, first + size - 1


def dotted(number):
    """An IPv4 address, given as a number, as people write it."""
    return socket.inet_ntoa(struct.pack('!I', number))


def overlap(one, other):
    """Do two networks, each as span() gives it, have an address in common?"""
    return one[0] <= other[1] and other[0] <= one[1]
