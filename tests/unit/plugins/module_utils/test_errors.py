# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible.module_utils.common.text.converters import to_native, to_text
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.ceph_session import CephProblem
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail


@pytest.mark.parametrize('parts, text', [
    (('it broke',), 'it broke.'),
    (('it broke', 'here'), 'it broke (here).'),
    (('it broke', 'here', 'too old'), 'it broke (here): too old.'),
    (('it broke', 'here', 'too old.', 'mend it.'), 'it broke (here): too old. Next: mend it.'),
    (('it broke', '', '', 'mend it'), 'it broke. Next: mend it.'),
    # On Python 2 the one is text, the other bytes.
    (('it broke', u'gr\xfcn', 'too old', to_native(u'mend gr\xfcn')), to_native(u'it broke (gr\xfcn): too old. Next: mend gr\xfcn.')),
])
def test_text(parts, text):
    assert str(AioError(*parts)) == text


def test_as_dict():
    assert AioError('a', 'b', 'c', 'd').as_dict() == {'what': 'a', 'where': 'b', 'why': 'c', 'remedy': 'd'}


class Module:
    def fail_json(self, **result):
        self.result = result


@pytest.mark.parametrize('why', ['too old', u'zu gro\xdf'])
def test_fail(why):
    module = Module()
    fail(module, AioError('it broke', 'here', why), rc=1)
    assert to_text(module.result.pop('msg')) == u'it broke (here): %s.' % why
    assert module.result == {'rc': 1, 'problem': {'what': 'it broke', 'where': 'here', 'why': to_native(why), 'remedy': ''}}


def test_fail_with_a_state():
    """An error of the cluster has one, and it is the module's."""
    module = Module()
    fail(module, CephProblem('denied', 'it broke'), state='other')
    assert module.result['state'] == 'denied'
