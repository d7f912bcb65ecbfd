# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""supervisor FOLDER: run the program that FOLDER/job.json names, to its end or to its deadline, whoever listens.

It stands on its own: its source is written to the lab host and started there, so that it outlives the module, the ssh
connection and the controller. What it leaves in FOLDER: child.json, once the program runs, and result.json, once it has ended.
Which of both is there, and whether FOLDER/lock is held, says how it is; no signal and no process number is relied on.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time

JOB, ENVIRONMENT, CHILD, RESULT, LOCK = 'job.json', 'environment.json', 'child.json', 'result.json', 'lock'
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
ROUNDS = 20  # looks at the process table while a tree is killed
clock = getattr(time, 'monotonic', time.time)


def now():
    """The time in UTC, as ISO 8601 has it."""
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())


def read(path):
    """A file's JSON, or None where it is not there or not whole."""
    try:
        with open(path, 'rb') as stream:
            return json.loads(stream.read().decode('utf-8'))
    except (IOError, OSError, ValueError):
        return None


def write(path, content):
    """Write a file (0600) so that a reader sees nothing or all of it."""
    with os.fdopen(os.open(path + '.new', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'wb') as stream:
        stream.write(json.dumps(content, sort_keys=True).encode('utf-8'))
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(path + '.new', path)


def boot():
    """Names this boot of this machine."""
    with open('/proc/sys/kernel/random/boot_id') as stream:
        return stream.read().strip()


def processes():
    """Each process that lives, by number: parent, session, when it was started."""
    found = {}
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                with open('/proc/%s/stat' % name, 'rb') as stream:  # a program's name may be any bytes
                    fields = stream.read().rpartition(b')')[2].decode('ascii').split()
            except (IOError, OSError):
                continue  # it has just ended
            if fields[0] not in 'ZX':
                found[int(name)] = int(fields[1]), int(fields[3]), fields[19]
    return found


def tree(pid):
    """The process, those of its session, and all that descend from them; what made itself a daemon is not among them."""
    alive = processes()
    members = set(number for number, (_parent, session, _started) in alive.items() if pid in (number, session))
    while True:
        more = set(number for number, (parent, _session, _started) in alive.items() if parent in members) - members
        if not more:
            return members
        members |= more


def send(members, number):
    for pid in members:
        try:
            os.kill(pid, number)
        except OSError:
            pass  # it has ended meanwhile


def kill_tree(pid):
    """Kill a session with all that descends from it. They are stopped first, so that none is started behind our back."""
    stopped = set()
    for _round in range(ROUNDS):
        members = tree(pid) - stopped
        if not members:
            break
        send(members, signal.SIGSTOP)
        stopped |= members
    send(stopped, signal.SIGKILL)


def die_with_parent(parent):
    """In a child: be killed when the parent is. Without it, an orphan is found and killed by the next run."""
    try:
        import ctypes
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    except (ImportError, OSError, AttributeError):
        return
    if os.getppid() != parent:
        os._exit(1)


class Child(subprocess.Popen):
    """The program of a job, in a group of its own, which ends with us."""

    def __init__(self, argv, **options):
        me = os.getpid()

        def prepare():
            os.setsid()
            die_with_parent(me)

        super(Child, self).__init__(argv, close_fds=True, preexec_fn=prepare, **options)


def start(job, environment, log):
    with open(os.devnull, 'rb') as nothing:
        return Child(job['argv'], stdin=nothing, stdout=log, stderr=log, cwd=job['chdir'], env=environment)


def supervise(folder):
    """Run the job and write down what became of it."""
    job, environment = read(os.path.join(folder, JOB)), read(os.path.join(folder, ENVIRONMENT))
    os.unlink(os.path.join(folder, ENVIRONMENT))  # it may hold passwords
    result, begun = {'rc': None, 'timed_out': False, 'error': ''}, clock()
    expired, child = threading.Event(), None
    try:
        if sys.version_info[0] == 2:  # which takes nothing but bytes where they are not ASCII
            environment = dict((name.encode('utf-8'), value.encode('utf-8')) for name, value in environment.items())
            job['argv'] = [word.encode('utf-8') for word in job['argv']]
        with open(job['log'], 'ab') as log:
            child = start(job, environment, log)
        write(os.path.join(folder, CHILD), {'pid': child.pid, 'started': processes().get(child.pid, (0, 0, ''))[2], 'boot': boot()})

        def expire():
            expired.set()
            kill_tree(child.pid)

        timer = threading.Timer(job['deadline'], expire)
        timer.daemon = True
        timer.start()
        child.wait()
        timer.cancel()
        timer.join()
        result.update(rc=None if expired.is_set() else child.returncode, timed_out=expired.is_set())
    except (IOError, OSError) as error:
        if child:
            kill_tree(child.pid)
        result['error'] = str(error)
    result.update(finished=now(), seconds=round(clock() - begun, 1))
    write(os.path.join(folder, RESULT), result)


def main():
    folder = sys.argv[1]
    lock = os.open(os.path.join(folder, LOCK), os.O_RDWR | os.O_CREAT, 0o600)  # close_fds keeps it from the program
    fcntl.flock(lock, fcntl.LOCK_EX)  # held for a moment by who looks
    if read(os.path.join(folder, JOB)) and not os.path.exists(os.path.join(folder, RESULT)):
        supervise(folder)


if __name__ == '__main__':
    main()
