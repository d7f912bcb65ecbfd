#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: osa_pins_info
short_description: What an all-in-one is made of, commit by commit and package by package
version_added: 0.1.0
description:
  - Looks at the roles that OpenStack-Ansible has cloned, and at the packages of Ceph on the host and in the mon container.
author:
  - osa_lab (@osa-lab)
options:
  roles:
    description: Names of the roles to look at.
    type: list
    elements: str
    default: []
  roles_path:
    description: Folder of the roles.
    type: path
    default: /etc/ansible/roles
  mon_group:
    description: Group of the mons in the inventory. Without it OpenStack-Ansible's names of it are tried.
    type: str
    default: ''
  inventory:
    description: The inventory that OpenStack-Ansible keeps on the lab host.
    type: path
    default: /etc/openstack_deploy/openstack_inventory.json
  timeout:
    description: Seconds for each look.
    type: float
    default: 60.0
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes.info
'''

EXAMPLES = r'''
- name: See what is installed
  osa_lab.ceph_aio.osa_pins_info:
    roles: [ceph-ansible]
  register: pins
'''

RETURN = r'''
roles:
  description: The commit of each role that is there.
  returned: success
  type: dict
  sample: {ceph-ansible: 1a613004e3fb3804f26a60369cec32ef9255bd2d}
packages:
  description: The packages of Ceph with their versions, under V(host) and V(mon).
  returned: success
  type: dict
  sample: {host: {ceph-osd: 16.2.15+ds-0+deb12u1}, mon: {ceph-mon: 16.2.15+ds-0+deb12u1}}
state:
  description: V(no_container), V(container_stopped), V(denied) or V(timed_out).
  returned: where there is no mon to look at
  type: str
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import errno
import os
import re

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import places, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail

CEPH = re.compile(r'(ceph|librados|librbd|librgw|libcephfs|radosgw|python3?-(ceph|rados|rbd|rgw))')
# Each kind of package management, with a line 'name version' for each package that is installed.
ASKED = (
    ['dpkg-query', '--show', '--showformat', '${db:Status-Status} ${Package} ${Version}\\n'],
    ['rpm', '--query', '--all', '--queryformat', 'installed %{NAME} %{VERSION}-%{RELEASE}\\n'],
)


def commits(roles, folder, timeout):
    found = {}
    for name in roles:
        path = os.path.join(folder, name)
        if not os.path.isdir(os.path.join(path, '.git')):
            continue
        result = process.run(['git', '--git-dir', os.path.join(path, '.git'), 'rev-parse', '--verify', '--quiet', 'HEAD'], timeout)
        if result.rc == 0:
            found[name] = result.stdout.strip()
    return found


def packages(prefix, timeout):
    """The packages of Ceph where commands begin with prefix: name → version."""
    for argv in ASKED:
        try:
            result = process.run(prefix + argv, timeout)
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise
            continue
        if result.timed_out:
            raise AioError('the packages cannot be listed', ' '.join(prefix + argv[:1]), 'no answer within %g s' % timeout,
                           'look what keeps the package management busy there')
        if result.rc == 0:
            fields = [line.split() for line in result.stdout.splitlines()]
            return dict((line[1], line[2]) for line in fields if len(line) == 3 and line[0] == 'installed' and CEPH.match(line[1]))
    raise AioError('the packages cannot be listed', ' '.join(prefix) or 'lab host', 'it has neither dpkg nor rpm',
                   'use a host with one of them')


def main():
    module = AnsibleModule(
        argument_spec={
            'roles': {'type': 'list', 'elements': 'str', 'default': []},
            'roles_path': {'type': 'path', 'default': '/etc/ansible/roles'},
            'mon_group': {'type': 'str', 'default': ''},
            'inventory': {'type': 'path', 'default': '/etc/openstack_deploy/openstack_inventory.json'},
            'timeout': {'type': 'float', 'default': 60.0},
        },
        supports_check_mode=True,
    )
    params = module.params
    timeout = params['timeout']
    try:
        found = {'host': packages([], timeout)}
        where = {'container': '', 'via': 'auto', 'inventory': params['inventory'], 'mon_group': params['mon_group'],
                 'conf': '/etc/ceph/ceph.conf'}
        found['mon'] = packages(places.find(where, process.now() + timeout)[0].argv, timeout)
        roles = commits(params['roles'], params['roles_path'], timeout)
    except AioError as error:
        fail(module, error)
    except OSError as error:
        fail(module, AioError('the host cannot be looked at', 'lab host', str(error), 'install git on it'))
    module.exit_json(changed=False, roles=roles, packages=found)


if __name__ == '__main__':
    main()
