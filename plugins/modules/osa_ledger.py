#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: osa_ledger
short_description: Write down what a build makes on a lab host
version_added: 0.1.0
description:
  - Looks at the places that O(places) names, and holds what it sees against the first look, the baseline.
  - What is new while a build is open is ours, and goes into C(ledger.json) in O(state_dir). What is new at another time is
    foreign, and is left alone by M(osa_lab.ceph_aio.osa_teardown).
  - Of files that were there before, the content before and after is kept, so that our change can be taken back.
author:
  - osa_lab (@osa-lab)
options:
  state:
    description:
      - V(opened) takes the baseline where there is none, tells what is new as foreign, and opens a build. Where one that was
        killed is still open, what came until ten minutes after its last sign (a log, the end of a step) is ours.
      - V(looked) adds what is new to the ledger.
      - V(closed) does so, too, and ends the build.
    type: str
    choices: [opened, looked, closed]
    required: true
  places:
    description: C(teardown) of the series' facts.
    type: dict
    required: true
  inventory:
    description: OpenStack-Ansible's inventory, which knows its containers.
    type: path
    default: /etc/openstack_deploy/openstack_inventory.json
  state_dir:
    description: Where the baseline and the ledger are kept.
    type: path
    default: /var/lib/osa_ceph_aio
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes
  - osa_lab.ceph_aio.attributes.osa_group
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
'''

EXAMPLES = r'''
- name: Write down how the lab host is before anything is built
  osa_lab.ceph_aio.osa_ledger:
    state: opened
    places: "{{ release_facts.teardown }}"
'''

RETURN = r'''
added:
  description: What went into the ledger, each as its kind and name.
  returned: success
  type: list
  elements: str
  sample: [paths /openstack/ceph1.img, files /etc/hosts]
fresh:
  description: Whether the baseline was taken now.
  returned: success
  type: bool
late:
  description: >-
    Whether something was built before there was a baseline, so that some of what it left behind cannot be told from what
    was there before.
  returned: success
  type: bool
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.books import Books
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail


def main():
    module = AnsibleModule(
        argument_spec={
            'state': {'type': 'str', 'choices': ['opened', 'looked', 'closed'], 'required': True},
            'places': {'type': 'dict', 'required': True},
            'inventory': {'type': 'path', 'default': '/etc/openstack_deploy/openstack_inventory.json'},
            'state_dir': {'type': 'path', 'default': '/var/lib/osa_ceph_aio'},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        books = Books(params['state_dir'], params['places'], params['inventory'], module.check_mode)
        with books.open():
            if params['state'] != 'opened' and books.is_new and not module.check_mode:
                raise AioError('there is no baseline of the lab host', books.baseline.path, 'nothing was written down before the build',
                               'run the site playbook from its beginning')
            fresh = books.is_new
            books.look(begins=params['state'] == 'opened')
            books.account.set_open(params['state'] != 'closed')
            books.save()
        # What is written down is no change of the lab host.
        module.exit_json(changed=False, added=books.account.news, fresh=fresh, late=books.late)
    except AioError as error:
        fail(module, error)


if __name__ == '__main__':
    main()
