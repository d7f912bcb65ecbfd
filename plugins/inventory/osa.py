# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The containers and groups of an all-in-one as an Ansible inventory."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: osa
short_description: The containers and groups of an OpenStack-Ansible all-in-one
version_added: 0.1.0
description:
  - Reads the inventory that OpenStack-Ansible keeps on a lab host, and asks LXC there which containers run, in one call of C(ssh).
  - The groups are OpenStack-Ansible's, with its names and its variables. Containers are besides in one of the groups
    C(osa_running), C(osa_stopped) (frozen ones too) and C(osa_absent) (LXC has none of that name).
  - Containers are entered with P(osa_lab.ceph_aio.lxc_ssh#connection), the lab host itself with P(ansible.builtin.ssh#connection).
  - The source is a file whose name ends with C(.osa.yml) or C(.osa.yaml). Lab hosts that this collection makes have one beside their key.
author:
  - osa_lab (@osa-lab)
extends_documentation_fragment:
  - constructed
  - inventory_cache
options:
  plugin:
    description: Says that the file is for this plugin.
    type: str
    required: true
    choices: [osa_lab.ceph_aio.osa]
  lab_host:
    description: Name of a lab host that this collection made on this machine. The way to it is read from O(access_dir).
    type: str
  access_dir:
    description:
      - Folder that holds the way to O(lab_host).
      - Without it, it is C(osa_ceph_aio/NAME) below C($XDG_STATE_HOME) or C(~/.local/state).
    type: path
  host:
    description: Address of any other lab host, instead of O(lab_host).
    type: str
  user:
    description: User on O(host). Without it, ssh decides.
    type: str
  port:
    description: Port of the ssh server on O(host). Without it, ssh decides.
    type: int
  private_key_file:
    description: Key for O(host). Without it, ssh decides.
    type: path
  ssh_common_args:
    description: More arguments for ssh to O(host), as in C(ansible_ssh_common_args).
    type: str
  become:
    description:
      - Whether to become root on the lab host with C(sudo -n) where the user there is not root. Containers get it as C(osa_host_become).
    type: bool
    default: true
  inventory_path:
    description: OpenStack-Ansible's inventory on the lab host.
    type: str
    default: /etc/openstack_deploy/openstack_inventory.json
  file:
    description:
      - A copy of that inventory on the controller, which is read instead. Nobody is asked then, so the states are not known.
      - O(lab_host) or O(host) beside it say how the hosts are reached.
    type: path
  timeout:
    description: Seconds for the call of ssh; past it, all that was started is killed.
    type: float
    default: 30.0
  python_interpreter:
    description: What all hosts get as C(ansible_python_interpreter).
    type: str
    default: auto_silent
notes:
  - Of OpenStack-Ansible's variables, those named C(ansible_*) are left out, since its way into the containers is another one.
    The address among them is kept as C(osa_address). Nothing in the variables is taken for a template.
  - OpenStack-Ansible's groups have names such as C(ceph-mon). C(force_valid_group_names = ignore) in C([defaults]) of
    the configuration keeps Ansible from warning of them.
  - ssh is asked for nothing but keys; it cannot be given a password here.
seealso:
  - plugin: osa_lab.ceph_aio.lxc_ssh
    plugin_type: connection
'''

EXAMPLES = r'''
# labosa.osa.yml, a lab host that `make lab` made
plugin: osa_lab.ceph_aio.osa
lab_host: labosa

# mylab.osa.yml, any lab host:
# plugin: osa_lab.ceph_aio.osa
# host: 192.0.2.10
# user: ubuntu
# keyed_groups:
#   - key: component
#     prefix: component
'''

import os
import shlex
import threading

import yaml
from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import containers, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import lab_host_shell

try:
    from ansible.template import trust_as_template
except ImportError:
    # Before ansible-core 2.19 every text is taken for a template that is not marked as unsafe.
    def trust_as_template(value):
        return value

# Every name with the last state it is listed under, then the inventory as it is.
READ = (
    'names() { names="$(timeout --kill-after=5 %d lxc-ls -1 $2 2>&1 < /dev/null)" || problem LXC "$? $names"; '
    'printf "== %%s\\n%%s\\n" "$1" "$names"; }; '
    'names STOPPED; names RUNNING --running; names FROZEN --frozen; '
    '[ -e "$1" ] || problem NO_FILE; '
    'echo "== INVENTORY"; exec cat "$1"' % containers.LXC_TIMEOUT)
GROUPS = {'RUNNING': 'osa_running', 'STOPPED': 'osa_stopped', 'FROZEN': 'osa_stopped', 'ABSENT': 'osa_absent'}
WAY = {'user': 'ansible_user', 'port': 'ansible_port', 'private_key_file': 'ansible_ssh_private_key_file',
       'ssh_common_args': 'ansible_ssh_common_args'}


def state_dir():
    """Where lab hosts of this machine keep the way to them."""
    home = os.environ.get('XDG_STATE_HOME') or os.path.expanduser('~/.local/state')
    return os.path.join(home, 'osa_ceph_aio')


def read_access(name, folder):
    """The variables of a lab host that this collection made, for a connection to it."""
    path = os.path.join(folder, 'inventory.yml')
    try:
        with open(path, encoding='utf-8') as stream:
            variables = yaml.safe_load(stream)['lab_hosts']['hosts'][name]
        return dict({'ansible_host': variables['ansible_host']}, **{key: variables[key] for key in WAY.values() if key in variables})
    except FileNotFoundError:
        known = os.path.dirname(folder)
        there = sorted(entry for entry in (os.listdir(known) if os.path.isdir(known) else [])
                       if os.path.exists(os.path.join(known, entry, 'inventory.yml')))
        raise AioError('there is no lab host %s' % name, folder, 'there are: %s' % (', '.join(there) or 'none'),
                       'correct lab_host or access_dir, or make it: make lab LAB=%s' % name) from None
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
        raise AioError('the way to the lab host %s cannot be read' % name, path, str(error),
                       'let it be written anew: make lab LAB=%s' % name) from None


def ssh_command(access, remote):
    arguments = access.get('ansible_ssh_common_args', '')
    try:
        argv = ['ssh', '-o', 'BatchMode=yes'] + shlex.split(arguments)
    except ValueError as error:
        raise AioError('the arguments for ssh cannot be told apart', arguments, str(error), 'correct ssh_common_args') from None
    for flag, key in (('-i', 'ansible_ssh_private_key_file'), ('-p', 'ansible_port'), ('-l', 'ansible_user')):
        if key in access:
            argv += [flag, str(access[key])]
    return argv + ['--', access['ansible_host'], remote]


def ask(access, path, become, timeout):
    """What the lab host says: its inventory as text, and {container: state}.

    :raises AioError: it says something else, or nothing in time.
    """
    host = access['ansible_host']
    if not 0 < timeout <= threading.TIMEOUT_MAX:
        raise AioError('%r is no number of seconds to wait' % timeout, 'timeout', 'it has to be greater than 0', 'correct it')
    try:
        result = process.run(ssh_command(access, lab_host_shell.command_line(READ, path, become=become)), timeout)
    except OSError as error:
        raise AioError('ssh cannot be started', host, str(error), 'install an ssh client') from None
    if result.timed_out:
        raise AioError('the lab host does not answer', host, 'it took more than %g s' % timeout, 'look at it, or raise timeout')
    word, detail = lab_host_shell.problem(host, result.rc, result.stderr.encode())
    if word == 'NO_FILE':
        raise AioError("OSA's inventory is not there", '%s on %s' % (path, host), 'no such file',
                       'run the site playbook, which writes it, or correct inventory_path')
    if word == 'LXC':
        raise AioError('the lab host cannot list its containers', host, 'lxc-ls ended with %s' % detail,
                       'check LXC there with lxc-ls -f')
    if result.rc == 255:
        raise AioError('the lab host cannot be reached', host, result.stderr.strip(), 'check its address, user and key with ssh')
    if result.rc:
        raise AioError("OSA's inventory cannot be read", '%s on %s' % (path, host), result.stderr.strip(), 'check the file')
    lists, _mark, text = result.stdout.partition('\n== INVENTORY\n')
    states, state = {}, None
    for line in lists.splitlines():
        if line.startswith('== '):
            state = line[3:]
        elif state:
            states[line] = state
    return text, states


def as_data(value):
    """A value that another machine wrote: nothing in it is taken for a template."""
    if isinstance(value, dict):
        return {key: as_data(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_data(item) for item in value]
    if not isinstance(value, str):
        return value
    return wrap_var(value) if '{' in value else trust_as_template(value)


def as_ours(value):
    """A value from this machine. Without the mark, ansible-inventory would show it as unsafe."""
    return trust_as_template(value) if isinstance(value, str) else value


def osa_variables(variables):
    """OSA's variables without its own way to the hosts."""
    return {key: as_data(value) for key, value in variables.items() if not key.startswith('ansible_')}


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = 'osa_lab.ceph_aio.osa'

    def verify_file(self, path):
        return super().verify_file(path) and path.endswith(('.osa.yml', '.osa.yaml'))

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path)
        self._read_config_data(path)
        try:
            access = self._access()
            source, text, states = self._read(access, path, cache)
            osa = containers.parse_inventory(text, source)
        except AioError as error:
            raise AnsibleParserError(str(error)) from None
        groups = {name: group for name, group in osa.items() if name != '_meta'}
        hosts = set(osa.get('_meta', {}).get('hostvars', {})).union(*[containers.members(osa, name) for name in groups])
        self._add_groups(groups, hosts)
        for name in GROUPS.values() if states is not None else []:
            self.inventory.add_group(name)
        for name in sorted(hosts):
            self._add_variables(name, osa, access, states)
            self._construct(name)

    def _access(self):
        """The variables for a connection to the lab host; none where only a file is given."""
        name, host = self.get_option('lab_host'), self.get_option('host')
        way = {key: self.get_option(key) for key in WAY if self.get_option(key) is not None}
        if name and (host or way):
            raise AioError('it is not clear which lab host is meant', 'lab_host',
                           'there is also %s, which is for other lab hosts' % ', '.join(['host'] if host else sorted(way)),
                           'leave one of them out')
        if name:
            containers.check_name(name)
            return read_access(name, self.get_option('access_dir') or os.path.join(state_dir(), name))
        if host:
            return dict({'ansible_host': host}, **{WAY[key]: value for key, value in way.items()})
        if self.get_option('file'):
            return {}
        raise AioError('no lab host is named', 'lab_host', 'and neither host nor file is given', 'name one of the three')

    def _read(self, access, path, cache):
        """(where from, OSA's inventory as text, {container: state} or None where nobody was asked)."""
        copy = self.get_option('file')
        if copy:
            try:
                with open(copy, encoding='utf-8') as stream:
                    return copy, stream.read(), None
            except (OSError, ValueError) as error:
                raise AioError("OSA's inventory cannot be read", copy, str(error), 'correct the option file') from None
        remote = self.get_option('inventory_path')
        source = '%s on %s' % (remote, access['ansible_host'])
        key = self.get_cache_key(path)
        answer = self._cache.get(key) if cache and self.get_option('cache') else None
        if not answer:
            answer = ask(access, remote, self.get_option('become'), self.get_option('timeout'))
            if self.get_option('cache'):
                self._cache[key] = answer
        return source, answer[0], answer[1]

    def _add_groups(self, groups, hosts):
        for name in sorted(hosts):
            self.inventory.add_host(name)
        for name in sorted(groups):
            self.inventory.add_group(name)
        for name, group in sorted(groups.items()):
            for host in group.get('hosts', []):
                self.inventory.add_child(name, host)
            for child in group.get('children', []):
                self.inventory.add_group(child)
                self.inventory.add_child(name, child)
            for key, value in osa_variables(group.get('vars', {})).items():
                self.inventory.set_variable(name, key, value)

    def _add_variables(self, name, osa, access, states):
        variables = osa.get('_meta', {}).get('hostvars', {}).get(name, {})
        own = dict(access, ansible_python_interpreter=self.get_option('python_interpreter'))
        if containers.is_host_itself(osa, name):
            own['ansible_connection'] = 'ansible.builtin.ssh'
        else:
            own['ansible_connection'] = 'osa_lab.ceph_aio.lxc_ssh'
            own['osa_container'] = name
            own['osa_host_become'] = self.get_option('become')
            own['osa_state'] = 'UNKNOWN' if states is None else states.get(name, 'ABSENT')
            if states is not None:
                self.inventory.add_child(GROUPS[own['osa_state']], name)
        theirs = osa_variables(variables)
        address = variables.get('ansible_host', variables.get('ansible_ssh_host'))
        if address is not None:
            theirs['osa_address'] = as_data(address)
        for key, value in dict(theirs, **{key: as_ours(value) for key, value in own.items()}).items():
            self.inventory.set_variable(name, key, value)

    def _construct(self, name):
        strict = self.get_option('strict')
        self._set_composite_vars(self.get_option('compose'), self.inventory.get_host(name).get_vars(), name, strict)
        self._add_host_to_composed_groups(self.get_option('groups'), {}, name, strict)
        self._add_host_to_keyed_groups(self.get_option('keyed_groups'), {}, name, strict)
