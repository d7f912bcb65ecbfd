#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: show_text
short_description: Show text to the person at the terminal as it is
version_added: 0.1.0
description:
  - Prints on the controller, line by line, without the quotes and escapes of a task's result.
author:
  - osa_lab (@osa-lab)
options:
  text:
    description: What to show.
    type: str
    required: true
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes.info
notes:
  - This is an action plugin. It needs no connection to the host.
'''

EXAMPLES = r'''
- name: Show the report
  osa_lab.ceph_aio.show_text:
    text: "{{ report }}"
'''

RETURN = r'''# '''
