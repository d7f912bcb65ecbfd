#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: osa_containers_info
short_description: The containers of an OpenStack-Ansible all-in-one
version_added: 0.1.0
description:
  - Holds OpenStack-Ansible's inventory against what LXC really has.
author:
  - osa_lab (@osa-lab)
options:
  inventory:
    description: The inventory that OpenStack-Ansible keeps on the lab host.
    type: path
    default: /etc/openstack_deploy/openstack_inventory.json
  group:
    description: Only the containers in this group or in a group below it, for example V(ceph-mon). V(all) leaves none out.
    type: str
  timeout:
    description: Seconds for all calls to LXC together.
    type: float
    default: 10.0
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes.info
requirements:
  - LXC on the lab host
'''

EXAMPLES = r'''
- name: Look which containers there are
  osa_lab.ceph_aio.osa_containers_info:
  register: aio

- name: Show those that do not run
  ansible.builtin.debug:
    msg: "{{ aio.containers | rejectattr('running') | map(attribute='name') }}"
'''

RETURN = r'''
containers:
  description: The containers by name, those of the inventory and those that only LXC knows.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: aio1_ceph-mon_container-a3d8b8b1
    state:
      description: V(running), V(frozen), V(stopped), or V(absent) where LXC has none of that name.
      type: str
    running:
      description: Whether it runs.
      type: bool
    known:
      description: Whether OpenStack-Ansible's inventory has it.
      type: bool
    groups:
      description: The inventory's groups that it is in, by itself or through a group below them.
      type: list
      elements: str
    component:
      description: What it is for, as OpenStack-Ansible calls it; empty where that is not known.
      type: str
      sample: ceph-mon
    service:
      description: Service that the component is part of; empty where that is not known.
      type: str
      sample: ceph
    physical_host:
      description: The host that it is on; empty where that is not known.
      type: str
    address:
      description: Its address in the management network, as planned; empty where that is not known.
      type: str
    networks:
      description: The addresses that are planned, by network.
      type: dict
    addresses:
      description: The addresses that it really has.
      type: list
      elements: str
groups:
  description: The names of the containers in each group of the inventory that has some, by itself or through a group below it.
  returned: success
  type: dict
services:
  description: The names of the containers of each service.
  returned: success
  type: dict
state:
  description: V(timed_out) where LXC did not answer in time, V(denied) for others than root, to whom it shows none of them.
  returned: where LXC could not be asked
  type: str
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import cluster, containers, places, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail


def states(left):
    """The state of each container that LXC has."""
    found = dict.fromkeys(containers.lxc_names(timeout=left()), 'stopped')
    for state in ('running', 'frozen'):
        found.update(dict.fromkeys(containers.lxc_names(state, left()), state))
    return found


def check_group(group, groups, planned, path):
    """:raises AioError: the inventory has no such group."""
    if group not in groups:
        some = sorted(name for name, names in groups.items() if names & set(planned))
        raise AioError("there is no group '%s'" % group, path,
                       'groups with containers are %s' % ', '.join(some) if some else 'no group has containers',
                       'correct the name, or leave it out')


def describe(name, inventory, groups, found, left):
    variables = inventory.get('_meta', {}).get('hostvars', {}).get(name, {})
    networks = dict((network, facts['address']) for network, facts in (variables.get('container_networks') or {}).items()
                    if facts and facts.get('address'))
    state = found.get(name, 'absent')
    return {
        'name': name, 'state': state, 'running': state == 'running', 'known': bool(variables),
        'groups': sorted(group for group in groups if name in groups[group]),
        'component': variables.get('component') or '',
        'service': (variables.get('properties') or {}).get('service_name') or '',
        'physical_host': variables.get('physical_host') or '',
        'address': next((variables[key] for key in containers.ADDRESSES if variables.get(key)), ''),
        'networks': networks,
        'addresses': containers.lxc_addresses(name, left()) if state == 'running' else [],
    }


def names_by(described, key):
    names = {}
    for container in described:
        for value in key(container):
            names.setdefault(value, []).append(container['name'])
    return names


def main():
    module = AnsibleModule(
        argument_spec={
            'inventory': {'type': 'path', 'default': containers.INVENTORY},
            'group': {'type': 'str'},
            'timeout': {'type': 'float', 'default': 10.0},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        cluster.check_seconds(params, 'timeout')
        deadline = process.now() + params['timeout']
        inventory = containers.read_inventory(params['inventory']) or {}
        groups = dict((name, containers.all_members(inventory, name)) for name in inventory if name != '_meta')
        planned = [name for name in inventory.get('_meta', {}).get('hostvars', {})
                   if not containers.is_host_itself(inventory, name)]
        group = params['group'] if params['group'] != 'all' else None
        if group:
            check_group(group, groups, planned, params['inventory'])

        def left():
            return deadline - process.now()

        places.check_root(params['inventory'])
        found = states(left)
        described = [describe(name, inventory, groups, found, left) for name in sorted(set(planned) | set(found))
                     if not group or name in groups[group]]
    except AioError as error:
        fail(module, error)
    module.exit_json(
        changed=False, containers=described, groups=names_by(described, lambda container: container['groups']),
        services=names_by(described, lambda container: [container['service']] if container['service'] else []))


if __name__ == '__main__':
    main()
