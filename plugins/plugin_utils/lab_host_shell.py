# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts for a lab host that is reached by ssh: how they are started as root, and how they say what stands in the way."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import re
import shlex

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

# A script that cannot go on says so in a line of its own, with a word, and ends with this status.
STATUS = 254
MARK = 'osa_lab.ceph_aio: '
# Each script is one line: some login shells take no more between quotes.
PROBLEM = 'problem() { printf "%%s\\n" "%s$*" >&2; exit %d; }; ' % (MARK, STATUS)
AS_ROOT = (
    '[ "$(id -u)" -ne 0 ] || exec /bin/sh -c "$@"; '
    'why="$(sudo -n true 2>&1)" || problem NO_ROOT "$(id -un): $why"; '
    'exec sudo -n -- /bin/sh -c "$@"')


def command_line(script, *arguments, become):
    """One line for the login shell of any user: run a script of sh, its arguments not interpreted.

    :param become: where that user is not root, become root with sudo; without it, the script runs as that user.
    """
    words = [PROBLEM + script, 'osa'] + list(arguments)
    if become:
        words = [PROBLEM + AS_ROOT, 'osa'] + words
    return ' '.join(shlex.quote(word) for word in ['/bin/sh', '-c'] + words)


def problem(host, status, *outputs):
    """What a script said stands in its way: (word, detail), or (None, '') where it said nothing.

    :param outputs: bytes; where there was a terminal, the errors are among the output.
    :raises AioError: it could not become root, which is the same for all scripts.
    """
    text = to_text(b'\n'.join(outputs)) if status == STATUS else ''
    match = re.search(r'^%s(\w+) ?(.*?)\r?$' % re.escape(MARK), text, re.M)
    if not match:
        return None, ''
    word, detail = match.groups()
    if word == 'NO_ROOT':
        raise AioError('one cannot become root on the lab host', host, detail,
                       'connect as root, or let this user use sudo without a password there')
    return word, detail
