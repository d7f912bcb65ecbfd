# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import os
import time

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import process

GRANDCHILD = 'sleep 30 & echo $! > pid; %s'


def is_alive(pid):
    """Does the process live? One that is dead and not yet reaped does not."""
    try:
        with open('/proc/%d/stat' % pid) as stream:
            return stream.read().rpartition(')')[2].split()[0] not in 'ZX'
    except (IOError, OSError):
        return False


def is_gone_soon(pid):
    end = time.time() + 2
    while is_alive(pid) and time.time() < end:
        time.sleep(0.01)
    return not is_alive(pid)


def grandchild(tmp_path):
    return int((tmp_path / 'pid').read_bytes())


def test_ends_by_itself():
    result = process.run(['sh', '-c', 'echo out; echo err >&2; exit 3'], 10)
    assert (result.rc, result.stdout, result.stderr, result.timed_out) == (3, 'out\n', 'err\n', False)


def test_argv_is_not_seen_by_a_shell():
    assert process.run(['printf', '%s', '$HOME; `id`'], 10).stdout == '$HOME; `id`'


def test_deadline_kills_what_was_started(tmp_path):
    start = time.time()
    result = process.run(['sh', '-c', GRANDCHILD % 'echo begun; wait'], 0.3, cwd=str(tmp_path))
    assert time.time() - start < 5
    assert (result.rc, result.stdout, result.timed_out) == (None, 'begun\n', True)
    assert is_gone_soon(grandchild(tmp_path))


def test_a_daemon_that_holds_the_output_does_not_keep_us_waiting():
    start = time.time()
    assert process.run(['sh', '-c', 'sleep 20 & echo through'], 10).stdout == 'through\n'
    assert time.time() - start < 10


def test_deadline_holds_for_what_left_the_group():
    start = time.time()
    process.run(['sh', '-c', 'setsid sleep 20 & wait'], 0.3)
    assert time.time() - start < 10


def test_interruption_kills_what_was_started(tmp_path, monkeypatch):
    wait = process.subprocess.Popen.wait

    def interrupted(self, *arguments):
        monkeypatch.setattr(process.subprocess.Popen, 'wait', wait)
        while not (tmp_path / 'pid').exists() or not (tmp_path / 'pid').read_bytes().endswith(b'\n'):
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(process.subprocess.Popen, 'wait', interrupted)
    with pytest.raises(KeyboardInterrupt):
        process.run(['sh', '-c', GRANDCHILD % 'wait'], 10, cwd=str(tmp_path))
    assert is_gone_soon(grandchild(tmp_path))


def test_stdin():
    assert process.run(['cat'], 10, stdin=u'gr\xf6\xdfe').stdout == u'gr\xf6\xdfe'


def test_no_stdin_is_an_empty_one():
    assert process.run(['cat'], 10).rc == 0


def test_output_to_a_file(tmp_path):
    with open(str(tmp_path / 'log'), 'wb') as stream:
        result = process.run(['sh', '-c', 'echo out; echo err >&2'], 10, output=stream)
    assert (result.rc, result.stdout, result.stderr) == (0, '', '')
    assert (tmp_path / 'log').read_bytes() == b'out\nerr\n'


def test_output_that_is_not_utf8():
    assert process.run(['printf', r'a\377b'], 10).stdout == u'a\ufffdb'


def test_missing_program():
    with pytest.raises(OSError) as error:
        process.run(['/nonexistent/program'], 10)
    assert error.value.errno == errno.ENOENT


def test_environment(monkeypatch, tmp_path):
    monkeypatch.setenv('LC_ALL', 'de_DE.UTF-8')
    monkeypatch.setenv('PATH', '/own:/bin')
    script = 'echo $LC_ALL; echo $PATH; echo $MORE; pwd'
    result = process.run(['/bin/sh', '-c', script], 10, cwd=str(tmp_path), environment={'MORE': 'more'})
    assert result.stdout.splitlines() == [
        'C.UTF-8', '/own:/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin', 'more',
        os.path.realpath(str(tmp_path))]
