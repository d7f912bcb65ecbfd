# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of Ceph do not reach a log."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import re

# A cephx key is base64 of: its type (16 bits, 1 is AES, 2 is AES256), when it was made (64 bits), its
# length (16 bits) and its bytes. So the text begins with AQ or Ag.
KEY = re.compile(r'\bA[Qg][A-Za-z0-9+/]{30,}={0,2}')
REDACTED = '<key>'


def redact(text):
    """The text with each cephx key in it replaced."""
    return KEY.sub(REDACTED, text)
