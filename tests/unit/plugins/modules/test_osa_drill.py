# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import signal

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import drills
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.modules import osa_drill

FACTS = {'osd': '1', 'planned': {}, 'boot': 'boot-1'}
SEEN = {'state': 'warn', 'reason': 'OSD_DOWN: 1 osds down', 'health': {'checks': [{'code': 'PG_DEGRADED'}, {'code': 'OSD_DOWN'}]}}


class Lab:
    """What is done to the lab host, in order; a step that fails is in fails."""

    def __init__(self):
        self.steps = []
        self.fails = {}

    def step(self, name, answer=None):
        def do(drill, *_arguments):
            self.steps.append(name)
            if name in self.fails:
                self.fails[name]()
            return answer
        return do


@pytest.fixture
def lab(monkeypatch):
    lab = Lab()
    monkeypatch.setattr(drills.Drill, 'look', lab.step('look', FACTS))
    monkeypatch.setattr(drills.Drill, '_do', lambda drill, step, _facts: lab.step(step[0])(drill))
    monkeypatch.setattr(drills.Drill, 'await_notice', lab.step('notice', (SEEN, 1.5)))
    monkeypatch.setattr(drills.Drill, 'await_health', lab.step('health', 4.5))
    monkeypatch.setattr(osa_drill.host, 'read', lambda _path: 'boot-2\n')
    before = [(number, signal.getsignal(number)) for number in osa_drill.SIGNALS]
    yield lab
    for number, handler in before:
        signal.signal(number, handler)


@pytest.fixture
def drill(run_module, lab, tmp_path):
    """Run the module: drill(option=value...)."""
    def run(**options):
        return run_module('osa_drill', **dict({'state_dir': str(tmp_path / 'state')}, **options))
    return run


@pytest.fixture
def pending(tmp_path):
    return drills.Pending(str(tmp_path / 'state'))


def failing():
    raise AioError('no', 'where', 'why', 'next')


def test_done(drill, lab, pending):
    result = drill(name='osd_down')
    assert lab.steps == ['look', 'kill', 'notice', 'start', 'health']
    assert (result['changed'], result['drill'], result['state'], result['codes']) == (True, 'osd_down', 'warn', ['OSD_DOWN', 'PG_DEGRADED'])
    assert (result['noticed_seconds'], result['healthy_seconds'], result['reason']) == (1.5, 4.5, 'OSD_DOWN: 1 osds down')
    assert pending.load() == {}


def test_check_mode(drill, lab, pending):
    result = drill(name='osd_down', _ansible_check_mode=True)
    assert (result['changed'], lab.steps) == (True, ['look'])
    assert pending.load() == {}


@pytest.mark.parametrize('fails, steps', [
    ('kill', ['look', 'kill', 'start']), ('notice', ['look', 'kill', 'notice', 'start']), ('health', ['look', 'kill', 'notice', 'start', 'health'])])
def test_mended_whatever_happens(drill, lab, pending, fails, steps):
    lab.fails[fails] = failing
    result = drill(name='osd_down')
    assert (result['failed'], result['problem']['what'], lab.steps) == (True, 'no', steps)
    assert pending.load() == {}


@pytest.mark.parametrize('number', osa_drill.SIGNALS)
def test_mended_where_it_is_stopped(drill, lab, pending, number):
    """Mending is not stopped."""
    lab.fails['notice'] = lambda: os.kill(os.getpid(), number)
    lab.fails['start'] = lambda: os.kill(os.getpid(), number)
    result = drill(name='osd_down')
    assert result['problem']['what'] == 'the drill was stopped'
    assert lab.steps == ['look', 'kill', 'notice', 'start']
    assert pending.load() == {}


def test_mending_is_not_stopped_where_nothing_was_before(drill, lab, pending):
    lab.fails['start'] = lambda: os.kill(os.getpid(), signal.SIGTERM)
    result = drill(name='osd_down')
    assert (result['drill'], result['healthy_seconds']) == ('osd_down', 4.5)
    assert pending.load() == {}


def test_waiting_for_health_is_stopped(drill, lab, pending):
    lab.fails['health'] = lambda: os.kill(os.getpid(), signal.SIGTERM)
    assert drill(name='osd_down')['problem']['what'] == 'the drill was stopped'
    assert lab.steps == ['look', 'kill', 'notice', 'start', 'health']
    assert pending.load() == {}


def test_refused(drill, lab, pending):
    lab.fails['look'] = failing
    assert drill(name='osd_down')['failed']
    assert (lab.steps, pending.load()) == (['look'], {})


def test_mending_that_fails(drill, lab, pending):
    """It is kept for the next command."""
    lab.fails['start'] = failing
    assert drill(name='osd_down')['failed']
    assert pending.load()['name'] == 'osd_down'
    del lab.fails['start']
    lab.steps = []
    result = drill(name='osd_out')  # which mends first
    assert lab.steps == ['start', 'look', 'kill', 'ceph', 'notice', 'start', 'ceph', 'health']
    assert result['drill'] == 'osd_out'


@pytest.mark.parametrize('check_mode', [True, False])
def test_undone(drill, lab, pending, check_mode):
    assert drill(state='undone', _ansible_check_mode=check_mode) == drill(state='undone')
    pending.save({'name': 'mon_stopped', 'facts': {'place': 'mon', 'mon': 'ceph-mon@a.service'}, 'started': 'then'})
    result = drill(state='undone', _ansible_check_mode=check_mode)
    assert (result['changed'], lab.steps) == (True, [] if check_mode else ['start'])
    assert result['drill'] == ('' if check_mode else 'mon_stopped')
    assert bool(pending.load()) is check_mode


def test_reboot(drill, lab, pending, monkeypatch):
    """In two parts: nobody is there in between."""
    result = drill(name='host_reboot')
    assert (result['changed'], lab.steps, 'state' in result) == (True, ['look', 'run'], False)
    assert pending.load()['facts']['boot'] == 'boot-1'
    monkeypatch.setattr(osa_drill.host, 'read', lambda _path: 'boot-1\n')
    assert 'has not rebooted' in drill(state='healed')['msg']
    monkeypatch.setattr(osa_drill.host, 'read', lambda _path: 'boot-2\n')
    result = drill(state='healed')
    assert (result['drill'], result['healthy_seconds']) == ('host_reboot', 4.5)
    assert pending.load() == {}
    assert 'no reboot is awaited' in drill(state='healed')['msg']


@pytest.mark.parametrize('options, text', [
    ({'name': 'osd_upp'}, "there is no drill 'osd_upp' (name): there are container_frozen"), ({}, "there is no drill ''"),
    ({'name': 'osd_down', 'deadline': 0}, '0 is no time limit (deadline)'),
    ({'name': 'osd_down', 'notice_deadline': -1}, 'is no time limit (notice_deadline)'),
    ({'name': 'osd_down', 'container': 'a b'}, 'is no name of a container'), ({'state': 'gone'}, 'value of state must be one of')])
def test_options_that_make_no_sense(drill, lab, options, text):
    result = drill(**options)
    assert result['failed'] and text in result['msg']
    assert lab.steps == []


@pytest.mark.parametrize('content, text', [
    (b'{', 'is damaged'), (b'{"version": 99, "drill": {}}', 'newer version'), (b'{"version": 1, "drill": {"name": "x", "facts": {}}}', "no drill 'x'")])
def test_record_that_is_not_ours(drill, lab, tmp_path, content, text):
    (tmp_path / 'state').mkdir()
    (tmp_path / 'state' / 'drill.json').write_bytes(content)
    for options in ({'state': 'undone'}, {'name': 'osd_down'}):
        assert text in drill(**options)['msg']
    assert lab.steps == []


def test_disk_that_fails(drill, lab):
    def fail():
        raise OSError(28, 'No space left on device')
    lab.fails['look'] = fail
    assert 'No space left on device' in drill(name='osd_down')['problem']['why']


def test_return_documentation(drill, lab, returned, documented):
    good = drill(name='osd_down')
    lab.fails['look'] = failing
    bad = drill(name='osd_down')
    del lab.fails['look']
    assert returned(good, bad, drill(name='host_reboot')) | set(['state']) == documented('osa_drill')
