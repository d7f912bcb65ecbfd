# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.redact import redact

# Made up; AQ is a key of AES, Ag one of AES256.
KEYS = ['AQ' + 'B3' * 18 + '==', 'Ag' + 'c/' * 30, 'AQ' + '+9' * 15 + 'a=']


@pytest.mark.parametrize('key', KEYS)
@pytest.mark.parametrize('text', ['%s', 'key = %s', '{"key":"%s"}', '[client.a]\n\tkey = %s\n\tcaps mon = "allow r"\n', '%s %s', '(%s)'])
def test_key(key, text):
    assert redact(text.replace('%s', key)) == text.replace('%s', '<key>')


@pytest.mark.parametrize('text', [
    '', 'HEALTH_OK', 'AQ', 'AQIDBAUG', '31ff4489-b257-4172-816a-af35b0f0ff48', '618f440892089921c3e944a991122ddc44e60516',
    'AGLONGWORDOFCAPITALSTHATISNOTAKEYATALL', 'xAQ' + 'B3' * 18, u'gr\xfcn'])
def test_no_key(text):
    assert redact(text) == text
