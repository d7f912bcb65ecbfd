# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ansible_log

OUTPUT = '''
PLAY [Install Ceph mons] *******************************************************

TASK [ceph-mon : create the mon] ***********************************************
changed: [aio1_ceph-mon_container-0c19f9f6]

TASK [ceph-mon : create the pools] *********************************************
%s

PLAY RECAP *********************************************************************
aio1_ceph-mon_container-0c19f9f6 : ok=1    changed=1    unreachable=0    failed=1
'''


@pytest.mark.parametrize('line, host, message', [
    ('fatal: [mon1]: FAILED! => {"msg": "non-zero return code", "rc": 34, "stderr": "Error ERANGE: too many"}',
     'mon1', 'Error ERANGE: too many'),
    ('fatal: [mon1]: FAILED! => {"msg": "non-zero return code", "rc": 1, "stderr": "", "stdout": "no key"}',
     'mon1', 'no key'),
    ('fatal: [mon1]: FAILED! => {"msg": "MODULE FAILURE", "module_stderr": "Traceback"}', 'mon1', 'Traceback'),
    ('fatal: [mon1 -> localhost]: FAILED! => {"msg": "no"}', 'mon1', 'no'),
    ('failed: [mon1] (item={"name": "rbd"}) => {"item": {"name": "rbd"}, "msg": "no pool"}', 'mon1', 'no pool'),
    ('fatal: [mon1]: UNREACHABLE! => {"changed": false, "msg": "timed out", "unreachable": true}', 'mon1', 'timed out'),
    ('fatal: [mon1]: FAILED! => {"changed": true', 'mon1', '{"changed": true'),
    ('fatal: [mon1]: FAILED! => {"rc": 1}', 'mon1', '{"rc": 1}'),
    ('ERROR! the role ceph-mon was not found', '', 'the role ceph-mon was not found'),
    ('[ERROR]: the role ceph-mon was not found', '', 'the role ceph-mon was not found'),
    (u'fatal: [mon1]: FAILED! => {"msg": "cannot stat \u2018x\u2019"}', 'mon1', u'cannot stat \u2018x\u2019'),
])
def test_first_failure(line, host, message):
    assert ansible_log.first_failure((OUTPUT % line).splitlines()) == {
        'task': 'ceph-mon : create the pools', 'host': host, 'message': message}


def test_first_of_several():
    lines = (OUTPUT % 'fatal: [mon1]: FAILED! => {"msg": "one"}\nfatal: [mon2]: FAILED! => {"msg": "two"}').splitlines()
    assert ansible_log.first_failure(lines)['message'] == 'one'


def test_handler():
    lines = ['RUNNING HANDLER [ceph-mon : restart] ****', 'fatal: [mon1]: FAILED! => {"msg": "no"}']
    assert ansible_log.first_failure(lines)['task'] == 'ceph-mon : restart'


def test_failure_that_is_ignored():
    lines = (OUTPUT % 'fatal: [mon1]: FAILED! => {"msg": "harmless"}\n...ignoring\n\n'
             'TASK [ceph-mon : go on] ****\nfatal: [mon1]: FAILED! => {"msg": "the reason"}').splitlines()
    assert ansible_log.first_failure(lines) == {'task': 'ceph-mon : go on', 'host': 'mon1', 'message': 'the reason'}


@pytest.mark.parametrize('line', ['changed: [mon1]', 'ok: [mon1] => {"msg": "fatal: [mon1]: FAILED!"}',
                                  'skipping: [mon1]', ''])
def test_no_failure(line):
    assert ansible_log.first_failure((OUTPUT % line).splitlines()) == {}


def test_long_message_is_cut():
    line = 'fatal: [mon1]: FAILED! => {"msg": "%s"}' % ('x' * 5000)
    assert ansible_log.first_failure([line])['message'] == 'x' * 1000
