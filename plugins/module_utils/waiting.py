# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait until the cluster is as planned, or until it is clear that it will not be."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import time

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_conditions, process

# States in which waiting alone can't help.
HOPELESS = ('no_container', 'container_stopped', 'denied')
LAST_ROUND = 1.0  # seconds that a round has at least, the one at the deadline too


class Waiting(object):
    """One wait: how long it took, what was seen last, and why it ended."""

    def __init__(self, params, observe, now=process.now, sleep=time.sleep, is_heard=process.is_heard):
        self.params = params
        self.observe = observe
        self.now = now
        self.sleep = sleep
        self.is_heard = is_heard
        self.seen = {}
        self.unmet = []
        self.rounds = 0
        self.stalled = False

    def wait(self):
        start = changed = self.now()
        end = start + self.params['deadline']
        met_since = moved = whole = None
        while True:
            self.seen = self.observe(min(self.params['timeout'], max(LAST_ROUND, end - self.now())))
            self.rounds += 1
            self.unmet = ceph_conditions.unmet(self.seen, self.params)
            whole = self.seen if ceph_conditions.is_whole(self.seen, self.params) else whole
            now = self.now()
            if moved != ceph_conditions.progress(self.seen):
                moved, changed = ceph_conditions.progress(self.seen), now
            met_since = None if self.unmet else (now if met_since is None else met_since)
            self.stalled = 0 < self.params['stalled_after'] <= now - changed and met_since is None
            if met_since is not None and now - met_since >= self.params['stable_for']:
                break
            if self.stalled or now >= end or self._hopeless() or not self.is_heard():
                break
            self.sleep(min(self.params['interval'], max(0.0, end - now)))
        self.seconds = round(self.now() - start, 1)
        if whole not in (None, self.seen):
            # The last round brought less than one before it.
            self.unmet = ceph_conditions.unmet(whole, self.params) + self.unmet
            self.seen = dict(whole, **dict((name, self.seen[name]) for name in ('state', 'reason', 'remedy', 'missing')))
        if met_since is not None and now - met_since < self.params['stable_for']:
            self.unmet = ['all is as asked for, but only for %.1f s, not %g' % (now - met_since, self.params['stable_for'])]

    def _hopeless(self):
        return self.seen['state'] in HOPELESS or ceph_conditions.fixed_otherwise(self.seen, self.params)
