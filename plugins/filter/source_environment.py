# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: source_environment
short_description: Variables for the scripts of OpenStack-Ansible
version_added: 0.1.0
description:
  - The environment that leads OpenStack-Ansible's scripts through a proxy, to a mirror and to other requirements files.
author:
  - osa_lab (@osa-lab)
options:
  _input:
    description: Proxies, under V(http) and V(https), and under V(direct) the hosts that are asked without one, a list.
    type: dict
    required: true
  ca_file:
    description: File with the certificates of whom to trust.
    type: str
    default: ''
  pip_options:
    description: Options of C(pip install).
    type: str
    default: ''
  constraints:
    description: Address of the constraints file.
    type: str
    default: ''
  config:
    description: Folder of git's settings.
    type: str
    default: ''
  requirements:
    description: Folder with the requirements files of roles and collections, where they are not the tree's own.
    type: str
    default: ''
'''

EXAMPLES = r'''
- name: Run a script through a proxy
  osa_lab.ceph_aio.osa_step:
    name: bootstrap-ansible
    argv: [scripts/bootstrap-ansible.sh]
    chdir: /opt/openstack-ansible
    environment: "{{ {'https': 'http://192.0.2.1:3128'} | osa_lab.ceph_aio.source_environment }}"
'''

RETURN = r'''
_value:
  description: The variables. A proxy's login is in them.
  type: dict
'''

from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import sources


def source_environment(proxy, **options):
    return sources.environment(proxy, **options)


class FilterModule:
    def filters(self):
        return {'source_environment': source_environment}
