# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import sys

import pytest
from ansible.module_utils.common.text.converters import to_text
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_session, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.ceph_session import Answer, CephProblem, Session
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.places import Place

STATUS = {'prefix': 'status', 'format': 'json'}
TREE = {'prefix': 'osd tree', 'format': 'json'}
DF = {'prefix': 'df', 'format': 'json'}
SETTING = {'daemon': {'prefix': 'config get', 'var': 'ms_type'}}
KEY = 'AQ' + 'B3' * 18 + '=='  # made up
HANG = 'if command["prefix"] == "osd tree": time.sleep(60)'

# Enters no container: runs here what comes behind "--".
LXC_ATTACH = '''#!/bin/sh
while [ "$1" != -- ]; do printf '%%s|' "$1" >> %s; shift; done
shift
exec "$@"
'''


@pytest.fixture
def session(ceph):
    """A session with the real program: session(place, timeout=seconds, **access); it is closed afterwards."""
    opened = []

    def make(place=None, timeout=10, **access):
        access = dict({'conf': ceph.access['conf'], 'name': 'client.admin', 'keyring': None}, **access)
        opened.append(Session(place or Place(), access, timeout))
        return opened[-1]
    ceph.says(STATUS, '{"fsid": "x"}')
    yield make
    for one in opened:
        one.close()


def problem_of(call, *arguments, **options):
    with pytest.raises(CephProblem) as problem:
        call(*arguments, **options)
    return problem.value


def test_rounds_over_one_connection(ceph, session):
    one = session()
    (answer,) = one.ask([STATUS], 10)
    assert (answer.rc, answer.out, answer.err, answer.by, answer.json()) == (0, '{"fsid": "x"}', '', '', {'fsid': 'x'})
    assert [answer.rc for answer in one.ask([TREE, STATUS], 10)] == [-errno.EINVAL, 0]
    assert ceph.asked == [STATUS, TREE, STATUS]
    (connection,) = ceph.connections
    assert (connection['conf'], connection['name']) == (ceph.access['conf'], 'client.admin')


def test_close_ends_the_program(ceph, session, gone):
    one = session()
    assert one.close() == (0, '')
    assert gone(ceph.connections[0]['pid'])
    assert one.close() == (None, '')


def test_who_asks(ceph, session):
    session(name='client.dev', keyring='/dev.keyring')
    assert ceph.connections[0]['name'] == 'client.dev'
    assert ceph.connections[0]['settings']['keyring'] == '/dev.keyring'


def test_answer_that_is_not_utf8(ceph, session):
    ceph.does(command=r'return 0, b"\xff{}", ""')
    assert session().ask([STATUS], 10)[0].out == u'\ufffd{}'


@pytest.mark.parametrize('keyring, why, remedy', [
    (None, 'error connecting to the cluster', 'check the keyring in /etc/ceph there'),
    ('/dev/null', 'error connecting to the cluster', 'check the keyring /dev/null there'),
    ('/dev.keyring', 'there is no /dev.keyring', 'check the keyring /dev.keyring there')])
@pytest.mark.parametrize('number', [errno.EACCES, errno.EPERM, errno.ENOENT])
def test_not_let_in(ceph, session, gone, number, keyring, why, remedy):
    ceph.does(connect='raise Error("error connecting to the cluster", %d)' % number)
    problem = problem_of(session, keyring=keyring)
    assert (problem.state, problem.what, problem.where) == ('denied', 'the cluster does not let us in', 'the host itself')
    assert (problem.why, problem.remedy) == (why + ', as client.admin', remedy)
    assert gone(ceph.connections[0]['pid'])


@pytest.mark.parametrize('connect, why', [
    ('raise Error("error connecting to the cluster", 110)', 'error connecting to the cluster'),
    ('raise RuntimeError("odd")', 'odd'),
    ('raise Error("the key is %s", 5)' % KEY, 'the key is <key>'),
])
def test_no_mon(ceph, session, connect, why):
    ceph.does(connect=connect)
    problem = problem_of(session)
    assert (problem.state, problem.what) == ('mon_unreachable', 'no mon can be reached')
    assert problem.why.split(';')[0] == why


def test_connection_that_hangs(ceph, session, gone):
    ceph.does(connect='time.sleep(60)')
    start = process.now()
    problem = problem_of(session, timeout=2.5)
    assert process.now() - start < 2.5 + ceph_session.GRACE
    assert (problem.state, problem.why[:22]) == ('mon_unreachable', 'no mon answered within')
    assert gone(ceph.connections[0]['pid'])


@pytest.mark.parametrize('name, state, why', [
    ('PermissionError', 'denied', 'no, as client.admin'), ('PermissionDeniedError', 'denied', 'no, as client.admin'),
    ('ObjectNotFound', 'denied', 'no, as client.admin'), ('TimedOut', 'mon_unreachable', 'no'), ('Odd', 'mon_unreachable', 'no')])
def test_not_let_in_by_the_binding_of_old_releases(ceph, session, name, state, why):
    """Its errors have a name, but no number."""
    ceph.does(connect='raise type("%s", (Exception,), {})("no")' % name)
    problem = problem_of(session)
    assert (problem.state, problem.why.split(';')[0]) == (state, why)


@pytest.mark.parametrize('content, why', [(None, 'there is no %s'), (b'[global]\n', '%s names no mon')])
def test_conf_without_a_mon(ceph, session, tmp_path, content, why):
    path = tmp_path / 'other.conf'
    if content is not None:
        path.write_bytes(content)
    problem = problem_of(session, conf=str(path))
    assert (problem.state, problem.what, problem.where) == ('mon_unreachable', 'no mon can be reached', 'the host itself')
    assert (problem.why, problem.remedy) == (why % path, 'correct %s there, or name another with conf' % path)


def test_conf_that_librados_does_not_understand(ceph, session):
    ceph.does(read='raise Error("odd line 3", 22)')
    problem = problem_of(session)
    assert (problem.state, problem.what) == ('mon_unreachable', 'no mon can be reached')
    assert problem.why == '%s cannot be read: odd line 3' % ceph.access['conf']
    assert problem.remedy == 'correct %s there, or name another with conf' % ceph.access['conf']


def test_question_that_hangs(ceph, session, gone):
    """What was answered before it is kept, and nothing of the program is left."""
    ceph.does(command=HANG)
    one = session()
    start = process.now()
    problem = problem_of(one.ask, [STATUS, TREE, DF], 0.6)
    assert 0.6 <= process.now() - start < 0.6 + ceph_session.GRACE
    assert (problem.state, problem.what, problem.where) == ('timed_out', 'Ceph did not answer in time', 'the host itself')
    assert problem.why == '1 of 3 questions were answered within 0.6 s; the first that was not is "ceph osd tree"'
    assert problem.remedy == 'check that this host reaches the mons that its ceph.conf names; or allow more time'
    assert [answer.out for answer in problem.answers] == ['{"fsid": "x"}']
    assert gone(ceph.connections[0]['pid'])
    assert one.close() == (None, '')


def test_program_that_does_not_read(session, executable, must_end):
    """What it is told is more than a pipe takes."""
    executable('python3', interpreter('''read line; echo '{"librados": true, "bytes": 0}'; exec sleep 60'''))
    problem = problem_of(session().ask, [{'prefix': 'x' * 200000}], 0.3)
    assert (problem.state, problem.answers) == ('timed_out', [])
    assert problem.why.startswith('0 of 1 questions were answered within 0.3 s')


def test_program_that_breaks_down(ceph, session):
    ceph.does(command='if command["prefix"] == "osd tree": raise RuntimeError("broken, with %s")' % KEY)
    problem = problem_of(session().ask, [STATUS, TREE], 10)
    assert (problem.state, problem.what) == ('mon_unreachable', 'the connection to Ceph broke')
    assert problem.why == (
        '1 of 2 questions were answered; the first that was not is "ceph osd tree"; RuntimeError: broken, with <key>')
    assert len(problem.answers) == 1


def test_program_that_has_ended_meanwhile(ceph, session, gone):
    """Writing to it fails: that is told as any other end."""
    one = session()
    one._dialogue._process.kill()
    assert gone(ceph.connections[0]['pid'])
    problem = problem_of(one.ask, [STATUS], 10)
    assert (problem.state, problem.answers) == ('mon_unreachable', [])
    assert '0 of 1 questions were answered' in problem.why


def interpreter(script):
    return '#!/bin/sh\n%s\n' % script


@pytest.fixture
def order(tmp_path):
    """The interpreters that were started, in order, with what the script has in its first line."""
    path = tmp_path / 'order'
    return 'echo $(basename $0) >> %s' % path, lambda: path.read_bytes().decode('ascii').split() if path.exists() else []


def test_interpreters(ceph, session, executable, order):
    """The first that has librados."""
    note, started = order
    executable('python3', interpreter('%s\nPYTHONPATH=/nonexistent exec %s -S "$@"' % (note, sys.executable)))
    executable('python2.7', interpreter('%s\nexec %s "$@"' % (note, sys.executable)))
    executable('python', interpreter('%s\nexit 1' % note))
    assert session().ask([STATUS], 10)[0].rc == 0
    assert started() == ['python3', 'python2.7']
    assert len(ceph.connections) == 1


def test_ceph_command_where_no_python_has_librados(ceph, session, executable, order):
    note, started = order
    for name in ('python3', 'python2.7', 'python'):
        executable(name, interpreter('%s\nexec %s "$@"' % (note, sys.executable)))
    ceph.has_no_librados()
    executable('ceph', '#!/bin/sh\necho "[$#]"\n')
    assert [answer.json() for answer in session().ask([STATUS, TREE], 10)] == [[7], [8]]
    assert started() == ['python3', 'python2.7', 'python', 'python3']


def test_ceph_command_that_loses_the_cluster(ceph, session, executable):
    """What was answered before that is kept."""
    executable('python2.7', interpreter('exit 127'))
    executable('python', interpreter('exit 127'))
    ceph.has_no_librados()
    executable('ceph', '#!/bin/sh\ncase "$*" in *tree*) echo "[errno 110] RADOS timed out (error connecting to the cluster)" >&2\n'
                       'exit 1;; esac\necho "{}"\n')
    problem = problem_of(session().ask, [STATUS, TREE, DF], 10)
    assert (problem.state, problem.what) == ('mon_unreachable', 'no mon can be reached')
    assert [answer.out for answer in problem.answers] == ['{}\n']


def test_neither_librados_nor_ceph(ceph, session, monkeypatch):
    ceph.has_no_librados()
    source = ceph_session.inspect.getsource(ceph_session.mon_program).replace("['ceph', '--conf'", "['/nonexistent/ceph', '--conf'")
    monkeypatch.setattr(ceph_session.inspect, 'getsource', lambda module: source)
    monkeypatch.setattr(ceph_session, 'INTERPRETERS', ('python3',))
    problem = problem_of(session)
    assert (problem.state, problem.what, problem.where) == ('mon_unreachable', 'Ceph cannot be asked', 'the host itself')
    assert problem.why == 'the ceph command cannot be started: No such file or directory'
    assert problem.remedy == 'install python3-rados or ceph-common there'


@pytest.mark.parametrize('script, state, why', [
    ('exec sleep 60', 'mon_unreachable', 'no mon answered within'),
    ('echo "Error EACCES: access denied" >&2; exit 13', 'denied', 'Error EACCES: access denied, as client.admin')])
def test_ceph_command_that_gets_no_answer(ceph, session, executable, monkeypatch, script, state, why):
    ceph.has_no_librados()
    monkeypatch.setattr(ceph_session, 'INTERPRETERS', ('python3',))
    executable('ceph', interpreter(script))
    problem = problem_of(session, timeout=2.5)
    assert problem.state == state
    assert problem.why.startswith(why)


@pytest.mark.parametrize('there', [True, False])
def test_no_interpreter_on_the_host(session, monkeypatch, executable, there):
    monkeypatch.setattr(ceph_session, 'INTERPRETERS', ('nonesuch-1', 'nonesuch-2'))
    if there:
        executable('nonesuch-2', interpreter('exec %s "$@"' % sys.executable))
        assert session().ask([STATUS], 10)[0].rc == 0
    else:
        problem = problem_of(session)
        assert (problem.state, problem.why) == ('mon_unreachable', 'none of nonesuch-1, nonesuch-2 is there')
        assert problem.remedy == 'install python3 and python3-rados there'


def test_container(ceph, session, executable, tmp_path):
    executable('lxc-attach', LXC_ATTACH % (tmp_path / 'attached'))
    assert session(Place('mon')).ask([STATUS], 10)[0].json() == {'fsid': 'x'}
    assert (tmp_path / 'attached').read_bytes().decode('ascii') == (
        '--clear-env|--name|mon|--set-var|PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin|')


# As lxc-attach 5.0.2 ends and says it.
NO_PROGRAM = 'lxc-attach: mon: ../src/lxc/attach.c: lxc_attach_run_command: 1841 No such file or directory - Failed to exec "python3"'
NOT_RUNNING = ('lxc-attach: mon: ../src/lxc/attach.c: get_attach_context: 406 Connection refused - Failed to get init pid\n'
               'lxc-attach: mon: ../src/lxc/attach.c: lxc_attach: 1470 Connection refused - Failed to get attach context')


def lxc_attach(text, code, order):
    return '#!/bin/sh\nfor word; do case "$word" in python*) echo $word >> %s;; esac; done\ncat >&2 <<END\n%s\nEND\nexit %d\n' % (
        order, text, code)


@pytest.mark.parametrize('code', [127, 255])
def test_no_interpreter_in_the_container(session, executable, tmp_path, code):
    executable('lxc-attach', lxc_attach(NO_PROGRAM, code, tmp_path / 'order'))
    problem = problem_of(session, Place('mon'))
    assert (problem.state, problem.what, problem.where) == ('mon_unreachable', 'there is no Python to ask with', 'mon')
    assert problem.why == 'none of python3, python2.7, python is there'
    assert (tmp_path / 'order').read_bytes().split() == [b'python3', b'python2.7', b'python']


@pytest.mark.parametrize('text, code, why', [
    (NOT_RUNNING, 1, NOT_RUNNING.splitlines()[1]), (NOT_RUNNING, 255, NOT_RUNNING.splitlines()[1]),
    ('', 1, 'it ended with 1'), ('no, ' + KEY, 1, 'no, <key>'), ('x' * 1000, 1, 'x' * 300)])
def test_container_that_cannot_be_entered(session, executable, tmp_path, text, code, why):
    executable('lxc-attach', lxc_attach(text, code, tmp_path / 'order'))
    problem = problem_of(session, Place('mon'))
    assert (problem.state, problem.what, problem.where) == ('mon_unreachable', 'the mon container cannot be entered', 'mon')
    assert problem.why == why
    assert problem.remedy == "on the lab host: lxc-attach -n mon -- systemctl status 'ceph-mon@*'"
    assert (tmp_path / 'order').read_bytes().split() == [b'python3']


def test_container_that_hangs(session, executable, tmp_path, gone):
    executable('lxc-attach', '#!/bin/sh\necho $$ > %s\nexec sleep 60\n' % (tmp_path / 'pid'))
    start = process.now()
    problem = problem_of(session, Place('mon'), timeout=0.5)
    assert 0.5 <= process.now() - start < 3
    assert (problem.state, problem.why[:26]) == ('timed_out', 'nothing came back within 0')
    assert gone(int((tmp_path / 'pid').read_bytes()))


def test_program_that_cannot_run(session, executable):
    executable('python3', interpreter('echo "SyntaxError: too old" >&2; exit 1'))
    problem = problem_of(session)
    assert (problem.state, problem.what, problem.why) == ('mon_unreachable', 'Ceph cannot be asked', 'SyntaxError: too old')


def test_first_line_that_is_none_of_ours(session, executable):
    executable('python3', interpreter('read line; echo "Welcome!"; read line'))
    assert problem_of(session).why == 'it ended with 1'


SAID = '''read line
echo '{"problem": "timed out", "errno": 110, "about": "", "mon": "%s", "free": %s, "bytes": 0}'
'''


@pytest.mark.parametrize('mon, free, why, remedy', [
    ('running', '0.5', 'timed out', "on the lab host: lxc-attach -n mon -- systemctl status 'ceph-mon@*'"),
    ('running', 'null', 'timed out', "on the lab host: lxc-attach -n mon -- systemctl status 'ceph-mon@*'"),
    ('unknown', 'null', 'timed out', "on the lab host: lxc-attach -n mon -- systemctl status 'ceph-mon@*'"),
    ('absent', '0.5', 'timed out; no ceph-mon runs there', "on the lab host: lxc-attach -n mon -- systemctl status 'ceph-mon@*'"),
    ('stopped', '0.5', 'timed out; the ceph-mon there is stopped by a signal',
     'let it go on: lxc-attach -n mon -- pkill -CONT -x ceph-mon'),
    ('absent', '0.0123', 'timed out; no ceph-mon runs there; the file system of /var/lib/ceph/mon has 1.2 % free, a mon ends '
     'itself below 5 %', 'make room there and start the mon: lxc-attach -n mon -- systemctl start ceph-mon.target'),
])
def test_diagnosis(session, executable, tmp_path, mon, free, why, remedy):
    executable('lxc-attach', LXC_ATTACH % (tmp_path / 'attached'))
    executable('python3', interpreter(SAID % (mon, free)))
    problem = problem_of(session, Place('mon'))
    assert (problem.state, problem.where, problem.why, problem.remedy) == ('mon_unreachable', 'mon', why, remedy)


@pytest.mark.parametrize('command, text', [
    (STATUS, 'ceph status'), ({'prefix': 'health', 'detail': 'detail', 'format': 'json'}, 'ceph health detail'),
    ({'argv': ['osd', 'df']}, 'ceph osd df'), (SETTING, 'ceph daemon mon.* config get ms_type'),
    ({'prefix': 'config show', 'who': 'osd.0', 'key': 'ms_type'}, 'ceph config show osd.0 ms_type'),
    ({'prefix': 'auth caps', 'caps': ['mon', 'allow r'], 'entity': 'client.a'}, 'ceph auth caps client.a mon allow r'),
    ({'prefix': 'osd out', 'ids': [1, 2]}, 'ceph osd out 1 2'),
    ({'argv': ['osd', u'gr\xfcn']}, u'ceph osd gr\xfcn'), ({'prefix': 'osd find', 'name': u'gr\xfcn'}, u'ceph osd find gr\xfcn'),
])
def test_question(command, text):
    assert to_text(Answer(command, 0, '', '').question) == text


def test_question_to_a_mon_by_its_name():
    assert Answer(SETTING, 0, '', '', 'mon.a').question == 'ceph daemon mon.a config get ms_type'


def test_answer_that_denies():
    problem = problem_of(Answer(STATUS, -errno.EACCES, '', 'access denied\n').json)
    assert (problem.state, problem.where, problem.why) == ('denied', 'ceph status', 'error -13: access denied')


@pytest.mark.parametrize('command, number', [
    (STATUS, errno.EINVAL), (STATUS, errno.EPERM), (STATUS, errno.ENOENT), (SETTING, errno.EPERM), (SETTING, errno.EIO)])
def test_answer_that_refuses(command, number):
    with pytest.raises(AioError) as error:
        Answer(command, -number, '', 'no such thing, %s' % KEY).check()
    assert not isinstance(error.value, CephProblem)
    assert (error.value.what, error.value.where) == ('Ceph refused the command', Answer(command, 0, '', '').question)
    assert error.value.why == 'error -%d: no such thing, <key>' % number


def test_no_mon_to_ask_what_it_goes_by():
    with pytest.raises(AioError) as error:
        Answer(SETTING, -errno.ENOENT, '', 'no mon has an admin socket there').json()
    assert not isinstance(error.value, CephProblem)
    assert (error.value.what, error.value.where) == ('no mon can be asked what it goes by', 'ceph daemon mon.* config get ms_type')
    assert error.value.why == 'no mon has an admin socket there'
    assert error.value.remedy == 'ask where a mon is, or name a daemon with config_of'


def test_answer_that_is_no_json():
    with pytest.raises(AioError) as error:
        Answer(STATUS, 0, 'one %s\ntwo\nthree\nfour' % KEY, '').json()
    assert error.value.what == "Ceph's answer is no JSON"
    assert error.value.why.endswith('it begins: one <key> | two | three')
