# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster is like: which questions that takes, and their answers as one documented value."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import json
import re

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_shape, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.ceph_session import CephProblem
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.containers import ContainerProblem
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.redact import redact


def question(prefix, **arguments):
    return dict(arguments, prefix=prefix, format='json')


STATUS = question('status')
VERSION = question('version')
MGR_DUMP = question('mgr dump')
# For each subset its questions, and what shapes their answers. None of these needs a manager: they
# would wait for one that is not there. What the subset status means is always gathered.
SUBSETS = {
    'health': ((question('health', detail='detail'),), ceph_shape.health),
    'mons': ((question('quorum_status'),), ceph_shape.mons),
    'mgr': ((MGR_DUMP,), ceph_shape.mgr),
    'osds': ((STATUS,), ceph_shape.osds),
    'osd_tree': ((question('osd tree'),), ceph_shape.osd_tree),
    'pgs': ((STATUS,), ceph_shape.pgs),
    'pools': ((question('osd pool ls', detail='detail'), question('osd lspools')), ceph_shape.pools),
    'usage': ((question('df'),), ceph_shape.usage),
    'versions': ((question('versions'),), ceph_shape.versions),
    'crush_rules': ((question('osd crush rule dump'),), ceph_shape.crush_rules),
}
# A manager answers these, before there were managers a mon. They are asked when one is known to be active, and only by their name.
OF_MANAGER = {
    'osd_usage': ((question('osd df'),), ceph_shape.osd_usage),
}
ALL = ('status', 'health', 'mons', 'mgr', 'osds', 'osd_tree', 'pgs', 'pools', 'usage', 'versions', 'crush_rules')
MIN = ('status', 'health', 'osds', 'pgs')
TEXTS = {'status': {'prefix': 'status'}, 'osd_tree': {'prefix': 'osd tree'}}
SETTING = re.compile(r'^[a-z][a-z0-9_]*\Z')
DAEMON = re.compile(r'^(mon|mgr|osd|mds|client)\.[A-Za-z0-9_.-]+\Z')
# What parsed JSON of another shape than expected raises.
OTHER_SHAPE = (AttributeError, IndexError, KeyError, TypeError, ValueError)


def choose_subsets(wanted):
    """The names of ALL and OF_MANAGER that a gather_subset means: names, all, min, and any of them with "!" before it.

    :raises AioError: a name is unknown.
    """
    names = ALL + tuple(sorted(OF_MANAGER))
    groups = dict([('all', ALL), ('min', MIN)] + [(name, (name,)) for name in names])
    for name in wanted:
        if name.lstrip('!') not in groups or name.startswith('!!'):
            raise AioError("there is no subset '%s'" % name, 'gather_subset', 'there are %s' % ', '.join(sorted(groups)),
                           'correct the name')
    chosen = [name for group in wanted if group[0] != '!' for name in groups[group]]
    dropped = [name for group in wanted if group[0] == '!' for name in groups[group[1:]]]
    kept = [name for name in wanted if '!' + name not in wanted]
    return [name for name in names if name in kept or name in (chosen or ALL) and name not in dropped]


def check_config(names, daemon):
    """:raises AioError: one of the settings, or the daemon, is no name of one."""
    for name in names:
        if not SETTING.match(name):
            raise AioError('%r is no name of a setting' % name, 'config', 'a name has small letters, digits and "_" only',
                           'write it like osd_pool_default_pg_num')
    if daemon and not DAEMON.match(daemon):
        raise AioError('%r is no name of a daemon' % daemon, 'config_of', 'a name is a type, a point and an id',
                       'write it like osd.0')


class Answers(object):
    """The answers that were had, by their questions."""

    def __init__(self):
        self.all = []
        self.end = 'no answer to it came'  # why there are no more

    def add(self, answers):
        self.all += answers

    def get(self, asked):
        """:raises AioError: it was not answered."""
        for answer in self.all:
            if answer.command == asked:
                return answer
        raise AioError('it was not answered', why=self.end)

    def json(self, asked):
        """The parsed answer; None where the question is about managers, and the release had none."""
        answer = self.get(asked)
        if asked == MGR_DUMP and answer.rc == -errno.EINVAL:
            return None
        return answer.json()

    def text(self, asked):
        answer = self.get(asked)
        answer.check()
        return answer.out.rstrip()


class Observer(object):
    """Observes one cluster, as often as you like, over the same connection.

    :param cluster: cluster.Cluster.
    :param subsets: names of ALL and OF_MANAGER.
    :param texts: whether to ask for status and tree as people see them, too.
    :param raw: whether to keep the answers as Ceph gave them, too.
    :param config: names of settings whose effective values are asked.
    :param config_of: the daemon that goes by them, as TYPE.ID; empty for the mon that is asked.
    """

    def __init__(self, cluster, subsets=ALL, texts=False, raw=False, config=(), config_of=''):
        self.cluster = cluster
        self.subsets = [name for name in subsets if name in SUBSETS]
        self.of_manager = [name for name in subsets if name in OF_MANAGER]
        self.texts = texts
        self.raw = raw
        self.config = config
        self.config_of = config_of

    def observe(self, timeout):
        """Never raises for what the cluster is like: that is in state, reason and missing.

        :param timeout: seconds for all of it.
        :raises AioError: what was asked for makes no sense.
        """
        deadline = process.now() + timeout
        seen = {'state': '', 'reason': '', 'remedy': '', 'container': '', 'via': '', 'missing': []}
        answers = Answers()
        try:
            answers.add(self.cluster.ask(self._questions(), timeout))
            answers.end = 'no manager is active, and only a manager knows %s' % (
                'what %s goes by' % self.config_of if self.config_of else ' and '.join(self.of_manager))
            later = self._questions_to_manager(_has_manager(answers))
            if later:
                answers.add(self.cluster.ask(later, deadline - process.now()))
        except (CephProblem, ContainerProblem) as problem:
            answers.add(getattr(problem, 'answers', []))
            answers.end = problem.what
            _type(seen, problem)
        if self.cluster.place:
            seen.update(container=self.cluster.place.container, via='container' if self.cluster.place.container else 'host')
        self._shape(seen, answers)
        if not seen['state']:
            _judge(seen, answers)
        return seen

    def _questions(self):
        questions = [STATUS, VERSION]
        for name in self.subsets:
            questions += [asked for asked in SUBSETS[name][0] if asked not in questions]
        if self.texts:
            questions += [asked for _name, asked in sorted(TEXTS.items())]
        if not self.config_of:
            questions += self._config_questions()
        return questions

    def _questions_to_manager(self, available):
        """:param available: whether one is active; None before there were managers, when a mon knows some of it."""
        questions = [asked for name in self.of_manager for asked in OF_MANAGER[name][0]] if available is not False else []
        return questions + (self._config_questions() if self.config_of and available else [])

    def _config_questions(self):
        """To the mon beside us over its admin socket; what another daemon goes by is known to the manager."""
        if self.config_of:
            return [question('config show', who=self.config_of, key=name) for name in self.config]
        return [{'daemon': {'prefix': 'config get', 'var': name}} for name in self.config]

    def _shape(self, seen, answers):
        def add(name, make, subset=None):
            try:
                seen[name] = make()
            except AioError as problem:
                reason = str(problem)
            except OTHER_SHAPE as problem:
                reason = 'the answer has a shape that no known release has (%s: %s)' % (type(problem).__name__, problem)
            else:
                return
            lacking = {'subset': subset or name, 'reason': reason}
            if lacking not in seen['missing']:  # fsid and version are of the same subset
                seen['missing'].append(lacking)

        for name in self.subsets + self.of_manager:
            asked, shape = SUBSETS.get(name) or OF_MANAGER[name]
            add(name, lambda asked=asked, shape=shape: shape(*[answers.json(one) for one in asked]))
        add('fsid', lambda: answers.json(STATUS)['fsid'], 'status')
        add('version', lambda: ceph_shape.version(answers.json(VERSION)), 'status')
        seen.update(seen.pop('version', {}))
        if self.texts:
            add('text', lambda: dict((name, answers.text(asked)) for name, asked in TEXTS.items()))
        if self.config:
            self._shape_config(seen, answers)
        if self.raw:
            seen['raw'] = dict((answer.question, _parsed(answer)) for answer in answers.all
                               if answer.command not in TEXTS.values())

    def _shape_config(self, seen, answers):
        seen['config'] = {'daemon': self.config_of, 'settings': {}}
        for name, asked in zip(self.config, self._config_questions()):
            try:
                answer = answers.get(asked)
                answer.check()
                # An admin socket says {name: value}, the manager the value; who has no such setting says so in words.
                value = redact(answer.out.strip()) if self.config_of else _parsed(answer)[name]
            except AioError as problem:
                seen['missing'].append({'subset': 'config.' + name, 'reason': str(problem)})
            except OTHER_SHAPE:
                seen['missing'].append({'subset': 'config.' + name, 'reason': redact(' '.join(answer.out.split())[:200])})
            else:
                seen['config']['settings'][name] = value
                seen['config']['daemon'] = self.config_of or answer.by


def _type(seen, problem):
    """Take the state of a problem for the cluster's."""
    seen.update(state=problem.state, reason='%s (%s): %s' % (problem.what, problem.where, problem.why), remedy=problem.remedy)


def _has_manager(answers):
    try:
        return ceph_shape.manager_available(answers.json(STATUS))
    except AioError:
        return False
    except OTHER_SHAPE:
        return False  # the state tells what is wrong with the status


def _judge(seen, answers):
    """The state of a cluster that answered, and why it is not ok."""
    try:
        status = answers.json(STATUS)
        part = seen['health'] if 'health' in seen else ceph_shape.health(status['health'])
        seen['state'] = ceph_shape.STATES.get(ceph_shape.health_status(status), 'err')
        seen['reason'] = '; '.join(': '.join(filter(None, [check['code'], check['summary']]))
                                   for check in part['checks'] if not check['muted'])
        if seen['state'] != 'err' and ceph_shape.manager_available(status) is False:
            seen['state'] = 'mgr_down'
            seen['reason'] = seen['reason'] or 'no manager is active'
    except CephProblem as problem:
        _type(seen, problem)
    except AioError as problem:
        seen.update(state='err', reason=str(problem))
    except OTHER_SHAPE as problem:
        seen.update(state='err', reason='the status has a shape that no known release has (%s: %s)' % (
            type(problem).__name__, problem))


def _parsed(answer):
    text = redact(answer.out)
    try:
        return json.loads(text)
    except ValueError:
        return text
