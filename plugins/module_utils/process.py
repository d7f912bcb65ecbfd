# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a program within a deadline; past it, nothing of it is left."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import errno
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time

from ansible.module_utils.common.text.converters import to_native

# Does not jump where the clock is set; Python 2 has the clock only.
now = getattr(time, 'monotonic', time.time)
LEAVE = 0.5  # seconds that a program has to end by itself when its input ends


class Result(object):
    """What a program left behind.

    :ivar rc: exit status, or None where it was killed at its deadline.
    :ivar stdout: text; empty where the output went to a file.
    :ivar stderr: text; likewise.
    :ivar timed_out: True where the deadline ended it.
    """

    def __init__(self, argv, rc, stdout='', stderr='', timed_out=False):
        self.argv = argv
        self.rc = rc
        self.stdout = stdout
        self.stderr = stderr
        self.timed_out = timed_out


class Group(subprocess.Popen):
    """A program in a process group of its own. A module's run_command has no deadline that ends all of it, and leaves nothing running."""

    def __init__(self, argv, **options):
        # Python 3 needs no copy of the caller for it.
        own = {'preexec_fn': os.setsid} if sys.version_info[0] == 2 else {'start_new_session': True}
        super(Group, self).__init__(argv, close_fds=True, **dict(options, **own))


def kill_group(process):
    """Kill the process and all that it started in its group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError as error:
        if error.errno != errno.ESRCH:
            raise


def plain_environment(extra=None):
    """The caller's environment with the C locale and an administrator's search path."""
    environment = dict(os.environ)
    environment.update({'LC_ALL': 'C.UTF-8', 'LANGUAGE': 'C'})
    path = environment.get('PATH', '').split(':')
    for folder in ('/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'):
        if folder not in path:
            path.append(folder)
    environment['PATH'] = ':'.join(folder for folder in path if folder)
    # Python 2 hands over text only where it is ASCII.
    environment.update((name, to_native(value)) for name, value in (extra or {}).items())
    return environment


def variables(*given):
    """Variables for an environment of what users give, dicts of any plain values; the later win."""
    merged = {}
    for values in given:
        merged.update((name, to_native(value, nonstring='simplerepr')) for name, value in values.items())
    return merged


def run(argv, timeout, stdin=None, cwd=None, environment=None, output=None):
    """Run argv (a list, never a shell's string) for at most timeout seconds.

    Input and output go through files, not pipes: a program's daemon that keeps its output open
    does not keep us waiting.

    :param stdin: text for its standard input; without it, there is none.
    :param environment: what to add to the plain environment.
    :param output: an open file that takes stdout and stderr together.
    :raises OSError: the program could not be started.
    """
    expired = threading.Event()
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write((stdin or '').encode('utf-8'))
        given.seek(0)
        process = Group(argv, stdin=given, stdout=output or out, stderr=subprocess.STDOUT if output else err, cwd=cwd,
                        env=plain_environment(environment))

        def expire():
            expired.set()
            kill_group(process)

        timer = threading.Timer(timeout, expire)
        timer.daemon = True
        timer.start()
        try:
            process.wait()
        except BaseException:
            kill_group(process)
            process.wait()
            raise
        finally:
            timer.cancel()
            timer.join()  # Python 2 lets it go on for a moment; where that is the end of the module, it breaks down loudly
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode('utf-8', 'replace'))
    return Result(argv, None if expired.is_set() else process.returncode, texts[0], texts[1], expired.is_set())


def start(argv, said):
    """Start a program that goes on when we end, in a group of its own; its output is said, a file, and it has no input.

    :returns: the Group.
    :raises OSError: the program could not be started.
    """
    with open(os.devnull, 'rb') as nothing:
        return Group(argv, stdin=nothing, stdout=said, stderr=said, cwd='/', env=plain_environment())


def is_heard():
    """Whether somebody still listens to what we print: not where the connection to us is gone."""
    poll = select.poll()
    poll.register(1, 0)  # errors and hang-ups only
    return not poll.poll(0)


class Late(Exception):
    """The program did not say enough before the deadline."""


class Dialogue(object):
    """A program that is talked to, line by line, and that ends with us at the latest.

    All deadlines are points in time of now().

    :param argv: a list, never a shell's string.
    :raises OSError: the program could not be started.
    """

    def __init__(self, argv):
        self._heard = b''
        self._err = tempfile.TemporaryFile()
        try:
            self._process = Group(
                argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._err, env=plain_environment(),
                cwd='/')  # Python looks for modules in the folder that it is started in
        except BaseException:
            self._err.close()
            raise

    def tell(self, line, deadline):
        """Write a line. A program that has ended is found when it is listened to.

        :raises Late: it does not read.
        """
        handle, rest = self._process.stdin.fileno(), line.encode('utf-8') + b'\n'
        while rest:
            left = deadline - now()
            if left <= 0 or not select.select([], [handle], [], left)[1]:
                raise Late()
            try:
                rest = rest[os.write(handle, rest[:select.PIPE_BUF]):]  # so much can be written without waiting
            except OSError as error:
                if error.errno != errno.EPIPE:
                    raise
                return

    def _hear(self, deadline):
        left = deadline - now()
        if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
            raise Late()
        chunk = os.read(self._process.stdout.fileno(), 1 << 20)
        if not chunk:
            raise EOFError()
        return chunk

    def read_line(self, deadline):
        """:raises Late: it took too long. :raises EOFError: the program has ended."""
        while b'\n' not in self._heard:
            self._heard += self._hear(deadline)
        line, _end, self._heard = self._heard.partition(b'\n')
        return line.decode('utf-8')

    def read(self, length, deadline):
        """So many bytes; raises as read_line does."""
        chunks, missing = [self._heard], length - len(self._heard)
        while missing > 0:
            chunks.append(self._hear(deadline))
            missing -= len(chunks[-1])
        data = b''.join(chunks)
        self._heard = data[length:]
        return data[:length]

    def end(self, at_once=False):
        """End it and all that it started: (exit status, what it said on stderr)."""
        process = self._process
        for stream in (process.stdin, process.stdout):
            try:
                stream.close()
            except (IOError, OSError):
                pass  # what was not yet written goes nowhere
        deadline = now() + (0 if at_once else LEAVE)
        while process.poll() is None and now() < deadline:
            time.sleep(0.005)
        kill_group(process)
        process.wait()
        self._err.seek(0)
        err = self._err.read().decode('utf-8', 'replace')
        self._err.close()
        return process.returncode, err
