#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: ceph_snapshot_info
short_description: List the golden states of the Ceph environment of an all-in-one
version_added: 0.1.0
description:
  - Says what M(osa_lab.ceph_aio.ceph_snapshot) has kept, since when, and what it takes on the disk.
author:
  - osa_lab (@osa-lab)
options:
  directory:
    description: Folder of the snapshots.
    type: path
    default: /openstack/snapshots
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes.info
'''

EXAMPLES = r'''
- name: List the snapshots
  osa_lab.ceph_aio.ceph_snapshot_info:
  register: there
'''

RETURN = r'''
snapshots:
  description: The snapshots by name. Half ones, of interrupted runs, are not among them.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
    path:
      description: Its folder.
      type: str
    taken:
      description: When (UTC, ISO 8601).
      type: str
      sample: "2026-11-23T04:00:00Z"
    allocated_bytes:
      description: What it takes on the disk. Blocks that are shared (reflink) count, too.
      type: int
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
    problem:
      description: Why it cannot be read, and then the rest is empty; else an empty text.
      type: str
free_bytes:
  description: What is free on the file system of the snapshots.
  returned: success
  type: int
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import snapshots
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail


def main():
    module = AnsibleModule(
        argument_spec={'directory': {'type': 'path', 'default': snapshots.DIR}},
        supports_check_mode=True,
    )
    directory = module.params['directory']
    try:
        module.exit_json(changed=False, snapshots=snapshots.listed(directory), free_bytes=snapshots.free_bytes(directory))
    except AioError as error:
        fail(module, error)
    except (IOError, OSError) as error:
        fail(module, AioError('the snapshots cannot be read', getattr(error, 'filename', None) or directory, str(error),
                              'become root on the lab host (become: true), and look whether its disk is well'))


if __name__ == '__main__':
    main()
