# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One long step at a time on a lab host, under a supervisor of its own: start it, find it again, wait for it, end it."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import contextlib
import errno
import fcntl
import inspect
import os
import sys
import time
import uuid

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ansible_log, process, supervisor
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import make_private_dir, make_state_dir

SYSTEMD = '/run/systemd/system'  # is there where systemd is PID 1
START = 20.0  # seconds that a supervisor has to start the program
ASK = 20.0  # seconds for one call to systemd
MOMENT = 1.0  # seconds that who only looks may keep the lock
LOOK = 0.05  # seconds between looks at one that runs
UNKNOWN = {'tasks': None, 'seconds': None}
WORDS = 2000  # characters of what a supervisor said, in an error


def try_lock(path, kind):
    """The lock as an open file, or None where somebody else has it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
        return handle
    except (IOError, OSError) as error:
        os.close(handle)
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        return None


class Job(object):
    """The supervised step of a lab host, in the folder supervised of the state folder; there is one at most.

    :param state: the State in which a step that has ended is recorded.
    """

    def __init__(self, state):
        self._state = state
        self.folder = os.path.join(state.directory, 'supervised')

    def _path(self, name):
        return os.path.join(self.folder, name)

    def load(self):
        """What was started last and is not yet recorded as ended: id, step, argv, log, started, ...; None where there is none."""
        return supervisor.read(self._path(supervisor.JOB))

    def progress(self, cursor=None):
        """How far it is: the cursor of before with id, seconds, what is usual, and all of ansible_log.Progress; None where none runs."""
        job = self.load()
        if job is None or not self.is_running():
            return None
        progress = ansible_log.Progress(cursor)
        progress.read(job['log'])
        usual = self._state.steps().get(job['step'], {}).get('usual', UNKNOWN)
        return dict({'expected': usual}, **dict(cursor or {}, id=job['id'], step=job['step'], seconds=self.seconds(), **progress.as_dict()))

    def is_running(self):
        """Whether its supervisor lives."""
        if not os.path.isdir(self.folder):
            return False
        handle = try_lock(self._path(supervisor.LOCK), fcntl.LOCK_SH)
        if handle is None:
            return True
        os.close(handle)
        return False

    def result(self):
        """rc, timed_out, error, seconds and finished of one that has ended by itself; None where it was killed."""
        return supervisor.read(self._path(supervisor.RESULT))

    def seconds(self):
        """How long it has run; 0 where that is not known."""
        try:
            return round(time.time() - os.stat(self._path(supervisor.CHILD)).st_mtime, 1)
        except OSError:
            return 0.0

    def wait(self, seconds):
        """Wait until it has ended, so long at most. Whether it has."""
        deadline = process.now() + seconds
        while self.is_running():
            if process.now() >= deadline:
                return False
            time.sleep(LOOK)
        return True

    @contextlib.contextmanager
    def alone(self):
        """While one module looks whether a step runs and starts one, no other does.

        :raises AioError: another does.
        """
        make_state_dir(self._state.directory)
        make_private_dir(self.folder)
        handle = try_lock(self._path('begin.lock'), fcntl.LOCK_EX)
        if handle is None:
            raise AioError('another run begins a step at this moment', self.folder, 'it holds begin.lock', 'wait until it has ended and run again')
        try:
            yield
        finally:
            os.close(handle)

    def start(self, step, argv, chdir, environment, deadline, log, inputs):
        """Start a program as this step. Only within alone(), where none is running, and what ran before is settled.

        :param environment: all of it, text by name.
        :raises AioError: it could not be started.
        """
        job = {'id': uuid.uuid4().hex[:16], 'step': step, 'argv': argv, 'chdir': chdir, 'deadline': deadline, 'log': log,
               'inputs': inputs, 'started': supervisor.now()}
        supervisor.write(self._path(supervisor.ENVIRONMENT), environment)
        program = self._path('supervisor.py')
        with open(program, 'wb') as stream:
            stream.write(inspect.getsource(supervisor).encode('utf-8'))
        job['unit'] = 'osa-ceph-aio-%s-%s' % (step, job['id']) if os.path.isdir(SYSTEMD) else ''
        supervisor.write(self._path(supervisor.JOB), job)
        try:
            self._launch(job, [sys.executable, program, self.folder])
        except AioError:
            self.wait(ASK)  # it has said what went wrong, and ends
            self.settle()
            raise
        return job

    def _launch(self, job, argv):
        with open(self._path('supervisor.log'), 'wb') as said:
            if job['unit']:
                self._start_unit(job, argv, said)
            else:
                process.start(argv, said)
        self._await_start(job)

    def _start_unit(self, job, argv, said):
        """As a transient unit of systemd's, out of the ssh session's reach.

        What the step leaves running, such as the monitor of a container, is in the unit's group: only the supervisor is
        killed with it.
        """
        found = process.run(
            ['systemd-run', '--quiet', '--unit=' + job['unit'], '--description=OpenStack-Ansible, step %s' % job['step'],
             '--property=KillMode=process', '--property=TasksMax=infinity'] + argv, ASK, output=said)
        if found.rc != 0:
            raise self._not_started(job, 'systemd-run ended with %s' % found.rc)

    def _await_start(self, job):
        deadline = process.now() + START
        while not any(os.path.exists(self._path(name)) for name in (supervisor.CHILD, supervisor.RESULT)):
            if process.now() >= deadline:
                raise self._not_started(job, 'its supervisor did not start it within %g s' % START)
            time.sleep(0.01)
        error = (self.result() or {}).get('error')
        if error:
            raise self._not_started(job, error)

    def _not_started(self, job, why):
        with open(self._path('supervisor.log'), 'rb') as stream:
            said = stream.read().decode('utf-8', 'replace').strip()[-WORDS:]
        return AioError('step %s could not be started' % job['step'], ' '.join(job['argv']), ': '.join(filter(None, [why, said])),
                        'check that the OSA checkout is whole')

    def settle(self):
        """Record what became of a step that runs no more; nothing where there is none. What it left running is ended.

        :returns: its record as it is then.
        """
        if not os.path.isdir(self.folder):
            return None
        # A supervisor that comes late finds nothing to do. Who only looks has it for a moment.
        lock, deadline = None, process.now() + MOMENT
        while lock is None and process.now() < deadline:
            lock = try_lock(self._path(supervisor.LOCK), fcntl.LOCK_EX)
            if lock is None:
                time.sleep(LOOK)
        if lock is None:
            return None
        try:
            job = self.load()
            return self._settle(job) if job else None
        finally:
            os.close(lock)

    def _settle(self, job):
        result = self.result()
        if result is None:
            self._kill(job)
            result = {'rc': None, 'timed_out': False, 'finished': '', 'seconds': None}
        values = dict((key, result[key]) for key in ('rc', 'timed_out', 'finished', 'seconds'))
        values['id'] = job['id']
        if result['rc'] == 0:
            progress = ansible_log.Progress()
            progress.read(job['log'])
            values['usual'] = {'tasks': progress.tasks, 'seconds': result['seconds']}
        record = self._state.record(job['step'], **values)
        for name in (supervisor.JOB, supervisor.CHILD, supervisor.RESULT, supervisor.ENVIRONMENT, 'supervisor.log', 'supervisor.py'):
            if os.path.exists(self._path(name)):
                os.unlink(self._path(name))
        return record

    def _kill(self, job):
        """End what outlived its supervisor, and take its unit off systemd's list of failures."""
        child = supervisor.read(self._path(supervisor.CHILD))
        if child and child['boot'] == supervisor.boot():
            leader = supervisor.processes().get(child['pid'])
            # A number is not given again while a process of its session lives.
            if leader is None or leader[2] == child['started']:
                supervisor.kill_tree(child['pid'])
        if job['unit']:
            process.run(['systemctl', 'reset-failed', job['unit'] + '.service'], ASK)

    def end(self):
        """End the step and all that belongs to it, within alone(). Its record, or None where there is none.

        :raises AioError: it cannot be ended.
        """
        deadline = process.now() + ASK
        while not self.wait(2 * LOOK) and process.now() < deadline:
            child = supervisor.read(self._path(supervisor.CHILD))
            if child:
                supervisor.kill_tree(child['pid'])
        if self.is_running():
            job = self.load() or {'step': 'of an earlier run'}
            raise AioError('step %s cannot be ended' % job['step'], self.folder, 'it was killed, and is still there after %g s' % ASK,
                           'see what it waits for (ps -eo pid,stat,wchan,args on the lab host), and run again')
        return self.settle()
