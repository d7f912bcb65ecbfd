# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: make_lock
short_description: The lock of what was built, for a lockfile
version_added: 0.1.0
description:
  - Puts together what a lockfile remembers under C(source_lock).
author:
  - osa_lab (@osa-lab)
options:
  _input:
    description: What is fetched, as P(osa_lab.ceph_aio.osa_sources#filter) gives it.
    type: dict
    required: true
  series:
    description: Name of the series.
    type: str
    required: true
  ref:
    description: What the commit was called.
    type: str
    required: true
  osa:
    description: The commit that is checked out.
    type: str
    required: true
  roles:
    description: The commit of each role.
    type: dict
    required: true
  packages:
    description: The versions of packages, by where they are installed and by name.
    type: dict
    required: true
  commits:
    description: The commits of the branches that collections follow, by path of the repository and by branch.
    type: dict
    required: true
'''

EXAMPLES = r'''
- name: Show a lock
  ansible.builtin.debug:
    msg: "{{ built | osa_lab.ceph_aio.make_lock(series='ocata', ref='ocata-eol', osa=commit, roles={}, packages={}, commits={}) }}"
'''

RETURN = r'''
_value:
  description: The lock.
  type: dict
'''

from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import sources


class FilterModule:
    def filters(self):
        return {'make_lock': sources.make_lock}
