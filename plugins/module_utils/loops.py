# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image files that OSDs live in, and the loop devices over them."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import fcntl
import glob
import os

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import daemons, host, traces
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

OSDS = '/var/lib/ceph/osd'
SYSFS = '/sys/class/block'
DEV = '/dev'
BLKFLSBUF = 0x1261  # of linux/fs.h
ATTEMPTS = 10
LINKS = ('block', 'block.db', 'block.wal', 'journal')


def observe():
    """What the OSDs live in: (images, mounts).

    An image has path, inode, born and size of the file; device, the loop device over it; link, the link that leads
    an OSD there, or an empty text; and osds, their ids. A mount has source, target, type and options.

    :raises AioError: an OSD lives in something else.
    """
    mounted = traces.mount_table()
    images, mounts = {}, []
    for folder in sorted(glob.glob(os.path.join(OSDS, '*'))):
        starts = [os.path.join(folder, name) for name in LINKS if os.path.islink(os.path.join(folder, name))]
        mount = mounted.get(folder)
        if mount and mount['source'].startswith(DEV + '/'):
            mounts.append(dict(mount, target=folder))
            starts.append(mount['source'])
        for start in starts:
            end = os.path.realpath(start)
            for loop in _loops(os.path.basename(end), folder):
                if loop not in images:
                    images[loop] = _image(loop)
                if osd_of(folder) not in images[loop]['osds']:
                    images[loop]['osds'].append(osd_of(folder))
                if end == images[loop]['device']:
                    images[loop]['link'] = last_link(start)
    return sorted(images.values(), key=lambda image: image['path']), mounts


def osd_of(folder):
    """The id of the OSD that has this folder, such as 0 of ceph-0."""
    return os.path.basename(folder).rpartition('-')[2]


def _loops(device, osd):
    """The names of the loop devices that a block device is made of."""
    known = os.path.join(SYSFS, device)
    if os.path.isdir(os.path.join(known, 'loop')):
        return [device]
    if os.path.exists(os.path.join(known, 'partition')):
        return _loops(os.path.basename(os.path.dirname(os.path.realpath(known))), osd)
    slaves = os.path.join(known, 'slaves')
    below = sorted(os.listdir(slaves)) if os.path.isdir(slaves) else []
    if not below:
        raise AioError('an OSD does not live in an image file', osd, '%s is no loop device' % device,
                       'only OSDs on loop devices can be kept, as an all-in-one has them; see losetup --list')
    return [loop for slave in below for loop in _loops(slave, osd)]


def _image(loop):
    path = host.read(os.path.join(SYSFS, loop, 'loop', 'backing_file')).rstrip('\n')
    facts = identity(path)
    if facts is None:
        raise AioError("an OSD's image file is gone", path, '/dev/%s is attached to it all the same' % loop,
                       'run the site playbook')
    return dict(facts, path=path, size=os.stat(path).st_size, device=os.path.join(DEV, loop), link='', osds=[])


def identity(path):
    """What tells a file from one that was made later under its name: inode and birth; None where it is not there."""
    if not os.path.isfile(path):
        return None
    born = daemons.checked(['stat', '--format=%W', path]).strip()
    return {'inode': os.stat(path).st_ino, 'born': int(born) if born.isdigit() else 0}


def last_link(path):
    """The link that points to the device itself; an empty text where there is none."""
    found = ''
    while os.path.islink(path):
        found, path = path, os.path.join(os.path.dirname(path), os.readlink(path))
    return found


def attached(path):
    """The loop devices over a file."""
    return [os.path.join(DEV, name) for name in traces.over(path, traces.loop_bindings())]


def attach(image):
    """Have a loop device over the image, the one that it had before where that is free, and the link to it.

    :returns: the device.
    """
    devices = attached(image['path']) or [_attach_anew(image)]
    device = image['device'] if image['device'] in devices else devices[0]
    if image['link'] and os.path.realpath(image['link']) != device:
        point(image['link'], device)
    elif not image['link'] and device != image['device']:
        raise AioError("an OSD's image has another device than before", image['path'],
                       '%s is taken, and no link leads to it that could lead elsewhere' % image['device'],
                       'free it: losetup --list says what is on it')
    return device


def _attach_anew(image):
    wanted = image['device']
    for attempt in range(ATTEMPTS):
        device = wanted if is_free(wanted) else daemons.checked(['losetup', '--find']).strip()
        if not os.path.exists(device):  # a container's /dev does not follow the kernel's
            os.mknod(device, 0o60660, os.makedev(7, int(os.path.basename(device)[len('loop'):])))
        try:
            daemons.checked(['losetup', device, image['path']])
            return device
        except AioError:
            if attempt == ATTEMPTS - 1:
                raise  # else: another took the same free device at the same moment


def is_free(device):
    return not os.path.isdir(os.path.join(SYSFS, os.path.basename(device), 'loop'))


def point(link, device):
    """Let a link lead to a device, whatever is there."""
    if not os.path.isdir(os.path.dirname(link)):
        os.makedirs(os.path.dirname(link), 0o755)
    temporary = link + '.new'
    if os.path.lexists(temporary):
        os.unlink(temporary)
    os.symlink(device, temporary)
    os.rename(temporary, link)


def mount_all(mounts):
    """Mount what observe() saw mounted and what is not mounted any more."""
    mounted = traces.mounts()
    for mount in mounts:
        if mount['target'] not in mounted:
            daemons.checked(['mount', '-t', mount['type'], '-o', mount['options'], mount['source'], mount['target']])


def flush(device):
    """Write out and forget what the kernel keeps of a device: its file is changed behind its back."""
    handle = os.open(device, os.O_RDONLY)
    try:
        fcntl.ioctl(handle, BLKFLSBUF, 0)
    finally:
        os.close(handle)
