# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a lab host ended, as the role report keeps it in report_outcome."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type


def went_well(outcome):
    """Whether nothing was wrong until then. Of a host that is lost afterwards, as in the second half of a rebuild, that is not how it ended."""
    return outcome.get('state', 'done') in ('ok', 'done')
