# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run modules in an LXC container of a lab host, through ssh and lxc-attach."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
name: lxc_ssh
short_description: Run modules in an LXC container of a lab host, through ssh
version_added: 0.1.0
description:
  - Reaches the lab host as the connection P(ansible.builtin.ssh#connection) does, and enters a container there with C(lxc-attach).
  - The container needs no ssh server and no address, only what the modules need. For most of them that is Python.
  - Modules run as root of the container; C(become) leads from there to another user of the container.
  - A container that is not there or does not run is unreachable, and the message says which it is.
author:
  - osa_lab (@osa-lab)
requirements:
  - LXC 2.0 or newer and C(timeout) on the lab host
extends_documentation_fragment:
  - osa_lab.ceph_aio.ssh_options
  - connection_pipelining
options:
  container:
    description:
      - Name of the container as LXC on the lab host knows it.
    type: str
    required: true
    vars:
      - name: osa_container
  host_become:
    description:
      - Whether to become root on the lab host with C(sudo -n) where the user there is not root.
      - The lab host itself is asked, so it does no harm where that user is root.
      - Switch it off for containers that belong to the user.
    type: bool
    default: true
    vars:
      - name: osa_host_become
notes:
  - All options but O(container) and O(host_become) are those of P(ansible.builtin.ssh#connection), in the version that
    runs, under the same variables. They are about the way to the lab host, O(remote_user) too. Files go the
    same way as commands, so the options for C(sftp) and C(scp) and O(ssh_transfer_method) count for nothing.
  - Containers of a lab host and the lab host itself share one ControlPersist connection.
  - As with ssh, a command that ends with 255 looks like a host that is unreachable.
seealso:
  - plugin: osa_lab.ceph_aio.osa
    plugin_type: inventory
'''

EXAMPLES = r'''
all:
  hosts:
    mon:
      ansible_connection: osa_lab.ceph_aio.lxc_ssh
      ansible_host: 192.0.2.10
      ansible_user: root
      osa_container: aio1_ceph-mon_container-0269a5f2
'''

import os

from ansible.errors import AnsibleConnectionFailure, AnsibleError, AnsibleFileNotFound
from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible.plugins.connection.ssh import Connection as SshConnection
from ansible.utils.display import Display
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import containers, places
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import lab_host_shell

display = Display()

# lxc-attach waits without end for a container that is frozen, so its state comes first.
ENTER = (
    'state="$(timeout --kill-after=5 %d lxc-info --name "$1" --state --no-humanize 2> /dev/null < /dev/null)"; '
    'case "$?$state" in 0RUNNING) ;; 0*) problem "$state" ;; 124*|137*) problem TIMEOUT ;; 127*) problem NO_LXC ;; '
    '*) problem ABSENT ;; esac; '
    'exec lxc-attach --clear-env --name "$1" --set-var PATH=%s --set-var HOME=/root '
    '-- /bin/sh -c "$2"' % (containers.LXC_TIMEOUT, places.PATH))
CHUNK = 4 * 1024 * 1024  # bytes of a file that are held in memory at once


class Connection(SshConnection):
    transport = 'osa_lab.ceph_aio.lxc_ssh'

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._on_the_way = False

    def get_option(self, option, hostvars=None):
        # Who asks for the user wants to know whose home and files these are: root's, in the container.
        if option == 'remote_user' and not self._on_the_way:
            return 'root'
        return super().get_option(option, hostvars)

    def _build_command(self, *args):
        self._on_the_way = True
        try:
            return super()._build_command(*args)
        finally:
            self._on_the_way = False

    def _enter(self, command):
        """The command line for the lab host that runs a command in the container."""
        try:
            name = containers.check_name(self.get_option('container'))
        except AioError as error:
            raise AnsibleError(str(error)) from None
        return lab_host_shell.command_line(ENTER, name, command, become=self.get_option('host_become'))

    def _stop_at_problem(self, status, *outputs):
        word, _detail = lab_host_shell.problem(self.host, status, *outputs)
        if word is None:
            return
        name = self.get_option('container')
        where = '%s on %s' % (name, self.host)
        if word == 'NO_LXC':
            raise AioError('there is no LXC', self.host, 'lxc-info or timeout is not there', 'check that this is the lab host')
        if word == 'TIMEOUT':
            raise AioError('LXC does not answer', where, 'lxc-info took more than %d s' % containers.LXC_TIMEOUT,
                           'look at the container with lxc-info on the lab host')
        if word == 'ABSENT':
            raise AioError('the container is not there', where, 'LXC has no container of this name', 'on the lab host: lxc-ls -f')
        raise AioError('the container does not run', where, 'LXC says it is %s' % word,
                       'on the lab host: %s -n %s' % ('lxc-unfreeze' if word == 'FROZEN' else 'lxc-start', name))

    def exec_command(self, cmd, in_data=None, sudoable=True):
        status, stdout, stderr = super().exec_command(self._enter(cmd), in_data=in_data, sudoable=sudoable)
        try:
            self._stop_at_problem(status, stdout, stderr)
        except AioError as error:
            raise AnsibleConnectionFailure(str(error)) from None
        if sudoable and not in_data and self.get_option('use_tty'):
            # ssh and lxc-attach each made a terminal, and each terminal a carriage return.
            stdout = stdout.replace(b'\r\r\n', b'\r\n')
        return status, stdout, stderr

    def _transfer(self, command, path, data=None):
        """Run dd for one block of a file; said twice, as after a connection that broke, it does the same again."""
        status, stdout, stderr = self.exec_command(
            'umask 077; dd %s bs=%d iflag=fullblock' % (command, CHUNK), in_data=data, sudoable=False)
        if status:
            where = '%s on %s: %s' % (self.get_option('container'), self.host, path)
            raise AnsibleError(str(AioError('the file could not be transferred', where, to_text(stderr).strip(),
                                            'check the path, its permissions and the free space')))
        return stdout

    def put_file(self, in_path, out_path):
        display.vvv('PUT %s TO %s' % (in_path, out_path), host=self.host)
        source = to_bytes(in_path, errors='surrogate_or_strict')
        if not os.path.exists(source):
            raise AnsibleFileNotFound('file or module does not exist: %s' % in_path)
        target = self._shell.quote(out_path)
        with open(source, 'rb') as stream:
            number, data = 0, None
            while data is None or len(data) == CHUNK:
                data = stream.read(CHUNK)
                # Without data the input would be a terminal, which does not end.
                self._transfer('of=%s seek=%d%s' % (target, number, '' if data else ' count=0'), out_path, data)
                number += 1

    def fetch_file(self, in_path, out_path):
        display.vvv('FETCH %s TO %s' % (in_path, out_path), host=self.host)
        source = self._shell.quote(in_path)
        with open(to_bytes(out_path, errors='surrogate_or_strict'), 'wb') as stream:
            number, data = 0, None
            while data is None or len(data) == CHUNK:
                data = self._transfer('if=%s skip=%d count=1' % (source, number), in_path)
                stream.write(data)
                number += 1
