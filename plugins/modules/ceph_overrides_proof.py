#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: ceph_overrides_proof
short_description: Prove what OpenStack-Ansible's own Ansible makes of ceph_conf_overrides
version_added: 0.1.0
description:
  - Runs a playbook of its own with C(openstack-ansible), with the inventory, group_vars and user files that the install will
    have, and compares what each mon host sees with what is wanted. The hosts need not be there yet, and none is contacted.
  - Fails with both values where they differ.
  - Only the options and pools that are asked for are looked at. OSA's inventory is made by it where it is not there yet.
author:
  - osa_lab (@osa-lab)
options:
  runner:
    description: The program that runs a playbook.
    type: str
    default: openstack-ansible
  chdir:
    description: Folder to run it in, OSA's playbooks.
    type: path
    required: true
  group:
    description: Group of the mon hosts.
    type: str
    default: ceph-mon
  role_defaults:
    description: File of the role's defaults that count where nothing shadows them. Without it no role's do.
    type: str
    default: ''
  overrides:
    description: The wanted options of C(ceph_conf_overrides), as section, then option, then value.
    type: dict
    required: true
  pools:
    description: Variables of pools, each with the hash that is wanted.
    type: dict
    default: {}
  environment:
    description: Variables to add to its environment.
    type: dict
    default: {}
  private_environment:
    description: More variables, such as a proxy with a login. They are not shown.
    type: dict
    default: {}
  deadline:
    description: Seconds that it may take. Past it, it is killed with all that it started.
    type: float
    default: 300.0
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes.info
'''

EXAMPLES = r'''
- name: Prove the override before the install
  osa_lab.ceph_aio.ceph_overrides_proof:
    chdir: /opt/openstack-ansible/playbooks
    overrides:
      global:
        osd_pool_default_pg_num: 8
'''

RETURN = r'''
hosts:
  description: The mon hosts that see what is wanted.
  returned: success
  type: list
  elements: str
mismatches:
  description: What differs, each with the host, the name, what is wanted and what is seen.
  returned: something differs
  type: list
  elements: dict
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import base64
import io
import json
import os
import re
import shutil
import tempfile

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.text.converters import to_text
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail

ROLE = 'ceph_overrides_proof'
MARK = re.compile(r'%s:([A-Za-z0-9+/=]+):([^:\s]+):' % ROLE)  # what a host sees, and its name
TAIL = 10  # lines
MOST = 5  # mismatches in a message
# What a host does not see at all.
NOTHING = 'nothing'


def text(value):
    """A value as ceph.conf has it."""
    return to_text(value, nonstring='simplerepr').strip()


def tasks(overrides, pools):
    """The role's only task: it prints what the host sees of what is asked for, one word that survives any callback."""
    def literal(value):
        return json.dumps(to_text(value))

    seen = []
    for section in sorted(overrides):
        for option in sorted(overrides[section]):
            seen.append('%s: ((ceph_conf_overrides | default({})).get(%s) or {}).get(%s)' % (
                literal('%s.%s' % (section, option)), literal(section), literal(option)))
    for name in sorted(pools):
        seen.append('%s: %s | default({})' % (literal(name), name))
    message = '%s:{{ {%s} | to_json | b64encode }}:{{ inventory_hostname }}:' % (ROLE, ', '.join(seen))
    return json.dumps([{'debug': {'msg': message}}], indent=1)


def lay_out(folder, params):
    """A playbook beside a role that has the defaults of the one which counts."""
    role = os.path.join(folder, 'roles', ROLE)
    os.makedirs(os.path.join(role, 'tasks'))
    os.makedirs(os.path.join(role, 'defaults'))
    with io.open(os.path.join(role, 'tasks', 'main.yml'), 'w', encoding='utf-8') as stream:
        stream.write(to_text(tasks(params['overrides'], params['pools'])))
    if params['role_defaults']:
        shutil.copyfile(params['role_defaults'], os.path.join(role, 'defaults', 'main.yml'))
    playbook = os.path.join(folder, 'proof.yml')
    with io.open(playbook, 'w', encoding='utf-8') as stream:
        stream.write(to_text(json.dumps([{'hosts': params['group'], 'gather_facts': False, 'roles': [ROLE]}])))
    return playbook


def answers(output):
    """What each host sees: {host: {name: value}}."""
    found = {}
    for match in MARK.finditer(output):
        found[match.group(2)] = json.loads(base64.b64decode(match.group(1)).decode('utf-8'))
    return found


def compare(seen, overrides, pools):
    """What differs on a host, as a list of (name, wanted, seen)."""
    differences = []
    for section in sorted(overrides):
        for option in sorted(overrides[section]):
            name, wanted = '%s.%s' % (section, option), overrides[section][option]
            if seen[name] is None or text(seen[name]) != text(wanted):
                differences.append((name, text(wanted), NOTHING if seen[name] is None else text(seen[name])))
    for name in sorted(pools):
        for key in sorted(pools[name]):
            value = seen[name].get(key) if isinstance(seen[name], dict) else None
            if value is None or text(value) != text(pools[name][key]):
                differences.append(('%s.%s' % (name, key), text(pools[name][key]), NOTHING if value is None else text(value)))
    return differences


def ask(params):
    """Run the playbook: what each host sees.

    :raises AioError: it did not run, or has no host to speak of.
    """
    folder = tempfile.mkdtemp(prefix='ceph-overrides-proof-')
    plain = {'ANSIBLE_NOCOLOR': '1', 'ANSIBLE_FORCE_COLOR': '0'}
    environment = process.variables(plain, params['private_environment'], params['environment'])
    where = ' '.join([params['runner'], 'in', params['chdir']])
    try:
        playbook = lay_out(folder, params)
        result = process.run([params['runner'], playbook], params['deadline'], cwd=params['chdir'], environment=environment)
    except (IOError, OSError) as error:
        raise AioError("OSA's Ansible cannot be asked for the overrides", where, str(error),
                       'run the bootstrap first (tag bootstrap)')
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if result.rc != 0:
        lines = [line for line in (result.stdout + result.stderr).splitlines() if line.strip() and not MARK.search(line)]
        why = 'it took more than %g s and was killed' % params['deadline'] if result.timed_out else (
            'it ended with %s: %s' % (result.rc, ' | '.join(lines[-TAIL:])[:1000]))
        raise AioError("OSA's Ansible cannot be asked for the overrides", where, why,
                       'see whether %s works there at all: %s --version' % (params['runner'], params['runner']))
    found = answers(result.stdout)
    if not found:
        raise AioError("OSA's inventory has no mon host", 'group %s' % params['group'], '',
                       'check /etc/openstack_deploy/conf.d/ceph.yml, and that SCENARIO had ceph in it')
    return found


def main():
    module = AnsibleModule(
        argument_spec={
            'runner': {'type': 'str', 'default': 'openstack-ansible'},
            'chdir': {'type': 'path', 'required': True},
            'group': {'type': 'str', 'default': 'ceph-mon'},
            'role_defaults': {'type': 'str', 'default': ''},
            'overrides': {'type': 'dict', 'required': True},
            'pools': {'type': 'dict', 'default': {}},
            'environment': {'type': 'dict', 'default': {}},
            'private_environment': {'type': 'dict', 'default': {}, 'no_log': True},
            'deadline': {'type': 'float', 'default': 300.0},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        seen = ask(params)
    except AioError as error:
        fail(module, error)
    mismatches = [{'host': host, 'name': name, 'wanted': wanted, 'seen': value} for host in sorted(seen)
                  for name, wanted, value in compare(seen[host], params['overrides'], params['pools'])]
    if mismatches:
        said = ['%(name)s on %(host)s: wanted is %(wanted)s, and the host sees %(seen)s' % found for found in mismatches]
        fail(module, AioError(
            'overrides will have no effect', 'group %s' % params['group'],
            '; '.join(said[:MOST]) + (' (and %d more)' % (len(said) - MOST) if len(said) > MOST else ''),
            'look for another file in /etc/openstack_deploy or in the group_vars that sets them, and take them out there'),
            mismatches=mismatches)
    module.exit_json(changed=False, hosts=sorted(seen))


if __name__ == '__main__':
    main()
