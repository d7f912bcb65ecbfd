"""Run Ansible modules in an LXC container of this host."""
import subprocess

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = '''
    name: lxc_attach
    short_description: Run modules in an LXC container of this host
    description: Enters the container with lxc-attach.
    author: osa_lab
    options:
      container_name:
        description: Name of the container.
        vars:
          - name: container_name
'''


class Connection(ConnectionBase):
    transport = 'lxc_attach'
    has_pipelining = True

    def _connect(self):
        self._connected = True
        return self

    def _attach(self, command, stdin):
        argv = ['lxc-attach', '--clear-env', '--name', self.get_option('container_name'),
                '--set-var', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
                '--set-var', 'HOME=/root', '--', '/bin/sh', '-c', command]
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        stdout, stderr = process.communicate(stdin)
        return process.returncode, stdout, stderr

    def exec_command(self, cmd, in_data=None, sudoable=True):
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        return self._attach(cmd, in_data)

    def put_file(self, in_path, out_path):
        with open(in_path, 'rb') as stream:
            code, _stdout, stderr = self._attach('cat > %s' % self._shell.quote(out_path), stream.read())
        if code:
            raise AnsibleConnectionFailure('could not write %s: %s' % (out_path, stderr.decode()))

    def fetch_file(self, in_path, out_path):
        code, stdout, stderr = self._attach('cat %s' % self._shell.quote(in_path), None)
        if code:
            raise AnsibleConnectionFailure('could not read %s: %s' % (in_path, stderr.decode()))
        with open(out_path, 'wb') as stream:
            stream.write(stdout)

    def close(self):
        self._connected = False
