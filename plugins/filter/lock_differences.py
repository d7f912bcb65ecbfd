# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: lock_differences
short_description: What was built otherwise than a lockfile says
version_added: 0.1.0
description:
  - Holds the C(source_lock) of a lockfile against that of what was built.
author:
  - osa_lab (@osa-lab)
positional: made
options:
  _input:
    description: The lock that was given.
    type: dict
    required: true
  made:
    description: The lock of what was built.
    type: dict
    required: true
'''

EXAMPLES = r'''
- name: Say what could not be had
  ansible.builtin.debug:
    msg: "{{ source_lock | osa_lab.ceph_aio.lock_differences(made) }}"
'''

RETURN = r'''
_value:
  description: The differences, each as a sentence.
  type: list
  elements: str
'''

from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import sources


class FilterModule:
    def filters(self):
        return {'lock_differences': sources.lock_differences}
