# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Ceph can be asked: in a mon's container, or on the host itself."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import re

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import containers, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.containers import ContainerProblem
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

# OSA's group of the mons: ceph-mon through 2025.2, ceph_mon from 2026.1.
MON_GROUPS = ('ceph-mon', 'ceph_mon')
# OSA's names of their containers: aio1_ceph-mon_container-<8 hex> through 2023.2,
# aio1-ceph-mon-container-<8 hex> from 2024.1.
MON_CONTAINER = re.compile(r'^[A-Za-z0-9][A-Za-z0-9_.-]*[_-]ceph[_-]mon[_-]container-[0-9a-f]{8}\Z')
# LXC shows root's containers to root only.
IS_ROOT = os.geteuid() == 0
PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'


class Place(object):
    """Where the program runs.

    :ivar container: its container's name; empty for the host itself.
    :ivar argv: what a command there begins with.
    """

    def __init__(self, container=''):
        self.container = container
        self.argv = [
            'lxc-attach', '--clear-env', '--name', container, '--set-var', 'PATH=' + PATH, '--',
        ] if container else []

    @property
    def title(self):
        return self.container or 'the host itself'

    def command(self, words):
        """A command as a person on the lab host would type it."""
        return 'lxc-attach -n %s -- %s' % (self.container, words) if self.container else words

    @property
    def look(self):
        """What to do where the mon there does not answer."""
        if self.container:
            return 'on the lab host: %s' % self.command("systemctl status 'ceph-mon@*'")
        return 'check that this host reaches the mons that its ceph.conf names'


def find(params, deadline):
    """The places where a mon can be asked, the likeliest first; never an empty list.

    :param params: container, via, inventory, mon_group and conf of a module.
    :param deadline: point in time of process.now().
    :raises ContainerProblem: there is none.
    :raises AioError: a name or the inventory is not what it should be.
    """
    def left():
        return max(0.1, min(containers.LXC_TIMEOUT, deadline - process.now()))

    if params['via'] == 'host':
        if params['container']:
            raise AioError('it is not clear where Ceph is to be asked', 'via: host, container: %s' % params['container'],
                           'the one is this host, the other a container', 'leave one of them out')
        return [Place()]
    if params['container']:
        return _running([containers.check_name(params['container'])], 'as asked for', left)
    inventory = containers.read_inventory(params['inventory'])
    groups = [params['mon_group']] if params['mon_group'] else MON_GROUPS
    if inventory and params['mon_group'] and params['mon_group'] not in inventory:
        raise AioError('there is no group %s' % params['mon_group'], params['inventory'], 'its groups of Ceph are %s' % (
            ', '.join(sorted(name for name in inventory if 'ceph' in name)) or 'none'), 'correct mon_group, or leave it out')
    names = [name for group in groups for name in containers.members(inventory or {}, group)]
    if names:
        inside = [name for name in names if not containers.is_host_itself(inventory, name)]
        if inside:
            return _running(inside, 'in %s' % params['inventory'], left)
        if params['via'] == 'auto':
            return [Place()]
        raise ContainerProblem('no_container', 'there is no mon container', params['inventory'],
                               'it has the mon %s on the host itself' % names[0], 'set via to host')
    # OSA's inventory knows no mon: what LXC has by OSA's names, or this host by its ceph.conf.
    named = [name for name in (containers.lxc_names(timeout=left()) if IS_ROOT else []) if MON_CONTAINER.match(name)]
    if named:
        return _running(named, 'by its name; %s knows no mon' % params['inventory'], left)
    if params['via'] == 'auto' and os.path.exists(params['conf']):
        return [Place()]
    check_root(params['inventory'])
    raise ContainerProblem(
        'no_container', 'there is no mon container', params['inventory'],
        'the file is not there or has no mon in %s, LXC has no container of such a name%s' % (
            ' or '.join(groups), '' if params['via'] == 'container' else ', and the host has no %s' % params['conf']),
        'run the site playbook, it makes the container; or name one with container')


def check_root(where):
    if not IS_ROOT:
        raise ContainerProblem('denied', 'containers are not to be seen', where, 'LXC shows them to root only',
                               'become root on the lab host: become: true')


def _running(names, source, left):
    """The places of those containers that run."""
    check_root(names[0])
    states = [(name, containers.lxc_state(name, left())) for name in names]
    running = [Place(name) for name, state in states if state == 'RUNNING']
    if running:
        return running
    name, state = next(((name, state) for name, state in states if state), states[0])
    if state == containers.NO_LXC:
        raise ContainerProblem('no_container', 'the mon container is not there', name, 'LXC is not installed on this host (%s)' % source,
                               'check that this is the lab host')
    if state:
        raise ContainerProblem('container_stopped', 'the mon container does not run', name, 'LXC says it is %s' % state,
                               'on the lab host: %s -n %s' % ('lxc-unfreeze' if state == 'FROZEN' else 'lxc-start', name))
    others = [other for other in containers.lxc_names(timeout=left()) if MON_CONTAINER.match(other)]
    raise ContainerProblem(
        'no_container', 'the mon container is not there', name, 'LXC has no container of this name (%s)%s' % (
            source, ', but it has ' + ', '.join(others) if others else ''),
        'set container to %s if that is the one' % others[0] if others
        else 'run the site playbook, it makes the container anew')
