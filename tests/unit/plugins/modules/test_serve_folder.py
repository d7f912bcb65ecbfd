# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json
import os
import socket
import time

import pytest
from ansible.module_utils.urls import open_url
from ansible_collections.osa_lab.ceph_aio.plugins.modules import serve_folder


def read(address):
    return open_url(address, use_proxy=False, timeout=5).read()


@pytest.fixture
def record(tmp_path):
    return tmp_path / 'state' / 'served.json'


@pytest.fixture
def serve(run_module, tmp_path, port):
    (tmp_path / 'folder').mkdir()
    (tmp_path / 'folder' / 'file').write_bytes(b'text')

    def run(**options):
        defaults = {'path': str(tmp_path / 'folder'), 'port': port, 'seconds': 60, 'state_dir': str(tmp_path / 'state')}
        return run_module('serve_folder', **dict(defaults, **options))
    yield run
    run(state='stopped')


def pid(record):
    return json.loads(record.read_bytes().decode('utf-8'))['pid']


def test_served_until_it_is_stopped(serve, record, gone, port):
    result = serve()
    assert result['address'] == 'http://127.0.0.1:%d' % port and not result['changed']
    assert read(result['address'] + '/file') == b'text'
    server = pid(record)
    assert not serve(state='stopped')['changed']
    assert gone(server) and not record.exists()
    assert not serve(state='stopped')['changed']


def test_the_next_takes_its_place(serve, record, gone):
    serve()
    first = pid(record)
    assert read(serve()['address'] + '/file') == b'text'
    assert gone(first) and pid(record) != first


def test_it_ends_by_itself(serve, record, gone):
    serve(seconds=1)
    assert gone(pid(record), 4)


def test_another_process_of_its_number_is_left_alone(serve, record):
    record.parent.mkdir()
    record.write_bytes(json.dumps({'pid': os.getpid(), 'born': 1, 'port': 1}).encode('utf-8'))
    serve(state='stopped')
    assert not record.exists()


@pytest.mark.parametrize('text', [b'', b'{', b'{}', b'{"pid": "x", "born": 1}'])
def test_a_damaged_record(serve, record, text):
    record.parent.mkdir()
    record.write_bytes(text)
    assert 'failed' not in serve(state='stopped')
    assert not record.exists()


def test_a_port_that_is_taken(serve, port):
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind(('127.0.0.1', port))
    taken.listen(1)
    result = serve()
    taken.close()
    assert result['failed'] and result['problem']['what'] == 'the port is taken'
    assert 'source_mirror_port' in result['msg']


def test_a_folder_that_is_not_there(serve, tmp_path):
    result = serve(path=str(tmp_path / 'none'))
    assert result['failed'] and 'No such file' in result['problem']['why']


def test_a_server_that_does_not_answer(serve, monkeypatch, gone, record):
    monkeypatch.setattr(serve_folder, 'PROGRAM', 'import time; time.sleep(60)')
    monkeypatch.setattr(serve_folder, 'START', 0.1)
    start = time.time()
    result = serve()
    assert result['problem']['why'] == 'the server does not answer within 0.1 s'
    assert time.time() - start < 5 and not record.exists()


def test_a_state_folder_that_is_none(serve, tmp_path):
    (tmp_path / 'file').write_bytes(b'')
    assert serve(state_dir=str(tmp_path / 'file'))['problem']['what'] == 'the server cannot be started or ended'


def test_check_mode(serve, record):
    assert 'failed' not in serve(_ansible_check_mode=True)
    assert not record.exists()
    serve()
    serve(state='stopped', _ansible_check_mode=True)
    assert record.exists()


def test_return_documentation(serve, returned, documented, tmp_path):
    assert returned(serve(), serve(path=str(tmp_path / 'none'))) == documented('serve_folder')


def test_disk_that_is_full(serve, record, monkeypatch, port):
    """What nobody could end does not run."""
    def full(_path, _text):
        raise OSError(28, 'No space left on device')
    monkeypatch.setattr(serve_folder, 'write_atomically', full)
    result = serve()
    assert result['failed'] and 'No space left' in result['msg']
    assert not serve_folder.answers(port)
    monkeypatch.undo()
