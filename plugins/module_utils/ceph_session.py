# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask Ceph where a mon is: entered once, one connection, and a deadline for each round of questions."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import inspect
import json
import time

from ansible.module_utils.common.text.converters import to_native
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import mon_program, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.redact import redact

GRACE = 1.0  # seconds after which the program ends by itself, should we not be there to end it
INTERPRETERS = ('python3', 'python2.7', 'python')
FULL = 0.05  # a mon ends itself where less is free: Ceph's mon_data_avail_crit, in per cent


class CephProblem(AioError):
    """The cluster did not answer. Its state is mon_unreachable, denied or timed_out.

    :ivar answers: the answers that were had before it, in order.
    """

    def __init__(self, state, *args):
        super(CephProblem, self).__init__(*args)
        self.state = state
        self.answers = []


REMEDY = 'correct what Ceph names; what a command takes is said, in the mon container, by: ceph --help COMMAND'


class Answer(object):
    """What Ceph said to one command: rc (0 or a negative errno), out and err as text, and by which daemon, if one was asked."""

    def __init__(self, command, rc, out, err, by=''):
        self.command = command
        self.rc = rc
        self.out = out
        self.err = redact(err)
        self.by = by

    @property
    def question(self):
        """The command as a person would type it."""
        if 'argv' in self.command:
            words = self.command['argv']
        elif 'daemon' in self.command:
            words = ['daemon', self.by or 'mon.*'] + mon_program.words_of(self.command['daemon'])
        elif mon_program.is_ordered(self.command):
            words = mon_program.words_of(self.command)
        else:
            words = ['%s,' % self.command['prefix'], 'with', ', '.join(
                '%s=%s' % (name, self.command[name]) for name in mon_program.arguments(self.command))]
        return ' '.join(['ceph'] + [to_native(word) for word in words])

    def check(self):
        """:raises AioError: Ceph refused the command."""
        reason = 'error %d: %s' % (self.rc, self.err.strip())
        if -self.rc == errno.EACCES:
            raise CephProblem('denied', 'the cluster does not let us ask', self.question, reason,
                              'use a client that may, see client_name and keyring')
        if 'daemon' in self.command and self.rc == -errno.ENOENT:
            raise AioError('no mon can be asked what it goes by', self.question, self.err,
                           'ask where a mon is, or name a daemon with config_of')
        if self.rc != 0:
            raise AioError('Ceph refused the command', self.question, reason, REMEDY)

    def json(self):
        """What Ceph said, parsed.

        :raises AioError: Ceph refused the command, or what it said is no JSON.
        """
        self.check()
        try:
            return json.loads(self.out)
        except ValueError as error:
            head = redact(' | '.join(self.out.splitlines()[:3])[:200])
            raise AioError("Ceph's answer is no JSON", self.question, '%s; it begins: %s' % (error, head),
                           'try it by hand where the mon is')


class Session(object):
    """A connection to the cluster from one place.

    :param place: places.Place, where to ask.
    :param access: conf (path of ceph.conf there), name (TYPE.ID) and keyring (a path, or None).
    :param timeout: seconds to be let in.
    :raises CephProblem: no mon let us in.
    """

    def __init__(self, place, access, timeout):
        self.place = place
        self.access = access
        self._dialogue = None
        self._open(process.now() + timeout)

    def _open(self, deadline):
        without_librados = None
        for interpreter in INTERPRETERS:
            hello = self._start(interpreter, deadline)
            if hello is None:
                continue
            if hello['librados']:
                return
            self.close()
            without_librados = without_librados or interpreter
        if without_librados is None:
            raise CephProblem('mon_unreachable', 'there is no Python to ask with', self.place.title,
                              'none of %s is there' % ', '.join(INTERPRETERS), 'install python3 and python3-rados there')
        self._start(without_librados, deadline, command_line=True)

    def _start(self, interpreter, deadline, command_line=False):
        """Start the program: what it said first, or None where there is no such interpreter."""
        try:
            self._dialogue = process.Dialogue(self.place.argv + [interpreter, '-c', inspect.getsource(mon_program)])
        except OSError as error:
            if error.errno == errno.ENOENT and not self.place.argv:
                return None
            raise
        left = max(0.1, deadline - process.now())
        try:
            self._dialogue.tell(json.dumps(dict(
                self.access, timeout=left, until=time.time() + left, limit=left + GRACE, command_line=command_line)), deadline)
            hello = json.loads(self._dialogue.read_line(deadline))
        except process.Late:
            self.close(at_once=True)
            raise CephProblem('timed_out', 'Ceph did not answer in time', self.place.title,
                              'nothing came back within %.3g s' % left, self.place.look)
        except (EOFError, ValueError):
            code, err = self.close()
            if code == 127 or (code == 255 and 'No such file or directory - ' in err):
                return None
            raise self._not_entered(code, err)
        if 'problem' in hello:
            self.close()
            raise self._refused(hello)
        return hello

    def ask(self, commands, timeout):
        """Put the commands to a mon. Returns the answers, in order.

        :param commands: dicts as mons take them (prefix, format and arguments), or {'argv': words for the ceph
            command}, or {'daemon': a dict for the mon's admin socket}.
        :param timeout: seconds for all of them together.
        :raises CephProblem: not every question was answered; those that were are in its answers.
        """
        deadline = process.now() + timeout
        answers = []
        try:
            self._dialogue.tell(json.dumps({'commands': commands, 'timeout': timeout, 'limit': timeout + GRACE}), deadline)
            for command in commands:
                header = json.loads(self._dialogue.read_line(deadline))
                out = self._dialogue.read(header['bytes'], deadline).decode('utf-8', 'replace')
                if 'problem' in header:
                    self.close()
                    problem = self._refused(header)
                    problem.answers = answers
                    raise problem
                answers.append(Answer(command, header['rc'], out, header['err'], header['by']))
        except (process.Late, EOFError) as end:
            late = isinstance(end, process.Late)
            _code, err = self.close(at_once=late)
            unanswered = Answer(commands[len(answers)], 0, '', '').question
            problem = CephProblem(
                'timed_out' if late else 'mon_unreachable',
                'Ceph did not answer in time' if late else 'the connection to Ceph broke', self.place.title,
                '%d of %d questions were answered%s; the first that was not is "%s"%s' % (
                    len(answers), len(commands), ' within %.3g s' % timeout if late else '', unanswered, last_line(err)),
                self.place.look + ('; or allow more time' if late else ''))
            problem.answers = answers
            raise problem
        return answers

    def close(self, at_once=False):
        """End the program there: (exit status, stderr)."""
        dialogue, self._dialogue = self._dialogue, None
        return dialogue.end(at_once) if dialogue else (None, '')

    def _not_entered(self, code, err):
        reason = err.strip().splitlines()[-1:] or ['it ended with %s' % code]
        return CephProblem('mon_unreachable', 'the mon container cannot be entered' if self.place.argv else 'Ceph cannot be asked',
                           self.place.title, redact(reason[0])[:300], self.place.look)

    def _refused(self, said):
        reason = redact(said['problem'])
        if said['about'] == 'conf':
            return CephProblem('mon_unreachable', 'no mon can be reached', self.place.title, reason,
                               'correct %s there, or name another with conf' % self.access['conf'])
        if said['about'] == 'command':
            return CephProblem('mon_unreachable', 'Ceph cannot be asked', self.place.title, reason,
                               'install python3-rados or ceph-common there')
        if said['errno'] in mon_program.NO_KEY:
            # librados says "object not found" where there is no key for the name.
            return CephProblem('denied', 'the cluster does not let us in', self.place.title,
                               '%s, as %s' % (reason, self.access['name']),
                               'check the keyring %s there' % (self.access['keyring'] or 'in /etc/ceph'))
        remedy = self.place.look
        if said['errno'] == errno.EINVAL:
            remedy = 'check what %s there says of the mons' % self.access['conf']
        if said['mon'] == 'stopped':
            reason += '; the ceph-mon there is stopped by a signal'
            remedy = 'let it go on: %s' % self.place.command('pkill -CONT -x ceph-mon')
        elif said['mon'] == 'absent':
            reason += '; no ceph-mon runs there'
        if said['free'] is not None and said['free'] < FULL:
            reason += '; the file system of %s has %.1f %% free, a mon ends itself below %g %%' % (
                mon_program.DATA, said['free'] * 100, FULL * 100)
            remedy = 'make room there and start the mon: %s' % self.place.command('systemctl start ceph-mon.target')
        return CephProblem('mon_unreachable', 'no mon can be reached', self.place.title, reason, remedy)


def last_line(err):
    lines = redact(err).strip().splitlines()
    return '; ' + lines[-1][:300] if lines else ''
