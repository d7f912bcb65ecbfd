# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: misspelt
short_description: Variables that look like one of this collection's, and are none
version_added: 0.1.0
description:
  - Compares names with those that the roles' argument specs have, and with those that only playbooks take.
  - A name that is like none of them is somebody else's, and not returned.
author:
  - osa_lab (@osa-lab)
positional: roles
options:
  _input:
    description: Names of variables.
    type: list
    elements: str
    required: true
  roles:
    description: The folder of the roles.
    type: path
    required: true
'''

EXAMPLES = r'''
- name: Say what was probably meant
  ansible.builtin.debug:
    msg: "{{ ['ceph_override_pg_num'] | osa_lab.ceph_aio.misspelt(role_path ~ '/..') }}"
'''

RETURN = r'''
_value:
  description: A finding of preflight for each such name.
  type: list
  elements: dict
  contains:
    name:
      description: V(variables), as the finding is called.
      type: str
    text:
      description: What is wrong, and what to do next.
      type: str
    variable:
      description: The name.
      type: str
    meant:
      description: The variable of the collection.
      type: str
'''

import difflib
import glob
import os

from ansible.module_utils.common.yaml import yaml_load

ALIKE = 0.88  # 1 is the same; two letters of site_from that changed places
OF_PLAYBOOKS = ('lab_destroy_confirm', 'mirror_hosts', 'site_from')
FINDING = 'variables'
TEXT = ('"{0}" is no variable of this collection, and would count for nothing. Next: call it {1}; '
        'or where it is one of your own, run again with -e preflight_ignore={2}.')


def known_variables(roles):
    """All that the argument specs of the roles have, and what only playbooks take."""
    names = set(OF_PLAYBOOKS)
    for path in glob.glob(os.path.join(roles, '*', 'meta', 'argument_specs.yml')):
        with open(path, encoding='utf-8') as stream:
            specs = yaml_load(stream)['argument_specs']
        for spec in specs.values():
            names.update(spec.get('options') or {})
    return sorted(names)


def misspelt(names, roles):
    known = known_variables(roles)
    rows = []
    for name in sorted(set(names) - set(known)):
        meant = difflib.get_close_matches(name, known, 1, ALIKE)
        if meant and not name.startswith('_'):
            rows.append({'name': FINDING, 'variable': str(name), 'meant': meant[0], 'text': TEXT.format(name, meant[0], FINDING)})
    return rows


class FilterModule:
    def filters(self):
        return {'misspelt': misspelt}
