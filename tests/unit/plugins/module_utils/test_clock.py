# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import clock


def test_a_point_in_time():
    assert clock.utc(0) == '1970-01-01T00:00:00Z'
    assert clock.utc(1795404924.9) == '2026-11-23T03:35:24Z'


def test_read_again():
    assert clock.seconds('1970-01-02T00:00:01Z') == 86401


@pytest.mark.parametrize('text', ['', 'tomorrow', '1970-01-02', '1970-01-02T00:00:01'])
def test_what_is_no_point_in_time(text):
    with pytest.raises(ValueError):
        clock.seconds(text)


def test_now(monkeypatch):
    monkeypatch.setenv('TZ', 'Asia/Tokyo')
    clock.time.tzset()
    try:
        assert abs(clock.seconds(clock.utc()) - clock.time.time()) < 60  # an hour and more where it took local time
    finally:
        monkeypatch.undo()
        clock.time.tzset()
