#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: serve_folder
short_description: Give a folder to programs of this host over http for a while
version_added: 0.1.0
description:
  - Some programs take an address only, no path. A small server on 127.0.0.1 gives them the folder.
  - The server ends with O(state=stopped), where the next one is started, and by itself after O(seconds).
  - It is remembered in C(served.json) in O(state_dir). Only a process that is still the one that was started is ended.
author:
  - osa_lab (@osa-lab)
options:
  state:
    description: V(started) ends an earlier one and starts it; V(stopped) ends it.
    type: str
    choices: [started, stopped]
    default: started
  path:
    description: The folder. All users of the host can read it while it is served. Needed for V(started).
    type: path
  port:
    description: Port on 127.0.0.1.
    type: int
    default: 18893
  seconds:
    description: How long it lives at most.
    type: int
    default: 14400
  state_dir:
    description: Where it is remembered.
    type: path
    default: /var/lib/osa_ceph_aio
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes
  - osa_lab.ceph_aio.attributes.osa_group
attributes:
  check_mode:
    support: full
    details: Nothing is started or ended.
  diff_mode:
    support: none
'''

EXAMPLES = r'''
- name: Give pip its constraints over http
  osa_lab.ceph_aio.serve_folder:
    path: /srv/constraints
    seconds: 3600

- name: End it
  osa_lab.ceph_aio.serve_folder:
    state: stopped
'''

RETURN = r'''
address:
  description: Where the folder is found.
  returned: O(state=started)
  type: str
  sample: http://127.0.0.1:18893
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import errno
import json
import os
import signal
import socket
import sys
import tempfile
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import make_state_dir, write_atomically

START = 10.0  # seconds that it may take to start, and to end
# The alarm ends the process: nothing handles it.
PROGRAM = '''
import os, signal, sys
try:
    from http.server import SimpleHTTPRequestHandler
    from socketserver import TCPServer
except ImportError:
    from SimpleHTTPServer import SimpleHTTPRequestHandler
    from SocketServer import TCPServer
signal.alarm(int(sys.argv[3]))
os.chdir(sys.argv[1])
TCPServer.allow_reuse_address = True
SimpleHTTPRequestHandler.log_message = lambda *ignored: None
SimpleHTTPRequestHandler.timeout = 60
TCPServer(('127.0.0.1', int(sys.argv[2])), SimpleHTTPRequestHandler).serve_forever()
'''


def born(pid):
    """When a process was started, as the kernel counts; None where it does not live."""
    try:
        with open('/proc/%d/stat' % pid) as stream:
            fields = stream.read().rpartition(')')[2].split()
    except (IOError, OSError):
        return None
    return None if fields[0] in 'ZX' else int(fields[19])


def stop(record):
    """End the server that is remembered; says whether there was one."""
    try:
        with open(record) as stream:
            known = json.load(stream)
        pid, start = int(known['pid']), int(known['born'])
    except (IOError, OSError) as error:
        if error.errno != errno.ENOENT:
            raise
        return False
    except (ValueError, KeyError, TypeError):
        os.unlink(record)  # nothing is known of it; it ends by itself
        return False
    lives = born(pid) == start
    if lives:
        os.kill(pid, signal.SIGKILL)
        deadline = process.now() + START
        while born(pid) == start and process.now() < deadline:
            time.sleep(0.02)
    os.unlink(record)
    return lives


def answers(port):
    try:
        socket.create_connection(('127.0.0.1', port), 1).close()
    except (OSError, socket.error):
        return False
    return True


def start(params, record):
    if answers(params['port']):
        raise AioError('the port is taken', '127.0.0.1:%d' % params['port'], 'another program answers there',
                       'choose another port (source_mirror_port)')
    # What it says goes to a file: it may say something when nobody listens any more.
    with tempfile.TemporaryFile() as said:
        server = process.start([sys.executable, '-c', PROGRAM, params['path'], str(params['port']), str(params['seconds'])], said)
        try:
            await_answer(server, said, params, record)
        except BaseException:
            process.kill_group(server)  # nobody else may know of it
            server.wait()
            raise


def await_answer(server, said, params, record):
    write_atomically(record, json.dumps({'pid': server.pid, 'born': born(server.pid), 'port': params['port']}))
    deadline = process.now() + START
    while not answers(params['port']):
        if server.poll() is not None:
            said.seek(0)
            why = said.read().decode('utf-8', 'replace').strip().splitlines()[-1:]
            raise AioError('the folder cannot be served', params['path'], ' '.join(why) or 'the server ended at once',
                           'check the folder, or choose another port (source_mirror_port)')
        if process.now() > deadline:
            stop(record)
            raise AioError('the folder cannot be served', params['path'], 'the server does not answer within %g s' % START,
                           'run again; where it stays so, look at the load of this host')
        time.sleep(0.02)


def main():
    module = AnsibleModule(
        argument_spec={
            'state': {'type': 'str', 'choices': ['started', 'stopped'], 'default': 'started'},
            'path': {'type': 'path'},
            'port': {'type': 'int', 'default': 18893},
            'seconds': {'type': 'int', 'default': 14400},
            'state_dir': {'type': 'path', 'default': '/var/lib/osa_ceph_aio'},
        },
        required_if=[('state', 'started', ['path'])],
        supports_check_mode=True,
    )
    params = module.params
    record = os.path.join(params['state_dir'], 'served.json')
    address = 'http://127.0.0.1:%d' % params['port']
    try:
        if params['state'] == 'stopped':
            # What lives for a run only is no change of the host.
            if not module.check_mode:
                stop(record)
            module.exit_json(changed=False)
        if not module.check_mode:
            make_state_dir(params['state_dir'])
            stop(record)
            start(params, record)
    except AioError as error:
        fail(module, error)
    except (IOError, OSError) as error:
        fail(module, AioError('the server cannot be started or ended', record, str(error), 'check the file and its owner'))
    module.exit_json(changed=False, address=address)


if __name__ == '__main__':
    main()
