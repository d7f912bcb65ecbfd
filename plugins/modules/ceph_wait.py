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
  - Asks again and again, over one connection, until all that was asked for is so, or the deadline is there.
  - Fails at the deadline with what was not so and what was seen last; before it where waiting cannot help, or where
    nothing moves any more.
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
    default: 0.5
  stable_for:
    description: Seconds for which all of it must be so without a break.
    type: float
    default: 0.0
  stalled_after:
    description:
      - Give up where nothing has changed for so many seconds. V(0) waits until O(deadline).
      - A change is one in the state, the health checks, quorum, manager, OSDs, pools or placement groups, as far as the
        conditions are about them. Of checks the codes count, and what those of placement groups and objects say.
    type: float
    default: 0.0
  health:
    description: Health that the cluster must have. An empty text asks for none.
    type: str
    choices: ['', HEALTH_OK, HEALTH_WARN, HEALTH_ERR]
    default: HEALTH_OK
  accept:
    description: Codes of health checks that do not count, by name.
    type: list
    elements: str
    default: []
  osds:
    description: How many OSDs must be up and in.
    type: int
  osds_up:
    description: How many OSDs must be up, where it is another number than O(osds).
    type: int
  osds_in:
    description: How many OSDs must be in, where it is another number than O(osds).
    type: int
  quorum:
    description: How many mons must be in quorum at least.
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

- name: Wait until an OSD is seen to be down, whatever else
  osa_lab.ceph_aio.ceph_wait:
    health: ''
    pgs_clean: false
    osds_up: 2

- name: Wait for ten seconds of peace, but not where nothing moves
  osa_lab.ceph_aio.ceph_wait:
    accept: [MGR_MODULE_DEPENDENCY]
    stable_for: 10
    stalled_after: 60
'''

RETURN = r'''
ceph:
  description: >-
    What was seen last, as M(osa_lab.ceph_aio.ceph_info) returns it for the subsets that the conditions are about. Where the
    last round was not answered, the parts are those of the last that was.
  returned: where the cluster was looked at
  type: dict
state:
  description: The state in RV(ceph), as other modules return it that could not ask.
  returned: where it came to asking
  type: str
  sample: ok
unmet:
  description: What was not as asked for.
  returned: where the cluster was looked at
  type: list
  elements: str
seconds:
  description: How long it took.
  returned: where the cluster was looked at
  type: float
rounds:
  description: How often it was asked.
  returned: where the cluster was looked at
  type: int
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_conditions, cluster, observation
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.waiting import Waiting


def remedy(unmet):
    """What helps where the cluster itself is well."""
    if any(ceph_conditions.OF_NEW_POOLS in text for text in unmet):
        return ('build the environment anew with that number, which takes all that is in the pools: the rebuild playbook, or make rebuild; '
                'or ask for the number that the pools have')
    return 'look with the status playbook, or in the container with: ceph health detail'


def main():
    module = AnsibleModule(
        argument_spec=dict(
            cluster.ACCESS_ARGUMENTS,
            deadline={'type': 'float', 'default': 300.0},
            interval={'type': 'float', 'default': 0.5},
            stable_for={'type': 'float', 'default': 0.0},
            stalled_after={'type': 'float', 'default': 0.0},
            health={'type': 'str', 'default': 'HEALTH_OK', 'choices': ['', 'HEALTH_OK', 'HEALTH_WARN', 'HEALTH_ERR']},
            accept={'type': 'list', 'elements': 'str', 'default': []},
            osds={'type': 'int'},
            osds_up={'type': 'int'},
            osds_in={'type': 'int'},
            quorum={'type': 'int'},
            pools={'type': 'list', 'elements': 'dict', 'default': [], 'options': {
                'name': {'type': 'str', 'required': True}, 'pg_num': {'type': 'int'}}},
            pgs_clean={'type': 'bool', 'default': True},
            mgr={'type': 'bool', 'default': True},
        ),
        supports_check_mode=True,
    )
    try:
        cluster.check(module.params)
        cluster.check_seconds(module.params, 'deadline', 'interval', *[
            name for name in ('stable_for', 'stalled_after') if module.params[name] != 0])
        with cluster.Cluster(module.params) as ceph:
            waiting = Waiting(module.params, observation.Observer(ceph, ceph_conditions.parts(module.params)).observe)
            waiting.wait()
    except AioError as error:
        fail(module, error)
    result = {'changed': False, 'state': waiting.seen['state'], 'ceph': waiting.seen, 'unmet': waiting.unmet, 'seconds': waiting.seconds,
              'rounds': waiting.rounds}
    if waiting.unmet:
        fail(module, AioError(
            'the cluster is not as planned', waiting.seen['container'], '%s (after %g s%s)' % (
                '; '.join(waiting.unmet), waiting.seconds,
                ', nothing has changed for %g s' % module.params['stalled_after'] if waiting.stalled else ''),
            waiting.seen['remedy'] or remedy(waiting.unmet)),
            **result)
    module.exit_json(**result)


if __name__ == '__main__':
    main()
