# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Talk to a daemon over its admin socket: it answers as soon as it runs, before it has joined a cluster."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import glob
import json
import os
import socket
import struct

TIMEOUT = 2.0  # seconds for one answer


def find(root, daemon):
    """The admin sockets of a kind of daemon below a root folder, such as mgr. /var/run is a link there, out of the root."""
    return sorted(glob.glob(os.path.join(root, 'run/ceph', '*-%s.*.asok' % daemon)))


def ask(path, command, timeout=TIMEOUT):
    """The parsed answer.

    :raises IOError, OSError, ValueError: there is none, or none that is JSON.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout)
        connection.connect(path)
        connection.sendall(json.dumps(command).encode('utf-8') + b'\0')
        (length,) = struct.unpack('>I', _receive(connection, 4))
        return json.loads(_receive(connection, length).decode('utf-8', 'replace'))
    except (socket.error, struct.error) as error:  # on Python 2.7 no OSError
        raise ValueError('%s does not answer: %s' % (path, error))
    finally:
        connection.close()


def _receive(connection, length):
    data = b''
    while len(data) < length:
        more = connection.recv(length - len(data))
        if not more:
            raise ValueError('the answer broke off')
        data += more
    return data
