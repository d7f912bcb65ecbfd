#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: osa_bundle
short_description: Collect what a bug report needs of a lab host
version_added: 0.1.0
description:
  - Makes a C(.tar.gz) of the records and logs of the collection, what Ceph says, OpenStack-Ansible's configuration and
    inventory, the containers' configurations and journals, and what the host says of itself. C(manifest.json) in it lists
    all of that, and why something is not there.
  - Works with whatever is there, also where nothing was built or nothing answers.
  - Secrets are replaced. These are cephx keys, private keys, logins in addresses, what is named like a password, and all values of
    C(/etc/openstack_deploy/user_secrets*.yml) of four characters or more, wherever they are. Keyrings are left out. Look through it
    nevertheless before you hand it on.
author:
  - osa_lab (@osa-lab)
options:
  name:
    description: What the file's name begins with; a time is added.
    type: str
    default: osa-ceph-aio
  dir:
    description: Folder on the lab host for the file (0600). Whoever asked for it takes it away.
    type: path
    default: /var/tmp
  about:
    description: More for the manifest.
    type: dict
    default: {}
  deadline:
    description: Seconds past which no more commands are started. Each has O(timeout) of its own.
    type: float
    default: 120.0
  file_mb:
    description: MiB of the end of each file and each command's output that are kept.
    type: int
    default: 4
  checkout:
    description: Where OpenStack-Ansible's tree is.
    type: path
    default: /opt/openstack-ansible
  state_dir:
    description: Where the records and logs of the collection are.
    type: path
    default: /var/lib/osa_ceph_aio
extends_documentation_fragment:
  - osa_lab.ceph_aio.ceph_access
  - osa_lab.ceph_aio.attributes
attributes:
  action_group:
    membership: [osa_lab.ceph_aio.ceph, osa_lab.ceph_aio.osa]
  check_mode:
    support: none
  diff_mode:
    support: none
'''

EXAMPLES = r'''
- name: Collect what a bug report needs
  osa_lab.ceph_aio.osa_bundle:
    name: osa-ceph-aio-mylab
  register: collected

- name: Take it to the controller
  ansible.builtin.fetch:
    src: "{{ collected.path }}"
    dest: /home/ann/
    flat: true
'''

RETURN = r'''
path:
  description: The file on the lab host.
  returned: success
  type: str
  sample: /var/tmp/osa-ceph-aio-mylab-20261123T080000Z.tar.gz
bytes:
  description: How large it is.
  returned: success
  type: int
entries:
  description: The number of things that are in it.
  returned: success
  type: int
lacking:
  description: What is not in it, or not whole, with the reason.
  returned: success
  type: list
  elements: str
  sample: ['vgs: it is not installed']
seconds:
  description: How long it took.
  returned: success
  type: float
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import os
import re
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.bundle import Bundle, collect
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.cluster import ACCESS_ARGUMENTS, check, check_seconds
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail

NAME = re.compile(r'^[A-Za-z0-9][A-Za-z0-9_.-]{0,150}\Z')


def make(params):
    """The bundle and the path of its file, which is there whole or not at all."""
    start = process.now()
    name = time.strftime(params['name'] + '-%Y%m%dT%H%M%SZ', time.gmtime())
    path = os.path.join(params['dir'], name + '.tar.gz')
    # Not through a link that another put there.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, 'wb') as stream:
            bundle = Bundle(stream, name, params['timeout'], start + params['deadline'], params['file_mb'] * 2 ** 20)
            collect(bundle, params)
            bundle.close(dict(params['about'], seconds=round(process.now() - start, 1)))
    except BaseException:
        os.unlink(path)
        raise
    return bundle, path


def main():
    module = AnsibleModule(
        argument_spec=dict(
            ACCESS_ARGUMENTS,
            name={'type': 'str', 'default': 'osa-ceph-aio'},
            dir={'type': 'path', 'default': '/var/tmp'},
            about={'type': 'dict', 'default': {}},
            deadline={'type': 'float', 'default': 120.0},
            file_mb={'type': 'int', 'default': 4},
            checkout={'type': 'path', 'default': '/opt/openstack-ansible'},
            state_dir={'type': 'path', 'default': '/var/lib/osa_ceph_aio'},
        ),
    )
    params, start = module.params, process.now()
    try:
        check(params)
        check_seconds(params, 'deadline')
        if not NAME.match(params['name']):
            raise AioError('%r is no name of a file' % params['name'], 'name', 'it has letters, digits, "_", "." and "-" only', 'correct it')
        if not 1 <= params['file_mb'] <= 50:
            raise AioError('%d MiB are no limit for a file' % params['file_mb'], 'file_mb', 'it is from 1 to 50', 'correct it')
        bundle, path = make(params)
    except AioError as error:
        fail(module, error)
    except (IOError, OSError) as error:
        fail(module, AioError('the bundle cannot be written', params['dir'], str(error), 'make room there, or name another folder'))
    module.exit_json(
        changed=True, path=path, bytes=os.path.getsize(path), entries=len([entry for entry in bundle.entries if entry['name']]),
        lacking=['%s: %s' % (entry['source'], entry['problem']) for entry in bundle.entries if entry['problem']],
        seconds=round(process.now() - start, 1))


if __name__ == '__main__':
    main()
