# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A snapshot or a reset that was interrupted: how it is known, and how it is ended."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import loops, snapshots, tree_copy
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.daemons import Daemons, kind_of
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.marker import Marker

ANEW = 'where that does not help, build the environment anew: the rebuild playbook, or make rebuild'


class Taking(Marker):
    """snapshot.json in the state folder: there while daemons are stopped for a snapshot."""

    FILE, PART, NAME = 'snapshot.json', 'snapshot', 'record of an unfinished snapshot'
    REMEDY = 'start what is stopped (systemctl start ceph.target, on the lab host and in the mon container), and move the file away'


class Resetting(Marker):
    """reset.json in the state folder: there while the environment is half the old and half the golden one."""

    FILE, PART, NAME = 'reset.json', 'reset', 'record of an unfinished reset'
    REMEDY = 'move the file away and reset again'


def check_not_resetting(resetting):
    """:raises AioError: a reset was interrupted: what is there is neither the one nor the other."""
    half = resetting.load()
    if half:
        raise AioError('a reset was interrupted', resetting.path,
                       'the environment was being brought back to the snapshot %s since %s' % (
                           half.get('name', '?'), half.get('started', '?')),
                       'reset again: the reset playbook, or make reset; ' + ANEW)


def settle(taking, ledger):
    """End what an interrupted snapshot left: its daemons run again, and the half of it is gone. Whether there was one."""
    half = taking.load()
    if not half:
        return False
    loops.mount_all(half['mounts'])
    for place in half['places']:
        there = Daemons(place['container'])
        there.run()
        there.start([unit for unit in place['units'] if kind_of(unit) == 'mon'])
    for place in half['places']:
        Daemons(place['container']).start([unit for unit in place['units'] if kind_of(unit) != 'mon'])
    settle_files(half, ledger)
    taking.clear()
    return True


def settle_files(half, ledger):
    """The files' part of it: no half snapshot is there, and one that was to be replaced is."""
    path = half['path']
    if os.path.isdir(path + '.new'):
        tree_copy.remove(path + '.new')
    if os.path.isdir(path + '.old'):
        if os.path.isdir(path):
            tree_copy.remove(path + '.old')
        else:
            os.rename(path + '.old', path)
    if not os.path.isdir(path):
        snapshots.forget(path, ledger)
