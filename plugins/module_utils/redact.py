# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of Ceph do not reach a log, and no secret reaches a bundle."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json
import re

from ansible.module_utils.common.text.converters import to_text

try:
    from urllib.parse import quote
except ImportError:  # Python 2
    from urllib import quote

# A cephx key is base64 of: its type (16 bits, 1 is AES, 2 is AES256), when it was made (64 bits), its
# length (16 bits) and its bytes. So the text begins with AQ or Ag.
KEY = re.compile(r'\bA[Qg][A-Za-z0-9+/]{30,}={0,2}')
REDACTED = '<key>'

SECRET = '<secret>'
ORDINARY = re.compile(r'(?i)["\']?(true|false|null|none)["\']?\Z')  # no secret, whatever its name says, and half of a document
NAMES = r'(?:pass\b|passw(?:or)?d|passphrase|secret|token|credential|private_key|access_key)[\w.-]{0,100}'
QUOTED = r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|\\"[^"\n]*\\"'
# name: value and name=value in a line of anything, and --name value.
NAMED = re.compile(r'(?i)(%s(\\?["\'])?\s*[:=]\s*)(%s|[^\s,{}\[\]"\'\\]+)' % (NAMES, QUOTED))
OPTION = re.compile(r'(?i)((?<![\w-])--[\w-]{0,100}%s +)()(%s|[^\s"\']+)' % (NAMES, QUOTED))
# Authorization: Basic dXNlcjpwYXNz, and curl -u name:password.
AUTHORIZATION = re.compile(r'(?i)(authorization["\']?\s*[:=]\s*["\']?[a-z]+ +)()([^\s"\',]+)')
USER = re.compile(r'(\s(?:-u|--user) +[^\s:"\']+:)()([^\s"\']+)')
LOGIN = re.compile(r'://[^/\s"\'<>]+@')
PRIVATE = re.compile(r'-----(BEGIN|END) [A-Z0-9 ]*PRIVATE KEY-----')
# A line of YAML with a name; the value may go on in lines that are indented deeper.
YAML_LINE = re.compile(r'^(?P<head>(?P<indent>[ -]*)["\']?(?P<name>[^\s#:"\'{\[][^:{\[]*?)["\']?:)(?P<value>\s.*)?$')
SECRET_NAME = re.compile(r'(?i)%s|_key\Z|\Akey\Z' % NAMES)
SHORT, LONG = 4, 8  # characters of a secret: less is none, and so many are in no other word by chance


def redact(text):
    """The text with each cephx key in it replaced."""
    return KEY.sub(REDACTED, text)


class Redactor(object):
    """Takes out of texts what looks like a secret, and what is known to be one."""

    def __init__(self):
        self._long = set()
        self._short = set()

    @property
    def known(self):
        """How many forms of secrets are known by their values."""
        return len(self._long) + len(self._short)

    def learn(self, value):
        """Take a value out of all texts from now on, as it is and as JSON and addresses have it."""
        value = value.strip()
        if len(value) >= SHORT and '{{' not in value and not ORDINARY.match(value):
            for form in (value, json.dumps(value)[1:-1], quote(value.encode('utf-8'), safe='')):
                (self._long if len(value) >= LONG else self._short).add(form)

    def learn_values(self, text):
        """Take what a line of YAML has as its value out of all texts."""
        text = text.strip()
        self.learn(text)
        if text[:1] in ('"', "'"):
            end = text.rfind(text[0])
            self.learn(text[1:end])
            if text[0] == '"':
                try:
                    self.learn(json.loads(text[:end + 1]))
                except ValueError:
                    pass  # escapes that JSON does not have: as it is written is all that can be known
        elif text[:1] in ('{', '['):
            for word in re.findall(r'[^\s{}\[\],:"\']+', text):
                self.learn(word)
        else:
            self.learn(text.partition(' #')[0])

    def learn_pairs(self, text):
        """Take out of all texts what JSON has as value beside a name that is a secret's, as Ceph's configuration has."""
        try:
            parts = [json.loads(text)]
        except ValueError:
            return
        while parts:
            part = parts.pop()
            if isinstance(part, dict):
                if SECRET_NAME.search(to_text(part.get('name', ''))) and hasattr(part.get('value'), 'split'):
                    self.learn(part['value'])
                parts.extend(part.values())
            elif isinstance(part, list):
                parts.extend(part)

    def secrets(self, text):
        """A YAML file of which every value is a secret: its names. The values are learned."""
        lines = []
        for line in text.splitlines():
            entry = YAML_LINE.match(line)
            if entry and (entry.group('value') or '').strip():
                self.learn_values(entry.group('value'))
                lines.append('%s %s' % (entry.group('head'), SECRET))
            elif entry or line.strip() in ('', '---'):
                lines.append(line)
            elif not line.lstrip().startswith('#'):  # what a name goes on with
                self.learn_values(line)
            else:
                old = YAML_LINE.match(line.lstrip(' #'))
                self.learn_values(old and old.group('value') or '')
        return ''.join(line + '\n' for line in lines)

    def variables(self, text):
        """A YAML file of which those values are secrets that are named so; they are learned. The rest is not yet clean."""
        lines, depth = [], None
        for line in text.splitlines():
            indent = len(line) - len(line.lstrip(' -'))
            if depth is not None and line.strip() and indent > depth:
                self.learn_values(line.strip(' -').partition(': ')[2] or line.strip(' -'))
                continue
            depth = None
            entry = YAML_LINE.match(line)
            if entry and SECRET_NAME.search(entry.group('name')) and not line.lstrip().startswith('#'):
                depth = len(entry.group('indent'))
                value = (entry.group('value') or '').strip()
                if value[:1] != '/' and '://' not in value:  # where it is, not what it is
                    self.learn_values(value)
                line = '%s %s' % (entry.group('head'), SECRET)
            lines.append(line)
        return ''.join(line + '\n' for line in lines)

    def clean(self, text):
        """The text without secrets."""
        text = redact(without_private_keys(text))
        # The longest first: one may be the beginning of another.
        for value in sorted(self._long, key=len, reverse=True):
            text = text.replace(value, SECRET)
        for value in sorted(self._short, key=len, reverse=True):
            text = re.sub(r'(?<!\w)%s(?!\w)' % re.escape(value), SECRET, text)
        text = LOGIN.sub('://<login>@', text)
        for pattern in (NAMED, OPTION, AUTHORIZATION, USER):
            text = pattern.sub(_hide, text)
        return text


def _hide(match):
    """The value of a name replaced, in quotes where the name or the value has some: JSON stays JSON."""
    head, quotes, value = match.groups()
    quotes = quotes or (value[:2] if value[:2] == '\\"' else value[:1] if value[:1] in ('"', "'") else '')
    return head + quotes + SECRET + quotes


def without_private_keys(text):
    """The text without private keys, of which the beginning or the end may have been cut off."""
    pieces, start, inside = [], 0, False
    for mark in PRIVATE.finditer(text):
        if mark.group(1) == 'BEGIN':
            if not inside:
                pieces.append(text[start:mark.start()])
            inside = True
        else:
            # Where the beginning was cut off, all before the end may be a part of it.
            pieces.append(SECRET)
            start, inside = mark.end(), False
    return ''.join(pieces) + (SECRET if inside else text[start:])
