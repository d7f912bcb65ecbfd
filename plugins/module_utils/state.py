# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the collection remembers on a lab host, in /var/lib/osa_ceph_aio (0700)."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import tempfile
import time

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

STATE_DIR = '/var/lib/osa_ceph_aio'
STATE_VERSION = 1
LOCK_FILE = 'records.lock'
# One of these is in the state folder from the first moment on that it is used, or begins to be: .state.json... is about to be state.json.
SIGNS = ('lock', LOCK_FILE, 'ledger.json', 'baseline.json', 'state.json', 'lease.json', 'drill.json', 'snapshot.json', 'reset.json', 'served.json',
         'supervised')
LOCK_WAIT = 10.0  # seconds; it is held for a load and a save only


def as_text(value):
    """The value with every number and truth value in it as text."""
    if isinstance(value, dict):
        return dict((to_text(key, nonstring='simplerepr'), as_text(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return [as_text(item) for item in value]
    return to_text(value, nonstring='simplerepr')


def digest(inputs):
    """A short name for a set of inputs; the same inputs give the same name.

    Whether a number arrives as a number or as text differs between releases of Ansible.
    """
    text = json.dumps(as_text(inputs), sort_keys=True, separators=(',', ':'))
    return hashlib.sha256(text.encode('utf-8')).hexdigest()[:16]


def make_private_dir(path):
    try:
        os.makedirs(path, 0o700)
    except OSError as error:
        if error.errno != errno.EEXIST or not os.path.isdir(path):
            raise
    if os.stat(path).st_mode & 0o077:
        os.chmod(path, 0o700)


def make_state_dir(path):
    """Have the state folder. What is in it is ours to remove at the end, so it is none that others have put something into.

    :raises AioError: it is somebody else's.
    """
    there = sorted(os.listdir(path)) if os.path.isdir(path) else []
    if there and not any(name.lstrip('.').startswith(SIGNS) for name in there):
        raise AioError('the folder is not of this collection', path, 'there is something else in it, such as %s' % there[0],
                       'leave state_dir out, or name a folder that is not there yet')
    make_private_dir(path)


def write_atomically(path, text):
    """Replace a file by its new content at once (0600): a reader sees the old or the new, whole."""
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix='.' + os.path.basename(path))
    try:
        with os.fdopen(handle, 'wb') as stream:
            stream.write(text.encode('utf-8'))
            stream.flush()
            os.fsync(stream.fileno())
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


class Record(object):
    """A JSON file with one part, a mapping, in the state folder; written whole or not at all."""

    FILE = PART = NAME = REMEDY = ''

    def __init__(self, directory=STATE_DIR):
        self.directory = directory
        self.path = os.path.join(directory, self.FILE)

    def have_folder(self):
        make_state_dir(self.directory)

    def load(self):
        """The part; empty where there is no file.

        :raises AioError: the file is there but is not ours to read.
        """
        try:
            with open(self.path, 'rb') as stream:
                self._check_owner(os.fstat(stream.fileno()).st_uid)
                content = json.loads(stream.read().decode('utf-8'))
            if not isinstance(content[self.PART], dict):
                raise ValueError('"%s" is no mapping' % self.PART)
            version = int(content['version'])
        except (IOError, OSError) as error:
            if error.errno == errno.ENOENT:
                return {}
            raise AioError('the %s of the lab host cannot be read' % self.NAME, self.path, str(error),
                           'check the file and its owner')
        except (ValueError, KeyError, TypeError) as error:
            raise AioError('the %s of the lab host is damaged' % self.NAME, self.path, str(error), self.REMEDY)
        if version > STATE_VERSION:
            raise AioError(
                'the %s of the lab host was written by a newer version of this collection' % self.NAME, self.path,
                'it has version %d, this one knows up to %d' % (version, STATE_VERSION),
                'use that version, or a lab host of its own')
        return content[self.PART]

    def _check_owner(self, uid):
        if uid != os.geteuid():
            raise AioError(
                'the %s of the lab host is not ours' % self.NAME, self.path, 'it belongs to user %d' % uid,
                'look who wrote it; where it is right, give it back to root with chown')

    @contextlib.contextmanager
    def locked(self):
        """Nobody else changes it meanwhile. The lock ends with its process; its file stays.

        :raises AioError: somebody else has it for too long.
        """
        path = os.path.join(self.directory, LOCK_FILE)
        try:
            self.have_folder()
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except (IOError, OSError) as error:
            raise self._not_written(error)
        try:
            deadline = process.now() + LOCK_WAIT
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except (IOError, OSError) as error:
                    if error.errno not in (errno.EAGAIN, errno.EACCES):
                        raise
                if process.now() >= deadline:
                    raise AioError('the %s of the lab host cannot be changed' % self.NAME, path,
                                   'another process has had it locked for %g s' % LOCK_WAIT,
                                   'see which with lslocks, end it if it hangs, and try again')
                time.sleep(0.02)
            yield
        finally:
            os.close(handle)

    def save(self, part):
        """:raises AioError: it cannot be written; what was there before still is."""
        content = {'version': STATE_VERSION, self.PART: part}
        try:
            self.have_folder()
            write_atomically(self.path, json.dumps(content, indent=2, sort_keys=True) + '\n')
        except (IOError, OSError) as error:
            raise self._not_written(error)

    def _not_written(self, error):
        return AioError('the %s of the lab host cannot be written' % self.NAME, self.path, str(error),
                        'make room or correct the folder, and run again; what was written before is still there')


class State(Record):
    """state.json: one record per step.

    A record has inputs (digest), started and finished (UTC, ISO 8601), seconds, rc and log.
    """

    FILE, PART, NAME = 'state.json', 'steps', 'state'
    REMEDY = 'move the file away; what is installed is then observed and recorded anew'

    def steps(self):
        return self.load()

    def record(self, name, **values):
        """Merge values into one step's record."""
        with self.locked():
            steps = self.load()
            steps.setdefault(name, {}).update(values)
            self.save(steps)
        return steps[name]


class Ledger(Record):
    """ledger.json: what was made by us, by kind and name, and what is known of it."""

    FILE, PART, NAME = 'ledger.json', 'made', 'ledger'
    REMEDY = 'restore the file: only what it names is ever removed'

    def has(self, kind, name, **facts):
        """Whether it was made by us, with these facts."""
        known = self.load().get(kind, {}).get(name)
        return known is not None and all(known.get(fact) == value for fact, value in facts.items())

    def add(self, kind, name, **facts):
        with self.locked():
            made = self.load()
            made.setdefault(kind, {})[name] = facts
            self.save(made)

    def remove(self, kind, name):
        if not self.has(kind, name):
            return
        with self.locked():
            made = self.load()
            made.get(kind, {}).pop(name, None)
            if not made.get(kind, True):
                del made[kind]
            self.save(made)


class Baseline(Record):
    """baseline.json: how the lab host was before anything was built; see module_utils/account.py."""

    FILE, PART, NAME = 'baseline.json', 'baseline', 'baseline'
    REMEDY = 'restore the file: without it, nothing can be told from what was there before'
