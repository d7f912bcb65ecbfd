# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import yaml
from ansible.plugins.connection import ssh


def own_versions_out(value):
    """Without the versions of ansible-core, which say nothing of this collection."""
    if isinstance(value, dict):
        return {key: own_versions_out(item) for key, item in value.items() if key not in ('version_added', 'deprecated')}
    if isinstance(value, list):
        return [own_versions_out(item) for item in value]
    return value


class ModuleDocFragment(object):
    # The options that ssh has in the ansible-core in use, so that each of them works in each version.
    # It has a type since the yamllint of ansible-test takes every assignment without one for a literal.
    DOCUMENTATION: str = yaml.safe_dump({'options': own_versions_out(yaml.safe_load(ssh.DOCUMENTATION)['options'])})
