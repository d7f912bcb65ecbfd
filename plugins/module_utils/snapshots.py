# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of snapshots: what is in it, by name.

A snapshot is a folder: snapshot.json (what it is of), images (the OSDs' files), and trees (of the lab host and of each mon's
container /etc/ceph and /var/lib/ceph, and the container's configuration). It is taken and brought back in golden.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import os
import re

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import host, removal, state, tree_copy
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

DIR = '/openstack/snapshots'
KIND = 'snapshot'  # in the ledger
NAME = re.compile(r'^[A-Za-z0-9][A-Za-z0-9_-]{0,39}\Z')


class Manifest(state.Record):
    """snapshot.json of one snapshot: what it is of."""

    FILE, PART, NAME = 'snapshot.json', 'snapshot', 'description'
    REMEDY = 'remove this snapshot and take another'

    def have_folder(self):
        state.make_private_dir(self.directory)


def check_name(name):
    if not NAME.match(name):
        raise AioError('%r is no name of a snapshot' % name, 'name', 'a name has up to 40 letters, digits, "_" and "-"',
                       'correct the name, for example golden')
    return name


def listed(directory=DIR):
    """All snapshots by name: what their manifests say, and allocated (bytes); or problem where one cannot be read."""
    try:
        names = sorted(os.listdir(directory))
    except OSError as error:
        if error.errno == errno.ENOENT:
            return []
        raise AioError('the snapshots cannot be looked at', directory, str(error), 'become root on the lab host: become: true')
    return [_listed(directory, name) for name in names if NAME.match(name)]


def _listed(directory, name):
    path = os.path.join(directory, name)
    found = {'name': name, 'path': path, 'allocated_bytes': tree_copy.allocated(path), 'problem': ''}
    try:
        manifest = load(directory, name)
    except AioError as error:
        return dict(found, problem=str(error), taken='', fsid='', health='', osds={}, pools=[])
    return dict(summary(manifest), **found)


def summary(manifest):
    """What of a manifest is of interest to people."""
    return dict(((key, manifest[key]) for key in ('name', 'fsid', 'health', 'osds', 'pools')), taken=manifest.get('taken', ''))


def load(directory, name):
    """A snapshot's manifest.

    :raises AioError: there is no such snapshot, or it cannot be read.
    """
    path = os.path.join(directory, check_name(name))
    if not os.path.isdir(path):
        there = [known for known in (os.listdir(directory) if os.path.isdir(directory) else []) if NAME.match(known)]
        raise AioError("there is no snapshot '%s'" % name, directory, 'there are %s' % (', '.join(sorted(there)) or 'none'),
                       'correct the name' if there else 'take one first: the snapshot playbook, or make snapshot')
    manifest = Manifest(path).load()
    if not manifest:
        raise AioError('the snapshot has no description', path, 'there is no %s in it' % Manifest.FILE, Manifest.REMEDY)
    return manifest


def check_ours(directory, name, ledger):
    """:raises AioError: there is a folder of that name, and it is no snapshot."""
    path = os.path.join(directory, check_name(name))
    if os.path.isdir(path) and not ledger.has(KIND, path) and not os.path.isfile(os.path.join(path, Manifest.FILE)):
        raise AioError('the folder is no snapshot', path, 'it is not in the ledger, and there is no %s in it' % Manifest.FILE,
                       'give snapshots another name or another folder (snapshot_name, snapshot_dir); or remove it by hand')


def remove(directory, name, ledger):
    """:raises AioError: something is mounted in it; then all of it is there still."""
    path = os.path.join(directory, check_name(name))
    folders = [folder for folder in (path, path + '.new', path + '.old') if os.path.isdir(folder)]
    points = [point for folder in folders for point in removal.mounted(folder)]
    if points:
        raise AioError('something is mounted in the snapshot', points[0], 'what is behind it would be removed, too', 'unmount it, and try again')
    for folder in folders:
        tree_copy.remove(folder)
    forget(path, ledger)


def in_folder_of_ours(path, ledger):
    """Whether the folder that a snapshot is in was made for snapshots, and not there before."""
    return any(facts.get('folder_is_ours') for known, facts in ledger.load().get(KIND, {}).items()
               if os.path.dirname(known) == os.path.dirname(path))


def forget(path, ledger):
    """A snapshot is gone: so is the folder, where it is ours and empty."""
    if in_folder_of_ours(path, ledger):
        try:
            os.rmdir(os.path.dirname(path))
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
                raise
    ledger.remove(KIND, path)


def image_copy(folder, number):
    images = os.path.join(folder, 'images')
    if not os.path.isdir(images):
        os.mkdir(images, 0o700)
    return os.path.join(images, str(number))


def tree_of(folder, number, path):
    """Where a snapshot keeps a tree of its place with this number."""
    place = os.path.join(folder, 'place-%d' % number)
    if not os.path.isdir(place):
        os.mkdir(place, 0o700)
    return os.path.join(place, path.strip('/').replace('/', '_'))


def free_bytes(path):
    facts = os.statvfs(host.existing(path))
    return facts.f_bavail * facts.f_frsize
