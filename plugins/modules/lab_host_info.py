#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: lab_host_info
short_description: Look at this machine and at the lab hosts that were made on it
version_added: 0.1.0
description:
  - Tells what the role P(osa_lab.ceph_aio.lab_host#role) wants to know before it changes anything, in one look.
  - It does not fail for what it finds. RV(errors) are for the caller to judge.
author:
  - osa_lab (@osa-lab)
options:
  name:
    description: Name of the lab host.
    type: str
    required: true
  dir:
    description: Folder that holds lab hosts and images.
    type: path
    required: true
  network:
    description: Wanted network in CIDR form, or V(auto) for a free one in O(network_pool).
    type: str
    default: auto
  network_pool:
    description: Where V(auto) looks for a free /24, in CIDR form. Where it begins depends on O(name).
    type: str
    default: 10.193.0.0/16
  suite:
    description: Wanted Debian or Ubuntu suite. An empty text takes bookworm on Debian and the machine's own suite on Ubuntu.
    type: str
    default: ''
  mirror:
    description: Archive to take packages from. An empty text takes the one that this machine's apt uses.
    type: str
    default: ''
  packages:
    description: Packages that the machine itself must have.
    type: list
    elements: str
    default: []
  min_memory_mb:
    description: MiB of memory that must be available, where the lab host does not run yet.
    type: int
    default: 0
  min_disk_gb:
    description: GiB that must be free below O(dir), where the lab host is not there yet.
    type: int
    default: 0
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes.info
'''

EXAMPLES = r'''
- name: Look at this machine
  osa_lab.ceph_aio.lab_host_info:
    name: labosa
    dir: /var/lib/osa_ceph_aio_lab
'''

RETURN = r'''
errors:
  description: What stands in the way, each as a whole sentence with its remedy.
  returned: success
  type: list
  elements: str
blockers:
  description: What stands in the way of removing the lab host, likewise.
  returned: success
  type: list
  elements: str
packages_missing:
  description: Those of O(packages) that are not installed.
  returned: success
  type: list
  elements: str
archive:
  description: C(suite), and C(sources) as lines for mmdebstrap, empty where this machine's apt has no lists yet.
  returned: success
  type: dict
record:
  description: What was written down when the lab host was made; empty where there is none.
  returned: success
  type: dict
container:
  description: C(exists) and C(state) of the lab host's container.
  returned: success
  type: dict
network:
  description: >-
    C(cidr), C(bridge), C(table), C(gateway), C(address) and C(prefix) of the lab host, C(mtu) of the way out, C(ready) where the
    bridge is up with its address and its NAT, and C(forward_drop) where the machine's firewall drops what is forwarded.
  returned: success
  type: dict
host_key:
  description: Type and text of the lab host's own public ssh key; empty where it has none yet.
  returned: success
  type: str
ip_forward:
  description: Whether the machine forwards packets now.
  returned: success
  type: bool
others:
  description: Names of the other lab hosts on this machine.
  returned: success
  type: list
  elements: str
images:
  description: Names of the base images that are there, with the lab hosts that use each.
  returned: success
  type: dict
'''

import json
import os
import re
import zlib

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import host, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

DIR = re.compile(r'^/[A-Za-z0-9._/-]+\Z')  # LXC's configuration takes no white space
NAME = re.compile(r'^[a-z][a-z0-9-]{0,11}\Z')  # the bridge br-<name> has at most 15 characters
IMAGE_MARK = 'osa_ceph_aio.image'  # in the folder of an image that we made
LAB_HOST_ADDRESS = 10  # in its network; the bridge has the first
CAPABILITIES = {'CAP_NET_ADMIN': 12, 'CAP_SYS_ADMIN': 21, 'CAP_MKNOD': 27}


def command(*argv):
    """What a short command prints, or an empty text where it fails or is not there."""
    try:
        result = process.run(list(argv), 20)
    except OSError:
        return ''
    return result.stdout if result.rc == 0 else ''


def can_load(module):
    """Is it a kernel module that can be loaded when it is wanted?"""
    try:
        return process.run(['modprobe', '--dry-run', '--quiet', module], 20).rc == 0
    except OSError:
        return False


def check_abilities():
    """Why containers cannot be made here, if they cannot."""
    remedy = 'run on a machine (or in a virtual machine) where you are root, as root or with sudo'
    if os.geteuid() != 0:
        return [AioError('lab hosts need root', 'uid %d' % os.geteuid(), 'containers, bridges and mounts are made by root only',
                         'run as root, or as a user who may use sudo')]
    errors = []
    effective = int(re.search(r'^CapEff:\s*([0-9a-f]+)', host.read('/proc/self/status'), re.M).group(1), 16)
    missing = sorted(name for name, bit in CAPABILITIES.items() if not effective >> bit & 1)
    if missing:
        errors.append(AioError('LXC cannot work here', 'capabilities', 'root lacks %s' % ', '.join(missing), remedy))
    filesystems = host.read('/proc/filesystems').split()
    if 'cgroup2' not in filesystems:
        errors.append(AioError('LXC cannot work here', 'cgroup', 'the kernel has no cgroup2', 'use a kernel from 4.15 on'))
    elif not os.path.isdir('/sys/fs/cgroup'):
        errors.append(AioError('LXC cannot work here', 'cgroup', '/sys/fs/cgroup is not there', remedy))
    if 'overlay' not in filesystems and not can_load('overlay'):
        errors.append(AioError('LXC cannot share its base here', 'overlay', 'the kernel knows no overlay file system',
                               'use a kernel that has it, as those of Debian and Ubuntu do'))
    if not os.path.exists('/dev/loop-control') and not can_load('loop'):
        errors.append(AioError('the OSDs need loop devices', '/dev/loop-control', 'it is not there',
                               'use a kernel that has them, as those of Debian and Ubuntu do'))
    if not os.path.exists('/usr/bin/apt-get'):
        errors.append(AioError('lab hosts are made with apt', host.os_release().get('ID', 'this system'), 'there is no apt-get',
                               'use Debian 12 or 13, or Ubuntu 22.04 or 24.04'))
    return errors


def file_system(path):
    """Type of the file system that an existing path is on."""
    best, kind = '', ''
    for line in host.read('/proc/self/mountinfo').splitlines():
        mount, _separator, source = line.partition(' - ')
        point = mount.split()[4].rstrip('/') + '/'
        if (os.path.realpath(path) + '/').startswith(point) and len(point) >= len(best):
            best, kind = point, source.split()[0]
    return kind


def check_room(params):
    errors = []
    available = host.memory_mb('MemAvailable')
    if available < params['min_memory_mb']:
        errors.append(AioError('this machine has too little memory', 'memory', '%d MiB are available, %d MiB are needed' % (
            available, params['min_memory_mb']), 'free some, or use a larger machine'))
    path = host.existing(params['dir'])
    if file_system(path) in ('overlay', 'tmpfs', 'nfs', 'nfs4', 'fuse'):
        errors.append(AioError('the base image cannot be shared there', path, 'it is on %s' % file_system(path),
                               'set lab_host_dir to a folder on ext4, xfs or btrfs'))
    free = host.free_gb(path)
    if free < params['min_disk_gb']:
        errors.append(AioError('this machine has too little free disk', path, '%d GiB are free, %d GiB are needed' % (
            free, params['min_disk_gb']), 'free some, or set lab_host_dir to a folder on a larger disk'))
    return errors


def archive(suite, mirror):
    """Where the packages come from. Without sources, this machine's apt has no lists yet."""
    release = host.os_release()
    own = release.get('VERSION_CODENAME', '')
    suite = suite or ('bookworm' if release.get('ID') == 'debian' else own)
    components = 'main universe' if release.get('ID') == 'ubuntu' and suite == own else 'main'
    if mirror:
        return {'suite': suite, 'sources': ['deb %s %s %s' % (mirror, suite, components)]}
    targets = [line.split('|') for line in command(
        'apt-get', 'indextargets', '--format', '$(ORIGIN)|$(LABEL)|$(CODENAME)|$(RELEASE)|$(REPO_URI)|$(COMPONENT)|$(SIGNED_BY)',
        'Created-By: Packages').splitlines()]
    lines = set()
    for origin, label, codename, _release, uri, component, signed_by in targets:
        if origin not in ('Debian', 'Ubuntu'):
            continue
        trust = '[signed-by=%s] ' % signed_by if signed_by.startswith('/') else ''
        if codename == own and label == origin:
            lines.add('deb %s%s %s %s' % (trust, uri, suite, component))
        elif suite == own:
            lines.add('deb %s%s %s %s' % (trust, uri, _release, component))
    return {'suite': suite, 'sources': sorted(lines)}


def span(cidr):
    """As host.span.

    :raises AioError: it is no network.
    """
    try:
        return host.span(cidr)
    except ValueError:
        raise AioError('%r is no network' % cidr, 'lab_host_network', 'it must look like 10.193.1.0/24',
                       'correct it, or leave it out')


def taken_networks(bridge):
    """(device, network) of all that this machine has a way to, but for the default route and our own bridge."""
    found = [(device, network) for device, network in host.routes(command('ip', '-4', 'route', 'show')) if device != bridge]
    servers = re.findall(r'^nameserver\s+([0-9.]+)$', host.read('/etc/resolv.conf'), re.M)
    return found + [('/etc/resolv.conf', server) for server in servers if not server.startswith('127.')]


def collision(cidr, taken):
    wanted = span(cidr)
    for device, network in taken:
        if host.overlap(wanted, span(network)):
            return '%s is reached through %s' % (network, device)
    return ''


def choose_network(params, bridge, records):
    """The lab host's network in CIDR form. The other lab hosts' are taken although they may be down."""
    taken = taken_networks(bridge) + [('lab host ' + record['name'], record['network']) for record in records]
    if params['network'] != 'auto':
        first, last = span(params['network'])
        if last - first < LAB_HOST_ADDRESS + 1:
            raise AioError('the address range of the lab host is too small', params['network'], 'it needs 16 addresses',
                           'set lab_host_network to a /28 or larger, or leave it out')
        params = dict(params, network='%s/%s' % (host.dotted(first), params['network'].partition('/')[2]))
        reason = collision(params['network'], taken)
        if reason:
            raise AioError('the address range of the lab host is taken', params['network'], reason,
                           'set lab_host_network to a free range, or leave it out')
        return params['network']
    first, last = span(params['network_pool'])
    if last - first < 255:
        raise AioError('there is no room for a lab host', params['network_pool'], 'it is smaller than a /24',
                       'set network_pool to a /24 or larger')
    starts = list(range(first, last, 256))
    # Each name begins its search elsewhere: lab hosts that are made at the same time do not meet.
    begin = zlib.crc32(params['name'].encode('utf-8')) % len(starts)
    for start in starts[begin:] + starts[:begin]:
        cidr = '%s/24' % host.dotted(start)
        if not collision(cidr, taken):
            return cidr
    raise AioError('there is no free address range for the lab host', params['network_pool'], 'every /24 in it is taken',
                   'set lab_host_network to a free range')


def look_at_network(params, record, others):
    bridge = 'br-' + params['name']
    cidr = record.get('network') or choose_network(params, bridge, others)
    first, _last = span(cidr)
    route = command('ip', '-4', 'route', 'show', 'default').split()
    device = route[route.index('dev') + 1] if 'dev' in route else 'lo'
    gateway, prefix = host.dotted(first + 1), cidr.partition('/')[2]
    table = 'osa_ceph_aio_' + params['name'].replace('-', '_')
    has_address = '%s/%s' % (gateway, prefix) in command('ip', '-4', 'addr', 'show', 'dev', bridge)
    has_nat = has_address and cidr in command('nft', 'list', 'table', 'ip', table)
    forward = command('nft', 'list', 'chain', 'ip', 'filter', 'FORWARD')
    forward_drop = 'policy drop' in forward
    return {
        'cidr': cidr, 'bridge': bridge, 'gateway': gateway, 'address': host.dotted(first + LAB_HOST_ADDRESS), 'prefix': prefix,
        'table': table, 'mtu': int(host.read('/sys/class/net/%s/mtu' % device) or 1500),
        'ready': has_nat and (not forward_drop or '"%s"' % bridge in forward),
        'forward_drop': forward_drop,
    }


def look_at_container(params, record):
    folder = os.path.join(params['dir'], 'hosts')
    name = params['name']
    if not os.path.exists(os.path.join(folder, name, 'config')):
        return {'exists': False, 'state': ''}
    return {'exists': bool(record),
            'state': command('lxc-info', '-P', folder, '-n', name, '--state', '--no-humanize').strip()}


def missing(packages):
    """Those of the packages that are not installed."""
    try:
        shown = process.run(['dpkg-query', '--show', '--showformat=${Package} ${db:Status-Status}\n'] + packages, 20)
    except OSError:
        return packages
    installed = [line.split()[0] for line in shown.stdout.splitlines() if line.endswith(' installed')]
    return [name for name in packages if name not in installed]


def read_record(folder):
    content = host.read(os.path.join(folder, 'record.json'))
    try:
        return json.loads(content) if content else {}
    except ValueError as error:
        raise AioError('the record of the lab host is damaged', os.path.join(folder, 'record.json'), str(error),
                       'correct it by hand, it says what has to be put back')


def main():
    module = AnsibleModule(
        argument_spec={
            'name': {'type': 'str', 'required': True},
            'dir': {'type': 'path', 'required': True},
            'network': {'type': 'str', 'default': 'auto'},
            'network_pool': {'type': 'str', 'default': '10.193.0.0/16'},
            'suite': {'type': 'str', 'default': ''},
            'mirror': {'type': 'str', 'default': ''},
            'packages': {'type': 'list', 'elements': 'str', 'default': []},
            'min_memory_mb': {'type': 'int', 'default': 0},
            'min_disk_gb': {'type': 'int', 'default': 0},
        },
        supports_check_mode=True,
    )
    params = module.params
    hosts = os.path.join(params['dir'], 'hosts')
    result = {'record': {}, 'container': {'exists': False, 'state': ''}, 'network': {}, 'archive': {}, 'others': [], 'images': {},
              'host_key': '', 'ip_forward': False, 'packages_missing': [], 'blockers': []}
    errors = []
    if not NAME.match(params['name']):
        errors.append(AioError('%r is no name for a lab host' % params['name'], 'lab_host_name',
                               'a name has up to 12 small letters, digits and "-", and begins with a letter',
                               'choose another'))
    if not DIR.match(params['dir']):
        errors.append(AioError('%r is no folder for lab hosts' % params['dir'], 'lab_host_dir',
                               'a path from / on, of letters, digits, ".", "_" and "-"', 'choose another'))
    if errors:
        result['blockers'] = [str(error) for error in errors]
        module.exit_json(changed=False, errors=result['blockers'], **result)
    errors += check_abilities()
    blockers = [] if os.geteuid() == 0 else list(errors)
    try:
        records = [record for record in [
            read_record(os.path.join(hosts, name)) for name in (sorted(os.listdir(hosts)) if os.path.isdir(hosts) else [])] if record]
        others = [record for record in records if record['name'] != params['name']]
        for record in records:
            result['images'].setdefault(record['image'], []).append(record['name'])
            if record['name'] == params['name']:
                result['record'] = record
        result['others'] = [record['name'] for record in others]
    except AioError as error:
        result['blockers'] = [str(error)]
        module.exit_json(changed=False, errors=[str(found) for found in errors + [error]], **result)
    try:
        images = os.path.join(params['dir'], 'images')
        for name in os.listdir(images) if os.path.isdir(images) else []:
            if os.path.exists(os.path.join(images, name, IMAGE_MARK)):
                result['images'].setdefault(name, [])
        result['container'] = look_at_container(params, result['record'])
        if not result['container']['exists']:
            errors += check_room(params)
        result['network'] = look_at_network(params, result['record'], others)
        # apt need not be asked again for what a lab host was made of.
        known = result['record'] if result['container']['exists'] else {}
        result['archive'] = ({'suite': known['suite'], 'sources': known['sources']} if known.get('sources')
                             else archive(params['suite'], params['mirror']))
    except AioError as error:
        errors.append(error)
    key = host.read(os.path.join(hosts, params['name'], 'delta/etc/ssh/ssh_host_ed25519_key.pub'))
    result['host_key'] = ' '.join(key.split()[:2])
    result['ip_forward'] = host.read('/proc/sys/net/ipv4/ip_forward').strip() == '1'
    result['packages_missing'] = missing(params['packages']) if params['packages'] else []
    result['blockers'] = [str(error) for error in blockers]
    module.exit_json(changed=False, errors=[str(error) for error in errors], **result)


if __name__ == '__main__':
    main()
