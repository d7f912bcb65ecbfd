# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import subprocess

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import git_mirror

OSA = 'opendev.org/o/osa'
NOWHERE = '0' * 40


def git(folder, *arguments):
    return subprocess.check_output(['git', '--git-dir', str(folder)] + list(arguments)).decode('utf-8').strip()


@pytest.fixture
def mirror(tmp_path):
    return tmp_path / 'mirror'


@pytest.fixture
def fill(run_module, mirror):
    """Fill the mirror: fill(upstream, pins...), or with a module's options."""
    def run(repository=None, *pins, **options):
        if repository is not None:
            options['repositories'] = [{'path': OSA, 'address': str(repository.folder), 'pins': list(pins)}]
        return run_module('git_mirror', path=str(mirror), **options)
    return run


def test_filled(fill, upstream, mirror):
    repository = upstream()
    first = repository.commit('file', 'first')
    repository.git('tag', '-a', '-m', 'x', '1.0')
    result = fill(repository, 'main', '1.0', first)
    assert result['changed'] and result['fetched'] == [OSA] and result['missing'] == []
    target = mirror / (OSA + '.git')
    assert git(target, 'rev-parse', 'refs/heads/main') == git(target, 'rev-parse', '1.0^{commit}') == first
    assert git(target, 'symbolic-ref', 'HEAD') == 'refs/heads/main'
    assert (target / 'info' / 'refs').exists()
    assert git(target, 'config', 'uploadpack.allowAnySHA1InWant') == 'true'


def test_again_only_what_is_new(fill, upstream, mirror):
    repository = upstream()
    repository.commit('file', 'first')
    fill(repository, 'main')
    assert not fill(repository, 'main')['changed']
    second = repository.commit('file', 'second')
    assert fill(repository, 'main')['fetched'] == [OSA]
    assert git(mirror / (OSA + '.git'), 'rev-parse', 'main') == second


def test_what_has_its_fixed_pins_is_not_asked_for(fill, upstream, tmp_path):
    repository = upstream()
    first = repository.commit('file', 'first')
    repository.git('tag', '1.0')
    fill(repository, '1.0', first)
    repository.folder.rename(tmp_path / 'away')
    assert not fill(repository, '1.0', first)['changed']
    result = fill(repository, 'main')
    assert result['failed'] and OSA + ': it cannot be fetched (' in result['missing'][0]


def test_every_missing_pin_is_named_when_all_was_tried(fill, upstream, mirror):
    one, two = upstream(), upstream('github.com/o/two')
    one.commit('file', 'one')
    two.commit('file', 'two')
    result = fill(repositories=[
        {'path': OSA, 'address': str(one.folder), 'pins': ['main', 'gone', NOWHERE]},
        {'path': 'github.com/o/none', 'address': str(mirror / 'none'), 'pins': ['main']},
        {'path': 'github.com/o/two', 'address': str(two.folder), 'pins': ['main']}])
    assert result['failed'] and result['changed']
    assert result['problem']['what'] == 'the mirror lacks 3 of what is pinned'
    assert result['missing'][:2] == [OSA + ': it has no gone', OSA + ': it has no ' + NOWHERE]
    assert result['missing'][2].startswith('github.com/o/none: it cannot be fetched (')
    assert result['missing'][2].endswith('; wanted main')
    assert 'source_leave_out' in result['msg']
    assert (mirror / 'github.com' / 'o' / 'two.git').exists()
    assert not (mirror / 'github.com' / 'o' / 'none.git').exists()


def test_what_was_cut_short_does_not_count(fill, upstream, mirror, monkeypatch):
    repository = upstream()
    repository.commit('file', 'first')
    fetch = git_mirror._fetch

    def killed(*arguments):
        fetch(*arguments)
        raise KeyboardInterrupt()
    monkeypatch.setattr(git_mirror, '_fetch', killed)
    with pytest.raises(KeyboardInterrupt):
        fill(repository, 'main')
    assert not (mirror / (OSA + '.git')).exists() and (mirror / (OSA + '.git.partial')).exists()
    monkeypatch.undo()
    assert fill(repository, 'main')['fetched'] == [OSA]
    assert os.listdir(str(mirror / 'opendev.org' / 'o')) == ['osa.git']


def test_a_commit_that_nothing_leads_to_is_kept_for_those_who_clone(fill, upstream, mirror, tmp_path):
    repository = upstream()
    first = repository.commit('file', 'first')
    fill(repository, first)
    repository.git('checkout', '--quiet', '--orphan', 'other')
    other = repository.commit('file', 'other')
    repository.git('branch', '--quiet', '--force', 'main', 'other')
    result = fill(repository, first, 'main')
    assert result['fetched'] == [OSA]
    clone = tmp_path / 'clone'
    subprocess.check_call(['git', 'clone', '--quiet', str(mirror / (OSA + '.git')), str(clone)])
    assert git(clone / '.git', 'rev-parse', 'HEAD') == other
    assert git(clone / '.git', 'cat-file', '-t', first) == 'commit'
    assert not fill(repository, first, 'main')['changed']


def test_a_commit_is_asked_for_by_itself(fill, upstream, mirror):
    repository = upstream()
    repository.commit('file', 'first')
    repository.git('checkout', '--quiet', '--detach')
    loose = repository.commit('file', 'loose')
    repository.git('update-ref', 'refs/changes/1', loose)
    repository.git('checkout', '--quiet', 'main')
    fill(repository, loose)
    assert git(mirror / (OSA + '.git'), 'rev-parse', 'refs/tags/kept-' + loose) == loose


@pytest.mark.parametrize('bare', [False, True])
def test_filled_from_clones_that_were_brought(fill, upstream, mirror, tmp_path, bare):
    repository = upstream()
    repository.commit('file', 'first')
    repository.git('branch', 'stable/1')
    brought = tmp_path / 'brought' / (OSA + ('.git' if bare else ''))
    subprocess.check_call(['git', 'clone', '--quiet'] + (['--bare'] if bare else []) + [str(repository.folder), str(brought)])
    if not bare:
        repository.git('checkout', '--quiet', 'stable/1')
    wanted = [{'path': OSA, 'address': 'https://192.0.2.1/', 'pins': ['stable/1', 'main']}]
    result = fill(source=str(tmp_path / 'brought'), repositories=wanted)
    assert result['fetched'] == [OSA]
    refs = git(mirror / (OSA + '.git'), 'for-each-ref', '--format=%(refname)').split()
    assert refs == ['refs/heads/main', 'refs/heads/stable/1']
    result = fill(source=str(tmp_path / 'brought'), repositories=[{'path': 'github.com/o/none', 'pins': ['main']}])
    assert 'there is no such repository in %s' % (tmp_path / 'brought') in result['msg']


def test_exports(fill, upstream, mirror):
    repository = upstream()
    repository.commit('upper-constraints.txt', u'gr\xf6\xdfe===1\n')
    export = {'repository': OSA, 'ref': 'main', 'file': 'upper-constraints.txt', 'path': OSA + '/raw/main/upper-constraints.txt'}
    options = {'repositories': [{'path': OSA, 'address': str(repository.folder), 'pins': ['main']}]}
    result = fill(exports=[export], **options)
    assert result['fetched'] == [OSA, export['path']]
    path = mirror / export['path']
    assert path.read_bytes().decode('utf-8') == u'gr\xf6\xdfe===1\n'
    assert os.stat(str(path)).st_mode & 0o777 == 0o644
    assert not fill(exports=[export], **options)['changed']
    result = fill(exports=[dict(export, file='none'), dict(export, ref='gone')], **options)
    assert result['missing'] == [OSA + ': it has no file none at main']


def test_a_folder_that_cannot_be_written(fill, upstream, mirror):
    repository = upstream()
    repository.commit('file', 'first')
    mirror.write_bytes(b'')
    result = fill(repository, 'main')
    assert result['failed']


def test_git_that_is_not_there_or_does_not_end(fill, upstream, fake_run):
    fake_run.expect(lambda argv: True, error=OSError(2, 'No such file'))
    assert fill(repositories=[{'path': OSA, 'address': '/x'}])['problem']['what'] == 'git cannot be run'
    fake_run.expect(lambda argv: argv[1] == 'init', rc=None, timed_out=True)
    result = fill(repositories=[{'path': OSA, 'address': '/x', 'pins': ['main']}], timeout=7)
    assert result['missing'] == [OSA + ': it cannot be fetched (it took more than 7 s); wanted main']
    assert fake_run.calls[-1]['timeout'] == 7.0


def test_git_is_told_what_it_needs_and_nothing_of_it_is_shown(fill, fake_run):
    seen = {}

    def look(argv):
        with open(os.path.join(fake_run.calls[-1]['options']['environment']['XDG_CONFIG_HOME'], 'git', 'config')) as stream:
            seen['text'] = stream.read()
        return True
    fake_run.expect(look, rc=128, stderr='fatal: https://me:secret@example.org/x: no')
    result = fill(repositories=[{'path': OSA, 'address': '/x', 'pins': ['main']}], settings='[http]\n\tproxy = p\n')
    assert seen['text'].endswith('[safe]\n\tdirectory = *\n[http]\n\tproxy = p\n')
    assert seen['text'].startswith('[include]\n\tpath = ')
    assert 'secret' not in result['msg'] and 'https://example.org/x: no' in result['msg']
    assert fake_run.calls[-1]['options']['environment']['GIT_TERMINAL_PROMPT'] == '0'


def test_return_documentation(fill, upstream, returned, documented):
    repository = upstream()
    repository.commit('file', 'first')
    assert returned(fill(repository, 'main'), fill(repository, 'gone')) == documented('git_mirror')
