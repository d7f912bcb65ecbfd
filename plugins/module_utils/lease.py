# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose lab host it is, and until when: lease.json in the state folder."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import re
import time

from ansible.module_utils.common.text.converters import to_native
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.clock import seconds, utc
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import STATE_DIR, Record

UNITS = {'m': 60, 'h': 3600, 'd': 86400}
LENGTH = re.compile(r'^([0-9]{1,6})([mhd])\Z')
OWNER = re.compile(r'^[^\s,]{1,200}\Z')
FORMS = 'a UTC time such as 2026-11-24T18:00:00Z, or how long from now, such as 90m, 8h or 3d'


def end_of(text, now):
    """When a lease ends, in seconds, as a user gave it.

    :raises AioError: it is no time, or one that has passed.
    """
    length = LENGTH.match(text)
    try:
        end = now + int(length.group(1)) * UNITS[length.group(2)] if length else seconds(text)
        utc(end)
    except (ValueError, OverflowError):
        raise AioError('%r is no time at which a lease can end' % to_native(text), 'lease_expires', 'it takes ' + FORMS, 'correct it')
    if end <= now:
        raise AioError('the lease would have ended already', 'lease_expires: %s' % text,
                       'on the lab host it is %s' % utc(now), 'give a later time')
    return end


def check_owner(text, option):
    """:raises AioError: it is no name that somebody else could type."""
    if not OWNER.match(text):
        raise AioError('%r is no name of an owner' % to_native(text), option, 'a name has no space and no comma, and is not empty',
                       'write it like user@controller')


class Lease(Record):
    """lease.json: owner, purpose, since and expires (UTC)."""

    FILE, PART, NAME = 'lease.json', 'lease', 'lease'
    REMEDY = 'ask who works with this lab host; where nobody does, remove the file'

    def __init__(self, directory=STATE_DIR, clock=time.time):
        super(Lease, self).__init__(directory)
        self.clock = clock

    def read(self):
        """The lease with expired, or None where there is none.

        :raises AioError: the file is there but does not say whose it is until when.
        """
        lease = self.load()
        if not lease:
            return None
        try:
            known = dict((name, lease[name]) for name in ('owner', 'purpose', 'since', 'expires'))
            for name, value in known.items():
                if not hasattr(value, 'split'):
                    raise ValueError('"%s" is no text' % name)
            known['expired'] = seconds(known['expires']) <= self.clock()
        except KeyError as error:
            raise AioError('the lease of the lab host is damaged', self.path, 'it has no %s' % error, self.REMEDY)
        except ValueError as error:
            raise AioError('the lease of the lab host is damaged', self.path, str(error), self.REMEDY)
        return known

    def check(self, owner, override=''):
        """The lease, which does not keep this owner out.

        :param override: the other owner whose lease does not count.
        :raises AioError: it does.
        """
        lease = self.read()
        if lease and not lease['expired'] and lease['owner'] not in (owner, override):
            raise Leased(lease, self.path, owner)
        return lease

    def take(self, owner, purpose, expires, override='', dry=False):
        """Have the lease: (before, after).

        :param expires: as end_of() takes it.
        :param dry: whether only to say what it would be.
        """
        check_owner(owner, 'lease_owner')
        now = self.clock()
        end = utc(end_of(expires, now))
        purpose = ' '.join(purpose.split())  # it is shown in one line

        def change():
            before = self.check(owner, override)
            if before and dict(before, owner=owner, purpose=purpose, expires=end) == before:
                return before, before
            kept = before and before['owner'] == owner and not before['expired']
            after = {'owner': owner, 'purpose': purpose, 'since': before['since'] if kept else utc(now), 'expires': end}
            if not dry:
                self.save(after)
            return before, dict(after, expired=False)

        return self._change(change, dry)

    def give_back(self, owner, override='', dry=False):
        """Have no lease: what there was."""
        def change():
            before = self.check(owner, override)
            if before and not dry:
                os.unlink(self.path)
            return before

        # Without a lease there is nothing to lock, and no folder to make for it.
        return self._change(change, dry or not os.path.exists(self.path))

    def _change(self, change, dry):
        if dry:
            return change()
        with self.locked():
            return change()


class Leased(AioError):
    """Somebody else has the lab host.

    :ivar lease: what is known of it.
    """

    def __init__(self, lease, path, owner):
        super(Leased, self).__init__(
            'the lab host is leased to %s' % lease['owner'], path,
            'until %s%s; you are %s' % (lease['expires'], ', for ' + lease['purpose'] if lease['purpose'] else '', owner),
            'ask %s; if you may go on nevertheless, run again with -e lease_override=%s' % (lease['owner'], lease['owner']))
        self.lease = lease
