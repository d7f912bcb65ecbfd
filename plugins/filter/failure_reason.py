# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: failure_reason
short_description: Why a task failed
version_added: 0.1.0
description:
  - For the rescue of a block. What a task in a loop returns says itself only that some item failed; the reasons are those of its items.
author:
  - osa_lab (@osa-lab)
options:
  _input:
    description: What the task returned, C(ansible_failed_result).
    type: dict
    required: true
'''

EXAMPLES = r'''
- name: Keep why it ended
  ansible.builtin.set_fact:
    reason: "{{ ansible_failed_result | osa_lab.ceph_aio.failure_reason }}"
'''

RETURN = r'''
_value:
  description: The reason as one text, each that differs once.
  type: str
'''

from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils.outcomes import reason


class FilterModule:
    def filters(self):
        return {'failure_reason': reason}
