#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: ceph_key
short_description: A client's key in the Ceph cluster of an all-in-one
version_added: 0.1.0
description:
  - Makes a client and its key in the cluster, gives it its capabilities, or removes it.
  - What it makes is written down in the ledger on the lab host, for this cluster. A client that is not in it is neither
    changed nor removed.
author:
  - osa_lab (@osa-lab)
options:
  name:
    description: The client, for example V(client.dev). C(client.admin) is refused.
    type: str
    required: true
  state:
    description: Whether it should be there.
    type: str
    choices: [present, absent]
    default: present
  caps:
    description: Its capabilities by kind of daemon, such as C(allow r) for C(mon).
    type: dict
    default: {}
extends_documentation_fragment:
  - osa_lab.ceph_aio.ceph_access
  - osa_lab.ceph_aio.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: The key is not in it.
'''

EXAMPLES = r'''
- name: A client that may look
  osa_lab.ceph_aio.ceph_key:
    name: client.dev
    caps:
      mon: allow r
'''

RETURN = r'''
caps:
  description: The client's capabilities; empty where there is no such client.
  returned: success
  type: dict
state:
  description: Why Ceph could not be asked, as in M(osa_lab.ceph_aio.ceph_info).
  returned: where Ceph could not be asked
  type: str
  sample: mon_unreachable
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import errno
import re

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import cluster, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import Ledger

KIND = 'ceph_keys'
# With these it has not been done; with any other error it may have been.
REFUSED = (-errno.EINVAL, -errno.EACCES)
NAME = re.compile(r'^client\.[A-Za-z0-9_][A-Za-z0-9_.-]*\Z')


def check(params):
    """:raises AioError: what was asked for makes no sense, or is not ours to do."""
    cluster.check(params)
    if not NAME.match(params['name']) or params['name'] == 'client.admin':
        raise AioError('%r is no client that this module makes' % params['name'], 'name',
                       'it is client. and an id of letters, digits, "_", "." and "-"; client.admin is the cluster\'s own',
                       'choose another name, for example client.dev')
    if params['state'] == 'present' and not params['caps']:
        raise AioError('a client without capabilities can do nothing', 'caps', '', 'give some, for example {mon: allow r}')
    for daemon, capability in params['caps'].items():
        if not hasattr(capability, 'split') or not capability.strip():
            raise AioError('the capability for %s is no text' % daemon, 'caps', '', 'write it like {mon: allow r}')


def flat(caps):
    return [word for daemon in sorted(caps) for word in (daemon, caps[daemon])]


class Key(object):
    def __init__(self, ceph, params):
        self.ceph = ceph
        self.name = params['name']
        self.deadline = process.now() + params['timeout']

    def ask(self, *commands):
        return self.ceph.ask([dict(command, format='json') for command in commands], self.deadline - process.now())

    def command(self, prefix, **arguments):
        (answer,) = self.ask(dict(arguments, prefix=prefix, entity=self.name))
        return answer

    def read(self):
        """What the cluster has of it (key and caps), or None; and the cluster's fsid."""
        answer, cluster_answer = self.ask({'prefix': 'auth get', 'entity': self.name}, {'prefix': 'fsid'})
        there = None if answer.rc == -errno.ENOENT else answer.json()[0]
        return there, cluster_answer.json()['fsid']

    def make(self, caps):
        return self.command('auth get-or-create', caps=flat(caps))

    def change(self, caps):
        self.command('auth caps', caps=flat(caps)).check()

    def remove(self):
        self.command('auth del').check()


def main():
    module = AnsibleModule(
        argument_spec=dict(
            cluster.ACCESS_ARGUMENTS,
            name={'type': 'str', 'required': True},
            state={'type': 'str', 'choices': ['present', 'absent'], 'default': 'present'},
            caps={'type': 'dict', 'default': {}},
        ),
        supports_check_mode=True,
    )
    params = module.params
    name, ledger = params['name'], Ledger()
    try:
        check(params)
        with cluster.Cluster(params) as ceph:
            key = Key(ceph, params)
            there, fsid = key.read()
            before = there['caps'] if there else {}
            after = params['caps'] if params['state'] == 'present' else {}
            changed = before != after or (there is None) != (params['state'] == 'absent')
            ours = ledger.has(KIND, name, fsid=fsid)  # and not of a cluster that was here before
            if there and changed and not ours:
                raise AioError('%s is not ours' % name, ledger.path, 'somebody else made it, with the capabilities %s' % (
                    ', '.join('%s: %s' % pair for pair in sorted(before.items())) or 'none'),
                    'choose another name, or change it by hand')
            if changed and not module.check_mode:
                if params['state'] == 'absent':
                    key.remove()
                elif there:
                    key.change(after)
                else:
                    ledger.add(KIND, name, fsid=fsid)  # first, so that what is made is known even where we are killed
                    answer = key.make(after)
                    if answer.rc in REFUSED:
                        ledger.remove(KIND, name)
                    answer.check()
            if ours and params['state'] == 'absent' and not module.check_mode:
                ledger.remove(KIND, name)
    except AioError as error:
        fail(module, error)
    module.exit_json(changed=changed, caps=after, diff={'before': {'caps': before}, 'after': {'caps': after}})


if __name__ == '__main__':
    main()
