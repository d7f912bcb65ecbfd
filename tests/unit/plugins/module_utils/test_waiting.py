# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import copy

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.waiting import Waiting

PARAMS = {'timeout': 15.0, 'deadline': 60.0, 'interval': 2.0, 'stable_for': 0.0, 'stalled_after': 0.0, 'health': 'HEALTH_OK',
          'accept': [], 'osds': 3, 'osds_up': None, 'osds_in': None, 'quorum': None, 'pools': [], 'pgs_clean': True, 'mgr': True}


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


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def wait(clock):
    """Wait for a cluster of these observations, the last one for ever: wait(observation..., option=value...)."""
    def run(*observations, **params):
        is_heard = params.pop('is_heard', lambda: True)
        seconds, observations = params.pop('seconds', 0.0), list(observations)
        timeouts = []

        def observe(timeout):
            timeouts.append(timeout)
            clock.now += seconds
            return observations.pop(0) if len(observations) > 1 else observations[0]

        waiting = Waiting(dict(PARAMS, **params), observe, now=clock.time, sleep=clock.sleep, is_heard=is_heard)
        waiting.wait()
        waiting.timeouts = timeouts
        assert waiting.rounds == len(timeouts) == len(clock.slept) + 1
        return waiting
    return run


def unasked(state, remedy='mend it'):
    return {'state': state, 'reason': 'because', 'remedy': remedy, 'container': 'mon', 'via': 'container', 'missing': []}


def test_so_at_once(wait, clock, observed):
    waiting = wait(observed('ok'))
    assert (waiting.seen['state'], waiting.unmet, waiting.seconds, clock.slept) == ('ok', [], 0.0, [])


def test_so_after_a_while(wait, clock, observed):
    waiting = wait(unasked('mon_unreachable'), unasked('timed_out'), observed('osd_down'), observed('ok'))
    assert (waiting.seen['state'], waiting.unmet, waiting.seconds) == ('ok', [], 6.0)
    assert clock.slept == [2.0, 2.0, 2.0]


def test_deadline(wait, clock, observed):
    waiting = wait(observed('osd_down'))
    assert [text.split(';')[0] for text in waiting.unmet] == [
        'health is HEALTH_WARN, not HEALTH_OK', '2 OSDs are up, not 3', '0 of 40 PGs are active+clean']
    assert (waiting.seconds, waiting.rounds, waiting.stalled) == (60.0, 31, False)


@pytest.mark.parametrize('interval, slept', [(2.0, [2.0] * 2 + [1.0]), (0.5, [0.5] * 10), (100.0, [5.0])])
def test_last_round_is_at_the_deadline(wait, clock, observed, interval, slept):
    """What becomes so in the last moment is still seen."""
    waiting = wait(*([observed('osd_down')] * len(slept) + [observed('ok')]), interval=interval, deadline=5.0)
    assert (waiting.unmet, waiting.seconds) == ([], 5.0)
    assert clock.slept == slept


@pytest.mark.parametrize('state', ['no_container', 'container_stopped', 'denied'])
def test_hopeless(wait, clock, state):
    waiting = wait(unasked(state))
    assert (waiting.seen['state'], waiting.unmet, clock.slept) == (state, [state + ': because'], [])


@pytest.mark.parametrize('state', ['mon_unreachable', 'timed_out'])
def test_not_hopeless(wait, state):
    assert wait(unasked(state)).rounds == 31


@pytest.mark.parametrize('mode, rounds', [('off', 1), ('warn', 1), ('on', 31)])
def test_number_of_placement_groups_that_nobody_changes(wait, observed, mode, rounds):
    cluster = observed('ok')
    cluster['pools'][0]['autoscale_mode'] = mode
    waiting = wait(cluster, pools=[{'name': 'rbd', 'pg_num': 16}])
    assert (waiting.rounds, waiting.unmet) == (
        rounds, ['pool rbd has 8 PGs, not 16 (a default counts for new pools only)'])


def test_pool_that_is_not_there_yet(wait, observed):
    assert wait(observed('ok'), pools=[{'name': 'new', 'pg_num': 16}]).rounds == 31


def test_questions_do_not_take_longer_than_what_is_left(wait, clock):
    waiting = wait(unasked('timed_out'), deadline=20.0, seconds=7.0)
    assert waiting.timeouts == [15.0, 11.0, 2.0]
    assert waiting.seconds == 25.0


def test_last_round_has_a_second(wait):
    assert wait(unasked('timed_out'), deadline=3.0).timeouts == [3.0, 1.0, 1.0]


def test_what_was_seen_before_is_kept(wait, observed):
    """And what it lacked is told, beside why there is nothing newer."""
    before, last = observed('osd_down'), dict(unasked('timed_out'), missing=[{'subset': 'health', 'reason': 'late'}])
    waiting = wait(before, last, health='', pgs_clean=False)
    assert waiting.unmet == ['2 OSDs are up, not 3', 'timed_out: because']
    assert waiting.seen == dict(before, state='timed_out', reason='because', remedy='mend it', missing=last['missing'])
    assert waiting.rounds == 31


@pytest.mark.parametrize('partial', [True, False])
def test_last_that_was_whole_is_kept(wait, observed, partial):
    """Nothing of one that was not."""
    last = dict(unasked('mon_unreachable'), osds={'total': 3, 'up': 1, 'in': 1}) if partial else unasked('mon_unreachable')
    waiting = wait(observed('osd_down'), observed('pgs_undersized'), last, observed('ok'), last, stable_for=100.0)
    assert waiting.unmet == ['mon_unreachable: because']
    assert waiting.seen == dict(observed('ok'), **unasked('mon_unreachable'))


def test_hopeless_after_a_while(wait, observed):
    waiting = wait(observed('osd_down'), unasked('container_stopped'), health='', pgs_clean=False)
    assert (waiting.unmet, waiting.rounds) == (['2 OSDs are up, not 3', 'container_stopped: because'], 2)
    assert (waiting.seen['state'], waiting.seen['osds']['up']) == ('container_stopped', 2)


def test_nothing_was_whole(wait):
    last = dict(unasked('timed_out'), osds={'total': 3, 'up': 1, 'in': 1})
    waiting = wait(unasked('mon_unreachable'), last)
    assert (waiting.seen, waiting.unmet) == (last, ['timed_out: because'])


@pytest.mark.parametrize('case, rounds, unmet', [('osd_down', 3, ['2 OSDs are up, not 3']), ('ok', 1, [])])
def test_nobody_listens_any_more(wait, observed, case, rounds, unmet):
    heard = [True, True, False]
    waiting = wait(observed(case), health='', pgs_clean=False, is_heard=lambda: heard.pop(0))
    assert (waiting.rounds, waiting.unmet) == (rounds, unmet)


def test_who_listens():
    assert Waiting(PARAMS, None).is_heard is process.is_heard


def rounds_of(observed, text):
    """An observation for each letter: o is ok, x is not."""
    return [observed('ok' if letter == 'o' else 'osd_down') for letter in text]


@pytest.mark.parametrize('seen, unmet, seconds', [
    ('oooo', [], 4.0),
    ('xoooo', [], 6.0),
    ('ooxooo', [], 10.0),
    ('oxoxo', [], 12.0),
    ('oox', ['health'], 20.0),
])
def test_stable(wait, observed, seen, unmet, seconds):
    """All of it must be so for four seconds without a break."""
    waiting = wait(*rounds_of(observed, seen), stable_for=4.0, deadline=20.0)
    assert [text.split()[0] for text in waiting.unmet if 'health' in text] == unmet
    assert waiting.seconds == seconds


def test_stable_for_too_short_a_time(wait, observed):
    waiting = wait(*rounds_of(observed, 'xxo'), stable_for=10.0, deadline=9.0)
    assert waiting.unmet == ['all is as asked for, but only for 5.0 s, not 10']
    assert waiting.seconds == 9.0


@pytest.mark.parametrize('seen, stalled, seconds', [
    ('x', True, 6.0),
    ('oxx', True, 8.0),
    ('xo', False, 2.0),
])
def test_stalled(wait, observed, seen, stalled, seconds):
    waiting = wait(*rounds_of(observed, seen), stalled_after=6.0, stable_for=2.0 if seen[0] == 'o' else 0.0)
    assert (waiting.stalled, waiting.seconds) == (stalled, seconds)
    assert bool(waiting.unmet) is stalled


def test_what_moves_is_not_stalled(wait, observed):
    """Each round one placement group more is clean."""
    rounds = []
    for clean in range(20):
        cluster = copy.deepcopy(observed('osd_down'))
        cluster['pgs'].update(clean=clean)
        rounds.append(cluster)
    waiting = wait(*rounds, stalled_after=5.0)
    assert (waiting.stalled, waiting.seconds) == (True, 19 * 2.0 + 6.0)


def test_what_is_so_is_not_stalled(wait, observed):
    waiting = wait(observed('ok'), stalled_after=4.0, stable_for=20.0)
    assert (waiting.stalled, waiting.unmet, waiting.seconds) == (False, [], 20.0)


@pytest.mark.parametrize('params, unmet', [
    ({'accept': ['OSD_DOWN', 'PG_DEGRADED'], 'osds': None, 'pgs_clean': False}, []),
    ({'accept': ['OSD_DOWN'], 'osds': None, 'pgs_clean': False}, ['health']),
    ({'health': '', 'osds': None, 'pgs_clean': False}, []),
    ({'health': 'HEALTH_WARN', 'osds_up': 2, 'pgs_clean': False}, []),
    ({'health': 'HEALTH_ERR', 'osds': None, 'pgs_clean': False}, ['health']),
    ({'health': '', 'pgs_clean': False}, ['2']),
    ({'health': '', 'osds': None}, ['0']),
    ({'health': '', 'osds': None, 'pgs_clean': False, 'quorum': 2}, ['1']),
    ({'health': '', 'osds': None, 'pgs_clean': False, 'pools': [{'name': 'new', 'pg_num': None}]}, ['pool']),
])
def test_conditions(wait, observed, params, unmet):
    assert [text.split()[0] for text in wait(observed('osd_down'), **params).unmet] == unmet


@pytest.mark.parametrize('wanted, unmet', [(True, ['no manager is active']), (False, [])])
def test_manager(wait, observed, wanted, unmet):
    assert wait(observed('mgr_down'), mgr=wanted, health='').unmet == unmet


@pytest.mark.parametrize('release', ['jewel', 'nautilus', 'pacific', 'reef', 'tentacle'])
def test_every_release(wait, observed, release):
    waiting = wait(observed('ok', release), accept=['MGR_MODULE_DEPENDENCY'])
    assert (waiting.unmet, waiting.rounds) == ([], 1)
