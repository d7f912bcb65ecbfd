# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When things came to a lab host, as far as that can be told."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import os
import re
import time

from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.traces import LOOK, read

DPKG_LOG, DPKG_INFO = '/var/log/dpkg.log', '/var/lib/dpkg/info'
INSTALLED = re.compile(r'^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) install (\S+) ', re.M)


def said(argv):
    """What a command says; nothing where it fails or is not installed: then there is no telling."""
    try:
        result = process.run(argv, LOOK)
    except OSError:
        return ''
    return result.stdout if result.rc == 0 else ''


class Ages(object):
    """:param end: in seconds since 1970; what came later is late."""

    def __init__(self, end):
        self.end = end
        self._packages = None

    def is_late(self, kind, name):
        """Of a bridge, a mount, a rule or a setting it cannot be told: they are not."""
        if kind in ('paths', 'files'):
            return self._is_late_path(name, kind == 'paths')
        return kind == 'packages' and self._came(name) > self.end

    def _is_late_path(self, path, may_change):
        """:param may_change: that it has changed since does not count."""
        try:
            if os.lstat(path).st_ctime <= self.end:
                return False
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                return False
            raise
        if not may_change:
            return True
        born = said(['stat', '--format', '%W', '--', path]).strip()  # 0 or - where the file system does not know
        return not born.isdigit() or int(born) == 0 or int(born) > self.end

    def _came(self, package):
        if self._packages is None:
            self._packages = self._installed()
        known = [name for name in (package, package.partition(':')[0]) if name in self._packages]
        if known:
            return self._packages[known[0]]
        for name in (package, package.partition(':')[0]):
            try:
                return os.stat('%s/%s.list' % (DPKG_INFO, name)).st_mtime
            except OSError:
                pass  # the other one, or no dpkg
        return 0

    def _installed(self):
        """Package → when it was installed, by dpkg's log or rpm; dpkg's log is in local time."""
        found = {}
        if os.path.exists(DPKG_LOG):
            for when, name in INSTALLED.findall(read(DPKG_LOG)):
                found[name] = found[name.partition(':')[0]] = time.mktime(time.strptime(when, '%Y-%m-%d %H:%M:%S'))
        elif not os.path.isdir(DPKG_INFO):
            rows = said(['rpm', '--query', '--all', '--queryformat', '%{NAME}\t%{INSTALLTIME}\n']).splitlines()
            found.update((name, int(when)) for name, _tab, when in (row.partition('\t') for row in rows))
        return found
