# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way in which the modules ask: find the mon container, enter it, shape the answers."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_shape
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.ceph_client import CephClient, CephProblem
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.containers import (
    INVENTORY, MON_GROUP, ContainerProblem, find_mon)
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

ACCESS_ARGUMENTS = {
    'container': {'type': 'str'},
    'inventory': {'type': 'path', 'default': INVENTORY},
    'mon_group': {'type': 'str', 'default': MON_GROUP},
    'timeout': {'type': 'float', 'default': 15.0},
}


def check_timeout(params):
    if not params['timeout'] > 0:
        raise AioError('%g is no time limit' % params['timeout'], 'timeout', 'it must be more than 0 seconds',
                       'set timeout to some seconds, 15 is the default')


def ask(params, with_text=False):
    """One round of questions. Never raises for what the cluster is like: that is in state and reason.

    :param params: a module's parameters, ACCESS_ARGUMENTS among them.
    :param with_text: also ask for status and tree as people see them.
    """
    result = {'state': '', 'reason': '', 'remedy': '', 'container': ''}
    try:
        result['container'] = find_mon(params['container'], params['inventory'], params['mon_group'])
        questions = list(ceph_shape.QUESTIONS) + (list(ceph_shape.TEXT_QUESTIONS) if with_text else [])
        answers = CephClient(result['container'], params['timeout']).ask(questions)
        result.update(ceph_shape.shape(answers[:len(ceph_shape.QUESTIONS)]))
        if with_text:
            status, tree = answers[len(ceph_shape.QUESTIONS):]
            result['text'] = {'status': status.out.rstrip(), 'osd_tree': tree.out.rstrip()}
    except (ContainerProblem, CephProblem) as problem:
        result.update(state=problem.state, reason='%s (%s): %s' % (problem.what, problem.where, problem.why),
                      remedy=problem.remedy)
    return result
