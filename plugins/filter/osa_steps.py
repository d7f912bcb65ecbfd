# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: osa_steps
short_description: The steps of a series in their order, and those that are to run in any case
version_added: 0.1.0
description:
  - A step is one of the two bootstrap scripts or a playbook. Stages are the rooms of the site playbook.
author:
  - osa_lab (@osa-lab)
positional: scope, before, after, start
options:
  _input:
    description: The facts of the series, C(release_facts).
    type: dict
    required: true
  scope:
    description: V(full) or V(ceph). Any other has no playbooks.
    type: str
    default: full
  before:
    description: More playbooks, run before the series' own, each a dict with C(name) and C(playbook).
    type: list
    elements: dict
    default: []
  after:
    description: More playbooks, run after the series' own.
    type: list
    elements: dict
    default: []
  start:
    description: The stage or step from which on all run in any case. An empty text forces none.
    type: str
    default: ""
'''

EXAMPLES = r'''
- name: Show the playbooks
  ansible.builtin.debug:
    msg: "{{ (release_facts | osa_lab.ceph_aio.osa_steps('ceph')).playbooks | map(attribute='name') }}"
'''

RETURN = r'''
_value:
  description: The steps.
  type: dict
  contains:
    playbooks:
      description: The playbooks as the series and the user have them, in their order.
      type: list
      elements: dict
    steps:
      description: Names of all steps, in their order.
      type: list
      elements: str
    twice:
      description: Names that more than one step has.
      type: list
      elements: str
    forced:
      description: Names of the stages and steps that are to run in any case.
      type: list
      elements: str
    starts:
      description: What start may be.
      type: list
      elements: str
    known:
      description: Whether start is one of them, or empty.
      type: bool
'''

SCOPES = {'full': 'playbooks', 'ceph': 'ceph_playbooks'}
SCRIPTS = ['bootstrap-ansible', 'bootstrap-aio']


def osa_steps(facts, scope='full', before=(), after=(), start=''):
    own = facts['install'][SCOPES[scope]] if scope in SCOPES else []
    playbooks = list(before) + list(own) + list(after)
    names = [playbook.get('name', '') for playbook in playbooks]
    steps = SCRIPTS + names
    starts = ['preflight', 'source', 'bootstrap'] + SCRIPTS + ['ceph_overrides', 'install'] + names + ['verify']
    return {
        'playbooks': playbooks,
        'steps': steps,
        'twice': sorted(set(name for name in steps if steps.count(name) > 1)),
        'forced': starts[starts.index(start):] if start in starts else [],
        'starts': starts,
        'known': not start or start in starts,
    }


class FilterModule:
    def filters(self):
        return {'osa_steps': osa_steps}
