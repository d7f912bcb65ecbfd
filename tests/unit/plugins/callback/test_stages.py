# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
from unittest import mock

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.callback import stages


@pytest.fixture
def clock(monkeypatch):
    clock = mock.MagicMock(return_value=100.0)
    monkeypatch.setattr(stages.time, 'time', clock)
    return clock


@pytest.fixture
def play(clock):
    """Run tasks, each of a role and some seconds long, and give the lines that are shown: play((role, seconds)...)."""
    def run(*tasks, handlers=()):
        callback = stages.CallbackModule()
        callback._display = mock.MagicMock()
        for role, seconds in tasks + tuple(handlers):
            task = mock.MagicMock(_role=role and mock.MagicMock(**{'get_name.return_value': role}))
            if (role, seconds) in handlers:
                callback.v2_playbook_on_handler_task_start(task)
            else:
                callback.v2_playbook_on_task_start(task, False)
            clock.return_value += seconds
        callback.v2_playbook_on_stats(mock.MagicMock(failures={}, dark={}))
        return [call.args[0] for call in callback._display.display.call_args_list]
    return run


def test_roles_in_their_order(play):
    assert play(('osa_lab.ceph_aio.source', 1.5), ('osa_lab.ceph_aio.source', 2.0),
                ('osa_lab.ceph_aio.install', 60.0)) == [
        '\nstage             seconds', 'source                3.5', 'install              60.0',
        'in all               63.5']


def test_role_that_comes_back_counts_once(play):
    assert play(('osa_lab.ceph_aio.lock', 1.0), ('osa_lab.ceph_aio.install', 2.0),
                ('osa_lab.ceph_aio.lock', 4.0))[1:3] == [
        'lock                  5.0', 'install               2.0']


def test_what_is_not_of_the_collection_counts_in_all_only(play):
    assert play((None, 1.0), ('osa_lab.ceph_aio.install', 2.0), ('other.collection.role', 4.0), (None, 8.0))[1:] == [
        'install               2.0', 'in all               15.0']


def test_handlers_count(play):
    assert play(('osa_lab.ceph_aio.install', 1.0), handlers=[('osa_lab.ceph_aio.lock', 3.0)])[1:3] == [
        'install               1.0', 'lock                  3.0']


def test_silent_without_a_role_of_the_collection(play):
    assert play((None, 1.0)) == []
    assert play() == []


def test_has_to_be_enabled():
    assert stages.CallbackModule.CALLBACK_NEEDS_ENABLED is True
    assert stages.CallbackModule.CALLBACK_NAME == 'osa_lab.ceph_aio.stages'


class Old(object):
    """A task's result as ansible-core has it up to 2.18."""

    def __init__(self, host, facts, **more):
        self._host = mock.MagicMock(**{'get_name.return_value': host})
        self._result = dict(more, ansible_facts=facts)


class New(object):
    """As it is from 2.19 on."""

    def __init__(self, host, facts, **more):
        self.host = mock.MagicMock(**{'get_name.return_value': host})
        self.result = dict(more, ansible_facts=facts)


@pytest.fixture
def end(clock, monkeypatch):
    """What is shown in the end, with the colour of each piece: end(results, width)."""
    def run(results, width=120, failures=(), dark=(), role='osa_lab.ceph_aio.lock'):
        monkeypatch.setattr(stages.shutil, 'get_terminal_size', lambda fallback: mock.MagicMock(columns=width))
        callback = stages.CallbackModule()
        callback._display = mock.MagicMock()
        callback.v2_playbook_on_task_start(mock.MagicMock(_role=mock.MagicMock(**{'get_name.return_value': role})), False)
        for result in results:
            callback.v2_runner_on_ok(result)
        for result in failures:
            callback.v2_runner_on_failed(result)
        for result in dark:
            callback.v2_runner_on_unreachable(result)
        callback._show_seconds = lambda: None
        names = [[stages.parts(result)[0] for result in of] for of in (failures, dark)]
        callback.v2_playbook_on_stats(mock.MagicMock(failures=dict.fromkeys(names[0], 1), dark=dict.fromkeys(names[1], 1)))
        return [(call.args[0], call.kwargs.get('color')) for call in callback._display.display.call_args_list]
    return run


@pytest.mark.parametrize('result', [Old, New])
def test_how_each_ended(end, result):
    ok = {'state': 'ok', 'text': '3 of 3 OSDs up', 'file': '/pages/a.html', 'next': [{'to': 'ask Ceph', 'type': 'ceph -s'}]}
    failed = {'state': 'failed', 'text': 'no room. Next: make some.'}
    assert end([result('a', {'report_outcome': ok}), result('b', {'other': 1}), result('b', {'report_outcome': failed}),
                result('b', {'bundle_path': '/b.tar.gz'}), result('c', {'bundle_path': ''}), result('c', None)]) == [
        ('\na: ok', stages.C.COLOR_OK), ('        3 of 3 OSDs up', None), ('page    /pages/a.html', None), ('next    ask Ceph: ceph -s', None),
        ('\nb: failed', stages.C.COLOR_ERROR), ('        no room. Next: make some.', None), ('bundle  /b.tar.gz', None)]


def test_lines_are_as_wide_as_the_terminal(end):
    text = 'it is so since /a/very/long/path/that/is/not/broken was not there'
    (_head, _color), (shown, _none) = end([New('a', {'report_outcome': {'state': 'warn', 'text': text}})], width=40)
    assert shown.splitlines() == ['        it is so since', '        /a/very/long/path/that/is/not/broken', '        was not there']


@pytest.mark.parametrize('result', [Old, New])
def test_what_nobody_kept_is_said_too(end, result):
    """A failure before there is a lab host, and one that cannot be reached."""
    kept = {'report_outcome': {'state': 'failed', 'text': 'as kept'}}
    shown = end([result('b', kept)], failures=[result('localhost', None, msg=['Nothing was changed.', 'no room']), result('b', None, msg='again')],
                dark=[result('a', None, msg='No route to host')])
    assert [text for text, _color in shown] == [
        '\nb: failed', '        as kept', '\na: unreachable', '        No route to host', '\nlocalhost: failed', '        Nothing was changed. no room']


@pytest.mark.parametrize('before, after', [('done', 'unreachable'), ('ok', 'unreachable'), ('warn', 'warn'), ('failed', 'failed')])
def test_what_went_well_before_is_not_how_it_ended(end, before, after):
    """A rebuild whose teardown went well, and whose lab host was lost then."""
    shown = end([New('a', {'report_outcome': {'state': before, 'text': 'as kept'}})], dark=[New('a', None, msg='No route to host')])
    assert [text for text, _color in shown] == ['\na: ' + after, '        ' + ('No route to host' if after != before else 'as kept')]


def test_failures_of_other_playbooks_are_none_of_ours(end):
    assert end([], failures=[New('a', None, msg='x')], role='other.collection.role') == []


def test_a_failure_that_counts_for_nothing(end):
    callback = stages.CallbackModule()
    callback.v2_runner_on_failed(New('a', None, msg='x'), ignore_errors=True)
    assert callback._reasons == {}


def test_why_a_loop_failed():
    callback = stages.CallbackModule()
    callback.v2_runner_on_failed(New('a', None, msg='One or more items failed', results=[{'failed': True, 'msg': 'no room'}, {'msg': 'fine'}]))
    assert callback._reasons == {'a': 'no room'}


@pytest.mark.parametrize('lab, again', [('', 'the same command'), ('other', 'make lab LAB=other')])
@pytest.mark.parametrize('action, ended, here, said', [
    ('osa_lab.ceph_aio.osa_step', False, True, True), ('osa_lab.ceph_aio.osa_step', True, True, False),
    ('osa_lab.ceph_aio.osa_step', False, False, False), ('ansible.builtin.git', False, True, False)])
def test_interrupted(monkeypatch, action, ended, here, said, lab, again):
    """While a step runs it is said that it goes on; not by a worker of Ansible, which is a copy of the process."""
    monkeypatch.setenv('OSA_CEPH_AIO_MAKE', lab)
    at_exit = []
    monkeypatch.setattr(stages.atexit, 'register', at_exit.append)
    callback = stages.CallbackModule()
    callback._display = mock.MagicMock()
    callback.v2_playbook_on_task_start(mock.MagicMock(
        _role=None, action=action, **{'get_name.return_value': 'osa_lab.ceph_aio.install : Run setup-hosts'}), False)
    if ended:
        callback.v2_playbook_on_stats(mock.MagicMock(failures={}, dark={}))
    if not here:
        monkeypatch.setattr(stages.os, 'getpid', lambda: 0)
    at_exit[0]()
    shown = ['\nRun setup-hosts: interrupted. What it has begun on the lab host goes on there.\nNext: %s waits for it, and goes on.' % again] if said else []
    assert [call.args[0] for call in callback._display.display.call_args_list] == shown
