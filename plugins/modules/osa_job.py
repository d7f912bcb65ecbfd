#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: osa_job
short_description: Wait for the step that an earlier run left running, or end it
version_added: 0.1.0
description:
  - A step of M(osa_lab.ceph_aio.osa_step) goes on where its controller is killed or the connection is lost. What came of it is
    recorded here, so that the next run takes it for done where it has succeeded.
  - An action plugin of the same name shows how far it is.
author:
  - osa_lab (@osa-lab)
options:
  state:
    description: V(awaited) waits until it has ended by itself; V(ended) kills it with all that it started.
    type: str
    choices: [awaited, ended]
    default: awaited
  patience:
    description: Seconds to wait before it is told how far it is. The action plugin fills it in; without it, it is waited to the end.
    type: float
  cursor:
    description: What was told before, to be told what is new. The action plugin fills it in.
    type: dict
    default: {}
  state_dir:
    description: Where the record is kept.
    type: path
    default: /var/lib/osa_ceph_aio
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes
  - osa_lab.ceph_aio.attributes.osa_group
attributes:
  check_mode:
    support: full
    details: In check mode it is said whether a step runs; it is neither awaited nor ended.
  diff_mode:
    support: none
'''

EXAMPLES = r'''
- name: Go on with what an earlier run left running
  osa_lab.ceph_aio.osa_job:

- name: End it
  osa_lab.ceph_aio.osa_job:
    state: ended
'''

RETURN = r'''
step:
  description: Name of the step; empty where none was left.
  returned: success
  type: str
exit_status:
  description: Its exit status; null where it was killed, or runs still.
  returned: success
  type: int
running:
  description: Whether it still goes on.
  returned: success
  type: bool
cursor:
  description: >-
    How far it is: its id, the play and the task that it is at, how many tasks there have been, its seconds, and what an earlier run
    had in all (expected, a dict of tasks and seconds, null where nobody knows).
  returned: it still goes on, not in check mode
  type: dict
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import State
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.supervision import Job

FOR_EVER = 10.0 ** 7  # seconds; the step has a deadline of its own


def tell(module, changed, known, record=None, running=False):
    """What is known of the step, and what became of it."""
    module.exit_json(changed=changed, step=known['step'] if known else '', exit_status=record['rc'] if record else None, running=running)


def wait(module, job):
    """Wait for it, as long as is wanted, and tell how it is."""
    params = module.params
    known = job.load()
    job.wait(FOR_EVER if params['patience'] is None else params['patience'])
    goes_on = job.progress(params['cursor'])
    if goes_on:
        module.exit_json(changed=False, step=goes_on['step'], exit_status=None, running=True, cursor=goes_on)
    record = job.settle()
    tell(module, False, known, record)


def end(module, job):
    with job.alone():
        known, running = job.load(), job.is_running()
        record = job.end()
    tell(module, running, known, record)


def main():
    module = AnsibleModule(
        argument_spec={
            'state': {'type': 'str', 'choices': ['awaited', 'ended'], 'default': 'awaited'},
            'patience': {'type': 'float'},
            'cursor': {'type': 'dict', 'default': {}},
            'state_dir': {'type': 'path', 'default': '/var/lib/osa_ceph_aio'},
        },
        supports_check_mode=True,
    )
    job = Job(State(module.params['state_dir']))
    try:
        if module.check_mode:
            running, known = job.is_running(), job.load()
            tell(module, running and module.params['state'] == 'ended', known, running=running)
        if module.params['state'] == 'ended':
            end(module, job)
        wait(module, job)
    except AioError as error:
        fail(module, error)
    except OSError as error:
        fail(module, AioError('the step of an earlier run cannot be looked at', job.folder, str(error), 'the play must become root on the lab host'))


if __name__ == '__main__':
    main()
