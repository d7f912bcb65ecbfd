# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: python_problem
short_description: Why an ansible-core cannot manage a host, by the Python that is there
version_added: 0.1.0
description:
  - Judges the Python that is asked for, or the first that discovery would find, and names another that would do.
author:
  - osa_lab (@osa-lab)
positional: host, core, managed, interpreter
options:
  _input:
    description:
      - What the host said. For each Python a line C(osa_lab.python VERSION PATH NAME), in the order of discovery. NAME is what it was called by.
    type: str
    required: true
  host:
    description: Name of the host.
    type: str
    required: true
  core:
    description: Version of the ansible-core that is to manage it.
    type: str
    required: true
  managed:
    description: Of each ansible-core (such as 2.16) the oldest Python of each major version (2 and 3) that it manages.
    type: dict
    required: true
  interpreter:
    description: The Python that is asked for; empty for the first.
    type: str
    default: ''
'''

EXAMPLES = r'''
- name: Say that Python 2.7 is too old
  ansible.builtin.debug:
    msg: "{{ 'osa_lab.python 2.7 /usr/bin/python2.7 python2.7' | osa_lab.ceph_aio.python_problem('mylab', '2.17.1', managed) }}"
  vars:
    managed:
      "2.16": {"2": "2.7", "3": "3.6"}
      "2.17": {"3": "3.7"}
'''

RETURN = r'''
_value:
  description: What, where, why and what to do next, or an empty text where it can be managed.
  type: str
'''

import re

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

LINE = re.compile(r'^osa_lab\.python (\d+\.\d+) (\S+) (.*?)\r?$', re.M)


def number(version):
    """A version as a tuple that can be compared."""
    return tuple(int(part) for part in re.findall(r'\d+', version)[:2])


def manages(oldest, python):
    """:param oldest: what the table has of an ansible-core."""
    return number(oldest.get(python.partition('.')[0], '99')) <= number(python)


def in_words(oldest):
    return 'Python ' + ' and '.join(([oldest['2']] if '2' in oldest else []) + ['from %s on' % oldest['3']])


def judge(said, host, core, managed, interpreter):
    """:raises AioError: it cannot be managed."""
    pythons = LINE.findall(said)
    known = sorted(managed, key=number)
    own = '.'.join(core.split('.')[:2])
    oldest = managed.get(own, managed[known[-1]])  # one that is newer than the table
    install = 'install Python %s or newer there, such as the package python3%s' % (
        oldest['3'], ', or Python %s, such as the package python2.7' % oldest['2'] if '2' in oldest else '')
    others = ['set ansible_python_interpreter to %s (Python %s), which is there' % (path, version)
              for version, path, _name in pythons if manages(oldest, version)][:1]
    if not pythons:
        raise AioError('there is no Python on the lab host', host, 'Ansible needs one there to run its modules', install)
    wanted = [python for python in pythons if python[2] == interpreter] if interpreter else pythons
    if not wanted:
        raise AioError('the Python that is asked for is not on the lab host', '%s on %s' % (interpreter, host),
                       'it is not there or cannot be run', (others or ['correct ansible_python_interpreter, or ' + install])[0])
    version, path, _name = wanted[0]
    if manages(oldest, version):
        return
    able = [name for name in known if manages(managed[name], version)]
    remedies = ["install on this machine ansible-core %s, the newest that manages it: pip install 'ansible-core~=%s.0'" % (
        able[-1], able[-1])] if able else []
    raise AioError('this ansible-core cannot manage the lab host', host, 'there it would run on Python %s (%s), and ansible-core %s manages %s' % (
        version, path, own, in_words(oldest)), '; or '.join(remedies + others) or install)


def python_problem(said, host, core, managed, interpreter=''):
    try:
        judge(said, host, core, managed, interpreter)
    except AioError as error:
        return str(error)
    return ''


class FilterModule:
    def filters(self):
        return {'python_problem': python_problem}
