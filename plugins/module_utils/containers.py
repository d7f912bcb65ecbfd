# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which containers the all-in-one should have, and which LXC really has."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import json
import re

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

INVENTORY = '/etc/openstack_deploy/openstack_inventory.json'
MON_GROUP = 'ceph-mon'
NAME = re.compile(r'^[A-Za-z0-9][A-Za-z0-9_.-]*\Z')
LXC_TIMEOUT = 10  # seconds for one call to LXC


class ContainerProblem(AioError):
    """No container to ask. Its state is no_container or container_stopped."""

    def __init__(self, state, *args):
        super(ContainerProblem, self).__init__(*args)
        self.state = state


def check_name(name):
    """:raises AioError: the name could be taken for something else than a container's name."""
    if not NAME.match(name):
        raise AioError('%r is no name of a container' % name, 'container',
                       'a name has letters, digits, "_", "." and "-" only', 'correct the name')
    return name


def from_inventory(path=INVENTORY, group=MON_GROUP):
    """The names of a group's containers in OSA's inventory file.

    :raises AioError: the file is not what OSA writes.
    """
    try:
        with open(path, 'rb') as stream:
            inventory = json.loads(stream.read().decode('utf-8'))
        hosts = inventory.get(group, {}).get('hosts', [])
        if not isinstance(hosts, list):
            raise ValueError('the hosts of %s are no list' % group)
        return [check_name(host) for host in hosts]
    except (IOError, OSError) as error:
        if error.errno == errno.ENOENT:
            return []
        raise AioError("OSA's inventory cannot be read", path, str(error), 'check the file')
    except (ValueError, AttributeError, TypeError) as error:
        raise AioError("OSA's inventory is damaged", path, str(error),
                       'restore the file from its backup tar beside it, or rebuild')


def lxc_state(name):
    """RUNNING, STOPPED, FROZEN … of a container, or None where LXC has none of that name."""
    try:
        result = process.run(['lxc-info', '--name', name, '--state', '--no-humanize'], LXC_TIMEOUT)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        raise
    if result.timed_out:
        raise AioError('LXC does not answer', name, 'lxc-info took more than %d s' % LXC_TIMEOUT,
                       'look at the container with lxc-info on the lab host')
    return result.stdout.strip() if result.rc == 0 else None


def find_mon(container=None, inventory=INVENTORY, group=MON_GROUP):
    """The name of a running mon container: the one asked for, else the inventory's first that runs.

    :raises ContainerProblem: there is none, or none runs.
    """
    names = [check_name(container)] if container else from_inventory(inventory, group)
    source = 'as asked for' if container else 'group %s of %s' % (group, inventory)
    if not names:
        raise ContainerProblem('no_container', 'there is no mon container', source, 'the file or the group is not there or empty',
                               'run the site playbook, it makes the container')
    states = [(name, lxc_state(name)) for name in names]
    for name, state in states:
        if state == 'RUNNING':
            return name
    name, state = next(((n, s) for n, s in states if s), states[0])
    if state is None:
        raise ContainerProblem('no_container', 'the mon container is not there', name,
                               'LXC has no container of this name (%s)' % source,
                               'run the site playbook, it makes the container anew')
    raise ContainerProblem('container_stopped', 'the mon container does not run', name, 'LXC says it is %s' % state,
                           'on the lab host: %s -n %s' % ('lxc-unfreeze' if state == 'FROZEN' else 'lxc-start', name))
