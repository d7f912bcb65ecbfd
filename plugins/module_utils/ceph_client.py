# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a Ceph cluster from inside its mon container: entered once, one connection, one deadline."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import json
import time

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

GRACE = 1.0  # seconds that lxc-attach may outlive the program's own deadline
INTERPRETERS = ('python3', 'python2', 'python')
DENIED = (errno.EPERM, errno.EACCES)

# Runs on the container's own Python, 2 or 3. Reads one JSON request, writes a JSON line for each
# answer as it comes, so that what was answered before the deadline is kept. The alarm has no
# handler: the kernel ends the process even while it waits inside librados.
PROGRAM = r'''
import json, os, signal, subprocess, sys
request = json.loads(sys.stdin.read())
signal.signal(signal.SIGALRM, signal.SIG_DFL)
signal.setitimer(signal.ITIMER_REAL, request["timeout"])
def say(**answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
def text(data):
    return data if isinstance(data, str) else data.decode("utf-8", "replace")
try:
    import rados
except ImportError:
    rados = None
if rados is not None:
    try:
        cluster = rados.Rados(conffile=request["conf"], name=request["name"],
                              conf={"client_mount_timeout": str(max(1, int(request["timeout"] * 0.8))), "log_to_stderr": "false"})
        cluster.connect()
    except Exception as error:
        say(connect=type(error).__name__, errno=getattr(error, "errno", None), err=str(error))
        sys.exit(0)
    for command in request["commands"]:
        rc, out, err = cluster.mon_command(json.dumps(command), b"")
        say(rc=rc, out=text(out), err=text(err))
else:
    for command in request["commands"]:
        argv = ["ceph", "--conf", request["conf"], "--name", request["name"],
                "--connect-timeout", str(max(1, int(request["timeout"]) - 1))]
        argv += command["prefix"].split()
        argv += [str(command[key]) for key in sorted(command) if key not in ("prefix", "format")]
        if "format" in command:
            argv += ["--format", command["format"]]
        try:
            run = subprocess.Popen(argv, stdin=open(os.devnull), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except OSError as error:
            say(connect="NoClient", errno=error.errno, err="neither python-rados nor the ceph command is there")
            sys.exit(0)
        out, err = run.communicate()
        for number, sign in ((13, "errno 13"), (1, "errno 1]"), (2, "errno 2]"), (2, "ObjectNotFound"), (110, "onnecting to")):
            if run.returncode and "onnecting to" in text(err) and sign in text(err):
                say(connect="ceph", errno=number, err=text(err).strip())
                sys.exit(0)
        say(rc=-run.returncode, out=text(out), err=text(err))
'''


class CephProblem(AioError):
    """The cluster did not answer. Its state is mon_unreachable, denied or timed_out."""

    def __init__(self, state, *args):
        super(CephProblem, self).__init__(*args)
        self.state = state


class Answer(object):
    """What Ceph said to one command: rc (0 or a negative errno), out and err as text."""

    def __init__(self, command, rc, out, err):
        self.command = command
        self.rc = rc
        self.out = out
        self.err = err

    def json(self):
        """:raises AioError: Ceph refused the command, or what it said is no JSON."""
        where = 'ceph %s' % self.command['prefix']
        if -self.rc in DENIED:
            raise CephProblem('denied', 'the cluster does not let us ask', where, self.err.strip() or 'error %d' % self.rc,
                              'use a key that may')
        if self.rc != 0:
            raise AioError('Ceph refused a question', where, 'error %d: %s' % (self.rc, self.err.strip()),
                           'ask it by hand in the mon container')
        try:
            return json.loads(self.out)
        except ValueError as error:
            head = ' | '.join(self.out.splitlines()[:3])[:200]
            raise AioError("Ceph's answer is no JSON", where, '%s; it begins: %s' % (error, head),
                           'ask it by hand in the mon container')


class CephClient(object):
    """Questions to the cluster whose mon lives in a container.

    :param container: name of a running LXC container.
    :param timeout: seconds for all questions of one ask() together.
    """

    def __init__(self, container, timeout, conf='/etc/ceph/ceph.conf', name='client.admin'):
        self.container = container
        self.timeout = timeout
        self.conf = conf
        self.name = name

    def ask(self, commands):
        """Put the commands to a mon, over one connection. Returns the answers, in order.

        :param commands: dicts as mons take them: prefix, format and arguments.
        :raises CephProblem: not every question was answered; its answers are kept in .answers.
        """
        end = time.time() + self.timeout
        result = None
        for interpreter in INTERPRETERS:
            left = end - time.time()
            request = {'commands': commands, 'timeout': left, 'conf': self.conf, 'name': self.name}
            argv = ['lxc-attach', '--clear-env', '--name', self.container,
                    '--set-var', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
                    '--', interpreter, '-c', PROGRAM]
            result = process.run(argv, left + GRACE, stdin=json.dumps(request))
            if result.rc not in (127, 255) or result.stdout:
                break
        answers = self._read(result, commands)
        if len(answers) < len(commands):
            problem = CephProblem(
                'timed_out', 'Ceph did not answer in time', self.container,
                '%d of %d questions were answered within %g s; the first that was not is "ceph %s"%s' % (
                    len(answers), len(commands), self.timeout, commands[len(answers)]['prefix'],
                    '; ' + result.stderr.strip().splitlines()[-1][:300] if result.stderr.strip() else ''),
                'in the container: systemctl status ceph-mon@*; or allow more time')
            problem.answers = answers
            raise problem
        return answers

    def _read(self, result, commands):
        answers = []
        for line in result.stdout.splitlines():
            try:
                said = json.loads(line)
            except ValueError:
                continue
            if not isinstance(said, dict):
                continue
            if 'connect' in said:
                raise self._refused(said)
            answers.append(Answer(commands[len(answers)], said['rc'], said['out'], said['err']))
        if not answers and not result.timed_out and result.rc not in (0, None) and result.rc > 0 and result.rc != 142:
            raise CephProblem('mon_unreachable', 'the mon container cannot be entered', self.container,
                              (result.stderr.strip() or 'lxc-attach ended with %d' % result.rc)[:300],
                              'try lxc-attach -n %s on the lab host' % self.container)
        return answers

    def _refused(self, said):
        # librados says "object not found" where there is no key for the name.
        if said['connect'] != 'NoClient' and said['errno'] in DENIED + (errno.ENOENT,):
            return CephProblem('denied', 'the cluster does not let us in', self.container,
                               '%s as %s' % (said['err'], self.name),
                               'check the keyring in /etc/ceph of the container')
        return CephProblem('mon_unreachable', 'no mon can be reached', self.container, said['err'],
                           'in the container: systemctl status ceph-mon@*')
