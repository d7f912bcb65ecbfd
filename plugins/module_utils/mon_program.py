# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The small program that asks Ceph. It runs where the mon is, on the Python that is there, 2 or 3.

Its source is what module_utils/ceph_session.py hands to that Python with -c, so it imports nothing of
Ansible. It reads one JSON line for each round: first who asks, then the commands. It writes a frame for
each answer as it comes: a JSON line with the number of bytes that follow, and those bytes as Ceph
gave them. At the end of its input it ends.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import glob
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

DATA = '/var/lib/ceph/mon'
NO_ANSWER = 'no mon answered within %.1f s'
MON_ADDRESS = re.compile(r'^\s*mon[ \t_]+(host|addr|dns)', re.M | re.I)
ERRORS = {'PermissionError': errno.EPERM, 'PermissionDeniedError': errno.EACCES, 'ObjectNotFound': errno.ENOENT,
          'TimedOut': errno.ETIMEDOUT}
SOCKETS = '/var/run/ceph/*-mon.*.asok'
NO_KEY = (errno.EACCES, errno.EPERM, errno.ENOENT)  # what is said where there is no key, too
# What the ceph command says where it did not get as far as asking.
NOT_CONNECTED = ((errno.EACCES, 'errno 13'), (errno.EACCES, 'PermissionDenied'), (errno.EPERM, 'errno 1]'),
                 (errno.EPERM, 'PermissionError'), (errno.ENOENT, 'errno 2]'), (errno.ENOENT, 'ObjectNotFound'),
                 (errno.ETIMEDOUT, 'onnecting to'))
# The order in which the ceph command wants these arguments.
ORDER = ('entity', 'who', 'caps', 'key')


class Frames(object):
    """A way out for the answers alone; whatever else is printed goes to stderr."""

    def __init__(self):
        self.stream = os.fdopen(os.dup(1), 'wb')
        os.dup2(2, 1)

    def say(self, data=b'', **header):
        self.stream.write(json.dumps(dict(header, bytes=len(data))).encode('utf-8') + b'\n' + data)
        self.stream.flush()


def text(data):
    return data.decode('utf-8', 'replace') if isinstance(data, bytes) else data


def end_within(seconds):
    """Let the kernel end this process, with no handler: that works while it waits inside librados."""
    signal.setitimer(signal.ITIMER_REAL, seconds)


def namespace(process):
    """Which processes see each other: a host also sees those of its containers. Empty where it is not ours to know."""
    try:
        return os.readlink('/proc/%s/ns/pid' % process)
    except OSError:
        return ''


def mon_process():
    """How the ceph-mon beside us is: absent, stopped (by a signal), running, or unknown to others than root."""
    found = 'absent'
    for path in glob.glob('/proc/[0-9]*/stat'):
        try:
            with open(path, 'rb') as stream:  # a program's name may be any bytes
                name, _end, rest = stream.read().decode('utf-8', 'replace').partition('(')[2].rpartition(')')
        except (IOError, OSError):
            continue
        if name != 'ceph-mon':
            continue
        where = namespace(path.split('/')[2])
        if where == namespace('self'):
            found = 'stopped' if rest.split()[0] in 'Tt' else 'running'
        elif not where and found == 'absent':
            found = 'unknown'
    return found


def free_share():
    """The free part of the mon's file system, 0 to 1; None where there is none."""
    try:
        stat = os.statvfs(DATA)
    except OSError:
        return None
    return float(stat.f_bavail) / stat.f_blocks if stat.f_blocks else None


def arguments(command):
    """The names of a command's arguments, those of a known order first."""
    return [name for name in ORDER if name in command] + sorted(set(command) - set(ORDER) - set(['prefix', 'format']))


def is_ordered(command):
    """Whether it is known in which order the ceph command wants its arguments."""
    names = arguments(command)
    return len(names) < 2 or names[-1] in ORDER


def words_of(command):
    """A command as a person would type it, after "ceph"."""
    words = command['prefix'].split()
    for value in [command[name] for name in arguments(command)]:
        words += [part if hasattr(part, 'split') else str(part) for part in (value if isinstance(value, list) else [value])]
    return words


class Bounded(subprocess.Popen):
    """A command that is heard, and ends when this program would: the timer outlives exec."""

    def __init__(self, argv, seconds, stdin):
        super(Bounded, self).__init__(argv, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, close_fds=True,
                                      preexec_fn=lambda: end_within(seconds))


class NotConnected(Exception):
    """:ivar about: what is wrong, where that is known: conf or command."""

    def __init__(self, number, reason, about=''):
        super(NotConnected, self).__init__(reason)
        self.number = number
        self.reason = text(reason)
        self.about = about


def number_of(error):
    """The errno of an error of librados; the binding of old releases has it in the error's name only."""
    return getattr(error, 'errno', None) or ERRORS.get(type(error).__name__)


def check_conf(path):
    """:raises NotConnected: there is no such file, or it does not say where a mon is."""
    try:
        with open(path, 'rb') as stream:
            content = text(stream.read())
    except (IOError, OSError) as error:
        raise NotConnected(None, 'there is no %s' % path if error.errno == errno.ENOENT else str(error), 'conf')
    if not MON_ADDRESS.search(content):
        raise NotConnected(None, '%s names no mon' % path, 'conf')


def time_to_connect(request):
    """Seconds until we must say that nobody answers. The way to here counts: what is told late is not heard."""
    left = max(0.0, min(request['timeout'], request['until'] - time.time()))
    return max(left - 0.5, left * 0.8)


class Librados(object):
    """Commands over one connection."""

    def __init__(self, rados, request):
        self.rados = rados
        self.request = request
        self.cluster = None
        self.error = None

    def connect(self):
        # In a thread: releases differ in how long connect() waits, and in whether it can be told.
        thread = threading.Thread(target=self._connect)
        thread.daemon = True
        thread.start()
        limit = time_to_connect(self.request)
        thread.join(limit)
        if thread.is_alive():
            raise NotConnected(errno.ETIMEDOUT, NO_ANSWER % limit)
        if self.error is not None:
            raise self.error

    def _connect(self):
        try:
            settings = {'log_to_stderr': 'false', 'err_to_stderr': 'false', 'log_file': ''}
            if self.request['keyring']:
                settings['keyring'] = self.request['keyring']
            self.cluster = self.rados.Rados(
                conffile=self.request['conf'], name=self.request['name'], conf=settings)
        except Exception as error:  # the binding's errors differ from release to release
            self.error = NotConnected(None, '%s cannot be read: %s' % (self.request['conf'], text(str(error))), 'conf')
            return
        try:
            self.cluster.connect()
        except Exception as error:
            self.error = NotConnected(number_of(error), str(error))

    def ask(self, command):
        rc, out, err = self.cluster.mon_command(json.dumps(command), b'')
        return rc, out, text(err)


class CommandLine(object):
    """The ceph command, once for each question: where this Python has no librados."""

    def __init__(self, request):
        self.request = request

    def connect(self):
        """Ask something, to know whether there is an answer at all."""
        limit = max(0.1, time_to_connect(self.request))  # 0 would be no limit
        rc, _out, err = self.run(['mon', 'stat'], limit)
        if rc == signal.SIGALRM:
            raise NotConnected(errno.ETIMEDOUT, NO_ANSWER % limit)
        if rc == -errno.EACCES:
            raise NotConnected(errno.EACCES, err.strip())

    def run(self, words, limit=None):
        """:param limit: seconds, where it is less than what the round has left."""
        argv = ['ceph', '--conf', self.request['conf'], '--name', self.request['name']]
        if self.request['keyring']:
            argv += ['--keyring', self.request['keyring']]
        left = signal.getitimer(signal.ITIMER_REAL)[0]
        left = min(limit or left, left)
        try:
            with open(os.devnull) as nothing:
                process = Bounded([word.encode('utf-8') for word in argv + words], left, nothing)
        except OSError as error:
            raise NotConnected(error.errno, 'the ceph command cannot be started: %s' % error.strerror, 'command')
        out, err = process.communicate()
        err = text(err)
        for number, sign in NOT_CONNECTED:
            if process.returncode and 'onnecting to' in err and sign in err:
                raise NotConnected(number, err.strip())
        return -process.returncode, out, err

    def ask(self, command):
        if not is_ordered(command):
            return -errno.EINVAL, b'', 'there is no librados for Python, and the ceph command wants words in its order: use argv'
        return self.run(words_of(command) + (['--format', command['format']] if 'format' in command else []))


def ask_daemon(command):
    """Ask the mon beside us over its admin socket: what it really goes by, not what a file says."""
    paths = sorted(glob.glob(SOCKETS))
    if not paths:
        return -errno.ENOENT, b'', 'no mon has an admin socket there (%s)' % SOCKETS
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(paths[0])
        connection.sendall(json.dumps(command).encode('utf-8') + b'\0')
        stream = connection.makefile('rb')
        (length,) = struct.unpack('>I', stream.read(4))
        return 0, stream.read(length), ''
    except (IOError, OSError, struct.error) as error:
        return -(getattr(error, 'errno', None) or errno.EIO), b'', '%s: %s' % (paths[0], error)
    finally:
        connection.close()


def daemon_name():
    """The name of the mon beside us."""
    return ''.join(os.path.basename(path).partition('-')[2][:-len('.asok')] for path in sorted(glob.glob(SOCKETS))[:1])


def answer(way, request, command):
    if 'argv' in command:
        return CommandLine(request).run(command['argv'])
    if 'daemon' in command:
        return ask_daemon(command['daemon'])
    return way.ask(command)


def main():
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    say = Frames().say
    request = json.loads(sys.stdin.readline())
    end_within(request['limit'])
    try:
        import rados
        way = Librados(rados, request)
    except ImportError:
        way = CommandLine(request)
    librados = isinstance(way, Librados)
    if not librados and not request['command_line']:
        return say(librados=False)
    try:
        check_conf(request['conf'])
        way.connect()
        say(librados=librados)
        for line in iter(sys.stdin.readline, ''):
            request.update(json.loads(line))
            end_within(request['limit'])
            for command in request['commands']:
                rc, out, err = answer(way, request, command)
                say(out, rc=rc, err=err, by=daemon_name() if 'daemon' in command else '')
            end_within(0)
    except NotConnected as error:
        lacks_keyring = request['keyring'] and error.number in NO_KEY and not os.path.exists(request['keyring'])
        say(problem='there is no %s' % request['keyring'] if lacks_keyring else error.reason, errno=error.number, about=error.about,
            mon=mon_process(), free=free_share())


if __name__ == '__main__':
    main()
    sys.stdout.flush()
    os._exit(0)  # librados would take its time to say good-bye
