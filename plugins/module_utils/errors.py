# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One kind of error for all that a user can run into: it says what, where, why and what next."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type
from ansible.module_utils.common.text.converters import to_native


class AioError(Exception):
    """A failure that a user can understand and act on.

    :param what: the thing that did not work, a short sentence without a final stop.
    :param where: file, host, container or option that it is about.
    :param why: the reason, as observed.
    :param remedy: what to do next.
    """

    def __init__(self, what, where='', why='', remedy=''):
        super(AioError, self).__init__(what)
        # Python 2: what a module was given is bytes, what Ceph said is text.
        self.what = to_native(what)
        self.where = to_native(where)
        self.why = to_native(why)
        self.remedy = to_native(remedy)

    def as_dict(self):
        return {'what': self.what, 'where': self.where, 'why': self.why, 'remedy': self.remedy}

    def __str__(self):
        text = self.what
        if self.where:
            text += ' (%s)' % self.where
        if self.why:
            text += ': %s' % self.why
        text = text.rstrip('.') + '.'
        if self.remedy:
            text += ' Next: %s' % self.remedy
            text = text.rstrip('.') + '.'
        return text


def fail(module, error, **results):
    """End a module with an AioError as its message; one of the cluster's also has its state."""
    if hasattr(error, 'state'):
        results['state'] = error.state
    module.fail_json(msg=str(error), problem=error.as_dict(), **results)
