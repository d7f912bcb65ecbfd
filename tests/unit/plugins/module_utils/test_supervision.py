# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import fcntl
import json
import os
import shutil
import signal
import stat
import subprocess
import sys

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import process, supervision, supervisor
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import State


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A job that no systemd is asked for."""
    monkeypatch.setattr(supervision, 'SYSTEMD', str(tmp_path / 'none'))
    job = supervision.Job(State(str(tmp_path / 'state')))
    yield job
    if job.is_running():
        with job.alone():
            job.end()


@pytest.fixture
def start(job, tmp_path):
    """Start a shell script as a step: start(script, deadline)."""
    def run(script, deadline=30.0, environment=None, **changes):
        job_is = dict({'step': 'setup', 'argv': ['sh', '-c', script], 'chdir': str(tmp_path), 'log': str(tmp_path / 'log')}, **changes)
        with job.alone():
            return job.start(environment=process.plain_environment(environment), deadline=deadline, inputs='x', **job_is)
    return run


def record(job):
    return State(os.path.dirname(job.folder)).steps()['setup']


def supervisor_of(job):
    child = supervisor.read(os.path.join(job.folder, 'child.json'))['pid']
    return supervisor.processes()[child][0]


@pytest.fixture
def nameless(tmp_path):
    """A process whose name is no text: its pid."""
    program = os.path.join(str(tmp_path).encode('ascii'), b'caf\xe9')
    shutil.copy(b'/bin/sleep', program)
    process_of_it = subprocess.Popen([program, b'60'])
    yield process_of_it.pid
    process_of_it.kill()
    process_of_it.wait()


def test_to_its_end(job, start, tmp_path):
    started = start('echo out; echo err >&2; exit 3')
    assert job.wait(10)
    assert job.load()['id'] == started['id']
    assert (job.result()['rc'], job.result()['timed_out']) == (3, False)
    assert (tmp_path / 'log').read_bytes() == b'out\nerr\n'
    assert job.settle()['rc'] == 3
    assert (record(job)['rc'], record(job)['finished'][:2]) == (3, '20')
    assert (job.load(), job.settle()) == (None, None)


def test_nothing_is_there(job):
    assert (job.is_running(), job.load(), job.settle(), job.seconds(), job.wait(0)) == (False, None, None, 0.0, True)
    assert not os.path.exists(job.folder)


def test_success_tells_what_is_usual(job, start):
    start('for n in 1 2 3; do echo "TASK [$n] ***"; done')
    job.wait(10)
    assert job.settle()['usual'] == {'tasks': 3, 'seconds': record(job)['seconds']}
    start('echo "TASK [1] ***"; exit 1')
    job.wait(10)
    assert job.settle()['usual']['tasks'] == 3


def test_it_outlives_who_started_it(job, start, tmp_path):
    """Another session, and nothing of ours is kept open."""
    start('sleep 30')
    pid = supervisor_of(job)
    assert supervisor.processes()[pid][1] != os.getsid(0)
    kept = [os.readlink('/proc/%d/fd/%s' % (pid, name)) for name in os.listdir('/proc/%d/fd' % pid)]
    assert not [path for path in kept if path.startswith(('pipe:', 'socket:'))]


def test_environment_is_used_and_not_kept(job, start, tmp_path):
    start(u'echo "$NAME" > name', environment={'NAME': u'gr\xf6\xdfe, hush'})
    job.wait(10)
    assert (tmp_path / 'name').read_bytes() == u'gr\xf6\xdfe, hush\n'.encode('utf-8')
    for name in os.listdir(job.folder):
        with open(os.path.join(job.folder, name), 'rb') as stream:
            assert b'hush' not in stream.read()
        assert stat.S_IMODE(os.stat(os.path.join(job.folder, name)).st_mode) & 0o077 == 0 or name in ('supervisor.py', 'supervisor.log')
    assert stat.S_IMODE(os.stat(job.folder).st_mode) == 0o700


def test_deadline_ends_all_that_it_started(job, start, tmp_path, gone, written):
    """Also what is in a session of its own, as Ansible's workers are, and what is stopped."""
    start('setsid sh -c "sleep 30 & echo \\$! > one; wait" & sleep 30 & echo $! > two; kill -STOP $!; wait', deadline=0.5)
    pids = [int(written(tmp_path / name)) for name in ('one', 'two')]
    assert job.wait(10)
    assert (job.result()['rc'], job.result()['timed_out']) == (None, True)
    assert all(gone(pid) for pid in pids)


def test_daemons_stay(job, start, tmp_path, written):
    """A container's monitor is no part of the step."""
    start('(setsid sh -c "echo \\$\\$ > daemon; exec sleep 30" &) ; until [ -s daemon ]; do sleep 0.01; done; sleep 30', deadline=0.7)
    pid = int(written(tmp_path / 'daemon'))
    assert job.wait(10)
    assert pid in supervisor.processes()
    os.kill(pid, signal.SIGKILL)


def test_killed_supervisor_takes_the_program_with_it(job, start, tmp_path, gone, written):
    start('sleep 30 & echo $! > pid; wait')
    child = int(written(tmp_path / 'pid'))
    os.kill(supervisor_of(job), signal.SIGKILL)
    assert job.wait(5)
    assert job.result() is None
    record_then = job.settle()
    assert (record_then['rc'], record_then['finished']) == (None, '')
    assert gone(child)


def test_the_number_of_an_orphan_may_be_somebody_elses(job, start):
    """After a reboot, or where it was given again."""
    start('sleep 30')
    path = os.path.join(job.folder, 'child.json')
    child = supervisor.read(path)
    os.kill(supervisor_of(job), signal.SIGKILL)
    job.wait(5)
    other = subprocess.Popen(['sleep', '30'], preexec_fn=os.setsid)
    for changes in ({'boot': 'another'}, {'started': '1'}):
        supervisor.write(path, dict(child, pid=other.pid, **changes))
        supervisor.write(os.path.join(job.folder, 'job.json'), {'id': 'x', 'step': 'setup', 'unit': ''})
        job.settle()
        assert other.poll() is None
    other.kill()
    other.wait()


def test_end(job, start, tmp_path, gone, written):
    start('sleep 30 & echo $! > pid; wait')
    child = int(written(tmp_path / 'pid'))
    with job.alone():
        assert job.end()['rc'] == -signal.SIGKILL
    assert gone(child)
    assert not job.is_running()
    with job.alone():
        assert job.end() is None


def test_one_begins_at_a_time(job):
    with job.alone():
        with pytest.raises(AioError) as caught:
            with supervision.Job(job._state).alone():
                pass
    assert caught.value.what == 'another run begins a step at this moment'
    with job.alone():
        pass


@pytest.mark.parametrize('changes, why', [
    ({'argv': ['/nonexistent/program']}, 'No such file'),
    ({'chdir': '/nonexistent'}, 'No such file'),
])
def test_cannot_be_started(job, start, changes, why):
    with pytest.raises(AioError) as caught:
        start('true', **changes)
    assert caught.value.what == 'step setup could not be started'
    assert why in caught.value.why
    assert job.load() is None


def test_a_supervisor_that_breaks_is_heard(job, start, monkeypatch):
    monkeypatch.setattr(supervision, 'START', 1.0)
    monkeypatch.setattr(supervision.inspect, 'getsource', lambda module: 'raise SystemExit("no such thing")')
    with pytest.raises(AioError) as caught:
        start('true')
    assert caught.value.why == 'its supervisor did not start it within 1 s: no such thing'


def test_a_supervisor_that_comes_late_finds_nothing_to_do(job, start, tmp_path):
    """The module was killed after it had asked for one, and the next has recorded that."""
    start('echo run >> runs')
    job.wait(10)
    job.settle()
    program = str(tmp_path / 'late.py')
    with open(supervisor.__file__.replace('.pyc', '.py')) as source, open(program, 'w') as stream:
        stream.write(source.read())
    assert subprocess.call([sys.executable, program, job.folder]) == 0
    assert (tmp_path / 'runs').read_bytes() == b'run\n'


def test_a_second_supervisor_waits_and_runs_nothing(job, start, tmp_path):
    start('echo run >> runs; sleep 0.5')
    second = subprocess.Popen([sys.executable, os.path.join(job.folder, 'supervisor.py'), job.folder])
    assert second.wait() == 0
    assert (tmp_path / 'runs').read_bytes() == b'run\n'
    assert job.result()['rc'] == 0


def test_nothing_is_recorded_while_it_runs(job, start, monkeypatch):
    monkeypatch.setattr(supervision, 'MOMENT', 0.2)
    start('sleep 30')
    assert job.settle() is None
    assert job.load()['step'] == 'setup'


def test_looking_does_not_keep_it_from_starting(job, start, tmp_path):
    os.makedirs(job.folder)
    handle = supervision.try_lock(os.path.join(job.folder, 'lock'), fcntl.LOCK_SH)
    program = subprocess.Popen([sys.executable, '-c', 'import sys, os, time; time.sleep(0.3)'])
    os.close(handle)
    start('true')
    assert job.wait(10) and job.result()['rc'] == 0
    program.wait()


def test_a_transient_unit_where_systemd_is_there(job, start, tmp_path, monkeypatch, executable):
    """With a systemd-run that writes down what it was given and runs it."""
    (tmp_path / 'systemd').mkdir()
    monkeypatch.setattr(supervision, 'SYSTEMD', str(tmp_path / 'systemd'))
    executable('systemd-run', '#!/bin/sh\nprintf "%%s\\n" "$@" > %s\nwhile [ "${1#--}" != "$1" ]; do shift; done\nsetsid "$@" > /dev/null 2>&1 &\n'
               % (tmp_path / 'asked'))
    executable('systemctl', '#!/bin/sh\necho "$@" > %s\n' % (tmp_path / 'said'))
    started = start('sleep 30')
    asked = (tmp_path / 'asked').read_bytes().decode('utf-8').splitlines()
    assert asked == ['--quiet', '--unit=osa-ceph-aio-setup-%s' % started['id'], '--description=OpenStack-Ansible, step setup',
                     '--property=KillMode=process', '--property=TasksMax=infinity', sys.executable,
                     os.path.join(job.folder, 'supervisor.py'), job.folder]
    os.kill(supervisor_of(job), signal.SIGKILL)
    assert job.wait(5)
    job.settle()
    assert (tmp_path / 'said').read_bytes().decode('utf-8').split() == ['reset-failed', started['unit'] + '.service']


def test_systemd_that_refuses(job, start, tmp_path, monkeypatch, executable):
    (tmp_path / 'systemd').mkdir()
    monkeypatch.setattr(supervision, 'SYSTEMD', str(tmp_path / 'systemd'))
    executable('systemd-run', '#!/bin/sh\necho Failed to connect to bus >&2\nexit 1\n')
    executable('systemctl', '#!/bin/sh\n')
    with pytest.raises(AioError) as caught:
        start('true')
    assert caught.value.why == 'systemd-run ended with 1: Failed to connect to bus'
    assert job.load() is None


def test_files_are_whole_or_not_there(tmp_path):
    path = str(tmp_path / 'a.json')
    assert supervisor.read(path) is None
    supervisor.write(path, {'a': 1})
    assert supervisor.read(path) == {'a': 1}
    with open(path, 'w') as stream:
        stream.write(json.dumps({'a': 1})[:-1])
    assert supervisor.read(path) is None


def test_a_process_whose_name_is_no_text(job, start, nameless):
    assert supervisor.processes()[nameless][0] == os.getpid()
    start('sleep 30', deadline=0.3)
    assert job.wait(10)
    assert job.result()['timed_out']
