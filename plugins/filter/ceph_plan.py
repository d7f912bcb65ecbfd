# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: ceph_plan
short_description: What is to be built on a series, and whether Ceph will have it
version_added: 0.1.0
description:
  - Joins the number of placement groups, the options that the series wants for HEALTH_OK and the user's own overrides into those that are
    to be set, and judges them. Of an option that both have the user's counts.
  - The limit of placement groups is the release's (none in jewel, 200 in luminous, 250 after), or what the overrides set.
author:
  - osa_lab (@osa-lab)
positional: pg_num, extra, strategy
options:
  _input:
    description: The facts of the series, C(release_facts).
    type: dict
    required: true
  pg_num:
    description: Placement groups of a new pool, or V(auto) for the largest power of two that the plan takes.
    type: raw
    default: 8
  extra:
    description: The user's own overrides, as section, then option, then value.
    type: dict
    default: {}
  strategy:
    description: How they are to be set. One that the series shadows is an error.
    type: str
    default: auto
'''

EXAMPLES = r'''
- name: Show the arithmetic
  ansible.builtin.debug:
    msg: "{{ (release_facts | osa_lab.ceph_aio.ceph_plan('auto')).text }}"
'''

RETURN = r'''
_value:
  description: The plan.
  type: dict
  contains:
    pg_num:
      description: The number; as it was given where it is none.
      type: raw
    overrides:
      description: What is to be set, as section, then option, then value. Nothing where there are errors.
      type: dict
    removed:
      description: Those of the overrides that are removed where they are switched off.
      type: dict
    restored:
      description: Those that the all-in-one sets, too, with the values that it gives them; they have these again where they are switched off.
      type: dict
    pools:
      description: The variable of each pool with its hash, where an autoscaler would undo the number else.
      type: dict
    text:
      description: The arithmetic.
      type: str
    errors:
      description: What was asked for wrongly.
      type: list
      elements: str
    refusals:
      description: Why Ceph would not have it, each with the C(name) of the finding and its C(text).
      type: list
      elements: dict
    warnings:
      description: What should be known.
      type: list
      elements: str
'''

from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import plan as _plan


def ceph_plan(facts, pg_num=8, extra=None, strategy='auto'):
    made = _plan.make(facts, pg_num, extra, strategy)
    made['refusals'] = [{'name': 'pg_plan', 'text': str(refusal)} for refusal in made['refusals']]
    for kind in ('errors', 'warnings'):
        made[kind] = [str(finding) for finding in made[kind]]
    return made


class FilterModule:
    def filters(self):
        return {'ceph_plan': ceph_plan}
