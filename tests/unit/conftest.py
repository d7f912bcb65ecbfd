# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the collection importable from any folder; run a module, and stand in for what it calls."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import gc
import importlib
import inspect
import io
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import types

import pytest
import yaml

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
FIXTURES = os.path.join(ROOT, 'tests', 'unit', 'fixtures')
COLLECTION = 'ansible_collections.osa_lab.ceph_aio'
# Ansible adds the second half where a result has a path.
OF_EVERY_MODULE = frozenset(('changed', 'failed', 'msg', 'invocation', 'warnings', 'diff', 'exception', 'skipped',
                             'owner', 'group', 'uid', 'gid', 'mode', 'size', 'state', 'secontext'))

# Code that runs on the controller or in the embedded OSA needs Python 3.
collect_ignore = [] if sys.version_info[0] > 2 else [
    'embedded', 'roles', 'test_playbooks.py', 'test_release.py', 'test_run.py', 'plugins/action', 'plugins/callback', 'plugins/connection', 'plugins/filter',
    'plugins/inventory', 'plugins/plugin_utils']


def make_package(name, *path):
    """Put a package into sys.modules; one that a collection loader has put there stays."""
    if name not in sys.modules:
        module = types.ModuleType(name)
        module.__path__ = list(path)
        sys.modules[name] = module
        parent, _dot, child = name.rpartition('.')
        if parent:
            setattr(sys.modules[parent], child, module)


# The user's git may sign commits, or have hooks.
_git = {'commit.gpgSign': 'false', 'tag.gpgSign': 'false', 'core.hooksPath': os.devnull, 'init.templateDir': ''}
os.environ['GIT_CONFIG_COUNT'] = str(len(_git))
for _number, (_name, _value) in enumerate(_git.items()):
    os.environ['GIT_CONFIG_KEY_%d' % _number], os.environ['GIT_CONFIG_VALUE_%d' % _number] = _name, _value

make_package('ansible_collections')
make_package('ansible_collections.osa_lab')
make_package(COLLECTION, ROOT)
make_package(COLLECTION + '.plugins', os.path.join(ROOT, 'plugins'))
for _folder in ('action', 'callback', 'connection', 'doc_fragments', 'filter', 'inventory', 'module_utils', 'modules', 'plugin_utils'):
    make_package('%s.plugins.%s' % (COLLECTION, _folder), os.path.join(ROOT, 'plugins', _folder))
_tested = [os.path.realpath(_folder) for _folder in sys.modules[COLLECTION].__path__]
if _tested != [ROOT]:
    raise RuntimeError('the collection would be tested from %s, not from %s' % (_tested, ROOT))

from ansible.module_utils import basic  # noqa: E402
from ansible.module_utils.common import warnings  # noqa: E402
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import mon_program, observation, places, process  # noqa: E402
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.ceph_session import Answer  # noqa: E402

from . import documentation  # noqa: E402


@pytest.fixture(autouse=True)
def asked_by_root(monkeypatch):
    """The modules take whoever runs the tests for root."""
    monkeypatch.setattr(places, 'IS_ROOT', True)


@pytest.fixture
def root():
    """Folder of the collection."""
    return ROOT


@pytest.fixture
def inventory_path():
    """The inventory that a real OSA 15.1.2 wrote."""
    return os.path.join(FIXTURES, 'ocata-15.1.2', 'openstack_inventory.json')


@pytest.fixture
def fixture_text():
    """The text of a file below fixtures: fixture_text(folder..., name)."""
    def read(*path):
        with io.open(os.path.join(FIXTURES, *path), encoding='utf-8') as stream:
            return stream.read()
    return read


def cases():
    """The captured clusters: (release, case), whatever is there."""
    ceph = os.path.join(FIXTURES, 'ceph')
    return sorted((release, case) for release in os.listdir(ceph) for case in os.listdir(os.path.join(ceph, release))
                  if os.path.isdir(os.path.join(ceph, release, case)))


gc.disable()  # a tenth of the time is for what stays: what was imported and collected


def pytest_collection_finish():
    if hasattr(gc, 'freeze'):  # not on Python 2
        gc.freeze()
    gc.enable()


def pytest_generate_tests(metafunc):
    """A test that takes release and case runs for every captured cluster."""
    if set(('release', 'case')) <= set(metafunc.fixturenames) and not any(
            'case' in marker.args[0] for marker in metafunc.definition.iter_markers('parametrize')):
        metafunc.parametrize('release, case', cases())


def key(command):
    """A command as the key of its answers."""
    return json.dumps(command, sort_keys=True)


@pytest.fixture
def captured(fixture_text):
    """What a captured cluster says: captured(release, case) gives [rc, out, err] by key(question).

    What the release does not know is named in source.json; any other answer that is missing is an error.
    """
    def read(release, case):
        folder = os.path.join(FIXTURES, 'ceph', release, case)
        unknown = json.loads(fixture_text(folder, 'source.json')).get('unknown', [])
        answers = {}
        for asked in [observation.STATUS, observation.VERSION] + [
                asked for questions, _shape in observation.SUBSETS.values() for asked in questions]:
            words = ' '.join([asked['prefix']] + (['detail'] if 'detail' in asked else []))
            if words in unknown:
                answers[key(asked)] = [-22, '', 'command not known']
            else:
                name = {'health detail': 'health'}.get(words, words.replace(' ', '_'))
                answers[key(asked)] = [0, fixture_text(folder, name + '.json'), '']
        return answers
    return read


class Answering:
    """Stands in for cluster.Cluster: gives the answers by key(question)."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []
        self.place = places.Place('mon')

    def ask(self, commands, _timeout):
        self.asked.append(commands)
        return [Answer(command, *self.answers[key(command)]) for command in commands]


@pytest.fixture
def observed(captured):
    """A captured cluster as the modules see it: observed(case)."""
    def read(case, release='nautilus'):
        return observation.Observer(Answering(captured(release, case))).observe(10)
    return read


RADOS = '''
import json, os, sys, time

HERE = %(here)r

class Error(Exception):
    def __init__(self, message, errno=None):
        Exception.__init__(self, message)
        self.errno = errno

def note(name, value):
    with open(os.path.join(HERE, name), 'a') as stream:
        stream.write(json.dumps(value) + chr(10))

class Rados(object):
    def __init__(self, conffile, name, conf):
        note('connections', {'conf': conffile, 'name': name, 'settings': conf, 'pid': os.getpid()})
        %(read)s
    def connect(self):
        %(connect)s
    def mon_command(self, command, inbuf):
        command = json.loads(command)
        note('asked', command)
        %(command)s
        path = os.path.join(HERE, 'answers')
        with open(path) as stream:
            answers = json.load(stream)
        said = answers.get(json.dumps(command, sort_keys=True), [[-22, '', 'command not known']])
        rc, out, err = said[0]
        if len(said) > 1:
            said.pop(0)
            with open(path, 'w') as stream:
                json.dump(answers, stream)
        return rc, out.encode('utf-8'), err
'''


class FakeCeph:
    """A rados module on the search path of the real program, which uses it in a process of its own.

    :ivar access: a module's options to ask it.
    """

    def __init__(self, folder):
        self.folder = folder
        self.answers = {}
        folder.mkdir()
        (folder / 'ceph.conf').write_bytes(b'[global]\nmon host = 172.29.236.100\n')
        self.access = {'via': 'host', 'conf': str(folder / 'ceph.conf')}
        self.does()
        self._write()

    def does(self, connect='pass', command='pass', read='pass'):
        """A line of code for its connect(), one before each answer, which sees the command, and one where it reads ceph.conf."""
        text = RADOS % {'here': str(self.folder), 'connect': connect, 'command': command, 'read': read}
        (self.folder / 'rados.py').write_bytes(text.encode('utf-8'))

    def has_no_librados(self):
        (self.folder / 'rados.py').write_bytes(b'raise ImportError("no rados here")\n')

    def says(self, command, *answers):
        """Its answers to a command, one after the other, the last for ever: a text, or rc, text and error."""
        self.answers[key(command)] = [list(said) if isinstance(said, tuple) else [0, said, ''] for said in answers]
        self._write()

    def is_like(self, answers):
        """:param answers: of captured()."""
        self.answers.update((asked, [said]) for asked, said in answers.items())
        self._write()

    def _write(self):
        (self.folder / 'answers').write_bytes(json.dumps(self.answers).encode('utf-8'))

    def _noted(self, name):
        path = self.folder / name
        return [json.loads(line) for line in path.read_bytes().decode('utf-8').splitlines()] if path.exists() else []

    @property
    def asked(self):
        """The commands that were put to it, in order."""
        return self._noted('asked')

    @property
    def connections(self):
        """The connections that were made: conf, name, settings and pid."""
        return self._noted('connections')


@pytest.fixture
def ceph(executable, tmp_path, monkeypatch):
    """A FakeCeph on this host, asked with the Python that runs the tests."""
    fake = FakeCeph(tmp_path / 'ceph')
    executable('python3', '#!/bin/sh\nexec %s "$@"\n' % sys.executable)
    monkeypatch.setenv('PATH', '%s:/usr/bin:/bin' % (tmp_path / 'bin'))
    monkeypatch.setenv('PYTHONPATH', str(fake.folder))
    monkeypatch.setenv('PYTHONDONTWRITEBYTECODE', '1')
    return fake


class AdminSocket:
    """The admin socket of a mon, and the program that looks for it."""

    def __init__(self, folder):
        self.folder = folder
        self.source = inspect.getsource(mon_program).replace('/var/run/ceph/', folder + '/')
        self.thread = None

    def answers(self, reply):
        """Answer once, with these bytes. Gives the program."""
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(self.folder + '/ceph-mon.aio1-ceph-mon-container-0c19f9f6.asok')
        listening.listen(1)
        self.received = b''

        def serve():
            connection = listening.accept()[0]
            while not self.received.endswith(b'\0'):
                self.received += connection.recv(1000)
            connection.sendall(reply)
            connection.close()
            listening.close()
        self.thread = threading.Thread(target=serve)
        self.thread.daemon = True
        self.thread.start()
        return self.source

    def heard(self):
        self.thread.join(10)
        return self.received


@pytest.fixture
def admin_socket():
    folder = tempfile.mkdtemp()  # tmp_path is too long for a socket
    yield AdminSocket(folder)
    shutil.rmtree(folder)


@pytest.fixture
def written():
    """What a program that was started writes into a file, as soon as a whole line is there: written(path)."""
    def wait(path, seconds=10):
        end = time.time() + seconds
        while not (path.exists() and path.read_bytes().endswith(b'\n')):
            assert time.time() < end, '%s has no line after %s s' % (path, seconds)
            time.sleep(0.01)
        return path.read_bytes().decode('ascii')
    return wait


@pytest.fixture
def gone():
    """Whether a process is gone, or soon: gone(pid, seconds)."""
    def is_alive(pid):
        try:
            with open('/proc/%d/stat' % pid) as stream:
                return stream.read().rpartition(')')[2].split()[0] not in 'ZX'
        except (IOError, OSError):
            return False

    def wait(pid, seconds=2):
        end = time.time() + seconds
        while is_alive(pid) and time.time() < end:
            time.sleep(0.01)
        return not is_alive(pid)
    return wait


_documented = {}


def return_of(name):
    """A module's RETURN, parsed."""
    if name not in _documented:
        module = importlib.import_module('%s.plugins.modules.%s' % (COLLECTION, name))
        _documented[name] = yaml.load(module.RETURN, Loader=getattr(yaml, 'CSafeLoader', yaml.SafeLoader)) or {}
    return _documented[name]


def check_documentation(name, result):
    """What every result must be like; what Ansible itself refused is no result of the module."""
    fields = return_of(name)
    own = dict((key, value) for key, value in result.items() if key in fields or key not in OF_EVERY_MODULE)
    failed = bool(result.get('failed'))
    if not failed or own:
        assert documentation.problems(fields, own, failed) == []


@pytest.fixture
def run_main(monkeypatch, capsys, tmp_path):
    """Run a module's main() with what Ansible would give it: run_main(module, arguments) gives its result."""
    def run(module, arguments):
        arguments = dict({'_ansible_tmpdir': str(tmp_path)}, **arguments)
        monkeypatch.setattr(basic, '_ANSIBLE_ARGS', json.dumps({'ANSIBLE_MODULE_ARGS': arguments}).encode('utf-8'))
        # ansible-core 2.19 and later: how the result is written, and that this is no controller although
        # the tests of action plugins have loaded one.
        monkeypatch.setattr(basic, '_ANSIBLE_PROFILE', 'legacy', raising=False)
        if hasattr(warnings, '_internal'):
            monkeypatch.setattr(warnings._internal, 'is_controller', False)
        monkeypatch.setattr(warnings, '_global_warnings', type(warnings._global_warnings)())
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            module.main()
        result = json.loads(capsys.readouterr().out)
        assert bool(end.value.code) == bool(result.get('failed')), 'exit status and result disagree: %r' % result
        # ansible-core 2.19 and later: a warning is a structure.
        for number, warning in enumerate(result.get('warnings', [])):
            result['warnings'][number] = warning['event']['msg'] if isinstance(warning, dict) else warning
        return result
    return run


@pytest.fixture
def run_module(run_main):
    """Run a module of the collection: run_module(name, option=value...) gives its result, which must be as documented."""
    def run(_module, **arguments):
        result = run_main(importlib.import_module('%s.plugins.modules.%s' % (COLLECTION, _module)), arguments)
        check_documentation(_module, result)
        return result
    return run


@pytest.fixture
def documented():
    """The names in a module's RETURN: documented(module), or below one of them: documented(module, 'ceph')."""
    def names(name, below=None):
        fields = return_of(name)
        return set(fields[below]['contains'] if below else fields)
    return names


@pytest.fixture
def returned():
    """The names that modules returned, without those that every module has: returned(result, other result...)."""
    def names(*results):
        return set().union(*results) - OF_EVERY_MODULE
    return names


class FakeRun:
    """Stands in for process.run: every command is expected, in order, and its result is given."""

    def __init__(self):
        self.expected = []
        self.calls = []

    def expect(self, argv, stdout='', rc=0, stderr='', timed_out=False, error=None):
        """:param argv: the list, or a function that takes it and says whether it is the one.
        :param error: what to raise instead of giving a result.
        """
        self.expected.append((argv, error or process.Result(argv, rc, stdout, stderr, timed_out)))

    def __call__(self, argv, timeout, **options):
        self.calls.append({'argv': argv, 'timeout': timeout, 'options': options})
        if not self.expected:
            pytest.fail('no more commands are expected, but this was run: %r' % (argv,))
        wanted, answer = self.expected.pop(0)
        if not (wanted(argv) if callable(wanted) else wanted == argv):
            pytest.fail('expected: %r, but this was run: %r' % (wanted, argv))
        if isinstance(answer, BaseException):
            raise answer
        return answer


@pytest.fixture
def fake_run(monkeypatch):
    fake = FakeRun()
    monkeypatch.setattr(process, 'run', fake)
    yield fake
    assert not fake.expected, 'these commands were not run: %r' % [argv for argv, _answer in fake.expected]


@pytest.fixture
def executable(tmp_path, monkeypatch):
    """Put a program in front of all others: executable(name, text)."""
    folder = tmp_path / 'bin'
    folder.mkdir()
    monkeypatch.setenv('PATH', '%s:%s' % (folder, os.environ['PATH']))

    def make(name, text):
        path = folder / name
        path.write_bytes(text.encode('utf-8'))
        path.chmod(0o755)
        return str(path)
    return make


@pytest.fixture
def port():
    """A port that is free: the tests of several Pythons run side by side."""
    free = socket.socket()
    free.bind(('127.0.0.1', 0))
    number = free.getsockname()[1]
    free.close()
    return number


@pytest.fixture
def must_end():
    """The test fails where it takes more than a second."""
    def give_up(_signal, _frame):
        pytest.fail('it does not end')

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
