# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: series_facts
short_description: The facts of an OpenStack-Ansible series at a ref
version_added: 0.1.0
description:
  - Adds what the series inherits, over as many parents as there are, and what differs at this ref.
  - The note says, too, where upstream does not maintain the series.
author:
  - osa_lab (@osa-lab)
positional: series, ref, differences, called
options:
  _input:
    description: The data of all series, as in the files of the role P(osa_lab.ceph_aio.release#role).
    type: list
    elements: dict
    required: true
  series:
    description: Name of the series.
    type: str
    required: true
  ref:
    description: Branch, tag or commit. An empty text takes the one that is recommended.
    type: str
    default: ''
  differences:
    description: Facts that are otherwise on one lab host, merged over those of the series.
    type: dict
    default: {}
  called:
    description: The name that O(ref) had, where it is the commit of a lockfile. What differs at this name differs at the commit.
    type: str
    default: ''
'''

EXAMPLES = r'''
- name: Make the facts of a series known
  ansible.builtin.set_fact:
    release_facts: "{{ data | osa_lab.ceph_aio.series_facts('pike', '16.0.24') }}"
'''

RETURN = r'''
_value:
  description: The facts.
  type: dict
'''

from ansible.errors import AnsibleFilterError
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import series as _series


def series_facts(known, series, ref='', differences=None, called=''):
    try:
        return _series.facts(known, series, ref, differences, called)
    except _series.SeriesError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self):
        return {'series_facts': series_facts}
