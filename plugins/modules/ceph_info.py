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
  - Gives one value for every release from jewel (10) to tentacle (20). A release that is not known is asked all the
    same, with a warning.
  - Never hangs, and never fails for what the cluster is like. Where there was no answer, RV(ceph.state) says
    which way and RV(ceph.reason) why. What was answered is kept, what was not is in RV(ceph.missing).
author:
  - osa_lab (@osa-lab)
options:
  gather_subset:
    description:
      - What to ask. V(all), V(min) (status, health, osds and pgs), or names of RV(ceph)'s parts.
      - V(status), which is RV(ceph.fsid), RV(ceph.version) and RV(ceph.release), is always asked.
      - A name with V(!) before it is left out.
      - V(osd_usage) is not among V(all), as a manager has to be asked for it.
    type: list
    elements: str
    default: [all]
  config:
    description: Settings whose effective values are wanted, for example V(osd_pool_default_pg_num).
    type: list
    elements: str
    default: []
  config_of:
    description:
      - The daemon that goes by the settings in O(config), for example V(osd.0). An active manager tells, from mimic on.
      - Without it, the mon in the container that is asked, which tells by its admin socket.
    type: str
  raw:
    description: Also return the answers as Ceph gave them.
    type: bool
    default: false
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

- name: Ask for its health and what the mon goes by, for five seconds at most
  osa_lab.ceph_aio.ceph_info:
    gather_subset: [health]
    config: [osd_pool_default_pg_num]
    timeout: 5

- name: Ask a cluster on this very host
  osa_lab.ceph_aio.ceph_info:
    via: host
'''

RETURN = r'''
ceph:
  description: The cluster. What was not asked or not answered is not there, but for the first six.
  returned: success
  type: dict
  contains:
    state:
      description:
        - V(ok), V(warn) and V(err) are the cluster's own health. V(mgr_down) is a cluster without an active manager.
        - V(no_container), V(container_stopped), V(mon_unreachable), V(denied) and V(timed_out) say why it
          could not be asked, or not to the end.
      type: str
      returned: always
      sample: ok
    reason:
      description: Why the state is not V(ok), muted checks left out; empty where it is.
      type: str
      returned: always
    remedy:
      description: What to do next where the cluster could not be asked.
      type: str
      returned: always
    container:
      description: The container that was asked; empty where there is none.
      type: str
      returned: always
      sample: aio1_ceph-mon_container-a3d8b8b1
    via:
      description: V(container) or V(host), where it was asked; empty where nowhere.
      type: str
      returned: always
      sample: container
    missing:
      description: What was asked for and is not there.
      type: list
      elements: dict
      returned: always
      contains:
        subset:
          description: Name of the subset, V(text), or V(config) with a point and the setting.
          type: str
        reason:
          description: Why it is not there.
          type: str
    fsid:
      description: Id of the cluster.
      type: str
      returned: asked and answered
    version:
      description: Version of the mon that answered.
      type: str
      returned: asked and answered
      sample: 16.2.15
    release:
      description: Name of the release; empty where neither Ceph nor this collection knows it.
      type: str
      returned: asked and answered
      sample: pacific
    health:
      description: The cluster's health.
      type: dict
      returned: asked and answered
      contains:
        status:
          description: V(HEALTH_OK), V(HEALTH_WARN) or V(HEALTH_ERR).
          type: str
        checks:
          description: The checks that were raised.
          type: list
          elements: dict
          contains:
            code:
              description: Its code; empty before luminous, where there were none.
              type: str
              sample: OSD_DOWN
            severity:
              description: V(HEALTH_WARN) or V(HEALTH_ERR).
              type: str
            summary:
              description: The check in a sentence.
              type: str
            detail:
              description: Whom it is about. Before luminous the details have no check, the first one gets them.
              type: list
              elements: str
            muted:
              description: Whether somebody muted it.
              type: bool
    mons:
      description: The mons.
      type: dict
      returned: asked and answered
      contains:
        total:
          description: How many there are.
          type: int
        quorum:
          description: Names of those in quorum.
          type: list
          elements: str
        leader:
          description: Name of the leader.
          type: str
        members:
          description: Each mon.
          type: list
          elements: dict
          contains:
            name:
              description: Its name.
              type: str
            rank:
              description: Its rank, from 0.
              type: int
            address:
              description: Its address and port.
              type: str
              sample: 172.29.236.145:6789
    mgr:
      description: The managers; none before luminous.
      type: dict
      returned: asked and answered
      contains:
        available:
          description: Whether one is active; null before luminous.
          type: bool
        active:
          description: Name of the active one.
          type: str
        standbys:
          description: Names of the others.
          type: list
          elements: str
    osds:
      description: How many OSDs there are.
      type: dict
      returned: asked and answered
      contains:
        total:
          description: All of them.
          type: int
        up:
          description: Those that run.
          type: int
        in:
          description: Those that take data.
          type: int
    osd_tree:
      description: The CRUSH tree as a flat list, parents first.
      type: list
      returned: asked and answered
      elements: dict
      contains:
        id:
          description: Its number; those of buckets are negative.
          type: int
        name:
          description: Its name.
          type: str
        type:
          description: V(root), V(host), V(osd) or another type of the CRUSH map.
          type: str
        parent:
          description: Name of the node above; null at the top.
          type: str
        path:
          description: Its name and those above it.
          type: str
          sample: default/labosa/osd.0
        weight:
          description: Its CRUSH weight, TiB by custom; a bucket's is the sum of what is in it.
          type: float
        status:
          description: V(up) or V(down).
          type: str
          returned: for an OSD
        reweight:
          description: Share of its weight that it takes, 0 (out) to 1.
          type: float
          returned: for an OSD
        device_class:
          description: Its class, for example V(hdd); empty before luminous.
          type: str
          returned: for an OSD
    pgs:
      description: The placement groups.
      type: dict
      returned: asked and answered
      contains:
        total:
          description: How many there are.
          type: int
        clean:
          description: How many are active and clean, those being scrubbed among them.
          type: int
        states:
          description: How many are in each state.
          type: dict
          sample: {"active+clean": 40}
    pools:
      description: The pools.
      type: list
      returned: asked and answered
      elements: dict
      contains:
        id:
          description: Its number.
          type: int
        name:
          description: Its name.
          type: str
        size:
          description: How many copies are kept.
          type: int
        min_size:
          description: How many copies must be there to write.
          type: int
        pg_num:
          description: Number of its placement groups.
          type: int
        pg_num_target:
          description: The number that Ceph is changing it to; before nautilus the same.
          type: int
        pgp_num:
          description: Number of placement groups that placement goes by.
          type: int
        autoscale_mode:
          description: V(on), V(warn) or V(off); V(off) before nautilus.
          type: str
        applications:
          description: What it is for; empty before luminous.
          type: list
          elements: str
        internal:
          description: Whether Ceph made it for itself.
          type: bool
    usage:
      description: Space, in bytes.
      type: dict
      returned: asked and answered
      contains:
        total_bytes:
          description: Space of all OSDs.
          type: int
        used_bytes:
          description: What of it is used, copies and overhead included.
          type: int
        available_bytes:
          description: What of it is free.
          type: int
        pools:
          description: Each pool.
          type: list
          elements: dict
          contains:
            id:
              description: Its number.
              type: int
            name:
              description: Its name.
              type: str
            objects:
              description: How many objects it has.
              type: int
            stored_bytes:
              description: What was stored, without copies.
              type: int
            used_bytes:
              description: What that takes; null before nautilus, which does not say.
              type: int
            available_bytes:
              description: What can still be stored.
              type: int
    osd_usage:
      description: What each OSD has and has used.
      type: list
      returned: asked by its name and answered
      elements: dict
      contains:
        id:
          description: Its number.
          type: int
        name:
          description: Its name.
          type: str
        total_bytes:
          description: What it has; 0 where it is down and out.
          type: int
        used_bytes:
          description: What is used of it, its own data among that.
          type: int
        available_bytes:
          description: What is free.
          type: int
        pgs:
          description: How many placement groups are on it.
          type: int
    versions:
      description: Which versions run; not answered before luminous.
      type: list
      returned: asked and answered
      elements: dict
      contains:
        daemon:
          description: Kind of daemon, for example V(osd).
          type: str
        version:
          description: Its version.
          type: str
        release:
          description: The release's name.
          type: str
        count:
          description: How many run it.
          type: int
    crush_rules:
      description: Rules of the CRUSH map.
      type: list
      returned: asked and answered
      elements: dict
      contains:
        id:
          description: Its number.
          type: int
        name:
          description: Its name.
          type: str
        type:
          description: V(replicated) or V(erasure); the number of any other.
          type: str
        root:
          description: The bucket that it begins at.
          type: str
        failure_domain:
          description: Type of node that copies are kept apart by; empty where it chooses none.
          type: str
          sample: osd
    config:
      description: The settings asked for.
      returned: O(config) is not empty
      type: dict
      contains:
        daemon:
          description: Who goes by them.
          type: str
        settings:
          description: Their effective values, as text.
          type: dict
          sample: {"osd_pool_default_pg_num": "8"}
    text:
      description: What people see.
      returned: O(text=true)
      type: dict
      contains:
        status:
          description: C(ceph -s).
          type: str
        osd_tree:
          description: C(ceph osd tree).
          type: str
    raw:
      description: The answers by their questions, keys of Ceph blotted out.
      returned: O(raw=true)
      type: dict
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_shape, cluster, observation
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail


def main():
    module = AnsibleModule(
        argument_spec=dict(
            cluster.ACCESS_ARGUMENTS,
            gather_subset={'type': 'list', 'elements': 'str', 'default': ['all']},
            config={'type': 'list', 'elements': 'str', 'default': []},
            config_of={'type': 'str'},
            raw={'type': 'bool', 'default': False},
            text={'type': 'bool', 'default': False},
        ),
        supports_check_mode=True,
    )
    params = module.params
    try:
        cluster.check(params)
        observation.check_config(params['config'], params['config_of'])
        subsets = observation.choose_subsets(params['gather_subset'])
        with cluster.Cluster(params) as ceph:
            seen = observation.Observer(
                ceph, subsets, texts=params['text'], raw=params['raw'], config=params['config'],
                config_of=params['config_of'] or '').observe(params['timeout'])
    except AioError as error:
        fail(module, error)
    if seen.get('version') and not ceph_shape.is_known(seen['version']):
        module.warn('Ceph %s is no release that this collection knows (%s). What it answered is below, what it did not '
                    'is in missing.' % (seen['version'], ceph_shape.known_releases()))
    module.exit_json(changed=False, ceph=seen)


if __name__ == '__main__':
    main()
