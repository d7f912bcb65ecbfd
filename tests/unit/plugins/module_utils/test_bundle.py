# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import io
import json
import os
import tarfile

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import bundle, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.cluster import ACCESS_ARGUMENTS

PARAMS = dict(((name, option.get('default')) for name, option in ACCESS_ARGUMENTS.items()), timeout=5.0)


class Archive(object):
    """A bundle that is made, and what is in it once it is closed."""

    def __init__(self, timeout=5.0, seconds=60.0, limit=2 ** 20):
        self.stream = io.BytesIO()
        self.bundle = bundle.Bundle(self.stream, 'top', timeout, process.now() + seconds, limit)

    def close(self, **about):
        self.bundle.close(about)
        self.stream.seek(0)
        archive = tarfile.open(fileobj=self.stream)
        self.members = archive.getmembers()
        texts = dict((member.name, archive.extractfile(member).read().decode('utf-8')) for member in self.members)
        assert all(name.startswith('top/') for name in texts)
        self.texts = dict((name[len('top/'):], text) for name, text in texts.items())
        self.manifest = json.loads(self.texts['manifest.json'])
        assert sorted(entry['name'] for entry in self.manifest['entries'] if entry['name']) == sorted(set(self.texts) - set(['manifest.json']))
        return self

    def lacking(self):
        return dict((entry['source'], entry['problem']) for entry in self.bundle.entries if entry['problem'])


@pytest.fixture
def archive():
    return Archive()


@pytest.fixture
def no_host(monkeypatch, tmp_path):
    """Nothing of this machine is collected."""
    for name in ('FILES', 'COMMANDS', 'OF_CHECKOUT'):
        monkeypatch.setattr(bundle, name, ())
    monkeypatch.setattr(bundle, 'DEPLOY', str(tmp_path / 'deploy'))
    monkeypatch.setattr(bundle, 'SECRETS', str(tmp_path / 'deploy' / 'user_secrets*.yml'))
    monkeypatch.setattr(bundle, 'VARIABLES', (str(tmp_path / 'deploy' / '*.yml'), str(tmp_path / 'deploy' / 'group_vars' / '*.yml')))
    monkeypatch.setattr(bundle, 'collect_ceph', lambda _bundle, _params: None)
    monkeypatch.setattr(bundle, 'collect_containers', lambda _bundle: None)
    return tmp_path


def test_text(archive):
    archive.bundle.add('a/b.txt', 'somewhere', u'gr\xfcn', seconds=1.26, rc=0)
    archive.close(host='mylab')
    assert archive.texts['a/b.txt'] == u'gr\xfcn'
    assert archive.manifest['entries'] == [
        {'name': 'a/b.txt', 'source': 'somewhere', 'bytes': 5, 'seconds': 1.3, 'problem': '', 'rc': 0}]
    assert (archive.manifest['version'], archive.manifest['host'], archive.manifest['values_redacted']) == (1, 'mylab', 0)
    assert [member.mode for member in archive.members] == [0o600, 0o600]


def test_nothing_that_is_said_has_a_secret(archive):
    archive.bundle.redactor.learn('sesame-open')
    archive.bundle.add('a', 'x --p sesame-open', 'sesame-open', 'denied: sesame-open')
    archive.close(failed={'message': 'no sesame-open'})
    assert 'sesame' not in json.dumps(archive.texts)
    assert archive.manifest['failed'] == {'message': 'no <secret>'}
    assert archive.manifest['values_redacted'] == 1


def test_file(archive, tmp_path):
    (tmp_path / 'file').write_bytes(u'gr\xfcn\n'.encode('utf-8') + b'\xff\n')
    archive.bundle.add_file('a', str(tmp_path / 'file'))
    assert archive.close().texts['a'] == u'gr\xfcn\n\ufffd\n'


def test_end_of_a_long_file(tmp_path):
    """From the beginning of a line on: half a secret would not be known as one."""
    archive = Archive(limit=20)
    (tmp_path / 'file').write_bytes(b'password: sesame-open\n' + b'second line\n')
    archive.bundle.add_file('a', str(tmp_path / 'file'))
    archive.close()
    assert archive.texts['a'] == 'second line\n'
    assert archive.lacking() == {str(tmp_path / 'file'): 'its last 20 of 34 bytes'}


def test_long_file_of_one_line(tmp_path):
    archive = Archive(limit=20)
    (tmp_path / 'file').write_bytes(b'x' * 100)
    archive.bundle.add_file('a', str(tmp_path / 'file'))
    assert set(archive.close().texts) == set(['manifest.json'])


def test_file_of_the_kernel(archive):
    """It says that it has no bytes."""
    archive.bundle.add_file('a', '/proc/self/mountinfo')
    assert ' / ' in archive.close().texts['a']


def test_file_that_cannot_be_read(archive, tmp_path):
    archive.bundle.add_file('a', str(tmp_path / 'none'))
    assert 'No such file' in archive.lacking()[str(tmp_path / 'none')]
    assert set(archive.close().texts) == set(['manifest.json'])


def test_what_is_no_file(archive, tmp_path, must_end):
    os.mkfifo(str(tmp_path / 'fifo'))
    archive.bundle.add_file('a', str(tmp_path / 'fifo'))
    archive.bundle.add_file('b', str(tmp_path))
    assert archive.close().manifest['entries'] == []


def test_command(archive):
    archive.bundle.add_command('a', ['echo', 'password=sesame'])
    archive.close()
    assert archive.texts['a'] == 'password=<secret>\n'
    assert archive.manifest['entries'][0]['source'] == 'echo password=<secret>'


def test_command_that_fails(archive):
    archive.bundle.add_command('a', ['sh', '-c', 'echo out; echo because >&2; exit 3'])
    archive.bundle.add_command('b', ['sh', '-c', 'exit 4'])
    archive.bundle.add_command('c', ['/no/such/program'])
    archive.close()
    assert archive.texts['a'] == 'out\n'
    assert [(entry['problem'], entry.get('rc')) for entry in archive.manifest['entries']] == [
        ('because', 3), ('it ended with 4', 4), ('it is not installed', None)]


def test_command_that_hangs(gone):
    """What it said until then is kept."""
    archive = Archive(timeout=0.5)
    archive.bundle.add_command('a', ['sh', '-c', 'echo $$; sleep 60'])
    archive.close()
    assert archive.lacking() == {'sh -c echo $$; sleep 60': 'it was killed after 0.5 s'}
    assert gone(int(archive.texts['a']))


def test_no_time_is_left(fake_run):
    archive = Archive(seconds=-1)
    archive.bundle.add_command('a', ['echo'])
    assert archive.lacking() == {'echo': 'no time was left for it'}


def test_less_time_is_left(fake_run):
    archive = Archive(timeout=50.0, seconds=10)
    fake_run.expect(['echo'])
    archive.bundle.add_command('a', ['echo'])
    assert 9 < fake_run.calls[0]['timeout'] <= 10


def test_bundle_that_is_full(archive, monkeypatch):
    monkeypatch.setattr(bundle, 'MOST', 2 ** 20)
    archive.bundle.add('a', 'a', 'x' * 2 ** 20)
    archive.bundle.add('b', 'b', 'x')
    archive.close()
    assert archive.lacking() == {'b': 'the bundle is full (1 MiB)'}
    assert set(archive.texts) == set(['a', 'manifest.json'])


def test_what_is_collected(no_host, archive, monkeypatch):
    for path, text in {'state/state.json': '{}', 'state/lease.json': '{}', 'state/logs/a.log': 'used sesame-one, sesame-two', 'state/lock': '{}',
                       'state/supervised/job.json': '{}', 'state/supervised/environment.json': '{}', 'state/supervised/program.py': '',
                       'deploy/user_secrets.yml': 'glance_password: sesame-one\n', 'deploy/user_zz.yml': 'my_token: sesame-two\nsize: 3\n',
                       'deploy/ceph.keyring': 'key = sesame-one', 'deploy/conf.d/a.yml': 'b_password: sesame-six\n'}.items():
        target = no_host / path
        if not target.parent.exists():
            target.parent.mkdir(parents=True)
        target.write_bytes(text.encode('utf-8'))
    deploy = str(no_host / 'deploy')
    monkeypatch.setattr(bundle, 'FILES', (('config', (deploy + '/*.yml', deploy + '/conf.d/*.yml')),))
    monkeypatch.setattr(bundle, 'COMMANDS', (('pwd.txt', ['pwd']),))
    monkeypatch.setattr(bundle, 'OF_CHECKOUT', (('pwd.txt', ['pwd']),))
    bundle.collect(archive.bundle, {'state_dir': str(no_host / 'state'), 'checkout': deploy})
    archive.close()
    assert archive.texts['checkout/pwd.txt'].strip() == deploy
    assert archive.texts['host/pwd.txt'].strip() == os.getcwd()
    assert archive.texts['state/logs/a.log'] == 'used <secret>, <secret>'
    assert archive.texts['config%s/user_secrets.yml' % deploy] == 'glance_password: <secret>\n'
    assert archive.texts['config%s/user_zz.yml' % deploy] == 'my_token: <secret>\nsize: 3\n'
    assert archive.texts['config%s/conf.d/a.yml' % deploy] == 'b_password: <secret>\n'
    assert set(archive.texts) == set(['manifest.json', 'state/state.json', 'state/lease.json', 'state/lock', 'state/logs/a.log', 'state/supervised/job.json',
                                      'host/pwd.txt', 'checkout/pwd.txt'] + ['config%s/%s' % (deploy, name) for name in (
                                          'user_secrets.yml', 'user_zz.yml', 'conf.d/a.yml')])


def test_where_nothing_is(no_host, archive):
    bundle.collect(archive.bundle, {'state_dir': str(no_host / 'state'), 'checkout': str(no_host / 'osa')})
    assert archive.close().manifest['entries'] == []


def test_no_keyring_is_among_the_files():
    """They are told one by one, or by an ending that no key has."""
    patterns = [pattern for _folder, patterns in bundle.FILES for pattern in patterns]
    assert [pattern for pattern in patterns if pattern.endswith('/*') and 'interfaces.d' not in pattern] == []
    assert [pattern for pattern in patterns if 'keyring' in pattern or 'pki' in pattern or 'ssh' in pattern] == []


def answers(captured, case='ok'):
    said = captured('nautilus', case)
    for asked in bundle.OF_MON + bundle.OF_MGR:
        said[json.dumps(asked, sort_keys=True)] = [0, json.dumps({'of': asked['prefix']}), '']
    return said


def test_ceph(archive, ceph, captured):
    ceph.is_like(answers(captured))
    bundle.collect_ceph(archive.bundle, dict(PARAMS, **ceph.access))
    archive.close()
    assert json.loads(archive.texts['ceph/observed.json'])['state'] == 'ok'
    assert json.loads(archive.texts['ceph/osd-crush-dump.json']) == {'of': 'osd crush dump'}
    assert len(archive.texts) == 2 + len(bundle.OF_MON + bundle.OF_MGR)
    assert len(ceph.connections) == 1


def test_ceph_without_a_manager(archive, ceph, captured):
    """Who asks what only a manager knows, waits for one."""
    ceph.is_like(answers(captured, 'mgr_down'))
    bundle.collect_ceph(archive.bundle, dict(PARAMS, **ceph.access))
    lacking = archive.lacking()
    assert dict((asked['prefix'], lacking['ceph ' + asked['prefix']]) for asked in bundle.OF_MGR) == dict(
        (asked['prefix'], 'it was not asked, as no manager is active') for asked in bundle.OF_MGR)
    assert 'ceph/report.json' in archive.close().texts


def test_ceph_refuses_one(archive, ceph, captured):
    ceph.is_like(answers(captured))
    ceph.says(bundle.OF_MON[3], (-22, '', 'command not known'))
    bundle.collect_ceph(archive.bundle, dict(PARAMS, **ceph.access))
    assert archive.lacking() == {'ceph config dump': 'error -22: command not known'}


def test_ceph_that_does_not_answer(archive, ceph):
    """It is not asked again and again."""
    ceph.does(connect='raise Error("timed out", 110)')
    bundle.collect_ceph(archive.bundle, dict(PARAMS, **ceph.access))
    assert json.loads(archive.close().texts['ceph/observed.json'])['state'] == 'mon_unreachable'
    assert len(ceph.connections) == 1
    assert all(archive.lacking()['ceph ' + asked['prefix']].startswith('it was not asked, as no mon can be reached') for asked in bundle.OF_MON)


def test_ceph_that_ceases_to_answer(ceph, captured):
    archive = Archive(timeout=0.7)
    ceph.is_like(answers(captured))
    ceph.does(command='if command["prefix"] == "osd crush dump": time.sleep(60)')
    bundle.collect_ceph(archive.bundle, dict(PARAMS, **ceph.access))
    lacking = archive.lacking()
    assert 'Ceph did not answer in time' in lacking['ceph osd crush dump']
    assert lacking['ceph report'] == lacking['ceph pg dump'] == 'it was not asked, as Ceph did not answer in time'
    assert 'ceph/osd-dump.json' in archive.close().texts


def test_no_time_is_left_for_ceph(ceph):
    archive = Archive(seconds=-1)
    bundle.collect_ceph(archive.bundle, dict(PARAMS, **ceph.access))
    assert archive.lacking() == {'ceph': 'no time was left for it'}
    assert ceph.connections == []


def test_inventory_that_is_damaged(archive, tmp_path):
    (tmp_path / 'inventory.json').write_bytes(b'{')
    bundle.collect_ceph(archive.bundle, dict(PARAMS, inventory=str(tmp_path / 'inventory.json')))
    assert "OSA's inventory is damaged" in archive.lacking()['ceph']


LXC_LS = ['lxc-ls', '-1']


def info(name):
    return ['lxc-info', '--name', name, '--state', '--no-humanize']


def inside(name, argv):
    return ['lxc-attach', '--clear-env', '--name', name, '--'] + argv


def test_containers(archive, fake_run):
    fake_run.expect(LXC_LS, 'aio1_ceph-mon_container-1 aio1_repo-2 aio1_x-3\n')
    fake_run.expect(info('aio1_ceph-mon_container-1'), 'RUNNING\n')
    for _name, argv in bundle.OF_CONTAINER + bundle.OF_CEPH_CONTAINER:
        fake_run.expect(inside('aio1_ceph-mon_container-1', argv), 'said')
    fake_run.expect(info('aio1_repo-2'), 'RUNNING\n')
    for _name, argv in bundle.OF_CONTAINER:
        fake_run.expect(inside('aio1_repo-2', argv), 'said')
    fake_run.expect(info('aio1_x-3'), 'FROZEN\n')
    bundle.collect_containers(archive.bundle)
    assert set(archive.close().texts) == set(['manifest.json'] + ['containers/' + name for name in (
        'aio1_ceph-mon_container-1/journal.txt', 'aio1_ceph-mon_container-1/failed-units.txt', 'aio1_ceph-mon_container-1/ceph.conf',
        'aio1_ceph-mon_container-1/ceph-logs.txt', 'aio1_repo-2/journal.txt', 'aio1_repo-2/failed-units.txt')])


def test_lxc_that_refuses(archive, fake_run):
    fake_run.expect(LXC_LS, rc=1, stderr='no')
    bundle.collect_containers(archive.bundle)
    assert 'LXC does not say which containers it has' in archive.lacking()['lxc-ls']


def test_lxc_that_hangs(archive, fake_run):
    fake_run.expect(LXC_LS, 'a-1 b-2\n')
    fake_run.expect(info('a-1'), timed_out=True)
    fake_run.expect(info('b-2'), 'STOPPED\n')
    bundle.collect_containers(archive.bundle)
    assert 'LXC does not answer' in archive.lacking()['lxc-info']


def test_without_lxc(archive, fake_run):
    fake_run.expect(LXC_LS, error=OSError(2, 'No such file'))
    bundle.collect_containers(archive.bundle)
    assert archive.close().manifest['entries'] == []
