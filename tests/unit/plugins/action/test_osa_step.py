# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
from unittest import mock

import pytest
from ansible import context
from ansible.utils.context_objects import CLIArgs
from ansible_collections.osa_lab.ceph_aio.plugins.action import osa_job, osa_step
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import watching

CURSOR = {'play': '', 'task': '', 'tasks': 0, 'seconds': 1.0, 'expected': {'tasks': None, 'seconds': None}, 'id': 'x'}


@pytest.fixture
def action(monkeypatch):
    """Run an action: action(plugin, results of the module...) gives its result and the module's arguments."""
    def run(plugin, *results, **arguments):
        task = mock.MagicMock(args=arguments, async_val=0, check_mode=False, diff=False)
        made = plugin.ActionModule(task, *[mock.MagicMock() for _number in range(5)])
        execute = mock.MagicMock(side_effect=results)
        monkeypatch.setattr(made, '_execute_module', execute)
        monkeypatch.setattr(watching.display, 'display', lambda text, **options: None)
        result = made.run(task_vars={'inventory_hostname': 'labosa', 'ansible_play_hosts': ['labosa']})
        return result, [call.kwargs['module_args'] for call in execute.call_args_list]
    return run


@pytest.fixture
def watched(monkeypatch):
    return lambda yes: monkeypatch.setattr(watching, 'on_terminal', lambda: yes)


@pytest.fixture
def command_line(monkeypatch):
    monkeypatch.delenv('OSA_CEPH_AIO_MAKE', raising=False)
    return lambda **given: monkeypatch.setattr(context, 'CLIARGS', CLIArgs(given))


@pytest.mark.parametrize('yes', [True, False])
def test_step(action, watched, yes):
    watched(yes)
    result, asked = action(osa_step, {'running': True, 'cursor': CURSOR}, {'running': False, 'rc': 0}, name='setup', count_tasks=True)
    assert result == {'running': False, 'rc': 0}
    assert [(given['name'], given['count_tasks'], given['cursor']) for given in asked] == [('setup', yes, {}), ('setup', yes, CURSOR)]


def test_failure_names_the_command_that_goes_on(action, watched, command_line):
    watched(False)
    command_line(inventory=('lab hosts.yml', osa_step.C.DEFAULT_HOST_LIST[0]), args=('playbooks/site.yml',),
                 subset='labosa', tags=('all',), skip_tags=('report', 'done'), extra_vars=('password=hush',))
    result, _asked = action(osa_step, {'failed': True, 'rc': 2, 'msg': 'It failed.'}, name='setup')
    assert result['msg'] == (
        "It failed. The command that goes on: ansible-playbook -i 'lab hosts.yml' --limit labosa --skip-tags report,done "
        "playbooks/site.yml with the -e of before, but for what has to change.")


@pytest.mark.parametrize('lab, given, goes_on', [
    ('labosa', (), 'make lab'), ('other', ('lab_host_name=other',), 'make lab LAB=other'),
    ('labosa', ('lab_host_name=labosa', 'password=hush'), 'make lab with the -e of before, but for what has to change')])
def test_who_came_by_make_goes_on_by_make(lab, given, goes_on, action, watched, command_line, monkeypatch):
    watched(False)
    command_line(inventory=(), args=('playbooks/lab.yml',), extra_vars=given)
    monkeypatch.setenv('OSA_CEPH_AIO_MAKE', lab)
    result, _asked = action(osa_step, {'failed': True, 'rc': 2, 'msg': 'It failed.'}, name='setup')
    assert result['msg'] == 'It failed. The command that goes on: %s.' % goes_on


def test_a_module_that_is_called_by_itself_has_no_playbook(action, watched, command_line):
    watched(False)
    command_line(inventory=(), args='localhost')
    result, _asked = action(osa_step, {'failed': True, 'rc': 2, 'msg': 'It failed.'}, name='setup')
    assert result['msg'] == 'It failed.'


def test_what_did_not_begin_has_nothing_to_go_on_with(action, watched):
    watched(False)
    result, _asked = action(osa_step, {'failed': True, 'msg': 'Another step goes on.'}, name='setup')
    assert result['msg'] == 'Another step goes on.'


def test_job(action, watched):
    watched(False)
    result, asked = action(osa_job, {'running': True, 'step': 'setup', 'cursor': CURSOR}, {'running': False, 'step': 'setup'})
    assert result == {'running': False, 'step': 'setup'}
    assert [given['cursor'] for given in asked] == [{}, CURSOR]
