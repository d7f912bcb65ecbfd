# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Git repositories to mirror."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import subprocess

import pytest

IDENTITY = ['-c', 'user.name=t', '-c', 'user.email=t@localhost']


class Upstream(object):
    """A repository that somebody works in, and what is known of it."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        self.git('init', '--quiet')
        self.git('checkout', '--quiet', '-b', 'main')

    def git(self, *arguments):
        return subprocess.check_output(['git', '-C', str(self.folder)] + IDENTITY + list(arguments)).decode('utf-8').strip()

    def commit(self, name, text):
        (self.folder / name).write_bytes(text.encode('utf-8'))
        self.git('add', name)
        self.git('commit', '--quiet', '-m', text)
        return self.git('rev-parse', 'HEAD')


@pytest.fixture
def upstream(tmp_path):
    """Make a repository below tmp_path/upstream: upstream(path)."""
    return lambda path='opendev.org/o/osa': Upstream(tmp_path / 'upstream' / path)
