# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ceph says of its own commands: which only read."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import re

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

DESCRIPTIONS = {'prefix': 'get_command_descriptions', 'format': 'json'}
# Options of the ceph command that change neither what is asked nor where the answer goes.
HARMLESS_OPTIONS = ('-f', '--format')
# What a command has beside the arguments of its own.
OF_EACH = ('prefix', 'format', 'target')
# What parsed JSON of another shape than expected raises.
OTHER_SHAPE = (AttributeError, KeyError, TypeError)
WHOLE = re.compile(r'^-?[0-9]+\Z')
OSD = re.compile(r'^(?:osd\.)?([0-9]+)\Z')
NUMBER = re.compile(r'^-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?\Z', re.I)


def words_of(command, argv):
    """The words of a command as mons know them, or None where options make it more than that."""
    if command:
        return command['prefix'].split()
    if any(word.startswith('-') and word.partition('=')[0] not in HARMLESS_OPTIONS for word in argv):
        return None
    return argv


def is_text(value):
    return hasattr(value, 'split')


def literals(signature):
    """The words that a signature begins with.

    :raises TypeError: it is none.
    """
    if not isinstance(signature, list):
        raise TypeError('a signature is a list')
    words = []
    for part in signature:
        if not is_text(part):
            break
        words += part.split()
    return words


def only_reads(words, descriptions):
    """Whether a command only reads, by the permissions that Ceph wants for it; one that is not known does not.

    :param words: of words_of().
    :param descriptions: answer to DESCRIPTIONS: commands with sig (words and parameters) and perm (of r, w and x).
    """
    best, permissions = 0, []
    try:
        for description in descriptions.values():
            begin = literals(description['sig'])
            if not begin or words is None or words[:len(begin)] != begin or len(begin) < best:
                continue
            if len(begin) > best:
                best, permissions = len(begin), []
            permissions.append(set(description['perm']))
    except OTHER_SHAPE:
        return False  # what is not understood might be about this command
    return bool(permissions) and all('r' in permission and permission <= set('rx') for permission in permissions)


def _whole(value):
    return int(value) if is_text(value) and WHOLE.match(value) else value


def _osd(value):
    match = OSD.match(value) if is_text(value) else None
    return int(match.group(1)) if match else value


def _number(value):
    whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if whole or is_text(value) and NUMBER.match(value) else value


def _truth(value):
    try:
        return boolean(value)
    except TypeError:
        return value


def _text(value):
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else value


# A mon takes a value of the right type only. Templates make text of numbers up to ansible-core 2.18, and YAML numbers of text.
CONVERSIONS = {'CephInt': _whole, 'CephOsdName': _osd, 'CephFloat': _number, 'CephBool': _truth,
               'CephString': _text, 'CephChoices': _text, 'CephPoolname': _text}


def parameters(prefix, descriptions):
    """The types of a command's parameters by their names, of all its signatures; an empty dict where they are not known."""
    types = {}
    try:
        for description in descriptions.values():
            if literals(description['sig']) == prefix.split():
                for parameter in description['sig']:
                    if not is_text(parameter):
                        types.setdefault(parameter['name'], set()).add(parameter['type'])
    except OTHER_SHAPE:
        return {}
    return types


def check_names(command, descriptions):
    """:raises AioError: an argument has a name that the command does not know: Ceph would take no notice of it."""
    known = parameters(command['prefix'], descriptions)
    unknown = sorted(set(command) - set(known) - set(OF_EACH))
    if known and unknown:
        raise AioError('the command has no such argument', 'ceph %s, with %s' % (command['prefix'], ', '.join(unknown)),
                       'it takes %s' % ', '.join(sorted(known)), 'correct the name')


def typed(command, descriptions):
    """A command with its arguments as Ceph wants them, by the signatures of its prefix.

    What is not known, or is no such value, stays as it is: Ceph says what is wrong with it.
    """
    types = parameters(command['prefix'], descriptions)

    def convert(name, value):
        if isinstance(value, list):
            return [convert(name, part) for part in value]
        # Signatures of the same words may disagree.
        (only,) = types[name] if len(types.get(name, ())) == 1 else (None,)
        return CONVERSIONS.get(only, lambda same: same)(value)

    return dict((name, convert(name, value)) for name, value in command.items())
