# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drill is named wherever one looks for it."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.drills import DRILLS


@pytest.mark.parametrize('path, form', [
    ('roles/drill/meta/argument_specs.yml', 'V(%s)'), ('plugins/modules/osa_drill.py', '%s'), ('docs/reset.md', '`%s`'),
    ('tests/integration/drills/test_drills.py', '"%s":')])
def test_every_drill_is_named(root, path, form):
    with open(os.path.join(root, path), encoding='utf-8') as stream:
        text = stream.read()
    assert [name for name in DRILLS if form % name not in text] == [], 'name these drills in ' + path
