# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: html_page
short_description: A page of HTML in which nothing that is shown is taken for markup
version_added: 0.1.0
description:
  - Makes a page of a template. Each value is escaped. Ansible's own templates escape nothing, whatever they say of it.
  - The template knows the variables that are given and Jinja's own filters, none of Ansible's, and C(bytes), a number as people read it.
author:
  - osa_lab (@osa-lab)
positional: template
options:
  _input:
    description: The variables of the template.
    type: dict
    required: true
  template:
    description: Path of the template. Others that it includes are in the same folder.
    type: path
    required: true
'''

EXAMPLES = r'''
- name: Write a page
  ansible.builtin.copy:
    content: "{{ {'document': document} | osa_lab.ceph_aio.html_page(role_path ~ '/templates/report.html.j2') }}"
    dest: page.html
    mode: "0644"
'''

RETURN = r'''
_value:
  description: The page.
  type: str
'''

import os

import jinja2

UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']


def as_bytes(number):
    """A number of bytes as Ceph shows it; a dash where it was not told."""
    if number is None:
        return '-'
    power = min((max(int(number), 1).bit_length() - 1) // 10, len(UNITS) - 1)
    value = float(number) / (1 << 10 * power)
    return '%.*f %s' % (0 if power == 0 or value >= 100 else 1, value, UNITS[power])


def html_page(variables, template):
    environment = jinja2.Environment(
        autoescape=True, loader=jinja2.FileSystemLoader(os.path.dirname(template)), undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True)
    environment.filters['bytes'] = as_bytes
    return environment.get_template(os.path.basename(template)).render(variables)


class FilterModule:
    def filters(self):
        return {'html_page': html_page}
