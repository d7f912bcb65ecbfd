# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: osa_sources
short_description: All that is fetched for an OpenStack-Ansible
version_added: 0.1.0
description:
  - Reads the requirements files of OpenStack-Ansible's tree, of any series, and says which repositories at which pins they want,
    and where a mirror has them.
author:
  - osa_lab (@osa-lab)
positional: address, ref
options:
  _input:
    description: The texts of the files of the tree, by name.
    type: dict
    required: true
  address:
    description: Repository that the tree comes from.
    type: str
    required: true
  ref:
    description: Branch, tag or commit of the tree.
    type: str
    required: true
  leave_out:
    description: Names of roles and collections that are not fetched.
    type: list
    elements: str
    default: []
  only:
    description: Names of the only roles, or the only collections, that are fetched.
    type: list
    elements: str
    default: []
  lock:
    description: The C(source_lock) of a lockfile.
    type: dict
    default: {}
  versions:
    description: Versions by name of a role or collection, for those that are not fetched at the version of the tree.
    type: dict
    default: {}
'''

EXAMPLES = r'''
- name: Show what is cloned
  ansible.builtin.debug:
    msg: "{{ tree.texts | osa_lab.ceph_aio.osa_sources('https://opendev.org/openstack/openstack-ansible', '32.0.0') }}"
'''

RETURN = r'''
_value:
  description: What is wanted.
  type: dict
  contains:
    repositories:
      description: The repositories, each with its path below a mirror, its address and its pins.
      type: list
      elements: dict
    called:
      description: The role or collection that each of these is of, by path.
      type: dict
    roles:
      description: The entries for a role file.
      type: list
      elements: dict
    collections:
      description: The entries for a collection file.
      type: list
      elements: dict
    versions:
      description: The version of each collection as it is asked for, by name.
      type: dict
    moving:
      description: The repositories of the collections that follow a branch, by name of the collection.
      type: dict
    galaxy:
      description: The collections that do not come from git.
      type: list
      elements: str
    constraints:
      description: Where the constraints file is in its repository, and below a mirror. Empty where the tree names none.
      type: dict
'''

from ansible.errors import AnsibleFilterError
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import sources


def names(given):
    """A list, also where -e source_only=one,two gave text."""
    return [name.strip() for name in given.split(',')] if isinstance(given, str) else given


def osa_sources(files, address, ref, leave_out=(), only=(), lock=None, versions=None):
    try:
        return sources.wanted(files, address, ref, names(leave_out), names(only), lock, versions)
    except sources.SourceError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self):
        return {'osa_sources': osa_sources}
