#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: ceph_info
short_description: Ask the Ceph cluster of an OpenStack-Ansible all-in-one how it is
version_added: 0.1.0
description:
  - Enters the mon container once and asks all questions over one connection.
  - Never hangs and never fails for what the cluster is like. Where no answer was had, RV(ceph.state) says
    which way and RV(ceph.reason) why.
author:
  - osa_lab (@osa-lab)
options:
  text:
    description: Also return C(ceph -s) and C(ceph osd tree) as people see them.
    type: bool
    default: false
extends_documentation_fragment:
  - osa_lab.ceph_aio.ceph_access
  - osa_lab.ceph_aio.attributes.info
'''

EXAMPLES = r'''
- name: Ask the cluster
  osa_lab.ceph_aio.ceph_info:
  register: answer

- name: Show how it is
  ansible.builtin.debug:
    msg: "{{ answer.ceph.state }} {{ answer.ceph.reason }}"
'''

RETURN = r'''
ceph:
  description: The cluster. Where it could not be asked, only the first four are there.
  returned: always
  type: dict
  contains:
    state:
      description:
        - V(ok), V(warn) and V(err) are the cluster's own health. V(mgr_down) is a cluster without an active manager.
        - V(no_container), V(container_stopped), V(mon_unreachable), V(denied) and V(timed_out) say why it
          could not be asked.
      type: str
      sample: ok
    reason:
      description: Why the state is not V(ok); empty where it is.
      type: str
    remedy:
      description: What to do next where the cluster could not be asked.
      type: str
    container:
      description: The container that was asked.
      type: str
      sample: aio1_ceph-mon_container-a3d8b8b1
    fsid:
      description: Id of the cluster.
      type: str
    version:
      description: What the mon says its version is.
      type: str
    health:
      description: C(status) and the list of C(checks), each with code, severity, summary, detail and muted.
      type: dict
    mons:
      description: C(total) and the names in C(quorum).
      type: dict
    mgr:
      description: Whether one is C(available), the C(active) one's name, and C(standbys).
      type: dict
    osds:
      description: How many there are in C(total), C(up) and C(in).
      type: dict
    osd_tree:
      description: >-
        The CRUSH tree as a flat list, parents first. Each node has id, name, type, parent, path and weight (TiB by
        custom); an OSD also status, reweight and device_class.
      type: list
      elements: dict
    pgs:
      description: Placement groups in C(total), C(clean) ones, and C(states) with their counts.
      type: dict
    pools:
      description: >-
        Each with id, name, size, min_size, pg_num, pgp_num, autoscale_mode, applications, and internal for pools that Ceph
        makes for itself.
      type: list
      elements: dict
    text:
      description: C(status) and C(osd_tree) as people see them.
      returned: O(text=true)
      type: dict
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_ask
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail


def main():
    module = AnsibleModule(
        argument_spec=dict(ceph_ask.ACCESS_ARGUMENTS, text={'type': 'bool', 'default': False}),
        supports_check_mode=True,
    )
    try:
        ceph_ask.check_timeout(module.params)
        answer = ceph_ask.ask(module.params, with_text=module.params['text'])
    except AioError as error:
        fail(module, error)
    module.exit_json(changed=False, ceph=answer)


if __name__ == '__main__':
    main()
