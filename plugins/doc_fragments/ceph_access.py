# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type


class ModuleDocFragment(object):
    # How the mon container is found and entered; plugins/module_utils/ceph_ask.py.
    DOCUMENTATION = r'''
options:
  container:
    description:
      - Name of the LXC container that the mon runs in.
      - Without it, the first running container of O(mon_group) in O(inventory) is taken.
    type: str
  inventory:
    description: The inventory that OpenStack-Ansible keeps on the lab host.
    type: path
    default: /etc/openstack_deploy/openstack_inventory.json
  mon_group:
    description: Group of the mon containers in O(inventory).
    type: str
    default: ceph-mon
  timeout:
    description:
      - Seconds for one round of questions, the way into the container included.
      - Past it everything that was started is killed, inside the container too.
    type: float
    default: 15.0
requirements:
  - LXC on the lab host
  - python-rados or the ceph command in the container
'''
