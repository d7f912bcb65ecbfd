#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: osa_step
short_description: Run one long step of OpenStack-Ansible, once for given inputs
version_added: 0.1.0
description:
  - Runs a program, such as a bootstrap script or C(openstack-ansible) with a playbook, and keeps its output in a log.
  - Does not run it again where it has succeeded with the same inputs and what it left behind is still there.
  - The record is C(state.json) and the logs are C(logs/) in O(state_dir).
  - Not idempotent by itself where O(rerun=true). What the program does is its own matter.
author:
  - osa_lab (@osa-lab)
options:
  name:
    description: Name of the step in the record and of its log.
    type: str
    required: true
  argv:
    description: The program and its arguments. No shell sees them.
    type: list
    elements: str
    required: true
  chdir:
    description: Folder to run it in.
    type: path
    required: true
  environment:
    description: Variables to add to its environment.
    type: dict
    default: {}
  private_environment:
    description: More variables, such as a proxy with a login. They are not shown.
    type: dict
    default: {}
  inputs:
    description: All that the step depends on. Where it differs from the last success, the step runs again.
    type: dict
    default: {}
  evidence:
    description: Paths that the step leaves behind. Where one is missing, it runs again.
    type: list
    elements: path
    default: []
  rerun:
    description: Run it in any case.
    type: bool
    default: false
  deadline:
    description: Seconds that it may take. Past it, it is killed with all that it started.
    type: float
    default: 7200.0
  unbound:
    description: >-
      Files that no loop device may be bound to when the step starts. Where one is, the step is refused, as it would bind
      a second one to the same file.
    type: list
    elements: path
    default: []
  failures:
    description: Failures that are known, and what to do about them.
    type: list
    elements: dict
    default: []
    suboptions:
      pattern:
        description: Regular expression, searched for in the output.
        type: str
        required: true
      remedy:
        description: What to do next.
        type: str
        required: true
  state_dir:
    description: Where the record and the logs are kept.
    type: path
    default: /var/lib/osa_ceph_aio
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
'''

EXAMPLES = r'''
- name: Run the script that installs Ansible
  osa_lab.ceph_aio.osa_step:
    name: bootstrap-ansible
    argv: [scripts/bootstrap-ansible.sh]
    chdir: /opt/openstack-ansible
    inputs:
      commit: 0123456789abcdef
    evidence: [/opt/ansible-runtime/bin/ansible-playbook]
    deadline: 1800
'''

RETURN = r'''
reason:
  description: Why it ran, or why not.
  returned: unless it could not be started
  type: str
seconds:
  description: How long it took, now or when it ran last.
  returned: success, not in check mode
  type: float
log:
  description: File with its output.
  returned: it ran
  type: str
rc:
  description: Its exit status; null where it was killed at its deadline.
  returned: it ran
  type: int
failed_task:
  description: The task that failed, as task, host and message.
  returned: an Ansible task failed
  type: dict
tail:
  description: Its last lines of output.
  returned: failure of something else than an Ansible task
  type: list
  elements: str
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import errno
import fcntl
import os
import re
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ansible_log, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import State, digest, make_private_dir

TAIL = 20  # lines
WIDTH = 300  # characters of a line
LOGS_KEPT = 5
LOOK = 10  # seconds for one look at the host
ENVIRONMENT = {'PYTHONUNBUFFERED': '1', 'ANSIBLE_NOCOLOR': '1', 'ANSIBLE_FORCE_COLOR': '0'}


def now():
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())


def why_run(params, record):
    """The reason to run the step, or an empty text where it is done."""
    if params['rerun']:
        return 'asked for'
    if not record:
        return 'it has not run yet'
    if record.get('rc') != 0:
        return 'it did not succeed when it ran last'
    if record.get('inputs') != digest(params['inputs']):
        return 'its inputs have changed'
    missing = [path for path in params['evidence'] if not os.path.exists(path)]
    if missing:
        return 'what it leaves behind is missing: %s' % ', '.join(missing)
    return ''


def rotate(path):
    for number in range(LOGS_KEPT - 1, 0, -1):
        older = '%s.%d' % (path, number)
        newer = '%s.%d' % (path, number - 1) if number > 1 else path
        if os.path.exists(newer):
            os.rename(newer, older)


def hold(directory, name):
    """Hold the step lock as long as this process lives.

    A controller that was killed leaves its step running here; the next run must not start a second.
    """
    stream = open(os.path.join(directory, 'step.lock'), 'a+')
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (IOError, OSError) as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        stream.seek(0)
        raise AioError('a step of an earlier run still goes on', directory, stream.read().strip(),
                       'wait until it has ended and run again')
    stream.truncate(0)
    stream.write('step %s, process %d, since %s\n' % (name, os.getpid(), now()))
    stream.flush()
    return stream


def check_unbound(images):
    """A second loop device on the same file is a second writer to the same disk.

    :raises AioError: one of the files has a loop device.
    """
    bound = []
    for image in images:
        if os.path.exists(image):
            argv = ['losetup', '--noheadings', '--output', 'NAME', '--associated', image]
            found = process.run(argv, LOOK)
            if found.rc != 0:
                raise AioError('it cannot be told whether a loop device is bound', image, found.stderr.strip() or 'no answer in %d s' % LOOK,
                               'see what this says on the lab host: %s' % ' '.join(argv))
            bound += ['%s (%s)' % (device, image) for device in found.stdout.split()]
    if bound:
        raise AioError(
            'the step would bind loop devices a second time', ', '.join(bound),
            'the script binds them whether they are bound or not, and leaves its list of devices as it was',
            "where an OSD lives on them, go on without this step (leave its inputs as they were), or build on a fresh host; "
            'where none does yet, detach each (losetup -d), remove the files and user_ceph_aio.yml in /etc/openstack_deploy, '
            'and run again')


def run(params, state):
    """Run the step and record it: (process result, seconds, log)."""
    logs = os.path.join(params['state_dir'], 'logs')
    make_private_dir(params['state_dir'])
    make_private_dir(logs)
    lock = hold(params['state_dir'], params['name'])
    log = os.path.join(logs, params['name'] + '.log')
    rotate(log)
    started, start = now(), time.time()
    state.record(params['name'], inputs=digest(params['inputs']), started=started, finished='', rc=None, log=log)
    environment = process.variables(ENVIRONMENT, params['private_environment'], params['environment'])
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'wb') as stream:
        result = process.run(params['argv'], params['deadline'], cwd=params['chdir'],
                             environment=environment, output=stream)
    seconds = round(time.time() - start, 1)
    state.record(params['name'], finished=now(), seconds=seconds, rc=result.rc)
    lock.close()
    return result, seconds, log


def explain(params, result, log):
    """Why the step failed: (AioError, what else to return)."""
    with open(log, 'rb') as stream:
        text = stream.read().decode('utf-8', 'replace')
    lines = [line for line in text.splitlines() if line.strip()]
    task = ansible_log.first_failure(lines)
    remedies = [known['remedy'] for known in params['failures'] if re.search(known['pattern'], text)]
    if result.timed_out:
        why = 'it took more than %g s and was killed' % params['deadline']
    elif task:
        why = '%s: %s' % ('task "%s" on %s' % (task['task'], task['host']) if task['host'] else 'Ansible', task['message'])
    else:
        why = 'it ended with %s: %s' % (result.rc, ' | '.join(lines[-3:])[:500])
    remedies.append('the whole output is in %s on the lab host; run again to go on from here' % log)
    details = {'failed_task': task} if task else {'tail': [line[:WIDTH] for line in lines[-TAIL:]]}
    return AioError('step %s failed' % params['name'], ' '.join(params['argv']), why, '; '.join(remedies)), details


def main():
    module = AnsibleModule(
        argument_spec={
            'name': {'type': 'str', 'required': True},
            'argv': {'type': 'list', 'elements': 'str', 'required': True},
            'chdir': {'type': 'path', 'required': True},
            'environment': {'type': 'dict', 'default': {}},
            'private_environment': {'type': 'dict', 'default': {}, 'no_log': True},
            'inputs': {'type': 'dict', 'default': {}},
            'evidence': {'type': 'list', 'elements': 'path', 'default': []},
            'rerun': {'type': 'bool', 'default': False},
            'deadline': {'type': 'float', 'default': 7200.0},
            'unbound': {'type': 'list', 'elements': 'path', 'default': []},
            'failures': {'type': 'list', 'elements': 'dict', 'default': [], 'options': {
                'pattern': {'type': 'str', 'required': True}, 'remedy': {'type': 'str', 'required': True}}},
            'state_dir': {'type': 'path', 'default': '/var/lib/osa_ceph_aio'},
        },
        supports_check_mode=True,
    )
    params = module.params
    state = State(params['state_dir'])
    for known in params['failures']:
        try:
            re.compile(known['pattern'])
        except re.error as error:
            fail(module, AioError('a pattern of failures is no regular expression', known['pattern'], str(error), 'correct it'))
    try:
        record = state.steps().get(params['name'], {})
        reason = why_run(params, record)
        if reason:
            check_unbound(params['unbound'])
        else:
            module.exit_json(changed=False, reason='done before, with the same inputs', seconds=record['seconds'])
        if module.check_mode:
            module.exit_json(changed=True, reason=reason)
        result, seconds, log = run(params, state)
    except (AioError, OSError) as error:
        if isinstance(error, AioError):
            fail(module, error)
        fail(module, AioError('step %s could not be started' % params['name'], ' '.join(params['argv']), str(error),
                              'check that the OSA checkout is whole'))
    if result.rc != 0:
        error, details = explain(params, result, log)
        fail(module, error, reason=reason, log=log, rc=result.rc, seconds=seconds, **details)
    module.exit_json(changed=True, reason=reason, seconds=seconds, log=log, rc=0)


if __name__ == '__main__':
    main()
