# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which containers the all-in-one should have, and which LXC really has."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import json
import os
import re

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

INVENTORY = '/etc/openstack_deploy/openstack_inventory.json'
NAME = re.compile(r'^[A-Za-z0-9][A-Za-z0-9_.-]*\Z')
NO_LXC = 'no LXC'
LXC, DATA = '/var/lib/lxc', '/openstack'  # a container's own folder is below each, called as it is
LXC_TIMEOUT = 10.0  # seconds for one call to LXC
# Keys of the management address in a host's variables: container_address through zed, then management_address.
ADDRESSES = ('management_address', 'container_address')
TEXTS = ADDRESSES + ('component', 'physical_host')


class ContainerProblem(AioError):
    """There is no container to ask. Its state is no_container, container_stopped, denied or timed_out."""

    def __init__(self, state, *args):
        super(ContainerProblem, self).__init__(*args)
        self.state = state


def check_name(name):
    """:raises AioError: the name could be taken for something else than a container's name."""
    if not NAME.match(name):
        raise AioError('%r is no name of a container' % name, 'container',
                       'a name has letters, digits, "_", "." and "-" only', 'correct the name')
    return name


def _check_host(name, variables):
    """:raises ValueError: a host's variables are of another shape than their readers rely on; null is as good as nothing."""
    if not isinstance(variables, dict):
        raise ValueError('the variables of %s are no mapping' % name)
    properties, networks = [variables.get(key) or {} for key in ('properties', 'container_networks')]
    if not isinstance(properties, dict):
        raise ValueError('the properties of %s are no mapping' % name)
    if not isinstance(networks, dict) or not all(isinstance(network or {}, dict) for network in networks.values()):
        raise ValueError('a network of %s is no mapping' % name)
    texts = [variables.get(key) for key in TEXTS] + [properties.get('service_name')]
    texts += [network.get('address') for network in networks.values() if network]
    if not all(text is None or hasattr(text, 'split') for text in texts):
        raise ValueError('a name or address of %s is no text' % name)


def parse_inventory(text, where):
    """OSA's inventory JSON as a dict, of the shape that its readers rely on.

    :raises AioError: it is not what OSA writes.
    """
    try:
        inventory = json.loads(text)
        for group, content in inventory.items():
            hosts = content.get('hosts', []) if group != '_meta' else list(content.get('hostvars', {}))
            children = content.get('children', [])
            if not isinstance(hosts, list) or not isinstance(children, list):
                raise ValueError('the hosts or children of %s are no list' % group)
            if not isinstance(content.get('vars', {}), dict):
                raise ValueError('the variables of %s are no mapping' % group)
            for name in hosts + children + ([group] if group != '_meta' else []):
                check_name(name)
        for name, variables in inventory.get('_meta', {}).get('hostvars', {}).items():
            _check_host(name, variables)
        return inventory
    except (ValueError, AttributeError, TypeError) as error:
        raise AioError("OSA's inventory is damaged", where, str(error),
                       'restore the file from its backup tar beside it, or rebuild')


def read_inventory(path=INVENTORY):
    """OSA's inventory, or None where there is none.

    :raises AioError: it cannot be read, or is not what OSA writes.
    """
    try:
        with open(path, 'rb') as stream:
            return parse_inventory(stream.read().decode('utf-8', 'replace'), path)
    except (IOError, OSError) as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None
        raise AioError("OSA's inventory cannot be read", path, str(error), 'check the file')


def members(inventory, group):
    """The names of a group's own hosts; none where there is no such group."""
    return inventory.get(group, {}).get('hosts', [])


def all_members(inventory, group):
    """The names of a group's hosts, those of the groups below it among them, as a set."""
    names, todo, done = set(), [group], set()
    while todo:
        group = todo.pop()
        if group not in done:  # a damaged inventory may go in a circle
            done.add(group)
            names.update(members(inventory, group))
            todo += inventory.get(group, {}).get('children', [])
    return names


def is_host_itself(inventory, name):
    """Whether a name in the inventory is the lab host itself: a service on metal has no container."""
    known = inventory.get('_meta', {}).get('hostvars', {}).get(name, {})
    return known.get('physical_host') == name


def _lxc(argv, timeout):
    """A call to LXC; None where it is not installed. With no time left it is not made."""
    try:
        result = process.run(argv, timeout) if timeout > 0 else process.Result(argv, None, timed_out=True)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        raise
    if result.timed_out:
        raise ContainerProblem('timed_out', 'LXC does not answer', argv[0],
                               'it took more than %.3g s' % timeout if timeout > 0 else 'no time was left for it',
                               'on the lab host, look with: %s' % ' '.join(argv))
    return result


def lxc_state(name, timeout=LXC_TIMEOUT):
    """RUNNING, STOPPED, FROZEN … of a container; None where LXC has none of that name, NO_LXC where there is no LXC."""
    result = _lxc(['lxc-info', '--name', name, '--state', '--no-humanize'], timeout)
    if result is None:
        return NO_LXC
    return result.stdout.strip() if result.rc == 0 else None


def lxc_names(which=None, timeout=LXC_TIMEOUT):
    """The names of LXC's containers, in its order.

    :param which: running, frozen or stopped only.
    :raises AioError: LXC is there and refuses.
    """
    argv = ['lxc-ls', '-1'] + (['--' + which] if which else [])
    result = _lxc(argv, timeout)
    if result is None:
        return []
    if result.rc != 0:
        raise AioError('LXC does not say which containers it has', ' '.join(argv),
                       (result.stderr or result.stdout).strip()[:300], 'run it by hand on the lab host, as root')
    return result.stdout.split()


def has_folder(name):
    """Whether a container was at least begun: LXC does not call one its own before it has its configuration."""
    return any(os.path.isdir(os.path.join(place, name)) for place in (LXC, DATA))


def lxc_addresses(name, timeout=LXC_TIMEOUT):
    """The addresses that a running container really has."""
    result = _lxc(['lxc-info', '--name', name, '--ips', '--no-humanize'], timeout)
    return result.stdout.split() if result and result.rc == 0 else []
