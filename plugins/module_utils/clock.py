# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time of day, as it is written down and shown."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import calendar
import time

FORM = '%Y-%m-%dT%H:%M:%SZ'


def utc(seconds=None):
    """A point in time, now where none is given, in UTC, as ISO 8601 has it."""
    return time.strftime(FORM, time.gmtime(seconds))


def seconds(text):
    """Such a point in time in seconds since 1970.

    :raises ValueError: it is none of this form.
    """
    return calendar.timegm(time.strptime(text, FORM))
