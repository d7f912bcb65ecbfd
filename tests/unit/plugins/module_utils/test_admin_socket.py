# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json
import os
import shutil
import socket
import struct
import tempfile
import threading

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import admin_socket


@pytest.fixture
def folder():
    folder = tempfile.mkdtemp()  # tmp_path is too long for a socket
    os.makedirs(os.path.join(folder, 'run/ceph'))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def serve(folder):
    """A daemon's socket that answers once, with these bytes: serve(reply) gives its path, and what was heard."""
    threads = []

    def start(reply):
        path = os.path.join(folder, 'run/ceph/ceph-mgr.a.asok')
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(path)
        listening.listen(1)
        heard = []

        def answer():
            connection = listening.accept()[0]
            data = b''
            while not data.endswith(b'\0'):
                data += connection.recv(100)
            heard.append(json.loads(data[:-1].decode('utf-8')))
            connection.sendall(reply)
            connection.close()
            listening.close()
        threads.append(threading.Thread(target=answer))
        threads[-1].start()
        return path, heard
    yield start
    for thread in threads:
        thread.join(5)


def packed(text):
    return struct.pack('>I', len(text)) + text


def test_ask(serve):
    path, heard = serve(packed(b'{"state": "leader"}'))
    assert admin_socket.ask(path, {'prefix': 'mon_status'}) == {'state': 'leader'}
    assert heard == [{'prefix': 'mon_status'}]


@pytest.mark.parametrize('reply', [b'', b'\0\0', packed(b'{}')[:-1], packed(b'no JSON'), packed(b'')])
def test_no_answer(serve, reply):
    path, _heard = serve(reply)
    with pytest.raises(ValueError):
        admin_socket.ask(path, {})


def test_nobody_there(folder):
    """No socket, or one that a killed daemon left."""
    path = os.path.join(folder, 'left.asok')
    with pytest.raises(ValueError):
        admin_socket.ask(path, {})
    left = socket.socket(socket.AF_UNIX)
    left.bind(path)
    left.close()
    with pytest.raises(ValueError):
        admin_socket.ask(path, {})


def test_silent(folder):
    path = os.path.join(folder, 'silent.asok')
    silent = socket.socket(socket.AF_UNIX)
    silent.bind(path)
    silent.listen(1)
    with pytest.raises(ValueError):
        admin_socket.ask(path, {}, timeout=0.1)
    silent.close()


def test_find(folder):
    for name in ('ceph-mgr.a.asok', 'ceph-mon.a.asok', 'other-mgr.b.asok', 'ceph-mgr.a.pid', 'ceph-client.mgr.asok'):
        open(os.path.join(folder, 'run/ceph', name), 'w').close()
    assert admin_socket.find(folder, 'mgr') == [os.path.join(folder, 'run/ceph', name) for name in ('ceph-mgr.a.asok', 'other-mgr.b.asok')]
    assert admin_socket.find(folder + '/none', 'mgr') == []
