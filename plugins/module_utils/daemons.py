# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ceph's daemons as systemd has them, on the lab host and in its containers."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import time

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import containers, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.places import Place

PATTERNS = ['ceph-%s@*.service' % kind for kind in ('mon', 'mgr', 'osd', 'mds', 'radosgw')]
TIMEOUT = 60.0  # seconds for one command
BOOT = 60.0  # seconds that a container may take to come up


def checked(argv, timeout=TIMEOUT, accept=(0,)):
    """Run a command; its output.

    :raises AioError: it ended with something else, or not in time.
    """
    try:
        result = process.run(argv, timeout)
    except OSError as error:
        raise AioError('a command cannot be run', ' '.join(argv), str(error), 'check that this is the lab host')
    if result.timed_out or result.rc not in accept:
        raise AioError('a command failed', ' '.join(argv),
                       'it took more than %g s' % timeout if result.timed_out
                       else (result.stderr or result.stdout).strip()[-300:] or 'it ended with %d' % result.rc,
                       'try it by hand on the lab host, as root')
    return result.stdout


def kind_of(unit):
    """The kind of daemon that a unit runs, such as osd."""
    return unit[len('ceph-'):].partition('@')[0]


class Daemons(object):
    """Those of one place: the lab host itself (an empty name), or a container of it."""

    def __init__(self, container=''):
        self.container = container
        self.argv = Place(container).argv
        self._root = None if container else '/'

    def systemctl(self, *words, **options):
        return checked(self.argv + ['systemctl'] + list(words), **options)

    def units(self):
        """What systemd knows of them: {unit: active, failed, inactive ...}."""
        lines = self.systemctl('list-units', '--all', '--no-legend', '--plain', '--full', *PATTERNS).splitlines()
        return dict((words[0], words[2]) for words in map(str.split, map(str, lines)) if len(words) > 2)

    def enabled(self, units):
        """Those of the units that start with the system."""
        if not units:
            return []
        states = self.systemctl('is-enabled', *units, accept=(0, 1)).split()
        return [unit for unit, state in zip(units, states) if state.startswith('enabled')]

    def stop(self, units):
        if units:
            self.systemctl('stop', *units)

    def kill(self, units):
        """End them at once, whatever they are doing, and let systemd not start them again."""
        if units:
            self.systemctl('kill', '--signal=KILL', *units, accept=(0, 1))  # 1: one of them does not run
            self.systemctl('stop', *units)

    def start(self, units):
        """Start them without waiting, however often they have failed before."""
        if units:
            self.systemctl('reset-failed', *units, accept=(0, 1))  # 1: one of them is not known any more
            self.systemctl('start', '--no-block', *units)

    def enable(self, units):
        missing = sorted(set(units) - set(self.enabled(units)))
        if missing:
            self.systemctl('enable', *missing)

    def root(self):
        """The root folder of the place as the lab host sees it.

        :raises AioError: the container does not run.
        """
        if self._root is None:
            self._root = '/proc/%s/root' % self.init()
        return self._root

    def init(self):
        pid = checked(['lxc-info', '--name', self.container, '--pid', '--no-humanize'], containers.LXC_TIMEOUT).strip()
        if not pid.isdigit():
            raise AioError('the container does not run', self.container, 'LXC knows no process of it',
                           'on the lab host: lxc-start -n %s' % self.container)
        return pid

    def run(self, again=False):
        """Let the container run, whether it is stopped or frozen; what was done: nothing, started or thawed.

        :param again: start it anew where it runs, since its configuration is another.
        """
        if not self.container:
            return ''
        state = containers.lxc_state(self.container)
        if state == 'FROZEN':
            checked(['lxc-unfreeze', '--name', self.container])
        if state not in ('STOPPED', None) and again:
            checked(['lxc-stop', '--name', self.container, '--kill'], accept=(0, 2))
        if state == 'STOPPED' or again:
            checked(['lxc-start', '--name', self.container, '--daemon'])
            self._root = None
            self._booted()
            return 'started'
        return 'thawed' if state == 'FROZEN' else ''

    def _booted(self):
        """Wait until systemd there has done what it does at the start: it would start what we stop."""
        end = process.now() + BOOT
        while True:
            result = process.run(self.argv + ['systemctl', 'is-system-running'], containers.LXC_TIMEOUT)
            if result.stdout.strip() in ('running', 'degraded'):
                return
            if process.now() > end:
                raise AioError('the container does not come up', self.container,
                               'after %g s systemd there says %s' % (BOOT, result.stdout.strip() or result.stderr.strip()[:200] or 'nothing'),
                               'look with: lxc-attach -n %s -- systemctl list-jobs' % self.container)
            time.sleep(0.1)
