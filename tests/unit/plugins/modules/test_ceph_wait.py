# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_ask
from ansible_collections.osa_lab.ceph_aio.plugins.modules import ceph_wait

PARAMS = {'timeout': 15.0, 'deadline': 60.0, 'interval': 2.0, 'health': 'HEALTH_OK', 'osds': 3, 'pgs_clean': True,
          'mgr': True}


class Clock:
    """A clock that only sleep() and the questions move."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def time(self):
        return self.now

    def sleep(self, seconds):
        assert seconds >= 0
        self.slept.append(seconds)
        self.now += seconds


class Cluster:
    """Answers the n-th question with the n-th observation, the last one for ever; each takes some seconds."""

    def __init__(self, clock, *observations):
        self.clock = clock
        self.observations = list(observations)
        self.seconds = 0.0
        self.timeouts = []

    def ask(self, params):
        self.timeouts.append(params['timeout'])
        self.clock.now += self.seconds
        return self.observations.pop(0) if len(self.observations) > 1 else self.observations[0]


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(ceph_wait.time, 'sleep', lambda seconds: pytest.fail('the real clock is used'))
    return clock


@pytest.fixture
def wait(monkeypatch, clock):
    """Wait for a cluster of these observations: wait(observation..., option=value...)."""
    def run(*observations, **params):
        cluster = Cluster(clock, *observations)
        cluster.seconds = params.pop('seconds', 0.0)
        monkeypatch.setattr(ceph_ask, 'ask', cluster.ask)
        return cluster, ceph_wait.wait(dict(PARAMS, **params), clock=clock.time, sleep=clock.sleep)
    return run


def unasked(state, remedy='mend it'):
    return {'state': state, 'reason': 'because', 'remedy': remedy, 'container': 'mon'}


def test_so_at_once(wait, clock, observed):
    _cluster, (seen, missing, seconds) = wait(observed('ok'))
    assert (seen['state'], missing, seconds, clock.slept) == ('ok', [], 0.0, [])


def test_so_after_a_while(wait, clock, observed):
    _cluster, (seen, missing, seconds) = wait(unasked('mon_unreachable'), unasked('timed_out'), observed('osd_down'),
                                              observed('ok'))
    assert (seen['state'], missing, seconds, clock.slept) == ('ok', [], 6.0, [2.0, 2.0, 2.0])


def test_deadline(wait, clock, observed):
    cluster, (seen, missing, seconds) = wait(observed('osd_down'))
    assert seen['state'] == 'warn'
    assert [text.split(';')[0] for text in missing] == [
        'health is HEALTH_WARN, not HEALTH_OK', '2 OSDs are up and 3 in, not 3', '0 of 40 PGs are active+clean']
    assert PARAMS['deadline'] - PARAMS['interval'] <= seconds <= PARAMS['deadline']
    assert len(cluster.timeouts) == 30


def test_last_look_is_shortly_before_the_deadline(wait, clock, observed):
    """What becomes so in the last seconds is still seen."""
    cluster = [observed('osd_down')] * 29 + [observed('ok')]
    _cluster, (_seen, missing, _seconds) = wait(*cluster)
    assert missing == []


@pytest.mark.parametrize('state', ['no_container', 'container_stopped', 'denied'])
def test_hopeless(wait, clock, state):
    cluster, (seen, missing, _seconds) = wait(unasked(state))
    assert (seen['state'], missing, clock.slept) == (state, [state + ': because'], [])
    assert len(cluster.timeouts) == 1


@pytest.mark.parametrize('state', ['mon_unreachable', 'timed_out'])
def test_not_hopeless(wait, state):
    assert len(wait(unasked(state))[0].timeouts) == 30


def test_questions_do_not_take_longer_than_what_is_left(wait, clock):
    cluster, (_seen, _missing, seconds) = wait(unasked('timed_out'), deadline=20.0, seconds=7.0)
    assert cluster.timeouts == [15.0, 11.0, 2.0]
    assert seconds == 25.0


@pytest.mark.parametrize('deadline', [0.0, -1.0])
def test_no_time_is_one_look(wait, clock, observed, deadline):
    cluster, (_seen, missing, _seconds) = wait(observed('ok'), deadline=deadline)
    assert (cluster.timeouts, missing) == ([1.0], [])


@pytest.fixture
def module(run_module, monkeypatch, clock):
    def run(observation, **arguments):
        monkeypatch.setattr(ceph_ask, 'ask', Cluster(clock, observation).ask)
        return run_module('ceph_wait', **dict({'deadline': 0.5}, **arguments))
    return run


def test_module(module, observed):
    result = module(observed('ok'), osds=3, pools=[{'name': 'rbd', 'pg_num': 8}])
    assert (result['changed'], result['unmet']) == (False, [])
    assert result['ceph']['state'] == 'ok'


def test_module_fails_with_what_is_not_so(module, observed):
    result = module(observed('osd_down'), osds=3, health='', pgs_clean=False)
    assert result['failed']
    assert result['unmet'] == ['2 OSDs are up and 3 in, not 3']
    assert result['problem']['what'] == 'the cluster is not as planned'
    assert result['problem']['where'] == 'mon'
    assert '2 OSDs are up and 3 in, not 3 (after 0 s)' in result['msg']
    assert 'ceph health detail' in result['problem']['remedy']
    assert result['ceph']['state'] == 'warn'


def test_module_gives_the_remedy_of_the_state(module):
    assert module(unasked('container_stopped', 'lxc-start -n mon'))['problem']['remedy'] == 'lxc-start -n mon'


def test_accepted_checks(module, observed):
    assert 'failed' not in module(observed('osd_down'), accept=['OSD_DOWN', 'PG_DEGRADED'], pgs_clean=False)


def test_timeout_that_is_none(module, observed):
    result = module(observed('ok'), timeout=0)
    assert result['failed']
    assert result['problem']['where'] == 'timeout'


def test_return_documentation(module, observed, returned, documented):
    succeeded, failed = module(observed('ok')), module(observed('osd_down'))
    assert returned(succeeded) | returned(failed) == documented('ceph_wait')
    assert returned(failed) - returned(succeeded) == set(['problem'])
