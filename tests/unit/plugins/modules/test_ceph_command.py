# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json

import pytest
from ansible.module_utils.common.text.converters import to_native
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_session

DESCRIPTIONS = {'prefix': 'get_command_descriptions', 'format': 'json'}
KEY = 'AQ' + 'B3' * 18 + '=='  # made up
CREATE = {'prefix': 'osd pool create', 'pool': 'scratch', 'pg_num': 8, 'format': 'json'}
TREE = {'prefix': 'osd tree', 'format': 'json'}
# A ceph command that writes down its words and says what a file has for it.
CEPH = '''#!/bin/sh
for word; do printf '%%s|' "$word"; done >> %(folder)s/calls
echo >> %(folder)s/calls
cat %(folder)s/err >&2
cat %(folder)s/out
exit $(cat %(folder)s/rc)
'''


@pytest.fixture
def put(run_module, ceph, fixture_text):
    """Put a command to a cluster that knows some of a real one's: put(option=value...)."""
    ceph.says(DESCRIPTIONS, fixture_text('get_command_descriptions.json'))

    def run(**options):
        return run_module('ceph_command', **dict(ceph.access, **options))
    return run


@pytest.fixture
def ceph_says(executable, tmp_path):
    """The ceph command: ceph_says(out, rc, err) gives the words of its calls, after who asks, as a function."""
    def make(out, rc=0, err=''):
        for name, content in (('out', out), ('rc', str(rc)), ('err', err)):
            (tmp_path / name).write_bytes(content.encode('utf-8'))
        executable('ceph', CEPH % {'folder': tmp_path})

        def calls():
            path = tmp_path / 'calls'
            return [line.split('|')[4:-1] for line in path.read_bytes().decode('utf-8').splitlines()] if path.exists() else []
        return calls
    return make


@pytest.mark.parametrize('check_mode', [False, True])
def test_command_that_reads(put, ceph, captured, check_mode):
    ceph.is_like(captured('nautilus', 'ok'))
    result = put(command={'prefix': 'osd tree'}, _ansible_check_mode=check_mode)
    assert (result['changed'], result['only_reads'], result['rc']) == (False, True, 0)
    assert result['answer'] == json.loads(result['stdout'])
    assert result['answer']['nodes'][0]['name'] == 'default'
    assert (result['stderr'], result['container']) == ('', '')
    assert ceph.asked == [DESCRIPTIONS, TREE]
    assert len(ceph.connections) == 1


def test_command_that_changes(put, ceph):
    ceph.says(CREATE, (0, '', "pool 'scratch' created"))
    result = put(command={'prefix': 'osd pool create', 'pool': 'scratch', 'pg_num': 8})
    assert (result['changed'], result['only_reads'], result['rc']) == (True, False, 0)
    assert (result['answer'], result['stdout'], result['stderr']) == (None, '', "pool 'scratch' created")
    assert ceph.asked == [DESCRIPTIONS, CREATE]


@pytest.mark.parametrize('options', [
    {'command': {'prefix': 'osd pool create', 'pool': 'scratch', 'pg_num': 8}}, {'command': {'prefix': 'health mute', 'code': 'A'}},
    {'command': {'prefix': 'nonesuch'}}, {'argv': ['osd', 'out', '0']}, {'argv': ['nonesuch']}, {'argv': ['daemon', 'osd.0', 'x']},
    {'argv': ['osd', 'tree', '-o', '/tmp/x']}, {'argv': ['-w']}, {'argv': ['osd', 'tree', '--name', 'client.x']},
    {'argv': ['tell', 'osd.0', 'config', 'show']}])
def test_check_mode_runs_nothing_that_may_change(put, ceph, ceph_says, options):
    calls = ceph_says('{}')
    result = put(_ansible_check_mode=True, **options)
    assert (result['changed'], result['skipped'], result['only_reads']) == (True, True, False)
    assert (result['answer'], result['stdout']) == (None, '')
    assert 'rc' not in result
    assert (ceph.asked, calls()) == ([DESCRIPTIONS], [])


@pytest.mark.parametrize('argv, words', [
    (['osd', 'df'], ['osd', 'df', '--format', 'json']),
    (['osd', 'df', 'tree', '--format', 'json-pretty'], ['osd', 'df', 'tree', '--format', 'json-pretty']),
    (['osd', 'df', '--format=plain'], ['osd', 'df', '--format=plain']),
    (['osd', 'df', '-f', 'json'], ['osd', 'df', '-f', 'json']),
    (['osd', 'pool', 'get', 'a b', '$HOME; `id`'], ['osd', 'pool', 'get', 'a b', '$HOME; `id`', '--format', 'json']),
])
@pytest.mark.parametrize('check_mode', [False, True])
def test_argv_that_reads(put, ceph, ceph_says, argv, words, check_mode):
    calls = ceph_says('{"nodes": []}', err='noted\n')
    result = put(argv=argv, _ansible_check_mode=check_mode)
    assert (result['changed'], result['only_reads'], result['rc'], result['answer']) == (False, True, 0, {'nodes': []})
    assert (result['stdout'], result['stderr']) == ('{"nodes": []}', 'noted')
    assert calls() == [words]
    assert ceph.asked == [DESCRIPTIONS]


def test_argv_that_changes(put, ceph_says):
    calls = ceph_says('')
    result = put(argv=['osd', 'out', '0'])
    assert (result['changed'], result['only_reads'], result['answer']) == (True, False, None)
    assert calls() == [['osd', 'out', '0', '--format', 'json']]


def test_numbers_that_are_text(put, ceph):
    """As templates give them up to ansible-core 2.18."""
    ceph.says(CREATE, (0, '', "pool 'scratch' created"))
    assert put(command={'prefix': 'osd pool create', 'pool': 'scratch', 'pg_num': '8'})['rc'] == 0
    assert ceph.asked == [DESCRIPTIONS, CREATE]


def test_format_of_a_command(put, ceph):
    ceph.says({'prefix': 'osd tree', 'format': 'plain'}, 'ID  CLASS\n')
    result = put(command={'prefix': 'osd tree', 'format': 'plain'})
    assert (result['answer'], result['stdout']) == (None, 'ID  CLASS')


def test_argument_that_there_is_not(put, ceph):
    """Ceph would take no notice of it."""
    result = put(command={'prefix': 'osd pool create', 'pool': 'scratch', 'pgnum': 8})
    assert result['failed'] and ceph.asked == [DESCRIPTIONS]
    assert result['problem']['where'] == 'ceph osd pool create, with pgnum'
    assert 'pg_num' in result['problem']['why']


@pytest.mark.parametrize('argv', [['ceph', 'health'], ['osd ls']])
def test_argv_that_is_no_list_of_words(put, ceph, argv):
    result = put(argv=argv)
    assert result['failed'] and ceph.asked == []
    assert 'as a list without ceph' in result['problem']['remedy']


def test_refused_command(put, ceph):
    ceph.says({'prefix': 'osd pool get', 'pool': 'nonesuch', 'var': 'size', 'format': 'json'}, (
        -2, '', "unrecognized pool 'nonesuch'"))
    result = put(command={'prefix': 'osd pool get', 'pool': 'nonesuch', 'var': 'size'})
    assert result['failed']
    assert (result['rc'], result['stderr'], result['only_reads']) == (-2, "unrecognized pool 'nonesuch'", True)
    assert result['problem'] == {
        'what': 'Ceph refused the command', 'where': 'ceph osd pool get, with pool=nonesuch, var=size',
        'why': "error -2: unrecognized pool 'nonesuch'", 'remedy': ceph_session.REMEDY}
    assert 'state' not in result


def test_refused_argv(put, ceph_says):
    ceph_says('', 22, 'Error EINVAL: invalid command\n')
    result = put(argv=['nonesuch'])
    assert result['failed']
    assert (result['rc'], result['stderr']) == (-22, 'Error EINVAL: invalid command')
    assert result['problem']['where'] == 'ceph nonesuch --format json'


def test_command_that_the_client_may_not(put, ceph):
    ceph.says(TREE, (-13, '', 'access denied'))
    result = put(command={'prefix': 'osd tree'})
    assert (result['failed'], result['state'], result['rc']) == (True, 'denied', -13)


@pytest.mark.parametrize('options', [{'command': {'prefix': 'auth get', 'entity': 'client.a'}}, {'argv': ['auth', 'get', 'client.a']}])
@pytest.mark.parametrize('reveal, shown', [(False, '<key>'), (True, KEY)])
def test_keys(put, ceph, ceph_says, options, reveal, shown):
    said = json.dumps([{'entity': 'client.a', 'key': KEY, 'caps': {'mon': 'allow r'}}])
    ceph.says({'prefix': 'auth get', 'entity': 'client.a', 'format': 'json'}, (0, said, 'exported keyring for client.a'))
    ceph_says(said)
    result = put(reveal_keys=reveal, **options)
    assert (result['changed'], result['only_reads']) == (False, True)
    assert result['answer'] == [{'entity': 'client.a', 'key': shown, 'caps': {'mon': 'allow r'}}]
    assert json.loads(result['stdout']) == result['answer']
    assert (KEY in json.dumps(result)) is reveal


def test_key_in_an_error(put, ceph):
    ceph.says(TREE, (-22, '', 'what is %s?' % KEY))
    result = put(command={'prefix': 'osd tree'}, reveal_keys=True)
    assert 'what is <key>?' in result['msg']
    assert KEY not in json.dumps(result)


@pytest.mark.parametrize('said', [(-22, '', 'command not known'), 'no JSON', '{}', '[1]', 'null', '{"cmd000": {"perm": null}}'])
def test_mon_that_does_not_say_what_reads(put, ceph, said):
    """Then any command may change the cluster."""
    ceph.says(DESCRIPTIONS, said)
    ceph.says(TREE, '{}')
    assert put(command={'prefix': 'osd tree'})['changed'] is True
    assert put(command={'prefix': 'osd tree'}, _ansible_check_mode=True)['skipped'] is True


def test_timed_out(put, ceph, gone):
    ceph.does(command='if command["prefix"] == "osd tree": time.sleep(60)')
    result = put(command={'prefix': 'osd tree'}, timeout=0.8)
    assert (result['failed'], result['state'], result['only_reads']) == (True, 'timed_out', True)
    assert 'rc' not in result
    assert gone(ceph.connections[0]['pid'])


def test_conf_whose_name_is_not_ascii(put, ceph, tmp_path):
    path = to_native(u'%s/gr\xfcn.conf' % tmp_path)
    result = put(argv=['status'], conf=path)
    assert (result['failed'], result['state']) == (True, 'mon_unreachable')
    assert 'there is no ' + path in to_native(result['msg'])
    assert to_native(result['problem']['remedy']) == 'correct %s there, or name another with conf' % path


def test_container_that_is_not_there(run_module, fake_run):
    fake_run.expect(['lxc-info', '--name', 'mon', '--state', '--no-humanize'], rc=1)
    fake_run.expect(['lxc-ls', '-1'])
    result = run_module('ceph_command', container='mon', argv=['status'])
    assert (result['failed'], result['state'], result['container']) == (True, 'no_container', '')


@pytest.mark.parametrize('options, text', [
    ({'argv': []}, 'the command has no words, or an empty one (argv)'),
    ({'argv': ['osd', '']}, 'the command has no words, or an empty one (argv)'),
    ({'command': {}}, 'the command has no prefix (command)'),
    ({'command': {'pool': 'x'}}, 'the command has no prefix (command)'),
    ({'command': {'prefix': ' '}}, 'the command has no prefix (command)'),
    ({'command': {'prefix': ['osd', 'tree']}}, 'the command has no prefix (command)'),
    ({'argv': ['status'], 'timeout': 0}, '0 is no time limit (timeout)'),
    ({'argv': ['status'], 'client_name': 'x'}, 'is no name of a client (client_name)'),
    ({'argv': ['status'], 'command': {'prefix': 'status'}}, 'parameters are mutually exclusive: command|argv'),
    ({}, 'one of the following is required: command, argv'),
])
def test_options_that_make_no_sense(run_module, fake_run, options, text):
    result = run_module('ceph_command', **options)
    assert result['failed']
    assert text in result['msg']


def test_return_documentation(put, ceph, ceph_says, returned, documented):
    ceph_says('{}', 1)
    ceph.says(TREE, (-13, '', 'access denied'))
    denied = put(command={'prefix': 'osd tree'})
    assert returned(denied, put(argv=['status'])) | set(['state']) == documented('ceph_command')
    assert 'state' in denied
