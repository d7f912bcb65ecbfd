# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ceph says of its own commands: which only read."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DESCRIPTIONS = {'prefix': 'get_command_descriptions', 'format': 'json'}
# Options of the ceph command that change neither what is asked nor where the answer goes.
HARMLESS_OPTIONS = ('-f', '--format')


def words_of(command, argv):
    """The words of a command as mons know them, or None where options make it more than that."""
    if command:
        return command['prefix'].split()
    if any(word.startswith('-') and word.partition('=')[0] not in HARMLESS_OPTIONS for word in argv):
        return None
    return argv


def literals(signature):
    """The words that a signature begins with."""
    words = []
    for part in signature:
        if not hasattr(part, 'split'):
            break
        words += part.split()
    return words


def only_reads(words, descriptions):
    """Whether a command only reads, by the permissions that Ceph wants for it; one that is not known does not.

    :param words: of words_of().
    :param descriptions: answer to DESCRIPTIONS: commands with sig (words and parameters) and perm (of r, w and x).
    """
    best, permissions = 0, []
    for description in descriptions.values():
        begin = literals(description['sig'])
        if not begin or words is None or words[:len(begin)] != begin or len(begin) < best:
            continue
        if len(begin) > best:
            best, permissions = len(begin), []
        permissions.append(description['perm'])
    return bool(permissions) and not any('w' in permission for permission in permissions)
