#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: osa_lease
short_description: Say whose a lab host is, and until when
version_added: 0.1.0
description:
  - Takes, gives back, or asks for the lease of a lab host, the file C(lease.json) in O(state_dir). A lab host has one at most.
  - A lease keeps others from what destroys, for hours or days. What keeps two runs apart is M(osa_lab.ceph_aio.osa_lock).
  - The lab host's clock says whether a lease has expired. One that has keeps nobody out.
author:
  - osa_lab (@osa-lab)
options:
  state:
    description:
      - V(present) takes or renews the lease, V(absent) gives it back. Both are refused on another's.
      - V(check) fails where another has it.
      - V(look) only tells of it.
    type: str
    choices: [present, absent, check, look]
    default: present
  owner:
    description: Who is asking. Needed unless O(state=look).
    type: str
    default: ''
  purpose:
    description: What for, one line.
    type: str
    default: ''
  expires:
    description: When a lease that is taken ends, a UTC time such as V(2026-11-24T18:00:00Z), or how long from now, such as V(90m), V(8h) or V(3d).
    type: str
    default: 8h
  override:
    description: The owner whose lease does not count. A lease of somebody else still does.
    type: str
    default: ''
  state_dir:
    description: Folder of the lease.
    type: path
    default: /var/lib/osa_ceph_aio
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes
  - osa_lab.ceph_aio.attributes.osa_group
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
'''

EXAMPLES = r'''
- name: Have the lab host for a day
  osa_lab.ceph_aio.osa_lease:
    owner: ann@desk
    purpose: the upgrade to reef
    expires: 1d

- name: Destroy nothing that another works with
  osa_lab.ceph_aio.osa_lease:
    state: check
    owner: ann@desk
'''

RETURN = r'''
lease:
  description: The lease as it is now; null where there is none.
  returned: always, unless it cannot be read or what was given is wrong
  type: dict
  contains:
    owner:
      description: Whose it is.
      type: str
      sample: ann@desk
    purpose:
      description: What for; empty where it was not said.
      type: str
    since:
      description: When it was taken, UTC.
      type: str
      sample: '2026-11-23T08:00:00Z'
    expires:
      description: When it ends, UTC.
      type: str
      sample: '2026-11-24T18:00:00Z'
    expired:
      description: Whether it has ended.
      type: bool
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import json

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.lease import Lease, Leased, check_owner


def act(params, dry):
    """What the state asks for: (before, after)."""
    lease = Lease(params['state_dir'])
    if params['state'] == 'look':
        before = lease.read()
        return before, before
    check_owner(params['owner'], 'lease_owner')
    if params['override']:
        check_owner(params['override'], 'lease_override')
    if params['state'] == 'present':
        return lease.take(params['owner'], params['purpose'], params['expires'], params['override'], dry)
    if params['state'] == 'absent':
        return lease.give_back(params['owner'], params['override'], dry), None
    before = lease.check(params['owner'], params['override'])
    return before, before


def shown(lease):
    return json.dumps(lease, indent=2, sort_keys=True) + '\n' if lease else ''


def main():
    module = AnsibleModule(
        argument_spec={
            'state': {'type': 'str', 'choices': ['present', 'absent', 'check', 'look'], 'default': 'present'},
            'owner': {'type': 'str', 'default': ''},
            'purpose': {'type': 'str', 'default': ''},
            'expires': {'type': 'str', 'default': '8h'},
            'override': {'type': 'str', 'default': ''},
            'state_dir': {'type': 'path', 'default': '/var/lib/osa_ceph_aio'},
        },
        supports_check_mode=True,
    )
    try:
        before, after = act(module.params, module.check_mode)
    except Leased as error:
        fail(module, error, lease=error.lease)
    except AioError as error:
        fail(module, error)
    module.exit_json(changed=before != after, lease=after, diff={'before': shown(before), 'after': shown(after)})


if __name__ == '__main__':
    main()
