# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json
import sys
import time

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_client
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.ceph_client import CephClient, CephProblem
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

STATUS = {'prefix': 'status', 'format': 'json'}
DETAIL = {'prefix': 'health', 'detail': 'detail', 'format': 'json'}
TREE = {'prefix': 'osd tree'}

# Enters no container: runs what comes behind "--" with the Python of the tests.
LXC_ATTACH = '''#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift 2
exec "%s" "$@"
''' % sys.executable

RADOS = '''
import json, time

class Error(Exception):
    def __init__(self, message, errno=None):
        Exception.__init__(self, message)
        self.errno = errno

class ObjectNotFound(Error): pass
class PermissionDeniedError(Error): pass
class TimedOut(Error): pass

class Rados(object):
    def __init__(self, conffile, name, conf):
        self.asked = [conffile, name, conf['client_mount_timeout']]
    def connect(self):
        %s
    def mon_command(self, command, inbuf):
        command = json.loads(command)
        %s
        return 0, json.dumps([self.asked, command]).encode(), ''
'''


@pytest.fixture
def container(executable, tmp_path, monkeypatch):
    """A container whose Python has this rados: container(connect=code, command=code); rados=False: it has none."""
    executable('lxc-attach', LXC_ATTACH)
    monkeypatch.setenv('PYTHONPATH', str(tmp_path))

    def make(connect='pass', command='pass', rados=True):
        text = RADOS % (connect, command) if rados else 'raise ImportError("no rados")'
        (tmp_path / 'rados.py').write_bytes(text.encode('utf-8'))
        return CephClient('mon', 10)
    return make


def problem_of(client, *commands):
    with pytest.raises(CephProblem) as problem:
        client.ask(list(commands))
    return problem.value


def answers_of(problem):
    return [json.loads(answer.out)[1]['prefix'] for answer in problem.answers]


def test_answers_in_order(container):
    answers = container().ask([STATUS, DETAIL, TREE])
    assert [answer.json()[1] for answer in answers] == [STATUS, DETAIL, TREE]
    assert [answer.rc for answer in answers] == [0, 0, 0]
    conf, name, timeout = answers[0].json()[0]
    assert (conf, name) == ('/etc/ceph/ceph.conf', 'client.admin')
    assert 0 < int(timeout) < 10


def test_refused_command_is_an_answer(container):
    refuses = container(command='if command["prefix"] == "osd tree": return -22, b"", "unknown command"')
    answers = refuses.ask([TREE, STATUS])
    assert [answer.rc for answer in answers] == [-22, 0]
    with pytest.raises(AioError) as error:
        answers[0].json()
    assert (error.value.where, error.value.why) == ('ceph osd tree', 'error -22: unknown command')


@pytest.mark.parametrize('connect, state, why', [
    ('raise ObjectNotFound("error calling conf_read_file", 2)', 'denied',
     'error calling conf_read_file as client.admin'),
    ('raise PermissionDeniedError("error connecting to the cluster", 13)', 'denied',
     'error connecting to the cluster as client.admin'),
    ('raise TimedOut("error connecting to the cluster", 110)', 'mon_unreachable', 'error connecting to the cluster'),
    ('raise RuntimeError("odd")', 'mon_unreachable', 'odd'),
])
def test_no_connection(container, connect, state, why):
    problem = problem_of(container(connect), STATUS)
    assert (problem.state, problem.why, problem.where) == (state, why, 'mon')
    assert problem.remedy


@pytest.mark.parametrize('hang', ['time.sleep(60)', 'import signal; signal.pause()'])
def test_alarm_ends_what_hangs(container, hang):
    client = container(command='if command["prefix"] == "osd tree": %s' % hang)
    client.timeout = 3
    start = time.time()
    problem = problem_of(client, STATUS, TREE, DETAIL)
    assert time.time() - start < client.timeout + ceph_client.GRACE
    assert problem.state == 'timed_out'
    assert '1 of 3 questions were answered within 3 s; the first that was not is "ceph osd tree"' in problem.why
    assert answers_of(problem) == ['status']


def test_connection_that_hangs(container):
    client = container(connect='time.sleep(60)')
    client.timeout = 0.5
    problem = problem_of(client, STATUS)
    assert (problem.state, problem.answers) == ('timed_out', [])


def test_alarm_that_does_not_come(container):
    """Past the deadline and the grace, lxc-attach and all below it are killed from outside."""
    client = container(command='import signal; signal.setitimer(signal.ITIMER_REAL, 0); time.sleep(60)')
    client.timeout = 0.3
    start = time.time()
    assert problem_of(client, STATUS).state == 'timed_out'
    assert client.timeout + ceph_client.GRACE <= time.time() - start < 5


def test_program_that_breaks_down_keeps_answers(container):
    client = container(command='if command["prefix"] == "osd tree": raise RuntimeError("broken")')
    problem = problem_of(client, STATUS, TREE)
    assert answers_of(problem) == ['status']
    assert 'RuntimeError: broken' in problem.why


def test_noise_is_no_answer(container):
    answers = container(connect='print("warning: old")').ask([STATUS])
    assert len(answers) == 1


def test_ceph_command_in_place_of_rados(container, executable, tmp_path):
    executable('ceph', '#!/bin/sh\necho "$@" >> %s\necho "{\\"said\\": \\"yes\\"}"\n' % (tmp_path / 'asked'))
    answers = container(rados=False).ask([STATUS, TREE, DETAIL])
    assert [answer.json() for answer in answers] == [{'said': 'yes'}] * 3
    asked = (tmp_path / 'asked').read_bytes().decode('ascii').splitlines()
    access = '--conf /etc/ceph/ceph.conf --name client.admin --connect-timeout 8 '
    assert asked == [access + 'status --format json', access + 'osd tree', access + 'health detail --format json']


def test_ceph_command_refuses(container, executable):
    executable('ceph', '#!/bin/sh\necho "Error EINVAL: no such command" >&2\nexit 22\n')
    (answer,) = container(rados=False).ask([STATUS])
    assert (answer.rc, answer.out, answer.err) == (-22, '', 'Error EINVAL: no such command\n')


@pytest.mark.parametrize('error, state', [
    ('[errno 13] RADOS permission denied (error connecting to the cluster)', 'denied'),
    ('[errno 2] RADOS object not found (error connecting to the cluster)', 'denied'),
    ('[errno 110] RADOS timed out (error connecting to the cluster)', 'mon_unreachable'),
    ('Error connecting to cluster: ObjectNotFound', 'denied'),
])
def test_ceph_command_has_no_connection(container, executable, error, state):
    executable('ceph', '#!/bin/sh\necho "%s" >&2\nexit 1\n' % error)
    assert problem_of(container(rados=False), STATUS, TREE).state == state


def test_ceph_command_that_hangs(container, executable):
    executable('ceph',
               '#!/bin/sh\ncase "$*" in *"osd tree"*) exec sleep 60;; esac\necho "[0, {\\"prefix\\": \\"status\\"}]"\n')
    client = container(rados=False)
    client.timeout = 3
    problem = problem_of(client, STATUS, TREE)
    assert problem.state == 'timed_out'
    assert answers_of(problem) == ['status']


def test_neither_rados_nor_ceph(container, executable):
    client = container(rados=False)
    executable('lxc-attach', LXC_ATTACH.replace('\n', '\nexport PATH=/nonexistent\n', 1))
    problem = problem_of(client, STATUS)
    assert 'neither python-rados nor the ceph command is there' in problem.why
    assert problem.state == 'mon_unreachable'


def attach(interpreter):
    path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    return ['lxc-attach', '--clear-env', '--name', 'mon', '--set-var', path, '--', interpreter, '-c',
            ceph_client.PROGRAM]


SAID = '{"rc": 0, "out": "{}", "err": ""}\n'


def test_commands_and_request(fake_run):
    fake_run.expect(attach('python3'), SAID)
    CephClient('mon', 15, conf='/other.conf', name='client.x').ask([STATUS])
    (call,) = fake_run.calls
    request = json.loads(call['options']['stdin'])
    assert (request['commands'], request['conf'], request['name']) == ([STATUS], '/other.conf', 'client.x')
    assert 14 < request['timeout'] <= 15
    assert call['timeout'] == request['timeout'] + ceph_client.GRACE


@pytest.mark.parametrize('rc', [127, 255])
def test_older_interpreter(fake_run, rc):
    fake_run.expect(attach('python3'), rc=rc, stderr='no such file')
    fake_run.expect(attach('python2'), SAID)
    assert len(CephClient('mon', 15).ask([STATUS])) == 1


def test_container_that_cannot_be_entered(fake_run):
    for interpreter in ceph_client.INTERPRETERS:
        fake_run.expect(attach(interpreter), rc=255, stderr='Failed to get init pid')
    problem = problem_of(CephClient('mon', 15), STATUS)
    assert (problem.state, problem.why) == ('mon_unreachable', 'Failed to get init pid')
    assert problem.remedy == 'try lxc-attach -n mon on the lab host'


def test_attach_that_was_ended_by_the_alarm(fake_run):
    """lxc-attach tells of the alarm inside as 128 + 14."""
    fake_run.expect(attach('python3'), SAID, rc=142)
    problem = problem_of(CephClient('mon', 15), STATUS, TREE)
    assert problem.state == 'timed_out'
    assert len(problem.answers) == 1
