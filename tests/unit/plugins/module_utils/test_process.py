# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import os
import threading
import time

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import process

GRANDCHILD = 'sleep 30 & echo $! > pid; %s'


def grandchild(tmp_path):
    return int((tmp_path / 'pid').read_bytes())


def test_ends_by_itself():
    result = process.run(['sh', '-c', 'echo out; echo err >&2; exit 3'], 10)
    assert (result.rc, result.stdout, result.stderr, result.timed_out) == (3, 'out\n', 'err\n', False)


def test_nothing_of_the_deadline_is_left():
    """A thread that outlives the module's last line prints a traceback on Python 2.7."""
    before = threading.enumerate()
    process.run(['true'], 10)
    assert threading.enumerate() == before


@pytest.mark.parametrize('value', [u'gr\xf6\xdfe', 'plain'])
def test_environment_as_text(value):
    assert process.run(['sh', '-c', 'echo "$NAME"'], 10, environment={'NAME': value}).stdout == value + '\n'


def test_argv_is_not_seen_by_a_shell():
    assert process.run(['printf', '%s', '$HOME; `id`'], 10).stdout == '$HOME; `id`'


def test_deadline_kills_what_was_started(tmp_path, gone):
    start = time.time()
    result = process.run(['sh', '-c', GRANDCHILD % 'echo begun; wait'], 0.3, cwd=str(tmp_path))
    assert time.time() - start < 5
    assert (result.rc, result.stdout, result.timed_out) == (None, 'begun\n', True)
    assert gone(grandchild(tmp_path))


def test_a_daemon_that_holds_the_output_does_not_keep_us_waiting():
    start = time.time()
    assert process.run(['sh', '-c', 'sleep 20 & echo through'], 10).stdout == 'through\n'
    assert time.time() - start < 10


def test_deadline_holds_for_what_left_the_group():
    start = time.time()
    process.run(['sh', '-c', 'setsid sleep 20 & wait'], 0.3)
    assert time.time() - start < 10


def test_interruption_kills_what_was_started(tmp_path, monkeypatch, gone, written):
    wait = process.subprocess.Popen.wait

    def interrupted(self, *arguments):
        monkeypatch.setattr(process.subprocess.Popen, 'wait', wait)
        written(tmp_path / 'pid')
        raise KeyboardInterrupt

    monkeypatch.setattr(process.subprocess.Popen, 'wait', interrupted)
    with pytest.raises(KeyboardInterrupt):
        process.run(['sh', '-c', GRANDCHILD % 'wait'], 10, cwd=str(tmp_path))
    assert gone(grandchild(tmp_path))


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


@pytest.fixture
def stdout_to():
    """Let stdout go to an open file: stdout_to(handle)."""
    before = os.dup(1)
    yield lambda handle: os.dup2(handle, 1)
    os.dup2(before, 1)
    os.close(before)


def test_reader_that_goes(stdout_to):
    read, write = os.pipe()
    stdout_to(write)
    os.close(write)
    assert process.is_heard()
    os.write(1, b'not read yet')
    assert process.is_heard()
    os.close(read)
    assert not process.is_heard()


@pytest.mark.parametrize('path', ['file', '/dev/null'])
def test_file_always_listens(stdout_to, tmp_path, path):
    with open(str(tmp_path / path), 'wb') as stream:
        stdout_to(stream.fileno())
        assert process.is_heard()


@pytest.fixture
def talk():
    """Start a shell script as a Dialogue: talk(script); it is ended afterwards."""
    started = []

    def start(script):
        started.append(process.Dialogue(['sh', '-c', script]))
        return started[-1]
    yield start
    for dialogue in started:
        if dialogue._process.returncode is None:
            dialogue.end(at_once=True)


def soon(seconds=10):
    return process.now() + seconds


def test_dialogue(talk):
    dialogue = talk('while read line; do echo "said $line"; done; echo bye >&2; exit 3')
    for line in (u'one', u'gr\xfcn'):
        dialogue.tell(line, soon())
        assert dialogue.read_line(soon()) == u'said ' + line
    assert dialogue.end() == (3, 'bye\n')


def test_dialogue_in_pieces(talk):
    """Lines and bytes that come in one piece, or in many."""
    dialogue = talk(r"printf 'a\nbcd'; sleep 0.1; printf 'e\nf'; sleep 0.1; printf '\n'")
    assert dialogue.read_line(soon()) == 'a'
    assert dialogue.read(3, soon()) == b'bcd'
    assert dialogue.read(0, soon()) == b''
    assert dialogue.read_line(soon()) == 'e'
    assert dialogue.read_line(soon()) == 'f'
    with pytest.raises(EOFError):
        dialogue.read_line(soon())


def test_dialogue_of_many_bytes(talk):
    dialogue = talk('head -c 10000000 /dev/zero; echo end')
    assert dialogue.read(10000000, soon()) == b'\0' * 10000000
    assert dialogue.read_line(soon()) == 'end'


@pytest.mark.parametrize('read', [lambda dialogue, end: dialogue.read_line(end), lambda dialogue, end: dialogue.read(9, end)])
@pytest.mark.parametrize('script', ['exec sleep 60', 'printf abc; exec sleep 60', 'while :; do printf a; sleep 0.1; [ -e x ] && exit; done'])
def test_dialogue_is_late(talk, read, script):
    """Bits of an answer do not put the deadline off."""
    dialogue = talk(script)
    start = process.now()
    with pytest.raises(process.Late):
        read(dialogue, soon(0.15))
    assert 0.15 <= process.now() - start < 5


@pytest.mark.parametrize('read', [lambda dialogue: dialogue.read_line(soon()), lambda dialogue: dialogue.read(9, soon())])
def test_dialogue_has_ended(talk, read):
    with pytest.raises(EOFError):
        read(talk('printf abc'))


def test_deadline_that_is_over(talk):
    with pytest.raises(process.Late):
        talk('echo a; exec sleep 60').read_line(soon(-1))


def test_telling_a_program_that_has_ended(talk, gone):
    dialogue = talk('exit 7')
    assert gone(dialogue._process.pid)
    for _time in range(3):
        dialogue.tell('x' * 100000, soon())
    with pytest.raises(EOFError):
        dialogue.read_line(soon())
    assert dialogue.end() == (7, '')


@pytest.mark.parametrize('seconds', [0.3, -1])
def test_telling_a_program_that_does_not_read(talk, must_end, seconds):
    """It is more than a pipe takes."""
    start = process.now()
    with pytest.raises(process.Late):
        talk('exec sleep 60').tell('x' * 200000, soon(seconds))
    assert process.now() - start >= seconds


def test_telling_much_to_a_program_that_takes_its_time(talk):
    dialogue = talk('sleep 0.2; head -c 200002 | wc -c')
    dialogue.tell(u'\xfc' + 'x' * 199999, soon())
    assert dialogue.read_line(soon()) == '200002'


def test_dialogue_has_a_folder_that_nobody_can_put_modules_into(talk, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert talk('pwd').read_line(soon()) == '/'


@pytest.mark.parametrize('at_once', [True, False])
def test_dialogue_that_does_not_end(talk, tmp_path, gone, at_once):
    """It is killed, with what it started; at once, or after a while to go by itself."""
    dialogue = talk('sleep 60 & echo $! > %s; echo begun; wait' % (tmp_path / 'pid'))
    dialogue.read_line(soon())
    start = process.now()
    assert dialogue.end(at_once) == (-9, '')
    assert (process.now() - start >= process.LEAVE) is not at_once
    assert gone(grandchild(tmp_path))


def test_dialogue_that_ends_but_not_what_it_started(talk, tmp_path, gone):
    dialogue = talk('sleep 60 & echo $! > %s; echo begun' % (tmp_path / 'pid'))
    dialogue.read_line(soon())
    assert dialogue.end()[0] == 0
    assert gone(grandchild(tmp_path))


def test_dialogue_goes_by_itself(talk):
    dialogue = talk('cat; echo done >&2; exit 4')
    start = process.now()
    assert dialogue.end() == (4, 'done\n')
    assert process.now() - start < process.LEAVE


def test_dialogue_that_cannot_begin():
    with pytest.raises(OSError) as error:
        process.Dialogue(['/nonexistent/program'])
    assert error.value.errno == errno.ENOENT


def test_dialogue_errors_that_are_not_utf8(talk):
    dialogue = talk(r"printf 'a\377b' >&2")
    with pytest.raises(EOFError):
        dialogue.read_line(soon())
    assert dialogue.end() == (0, u'a\ufffdb')


def test_start_and_leave(tmp_path):
    with open(str(tmp_path / 'said'), 'w+b') as said:
        started = process.start(['sh', '-c', 'echo out; echo err >&2; read line; pwd; exec sleep 60'], said)
        try:
            deadline = process.now() + 10
            while (tmp_path / 'said').read_bytes().count(b'\n') < 3:
                assert process.now() < deadline
                time.sleep(0.02)
            assert (tmp_path / 'said').read_text() == 'out\nerr\n/\n'
            assert os.getsid(started.pid) == started.pid != os.getsid(0)
        finally:
            process.kill_group(started)
            started.wait()
