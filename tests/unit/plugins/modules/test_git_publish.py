# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import base64
import os
import subprocess

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import Ledger

STREAM = u'''reset refs/heads/{branch}
commit refs/heads/{branch}
committer osa_lab <osa_lab@localhost> 1500000000 +0000
data 5
made

deleteall
M 100644 inline README.md
data {size}
{text}
M 100755 inline scripts/run.sh
data 10
#!/bin/sh

'''


def stream(text=u'gr\xf6\xdfe', branch='ocata'):
    content = STREAM.format(branch=branch, size=len(text.encode('utf-8')), text=text)
    return base64.b64encode(content.encode('utf-8')).decode('ascii')


@pytest.fixture
def publish(run_module, tmp_path):
    def run(dest='repositories', **arguments):
        return run_module('git_publish', **dict(
            {'src': [{'folder': '/src'}], 'dest': str(tmp_path / dest), 'branch': 'ocata', 'state_dir': str(tmp_path / 'state'),
             'streams': {'one': stream(), 'two': stream(u'two')}}, **arguments))
    return run


def git(tmp_path, repository, *arguments):
    argv = ['git', '--git-dir', str(tmp_path / 'repositories' / repository)] + list(arguments)
    return subprocess.check_output(argv).decode('utf-8').strip()


def test_published(publish, tmp_path):
    result = publish()
    assert result['changed']
    assert sorted(result['commits']) == ['one', 'two']
    assert git(tmp_path, 'one', 'rev-parse', 'refs/heads/ocata') == result['commits']['one']
    assert git(tmp_path, 'one', 'symbolic-ref', 'HEAD') == 'refs/heads/ocata'
    files = [line.split() for line in git(tmp_path, 'one', 'ls-tree', '-r', 'HEAD').splitlines()]
    assert [(fields[0], fields[-1]) for fields in files] == [('100644', 'README.md'), ('100755', 'scripts/run.sh')]
    assert git(tmp_path, 'one', 'show', 'HEAD:README.md') == u'gr\xf6\xdfe'
    git(tmp_path, 'one', 'fsck', '--strict')


def test_the_folder_is_in_the_ledger_where_it_was_not_there(publish, tmp_path):
    (tmp_path / 'theirs').mkdir()
    publish('theirs')
    assert Ledger(str(tmp_path / 'state')).load() == {}
    publish('ours')
    publish('ours')
    assert Ledger(str(tmp_path / 'state')).load() == {'caches': {str(tmp_path / 'ours'): {}}}


def test_clone(publish, tmp_path):
    publish()
    subprocess.check_call(['git', 'clone', '--quiet', '--branch', 'ocata', str(tmp_path / 'repositories' / 'one'),
                           str(tmp_path / 'clone')])
    assert sorted(os.listdir(str(tmp_path / 'clone'))) == ['.git', 'README.md', 'scripts']
    assert os.access(str(tmp_path / 'clone' / 'scripts' / 'run.sh'), os.X_OK)
    assert not os.access(str(tmp_path / 'clone' / 'README.md'), os.X_OK)


def test_same_files_same_commit(publish):
    first = publish()
    again = publish()
    assert (again['changed'], again['commits']) == (False, first['commits'])
    assert publish('elsewhere')['commits'] == first['commits']


def test_one_changes(publish, tmp_path):
    first = publish()
    second = publish(streams={'one': stream(u'new'), 'two': stream(u'two')})
    assert second['changed']
    assert second['commits']['one'] != first['commits']['one']
    assert second['commits']['two'] == first['commits']['two']
    assert git(tmp_path, 'one', 'rev-list', '--count', 'HEAD') == '1'
    assert publish()['commits'] == first['commits']


def test_another_branch(publish, tmp_path):
    first = publish()
    streams = {'one': stream(branch='modern')}
    assert publish(branch='modern', streams=streams)['changed']
    assert git(tmp_path, 'one', 'symbolic-ref', 'HEAD') == 'refs/heads/modern'
    assert git(tmp_path, 'one', 'rev-parse', 'ocata') == first['commits']['one']


@pytest.mark.parametrize('before', [False, True])
def test_check_mode_predicts(publish, tmp_path, before):
    if before:
        publish(streams={'one': stream(u'old')})
    head = before and git(tmp_path, 'one', 'rev-parse', 'HEAD')
    predicted = publish(_ansible_check_mode=True)
    assert (tmp_path / 'repositories').exists() is before
    if before:
        assert git(tmp_path, 'one', 'rev-parse', 'HEAD') == head
        assert os.listdir(str(tmp_path / 'repositories')) == ['one']
    assert predicted['changed']
    assert predicted == publish()
    assert not publish(_ansible_check_mode=True)['changed']


def test_no_streams(publish, tmp_path):
    result = publish(streams={})
    assert (result['changed'], result['commits']) == (False, {})


def test_stream_that_git_refuses(publish):
    result = publish(streams={'one': base64.b64encode(b'no such command\n').decode('ascii')})
    assert result['failed']
    assert result['problem']['what'] == 'git failed'
    assert result['problem']['why'].startswith('git fast-import: ')
    assert result['problem']['where'].endswith('/one')


def test_folder_that_cannot_be_made(publish, tmp_path):
    (tmp_path / 'repositories').write_bytes(b'')
    result = publish()
    assert result['failed']
    assert str(tmp_path / 'repositories') in result['msg']


def test_no_git(publish, monkeypatch):
    monkeypatch.setattr(process, 'plain_environment', lambda extra: {'PATH': '/nonexistent'})
    result = publish()
    assert result['failed']
    assert result['problem']['what'] == 'git cannot be run'


def test_git_that_does_not_end(publish, fake_run):
    fake_run.expect(lambda argv: argv[3] == 'rev-parse', rc=None, timed_out=True)
    result = publish(streams={'one': stream()}, timeout=7)
    assert result['failed']
    assert result['problem']['what'] == 'git took too long'
    assert result['problem']['why'] == 'git rev-parse, 7 s'
    assert fake_run.calls[0]['timeout'] == 7.0


def test_commands(publish, fake_run, tmp_path):
    start = ['git', '--git-dir', str(tmp_path / 'repositories' / 'one')]
    look = start + ['rev-parse', '--verify', '--quiet', 'refs/heads/ocata']
    fake_run.expect(look, rc=1)
    fake_run.expect(start + ['init', '--quiet', '--bare', start[2]])
    fake_run.expect(start + ['fast-import', '--quiet', '--force'])
    fake_run.expect(start + ['symbolic-ref', 'HEAD', 'refs/heads/ocata'])
    fake_run.expect(look, 'abc\n')
    assert publish(streams={'one': stream()})['commits'] == {'one': 'abc'}
    assert fake_run.calls[2]['options']['stdin'] == base64.b64decode(stream()).decode('utf-8')


def test_return_documentation(publish, returned, documented):
    assert returned(publish(), publish(streams={'one': ''}, branch='a..b')) == documented('git_publish')
