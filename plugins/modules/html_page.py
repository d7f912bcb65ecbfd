#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: html_page
short_description: Write a page of HTML in which nothing that is shown is taken for markup
version_added: 0.1.0
description:
  - Makes a page of a template and writes it on the controller. Each value is escaped; Ansible's own templates escape nothing.
  - The template knows the variables that are given and Jinja's own filters, none of Ansible's, and C(bytes), a number as people read it.
author:
  - osa_lab (@osa-lab)
options:
  template:
    description: The template, found as M(ansible.builtin.template) finds one. Others that it includes are in the same folder.
    type: path
    required: true
  variables:
    description: What the template knows.
    type: dict
    required: true
  dest:
    description: Where to write the page on the controller. Folders that are missing are made; a page that is there is replaced as a whole.
    type: path
    required: true
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
notes:
  - This is an action plugin. It needs no connection to the host, and writes as the user who runs Ansible.
'''

EXAMPLES = r'''
- name: Write a page
  osa_lab.ceph_aio.html_page:
    template: report.html.j2
    variables:
      document: "{{ document }}"
    dest: page.html
'''

RETURN = r'''
dest:
  description: Absolute path of the page.
  returned: success
  type: str
'''
