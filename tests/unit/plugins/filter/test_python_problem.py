# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import re

import ansible
import pytest
import yaml
from ansible import constants
from ansible.release import __version__ as CORE
from ansible_collections.osa_lab.ceph_aio.plugins.filter.python_problem import FilterModule, number

python_problem = FilterModule().filters()['python_problem']
ROLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', '..', 'roles', 'lock')
with open(os.path.join(ROLE, 'vars', 'main.yml'), encoding='utf-8') as _stream:
    MANAGED = yaml.safe_load(_stream)['__lock_pythons']
NOTHING = 'Last login: never\r\n'
PYTHON27 = 'osa_lab.python 2.7 /usr/bin/python2.7 python2.7\r\n'
PYTHON35 = 'osa_lab.python 3.5 /usr/bin/python3 /usr/bin/python3\r\n'
PYTHON39 = 'osa_lab.python 3.9 /usr/bin/python3.9 python3.9\nosa_lab.python 3.9 /usr/bin/python3 /usr/bin/python3\n'
PIP = "install on this machine ansible-core 2.16, the newest that manages it: pip install 'ansible-core~=2.16.0'"


@pytest.mark.parametrize('said, core, interpreter', [
    (PYTHON27, '2.16.19', ''), (PYTHON27, '2.16.19', 'python2.7'), (NOTHING + PYTHON39, '2.16.19', ''),
    (PYTHON39, '2.21.5', ''), (PYTHON39 + PYTHON27, '2.19.14', ''), (PYTHON27 + PYTHON39, '2.19.14', 'python3.9'),
    (PYTHON39, '2.99.0', '')])
def test_managed(said, core, interpreter):
    assert python_problem(said, 'mylab', core, MANAGED, interpreter) == ''


@pytest.mark.parametrize('said, core, interpreter, text', [
    # Ocata's lab host under a new ansible-core, which looks for no Python 2.
    (PYTHON27, '2.19.14', '',
     'this ansible-core cannot manage the lab host (mylab): there it would run on Python 2.7 (/usr/bin/python2.7), and '
     'ansible-core 2.19 manages Python from 3.8 on. Next: %s.' % PIP),
    (PYTHON27 + PYTHON39, '2.19.14', 'python2.7',
     'this ansible-core cannot manage the lab host (mylab): there it would run on Python 2.7 (/usr/bin/python2.7), and ansible-core '
     '2.19 manages Python from 3.8 on. Next: %s; or set ansible_python_interpreter to /usr/bin/python3.9 (Python 3.9), which is '
     'there.' % PIP),
    # Ocata's lab host where ansible-core 2.16 finds the python3 of Ubuntu 16.04 first.
    (PYTHON35 + PYTHON27, '2.16.19', '',
     'this ansible-core cannot manage the lab host (mylab): there it would run on Python 3.5 (/usr/bin/python3), and ansible-core 2.16 '
     'manages Python 2.7 and from 3.6 on. Next: set ansible_python_interpreter to /usr/bin/python2.7 (Python 2.7), which is there.'),
    (PYTHON35, '2.99.0', '',
     'this ansible-core cannot manage the lab host (mylab): there it would run on Python 3.5 (/usr/bin/python3), and ansible-core 2.99 '
     'manages Python from 3.9 on. Next: install Python 3.9 or newer there, such as the package python3.'),
    ('osa_lab.python 3.8 /usr/bin/python3 python3', '2.21.5', '',
     "this ansible-core cannot manage the lab host (mylab): there it would run on Python 3.8 (/usr/bin/python3), and ansible-core 2.21 "
     "manages Python from 3.9 on. Next: install on this machine ansible-core 2.19, the newest that manages it: pip install "
     "'ansible-core~=2.19.0'."),
    (NOTHING, '2.19.14', '',
     'there is no Python on the lab host (mylab): Ansible needs one there to run its modules. Next: install Python 3.8 or newer there, '
     'such as the package python3.'),
    ('', '2.16.19', '/usr/bin/python3',
     'there is no Python on the lab host (mylab): Ansible needs one there to run its modules. Next: install Python 3.6 or newer there, '
     'such as the package python3, or Python 2.7, such as the package python2.7.'),
    (PYTHON39, '2.19.14', '/opt/python',
     'the Python that is asked for is not on the lab host (/opt/python on mylab): it is not there or cannot be run. '
     'Next: set ansible_python_interpreter to /usr/bin/python3.9 (Python 3.9), which is there.'),
    (PYTHON27, '2.19.14', '/opt/python',
     'the Python that is asked for is not on the lab host (/opt/python on mylab): it is not there or cannot be run. '
     'Next: correct ansible_python_interpreter, or install Python 3.8 or newer there, such as the package python3.'),
])
def test_not_managed(said, core, interpreter, text):
    assert python_problem(said, 'mylab', core, MANAGED, interpreter) == text


def test_table_is_right_about_the_ansible_core_that_runs_this():
    """What its modules refuse to start on, as they say it."""
    with open(os.path.join(os.path.dirname(ansible.__file__), 'module_utils', 'basic.py'), encoding='utf-8') as stream:
        text = stream.read()
    oldest = dict((major, '%s.%s' % (major, minor)) for major, minor in re.findall(r'^_PY[23]?_MIN = .*?\(([23]), (\d+)\)', text, re.M))
    own = '.'.join(CORE.split('.')[:2])
    assert MANAGED[own] == oldest
    looked_for = [name[len('python'):] for name in constants.INTERPRETER_PYTHON_FALLBACK if re.match(r'python\d\.\d+$', name)]
    assert min(looked_for, key=number) == oldest.get('2', oldest['3'])
