# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
from unittest import mock

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.action import show_text


@pytest.mark.parametrize('text, shown', [
    ('HEALTH_OK', 'HEALTH_OK'), ('a\n  "b"\\n\n\n', 'a\n  "b"\\n'), ('größe', 'größe'), (8, '8'), ('', '')])
def test_shown_as_it_is(monkeypatch, text, shown):
    display = mock.MagicMock()
    monkeypatch.setattr(show_text, 'display', display)
    task = mock.MagicMock(args={'text': text}, async_val=0, check_mode=False, diff=False)
    plugin = show_text.ActionModule(task, *[mock.MagicMock() for _number in range(5)])
    assert plugin.run(task_vars={}) == {'changed': False}
    assert [call.args for call in display.display.call_args_list] == [(shown,)]


def test_needs_no_connection():
    assert show_text.ActionModule._requires_connection is False
