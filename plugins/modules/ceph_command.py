#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: ceph_command
short_description: Put a command to the Ceph cluster of an all-in-one
version_added: 0.1.0
description:
  - Runs any command of a mon, with the same access, deadline and errors as M(osa_lab.ceph_aio.ceph_info).
  - It is not idempotent, each run runs the command. Whether the result is C(changed) goes by what Ceph says of the
    command, not by what it did. Use C(changed_when) where you know better.
  - Keys of Ceph in an answer are blotted out unless you ask for them.
author:
  - osa_lab (@osa-lab)
options:
  command:
    description:
      - The command as mons take it. C(prefix) has its words, the other keys are its arguments.
      - C(format) is V(json) unless you say otherwise.
      - Numbers, truth values and text are made of each other where Ceph's own description of the command says so.
      - C(ceph --verbose) shows what the words that you would type become.
    type: dict
  argv:
    description: The words that you would type after C(ceph). The ceph command runs them where Ceph is asked.
    type: list
    elements: str
  reveal_keys:
    description: Leave keys in the answer. Use C(no_log) then.
    type: bool
    default: false
extends_documentation_fragment:
  - osa_lab.ceph_aio.ceph_access
  - osa_lab.ceph_aio.attributes
attributes:
  check_mode:
    support: partial
    details: A command that only reads, as Ceph says, runs in check mode. Any other does not.
  diff_mode:
    support: none
'''

EXAMPLES = r'''
- name: Ask how full the OSDs are
  osa_lab.ceph_aio.ceph_command:
    argv: [osd, df]
  register: osd_df

- name: Make a pool
  osa_lab.ceph_aio.ceph_command:
    command:
      prefix: osd pool create
      pool: scratch
      pg_num: 8
'''

RETURN = r'''
answer:
  description: What Ceph said, parsed; null where it is no JSON or the command did not run.
  returned: always
  type: raw
stdout:
  description: What Ceph said, as text.
  returned: always
  type: str
stderr:
  description: What it said besides.
  returned: always
  type: str
rc:
  description: V(0), or the number of the error, negative.
  returned: where the command ran
  type: int
only_reads:
  description: Whether Ceph says that the command only reads.
  returned: always
  type: bool
container:
  description: The container that was asked; empty where it was this host.
  returned: always
  type: str
state:
  description: Why it could not be asked, as in M(osa_lab.ceph_aio.ceph_info).
  returned: where Ceph could not be asked
  type: str
  sample: mon_unreachable
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import json

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_commands, cluster, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.redact import redact


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def command_of(params):
    """The command as a session takes it.

    :raises AioError: it is none.
    """
    if params['argv'] is not None:
        if not params['argv'] or not all(params['argv']):
            raise AioError('the command has no words, or an empty one', 'argv', '', 'name a command, for example [osd, df]')
        if params['argv'][0] == 'ceph' or len(params['argv']) == 1 and len(params['argv'][0].split()) > 1:
            raise AioError('these are not the words of a command', 'argv: %s' % params['argv'], 'each word is one of the list, after "ceph"',
                           'write it as a list without ceph, for example [osd, df]')
        formatted = any(word.partition('=')[0] in ceph_commands.HARMLESS_OPTIONS for word in params['argv'])
        return {'argv': params['argv'] + ([] if formatted else ['--format', 'json'])}
    prefix = params['command'].get('prefix')
    if not hasattr(prefix, 'split') or not prefix.split():
        raise AioError('the command has no prefix', 'command', 'prefix is the words that the command begins with',
                       'add it, for example prefix: osd pool create')
    return dict({'format': 'json'}, **params['command'])


def main():
    module = AnsibleModule(
        argument_spec=dict(
            cluster.ACCESS_ARGUMENTS,
            command={'type': 'dict'},
            argv={'type': 'list', 'elements': 'str'},
            reveal_keys={'type': 'bool', 'default': False, 'no_log': False},
        ),
        mutually_exclusive=[('command', 'argv')],
        required_one_of=[('command', 'argv')],
        supports_check_mode=True,
    )
    params = module.params
    result = {'answer': None, 'stdout': '', 'stderr': '', 'only_reads': False, 'container': ''}
    try:
        cluster.check(params)
        command = command_of(params)
        deadline = process.now() + params['timeout']
        with cluster.Cluster(params) as ceph:
            (known,) = ceph.ask([ceph_commands.DESCRIPTIONS], params['timeout'])
            descriptions = parsed(known.out)
            words = ceph_commands.words_of(params['command'], params['argv'])
            result.update(container=ceph.place.container, only_reads=ceph_commands.only_reads(words, descriptions))
            if module.check_mode and not result['only_reads']:
                module.exit_json(changed=True, skipped=True, msg='Not run in check mode: the command may change the cluster.',
                                 **result)
            if params['command']:
                ceph_commands.check_names(command, descriptions)
                command = ceph_commands.typed(command, descriptions)
            (answer,) = ceph.ask([command], deadline - process.now())
        text = answer.out if params['reveal_keys'] else redact(answer.out)
        result.update(answer=parsed(text), stdout=text.strip(), stderr=answer.err.strip(), rc=answer.rc)
        answer.check()
    except AioError as error:
        fail(module, error, **result)
    module.exit_json(changed=not result['only_reads'], **result)


if __name__ == '__main__':
    main()
