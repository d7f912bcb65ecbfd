# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import subprocess

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import lab_host_shell

ODD = ["a b", "it's", '"', '$(id)', '`id`', '; id', '\\', '*', '', '-n', 'two\nlines', u'gr\xf6\xdfe']


def run(script, *arguments, become=False, shell='/bin/sh'):
    line = lab_host_shell.command_line(script, *arguments, become=become)
    return subprocess.run([shell, '-c', line], capture_output=True, check=False)


@pytest.fixture
def user(executable):
    """This user seems to be another: user(uid, script of sudo)."""
    def be(uid, sudo='shift; [ "$1" != -- ] || shift; exec "$@"'):
        executable('id', '#!/bin/sh\ncase $1 in -u) echo %d ;; -un) echo deploy ;; esac\n' % uid)
        executable('sudo', '#!/bin/sh\n[ "$1" = -n ] || exit 99\necho sudo >> "$0.log"\n%s\n' % sudo)
    return be


@pytest.mark.parametrize('become', [True, False])
@pytest.mark.parametrize('argument', ODD)
def test_arguments_are_not_interpreted(user, argument, become):
    user(1000)
    result = run('printf "%s|" "$@"', argument, 'last', become=become)
    assert (result.stdout.decode(), result.returncode) == (argument + '|last|', 0)


@pytest.mark.parametrize('uid, become, times', [(0, True, 0), (0, False, 0), (1000, True, 2), (1000, False, 0)])
def test_sudo_where_the_user_is_not_root(user, tmp_path, uid, become, times):
    user(uid)
    assert run('exit 7', become=become).returncode == 7
    log = tmp_path / 'bin' / 'sudo.log'
    assert (log.read_text().count('sudo') if log.exists() else 0) == times


def test_user_who_may_not_use_sudo(user):
    user(1000, 'echo "sudo: a password is required" >&2; exit 1')
    result = run('echo started', become=True)
    assert (result.returncode, result.stdout) == (lab_host_shell.STATUS, b'')
    with pytest.raises(AioError) as error:
        lab_host_shell.problem('lab', result.returncode, result.stdout, result.stderr)
    assert error.value.as_dict() == {
        'what': 'one cannot become root on the lab host', 'where': 'lab', 'why': 'deploy: sudo: a password is required',
        'remedy': 'connect as root, or let this user use sudo without a password there'}


def test_input_and_output_go_through(user):
    user(1000)
    line = lab_host_shell.command_line('cat; echo err >&2', become=True)
    result = subprocess.run(['/bin/sh', '-c', line], input=b'\x00\xff\n', capture_output=True, check=False)
    assert (result.stdout, result.stderr) == (b'\x00\xff\n', b'err\n')


@pytest.mark.parametrize('script, said', [
    ('problem WORD', ('WORD', '')),
    ('problem WORD "more of it"', ('WORD', 'more of it')),
    ('problem WORD "a\\b"', ('WORD', 'a\\b')),
    ('echo before >&2; problem WORD', ('WORD', '')),
    ('exit 254', (None, '')),
    ('echo "osa_lab.ceph_aio: WORD" >&2; exit 1', (None, '')),
    ('echo "not osa_lab.ceph_aio: WORD" >&2; exit 254', (None, '')),
    ('true', (None, '')),
])
def test_problem(script, said):
    result = run(script)
    assert lab_host_shell.problem('lab', result.returncode, result.stdout, result.stderr) == said


def test_problem_through_a_terminal():
    assert lab_host_shell.problem('lab', 254, b'osa_lab.ceph_aio: FROZEN\r\n', b'') == ('FROZEN', '')


def test_each_line_is_one():
    assert '\n' not in lab_host_shell.command_line('true', become=True)
