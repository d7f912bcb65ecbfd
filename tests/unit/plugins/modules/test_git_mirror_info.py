# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import subprocess

import pytest

OSA = 'opendev.org/o/osa'
NOWHERE = '0' * 40


@pytest.fixture
def look(run_module, tmp_path):
    def run(*pins, **options):
        if pins:
            options['repositories'] = [{'path': OSA, 'pins': list(pins)}]
        return run_module('git_mirror_info', **dict({'path': str(tmp_path / 'upstream')}, **options))
    return run


@pytest.fixture
def made(upstream):
    """A repository of two commits and a tag, which nothing leads to the first of."""
    repository = upstream()
    repository.first = repository.commit('file', 'first')
    repository.second = repository.commit('file', 'second')
    repository.git('tag', '-a', '-m', 'x', '1.0')
    return repository


@pytest.fixture
def afar(made, tmp_path, executable):
    """An address: git is told that it is this folder."""
    bare = tmp_path / 'served' / (OSA + '.git')
    subprocess.check_call(['git', 'clone', '--quiet', '--bare', str(made.folder), str(bare)])
    return '[url "file://%s/"]\n\tinsteadOf = http://192.0.2.1/\n' % (tmp_path / 'served')


def test_pins_of_a_folder(look, made):
    result = look('main', '1.0', made.first, 'gone', NOWHERE)
    assert result['commits'] == {OSA: {'main': made.second, '1.0': made.second, made.first: made.first}}
    assert result['missing'] == [OSA + ': it has no gone', OSA + ': it has no ' + NOWHERE]
    assert result['untold'] == [] and not result['changed']


def test_no_repository(look, tmp_path):
    (tmp_path / 'upstream' / OSA / '.git' / 'objects').mkdir(parents=True)
    result = look(repositories=[{'path': OSA, 'pins': ['main']}, {'path': 'github.com/o/none', 'pins': ['a', 'b']}])
    assert result['missing'][0].startswith(OSA + ': the repository is damaged (')
    assert result['missing'][1:] == ['github.com/o/none: there is no such repository; wanted a, b']


def test_from_afar_some_commits_cannot_be_told(look, made, afar):
    result = look('main', '1.0', made.second, made.first, 'gone', path='http://192.0.2.1', settings=afar)
    assert sorted(result['commits'][OSA]) == sorted(['main', '1.0', made.second])
    assert result['untold'] == ['%s: %s' % (OSA, made.first)]
    assert result['missing'] == [OSA + ': it has no gone']


def test_nothing_from_afar(look, afar):
    result = look(path='http://192.0.2.1', settings=afar, repositories=[{'path': 'github.com/o/none', 'pins': ['main']}])
    assert len(result['missing']) == 1
    assert result['missing'][0].startswith('github.com/o/none: the repository cannot be had (')


def test_at_its_own_address(look, made):
    result = look(path='', repositories=[{'path': OSA, 'address': str(made.folder), 'pins': ['main']}])
    assert result['commits'] == {OSA: {'main': made.second}}


@pytest.mark.parametrize('ref', ['main', '1.0', 'first'])
@pytest.mark.parametrize('far', [False, True])
def test_files(look, made, afar, ref, far):
    files = {'repository': OSA, 'ref': getattr(made, ref, ref), 'names': ['file', 'none']}
    options = {'path': 'http://192.0.2.1', 'settings': afar} if far else {}
    assert look(files=files, **options)['texts'] == {'file': 'first' if ref == 'first' else 'second'}


def test_files_of_a_checkout(look, made):
    assert look(path=str(made.folder), files={'ref': made.first, 'names': ['file']})['texts'] == {'file': 'first'}


def test_no_files(look, made, afar):
    assert look(files={'repository': OSA, 'ref': 'gone', 'names': ['file']})['texts'] == {}
    assert look(files={'repository': 'github.com/o/none', 'ref': 'main', 'names': ['file']})['texts'] == {}
    result = look(files={'repository': OSA, 'ref': NOWHERE, 'names': ['file']}, path='http://192.0.2.1', settings=afar)
    assert result.get('failed') or result['texts'] == {}


def test_plain_files(look, made, run_module, tmp_path, port):
    assert look(plain=[OSA + '/file', OSA + '/none'])['missing'] == [OSA + '/none: there is no such file']
    server = run_module('serve_folder', path=str(tmp_path / 'upstream'), port=port, seconds=60, state_dir=str(tmp_path / 'state'))
    try:
        result = look(path=server['address'], plain=[OSA + '/file', OSA + '/none'])
    finally:
        run_module('serve_folder', state='stopped', state_dir=str(tmp_path / 'state'))
    assert result['missing'] == [OSA + '/none: HTTP Error 404: File not found']


def test_who_is_asked_without_a_proxy(look, made, run_module, tmp_path, port, monkeypatch):
    """Git and the look for plain files go by no_proxy, also where git's settings name a proxy, and whatever the port is."""
    subprocess.check_call(['git', '-C', str(made.folder), 'update-server-info'])
    (tmp_path / 'served' / OSA).parent.mkdir(parents=True)
    (made.folder / '.git').rename(tmp_path / 'served' / (OSA + '.git'))
    server = run_module('serve_folder', path=str(tmp_path / 'served'), port=port, seconds=60, state_dir=str(tmp_path / 'state'))
    options = {'path': server['address'], 'plain': [OSA + '.git/HEAD'], 'settings': '[http]\n\tproxy = http://127.0.0.1:1\n'}
    try:
        monkeypatch.delenv('no_proxy', raising=False), monkeypatch.delenv('NO_PROXY', raising=False)
        through = look('main', **options)
        monkeypatch.setenv('no_proxy', '127.0.0.1'), monkeypatch.setenv('NO_PROXY', '127.0.0.1')
        direct = look('main', **options)
    finally:
        run_module('serve_folder', state='stopped', state_dir=str(tmp_path / 'state'))
    assert len(through['missing']) == 2
    assert (direct['missing'], direct['commits']) == ([], {OSA: {'main': made.second}})


def test_git_that_is_not_there(look, fake_run, made):
    fake_run.expect(lambda argv: True, error=OSError(2, 'No such file'))
    assert look('main')['problem']['what'] == 'git cannot be run'


def test_return_documentation(look, made, returned, documented, fake_run):
    fake_run.expect(lambda argv: True, error=OSError(2, 'No such file'))
    assert returned(look(), look('main')) == documented('git_mirror_info')
