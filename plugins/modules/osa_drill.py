#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: osa_drill
short_description: Break one thing of an all-in-one on purpose, and watch it recover
version_added: 0.1.0
description:
  - Breaks one thing, waits until it is noticed, mends it, and waits until the cluster is HEALTH_OK again.
  - What it takes to mend it is written down before it is broken. It is mended also where the module is stopped, and where it is
    killed by the next call with O(state=undone).
author:
  - osa_lab (@osa-lab)
options:
  name:
    description:
      - The drill. Not needed with O(state=undone) and O(state=healed).
      - V(osd_down) kills an OSD, V(osd_out) also takes it out, V(loop_detached) takes its loop device away, V(disk_full) sets the ratio at
        which OSDs are full below what is used.
      - V(mon_stopped) stops the mon, V(container_frozen) freezes and V(container_killed) kills the mon's container, V(network_cut)
        takes its network interface down.
      - V(host_reboot) reboots the lab host a second after the module has ended; then say O(state=healed).
    type: str
    default: ''
  state:
    description:
      - V(done) does the drill.
      - V(undone) mends what an interrupted drill has left, if there is one.
      - V(healed) waits until the lab host that rebooted is healthy again.
    type: str
    choices: [done, undone, healed]
    default: done
  accept:
    description: Codes of health checks that do not count, neither before the drill nor after it, for example V(MGR_MODULE_DEPENDENCY).
    type: list
    elements: str
    default: []
  notice_deadline:
    description: Seconds until it must be noticed.
    type: float
    default: 120.0
  deadline:
    description: Seconds until the cluster must be healthy again.
    type: float
    default: 180.0
  state_dir:
    description: Where it is written down what is broken.
    type: path
    default: /var/lib/osa_ceph_aio
extends_documentation_fragment:
  - osa_lab.ceph_aio.ceph_access
  - osa_lab.ceph_aio.attributes
attributes:
  action_group:
    membership: [osa_lab.ceph_aio.ceph, osa_lab.ceph_aio.osa]
  check_mode:
    support: full
    details: Whether the drill can be done is looked at, and nothing is broken.
  diff_mode:
    support: none
'''

EXAMPLES = r'''
- name: See what happens when an OSD dies
  osa_lab.ceph_aio.osa_drill:
    name: osd_down

- name: Mend what an interrupted drill has left
  osa_lab.ceph_aio.osa_drill:
    state: undone
'''

RETURN = r'''
drill:
  description: Name of the drill that was done, or of the one that was mended; else an empty text.
  returned: success
  type: str
what:
  description: What was broken.
  returned: success
  type: str
state:
  description: The state that was seen, as in M(osa_lab.ceph_aio.ceph_info); where Ceph could not be asked at all, that one.
  returned: where something was seen
  type: str
  sample: warn
codes:
  description: Codes of the health checks that were seen.
  returned: where something was seen
  type: list
  elements: str
  sample: [OSD_DOWN, PG_DEGRADED]
reason:
  description: What the cluster said.
  returned: where something was seen
  type: str
noticed_seconds:
  description: How long it took until it was noticed.
  returned: where something was seen
  type: float
undone_seconds:
  description: How long it took to mend it.
  returned: where it was mended
  type: float
healthy_seconds:
  description: How long it took after that until the cluster was healthy, and stayed so for five seconds.
  returned: where that was waited for
  type: float
boot:
  description: The boot of the lab host that ends, as C(/proc/sys/kernel/random/boot_id) has it.
  returned: where the lab host reboots
  type: str
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import signal

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_conditions, cluster, drills, host, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stopped(AioError):
    """Somebody does not want it to go on."""


def on_signals(handler):
    for number in SIGNALS:
        signal.signal(number, handler)


def stop(number, _frame):
    on_signals(signal.SIG_IGN)
    raise Stopped('the drill was stopped', '', 'signal %d' % number, 'what was broken is mended again')


class Run(object):
    """One run of the module; what it has to say is in said."""

    def __init__(self, drill, params, check_mode):
        self.drill = drill
        self.params = params
        self.check_mode = check_mode
        self.said = {'drill': '', 'what': ''}

    def done(self):
        name = self.params['name']
        drills.check_name(name)
        self.undone()
        facts = self.drill.look(name)
        self.said.update(drill=name, what=drills.DRILLS[name]['what'])
        if self.check_mode:
            return True
        if name == 'host_reboot':
            self.said['boot'] = facts['boot']
            self.drill.inject(name, facts)
            return True
        on_signals(stop)
        try:
            self.drill.inject(name, facts)
            seen, seconds = self.drill.await_notice(name, facts)
            self.said.update(state=seen['state'], codes=ceph_conditions.codes(seen), reason=seen['reason'], noticed_seconds=seconds)
        finally:
            on_signals(signal.SIG_IGN)  # mending is not to be stopped
            self._mend()
        on_signals(stop)
        self.said['healthy_seconds'] = self.drill.await_health(facts)
        return True

    def undone(self):
        if self.check_mode:
            return bool(self.drill.pending.load())
        name = self._mend()
        if name:
            self.said.update(drill=name, what=drills.DRILLS[name]['what'])
        return bool(name)

    def _mend(self):
        start = process.now()
        name = self.drill.undo()
        if name:
            self.said['undone_seconds'] = round(process.now() - start, 1)
        return name

    def healed(self):
        pending = self.drill.pending.load()
        if pending.get('name') != 'host_reboot':
            raise AioError('no reboot is awaited', self.drill.pending.path, 'the drill host_reboot was not begun, or has been ended since',
                           'do the drill: the drill playbook')
        if pending['facts']['boot'] == host.read(drills.BOOT_ID).strip():
            raise AioError('the lab host has not rebooted', drills.BOOT_ID, 'it is the same boot as before',
                           'look with: systemctl list-timers; or reboot it by hand')
        if not self.check_mode:
            self.undone()
        self.said['healthy_seconds'] = self.drill.await_health(pending['facts'])
        return True


def main():
    module = AnsibleModule(
        argument_spec=dict(
            cluster.ACCESS_ARGUMENTS,
            name={'type': 'str', 'default': ''},
            state={'type': 'str', 'choices': ['done', 'undone', 'healed'], 'default': 'done'},
            accept={'type': 'list', 'elements': 'str', 'default': []},
            notice_deadline={'type': 'float', 'default': 120.0},
            deadline={'type': 'float', 'default': 180.0},
            state_dir={'type': 'path', 'default': '/var/lib/osa_ceph_aio'},
        ),
        supports_check_mode=True,
    )
    params = module.params
    run = Run(None, params, module.check_mode)
    try:
        cluster.check(params)
        cluster.check_seconds(params, 'notice_deadline', 'deadline')
        with cluster.Cluster(params) as ceph:
            run.drill = drills.Drill(ceph, params, drills.Pending(params['state_dir']))
            changed = getattr(run, params['state'])()
    except AioError as error:
        fail(module, error, **run.said)
    except (IOError, OSError) as error:
        fail(module, AioError('the drill cannot be done', params['name'] or params['state'], str(error),
                              'the play must become root on the lab host; else look at the disk'))
    module.exit_json(changed=changed, **run.said)


if __name__ == '__main__':
    main()
