# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.filter.osa_steps import FilterModule, osa_steps

HOSTS, INSTALL, REST = [{'name': name, 'playbook': name + '.yml'} for name in ('setup-hosts', 'ceph-install', 'setup-openstack')]
FACTS = {'install': {'playbooks': [HOSTS, REST], 'ceph_playbooks': [HOSTS, INSTALL]}}
MORE = {'name': 'more', 'playbook': 'more.yml'}


@pytest.mark.parametrize('arguments, playbooks', [
    ((), [HOSTS, REST]),
    (('ceph', ), [HOSTS, INSTALL]),
    (('some', ), []),
    (('ceph', [MORE], [REST]), [MORE, HOSTS, INSTALL, REST]),
])
def test_playbooks(arguments, playbooks):
    steps = osa_steps(FACTS, *arguments)
    assert steps['playbooks'] == playbooks
    assert steps['steps'] == ['bootstrap-ansible', 'bootstrap-aio'] + [playbook['name'] for playbook in playbooks]
    assert (steps['forced'], steps['twice'], steps['known']) == ([], [], True)


@pytest.mark.parametrize('start, forced', [
    ('setup-openstack', ['setup-openstack', 'verify']),
    ('install', ['install', 'setup-hosts', 'setup-openstack', 'verify']),
    ('bootstrap-aio', ['bootstrap-aio', 'ceph_overrides', 'install', 'setup-hosts', 'setup-openstack', 'verify']),
    ('verify', ['verify']),
])
def test_from_a_stage_or_step_on(start, forced):
    steps = osa_steps(FACTS, start=start)
    assert (steps['forced'], steps['known']) == (forced, True)
    assert osa_steps(FACTS, start='preflight')['forced'] == steps['starts']


def test_a_start_that_there_is_not():
    """Neither one of the other scope."""
    for start in ('nonsense', 'ceph-install'):
        steps = osa_steps(FACTS, start=start)
        assert (steps['forced'], steps['known']) == ([], False)


def test_names_that_are_there_twice():
    assert osa_steps(FACTS, 'full', [{'name': 'setup-hosts'}, {}], [{}])['twice'] == ['', 'setup-hosts']


def test_filter():
    assert FilterModule().filters() == {'osa_steps': osa_steps}
