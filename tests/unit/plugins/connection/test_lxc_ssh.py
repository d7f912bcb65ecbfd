# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import shlex
import stat
import subprocess

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleConnectionFailure, AnsibleError, AnsibleFileNotFound
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader, fragment_loader
from ansible.utils.plugin_docs import add_fragments
from ansible_collections.osa_lab.ceph_aio.plugins.connection import lxc_ssh
from ansible_collections.osa_lab.ceph_aio.plugins.doc_fragments import ssh_options
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import lab_host_shell

NAME = 'osa_lab.ceph_aio.lxc_ssh'
MON = 'aio1_ceph-mon_container-82a1d5fc'
PREFIX = lab_host_shell.PROBLEM


class Fragments:
    """Finds the collection's own fragment, which the loader of these tests does not know, and ansible-core's."""

    @staticmethod
    def get(name):
        if name == 'osa_lab.ceph_aio.ssh_options':
            return type('Fragment', (ssh_options.ModuleDocFragment,), {'ansible_name': name})
        return fragment_loader.get(name)


@pytest.fixture(scope='module')
def definitions():
    """The options as Ansible would load them."""
    documentation = yaml.safe_load(lxc_ssh.DOCUMENTATION)
    add_fragments(documentation, lxc_ssh.__file__, Fragments())
    constants.config.initialize_plugin_configuration_definitions('connection', NAME, documentation['options'])
    return documentation['options']


class Ssh:
    """Stands in for the program: remembers each call, and gives the results in their order, or runs it here."""

    def __init__(self, plugin):
        self.plugin = plugin
        self.results = []
        self.calls = []

    def __call__(self, cmd, in_data, sudoable=True, checkrc=True):
        words = shlex.split(cmd[-1].decode())
        self.calls.append({'argv': [word.decode() for word in cmd], 'words': words, 'in_data': in_data, 'sudoable': sudoable})
        if self.results:
            return self.results.pop(0)
        done = subprocess.run(['/bin/sh', '-c', words[-1]], input=in_data, capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def connect(definitions, monkeypatch, tmp_path):
    """A connection and what stands in for ssh: connect(variable=value...)."""
    def make(**variables):
        plugin = object.__new__(lxc_ssh.Connection)
        plugin._load_name = plugin.ansible_name = NAME
        context = PlayContext()
        context.remote_addr = 'mon'
        plugin.__init__(context)
        plugin.set_options(task_keys={}, var_options=dict(
            {'osa_container': MON, 'ansible_host': '192.0.2.10', 'ansible_control_path_dir': str(tmp_path)}, **variables))
        ssh = Ssh(plugin)
        monkeypatch.setattr(plugin, '_bare_run', ssh)
        return plugin, ssh
    return make


def names(options, kind):
    return sorted(entry.get('name', entry.get('key')) for entry in options.get(kind) or [])


def test_all_options_of_ssh_are_there(definitions):
    connection_loader.get('ssh', class_only=True)
    theirs = constants.config.get_configuration_definitions('connection', 'ssh')
    assert set(definitions) == set(theirs) | {'container', 'host_become'}
    for option, definition in theirs.items():
        assert definitions[option].get('default') == definition.get('default'), option
        for kind in ('vars', 'env', 'ini', 'cli'):
            assert names(definitions[option], kind) == names(definition, kind), option


def test_no_version_of_ansible_core_is_taken_for_one_of_the_collection():
    assert 'version_added' not in ssh_options.ModuleDocFragment.DOCUMENTATION


def test_container_has_to_be_named(connect):
    with pytest.raises(AnsibleError) as error:
        connect(osa_container=None)
    assert 'container' in str(error.value)


def test_way_to_the_lab_host(connect):
    plugin, ssh = connect(
        ansible_port=2222, ansible_user='deploy', ansible_ssh_private_key_file='/keys/id', ansible_ssh_timeout=7,
        ansible_ssh_common_args='-o UserKnownHostsFile=/keys/known_hosts', ansible_ssh_extra_args='-o Compression=no',
        ansible_ssh_executable='/opt/ssh')
    assert plugin.exec_command('true') == (0, b'', b'')
    argv = ssh.calls[0]['argv']
    assert argv[0] == '/opt/ssh'
    assert argv[-3:-1] == ['-tt', '192.0.2.10']
    for option in ('Port=2222', 'User="deploy"', 'IdentityFile="/keys/id"', 'ConnectTimeout=7',
                   'UserKnownHostsFile=/keys/known_hosts', 'Compression=no'):
        assert argv[argv.index(option) - 1] == '-o'


def test_command_in_the_container(connect):
    plugin, ssh = connect()
    command = "echo 'it''s'; echo \"$HOME\" > /tmp/a b"
    ssh.results = [(0, b'out', b'err')]
    assert plugin.exec_command(command) == (0, b'out', b'err')
    assert ssh.calls[0]['words'] == [
        '/bin/sh', '-c', PREFIX + lab_host_shell.AS_ROOT, 'osa', PREFIX + lxc_ssh.ENTER, 'osa', MON, command]


def test_command_without_becoming_root(connect):
    plugin, ssh = connect(osa_host_become=False)
    plugin.exec_command('true')
    assert ssh.calls[0]['words'] == ['/bin/sh', '-c', PREFIX + lxc_ssh.ENTER, 'osa', MON, 'true']


@pytest.mark.parametrize('name', ['', 'a;reboot', '$(id)', '-n', '../mon', 'a b', 'a\nb', "a'b"])
def test_odd_name_is_refused(connect, name):
    plugin, ssh = connect(osa_container=name)
    with pytest.raises(AnsibleError) as error:
        plugin.exec_command('true')
    assert not isinstance(error.value, AnsibleConnectionFailure)
    assert 'is no name of a container' in str(error.value)
    assert ssh.calls == []


def test_user_of_modules_is_root_and_of_ssh_another(connect):
    plugin, ssh = connect(ansible_user='deploy')
    for _time in range(2):
        assert plugin.get_option('remote_user') == 'root'
        plugin.exec_command('true')
        assert 'User="deploy"' in ssh.calls[-1]['argv']


def test_user_of_modules_is_root_after_a_failure(connect):
    plugin, _ssh = connect(ansible_user='deploy', ansible_control_path_dir='/proc/none')
    with pytest.raises((AnsibleError, OSError)):
        plugin.exec_command('true')
    assert plugin.get_option('remote_user') == 'root'


def test_containers_of_a_host_share_a_connection(connect):
    paths = set()
    for container in (MON, 'another'):
        plugin, ssh = connect(osa_container=container)
        plugin.exec_command('true')
        paths.update(word for word in ssh.calls[0]['argv'] if word.startswith('ControlPath='))
    assert len(paths) == 1


@pytest.mark.parametrize('status', [0, 1, 3, 127, 254])
def test_exit_status_comes_through(connect, status):
    plugin, ssh = connect()
    ssh.results = [(status, b'o', b'e')]
    assert plugin.exec_command('true') == (status, b'o', b'e')


@pytest.mark.parametrize('terminal', [True, False])
@pytest.mark.parametrize('word, message', [
    ('STOPPED', 'the container does not run (%s on 192.0.2.10): LXC says it is STOPPED. '
                'Next: on the lab host: lxc-start -n %s.' % (MON, MON)),
    ('FROZEN', 'the container does not run (%s on 192.0.2.10): LXC says it is FROZEN. '
               'Next: on the lab host: lxc-unfreeze -n %s.' % (MON, MON)),
    ('ABSENT', 'the container is not there (%s on 192.0.2.10): LXC has no container of this name. '
               'Next: on the lab host: lxc-ls -f.' % MON),
    ('TIMEOUT', 'LXC does not answer (%s on 192.0.2.10): lxc-info took more than 10 s. '
                'Next: look at the container with lxc-info on the lab host.' % MON),
    ('NO_LXC', 'there is no LXC (192.0.2.10): lxc-info or timeout is not there. Next: check that this is the lab host.'),
    ('NO_ROOT deploy: no', 'one cannot become root on the lab host (192.0.2.10): deploy: no. '
                           'Next: connect as root, or let this user use sudo without a password there.'),
])
def test_unreachable(connect, word, message, terminal):
    plugin, ssh = connect()
    said = lab_host_shell.MARK.encode() + word.encode() + (b'\r\n' if terminal else b'\n')
    ssh.results = [(254,) + ((said, b'Shared connection closed.') if terminal else (b'', said))]
    with pytest.raises(AnsibleConnectionFailure) as error:
        plugin.exec_command('true')
    assert str(error.value) == message


def test_ssh_that_cannot_connect(connect):
    plugin, ssh = connect()
    ssh.results = [(255, b'', b'Connection refused')]
    with pytest.raises(AnsibleConnectionFailure) as error:
        plugin.exec_command('true')
    assert 'Connection refused' in str(error.value)


def test_retries_are_those_of_ssh(connect):
    plugin, ssh = connect(ansible_ssh_retries=1)
    ssh.results = [(255, b'', b'Connection refused'), (0, b'again', b'')]
    assert plugin.exec_command('true') == (0, b'again', b'')


@pytest.mark.parametrize('variables, data, out', [
    ({}, None, b'a\r\nb'), ({}, b'piped', b'a\r\r\nb'), ({'ansible_ssh_use_tty': False}, None, b'a\r\r\nb')])
def test_one_carriage_return_of_two_terminals(connect, variables, data, out):
    plugin, ssh = connect(**variables)
    ssh.results = [(0, b'a\r\r\nb', b'')]
    assert plugin.exec_command('true', in_data=data)[1] == out


@pytest.fixture
def lxc(executable):
    """The lab host has LXC: lxc(what lxc-info does). Its lxc-attach shows what it was given, then runs it."""
    def make(info, attach='printf "%s\\n" "$@" >&2; while [ "$1" != -- ]; do shift; done; shift; exec "$@"'):
        executable('id', '#!/bin/sh\necho 0\n')
        executable('lxc-info', '#!/bin/sh\n[ "$*" = "--name %s --state --no-humanize" ] || exit 99\n%s\n' % (MON, info))
        executable('lxc-attach', '#!/bin/sh\n%s\n' % attach)
    return make


def enter(command, data=b''):
    line = lab_host_shell.command_line(lxc_ssh.ENTER, MON, command, become=True)
    done = subprocess.run(['/bin/sh', '-c', line], input=data, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_script_enters_a_running_container(lxc):
    lxc('cat; echo RUNNING')
    status, out, err = enter('echo "$((6 * 7))"; cat; exit 3', b'\x00\xff')
    assert (status, out) == (3, b'42\n\x00\xff')
    assert err.decode().splitlines() == [
        '--clear-env', '--name', MON, '--set-var', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        '--set-var', 'HOME=/root', '--', '/bin/sh', '-c', 'echo "$((6 * 7))"; cat; exit 3']


@pytest.mark.parametrize('info, word', [
    ('echo STOPPED', 'STOPPED'), ('echo FROZEN', 'FROZEN'), ('echo "%s doesn\'t exist"; exit 1' % MON, 'ABSENT'),
    ('exit 1', 'ABSENT'), ('exit 127', 'NO_LXC'), ('exit 124', 'TIMEOUT'), ('kill -9 $$', 'TIMEOUT')])
def test_script_does_not_enter_another(lxc, info, word):
    lxc(info, attach='echo entered')
    status, out, err = enter('true')
    assert (status, out) == (254, b'')
    assert lab_host_shell.problem('lab', status, out, err) == (word, '')


def test_script_does_not_wait_for_lxc(lxc, monkeypatch):
    monkeypatch.setattr(lxc_ssh, 'ENTER', lxc_ssh.ENTER.replace('--kill-after=5 10 ', '--kill-after=5 0.1 '))
    lxc('exec sleep 30', attach='echo entered')
    status, out, err = enter('true')
    assert lab_host_shell.problem('lab', status, out, err) == ('TIMEOUT', '')


SIZES = [0, 1, 3, 4, 5, 8, 11]


@pytest.fixture
def small(monkeypatch):
    """Files go in blocks of 4 bytes."""
    monkeypatch.setattr(lxc_ssh, 'CHUNK', 4)


@pytest.mark.parametrize('size', SIZES)
def test_put_file(connect, small, tmp_path, size):
    plugin, ssh = connect()
    source, target = tmp_path / 'source', tmp_path / "it's a target"
    source.write_bytes(bytes(range(255, 255 - size, -1)))
    plugin.put_file(str(source), str(target))
    assert target.read_bytes() == source.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    quoted = shlex.quote(str(target))
    assert [call['words'][-1] for call in ssh.calls] == [
        'umask 077; dd of=%s seek=%d%s bs=4 iflag=fullblock' % (quoted, number, '' if size > 4 * number else ' count=0')
        for number in range(size // 4 + 1)]
    assert not any(call['sudoable'] for call in ssh.calls)


def test_put_file_over_a_longer_one(connect, small, tmp_path):
    plugin, _ssh = connect()
    source, target = tmp_path / 'source', tmp_path / 'target'
    source.write_bytes(b'abcdef')
    target.write_bytes(b'0123456789')
    plugin.put_file(str(source), str(target))
    assert target.read_bytes() == b'abcdef'


def test_put_file_when_a_connection_breaks(connect, small, tmp_path):
    plugin, ssh = connect(ansible_ssh_retries=1)
    source, target = tmp_path / 'source', tmp_path / 'target'
    source.write_bytes(b'abcdefgh')
    run, broken = ssh.__class__.__call__, []

    def once(cmd, in_data, sudoable=True, checkrc=True):
        result = run(ssh, cmd, in_data, sudoable, checkrc)
        if in_data == b'efgh' and not broken:
            broken.append(True)
            return 255, b'', b'broken'
        return result
    plugin._bare_run = once
    plugin.put_file(str(source), str(target))
    assert target.read_bytes() == b'abcdefgh'


def test_put_file_that_is_not_there(connect, tmp_path):
    plugin, ssh = connect()
    with pytest.raises(AnsibleFileNotFound):
        plugin.put_file(str(tmp_path / 'none'), '/tmp/target')
    assert ssh.calls == []


def test_put_file_where_there_is_no_folder(connect, tmp_path):
    plugin, _ssh = connect()
    (tmp_path / 'source').write_bytes(b'a')
    with pytest.raises(AnsibleError) as error:
        plugin.put_file(str(tmp_path / 'source'), str(tmp_path / 'none' / 'target'))
    for piece in ('the file could not be transferred', MON, '192.0.2.10', 'none/target', 'No such file', 'Next: check the path'):
        assert piece in str(error.value)


@pytest.mark.parametrize('size', SIZES)
def test_fetch_file(connect, small, tmp_path, size):
    plugin, ssh = connect()
    source, target = tmp_path / "it's a source", tmp_path / 'target'
    source.write_bytes(bytes(range(255, 255 - size, -1)))
    plugin.fetch_file(str(source), str(target))
    assert target.read_bytes() == source.read_bytes()
    assert [call['words'][-1] for call in ssh.calls] == [
        'umask 077; dd if=%s skip=%d count=1 bs=4 iflag=fullblock' % (shlex.quote(str(source)), number)
        for number in range(size // 4 + 1)]
    assert not any(call['sudoable'] or call['in_data'] for call in ssh.calls)


@pytest.mark.parametrize('name', ['none', ''])
def test_fetch_file_that_is_none(connect, tmp_path, name):
    plugin, _ssh = connect()
    with pytest.raises(AnsibleError) as error:
        plugin.fetch_file(os.path.join(str(tmp_path), name), str(tmp_path / 'target'))
    assert 'the file could not be transferred' in str(error.value)


def test_file_of_a_container_that_stopped(connect, tmp_path):
    plugin, ssh = connect()
    ssh.results = [(254, b'', b'osa_lab.ceph_aio: STOPPED\n')]
    with pytest.raises(AnsibleConnectionFailure) as error:
        plugin.fetch_file('/etc/hostname', str(tmp_path / 'target'))
    assert 'LXC says it is STOPPED' in str(error.value)
