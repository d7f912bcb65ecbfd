# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import observation
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.ceph_session import Answer, CephProblem
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.containers import ContainerProblem
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.places import Place

ALL = list(observation.SUBSETS)
SETTING = 'osd_pool_default_pg_num'
KEY = 'AQ' + 'B3' * 18 + '=='  # made up


class Cluster:
    """Answers from a dict by prefix (and "detail" or "daemon"), or raises a problem after some answers."""

    def __init__(self, answers, problem=None, after=None, place=Place('mon')):
        self.answers = answers
        self.problem = problem
        self.after = after
        self.place = place
        self.asked = []

    def ask(self, commands, timeout):
        assert timeout > 0
        self.asked.append(commands)
        said = [Answer(command, *self.answers(command)) for command in commands]
        if self.problem:
            self.problem.answers = said[:self.after]
            raise self.problem
        return said


@pytest.fixture
def cluster(captured):
    """A cluster that answers as the captured one: cluster(case, prefix=answer...); spaces are "_"."""
    def make(case='ok', _release='nautilus', _problem=None, _after=None, _place=Place('mon'), **changed):
        answers = captured(_release, case)

        def answer(command):
            prefix = command.get('daemon', command)['prefix']
            name = prefix.replace(' ', '_') + ('_text' if 'format' not in command and 'daemon' not in command else '')
            if name in changed:
                return changed[name] if isinstance(changed[name], tuple) else (0, changed[name], '')
            return answers.get(observation.json.dumps(command, sort_keys=True), (-errno.EINVAL, '', 'command not known'))
        return Cluster(answer, _problem, _after, _place)
    return make


def observe(ceph, *subsets, **options):
    return observation.Observer(ceph, subsets or observation.ALL, **options).observe(10)


def missing(seen):
    return dict((part['subset'], part['reason']) for part in seen['missing'])


@pytest.mark.parametrize('wanted, chosen', [
    ([], observation.ALL), (['all'], observation.ALL), (['min'], observation.MIN), (['status'], ['status']),
    (['pools', 'health'], ['health', 'pools']), (['min', 'pools'], ['status', 'health', 'osds', 'pgs', 'pools']),
    (['!usage'], [name for name in observation.ALL if name != 'usage']), (['!all'], []), (['!min'], [
        name for name in observation.ALL if name not in observation.MIN]),
    (['min', '!pgs'], ['status', 'health', 'osds']), (['!pgs', 'min'], ['status', 'health', 'osds']),
    (['health', '!health'], []), (['health', 'health'], ['health']), (['health', '!health', '!all'], []),
    # What is named stays, whatever group it belongs to.
    (['!all', 'pools'], ['pools']), (['usage', 'osds', '!all'], ['osds', 'usage']), (['!min', 'health', 'usage'], ['health', 'usage']),
    (['osd_usage', 'health'], ['health', 'osd_usage']), (['all', 'osd_usage'], list(observation.ALL) + ['osd_usage']),
    (['min', '!all'], []), (['min', '!all', 'pgs'], ['pgs']), (['all', '!min'], [
        name for name in observation.ALL if name not in observation.MIN]),
])
def test_subsets(wanted, chosen):
    assert observation.choose_subsets(wanted) == list(chosen)


@pytest.mark.parametrize('name', ['nonesuch', '', '!', '!!all', '!nonesuch', 'Health', 'health '])
def test_subset_that_is_unknown(name):
    with pytest.raises(AioError) as error:
        observation.choose_subsets(['all', name])
    assert error.value.what == "there is no subset '%s'" % name
    assert error.value.why == 'there are all, crush_rules, health, mgr, min, mons, osd_tree, osd_usage, osds, pgs, pools, status, usage, versions'


@pytest.mark.parametrize('names, daemon', [([], None), ([], ''), ([SETTING, 'ms_type'], 'osd.0'), ([SETTING], 'client.rgw.a')])
def test_config_that_may_be_asked(names, daemon):
    assert observation.check_config(names, daemon) is None


@pytest.mark.parametrize('names, daemon, what', [
    (['a b'], None, "'a b' is no name of a setting"), (['A'], None, "'A' is no name of a setting"),
    ([''], None, "'' is no name of a setting"), ([SETTING, '--help'], None, "'--help' is no name of a setting"),
    (['a\n'], None, 'is no name of a setting'), ([], 'osd', "'osd' is no name of a daemon"),
    ([], 'disk.0', "'disk.0' is no name of a daemon"), ([], 'osd.0;id', 'is no name of a daemon'), ([], 'osd.0\n', 'no name')])
def test_config_that_may_not_be_asked(names, daemon, what):
    with pytest.raises(AioError) as error:
        observation.check_config(names, daemon)
    assert what in error.value.what.replace("u'", "'")


def test_questions_of_each_subset(cluster):
    """What is asked for all of them, no question twice, and none that a manager answers."""
    ceph = cluster()
    observe(ceph)
    (asked,) = ceph.asked
    assert sorted(' '.join([command['prefix'], command.get('detail', '')]).strip() for command in asked) == [
        'df', 'health detail', 'mgr dump', 'osd crush rule dump', 'osd lspools', 'osd pool ls detail', 'osd tree',
        'quorum_status', 'status', 'version', 'versions']
    assert all(command['format'] == 'json' for command in asked)


def test_use_of_each_osd(cluster, fixture_text):
    """A manager is asked over the same connection, when the mons have said that there is one."""
    ceph = cluster('ok', 'pacific', osd_df=fixture_text('osd_df', 'pacific.json'))
    seen = observe(ceph, 'osds', 'osd_usage')
    assert [[command['prefix'] for command in commands] for commands in ceph.asked] == [['status', 'version'], ['osd df']]
    assert seen['osd_usage'][0] == {
        'id': 0, 'name': 'osd.0', 'total_bytes': 1 << 40, 'used_bytes': 298228 << 10, 'available_bytes': 1073443596 << 10, 'pgs': 40}
    assert [osd['name'] for osd in seen['osd_usage']] == ['osd.0', 'osd.1', 'osd.2']
    assert (seen['state'], seen['missing']) == ('ok', [])


def test_use_of_each_osd_before_there_were_managers(cluster, fixture_text):
    ceph = cluster('ok', 'jewel', osd_df=fixture_text('osd_df', 'pacific.json'))
    assert len(observe(ceph, 'osd_usage')['osd_usage']) == 3


def test_use_of_each_osd_without_a_manager(cluster):
    """It would be waited for."""
    ceph = cluster('mgr_down', 'pacific')
    seen = observe(ceph, 'osd_usage')
    assert len(ceph.asked) == 1
    assert missing(seen) == {'osd_usage': 'it was not answered: no manager is active, and only a manager knows osd_usage.'}
    assert seen['state'] == 'mgr_down'


@pytest.mark.parametrize('subsets, prefixes', [
    (['status'], ['status', 'version']), (['osds', 'pgs'], ['status', 'version']),
    (['health'], ['status', 'version', 'health']), (['pools'], ['status', 'version', 'osd pool ls', 'osd lspools'])])
def test_nothing_more_is_asked(cluster, subsets, prefixes):
    ceph = cluster()
    seen = observe(ceph, *subsets)
    assert [command['prefix'] for command in ceph.asked[0]] == prefixes
    assert set(seen) == set(['state', 'reason', 'remedy', 'container', 'via', 'missing', 'fsid', 'version', 'release'] + [
        name for name in subsets if name != 'status'])
    assert seen['missing'] == []


@pytest.mark.parametrize('place, container, via', [(Place('mon'), 'mon', 'container'), (Place(), '', 'host'), (None, '', '')])
def test_where_it_was_asked(cluster, place, container, via):
    seen = observe(cluster(_place=place))
    assert (seen['container'], seen['via']) == (container, via)


@pytest.mark.parametrize('status', [
    ('{"fsid": "x", "health": {"status": "HEALTH_%s", "checks": {}}}' % name, state) for name, state in (
        ('OK', 'ok'), ('WARN', 'warn'), ('ERR', 'err'), ('NEW', 'err'))])
def test_state(cluster, status):
    text, state = status
    seen = observe(cluster(status=text), 'status')
    assert (seen['state'], seen['reason'], seen['missing']) == (state, '', [])


def test_reason_without_the_health_subset(cluster):
    seen = observe(cluster('osd_down'), 'osds')
    assert seen['state'] == 'warn'
    assert seen['reason'].startswith('OSD_DOWN: 1 osds down; PG_DEGRADED: Degraded')
    assert 'health' not in seen


@pytest.mark.parametrize('health, state, reason', [
    ('{"status": "HEALTH_OK", "checks": {}}', 'mgr_down', 'no manager is active'),
    ('{"status": "HEALTH_WARN", "checks": {"MGR_DOWN": {"severity": "HEALTH_WARN", "summary": {"message": "no mgr"}}}}',
     'mgr_down', 'MGR_DOWN: no mgr'),
    ('{"status": "HEALTH_ERR", "checks": {"X": {"severity": "HEALTH_ERR", "summary": {"message": "worse"}}}}', 'err', 'X: worse'),
])
def test_no_manager_is_less_than_an_error(cluster, health, state, reason):
    seen = observe(cluster(status='{"fsid": "x", "health": %s, "mgrmap": {"available": false}}' % health), 'status')
    assert (seen['state'], seen['reason']) == (state, reason)


def test_denied(cluster):
    """A key that may not ask is a state, not an error."""
    seen = observe(cluster(status=(-errno.EACCES, '', 'access denied')))
    assert seen['state'] == 'denied'
    assert seen['reason'] == 'the cluster does not let us ask (ceph status): error -13: access denied'
    assert 'client_name' in seen['remedy']
    assert set(missing(seen)) == set(['osds', 'pgs', 'status'])
    assert seen['version'] == '14.2.21'


def test_refused(cluster):
    """What is not permitted to anybody says nothing about the key."""
    seen = observe(cluster(status=(-errno.EPERM, '', 'not now')))
    assert seen['state'] == 'err'
    assert seen['reason'].startswith('Ceph refused the command (ceph status): error -1: not now')


def test_one_part_is_denied(cluster):
    seen = observe(cluster(df=(-errno.EACCES, '', 'access denied')))
    assert seen['state'] == 'ok'
    assert list(missing(seen)) == ['usage']
    assert 'access denied' in missing(seen)['usage']


@pytest.mark.parametrize('subset, prefix', [
    ('mons', 'quorum_status'), ('mgr', 'mgr_dump'), ('osd_tree', 'osd_tree'), ('pools', 'osd_lspools'), ('usage', 'df'),
    ('versions', 'versions'), ('crush_rules', 'osd_crush_rule_dump'), ('version', 'version')])
@pytest.mark.parametrize('text, reason', [
    ('not now\nlater\nor never\nfourth', 'it begins: not now | later | or never'),
    ('', 'is no JSON'),
    ('7', 'a shape that no known release has'),
    ('[{}]', 'a shape that no known release has'),
    ('{"nodes": 1, "stats": 2, "version": 3, "monmap": [], "standbys": 5, "mon": 7}', 'a shape that no known release has'),
])
def test_answer_of_another_kind(cluster, subset, prefix, text, reason):
    """It is missing and everything else is there."""
    seen = observe(cluster(**{prefix: text}))
    assert seen['state'] == 'ok'
    assert list(missing(seen)) == [{'version': 'status'}.get(subset, subset)]
    assert reason in list(missing(seen).values())[0]
    assert subset not in seen
    assert set(ALL) - set(seen) == set([subset]) - set(['version'])


@pytest.mark.parametrize('text, reason', [
    ('not now', "Ceph's answer is no JSON (ceph status)"), ('{}', 'the status has a shape that no known release has'),
    ('7', 'the status has a shape that no known release has')])
@pytest.mark.parametrize('options', [{}, {'config': [SETTING]}, {'config': [SETTING], 'config_of': 'osd.0'}])
def test_status_of_another_kind(cluster, text, reason, options):
    seen = observe(cluster(status=text), **options)
    assert seen['state'] == 'err'
    assert seen['reason'].startswith(reason)
    assert set(['status', 'osds', 'pgs']) <= set(missing(seen))
    assert set(ALL) - set(seen) == set(['osds', 'pgs'])


def test_key_does_not_get_into_the_reason(cluster):
    seen = observe(cluster(df='key = %s' % KEY, osd_tree=(-1, '', 'no key ' + KEY)))
    assert set(missing(seen)) == set(['usage', 'osd_tree'])
    assert KEY not in str(seen)


def test_release_without_managers_and_versions(cluster):
    seen = observe(cluster(_release='jewel'))
    assert (seen['state'], list(missing(seen))) == ('ok', ['versions'])
    assert seen['mgr'] == {'available': None, 'active': '', 'standbys': []}


def test_mgr_dump_that_fails_otherwise(cluster):
    assert list(missing(observe(cluster(mgr_dump=(-errno.EIO, '', 'input/output error'))))) == ['mgr']


@pytest.mark.parametrize('state', ['mon_unreachable', 'timed_out', 'denied'])
def test_partial_answers_are_kept(cluster, state):
    """Everything that was answered before is there, what was not is missing."""
    problem = CephProblem(state, 'it broke', 'mon', 'no more', 'mend it')
    seen = observe(cluster(_problem=problem, _after=3), texts=True, config=[SETTING])
    assert (seen['state'], seen['reason'], seen['remedy']) == (state, 'it broke (mon): no more', 'mend it')
    assert (seen['version'], seen['health']['status'], seen['osds']['up']) == ('14.2.21', 'HEALTH_OK', 3)
    assert set(missing(seen)) == (set(ALL) - set(['health', 'osds', 'pgs'])) | set(['text', 'config.' + SETTING])
    assert set(missing(seen).values()) == set(['it was not answered: it broke.'])


@pytest.mark.parametrize('state', ['no_container', 'container_stopped', 'timed_out'])
def test_nobody_to_ask(cluster, state):
    seen = observe(cluster(_problem=ContainerProblem(state, 'it is not there', 'mon', 'so it is', 'make it'), _after=0, _place=None))
    assert (seen['state'], seen['reason'], seen['remedy']) == (state, 'it is not there (mon): so it is', 'make it')
    assert (seen['container'], seen['via']) == ('', '')
    assert set(missing(seen)) == set(ALL) | set(['status'])
    assert set(missing(seen).values()) == set(['it was not answered: it is not there.'])
    assert len(seen['missing']) == len(missing(seen))


def test_texts(cluster):
    seen = observe(cluster(status_text='  cluster:\n    id: 1\n \n', osd_tree_text='ID  CLASS\n-1\n'), 'status', texts=True)
    assert seen['text'] == {'status': '  cluster:\n    id: 1', 'osd_tree': 'ID  CLASS\n-1'}


def test_text_that_is_refused(cluster):
    seen = observe(cluster(status_text=(-errno.EACCES, '', 'access denied'), osd_tree_text='ID'), 'status', texts=True)
    assert 'access denied' in missing(seen)['text']
    assert 'text' not in seen


def test_raw(cluster):
    seen = observe(cluster(df='{"key": "%s"}' % KEY, status_text='  cluster:', osd_tree_text='no JSON'), 'usage', 'osd_tree', raw=True,
                   texts=True)
    assert set(seen['raw']) == set(['ceph status', 'ceph version', 'ceph df', 'ceph osd tree'])
    assert seen['raw']['ceph status']['fsid'] == seen['fsid']
    assert seen['raw']['ceph osd tree']['nodes'][0]['name'] == 'default'
    assert seen['raw']['ceph df'] == {'key': '<key>'}


def test_raw_of_what_is_no_json(cluster):
    assert observe(cluster(df='no JSON ' + KEY), 'usage', raw=True)['raw']['ceph df'] == 'no JSON <key>'


def test_config_of_the_mon_that_is_asked(cluster):
    ceph = cluster(config_get=(0, '{\n    "%s": "8"\n}' % SETTING, '', 'mon.a'))
    seen = observe(ceph, 'status', config=[SETTING])
    assert seen['config'] == {'daemon': 'mon.a', 'settings': {SETTING: '8'}}
    assert ceph.asked[0][-1] == {'daemon': {'prefix': 'config get', 'var': SETTING}}
    assert seen['missing'] == []


def test_setting_that_the_mon_does_not_know(cluster):
    """An admin socket says so in words."""
    seen = observe(cluster(config_get=(0, "error getting 'nonesuch': (2) No such file or directory", '', 'mon.a')), 'status',
                   config=['nonesuch'])
    assert seen['config'] == {'daemon': '', 'settings': {}}
    assert missing(seen) == {'config.nonesuch': "error getting 'nonesuch': (2) No such file or directory"}
    assert seen['state'] == 'ok'


def test_no_admin_socket(cluster):
    seen = observe(cluster(config_get=(-errno.ENOENT, '', 'no mon has an admin socket there')), 'status', config=[SETTING])
    assert missing(seen)['config.' + SETTING] == (
        'no mon can be asked what it goes by (ceph daemon mon.* config get %s): no mon has an admin socket there. '
        'Next: ask where a mon is, or name a daemon with config_of.' % SETTING)
    assert seen['state'] == 'ok'


def test_config_of_another_daemon(cluster):
    """It is asked in a round of its own, once it is known that a manager is there."""
    ceph = cluster(config_show=(0, '8\n', ''))
    seen = observe(ceph, 'status', config=[SETTING], config_of='osd.0')
    assert seen['config'] == {'daemon': 'osd.0', 'settings': {SETTING: '8'}}
    assert len(ceph.asked) == 2
    assert ceph.asked[1] == [{'prefix': 'config show', 'who': 'osd.0', 'key': SETTING, 'format': 'json'}]


def test_config_of_a_daemon_that_is_not_there(cluster):
    ceph = cluster(config_show=(-errno.ENOENT, '', 'no config state for daemon osd.77'))
    seen = observe(ceph, 'status', config=[SETTING], config_of='osd.77')
    assert 'no config state for daemon osd.77' in missing(seen)['config.' + SETTING]
    assert seen['config'] == {'daemon': 'osd.77', 'settings': {}}


@pytest.mark.parametrize('case, release', [('mgr_down', 'nautilus'), ('ok', 'jewel')])
def test_config_of_a_daemon_needs_a_manager(cluster, case, release):
    """Without one the question would hang: it is not asked."""
    ceph = cluster(case, _release=release)
    seen = observe(ceph, 'status', config=[SETTING], config_of='osd.0')
    assert len(ceph.asked) == 1
    assert missing(seen) == {'config.' + SETTING: 'it was not answered: no manager is active, and only a manager knows what osd.0 goes by.'}


def test_manager_that_does_not_answer(cluster):
    """It was asked, but no answer came."""
    ceph = cluster()
    ask = ceph.ask

    def hang(commands, timeout):
        if commands[0]['prefix'] == 'config show':
            raise CephProblem('timed_out', 'Ceph did not answer in time', 'mon')
        return ask(commands, timeout)
    ceph.ask = hang
    seen = observe(ceph, 'status', config=[SETTING], config_of='osd.0')
    assert seen['state'] == 'timed_out'
    assert missing(seen) == {'config.' + SETTING: 'it was not answered: Ceph did not answer in time.'}


@pytest.mark.parametrize('options', [{}, {'config_of': 'mon.a'}])
def test_setting_that_is_a_key(cluster, options):
    ceph = cluster(config_get=(0, '{"key": "%s"}' % KEY, '', 'mon.a'), config_show=(0, KEY + '\n', ''))
    assert observe(ceph, 'status', config=['key'], **options)['config']['settings'] == {'key': '<key>'}


def test_again_over_the_same_cluster(cluster):
    ceph = cluster()
    observer = observation.Observer(ceph, ['osds'])
    assert observer.observe(10) == observer.observe(10)
    assert ceph.asked[0] == ceph.asked[1]
