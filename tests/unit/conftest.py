# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the collection importable from any folder; run a module, and stand in for what it calls."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import importlib
import io
import json
import os
import signal
import sys
import types

import pytest
import yaml

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
FIXTURES = os.path.join(ROOT, 'tests', 'unit', 'fixtures')
COLLECTION = 'ansible_collections.osa_lab.ceph_aio'
# Ansible adds the second half where a result has a path.
OF_EVERY_MODULE = frozenset(('changed', 'failed', 'msg', 'invocation', 'warnings', 'diff', 'exception',
                             'owner', 'group', 'uid', 'gid', 'mode', 'size', 'state', 'secontext'))

# Code that runs on the controller or in the embedded OSA needs Python 3.
collect_ignore = [] if sys.version_info[0] > 2 else ['embedded', 'roles', 'plugins/action', 'plugins/callback']


def make_package(name, *path):
    """Put a package into sys.modules; one that a collection loader has put there stays."""
    if name not in sys.modules:
        module = types.ModuleType(name)
        module.__path__ = list(path)
        sys.modules[name] = module
        parent, _dot, child = name.rpartition('.')
        if parent:
            setattr(sys.modules[parent], child, module)


make_package('ansible_collections')
make_package('ansible_collections.osa_lab')
make_package(COLLECTION, ROOT)
make_package(COLLECTION + '.plugins', os.path.join(ROOT, 'plugins'))
for _folder in ('action', 'callback', 'doc_fragments', 'module_utils', 'modules'):
    make_package('%s.plugins.%s' % (COLLECTION, _folder), os.path.join(ROOT, 'plugins', _folder))
_tested = [os.path.realpath(_folder) for _folder in sys.modules[COLLECTION].__path__]
if _tested != [ROOT]:
    raise RuntimeError('the collection would be tested from %s, not from %s' % (_tested, ROOT))

from ansible.module_utils import basic  # noqa: E402
from ansible.module_utils.common import warnings  # noqa: E402
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import ceph_client, ceph_shape, process  # noqa: E402


@pytest.fixture
def root():
    """Folder of the collection."""
    return ROOT


@pytest.fixture
def osa():
    """Folder of the embedded OSA."""
    return os.path.join(ROOT, 'roles', 'embedded_osa', 'files', 'ocata', 'openstack-ansible')


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


@pytest.fixture
def ceph_said(fixture_text):
    """What a real cluster answered: ceph_said(case) gives the texts in the order of ceph_shape.QUESTIONS."""
    def read(case, release='pacific'):
        names = ('status', 'health', 'osd_tree', 'osd_dump', 'mgr_dump', 'version')
        return [fixture_text('ceph', release, case, name + '.json') for name in names]
    return read


@pytest.fixture
def observed(ceph_said):
    """A real cluster as the modules see it: observed(case)."""
    def read(case):
        answers = zip(ceph_shape.QUESTIONS, ceph_said(case))
        shape = ceph_shape.shape([ceph_client.Answer(question, 0, text, '') for question, text in answers])
        return dict(shape, container='mon', remedy='')
    return read


@pytest.fixture
def run_module(monkeypatch, capsys, tmp_path):
    """Run a module's main(): run_module(name, option=value...) gives its result; a failed one has failed: true."""
    def run(_module, **arguments):
        module = importlib.import_module('%s.plugins.modules.%s' % (COLLECTION, _module))
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
def documented():
    """The names in a module's RETURN: documented(module), or below one of them: documented(module, 'ceph')."""
    def names(name, below=None):
        module = importlib.import_module('%s.plugins.modules.%s' % (COLLECTION, name))
        fields = yaml.safe_load(module.RETURN) or {}
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
def must_end():
    """The test fails where it takes more than a second."""
    def give_up(_signal, _frame):
        pytest.fail('it does not end')

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
