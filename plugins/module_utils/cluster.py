# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster as the modules reach it: found, connected to once, asked within a deadline."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import re

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import places, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.ceph_session import CephProblem, Session
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.containers import INVENTORY, check_name
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

ACCESS_ARGUMENTS = {
    'client_name': {'type': 'str', 'default': 'client.admin'},
    'conf': {'type': 'path', 'default': '/etc/ceph/ceph.conf'},
    'container': {'type': 'str'},
    'inventory': {'type': 'path', 'default': INVENTORY},
    'keyring': {'type': 'path'},
    'mon_group': {'type': 'str'},
    'timeout': {'type': 'float', 'default': 15.0},
    'via': {'type': 'str', 'choices': ['auto', 'container', 'host'], 'default': 'auto'},
}
WEEK = 7 * 24 * 3600.0
CLIENT_NAME = re.compile(r'^[a-z]+\.[A-Za-z0-9_][A-Za-z0-9_.-]*\Z')


def check(params):
    """:raises AioError: one of the ACCESS_ARGUMENTS makes no sense."""
    check_seconds(params, 'timeout')
    if params['container'] is not None:
        check_name(params['container'])
    if not CLIENT_NAME.match(params['client_name']):
        raise AioError('%r is no name of a client' % params['client_name'], 'client_name',
                       "a name is a type, a point and an id of letters, digits, '_', '.' and '-'",
                       'write it like client.admin')


def check_seconds(params, *names):
    """:raises AioError: one of these parameters is no time to wait."""
    for name in names:
        if not 0 < params[name] <= WEEK:
            raise AioError('%g is no time limit' % params[name], name, 'it must be more than 0 seconds and a week at most',
                           'set %s to some seconds, or leave it out' % name)


class Cluster(object):
    """Ask as often as you like; close it in the end.

    :param params: a module's parameters, ACCESS_ARGUMENTS among them.
    :ivar place: where it was asked last; None where there is no such place.
    """

    def __init__(self, params):
        self.params = params
        self.place = None
        self._session = None

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def close(self):
        session, self._session = self._session, None
        if session:
            session.close()

    def ask(self, commands, timeout):
        """One round of questions: their answers, in order.

        :raises ContainerProblem: there is nobody to ask. :raises CephProblem: not all was answered.
        """
        deadline = process.now() + timeout
        try:
            if self._session is None:
                self._connect(deadline)
            return self._session.ask(commands, max(0.1, deadline - process.now()))
        except CephProblem:
            self.close()
            raise

    def _connect(self, deadline):
        """Connect where a mon lets us in, the first that does."""
        self.place = None
        candidates = places.find(self.params, deadline)
        access = {'conf': self.params['conf'], 'name': self.params['client_name'], 'keyring': self.params['keyring']}
        for count, place in enumerate(candidates, 1):
            share = max(0.1, (deadline - process.now()) / (len(candidates) - count + 1))
            self.place = place
            try:
                self._session = Session(place, access, share)
                return
            except CephProblem as problem:
                if count == len(candidates):
                    raise problem
