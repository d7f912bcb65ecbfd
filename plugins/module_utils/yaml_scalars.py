# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One-line scalars of YAML: what they stand for, and how a value is written."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import re

from ansible.module_utils.common.text.converters import to_text

PLAIN_SAFE = re.compile(r'^[A-Za-z0-9_./][A-Za-z0-9_./ @%+=,-]*$')
# Plain scalars that YAML does not read as text. A number in its usual form ends up as the same text.
TRUTH = {'true': True, 'yes': True, 'on': True, 'false': False, 'no': False, 'off': False}
USUAL_NUMBER = re.compile(r'^(?:0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]{0,8})\.[0-9]{0,5}[1-9])\Z')
NOT_TEXT = re.compile(
    r'^(?:|~|null|true|false|yes|no|on|off|y|n|[-+]?\.?[0-9][0-9_,.:]*(?:e[-+]?[0-9]+)?|[-+]?0[xob][0-9a-f_]+|'
    r'[-+]?\.(?:inf|nan)|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*)$', re.IGNORECASE)
CONTROL = re.compile(u'[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]')


class UnsafeEdit(Exception):
    """The file can't be edited without guessing; nothing was changed. Its text is the reason."""


def split_comment(rest):
    """Cut what follows a key's colon into white space, value, and white space with comment.

    :raises UnsafeEdit: the value does not end on this line.
    """
    lead = rest[:len(rest) - len(rest.lstrip(' \t'))]
    body = rest[len(lead):]
    if body[:1] in ('"', "'"):
        match = re.match(r'"(?:[^"\\]|\\.)*"' if body[0] == '"' else r"'(?:[^']|'')*'", body)
        if match is None:
            raise UnsafeEdit('a quoted value does not end on its line')
        value, tail = match.group(0), body[match.end():]
        if tail.strip() and not re.match(r'[ \t]+#', tail):
            raise UnsafeEdit('there is text behind a quoted value')
        return lead, value, tail
    if body.startswith('#'):
        return '', '', rest
    match = re.search(r'[ \t]+#', body)
    value = (body[:match.start()] if match else body).rstrip()
    return lead, value, body[len(value):]


def unquote(scalar):
    """The text that a one-line scalar stands for."""
    if scalar[:1] == "'":
        return scalar[1:-1].replace("''", "'")
    if scalar[:1] == '"':
        return re.sub(r'\\(.)', lambda match: {'n': '\n', 't': '\t'}.get(match.group(1), match.group(1)), scalar[1:-1])
    return scalar


def plain(text):
    """Can the text stand in YAML without quotes and stay text?"""
    return bool(PLAIN_SAFE.match(text)) and not NOT_TEXT.match(text) and text == text.strip() and not re.search(r' #|: |:$', text)


def render(value):
    """Write a value the way a person would in YAML: numbers and truth values bare, text bare if it can be.

    Text that is a number in its usual form is written as the number: some releases of Ansible
    hand numbers over as text.
    """
    if value is True or value is False:
        return 'true' if value else 'false'
    text = to_text('' if value is None else value, nonstring='simplerepr')
    number = not isinstance(value, (bytes, type(u''))) and value is not None
    if number or USUAL_NUMBER.match(text) or plain(text):
        return text
    return quote(text)


def quote(text):
    if '\n' in text or '\r' in text or CONTROL.search(text):
        raise UnsafeEdit('%r has more than one line, or characters that YAML has not' % text)
    return "'%s'" % text.replace("'", "''")


def render_key(key):
    text = to_text(key)
    return text if plain(text) else quote(text)


def same_value(scalar, value):
    """Do a scalar of the file and a wanted value end up as the same text in ceph.conf?"""
    if scalar[:1] in ('"', "'"):
        return value is not True and value is not False and unquote(scalar) == unquote(render(value))
    if scalar.lower() in TRUTH:
        return value is TRUTH[scalar.lower()]
    if NOT_TEXT.match(scalar) and not USUAL_NUMBER.match(scalar):
        return False
    return value is not True and value is not False and scalar == unquote(render(value))
