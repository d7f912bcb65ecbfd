# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: report_outcomes
short_description: How each lab host of a run ended
version_added: 0.1.0
description:
  - Puts together what each lab host has kept in C(report_outcome). Of one that kept nothing it is known whether it was lost on the way.
author:
  - osa_lab (@osa-lab)
positional: hostvars, left, folder
options:
  _input:
    description: Names of all lab hosts of the run, C(ansible_play_hosts_all).
    type: list
    elements: str
    required: true
  hostvars:
    description: The variables of each.
    type: dict
    required: true
  left:
    description: Names of those that are still in the run, C(ansible_play_hosts).
    type: list
    elements: str
    required: true
  folder:
    description: Where the page is that leads to the others.
    type: path
    required: true
'''

EXAMPLES = r'''
- name: Show those that failed
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | osa_lab.ceph_aio.report_outcomes(hostvars, ansible_play_hosts, '.') | selectattr('state', 'equalto', 'failed') }}"
'''

RETURN = r'''
_value:
  description: Each lab host.
  type: list
  elements: dict
  contains:
    host:
      description: Its name.
      type: str
    state:
      description: The state of its cluster as M(osa_lab.ceph_aio.ceph_info) returns it, V(failed), or V(done) where the run looked at none.
      type: str
    text:
      description: The reason, or some numbers.
      type: str
    page:
      description: The way to its page from the folder; empty where none was written.
      type: str
'''


import os

from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils.outcomes import went_well

LOST = 'it failed, or could not be reached any more; why is said above'


def report_outcomes(hosts, hostvars, left, folder):
    rows = []
    for host in hosts:
        kept = hostvars[host].get('report_outcome') or {'state': 'done'}
        if host not in left and went_well(kept):
            kept = {'state': 'failed', 'text': LOST}
        rows.append({
            'host': host, 'state': kept['state'], 'text': kept.get('text', ''),
            'page': os.path.relpath(kept['file'], folder) if kept.get('file') else ''})
    return rows


class FilterModule:
    def filters(self):
        return {'report_outcomes': report_outcomes}
