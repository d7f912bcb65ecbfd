#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: osa_lock
short_description: Let only one run at a time change a lab host
version_added: 0.1.0
description:
  - Takes or gives back the file C(lock) in O(state_dir).
  - An action plugin of the same name adds who is asking, and finds out whether the holder still lives. A run that was
    killed on this controller does not block the next one.
author:
  - osa_lab (@osa-lab)
options:
  state:
    description: V(present) takes the lock or fails; V(absent) gives it back where it is ours.
    type: str
    choices: [present, absent]
    default: present
  force:
    description: Take it whoever has it. Say this only when you know that no other run goes on.
    type: bool
    default: false
  owner:
    description: Who is asking. The action plugin fills it in.
    type: dict
    default: {}
  dead:
    description: Ids of holders that are known to live no more. The action plugin fills it in.
    type: list
    elements: str
    default: []
  state_dir:
    description: Folder of the lock.
    type: path
    default: /var/lib/osa_ceph_aio
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes
  - osa_lab.ceph_aio.attributes.osa_group
attributes:
  check_mode:
    support: full
    details: The lock is looked at, not taken.
  diff_mode:
    support: none
'''

EXAMPLES = r'''
- name: Let nobody else change the lab host meanwhile
  osa_lab.ceph_aio.osa_lock:

- name: Let others in again
  osa_lab.ceph_aio.osa_lock:
    state: absent
'''

RETURN = r'''
left:
  description: >-
    What an earlier run left unfinished: a V(step) (M(osa_lab.ceph_aio.osa_job)), a V(drill) (M(osa_lab.ceph_aio.osa_drill)), a
    V(snapshot) or a V(reset) (M(osa_lab.ceph_aio.ceph_snapshot)).
  returned: success
  type: list
  elements: str
holder:
  description: Who holds the lock.
  returned: somebody else holds it
  type: dict
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import contextlib
import errno
import fcntl
import json
import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import LOCK_FILE, make_state_dir, write_atomically

# Where each of the others keeps what it has begun.
UNFINISHED = {'step': 'supervised/job.json', 'drill': 'drill.json', 'snapshot': 'snapshot.json', 'reset': 'reset.json'}


def read(path):
    """The holder, or None where nobody holds it."""
    try:
        with open(path, 'rb') as stream:
            holder = json.loads(stream.read().decode('utf-8'))
        return holder if isinstance(holder, dict) else {'id': 'unreadable'}
    except (IOError, OSError) as error:
        if error.errno == errno.ENOENT:
            return None
        raise AioError('the lock cannot be read', path, str(error), 'check the file')
    except ValueError:
        return {'id': 'unreadable'}


def held_by_other(path, params):
    """The holder that keeps us out, or None."""
    holder = read(path)
    if holder is None or holder.get('id') == params['owner'].get('id'):
        return None
    if params['force'] or holder.get('id') in params['dead']:
        return None
    return holder


@contextlib.contextmanager
def alone(path):
    """Have a folder locked: whether it is still there then."""
    folder = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield os.path.exists(path) and os.path.samestat(os.fstat(folder), os.stat(path))
    finally:
        os.close(folder)


def take(path, params):
    """Take the lock, or say who has it. One at a time: looking and taking are not to be told apart."""
    while True:
        make_state_dir(params['state_dir'])
        with alone(params['state_dir']) as is_there:
            if not is_there:  # who gave the lock back has removed it meanwhile
                continue
            holder = held_by_other(path, params)
            if not holder:
                write_atomically(path, json.dumps(params['owner'], sort_keys=True))
            return holder


def give_back(path, params):
    with alone(params['state_dir']):
        # Whoever else has it, has it still: force and dead are about taking it.
        if (read(path) or {}).get('id') == params['owner'].get('id'):
            os.unlink(path)
            forget(params['state_dir'])


def forget(folder):
    """After a teardown nothing but locks is left in the folder; then it goes, too."""
    if set(os.listdir(folder)) <= set([LOCK_FILE]):
        if os.path.exists(os.path.join(folder, LOCK_FILE)):
            os.unlink(os.path.join(folder, LOCK_FILE))
        try:
            os.rmdir(folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):  # somebody has just come
                raise


def main():
    module = AnsibleModule(
        argument_spec={
            'state': {'type': 'str', 'choices': ['present', 'absent'], 'default': 'present'},
            'force': {'type': 'bool', 'default': False},
            'owner': {'type': 'dict', 'default': {}},
            'dead': {'type': 'list', 'elements': 'str', 'default': []},
            'state_dir': {'type': 'path', 'default': '/var/lib/osa_ceph_aio'},
        },
        supports_check_mode=True,
    )
    params = module.params
    path = os.path.join(params['state_dir'], 'lock')
    try:
        if params['state'] == 'present':
            holder = held_by_other(path, params) if module.check_mode else take(path, params)
            if holder:
                fail(module, AioError(
                    'another run is changing this lab host', path,
                    'process %s of %s on %s, since %s' % tuple(
                        holder.get(key, '?') for key in ('pid', 'user', 'controller', 'since')),
                    'wait until it has ended; if you know that it has, run again with -e lock_force=true'),
                    holder=holder)
        elif not module.check_mode and os.path.exists(path):
            give_back(path, params)
    except AioError as error:
        fail(module, error)
    except (IOError, OSError) as error:
        fail(module, AioError('the lock cannot be taken', path, str(error),
                              'the play must become root on the lab host'))
    # A lock is no change of the lab host: it is gone when the run is.
    left = [name for name in sorted(UNFINISHED) if os.path.exists(os.path.join(params['state_dir'], UNFINISHED[name]))]
    module.exit_json(changed=False, left=left)


if __name__ == '__main__':
    main()
