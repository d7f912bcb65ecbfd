# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people type next: who came by make has no ansible-playbook at hand, and the Makefile says so."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import shlex

VARIABLE = 'OSA_CEPH_AIO_MAKE'  # of the environment: the lab host that make was asked for
USUAL = 'labosa'  # the one that make takes where nobody names one


def lab():
    """The lab host of the make that began this run; an empty text where none did."""
    return os.environ.get(VARIABLE, '')


def command(target, **variables):
    """A target of the Makefile as one types it for this run's lab host; an empty text where no make began the run."""
    if not lab():
        return ''
    given = ['LAB=' + lab()] if lab() != USUAL else []
    return ' '.join(['make', target] + given + ['%s=%s' % (key, shlex.quote(str(value))) for key, value in variables.items()])
