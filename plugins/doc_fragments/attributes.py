# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type


class ModuleDocFragment(object):
    DOCUMENTATION = r'''
options: {}
attributes:
  check_mode:
    description: Can run in check mode and predicts what would change.
  diff_mode:
    description: Returns the difference in diff mode.
'''

    # For modules that only look.
    INFO = r'''
options: {}
attributes:
  check_mode:
    description: Can run in check mode; it changes nothing in any mode.
    support: full
  diff_mode:
    description: Returns the difference in diff mode.
    support: N/A
    details: Nothing is changed, so there is no difference.
'''

    # For modules that keep what they know in state_dir.
    OSA_GROUP = r'''
options: {}
attributes:
  action_group:
    description: Use C(group/osa_lab.ceph_aio.osa) in C(module_defaults) to set C(state_dir) for all modules that have it.
    support: full
    membership: [osa_lab.ceph_aio.osa]
'''
