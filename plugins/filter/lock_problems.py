# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: lock_problems
short_description: What keeps a lockfile from being used
version_added: 0.1.0
description:
  - Holds the C(source_lock) of a lockfile against what is to be built.
author:
  - osa_lab (@osa-lab)
positional: series, ref
options:
  _input:
    description: The lock. An empty one has no problems.
    type: dict
    required: true
  series:
    description: Name of the series.
    type: str
    required: true
  ref:
    description: What is to be checked out.
    type: str
    required: true
'''

EXAMPLES = r'''
- name: Judge a lock
  ansible.builtin.assert:
    that: source_lock | osa_lab.ceph_aio.lock_problems('ocata', release_ref) | length == 0
'''

RETURN = r'''
_value:
  description: The problems, each as sentences with a remedy.
  type: list
  elements: str
'''

from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import sources


class FilterModule:
    def filters(self):
        return {'lock_problems': sources.lock_problems}
