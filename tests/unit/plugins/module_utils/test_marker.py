# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.marker import Marker


class Example(Marker):
    FILE, PART, NAME = 'example.json', 'example', 'record of an example'


def test_cleared(tmp_path):
    marker = Example(str(tmp_path / 'state'))
    marker.clear()
    assert marker.load() == {}
    marker.save({'name': 'golden'})
    assert marker.load() == {'name': 'golden'}
    marker.clear()
    assert marker.load() == {}
    assert os.listdir(str(tmp_path / 'state')) == []
