# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.filter.by_make import FilterModule

by_make = FilterModule().filters()['by_make']


@pytest.mark.parametrize('lab, given', [('labosa', ''), ('other', ' LAB=other')])
def test_who_came_by_make(lab, given, monkeypatch):
    monkeypatch.setenv('OSA_CEPH_AIO_MAKE', lab)
    assert by_make('lab-destroy') == 'make lab-destroy' + given
    assert by_make('ssh', {'COMMAND': 'ceph -s'}) == "make ssh%s COMMAND='ceph -s'" % given


def test_who_did_not(monkeypatch):
    monkeypatch.delenv('OSA_CEPH_AIO_MAKE', raising=False)
    assert by_make('lab', {'LAB_ARGS': '-K'}) == ''
