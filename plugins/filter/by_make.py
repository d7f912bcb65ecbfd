# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: by_make
short_description: A target of the Makefile as one types it
version_added: 0.1.0
description:
  - For messages that say what to type next. Who came by C(make) is told of its targets, with C(LAB=) where it is not the usual lab host.
author:
  - osa_lab (@osa-lab)
positional: variables
options:
  _input:
    description: The target.
    type: str
    required: true
  variables:
    description: Variables of the Makefile to give it, by name.
    type: dict
    default: {}
'''

EXAMPLES = r'''
- name: Say how to go on
  ansible.builtin.debug:
    msg: "Next: {{ 'lab' | osa_lab.ceph_aio.by_make({'LAB_ARGS': '-K'}) or 'the same command with -K' }}."
'''

RETURN = r'''
_value:
  description: The command; an empty text where it was not C(make) that began the run.
  type: str
'''

from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import by_make


def command(target, variables=None):
    return by_make.command(target, **(variables or {}))


class FilterModule:
    def filters(self):
        return {'by_make': command}
