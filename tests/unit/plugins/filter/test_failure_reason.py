# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.filter.failure_reason import FilterModule


@pytest.mark.parametrize('result, reason', [
    ({'msg': 'no room'}, 'no room'),
    ({'msg': ['No room.', 'Next: make some.']}, 'No room. Next: make some.'),
    ({'msg': ''}, 'no reason given'),
    ({'censored': 'the output has been hidden'}, 'the output has been hidden'),
    ({'msg': 'One or more items failed', 'results': [{'msg': 'All is well'}, {'failed': True, 'msg': 'no a'}, {'failed': True, 'msg': 'no b'},
                                                     {'failed': True, 'msg': 'no a'}]}, 'no a no b'),
    ({'msg': 'no answer', 'results': []}, 'no answer'),
    ({'msg': 'a package is missing', 'results': ['of apt']}, 'a package is missing'),
])
def test_reason(result, reason):
    assert FilterModule().filters()['failure_reason'](result) == reason
