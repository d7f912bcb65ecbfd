# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json
import os
import subprocess

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import fragment_loader
from ansible.template import Templar
from ansible.utils.plugin_docs import add_fragments
from ansible_collections.osa_lab.ceph_aio.plugins.inventory import osa
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import lab_host_shell

MON = 'aio1_ceph-mon_container-82a1d5fc'
REMOTE = '/etc/openstack_deploy/openstack_inventory.json'
ACCESS = {
    'ansible_host': '192.0.2.10', 'ansible_user': 'root', 'ansible_ssh_private_key_file': '/keys/id',
    'ansible_ssh_common_args': '-o UserKnownHostsFile=/keys/known_hosts -o StrictHostKeyChecking=yes'}


@pytest.fixture(scope='module')
def definitions():
    """The options as Ansible would load them."""
    documentation = yaml.safe_load(osa.DOCUMENTATION)
    add_fragments(documentation, osa.__file__, fragment_loader)
    constants.config.initialize_plugin_configuration_definitions('inventory', osa.InventoryModule.NAME, documentation['options'])


@pytest.fixture
def parse(definitions, tmp_path):
    """Read a source with these options: parse(option=value...) gives the inventory."""
    def run(_cache=True, **options):
        path = tmp_path / 'lab.osa.yml'
        path.write_text(yaml.safe_dump(dict({'plugin': osa.InventoryModule.NAME}, **options)))
        plugin = osa.InventoryModule()
        plugin._load_name = plugin.ansible_name = osa.InventoryModule.NAME
        plugin._redirected_names = [osa.InventoryModule.NAME]
        inventory = InventoryData()
        plugin.parse(inventory, DataLoader(), str(path), _cache)
        if plugin.get_option('cache'):
            plugin.update_cache_if_changed()
        inventory.reconcile_inventory()
        return inventory
    return run


@pytest.fixture
def real(inventory_path):
    with open(inventory_path, encoding='utf-8') as stream:
        return stream.read()


def answer(text, stopped=(), running=(), frozen=()):
    every = sorted(set(stopped).union(running, frozen))
    lists = [('STOPPED', every), ('RUNNING', sorted(set(running).union(frozen))), ('FROZEN', frozen)]
    return ''.join('== %s\n%s\n' % (state, '\n'.join(names)) for state, names in lists) + '== INVENTORY\n' + text


def remote(path=REMOTE, become=True):
    return lab_host_shell.command_line(osa.READ, path, become=become)


def ssh(*words, **options):
    return ['ssh', '-o', 'BatchMode=yes', *words, '--', '192.0.2.10', remote(**options)]


@pytest.fixture
def host(parse, fake_run):
    """A lab host that answers so: host(text, states..., _options={...})."""
    def run(text, _options=None, **states):
        fake_run.expect(ssh(), answer(text, **states))
        return parse(host='192.0.2.10', **(_options or {}))
    return run


def names(inventory, group):
    return sorted(host.name for host in inventory.groups[group].get_hosts())


def variables(inventory, host):
    return inventory.hosts[host].vars


def small(**hostvars):
    return json.dumps({'_meta': {'hostvars': hostvars}, 'ceph-mon': {'hosts': sorted(hostvars)}})


@pytest.mark.parametrize('name, ok', [
    ('a.osa.yml', True), ('a.osa.yaml', True), ('osa.yml', False), ('a.yml', False), ('a.osa.json', False)])
def test_file_names(definitions, tmp_path, name, ok):
    (tmp_path / name).write_text('')
    assert osa.InventoryModule().verify_file(str(tmp_path / name)) is ok
    assert osa.InventoryModule().verify_file(str(tmp_path / 'none.osa.yml')) is False


def test_groups_of_a_real_osa(parse, inventory_path, real):
    inventory = parse(file=inventory_path)
    theirs = json.loads(real)
    assert set(inventory.groups) == (set(theirs) - {'_meta'}) | {'ungrouped'}
    assert set(inventory.hosts) == set(theirs['_meta']['hostvars'])
    for name, group in theirs.items():
        if name not in ('_meta', 'all'):
            assert [host.name for host in inventory.groups[name].hosts] == group.get('hosts', [])
            assert sorted(child.name for child in inventory.groups[name].child_groups) == sorted(group.get('children', []))
    assert inventory.groups['all'].vars['container_cidr'] == '172.29.236.0/22'


def test_variables_of_a_container(parse, inventory_path, real):
    theirs = json.loads(real)['_meta']['hostvars'][MON]
    assert theirs.pop('ansible_host') == '172.29.236.129'
    mine = variables(parse(file=inventory_path, host='192.0.2.10'), MON)
    assert {key: value for key, value in mine.items() if key in theirs} == theirs
    assert {key: value for key, value in mine.items() if key not in theirs and not key.startswith('inventory_')} == {
        'ansible_connection': 'osa_lab.ceph_aio.lxc_ssh', 'ansible_host': '192.0.2.10', 'ansible_python_interpreter': 'auto_silent',
        'osa_container': MON, 'osa_state': 'UNKNOWN', 'osa_host_become': True, 'osa_address': '172.29.236.129'}


def test_variables_of_the_lab_host(parse, inventory_path):
    mine = variables(parse(file=inventory_path, host='192.0.2.10', user='deploy', port=2222, private_key_file='/keys/id',
                           ssh_common_args='-o A=b', python_interpreter='/usr/bin/python3'), 'aio1')
    assert {key: value for key, value in mine.items() if key.startswith(('ansible_', 'osa_'))} == {
        'ansible_connection': 'ansible.builtin.ssh', 'ansible_host': '192.0.2.10', 'ansible_user': 'deploy', 'ansible_port': 2222,
        'ansible_ssh_private_key_file': '/keys/id', 'ansible_ssh_common_args': '-o A=b',
        'ansible_python_interpreter': '/usr/bin/python3', 'osa_address': '172.29.236.100'}


def test_file_alone_says_no_way(parse, inventory_path):
    assert 'ansible_host' not in variables(parse(file=inventory_path), MON)


def test_file_has_no_groups_by_state(parse, inventory_path):
    assert not [name for name in parse(file=inventory_path).groups if name.startswith('osa_')]


def test_states(host, real):
    galera, horizon = 'aio1_galera_container-7f990551', 'aio1_horizon_container-3a3da647'
    inventory = host(real, running=[MON], stopped=[galera, 'unknown'], frozen=[horizon])
    assert names(inventory, 'osa_running') == [MON]
    assert names(inventory, 'osa_stopped') == [galera, horizon]
    assert len(names(inventory, 'osa_absent')) == len(inventory.hosts) - 4
    assert 'aio1' not in names(inventory, 'osa_absent')
    assert 'unknown' not in inventory.hosts
    assert [variables(inventory, name)['osa_state'] for name in (MON, galera, horizon, names(inventory, 'osa_absent')[0])] == [
        'RUNNING', 'STOPPED', 'FROZEN', 'ABSENT']


def test_lab_host_without_containers(host, real):
    inventory = host(real)
    assert len(names(inventory, 'osa_absent')) == 22
    assert names(inventory, 'osa_running') == names(inventory, 'osa_stopped') == []


def test_other_variables_of_another_machine_do_not_lead_elsewhere(host):
    inventory = host(small(mon={
        'ansible_ssh_host': '172.29.236.5', 'ansible_connection': 'local', 'ansible_ssh_executable': '/tmp/x', 'osa_container': 'other',
        'osa_host_become': False, 'container_address': '172.29.236.5'}), running=['mon'])
    mine = variables(inventory, 'mon')
    assert mine['ansible_connection'] == 'osa_lab.ceph_aio.lxc_ssh'
    assert (mine['osa_container'], mine['osa_host_become'], mine['osa_address']) == ('mon', True, '172.29.236.5')
    assert 'ansible_ssh_executable' not in mine and 'ansible_ssh_host' not in mine


def test_variables_of_another_machine_are_no_templates(host):
    template = "{{ lookup('pipe', 'id') }}"
    inventory = host(json.dumps({
        '_meta': {'hostvars': {'mon': {'a': template, 'b': [{'c': template}], 'ansible_host': template}}},
        'all': {'vars': {'d': template}}}))
    templar = Templar(DataLoader(), variables={})
    mine = dict(variables(inventory, 'mon'), **inventory.groups['all'].vars)
    for value in (mine['a'], mine['b'][0]['c'], mine['osa_address'], mine['d']):
        assert templar.template(value) == template


def test_constructed(parse, inventory_path):
    inventory = parse(
        file=inventory_path, compose={'net': 'container_address ~ "/22"'}, groups={'metal': 'is_metal is defined and is_metal'},
        keyed_groups=[{'key': 'properties.service_name', 'prefix': 'service'}])
    assert variables(inventory, MON)['net'] == '172.29.236.129/22'
    assert names(inventory, 'metal') == ['aio1']
    assert names(inventory, 'service_ceph') == [MON]


def test_constructed_strictly(parse, inventory_path):
    with pytest.raises(AnsibleError):
        parse(file=inventory_path, compose={'a': 'no_such_variable'}, strict=True)


@pytest.mark.parametrize('options, argv', [
    ({}, ssh()),
    ({'user': 'deploy', 'port': 2222, 'private_key_file': '/keys/id', 'ssh_common_args': '-o "A=b c" -o D=e'},
     ssh('-o', 'A=b c', '-o', 'D=e', '-i', '/keys/id', '-p', '2222', '-l', 'deploy')),
    ({'become': False}, ssh(become=False)),
    ({'inventory_path': "/etc/it's; reboot.json"}, ssh(path="/etc/it's; reboot.json")),
])
def test_command(parse, fake_run, real, options, argv):
    fake_run.expect(argv, answer(real))
    parse(host='192.0.2.10', timeout=12.5, **options)
    assert fake_run.calls[0]['timeout'] == 12.5
    assert fake_run.calls[0]['options'] == {}


@pytest.mark.parametrize('named', [True, False])
def test_lab_host_of_this_machine(parse, fake_run, real, monkeypatch, tmp_path, named):
    monkeypatch.setenv('XDG_STATE_HOME', '/nonexistent' if named else str(tmp_path))
    folder = tmp_path / 'osa_ceph_aio' / 'labosa'
    folder.mkdir(parents=True)
    (folder / 'inventory.yml').write_text(yaml.safe_dump(
        {'lab_hosts': {'hosts': {'labosa': dict(ACCESS, release_series='embedded', ansible_python_interpreter='/usr/bin/python3')}}}))
    argv = ssh('-o', 'UserKnownHostsFile=/keys/known_hosts', '-o', 'StrictHostKeyChecking=yes', '-i', '/keys/id', '-l', 'root')
    fake_run.expect(argv, answer(real, running=[MON]))
    mine = variables(parse(lab_host='labosa', **({'access_dir': str(folder)} if named else {})), MON)
    assert {key: mine[key] for key in ACCESS} == ACCESS
    assert 'release_series' not in mine


def test_lab_host_that_is_not_there(parse, monkeypatch, tmp_path):
    monkeypatch.delenv('XDG_STATE_HOME', raising=False)
    monkeypatch.setenv('HOME', str(tmp_path))
    with pytest.raises(AnsibleParserError) as error:
        parse(lab_host='labosa')
    assert 'there are: none' in str(error.value)
    for name in ('labtwo', 'labone', 'halfway'):
        (tmp_path / '.local/state/osa_ceph_aio' / name).mkdir(parents=True)
    for name in ('labtwo', 'labone'):
        (tmp_path / '.local/state/osa_ceph_aio' / name / 'inventory.yml').write_text('')
    with pytest.raises(AnsibleParserError) as error:
        parse(lab_host='labosa')
    assert str(error.value) == (
        'there is no lab host labosa (%s/.local/state/osa_ceph_aio/labosa): there are: labone, labtwo. '
        'Next: correct lab_host or access_dir, or make it: make lab LAB=labosa.' % tmp_path)


@pytest.mark.parametrize('content', [b'', b'a: [', b'lab_hosts: {}', b'- a', b'\xff', b'lab_hosts: {hosts: {labosa: }}', b'lab_hosts: {hosts: {labosa: {}}}'])
def test_access_that_cannot_be_read(parse, tmp_path, content):
    (tmp_path / 'inventory.yml').write_bytes(content)
    with pytest.raises(AnsibleParserError) as error:
        parse(lab_host='labosa', access_dir=str(tmp_path))
    assert 'the way to the lab host labosa cannot be read (%s/inventory.yml)' % tmp_path in str(error.value)
    assert 'Next: let it be written anew: make lab LAB=labosa' in str(error.value)


@pytest.mark.parametrize('options, said', [
    ({}, 'no lab host is named (lab_host): and neither host nor file is given'),
    ({'lab_host': 'a', 'host': 'b'}, 'it is not clear which lab host is meant (lab_host): there is also host'),
    ({'lab_host': 'a', 'user': 'b', 'port': 1}, 'there is also port, user, which is for other lab hosts'),
    ({'lab_host': '../a'}, "'../a' is no name of a container"),
    ({'lab_host': 'a; id'}, "'a; id' is no name of a container"),
    ({'host': '192.0.2.10', 'timeout': 0}, '0.0 is no number of seconds to wait (timeout): it has to be greater than 0'),
    ({'host': '192.0.2.10', 'timeout': -1}, '-1.0 is no number of seconds to wait'),
    ({'host': '192.0.2.10', 'timeout': float('nan')}, 'nan is no number of seconds to wait'),
    ({'host': '192.0.2.10', 'timeout': float('inf')}, 'inf is no number of seconds to wait'),
    ({'host': '192.0.2.10', 'ssh_common_args': '-o "a'}, 'the arguments for ssh cannot be told apart (-o "a): No closing quotation'),
    ({'file': '/nonexistent/inventory.json'}, "OSA's inventory cannot be read (/nonexistent/inventory.json)"),
    ({'file': '/proc/self'}, "OSA's inventory cannot be read (/proc/self)"),
])
def test_options_that_cannot_work(parse, fake_run, options, said):
    with pytest.raises(AnsibleParserError) as error:
        parse(**options)
    assert said in str(error.value)
    assert 'Next: ' in str(error.value)


@pytest.mark.parametrize('result, said', [
    ({'rc': 255, 'stderr': 'ssh: connect to host 192.0.2.10 port 22: Connection refused\r\n'},
     'the lab host cannot be reached (192.0.2.10): ssh: connect to host 192.0.2.10 port 22: Connection refused. '
     'Next: check its address, user and key with ssh.'),
    ({'rc': None, 'timed_out': True}, 'the lab host does not answer (192.0.2.10): it took more than 30 s. '
                                      'Next: look at it, or raise timeout.'),
    ({'error': OSError(2, 'No such file or directory')}, 'ssh cannot be started (192.0.2.10): [Errno 2] No such file or directory. '
                                                         'Next: install an ssh client.'),
    ({'rc': 254, 'stderr': 'osa_lab.ceph_aio: NO_FILE\n'},
     "OSA's inventory is not there (%s on 192.0.2.10): no such file. "
     'Next: run the site playbook, which writes it, or correct inventory_path.' % REMOTE),
    ({'rc': 254, 'stderr': 'osa_lab.ceph_aio: LXC 127 sh: lxc-ls: not found\n'},
     'the lab host cannot list its containers (192.0.2.10): lxc-ls ended with 127 sh: lxc-ls: not found. '
     'Next: check LXC there with lxc-ls -f.'),
    ({'rc': 254, 'stderr': 'osa_lab.ceph_aio: NO_ROOT deploy: no\n'},
     'one cannot become root on the lab host (192.0.2.10): deploy: no. '
     'Next: connect as root, or let this user use sudo without a password there.'),
    ({'rc': 1, 'stderr': 'cat: %s: Permission denied\n' % REMOTE},
     "OSA's inventory cannot be read (%s on 192.0.2.10): cat: %s: Permission denied. Next: check the file." % (REMOTE, REMOTE)),
])
def test_lab_host_that_cannot_say(parse, fake_run, result, said):
    fake_run.expect(ssh(), **result)
    with pytest.raises(AnsibleParserError) as error:
        parse(host='192.0.2.10')
    assert str(error.value) == said


@pytest.mark.parametrize('text', [
    '', '{', 'null', '[]', '{"a": []}', '{"a": {"hosts": {}}}', '{"a": {"hosts": [1]}}', '{"a": {"children": "b"}}',
    '{"a": {"vars": []}}', '{"_meta": {"hostvars": []}}', '{"_meta": {"hostvars": {"a": []}}}', 'no JSON'])
def test_inventory_of_another_shape(host, text):
    with pytest.raises(AnsibleParserError) as error:
        host(text)
    assert "OSA's inventory is damaged (%s on 192.0.2.10)" % REMOTE in str(error.value)


def test_truncated_inventory(host, real):
    with pytest.raises(AnsibleParserError) as error:
        host(real[:len(real) // 2])
    assert "OSA's inventory is damaged" in str(error.value)


@pytest.mark.parametrize('name', ['a;reboot', '$(id)', '../a', '-n', 'a b'])
@pytest.mark.parametrize('shape', [
    '{"a": {"hosts": [%s]}}', '{"a": {"children": [%s]}}', '{%s: {}}', '{"_meta": {"hostvars": {%s: {}}}}'])
def test_name_that_could_be_something_else(host, shape, name):
    with pytest.raises(AnsibleParserError) as error:
        host(shape % json.dumps(name))
    assert '%r is no name of a container' % name in str(error.value)


def test_cache(parse, fake_run, real, tmp_path):
    options = {'host': '192.0.2.10', 'cache': True, 'cache_plugin': 'jsonfile', 'cache_connection': str(tmp_path / 'cache')}
    os.mkdir(options['cache_connection'])
    fake_run.expect(ssh(), answer(real, running=[MON]))
    for _time in range(2):
        assert names(parse(**options), 'osa_running') == [MON]
    assert len(fake_run.calls) == 1
    fake_run.expect(ssh(), answer(real))
    assert names(parse(_cache=False, **options), 'osa_running') == []


@pytest.fixture
def lab_host(executable, tmp_path, real):
    """A lab host that is this machine: lab_host(what lxc-ls does) gives what the script says there."""
    def run(lxc_ls, content=real):
        path = tmp_path / "it's a file"
        if content is not None:
            path.write_text(content)
        executable('id', '#!/bin/sh\necho 0\n')
        executable('lxc-ls', '#!/bin/sh\n%s\n' % lxc_ls)
        done = subprocess.run(['/bin/sh', '-c', remote(path=str(path))], capture_output=True, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()
    return run


def test_script(lab_host, real):
    status, out, err = lab_host(
        'case $* in -1) printf "a\\nb\\nc\\n" ;; "-1 --running") printf "b\\nc\\n" ;; "-1 --frozen") echo c ;; *) exit 9 ;; esac')
    assert (status, err) == (0, '')
    assert out == answer(real, ['a'], ['b'], ['c'])


def test_script_without_containers(lab_host, real):
    assert lab_host('exit 0') == (0, answer(real), '')


@pytest.mark.parametrize('lxc_ls, content, said', [
    ('exit 0', None, 'osa_lab.ceph_aio: NO_FILE\n'),
    ('echo "no rights" >&2; exit 1', '{}', 'osa_lab.ceph_aio: LXC 1 no rights\n'),
])
def test_script_that_cannot_go_on(lab_host, lxc_ls, content, said):
    status, _out, err = lab_host(lxc_ls, content)
    assert (status, err) == (254, said)
