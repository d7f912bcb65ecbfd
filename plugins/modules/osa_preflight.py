#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: osa_preflight
short_description: Hold a lab host against what an OpenStack-Ansible series needs
version_added: 0.1.0
description:
  - Looks at the host, changes nothing, and reports every finding at once.
  - It does not fail for what it finds. RV(findings) are for the caller to judge.
author:
  - osa_lab (@osa-lab)
options:
  os_supported:
    description: >-
      The systems that the series can be installed on, each as ID-VERSION_ID of C(/etc/os-release), as ID-* for any
      version, as el-8 for version 8 of Red Hat's family, or as opensuse-leap-15.x. An empty list takes any.
    type: list
    elements: str
    default: []
  min_memory_mb:
    description: MiB of memory that the host must have.
    type: int
    default: 0
  min_disk_gb:
    description: GiB that must be free on the file system of O(data_path), where it is not built yet.
    type: int
    default: 0
  data_path:
    description: Folder that holds the OSDs' files.
    type: path
    default: /openstack
  network:
    description: Network of the containers, in CIDR form. It must not be in use but on O(bridge).
    type: str
    default: ''
  bridge:
    description: Bridge of the containers.
    type: str
    default: br-mgmt
  git_url:
    description: Repository that must be reachable.
    type: str
    default: ''
  git_ref:
    description: Branch, tag or commit that must be in it. A commit can't be looked up from afar and is taken as it is.
    type: str
    default: ''
  git_environment:
    description: Variables for git, such as a proxy.
    type: dict
    default: {}
  checkout:
    description: Folder that the repository is cloned into. Where it has O(git_ref) from O(git_url), nothing is asked.
    type: path
    default: /opt/openstack-ansible
  pg_num:
    description: >-
      Placement groups that each pool is to have. Pools that were last verified with another number keep theirs. V(0) is any number.
    type: int
    default: 0
  state_dir:
    description: Folder of what we remember about the lab host.
    type: path
    default: /var/lib/osa_ceph_aio
  timeout:
    description: Seconds for one look at the repository.
    type: float
    default: 30.0
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes.info
  - osa_lab.ceph_aio.attributes.osa_group
'''

EXAMPLES = r'''
- name: Look at the host before anything is touched
  osa_lab.ceph_aio.osa_preflight:
    os_supported: [ubuntu-16.04]
    min_memory_mb: 8000
'''

RETURN = r'''
findings:
  description: >-
    What stands in the way, each with its C(name) (V(root), V(system), V(memory), V(disk), V(network), V(source), V(pg_num)) and its
    C(text), a whole sentence with the remedy.
  returned: success
  type: list
  elements: dict
host:
  description: What was seen of the host.
  returned: success
  type: dict
'''

import os
import re

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import host, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.git_mirror import without_login
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import State

COMMIT = re.compile(r'^[0-9a-f]{40}$')


def system_names(release):
    """What a system is called, of the fields of os-release: its own name first, ID-VERSION_ID, and that of its family."""
    name, version = release.get('ID', 'unknown'), release.get('VERSION_ID', 'rolling')
    names, family, major = ['%s-%s' % (name, version)], [name] + release.get('ID_LIKE', '').split(), version.partition('.')[0]
    if 'rhel' in family:
        names.append('el-' + major)
    if 'suse' in family:
        names.append('opensuse-leap-%s.x' % major)
    return names


def check_system(names, supported):
    for wanted in supported:
        if wanted in names or (wanted.endswith('-*') and names[0].startswith(wanted[:-1])):
            return []
    if not supported:
        return []
    return [AioError('this series cannot be installed on this system', 'lab host', 'it is %s; supported: %s' % (
        names[0], ', '.join(supported)), 'use a lab host with one of these')]


def check_root(uid):
    if uid == 0:
        return []
    return [AioError('the play is not root on the lab host', 'uid %d' % uid, 'OpenStack-Ansible needs root',
                     'connect as root, or with become: true')]


def check_memory(have, needed):
    if have >= needed:
        return []
    return [AioError('the lab host has too little memory', 'lab host', '%d MiB, %d MiB are needed' % (have, needed),
                     'give it more, or use another')]


def check_disk(path, needed):
    if os.path.exists(os.path.join(path, 'ceph1.img')):
        return []  # built already: what it takes is taken
    have = host.free_gb(path)
    if have >= needed:
        return []
    return [AioError('the lab host has too little free disk', path, '%d GiB are free, %d GiB are needed' % (have, needed),
                     'free some, or mount a larger disk there')]


def check_network(cidr, bridge):
    if not cidr:
        return []
    try:
        result = process.run(['ip', '-4', 'route', 'show', 'table', 'main'], 10)
    except OSError as error:
        return [AioError('the networks of the lab host cannot be seen', 'ip', str(error), 'install iproute2 on the lab host')]
    try:
        wanted = host.span(cidr)
    except ValueError as error:
        return [AioError("the containers' address range is none", cidr, str(error), 'write it like 172.29.236.0/22')]
    taken = [(device, network) for device, network in host.routes(result.stdout)
             if device != bridge and host.overlap(host.span(network), wanted)]
    return [AioError("the containers' address range is taken", cidr, '%s is reached through %s' % (network, device),
                     'free it on the lab host; OpenStack-Ansible needs it for %s' % bridge)
            for device, network in taken]


def git(*arguments, **options):
    environment = dict(options.pop('environment', {}), GIT_TERMINAL_PROMPT='0', GIT_ASKPASS='/bin/false')
    return process.run(['git'] + list(arguments), options.pop('timeout'), environment=environment, **options)


def has_checkout(params):
    """Is the wanted ref checked out from the wanted repository?"""
    if not os.path.isdir(os.path.join(params['checkout'], '.git')):
        return False
    where = ['-C', params['checkout']]
    url = git(*(where + ['config', '--get', 'remote.origin.url']), timeout=10)
    if url.stdout.strip() != params['git_url']:
        return False
    commits = [git(*(where + ['rev-parse', '--verify', '--quiet', name + '^{commit}']), timeout=10).stdout.strip()
               for name in ('HEAD', params['git_ref'], 'origin/' + params['git_ref'])]
    return bool(commits[0]) and commits[0] in commits[1:]


def check_source(params):
    ref = params['git_ref']
    if not params['git_url']:
        return []
    url = without_login(params['git_url'])
    try:
        if has_checkout(params):
            return []
        result = git('ls-remote', '--', params['git_url'], timeout=params['timeout'], environment=params['git_environment'])
    except OSError as error:
        return [AioError('git cannot be run', 'lab host', str(error), 'install git on the lab host')]
    if result.timed_out or result.rc != 0:
        why = 'no answer within %g s' % params['timeout'] if result.timed_out else without_login(result.stderr).strip()[:300]
        return [AioError('the OSA repository cannot be reached', url, why,
                         'check source_repo_url and the network of the lab host')]
    names = [line.partition('\t')[2] for line in result.stdout.splitlines()]
    if COMMIT.match(ref) or any(name in names for name in (ref, 'refs/heads/' + ref, 'refs/tags/' + ref)):
        return []
    return [AioError('the OSA repository has no such ref', '%s in %s' % (ref, url), 'it has %d refs' % len(names),
                     'correct release_ref or release_series')]


def check_pg_num(state_dir, wanted):
    try:
        # Text where an ansible-core before 2.19 gave it.
        verified = int(State(state_dir).steps().get('verify', {}).get('evidence', {}).get('pg_num', 0))
    except AioError as error:
        return [error]
    if not wanted or verified in (0, wanted):
        return []
    return [AioError('the pools that are there keep their placement groups', 'ceph_overrides_pg_num',
                     '%d each when they were last verified, %d are asked for, and a default counts for new pools only' % (verified, wanted),
                     'run again with %d, or build the environment anew with %d (rebuild)' % (verified, wanted))]


def look_at_host(params):
    """Facts of the host, and findings as (name, AioError)."""
    systems = system_names(host.os_release())
    seen = {'system': systems[0], 'memory_mb': host.memory_mb('MemTotal'),
            'free_gb': host.free_gb(params['data_path']), 'uid': os.geteuid()}
    found = [
        ('root', check_root(seen['uid'])),
        ('system', check_system(systems, params['os_supported'])),
        ('memory', check_memory(seen['memory_mb'], params['min_memory_mb'])),
        ('disk', check_disk(params['data_path'], params['min_disk_gb'])),
        ('network', check_network(params['network'], params['bridge'])),
        ('source', check_source(params)),
        ('pg_num', check_pg_num(params['state_dir'], params['pg_num'])),
    ]
    return seen, [(name, error) for name, errors in found for error in errors]


def main():
    module = AnsibleModule(
        argument_spec={
            'os_supported': {'type': 'list', 'elements': 'str', 'default': []},
            'min_memory_mb': {'type': 'int', 'default': 0},
            'min_disk_gb': {'type': 'int', 'default': 0},
            'data_path': {'type': 'path', 'default': '/openstack'},
            'network': {'type': 'str', 'default': ''},
            'bridge': {'type': 'str', 'default': 'br-mgmt'},
            'git_url': {'type': 'str', 'default': ''},
            'git_ref': {'type': 'str', 'default': ''},
            'git_environment': {'type': 'dict', 'default': {}, 'no_log': True},
            'checkout': {'type': 'path', 'default': '/opt/openstack-ansible'},
            'pg_num': {'type': 'int', 'default': 0},
            'state_dir': {'type': 'path', 'default': '/var/lib/osa_ceph_aio'},
            'timeout': {'type': 'float', 'default': 30.0},
        },
        supports_check_mode=True,
    )
    seen, found = look_at_host(module.params)
    module.exit_json(changed=False, host=seen, findings=[{'name': name, 'text': str(error)} for name, error in found])


if __name__ == '__main__':
    main()
