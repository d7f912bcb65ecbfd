# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first lab host writes down how this machine was, and the last one puts it back, whoever comes and goes meanwhile."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json
import os
import subprocess

import pytest


class Machine(object):
    def __init__(self, folder, root):
        self.dir = folder / 'labs'
        self.said = folder / 'said'
        self.rules = folder / 'rules'
        self.rules.write_text(u'table ip filter {}\n')
        self.scripts = os.path.join(root, 'roles', 'lab_host', 'files')

    def run(self, script, words, text=''):
        run = subprocess.Popen(['bash', os.path.join(self.scripts, script), str(self.dir)] + words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               env=dict(os.environ, SAID=str(self.said), RULES=str(self.rules)))
        out, _err = run.communicate(text.encode())
        assert run.returncode == 0
        return out.decode()

    def claim(self, name, image='bookworm-1'):
        self.run('claim.sh', [name], json.dumps({'name': name, 'image': image}, indent=4))

    def image(self, name, whole=True):
        (self.dir / 'images' / name).mkdir()
        if whole:
            (self.dir / 'images' / name / 'osa_ceph_aio.image').write_text(u'')

    @property
    def images(self):
        return sorted(path.name for path in (self.dir / 'images').iterdir())

    def remove(self, name):
        """What goes before the end: the lab host's own folder."""
        home = self.dir / 'hosts' / name
        (home / 'record.json').unlink()
        home.rmdir()
        return self.run('release.sh', [])

    @property
    def sysctls(self):
        return self.said.read_text() if self.said.exists() else ''

    def forwarded_nothing_before(self):
        (self.dir / 'machine.json').write_text(u'{\n    "ip_forward": false\n}\n')


@pytest.fixture
def machine(tmp_path, executable, root):
    executable('sysctl', '#!/bin/sh\necho "$*" >> "$SAID"\n')
    executable('nft', '#!/bin/sh\ncat "$RULES"\n')
    return Machine(tmp_path, root)


@pytest.mark.parametrize('said, goes', [('exit 1', False), ('echo RUNNING', True), ('echo STOPPED', True)])
def test_only_what_surely_does_not_run_is_removed(machine, executable, said, goes):
    executable('lxc-info', '#!/bin/sh\n%s\n' % said)
    executable('lxc-stop', '#!/bin/sh\necho "stop $*" >> "$SAID"\n')
    machine.claim('one')
    home = machine.dir / 'hosts' / 'one'
    (home / 'config').write_text(u'')
    run = subprocess.Popen(['bash', os.path.join(machine.scripts, 'remove.sh'), str(machine.dir / 'hosts'), 'one'], stderr=subprocess.PIPE,
                           env=dict(os.environ, SAID=str(machine.said)))
    _out, err = run.communicate()
    assert (run.returncode == 0, home.exists()) == (goes, not goes)
    assert ('nothing was removed. Next: run again' in err.decode()) == (not goes)
    assert ('stop' in machine.sysctls) == (said == 'echo RUNNING')


def test_written_down(machine):
    machine.claim('one')
    assert json.loads((machine.dir / 'hosts' / 'one' / 'record.json').read_text()) == {'name': 'one', 'image': 'bookworm-1'}
    with open('/proc/sys/net/ipv4/ip_forward') as now:
        assert json.loads((machine.dir / 'machine.json').read_text()) == {'ip_forward': now.read().strip() == '1'}
    assert (machine.dir / 'images').is_dir()
    assert (machine.dir / 'hosts').stat().st_mode & 0o777 == 0o700


def test_only_the_first_finds_the_machine_as_it_was(machine):
    machine.claim('one')
    machine.forwarded_nothing_before()
    machine.claim('two')
    assert json.loads((machine.dir / 'machine.json').read_text()) == {'ip_forward': False}


def test_only_the_last_puts_it_back(machine):
    machine.claim('one')
    machine.forwarded_nothing_before()
    machine.claim('two')
    assert machine.remove('one') == ''
    assert machine.sysctls == '' and (machine.dir / 'machine.json').exists()
    assert machine.remove('two') == 'put back\n'
    assert machine.sysctls == '-q -w net.ipv4.ip_forward=0\n'
    assert not machine.dir.exists()
    assert machine.run('release.sh', []) == ''


def test_others_want_packets_forwarded(machine):
    machine.claim('one')
    machine.forwarded_nothing_before()
    machine.rules.write_text(u'table ip nat { masquerade }\n' + u'rule\n' * 100000)
    machine.remove('one')
    assert machine.sysctls == '' and not machine.dir.exists()


def test_images_are_kept(machine):
    machine.claim('one')
    (machine.dir / 'images' / 'bookworm').mkdir()
    assert machine.remove('one') == 'put back\n'
    assert [path.name for path in machine.dir.iterdir()] == ['images']


def test_images_that_nobody_uses_go(machine):
    """Also what a build of the own one has left; of another it may be going on."""
    machine.claim('one', 'bookworm-1')
    for name in ('bookworm-1', 'bookworm-12', 'trixie-1'):
        machine.image(name)
    for name in ('bookworm-2.new', 'trixie-2.new', 'mine'):
        machine.image(name, whole=False)
    assert machine.run('sweep.sh', ['bookworm-2']).split('\n')[:-1] == ['removed bookworm-12', 'removed trixie-1', 'removed bookworm-2']
    assert machine.images == ['bookworm-1', 'mine', 'trixie-2.new']


def test_an_image_that_another_has_claimed_meanwhile_stays(machine):
    machine.claim('one', 'bookworm-1')
    machine.claim('two', 'bookworm-1')
    machine.image('bookworm-1')
    machine.image('bookworm-1.new', whole=False)
    machine.remove('one')
    assert machine.run('sweep.sh', ['bookworm-1']) == ''
    assert machine.images == ['bookworm-1', 'bookworm-1.new']
    machine.remove('two')
    machine.run('sweep.sh', ['bookworm-1'])
    machine.run('release.sh', [])
    assert not machine.dir.exists()


def test_nothing_to_sweep(machine):
    assert machine.run('sweep.sh', []) == ''
    machine.claim('one')
    assert machine.run('sweep.sh', ['']) == '' and machine.images == []
