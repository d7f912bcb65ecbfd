# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let the mons and managers wait less for more news, as long as somebody waits for them."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import admin_socket

# Seconds for which news are collected: by a mon before it decides, by a manager and by those who report to it before they
# say something.
SETTINGS = {'mon': [('paxos_propose_interval', '0.1')], 'mgr': [('mgr_tick_period', '1'), ('mgr_stats_period', '1')]}


class Hurry(object):
    def __init__(self):
        self._former = {}  # (admin socket, setting) → the value that it had

    def begin(self, sockets):
        """Tell all who can be told; again, where somebody was not there yet.

        :param sockets: a function: the admin sockets of a kind of daemon.
        """
        for kind, settings in sorted(SETTINGS.items()):
            for path in sockets(kind):
                for name, value in settings:
                    if (path, name) not in self._former and not self._set(path, name, value):
                        break  # who does not answer is not asked for each

    def _set(self, path, name, value):
        former = (asked(path, 'config get', var=name) or {}).get(name)
        if former is None or asked(path, 'config set', var=name, val=[value]) is None:
            return False
        self._former[path, name] = former
        return True

    def forget(self, sockets):
        """Those who listen there have begun anew, and know nothing of it."""
        self._former = dict((key, value) for key, value in self._former.items() if key[0] not in sockets)

    def end(self):
        """Let them wait as long as they did before; luminous and older cannot unset."""
        for (path, name), former in sorted(self._former.items()):
            if asked(path, 'config unset', var=name) is None:
                asked(path, 'config set', var=name, val=[former])
        self._former = {}


def asked(path, prefix, **arguments):
    """What a daemon answers over its admin socket; None where that is nothing, or that it cannot."""
    try:
        answer = admin_socket.ask(path, dict(arguments, prefix=prefix, format='json'))
    except (IOError, OSError, ValueError):
        return None
    return None if 'error' in (answer or {}) else answer
