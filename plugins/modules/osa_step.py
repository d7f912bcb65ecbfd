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
  - The program has a supervisor of its own on the lab host, a transient unit where systemd is PID 1. It goes on where the
    connection or the controller is lost. The next run waits for it (M(osa_lab.ceph_aio.osa_job)) and takes what it did.
  - An action plugin of the same name shows how far it is. On a terminal that is one line that changes, else a line each minute.
  - Does not run it again where it has succeeded with the same inputs and what it left behind is still there.
  - The record is C(state.json), the logs are C(logs/), and the step that runs is C(supervised/), in O(state_dir).
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
  count_tasks:
    description: >-
      O(argv) takes C(--list-tasks), as C(ansible-playbook) does. Where somebody watches and no earlier run has told how many
      tasks there are, it is asked so first.
    type: bool
    default: false
  patience:
    description: Seconds to wait before it is told how far the step is. The action plugin fills it in; without it, it is waited to the end.
    type: float
  cursor:
    description: What was told before of a step that goes on, to be told what is new. The action plugin fills it in.
    type: dict
    default: {}
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
  - osa_lab.ceph_aio.attributes.osa_group
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
  description: How long it took, now or when it ran last; null where it was killed together with its supervisor.
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
  returned: it ran and failed
  type: list
  elements: str
running:
  description: Whether it still goes on. Only the action plugin sees V(true).
  returned: it ran
  type: bool
cursor:
  description: >-
    How far it is, of a step that goes on: its id, the play and the task that it is at, how many tasks there have been, its seconds,
    and what an earlier run had in all (expected, a dict of tasks and seconds, null where nobody knows).
  returned: it still goes on
  type: dict
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import os
import re

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ansible_log, process, supervisor
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.redact import Redactor
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import State, digest, make_private_dir
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.supervision import UNKNOWN, Job

TAIL = 20  # lines
LARGEST = 8 << 20  # bytes of a log that are looked at, its last ones
WIDTH = 300  # characters of a line
LOGS_KEPT = 5
LOOK = 10  # seconds for one look at the host
COUNT = 60  # seconds for the count of the tasks
GRACE = 60  # seconds past its deadline, until which a supervisor has ended its program
ENVIRONMENT = {'PYTHONUNBUFFERED': '1', 'ANSIBLE_NOCOLOR': '1', 'ANSIBLE_FORCE_COLOR': '0'}
DONE = 'done before, with the same inputs'
LISTED_TASK = re.compile(r'^ {4,}\S.*\tTAGS: \[', re.M)


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


def expected(params, record, environment):
    """Tasks and seconds that the step will have, each None where nobody knows."""
    usual = record.get('usual', UNKNOWN)
    if usual['tasks'] is None and params['count_tasks']:
        listed = process.run(params['argv'] + ['--list-tasks'], COUNT, cwd=params['chdir'], environment=environment)
        usual = dict(usual, tasks=len(LISTED_TASK.findall(listed.stdout)) or None)
    return usual


def start(params, state, job, record):
    """Start the step and record that: its cursor."""
    logs = os.path.join(params['state_dir'], 'logs')
    make_private_dir(logs)
    log = os.path.join(logs, params['name'] + '.log')
    environment = process.variables(ENVIRONMENT, params['private_environment'], params['environment'])
    usual = expected(params, record, environment)
    rotate(log)
    os.close(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    inputs = digest(params['inputs'])
    state.record(params['name'], inputs=inputs, started=supervisor.now(), finished='', rc=None, log=log, evidence=params['evidence'])
    started = job.start(params['name'], params['argv'], params['chdir'], process.plain_environment(environment),
                        params['deadline'], log, inputs)
    return {'id': started['id'], 'log': log, 'expected': usual}


def begin(params, state, job):
    """Start the step where there is a reason: (reason, cursor); without one both are empty."""
    with job.alone():
        if job.is_running():
            running = job.load() or {'step': 'unknown', 'started': 'a moment ago'}
            raise AioError('a step of an earlier run still goes on', job.folder, 'step %s, since %s' % (running['step'], running['started']),
                           'wait until it has ended and run again')
        job.settle()
        record = state.steps().get(params['name'], {})
        reason = why_run(params, record)
        if not reason:
            return '', {}
        check_unbound(params['unbound'])
        return reason, start(params, state, job, record)


def explain(params, record, log):
    """Why the step failed, by what was recorded of it: (AioError, what else to return)."""
    with open(log, 'rb') as stream:
        stream.seek(max(0, os.path.getsize(log) - LARGEST))
        text = Redactor().clean(stream.read().decode('utf-8', 'replace'))
    lines = [line for line in text.splitlines() if line.strip()]
    task = ansible_log.first_failure(lines)
    remedies = [known['remedy'] for known in params['failures'] if re.search(known['pattern'], text)]
    if record['timed_out']:
        why = 'it took more than %g s and was killed' % params['deadline']
    elif record['rc'] is None:
        why = 'it was killed, and its supervisor with it'
    elif record['rc'] < 0:
        why = 'it was killed by signal %d' % -record['rc']
    elif task:
        why = '%s: %s' % ('task "%s" on %s' % (task['task'], task['host']) if task['host'] else 'Ansible', task['message'])
    else:
        why = 'it ended with %s: %s' % (record['rc'], ' | '.join(lines[-3:])[:500])
    remedies.append('the whole output is in %s on the lab host; run again to go on from here' % log)
    details = {'tail': [line[:WIDTH] for line in lines[-TAIL:]]}
    if task and (record['rc'] or 0) > 0:
        details['failed_task'] = task
    return AioError('step %s failed' % params['name'], ' '.join(params['argv']), why, '; '.join(remedies)), details


def watch(module, state, job, cursor, reason):
    """Wait for the step, as long as is wanted, and tell how it is."""
    params = module.params
    waited = params['patience'] if params['patience'] is not None else params['deadline'] + GRACE
    job.wait(waited)
    goes_on = job.progress(dict(cursor, reason=reason))
    if goes_on and goes_on['id'] == cursor['id']:
        module.exit_json(changed=False, running=True, reason=reason, cursor=goes_on)
    job.settle()
    record = state.steps().get(params['name'], {})
    # Where the answer to this question was lost on its way, it is asked again, and is recorded already.
    if record.get('id') != cursor['id']:
        raise AioError('step %s is not there any more' % params['name'], job.folder, 'another run has ended it', 'run again')
    told = {'reason': reason, 'running': False, 'log': cursor['log'], 'rc': record['rc'], 'seconds': record['seconds']}
    if record['rc'] != 0:
        error, details = explain(params, record, cursor['log'])
        fail(module, error, **dict(told, **details))
    module.exit_json(changed=True, **told)


def work(module):
    params = module.params
    state = State(params['state_dir'])
    job = Job(state)
    if params['cursor']:
        watch(module, state, job, params['cursor'], params['cursor']['reason'])
    if module.check_mode:
        reason = why_run(params, state.steps().get(params['name'], {}))
        module.exit_json(changed=bool(reason), reason=reason or DONE)
    reason, cursor = begin(params, state, job)
    if not reason:
        module.exit_json(changed=False, reason=DONE, seconds=state.steps()[params['name']]['seconds'])
    watch(module, state, job, cursor, reason)


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
            'count_tasks': {'type': 'bool', 'default': False},
            'patience': {'type': 'float'},
            'cursor': {'type': 'dict', 'default': {}},
            'failures': {'type': 'list', 'elements': 'dict', 'default': [], 'options': {
                'pattern': {'type': 'str', 'required': True}, 'remedy': {'type': 'str', 'required': True}}},
            'state_dir': {'type': 'path', 'default': '/var/lib/osa_ceph_aio'},
        },
        supports_check_mode=True,
    )
    for known in module.params['failures']:
        try:
            re.compile(known['pattern'])
        except re.error as error:
            fail(module, AioError('a pattern of failures is no regular expression', known['pattern'], str(error), 'correct it'))
    try:
        work(module)
    except AioError as error:
        fail(module, error)
    except (IOError, OSError) as error:
        fail(module, AioError('step %s could not be started' % module.params['name'], ' '.join(module.params['argv']), str(error),
                              'check that the OSA checkout is whole'))


if __name__ == '__main__':
    main()
