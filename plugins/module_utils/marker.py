# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records that are there only while something goes on, so that the next run knows what was interrupted."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import os

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import Record


class Marker(Record):
    def clear(self):
        try:
            os.unlink(self.path)
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise
