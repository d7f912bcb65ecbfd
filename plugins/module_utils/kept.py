# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contents of files as they were before, so that they can be put back."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import hashlib
import os
import tempfile


class Damaged(IOError):
    """What was kept of a file is not what was put there."""


def sync(stream):
    """Have it on the disk: without that, a file can be empty after a crash although it was renamed since."""
    stream.flush()
    os.fsync(stream.fileno())


def sync_folder(path):
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Store(object):
    """Contents of files, each by the digest of it, in a private folder.

    :param dry: keep nothing on the disk, for check mode.
    """

    def __init__(self, directory, dry=False):
        self.directory = os.path.join(directory, 'kept')
        self.dry = dry
        self.at_hand = {}

    def path(self, name):
        return os.path.join(self.directory, name)

    def keep(self, content):
        """Its name. Kept before it is named anywhere, so that a name always leads to it."""
        name = hashlib.sha256(content).hexdigest()
        if self.dry:
            self.at_hand[name] = content
        elif not self.has(name):
            if not os.path.isdir(self.directory):
                os.makedirs(self.directory, 0o700)
            handle, temporary = tempfile.mkstemp(dir=self.directory)
            try:
                with os.fdopen(handle, 'wb') as stream:
                    stream.write(content)
                    sync(stream)
                os.rename(temporary, self.path(name))
            except BaseException:
                os.unlink(temporary)
                raise
            sync_folder(self.directory)
        return name

    def has(self, name):
        try:
            self.content(name)
        except (IOError, OSError):
            return False
        return True

    def content(self, name):
        """:raises Damaged: it is another than was kept."""
        if name in self.at_hand:
            return self.at_hand[name]
        with open(self.path(name), 'rb') as stream:
            content = stream.read()
        if hashlib.sha256(content).hexdigest() != name:
            raise Damaged(errno.EIO, 'what was kept of it is damaged', self.path(name))
        return content
