#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: ceph_snapshot
short_description: A golden state of the Ceph environment of an all-in-one
version_added: 0.1.0
description:
  - Keeps the mons' and managers' stores, the OSDs' image files, ceph.conf, keyrings and the configuration of the mons'
    containers under a name, brings them back, or removes them.
  - The daemons are stopped while they are copied. Where the file system can share blocks (reflink), they are shared.
  - With O(state=restored) the daemons are killed, whatever they are doing, the files are made as they were, in place and
    only where they differ, and the cluster is waited for. It takes any state that Ceph can be in.
  - What it makes is written down in the ledger on the lab host.
author:
  - osa_lab (@osa-lab)
options:
  name:
    description: Name of the snapshot. Not needed with O(state=settled).
    type: str
    default: golden
  state:
    description:
      - V(present) takes the snapshot where there is none of this name.
      - V(restored) brings it back. Each time that it is asked for, it is done.
      - V(absent) removes it.
      - V(settled) ends what an interrupted snapshot left, so that the daemons run again, and fails where a reset was
        interrupted.
    type: str
    choices: [present, absent, restored, settled]
    default: present
  replace:
    description: Take the snapshot also where there is one of this name, in its place.
    type: bool
    default: false
  accept:
    description: Codes of health checks that do not count, by name, neither when it is taken nor when it is brought back.
    type: list
    elements: str
    default: []
  unhealthy:
    description: Take it also of a cluster that is not HEALTH_OK. What is wrong then is not waited for when it is brought back.
    type: bool
    default: false
  directory:
    description:
      - Folder of the snapshots, best on the file system of the OSDs' image files.
      - One that is there already keeps its mode, and stays when the last snapshot goes. The snapshots in it are for root alone.
    type: path
    default: /openstack/snapshots
  deadline:
    description: Seconds to wait until the cluster is back.
    type: float
    default: 120.0
  state_dir:
    description: Where it is written down that something is under way.
    type: path
    default: /var/lib/osa_ceph_aio
extends_documentation_fragment:
  - osa_lab.ceph_aio.ceph_access
  - osa_lab.ceph_aio.attributes
attributes:
  action_group:
    membership: [osa_lab.ceph_aio.ceph, osa_lab.ceph_aio.osa]
  check_mode:
    support: full
  diff_mode:
    support: none
'''

EXAMPLES = r'''
- name: Remember how the cluster is
  osa_lab.ceph_aio.ceph_snapshot:
    name: golden

- name: Give me that state back
  osa_lab.ceph_aio.ceph_snapshot:
    name: golden
    state: restored
'''

RETURN = r'''
snapshot:
  description: What the snapshot is of, as M(osa_lab.ceph_aio.ceph_snapshot_info) lists it, without what it takes on the disk.
  returned: success, with O(state=present) and O(state=restored)
  type: dict
  contains:
    name:
      description: Its name.
      type: str
    path:
      description: Its folder.
      type: str
    taken:
      description: When (UTC, ISO 8601); empty in check mode.
      type: str
    fsid:
      description: Id of the cluster.
      type: str
    health:
      description: Health that the cluster had.
      type: str
    osds:
      description: How many OSDs it had (total, up, in).
      type: dict
    pools:
      description: Its pools, each with name and pg_num.
      type: list
      elements: dict
parts:
  description: Where the seconds went, in order.
  returned: success
  type: list
  elements: dict
  contains:
    part:
      description: What was done.
      type: str
    seconds:
      description: How long that took.
      type: float
seconds:
  description: How long all of it took, from the start of the module.
  returned: success
  type: float
state:
  description: The state of the cluster, as in M(osa_lab.ceph_aio.ceph_info).
  returned: where Ceph could not be asked
  type: str
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import cluster, drills, golden, process, snapshots, unfinished
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import Ledger


class Run(object):
    """One run of the module: changed, and what it has to say."""

    def __init__(self, ceph, params, check_mode, warn):
        self.params = params
        self.warn = warn
        self.drill = drills.Drill(ceph, params, drills.Pending(params['state_dir']))
        self.check_mode = check_mode
        self.ledger = Ledger(params['state_dir'])
        self.taking = unfinished.Taking(params['state_dir'])
        self.resetting = unfinished.Resetting(params['state_dir'])
        self.snapshot = golden.Snapshot(ceph, params, self.ledger, self.taking, self.resetting)

    def is_there(self):
        return os.path.isdir(self.snapshot.path)

    def present(self):
        if self.is_there() and not self.params['replace']:
            return False, self._said(snapshots.load(self.snapshot.directory, self.snapshot.name))
        snapshots.check_ours(self.snapshot.directory, self.snapshot.name, self.ledger)
        self._settle()
        manifest = self.snapshot.look()
        self.snapshot.check_space(self.snapshot.needed(manifest))
        if not self.check_mode:
            self.snapshot.take(manifest)
            self.snapshot.await_golden(manifest)
        return True, self._said(manifest)

    def restored(self):
        try:
            return self._restored()
        except AioError as error:
            # The site playbook refuses then, and so does a snapshot.
            if os.path.exists(self.resetting.path) and unfinished.ANEW not in error.remedy:
                error.remedy += '; ' + unfinished.ANEW
            raise

    def _restored(self):
        half = self.taking.load()
        if half and not self.check_mode:
            unfinished.settle_files(half, self.ledger)  # the daemons come back with the reset
        manifest = snapshots.load(self.snapshot.directory, self.snapshot.name)
        self.snapshot.check_identity(manifest)
        self.snapshot.check_space(self.snapshot.growth(manifest))
        if not self.check_mode:
            self._mend()
            self.snapshot.reset(manifest)
            self.snapshot.await_golden(manifest)
            self.drill.pending.clear()
        return True, self._said(manifest)

    def _mend(self):
        """Mend what an interrupted drill left. What that needs a cluster for that is too broken, the reset mends."""
        try:
            self.drill.undo()
        except AioError as error:
            self.warn('What the drill broke was not mended on its own: %s' % error)

    def absent(self):
        there = self.is_there()
        snapshots.check_ours(self.snapshot.directory, self.snapshot.name, self.ledger)
        if there and not self.check_mode:
            snapshots.remove(self.snapshot.directory, self.snapshot.name, self.ledger)
        return there, {}

    def settled(self):
        changed = self._settle()
        unfinished.check_not_resetting(self.resetting)
        return changed, {}

    def _settle(self):
        if self.check_mode:
            return bool(self.taking.load())
        return unfinished.settle(self.taking, self.ledger)

    def _said(self, manifest):
        return {'snapshot': dict(snapshots.summary(manifest), path=self.snapshot.path)}


def main():
    started = process.now()
    module = AnsibleModule(
        argument_spec=dict(
            cluster.ACCESS_ARGUMENTS,
            name={'type': 'str', 'default': 'golden'},
            state={'type': 'str', 'choices': ['present', 'absent', 'restored', 'settled'], 'default': 'present'},
            replace={'type': 'bool', 'default': False},
            accept={'type': 'list', 'elements': 'str', 'default': []},
            unhealthy={'type': 'bool', 'default': False},
            directory={'type': 'path', 'default': snapshots.DIR},
            deadline={'type': 'float', 'default': 120.0},
            state_dir={'type': 'path', 'default': '/var/lib/osa_ceph_aio'},
        ),
        supports_check_mode=True,
    )
    params = module.params
    try:
        cluster.check(params)
        cluster.check_seconds(params, 'deadline')
        with cluster.Cluster(params) as ceph:
            run = Run(ceph, params, module.check_mode, module.warn)
            changed, said = getattr(run, params['state'])()
    except AioError as error:
        fail(module, error)
    except (IOError, OSError) as error:
        fail(module, AioError('the snapshot cannot be handled', params['directory'], str(error),
                              'the play must become root on the lab host; else look at the disk'))
    module.exit_json(changed=changed, parts=run.snapshot.clock.seconds, seconds=round(process.now() - started, 2), **said)


if __name__ == '__main__':
    main()
