#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: osa_stage
short_description: Write down what was observed of the stages that are no step of their own
version_added: 0.1.0
description:
  - A step writes its own record (M(osa_lab.ceph_aio.osa_step)). The stages around the steps look anew in each run, and what they saw
    last is kept beside it, in C(state.json) in O(state_dir).
  - That is no change of the lab host.
author:
  - osa_lab (@osa-lab)
options:
  stages:
    description: The stages that have succeeded.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the stage.
        type: str
        required: true
      inputs:
        description: All that it depended on. A digest of it is kept.
        type: dict
        default: {}
      evidence:
        description: What was observed. It is kept as it is.
        type: dict
        default: {}
      seconds:
        description: How long it took.
        type: float
        default: 0.0
  state_dir:
    description: Where the record is kept.
    type: path
    default: /var/lib/osa_ceph_aio
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes
  - osa_lab.ceph_aio.attributes.osa_group
attributes:
  check_mode:
    support: full
    details: Nothing is written.
  diff_mode:
    support: none
'''

EXAMPLES = r'''
- name: Write down that the cluster is as planned
  osa_lab.ceph_aio.osa_stage:
    stages:
      - name: verify
        inputs: {pools: 5, pg_num: 8}
        evidence: {health: HEALTH_OK, osds_up: 3}
        seconds: 2.4
'''

RETURN = r'''
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.clock import utc
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import State, digest


def main():
    module = AnsibleModule(
        argument_spec={
            'stages': {'type': 'list', 'elements': 'dict', 'required': True, 'options': {
                'name': {'type': 'str', 'required': True},
                'inputs': {'type': 'dict', 'default': {}},
                'evidence': {'type': 'dict', 'default': {}},
                'seconds': {'type': 'float', 'default': 0.0}}},
            'state_dir': {'type': 'path', 'default': '/var/lib/osa_ceph_aio'},
        },
        supports_check_mode=True,
    )
    state, now = State(module.params['state_dir']), time.time()
    try:
        for stage in module.params['stages'] if not module.check_mode else []:
            state.record(stage['name'], inputs=digest(stage['inputs']), evidence=stage['evidence'], rc=0,
                         started=utc(now - stage['seconds']), finished=utc(now), seconds=stage['seconds'])
    except AioError as error:
        fail(module, error)
    module.exit_json(changed=False)


if __name__ == '__main__':
    main()
