# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: report_view
short_description: What a page shows of a status document
version_added: 0.1.0
description:
  - Puts the parts of a status document into the order and the shares in which a page shows them. It decides nothing of the state.
author:
  - osa_lab (@osa-lab)
positional: inventory
options:
  _input:
    description: The status document, as the status playbook shows it with C(report_format=json).
    type: dict
    required: true
  inventory:
    description: The inventory that commands are to name.
    type: str
    default: INVENTORY
'''

EXAMPLES = r'''
- name: Show where the seconds of a build went
  ansible.builtin.debug:
    msg: "{{ (document | osa_lab.ceph_aio.report_view).timeline }}"
'''

RETURN = r'''
_value:
  description: The parts.
  type: dict
  contains:
    mark:
      description: V(good), V(poor) or V(bad), by the state.
      type: str
    timeline:
      description: The steps in the order of their start, each with name, seconds, finished, result, and start and share in percent.
      type: list
      elements: dict
    tree:
      description: The CRUSH tree, each node with what is below it as children, an OSD with used_bytes, total_bytes and used, in percent.
      type: list
      elements: dict
    pgs:
      description: The states of placement groups, the most frequent first, each with name, count, share in percent and mark.
      type: list
      elements: dict
    pools:
      description: The pools, those of Ceph's own last, each with its share of all placement groups and what is stored in it.
      type: list
      elements: dict
    used:
      description: Share of the cluster that is used, in percent; null where it was not told.
      type: float
    overrides:
      description: Each setting that is overridden, with the value that was proved when it was built and the one that the mon goes by now.
      type: list
      elements: dict
    commits:
      description: The commit of openstack-ansible, C(osa), and those of what it is made of, C(parts) by name; null where none is known.
      type: dict
    commands:
      description: What to type next, each with what it is for; targets of the Makefile where C(make) began the run.
      type: list
      elements: dict
'''

import shlex

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.clock import seconds
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import by_make

MARKS = {'ok': 'good', 'warn': 'poor', 'mgr_down': 'poor'}
ANSWERS = ('warn', 'err', 'mgr_down')  # states in which there is somebody to ask for more
SMALLEST = 0.4  # percent: what took no time can be seen all the same


def share(part, whole):
    return round(100.0 * part / whole, 2) if whole else 0.0


def timeline(steps, running):
    """When each step ran, as shares of the time from the first one's start to the last one's end.

    Steps of another day are no part of that time: only gaps that a build makes are kept, longer ones are left out.
    """
    known = sorted(((seconds(step['started']), name, step) for name, step in steps.items() if step.get('started')), key=lambda row: row[:2])
    rows, at, before = [], 0.0, None
    for start, name, step in known:
        took = float(step.get('seconds') or 0)
        if before is not None:
            at += min(max(0, start - before), 30)
        result = 'done' if step.get('rc') == 0 else 'running' if running and running.get('step') == name else 'failed'
        rows.append({'name': name, 'seconds': took, 'finished': step.get('finished', ''), 'result': result, 'log': step.get('log', ''), 'at': at})
        at, before = at + took, start + took
    return [dict(row, start=share(row['at'], at), share=max(SMALLEST, share(row['seconds'], at))) for row in rows]


def tree(nodes, usage):
    """A flat list, parents before their children, as a tree; what is known of the use of an OSD is beside it."""
    top, chain, used = [], [], dict((osd['id'], osd) for osd in usage)
    for node in nodes:
        entry = dict(node, children=[])
        if used.get(node.get('id'), {}).get('total_bytes'):
            osd = used[node['id']]
            entry.update(used_bytes=osd['used_bytes'], total_bytes=osd['total_bytes'], used=share(osd['used_bytes'], osd['total_bytes']))
        while chain and not node['path'].startswith(chain[-1]['path'] + '/'):
            chain.pop()
        (chain[-1]['children'] if chain else top).append(entry)
        chain.append(entry)
    return top


def pg_mark(state):
    words = set(state.split('+'))
    if {'active', 'clean'} <= words and 'stale' not in words:
        return 'good'
    return 'poor' if 'active' in words and 'stale' not in words else 'bad'


def pgs(found):
    states = sorted(found.get('states', {}).items(), key=lambda pair: (-pair[1], pair[0]))
    return [{'name': name, 'count': count, 'share': share(count, found['total']), 'mark': pg_mark(name)} for name, count in states]


def pools(found, usage):
    stored = {pool['id']: pool for pool in usage.get('pools', [])}
    whole = sum(pool['pg_num'] for pool in found)
    ordered = sorted(found, key=lambda pool: (pool['internal'], pool['id']))
    return [dict(pool, share=share(pool['pg_num'], whole), stored_bytes=stored.get(pool['id'], {}).get('stored_bytes'),
                 objects=stored.get(pool['id'], {}).get('objects')) for pool in ordered]


def overrides(steps, config):
    proved, now = (steps.get('ceph_overrides') or {}).get('evidence', {}).get('settings', {}), config.get('settings', {})
    return [{'name': name, 'proved': proved.get(name, ''), 'effective': now.get(name, '')} for name in sorted(set(proved) | set(now))]


def commits(lock):
    return {'osa': lock['osa'], 'parts': dict(lock.get('roles') or {}, **(lock.get('collections') or {}))} if lock else None


class Typed(object):
    """How each thing is typed: as a target of the Makefile where make began the run, else as a playbook."""

    TARGETS = {'site': 'lab'}
    VARIABLES = {'reset_name': 'NAME', 'drill_name': 'DRILL'}  # the Makefile confirms by itself

    def __init__(self, host, inventory):
        self.host, self.inventory = host, inventory

    def run(self, name, **given):
        if by_make.lab():
            known = {self.VARIABLES[key]: value for key, value in given.items() if key in self.VARIABLES}
            return by_make.command(self.TARGETS.get(name, name), **known)
        return ' '.join(['ansible-playbook -i %s osa_lab.ceph_aio.%s --limit %s' % (self.inventory, name, self.host)]
                        + ['-e %s=%s' % pair for pair in given.items()])

    def inside(self, to, container, command):
        """A command in the container; nothing where there is none."""
        if not container:
            return []
        inside = 'lxc-attach -n %s -- %s' % (container, command)
        if by_make.lab():
            return [{'to': to, 'type': by_make.command('ssh', COMMAND=inside)}]
        return [{'to': to, 'type': 'ansible -i %s %s -b -m command -a %s' % (self.inventory, self.host, shlex.quote(inside))}]


def commands(document, typed):
    """What people type next, by how it is."""
    ceph, host, snapshots = document['ceph'], document['host'], document.get('snapshots')
    if document.get('running'):
        return [{'to': 'wait for the step that goes on, and go on with the build', 'type': typed.run('site')}]
    if ceph['state'] == 'no_container':
        return [{'to': 'build the environment, or go on with it', 'type': typed.run('site')}]
    if ceph['state'] != 'ok':
        answers = ceph.get('container') if ceph['state'] in ANSWERS else ''
        return typed.inside('see what is wrong', answers, 'ceph health detail') + [
            {'to': 'start what does not run, and go on with the build', 'type': typed.run('site')}] + ([
                {'to': 'give back a state that was good', 'type': typed.run('reset', reset_name=snapshots[-1]['name'])}] if snapshots else []) + [
            {'to': 'collect what a bug report needs', 'type': typed.run('bundle')}]
    return typed.inside('ask Ceph', ceph.get('container'), 'ceph -s') + [
        {'to': 'remember this state', 'type': typed.run('snapshot')},
        {'to': 'break one thing and watch it recover', 'type': typed.run('drill', drill_name='osd_down')},
        {'to': 'build it anew', 'type': typed.run('rebuild', teardown_confirm=host)},
        {'to': 'take it off the lab host', 'type': typed.run('teardown', teardown_confirm=host)},
    ]


def report_view(document, inventory='INVENTORY'):
    ceph = document['ceph']
    usage = ceph.get('usage') or {}
    return {
        'mark': MARKS.get(ceph['state'], 'bad'),
        'timeline': timeline(document.get('steps') or {}, document.get('running')),
        'tree': tree(ceph.get('osd_tree') or [], ceph.get('osd_usage') or []),
        'pgs': pgs(ceph.get('pgs') or {}),
        'pools': pools(ceph.get('pools') or [], usage),
        'used': share(usage['used_bytes'], usage['total_bytes']) if usage else None,
        'overrides': overrides(document.get('steps') or {}, ceph.get('config') or {}),
        'commits': commits((document.get('made_of') or {}).get('source_lock')),
        'commands': commands(document, Typed(document['host'], inventory)),
    }


class FilterModule:
    def filters(self):
        return {'report_view': report_view}
