#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: osa_state_info
short_description: Tell what is remembered of the steps that built the environment
version_added: 0.1.0
description:
  - Reads what this collection has written down on the lab host, in one round trip.
author:
  - osa_lab (@osa-lab)
options:
  state_dir:
    description: Where the records are kept.
    type: path
    default: /var/lib/osa_ceph_aio
  snapshots:
    description: Folder of the snapshots to list; an empty text lists none.
    type: path
    default: ""
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes.info
  - osa_lab.ceph_aio.attributes.osa_group
'''

EXAMPLES = r'''
- name: Read what is remembered
  osa_lab.ceph_aio.osa_state_info:
  register: remembered
'''

RETURN = r'''
steps:
  description: >-
    Each step by name, with inputs (a digest), started and finished (UTC, ISO 8601), seconds, rc, and the log on the lab
    host.
  returned: success
  type: dict
running:
  description: >-
    The step that runs now, as step, seconds, tasks (how many there have been), play and task; null where none does.
  returned: success
  type: dict
lease:
  description: Whose the lab host is, as M(osa_lab.ceph_aio.osa_lease) returns it; null where it is nobody's.
  returned: success
  type: dict
snapshots:
  description: The snapshots, as M(osa_lab.ceph_aio.ceph_snapshot_info) returns them.
  returned: success
  type: list
  elements: dict
lockfile:
  description: What the environment was made of, in YAML, as the site playbook wrote it down; empty where it did not yet.
  returned: success
  type: str
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import host, snapshots
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.lease import Lease
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import State
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.supervision import Job


def main():
    module = AnsibleModule(
        argument_spec={
            'state_dir': {'type': 'path', 'default': '/var/lib/osa_ceph_aio'},
            'snapshots': {'type': 'path', 'default': ''},
        },
        supports_check_mode=True,
    )
    folder, directory = module.params['state_dir'], module.params['snapshots']
    try:
        state = State(folder)
        module.exit_json(
            changed=False, steps=state.steps(), running=Job(state).progress(), lease=Lease(folder).read(),
            snapshots=snapshots.listed(directory) if directory else [], lockfile=host.read(os.path.join(folder, 'lockfile.yml')))
    except AioError as error:
        fail(module, error)
    except (IOError, OSError) as error:
        fail(module, AioError('what is remembered of the lab host cannot be read', getattr(error, 'filename', None) or folder, str(error),
                              'become root on the lab host (become: true), and look whether its disk is well'))


if __name__ == '__main__':
    main()
