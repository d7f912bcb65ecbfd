# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program runs for real, as a process of the Python that runs the tests; only rados, ceph and sockets are made here."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import inspect
import json
import os
import signal
import socket
import struct
import sys
import time

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import mon_program, process

SOURCE = inspect.getsource(mon_program)
STATUS = {'prefix': 'status', 'format': 'json'}
TREE = {'prefix': 'osd tree'}
DF = {'prefix': 'df', 'format': 'json'}


class Program:
    """The program, started."""

    def __init__(self, source, access):
        self.access = access
        self.dialogue = process.Dialogue([sys.executable, '-c', source])

    def begin(self, timeout=5.0, limit=20.0, command_line=False, until=None, **access):
        """Say who asks; gives the first frame."""
        until = until or time.time() + 100
        request = dict({'keyring': None, 'name': 'client.admin', 'conf': self.access['conf']}, **access)
        self.dialogue.tell(json.dumps(dict(request, timeout=timeout, limit=limit, command_line=command_line, until=until)),
                           process.now() + 15)
        return self.frame()

    def ask(self, *commands, **limit):
        self.dialogue.tell(json.dumps(dict({'commands': commands, 'timeout': 20.0, 'limit': 20.0}, **limit)), process.now() + 15)

    def frame(self):
        deadline = process.now() + 15
        header = json.loads(self.dialogue.read_line(deadline))
        out = self.dialogue.read(header.pop('bytes'), deadline)
        return dict(header, out=out)

    def ended(self):
        """Its exit status, or the negative number of the signal that ended it; it has said no more."""
        with pytest.raises(EOFError):
            self.dialogue.read_line(process.now() + 15)
        return self.dialogue.end()[0]


@pytest.fixture
def program(ceph):
    """Start the program: program(), or program(source)."""
    started = []

    def start(source=SOURCE):
        started.append(Program(source, ceph.access))
        return started[-1]
    yield start
    for one in started:
        if one.dialogue._process.returncode is None:
            one.dialogue.end(at_once=True)


def said(rc=0, out=b'', err='', by=''):
    return {'rc': rc, 'out': out, 'err': err, 'by': by}


def test_answers_in_order_over_one_connection(ceph, program):
    ceph.says(STATUS, '{"a": 1}')
    ceph.says(TREE, (-13, '', 'access denied'))
    one = program()
    assert one.begin() == {'librados': True, 'out': b''}
    one.ask(STATUS, TREE)
    one.ask(DF)
    assert [one.frame() for _round in range(3)] == [
        said(out=b'{"a": 1}'), said(-13, err='access denied'), said(-22, err='command not known')]
    one.dialogue._process.stdin.close()
    assert one.ended() == 0
    assert ceph.asked == [STATUS, TREE, DF]
    assert len(ceph.connections) == 1


def test_who_asks(ceph, program):
    program().begin(name='client.dev', keyring='/etc/ceph/dev.keyring')
    program().begin()
    with_keyring, without = ceph.connections
    assert (with_keyring['conf'], with_keyring['name']) == (ceph.access['conf'], 'client.dev')
    assert with_keyring['settings'] == {
        'keyring': '/etc/ceph/dev.keyring', 'log_to_stderr': 'false', 'err_to_stderr': 'false', 'log_file': ''}
    assert 'keyring' not in without['settings']


@pytest.mark.parametrize('raised, number, text', [
    ('Error("error connecting to the cluster", 13)', 13, 'error connecting to the cluster'),
    ('Error("error calling conf_read_file", 2)', 2, 'error calling conf_read_file'),
    ('Error("timed out", 110)', 110, 'timed out'),
    ('Error("no number")', None, 'no number'),
    ('RuntimeError("odd")', None, 'odd'),
    (r'RuntimeError("gr\xfcn")', None, u'gr\ufffdn' if sys.version_info[0] < 3 else u'gr\xfcn'),
    # The binding of old releases: the number is in the error's name only.
    ('type("PermissionError", (Exception,), {})("error connecting")', errno.EPERM, 'error connecting'),
    ('type("PermissionDeniedError", (Exception,), {})("error connecting")', errno.EACCES, 'error connecting'),
    ('type("ObjectNotFound", (Exception,), {})("error connecting")', errno.ENOENT, 'error connecting'),
    ('type("TimedOut", (Exception,), {})("error connecting")', errno.ETIMEDOUT, 'error connecting'),
    ('type("TimedOut", (Error,), {})("error connecting", 5)', errno.EIO, 'error connecting'),
])
def test_refused(ceph, program, raised, number, text):
    ceph.does(connect='raise ' + raised)
    one = program()
    frame = one.begin()
    assert (frame['errno'], frame['about'], frame['out']) == (number, '', b'')
    assert frame['problem'] == text
    assert frame['mon'] in ('absent', 'stopped', 'running', 'unknown')
    assert one.ended() == 0


def test_connection_that_hangs_is_told_in_time(ceph, program, gone):
    ceph.does(connect='time.sleep(60)')
    start = process.now()
    one = program()
    frame = one.begin(timeout=1.0)
    assert (frame['errno'], frame['about'], frame['problem']) == (errno.ETIMEDOUT, '', 'no mon answered within 0.8 s')
    assert 0.8 <= process.now() - start < 5
    assert one.ended() == 0
    assert gone(ceph.connections[0]['pid'])


@pytest.mark.parametrize('late, limit', [(4.0, 0.8), (100, 0.0)])
def test_late_start_counts(ceph, program, late, limit):
    ceph.does(connect='time.sleep(60)')
    frame = program().begin(timeout=5.0, until=time.time() + 5.0 - late)
    said_limit = float(frame['problem'].split()[-2])
    assert max(0.0, limit - 0.5) <= said_limit <= limit + 0.11


@pytest.mark.parametrize('hang', ['time.sleep(60)', 'import signal; signal.pause()'])
def test_question_that_hangs(ceph, program, gone, hang):
    """The answers before it are there, and the kernel ends the program at its limit."""
    ceph.does(command='if command["prefix"] == "osd tree": %s' % hang)
    ceph.says(STATUS, '{}')
    one = program()
    one.begin()
    start = process.now()
    one.ask(STATUS, TREE, DF, limit=0.5)
    assert one.frame() == said(out=b'{}')
    assert one.ended() == -signal.SIGALRM
    assert 0.4 <= process.now() - start < 5
    assert gone(ceph.connections[0]['pid'])


def test_no_limit_between_rounds(ceph, program):
    """A limit counts for its round only."""
    ceph.says(STATUS, '{}')
    one = program()
    one.begin(limit=0.7)
    one.ask(STATUS, limit=0.7)
    assert one.frame() == said(out=b'{}')
    with pytest.raises(process.Late):
        one.dialogue.read_line(process.now() + 1.0)
    one.ask(STATUS, limit=5.0)
    assert one.frame() == said(out=b'{}')


def test_end_of_input_before_it_begins(ceph, program):
    one = program()
    one.dialogue._process.stdin.close()
    assert one.ended() == 1
    assert ceph.connections == []


@pytest.mark.parametrize('code, out', [
    ('return 0, bytes(bytearray(range(256))), ""', bytes(bytearray(range(256)))),
    ('return 0, b"x" * (10 << 20), ""', b'x' * (10 << 20)),
    (r'return 0, b"{}\n{}\n\n", ""', b'{}\n{}\n\n'),
    ('return 0, b"", ""', b''),
], ids=['binary', '10 MB', 'lines', 'nothing'])
def test_answers_as_they_are(ceph, program, code, out):
    ceph.does(command=code)
    one = program()
    one.begin()
    one.ask(STATUS, STATUS)
    assert one.frame() == said(out=out)
    assert one.frame() == said(out=out)


@pytest.mark.parametrize('code, err', [
    ('return -1, b"", b"a\\xffb"', u'a\ufffdb'), (r'return -1, b"", u"gr\xfcn"', u'gr\xfcn'), ('return -1, b"", ""', '')])
def test_errors_are_text(ceph, program, code, err):
    ceph.does(command=code)
    one = program()
    one.begin()
    one.ask(STATUS)
    assert one.frame() == said(-1, err=err)


@pytest.mark.parametrize('noise', ['print("warning: old")', 'os.write(1, b"warning: old")', 'sys.stdout.write("{}")'])
def test_noise_is_no_answer(ceph, program, noise):
    ceph.does(connect=noise, command=noise)
    ceph.says(STATUS, '{}')
    one = program()
    assert one.begin() == {'librados': True, 'out': b''}
    one.ask(STATUS)
    assert one.frame() == said(out=b'{}')


@pytest.fixture
def conf(tmp_path):
    """A ceph.conf: conf(content) gives its path; without one, it is not there."""
    def make(content=None):
        path = tmp_path / 'other.conf'
        if content is not None:
            path.write_bytes(content)
        return str(path)
    return make


@pytest.mark.parametrize('command_line', [False, True])
@pytest.mark.parametrize('content, text', [
    (None, 'there is no %s'), (b'', '%s names no mon'), (b'[global]\nfsid = 1\nmon initial members = a\n', '%s names no mon'),
    (b'#mon host = 172.29.236.100\n; mon addr = 172.29.236.100\n', '%s names no mon'), (b'common host = a\n', '%s names no mon')])
def test_conf_without_a_mon(ceph, program, conf, content, text, command_line):
    """Nobody is asked."""
    if command_line:
        ceph.has_no_librados()
    one = program()
    frame = one.begin(conf=conf(content), command_line=command_line)
    assert (frame['errno'], frame['about'], frame['problem']) == (None, 'conf', text % conf())
    assert one.ended() == 0
    assert ceph.connections == []


def test_conf_whose_name_is_not_ascii(program, tmp_path):
    path = u'%s/gr\xfcn.conf' % tmp_path
    frame = program().begin(conf=path)
    assert (frame['about'], frame['problem']) == ('conf', u'there is no ' + path)


def test_conf_that_cannot_be_read(ceph, program, tmp_path):
    frame = program().begin(conf=str(tmp_path))
    assert (frame['errno'], frame['about']) == (None, 'conf')
    assert 'Is a directory' in frame['problem'] and str(tmp_path) in frame['problem']
    assert ceph.connections == []


@pytest.mark.parametrize('line', [
    b'mon host = a', b'mon_host=a', b'  Mon Host = gr\xfcn', b'[mon.a]\r\n\tmon addr = 10.0.0.1:6789', b'mon_dns_srv_name = ceph',
    b'mon  host = a', b'mon\thost = a'])
def test_conf_with_a_mon(program, conf, line):
    assert program().begin(conf=conf(b'[global]\nfsid = 1\n' + line + b'\n')) == {'librados': True, 'out': b''}


@pytest.mark.parametrize('raised, text', [
    ('Error("error calling conf_read_file", 22)', 'error calling conf_read_file'),
    (r'RuntimeError("gr\xfcn")', u'gr\ufffdn' if sys.version_info[0] < 3 else u'gr\xfcn')])
def test_conf_that_librados_does_not_understand(ceph, program, raised, text):
    ceph.does(read='raise ' + raised)
    one = program()
    frame = one.begin()
    assert (frame['errno'], frame['about']) == (None, 'conf')
    assert frame['problem'] == u'%s cannot be read: %s' % (ceph.access['conf'], text)
    assert one.ended() == 0


CEPH = '''#!/bin/sh
for word; do printf "%%s|" "$word"; done >> %s
echo >> %s
%s
'''


@pytest.fixture
def command_line(ceph, executable, tmp_path):
    """No librados, but a ceph command that is a shell script: command_line(text) gives its calls after the first as a function.

    That one asks whether a mon answers at all.
    """
    ceph.has_no_librados()

    def make(text):
        executable('ceph', CEPH % (tmp_path / 'calls', tmp_path / 'calls', text))

        def calls():
            made = [line.split('|')[:-1] for line in (tmp_path / 'calls').read_bytes().decode('utf-8').splitlines()]
            assert made[0][-2:] == ['mon', 'stat']
            return made[1:]
        return calls
    return make


def test_no_librados(ceph, program):
    ceph.has_no_librados()
    one = program()
    assert one.begin() == {'librados': False, 'out': b''}
    assert one.ended() == 0


def test_ceph_command(ceph, program, command_line):
    calls = command_line('echo "said $#"; echo "by the way" >&2')
    one = program()
    assert one.begin(command_line=True) == {'librados': False, 'out': b''}
    one.ask(STATUS, {'prefix': 'health', 'detail': 'detail', 'format': 'json'})
    one.ask(TREE)
    assert [one.frame() for _round in range(3)] == [
        said(out=('said %d\n' % count).encode('ascii'), err='by the way\n') for count in (7, 8, 6)]
    access = ['--conf', ceph.access['conf'], '--name', 'client.admin']
    assert calls() == [access + words for words in (
        ['status', '--format', 'json'], ['health', 'detail', '--format', 'json'], ['osd', 'tree'])]


@pytest.mark.parametrize('command, words', [
    ({'prefix': 'config show', 'who': 'osd.0', 'key': 'ms_type'}, ['config', 'show', 'osd.0', 'ms_type']),
    ({'prefix': 'auth get', 'entity': 'client.dev'}, ['auth', 'get', 'client.dev']),
    ({'prefix': 'auth get-or-create', 'entity': 'client.dev', 'caps': ['mon', 'allow r', 'osd', 'allow rw pool=vms']},
     ['auth', 'get-or-create', 'client.dev', 'mon', 'allow r', 'osd', 'allow rw pool=vms']),
    ({'prefix': 'osd pool ls', 'detail': 'detail'}, ['osd', 'pool', 'ls', 'detail']),
    ({'prefix': 'osd out', 'ids': ['0', '1']}, ['osd', 'out', '0', '1']),
    ({'prefix': 'osd find', 'id': 0}, ['osd', 'find', '0']),
    ({'prefix': 'osd pool stats', 'pool_name': u'gr\xfcn'}, ['osd', 'pool', 'stats', u'gr\xfcn']),
])
def test_words_of_a_command(program, command_line, command, words):
    """In the order that the ceph command wants them."""
    calls = command_line('true')
    one = program()
    one.begin(command_line=True)
    one.ask(command)
    assert one.frame() == said()
    assert calls()[0][4:] == words


@pytest.mark.parametrize('arguments', [{'pool': 'scratch', 'pg_num': 8}, {'entity': 'client.a', 'other': 1}])
def test_words_whose_order_is_not_known(program, command_line, tmp_path, arguments):
    command_line('true')
    one = program()
    one.begin(command_line=True)
    one.ask(dict(arguments, prefix='osd pool create'), TREE)
    refused = one.frame()
    assert (refused['rc'], refused['out']) == (-errno.EINVAL, b'')
    assert refused['err'].endswith('wants words in its order: use argv')
    assert one.frame() == said()
    assert (tmp_path / 'calls').read_bytes().count(b'\n') == 2


def test_ceph_command_with_a_keyring(program, command_line):
    calls = command_line('true')
    one = program()
    one.begin(command_line=True, keyring='/k', name='client.dev', timeout=5.0)
    one.ask(TREE)
    one.frame()
    assert calls()[0][2:] == ['--name', 'client.dev', '--keyring', '/k', 'osd', 'tree']


def test_ceph_command_refuses(program, command_line):
    command_line(r'printf "Error EINVAL: \377\n" >&2; exit 22')
    one = program()
    one.begin(command_line=True)
    one.ask(STATUS)
    assert one.frame() == said(-22, err=u'Error EINVAL: \ufffd\n')


@pytest.mark.parametrize('text, number', [
    ('[errno 13] RADOS permission denied (error connecting to the cluster)', 13),
    ('[errno 1] RADOS permission error (error connecting to the cluster)', 1),
    ('[errno 2] RADOS object not found (error connecting to the cluster)', 2),
    ('[errno 110] RADOS timed out (error connecting to the cluster)', errno.ETIMEDOUT),
    ('Error connecting to cluster: ObjectNotFound', 2),
    ('Error connecting to cluster: PermissionDeniedError', 13),
    ('Error connecting to cluster: PermissionError', 1),
    ('Error connecting to cluster: TimedOut', errno.ETIMEDOUT),
    (u'gr\xfcn: Error connecting to cluster: TimedOut', errno.ETIMEDOUT),
])
def test_ceph_command_has_no_connection(program, command_line, text, number):
    command_line('echo "%s" >&2; exit 1' % text)
    one = program()
    frame = one.begin(command_line=True)
    assert (frame['problem'], frame['errno'], frame['about']) == (text, number, '')
    assert one.ended() == 0


def test_ceph_command_loses_the_connection(program, command_line):
    command_line('case "$*" in *tree*) echo "Error connecting to cluster: TimedOut" >&2; exit 1;; esac; echo {}')
    one = program()
    one.begin(command_line=True)
    one.ask(STATUS, TREE, DF)
    assert one.frame() == said(out=b'{}\n')
    frame = one.frame()
    assert (frame['problem'], frame['errno'], frame['about']) == ('Error connecting to cluster: TimedOut', errno.ETIMEDOUT, '')
    assert one.ended() == 0


def test_ceph_command_that_may_not_ask(program, command_line):
    command_line('echo "Error EACCES: access denied" >&2; exit 13')
    one = program()
    frame = one.begin(command_line=True)
    assert (frame['problem'], frame['errno'], frame['about']) == ('Error EACCES: access denied', errno.EACCES, '')
    assert one.ended() == 0


def test_ceph_command_that_hangs_from_the_beginning(program, command_line, tmp_path, gone, written):
    """It is told in time, and the command is gone."""
    command_line('echo $$ > %s; exec sleep 60' % (tmp_path / 'pid'))
    start = process.now()
    one = program()
    frame = one.begin(command_line=True, timeout=1.0)
    assert (frame['errno'], frame['about'], frame['problem']) == (errno.ETIMEDOUT, '', 'no mon answered within 0.8 s')
    assert 0.8 <= process.now() - start < 5
    assert one.ended() == 0
    assert gone(int(written(tmp_path / 'pid')))


def test_word_about_a_connection_is_no_failure(program, command_line):
    command_line('echo "[errno 13] error connecting to a module" >&2; echo {}')
    one = program()
    one.begin(command_line=True)
    one.ask(STATUS)
    assert one.frame()['out'] == b'{}\n'


def test_ceph_command_that_hangs(program, command_line, tmp_path, gone, written):
    """The timer outlives exec: the command is ended with the program."""
    command_line('case "$*" in *"osd tree"*) echo $$ > %s; exec sleep 60;; esac; echo {}' % (tmp_path / 'pid'))
    one = program()
    one.begin(command_line=True)
    one.ask(STATUS, TREE, limit=0.8)
    assert one.frame() == said(out=b'{}\n')
    assert gone(int(written(tmp_path / 'pid')), 5)
    assert one.ended() == -signal.SIGALRM


def test_ceph_command_that_is_late(program, command_line):
    """Nothing is left of the time: whoever waits hears it all the same, and not at the limit of the round."""
    command_line('exec sleep 60')
    frame = program().begin(command_line=True, until=time.time() - 1, limit=5.0)
    assert (frame['errno'], frame['problem']) == (errno.ETIMEDOUT, 'no mon answered within 0.1 s')


def test_ceph_command_that_leaves_somebody_behind(program, command_line):
    """Whoever it is does not hold our way out."""
    command_line('trap "" ALRM; sleep 5 > /dev/null 2>&1 & echo {}')
    one = program()
    one.begin(command_line=True)
    one.ask(TREE)
    assert one.frame() == said(out=b'{}\n')
    start = process.now()
    one.dialogue._process.stdin.close()
    with pytest.raises(EOFError):
        one.dialogue.read_line(process.now() + 15)
    assert process.now() - start < 4


def test_neither_librados_nor_ceph(ceph, program):
    ceph.has_no_librados()
    one = program(SOURCE.replace("'ceph', '--conf'", "'/nonexistent/ceph', '--conf'"))
    frame = one.begin(command_line=True)
    assert (frame['errno'], frame['about']) == (errno.ENOENT, 'command')
    assert frame['problem'] == 'the ceph command cannot be started: No such file or directory'
    assert one.ended() == 0


def test_ceph_command_that_is_no_program(ceph, program):
    ceph.has_no_librados()
    frame = program(SOURCE.replace("'ceph', '--conf'", "'/etc', '--conf'")).begin(command_line=True)
    assert (frame['errno'], frame['about']) == (errno.EACCES, 'command')
    assert frame['problem'] == 'the ceph command cannot be started: Permission denied'


def test_argv(ceph, program, executable, tmp_path):
    """It goes to the ceph command although librados is there."""
    executable('ceph', CEPH % (tmp_path / 'calls', tmp_path / 'calls', 'echo {}'))
    ceph.says(STATUS, '[]')
    one = program()
    one.begin()
    one.ask({'argv': ['osd', 'df', u'gr\xfcn', '--format', 'json']}, STATUS)
    assert [one.frame(), one.frame()] == [said(out=b'{}\n'), said(out=b'[]')]
    assert (tmp_path / 'calls').read_bytes().decode('utf-8').strip() == u'|'.join(
        ['--conf', ceph.access['conf'], '--name', 'client.admin', 'osd', 'df', u'gr\xfcn', '--format', 'json']) + '|'


COMMAND = {'prefix': 'config get', 'var': 'osd_pool_default_pg_num'}


@pytest.mark.parametrize('out', [b'{"osd_pool_default_pg_num": "8"}', b'', b'y' * (1 << 20)], ids=['JSON', 'nothing', '1 MB'])
def test_daemon(program, admin_socket, out):
    source = admin_socket.answers(struct.pack('>I', len(out)) + out)
    one = program(source)
    one.begin()
    one.ask({'daemon': COMMAND}, TREE)
    assert one.frame() == said(out=out, by='mon.aio1-ceph-mon-container-0c19f9f6')
    assert one.frame()['rc'] == -22
    assert json.loads(admin_socket.heard()[:-1].decode('utf-8')) == COMMAND


def test_daemon_that_has_no_socket(program, admin_socket):
    one = program(admin_socket.source)
    one.begin()
    one.ask({'daemon': COMMAND})
    assert one.frame() == said(-errno.ENOENT, err='no mon has an admin socket there (%s/*-mon.*.asok)' % admin_socket.folder)


@pytest.mark.parametrize('reply', [b'', b'\0\0'])
def test_daemon_that_breaks_off(program, admin_socket, reply):
    one = program(admin_socket.answers(reply))
    one.begin()
    one.ask({'daemon': COMMAND})
    frame = one.frame()
    assert (frame['rc'], frame['out']) == (-errno.EIO, b'')
    assert frame['err'].startswith(admin_socket.folder)


def test_socket_that_nobody_listens_to(program, admin_socket):
    dead = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    dead.bind(admin_socket.folder + '/ceph-mon.a.asok')
    dead.close()
    one = program(admin_socket.source)
    one.begin()
    one.ask({'daemon': COMMAND})
    assert one.frame()['rc'] == -errno.ECONNREFUSED


# Of /proc on a lab host: name and state, and how the line goes on.
STAT = '219 (%s) %s 1 219 219 0 -1 4194560 29139 762 4 0 604 187 4 1 20 0 27 0 1148046\n'


@pytest.fixture
def there(monkeypatch, tmp_path):
    """What /proc has: there((name, state)..., number=namespace...), where the processes have numbers from 1."""
    monkeypatch.chdir(tmp_path)

    def make(*processes, **namespaces):
        paths = ['./proc/%d/stat' % number for number in range(1, len(processes) + 1)]
        for path, one in zip(paths, processes):
            (tmp_path / path).parent.mkdir(parents=True)
            (tmp_path / path).write_bytes((STAT % one).encode('ascii'))
        monkeypatch.setattr(mon_program.glob, 'glob', lambda pattern: {
            '/proc/[0-9]*/stat': paths + ['./proc/99/gone meanwhile']}.get(pattern, []))
        monkeypatch.setattr(mon_program, 'namespace', lambda number: namespaces.get(number, 'pid:[4026531836]'))
    return make


@pytest.mark.parametrize('processes, found', [
    ([], 'absent'), ([('ceph-mon', 'S')], 'running'), ([('ceph-mon', 'T')], 'stopped'), ([('ceph-mon', 't')], 'stopped'),
    ([('ceph-osd', 'S'), ('ceph-mon) T (x', 'T')], 'absent'), ([('bash', 'T'), ('ceph-mon', 'R'), ('ceph-mgr', 'T')], 'running')])
def test_mon_process(there, processes, found):
    there(*processes)
    assert mon_program.mon_process() == found


@pytest.mark.parametrize('processes, found', [
    ([('ceph-mon', 'S')], 'absent'), ([('ceph-mon', 'T'), ('ceph-mon', 'S')], 'running'),
    ([('ceph-mon', 'S'), ('ceph-mon', 'T')], 'stopped')])
def test_mon_process_of_a_container(there, processes, found):
    """The first of them is in one, and seen from its host."""
    there(*processes, **{'1': 'pid:[4026532999]'})
    assert mon_program.mon_process() == found


@pytest.mark.parametrize('processes, found', [
    ([('ceph-mon', 'S')], 'unknown'), ([('ceph-mon', 'T')], 'unknown'), ([('ceph-osd', 'S')], 'absent'),
    ([('ceph-mon', 'S'), ('ceph-mon', 'T')], 'stopped')])
def test_mon_process_that_is_not_ours_to_know(there, processes, found):
    """Whose process the first of them is, only root is told."""
    there(*processes, **{'1': ''})
    assert mon_program.mon_process() == found


def test_a_process_whose_name_is_no_text(there, tmp_path):
    there(('ceph-mon', 'S'), ('caf', 'S'))
    path = tmp_path / 'proc' / '2' / 'stat'
    path.write_bytes(path.read_bytes().replace(b'caf', b'caf\xe9'))
    assert mon_program.mon_process() == 'running'


def test_namespace():
    assert mon_program.namespace('self') == mon_program.namespace(os.getpid())
    assert mon_program.namespace('self').startswith('pid:[')
    assert mon_program.namespace('nonesuch') == ''


def test_processes_of_this_host():
    assert mon_program.mon_process() in ('absent', 'stopped', 'running', 'unknown')


@pytest.mark.parametrize('path, share', [('/nonexistent', None), ('/proc', None), ('/', float)])
def test_free_share(monkeypatch, path, share):
    monkeypatch.setattr(mon_program, 'DATA', path)
    free = mon_program.free_share()
    assert free is None if share is None else 0 <= free <= 1
