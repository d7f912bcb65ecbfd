# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type


class ModuleDocFragment(object):
    # Where and as whom Ceph is asked; plugins/module_utils/cluster.py and places.py.
    DOCUMENTATION = r'''
options:
  via:
    description:
      - Where Ceph is asked.
      - V(container) is the container of a mon, V(host) this host itself, with its own ceph.conf and keyring.
      - V(auto) is the container of a mon. It is this host where OpenStack-Ansible put the mon on the host itself
        (metal), or where there is no mon's container but a ceph.conf.
    type: str
    choices: [auto, container, host]
    default: auto
  container:
    description:
      - Name of the LXC container that the mon runs in.
      - Without it, the containers of O(mon_group) in O(inventory) that LXC runs are tried, and the first that
        answers is taken. Without such a group, those that LXC has by OpenStack-Ansible's names.
    type: str
  inventory:
    description: The inventory that OpenStack-Ansible keeps on the lab host.
    type: path
    default: /etc/openstack_deploy/openstack_inventory.json
  mon_group:
    description: Group of the mons in O(inventory). Without it, C(ceph-mon) and, from series 2026.1, C(ceph_mon).
    type: str
  client_name:
    description: As whom Ceph is asked.
    type: str
    default: client.admin
  conf:
    description: Path of the ceph.conf to go by, in the container or on the host.
    type: path
    default: /etc/ceph/ceph.conf
  keyring:
    description: Path of the keyring with the key of O(client_name) there. Without it, where O(conf) or Ceph says.
    type: path
  timeout:
    description:
      - Seconds for one round of questions, the way into the container included.
      - Past it everything that was started is killed, inside the container too.
    type: float
    default: 15.0
attributes:
  action_group:
    description: Use C(group/osa_lab.ceph_aio.ceph) in C(module_defaults) to set these options for all modules that have them.
    support: full
    membership: [osa_lab.ceph_aio.ceph]
requirements:
  - LXC on the lab host, where the mon is in a container
  - Python with librados (python3-rados), or the ceph command, where Ceph is asked
'''
