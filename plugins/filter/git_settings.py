# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: git_settings
short_description: Settings that lead git to a mirror and through a proxy
version_added: 0.1.0
description:
  - What git is told for a run, as the text of its configuration file.
author:
  - osa_lab (@osa-lab)
positional: repositories
options:
  _input:
    description: Folder or http address of the mirror. An empty text is none.
    type: str
    required: true
  repositories:
    description: What is fetched, as P(osa_lab.ceph_aio.osa_sources#filter) gives it.
    type: list
    elements: dict
    default: []
  proxy:
    description: Proxies, under V(http) and V(https), and under V(direct) the hosts that are asked without.
    type: dict
    default: {}
  ca_file:
    description: File with the certificates of whom to trust.
    type: str
    default: ''
'''

EXAMPLES = r'''
- name: Lead git to a mirror
  ansible.builtin.copy:
    content: "{{ '/srv/mirror' | osa_lab.ceph_aio.git_settings }}"
    dest: /var/lib/osa_ceph_aio/config/git/config
    mode: "0600"
'''

RETURN = r'''
_value:
  description: The text. A proxy's login is in it.
  type: str
'''

from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import sources


def git_settings(mirror, repositories=(), proxy=None, ca_file=''):
    return sources.git_settings(mirror, repositories, proxy, ca_file)


class FilterModule:
    def filters(self):
        return {'git_settings': git_settings}
