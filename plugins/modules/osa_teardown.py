#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: osa_teardown
short_description: Take the environment off a lab host
version_added: 0.1.0
description:
  - Removes what the ledger names, in the order of what depends on what, and puts back what was replaced. What came since the
    last look is taken into account first, as M(osa_lab.ceph_aio.osa_ledger) does.
  - Looks at the lab host anew in the end, and fails with a list if anything of ours is left.
  - What others put into a folder of ours stays, with the folder. A line of a shared file that others changed, too, stays as
    it is now. A package that others depend on stays. All these are named.
author:
  - osa_lab (@osa-lab)
options:
  places:
    description: C(teardown) of the series' facts.
    type: dict
    required: true
  inventory:
    description: OpenStack-Ansible's inventory, which knows its containers.
    type: path
    default: /etc/openstack_deploy/openstack_inventory.json
  keep:
    description: What is to stay. V(caches) are mirrors, images of containers, packages and what packages are made of.
    type: list
    elements: str
    choices: [caches]
    default: []
  state_dir:
    description: Where the baseline and the ledger are kept. It goes last; the lock in it is left to M(osa_lab.ceph_aio.osa_lock).
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
- name: Take the environment off the lab host, but keep what a rebuild can use
  osa_lab.ceph_aio.osa_teardown:
    places: "{{ release_facts.teardown }}"
    keep: [caches]
'''

RETURN = r'''
removed:
  description: What was removed or put back, or would be in check mode, each as its kind and name.
  returned: the records could be read
  type: list
  elements: str
kept:
  description: What was kept because it was asked for.
  returned: the records could be read
  type: list
  elements: str
stays:
  description: What stays because others use it, each with the reason.
  returned: the records could be read
  type: list
  elements: str
foreign:
  description: What others put into the places that were looked at; it was not touched.
  returned: the records could be read
  type: list
  elements: str
untold:
  description: What cannot be told from what was there before, as no baseline was taken before the build; it was not touched.
  returned: the records could be read
  type: list
  elements: str
left:
  description: What should have gone and is still there, each with the reason.
  returned: something is left
  type: list
  elements: str
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.books import Books
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.teardown import Teardown

NAMED = 5  # things of a kind that a message names


def some(titles):
    """As many as one reads."""
    return ', '.join(titles[:NAMED]) + (' and %d more' % (len(titles) - NAMED) if len(titles) > NAMED else '')


def reasons(left):
    """Each reason once, with what is left because of it."""
    by_reason = {}
    for title, reason in sorted(left.items()):
        by_reason.setdefault(reason, []).append(title)
    return ['%s: %s' % (some(titles), reason) for reason, titles in sorted(by_reason.items(), key=lambda pair: pair[1])]


def main():
    module = AnsibleModule(
        argument_spec={
            'places': {'type': 'dict', 'required': True},
            'inventory': {'type': 'path', 'default': '/etc/openstack_deploy/openstack_inventory.json'},
            'keep': {'type': 'list', 'elements': 'str', 'choices': ['caches'], 'default': []},
            'state_dir': {'type': 'path', 'default': '/var/lib/osa_ceph_aio'},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        books = Books(params['state_dir'], params['places'], params['inventory'], module.check_mode)
        with books.open():
            teardown = Teardown(books, params['keep'])
            teardown.run()
    except AioError as error:
        fail(module, error)
    results = teardown.results()
    if teardown.left:
        fail(module, AioError(
            'something of the environment is left', some(sorted(teardown.left)), '; '.join(reasons(teardown.left)),
            'remove what stands in the way, and run the teardown again; it goes on with what is left'), **results)
    module.exit_json(changed=bool(results['removed']), **results)


if __name__ == '__main__':
    main()
