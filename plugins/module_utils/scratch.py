# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder for what is wanted for a moment."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import contextlib
import shutil
import tempfile


@contextlib.contextmanager
def folder(parent):
    """A private folder that is gone in the end. Ansible itself cannot remove what root made in another user's folder.

    :param parent: the folder that it is made in, a module's tmpdir.
    """
    path = tempfile.mkdtemp(dir=parent)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
