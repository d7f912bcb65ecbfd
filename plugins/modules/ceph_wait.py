#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: ceph_wait
short_description: Wait until the Ceph cluster of an all-in-one is as planned
version_added: 0.1.0
description:
  - Asks again and again until all that was asked for is so, or the deadline is there.
  - Fails at the deadline with what was not so, and what was seen last; at once where waiting cannot help.
author:
  - osa_lab (@osa-lab)
options:
  deadline:
    description: Seconds to wait at most.
    type: float
    default: 300.0
  interval:
    description: Seconds between two rounds of questions.
    type: float
    default: 1.0
  health:
    description: Health that the cluster must have. An empty text asks for none.
    type: str
    default: HEALTH_OK
  accept:
    description: Codes of health checks that do not count, by name.
    type: list
    elements: str
    default: []
  osds:
    description: How many OSDs must be up and in.
    type: int
  pools:
    description: Pools that must be there.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the pool.
        type: str
        required: true
      pg_num:
        description: Number of its placement groups. Without it, or with 0, any number will do.
        type: int
  pgs_clean:
    description: Whether every placement group of every pool must be active+clean.
    type: bool
    default: true
  mgr:
    description: Whether a manager must be active.
    type: bool
    default: true
extends_documentation_fragment:
  - osa_lab.ceph_aio.ceph_access
  - osa_lab.ceph_aio.attributes.info
'''

EXAMPLES = r'''
- name: Wait until the environment is as planned
  osa_lab.ceph_aio.ceph_wait:
    osds: 3
    pools:
      - name: images
        pg_num: 8
    deadline: 120
'''

RETURN = r'''
ceph:
  description: What was seen last, as M(osa_lab.ceph_aio.ceph_info) returns it.
  returned: always
  type: dict
unmet:
  description: What was not as asked for.
  returned: always
  type: list
  elements: str
seconds:
  description: How long it took.
  returned: always
  type: float
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_ask, ceph_conditions
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail

# States in which waiting alone can't help.
HOPELESS = ('no_container', 'container_stopped', 'denied')


def wait(params, clock=time.time, sleep=time.sleep):
    """Ask until it is so or it is too late: (last observation, what is unmet, seconds)."""
    start = clock()
    while True:
        left = start + params['deadline'] - clock()
        observed = ceph_ask.ask(dict(params, timeout=max(1.0, min(params['timeout'], left))))
        missing = ceph_conditions.unmet(observed, params)
        now = clock()
        hopeless = observed['state'] in HOPELESS or ceph_conditions.fixed_otherwise(observed, params)
        if not missing or hopeless or now + params['interval'] >= start + params['deadline']:
            return observed, missing, round(now - start, 1)
        sleep(params['interval'])


def main():
    module = AnsibleModule(
        argument_spec=dict(
            ceph_ask.ACCESS_ARGUMENTS,
            deadline={'type': 'float', 'default': 300.0},
            interval={'type': 'float', 'default': 1.0},
            health={'type': 'str', 'default': 'HEALTH_OK'},
            accept={'type': 'list', 'elements': 'str', 'default': []},
            osds={'type': 'int'},
            pools={'type': 'list', 'elements': 'dict', 'default': [], 'options': {
                'name': {'type': 'str', 'required': True}, 'pg_num': {'type': 'int'}}},
            pgs_clean={'type': 'bool', 'default': True},
            mgr={'type': 'bool', 'default': True},
        ),
        supports_check_mode=True,
    )
    try:
        ceph_ask.check_timeout(module.params)
        if not module.params['interval'] > 0:
            raise AioError('%g is no interval' % module.params['interval'], 'interval', 'it must be more than 0 seconds',
                           'set interval to 1, or leave it out')
        observed, missing, seconds = wait(module.params)
    except AioError as error:
        fail(module, error)
    result = {'changed': False, 'ceph': observed, 'unmet': missing, 'seconds': seconds}
    if missing:
        fail(module, AioError(
            'the cluster is not as planned', observed['container'], '%s (after %g s)' % ('; '.join(missing), seconds),
            observed['remedy'] or 'look with the status playbook, or in the container with: ceph health detail'),
            **result)
    module.exit_json(**result)


if __name__ == '__main__':
    main()
