# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
from ansible_collections.osa_lab.ceph_aio.plugins.filter.report_outcomes import LOST, report_outcomes


def test_each_in_its_order():
    """What was well before a host was lost is not how it ended."""
    known = {'b': {'report_outcome': {'state': 'ok', 'text': '3 up', 'file': '/pages/b/b.html'}}, 'a': {},
             'c': {'report_outcome': {'state': 'ok', 'text': '', 'file': ''}},
             'd': {'report_outcome': {'state': 'failed', 'text': 'why'}}}
    assert [tuple(row[key] for key in ('host', 'state', 'text', 'page')) for row in report_outcomes('baced', dict(known, e={}), ['a', 'b'], '/pages/a')] == [
        ('b', 'ok', '3 up', '../b/b.html'), ('a', 'done', '', ''), ('c', 'failed', LOST, ''), ('e', 'failed', LOST, ''), ('d', 'failed', 'why', '')]
