# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import stat

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import scratch


@pytest.mark.parametrize('error', [None, SystemExit, ValueError])
def test_private_and_gone_in_the_end(error, tmp_path):
    """However it ends: a module that fails leaves by SystemExit."""
    try:
        with scratch.folder(str(tmp_path)) as path:
            assert os.path.dirname(path) == str(tmp_path) and stat.S_IMODE(os.stat(path).st_mode) == 0o700
            with open(os.path.join(path, 'f'), 'w') as stream:
                stream.write('a login')
            if error:
                raise error()
    except (SystemExit, ValueError):
        pass
    assert os.listdir(str(tmp_path)) == []
