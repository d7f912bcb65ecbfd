# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: other_series
short_description: The OpenStack-Ansible series that a ref belongs to, where it is another one
version_added: 0.1.0
description:
  - Knows upstream's tags by their number, and its branches and tags by the name of the series in them.
  - A commit, and a branch of somebody's own, may belong to any series.
author:
  - osa_lab (@osa-lab)
positional: series, ref
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
    description: Branch, tag or commit.
    type: str
    required: true
'''

EXAMPLES = r'''
- name: Say whose ref it is
  ansible.builtin.debug:
    msg: "{{ data | osa_lab.ceph_aio.other_series('2025.2', 'stable/2024.1') }}"  # 2024.1
'''

RETURN = r'''
_value:
  description: Name of the other series, or an empty text where the ref does not contradict.
  type: str
'''

from ansible.errors import AnsibleFilterError
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import series as _series


def other_series(known, series, ref):
    try:
        return _series.other_series(known, series, ref)
    except _series.SeriesError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self):
        return {'other_series': other_series}
