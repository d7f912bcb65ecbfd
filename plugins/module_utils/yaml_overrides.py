# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edit one hash of sections and options in a YAML file and leave every other byte as it is.

PyYAML is not used: a lab host's Python need not have it. The price is that
only what is surely understood is edited: a top-level key whose value is an empty hash, nothing,
or a block of sections with one-line options below them. All else is refused with the reason.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.yaml_scalars import (
    CONTROL, UnsafeEdit, render, render_key, same_value, split_comment, unquote)

KEY = r'(?P<key>"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'|[^\s"\'#&*!|>%@`{}\[\],?:-](?:[^\s:#]|:(?=\S)|(?<=\S)#|[ ]+(?=[^\s#:]))*)'
ENTRY = re.compile(r'^(?P<indent> *)' + KEY + r'(?P<gap>[ ]*):(?P<rest>(?:[ \t].*)?)$')
DOCUMENT_START = re.compile(r'^---(?:[ \t]+#.*)?\s*$')


class Entry(object):
    """A key of a block mapping: where its line is, where its value ends, what stands on the line."""

    def __init__(self, number, match):
        self.number = number
        self.end = number + 1  # first line that is not the value's any more
        self.indent = len(match.group('indent'))
        self.key = unquote(match.group('key'))
        self.before_value = match.group('indent') + match.group('key') + match.group('gap') + ':'
        self.rest = match.group('rest')
        self.children = []


class Document(object):
    """The lines of a YAML file, cut so that the named top-level key can be edited.

    :raises UnsafeEdit: it is not YAML text of the kind that is surely understood.
    """

    def __init__(self, content, name):
        self.name = name
        try:
            text = content.decode('utf-8')
        except UnicodeDecodeError as error:
            raise UnsafeEdit('it is not UTF-8 text: %s' % error)
        if '\x00' in text:
            raise UnsafeEdit('it is not text: it has NUL bytes')
        match = CONTROL.search(text)
        if match:
            self._fail(text.count('\n', 0, match.start()), 'it has a character that YAML has not')
        self.mark = text[:1] if text.startswith(u'\ufeff') else ''
        self.lines = text[len(self.mark):].split('\n')
        self.eol = '\r\n' if any(line.endswith('\r') for line in self.lines) else '\n'
        if self.eol == '\r\n' and not all(line.endswith('\r') for line in self.lines[:-1]):
            raise UnsafeEdit('its lines end in two ways, CRLF and LF')
        self.lines = [line[:-1] if line.endswith('\r') else line for line in self.lines]
        for number, line in enumerate(self.lines):
            if '\r' in line:
                self._fail(number, 'a CR stands in it')
        if self.lines[-1] == '':
            self.lines.pop()
        self.entries = self._top_level()
        found = [entry for entry in self.entries if entry.key == name]
        if not found:
            raise UnsafeEdit('it has no top-level key "%s"' % name)
        if len(found) > 1:
            raise UnsafeEdit('it has the key "%s" %d times, on lines %s' % (
                name, len(found), ', '.join(to_text(entry.number + 1) for entry in found)))
        self.entry = found[0]
        self._read_hash()

    def encode(self):
        return (self.mark + self.eol.join(self.lines) + self.eol).encode('utf-8')

    # What follows reads; nothing is changed.

    def _fail(self, number, reason):
        raise UnsafeEdit('line %d: %s' % (number + 1, reason))

    def _blank(self, line):
        return not line.strip() or line.lstrip().startswith('#')

    def _top_level(self):
        entries, number, started, ended = [], 0, False, False
        while number < len(self.lines):
            line = self.lines[number]
            if self._blank(line) or (line.startswith('%') and not started):
                number += 1
                continue
            start = DOCUMENT_START.match(line)
            if ended or (start and started):
                self._fail(number, 'a second YAML document starts here')
            started = True
            if start or line.rstrip() == '...':
                ended = not start
                number += 1
                continue
            match = ENTRY.match(line)
            if match is None or match.group('indent'):
                self._fail(number, 'this is not a "key: value" of a YAML mapping')
            entry = Entry(number, match)
            entry.end = self._end_of_value(entry)
            entries.append(entry)
            number = entry.end
        if not entries:
            raise UnsafeEdit('it is not a YAML mapping: it has no key')
        return entries

    def _end_of_value(self, entry):
        """The first line behind the entry's value. Blank lines and comments behind it belong to what follows."""
        number = self._skip_value(entry.number, len(entry.before_value), 0)
        levels = [0]  # indentation of the blocks that are open
        while number < len(self.lines):
            line = self.lines[number]
            if self._blank(line):
                number += 1
                continue
            if not line.startswith((' ', '\t')) and not re.match(r'-(\s|$)', line):
                break
            number = self._skip_line(number, levels)
        while number > entry.number + 1 and self._blank(self.lines[number - 1]) and not self.lines[number - 1].startswith(' '):
            number -= 1
        return number

    def _skip_line(self, number, levels):
        """Walk over one line of a block and the value that begins on it."""
        line = self.lines[number]
        column = len(line) - len(line.lstrip())
        if '\t' in line[:column]:
            self._fail(number, 'a tab indents this line')
        closed = levels[-1] > column
        while levels[-1] > column:
            levels.pop()
        if closed and levels[-1] != column:
            self._fail(number, 'its indentation fits nothing above')
        while True:
            if levels[-1] < column:
                levels.append(column)
            item = re.match(r'-(?:[ ]+|$)', line[column:])
            if item is None:
                break
            column += len(item.group(0))
        match = ENTRY.match(' ' * column + line[column:])
        if match is not None:
            return self._skip_value(number, len(line) - len(match.group('rest')), column)
        return self._skip_value(number, column, column - 1)

    def _skip_value(self, number, column, indent):
        """Walk over the value that begins at a column of a line; the block it is in is indented by indent."""
        line = self.lines[number]
        column += len(re.match(r'(?:\s*[&!]\S*)*\s*', line[column:]).group(0))  # anchors and tags
        value = line[column:].strip()
        if value[:1] == '#' or not value:
            return number + 1
        if re.match(r'[|>][0-9+-]*(\s+#.*)?$', value):
            number += 1
            while number < len(self.lines) and (
                    not self.lines[number].strip() or len(self.lines[number]) - len(self.lines[number].lstrip(' ')) > indent):
                number += 1
            return number
        if value[0] in '"\'[{':
            return self._skip_flow(number, column)
        self._check_plain(number, line[column:])
        number += 1
        # A plain value may go on, indented deeper, until a comment or a blank line.
        while number < len(self.lines) and not self._blank(self.lines[number]):
            more = self.lines[number]
            if len(more) - len(more.lstrip()) <= indent or re.match(r'\s*-(\s|$)', more):
                break
            self._check_key(number, more)
            number += 1
        return number

    def _check_plain(self, number, rest):
        if re.match(r'[ \t]*[@`%]', rest):
            self._fail(number, 'a plain value cannot start with "%s"' % rest.strip()[0])
        self._check_key(number, rest)

    def _check_key(self, number, rest):
        if re.search(r':(\s|$)', re.sub(r'(^|\s)#.*$', '', rest)):
            self._fail(number, 'a plain value cannot have ": " in it')

    def _skip_flow(self, number, column):
        """Walk over quotes and brackets to the line behind the one that closes them."""
        start, depth, quote, opened = number, 0, '', False
        while number < len(self.lines):
            line = self.lines[number]
            while column < len(line):
                char = line[column]
                if quote:
                    if char == '\\' and quote == '"':
                        column += 1
                    elif char == quote:
                        if quote == "'" and line[column + 1:column + 2] == "'":
                            column += 1
                        else:
                            quote = ''
                elif char in '"\'' and (column == 0 or line[column - 1] in ' \t[{,:('):
                    quote, opened = char, True
                elif char in '[{':
                    depth, opened = depth + 1, True
                elif char in ']}':
                    depth -= 1
                elif char == '#' and line[column - 1:column] in (' ', '\t', ''):
                    break
                column += 1
                if opened and depth == 0 and not quote:
                    if not re.match(r'\s*$|\s+#', line[column:]):
                        self._fail(number, 'there is text behind a value')
                    return number + 1
            number += 1
            column = 0
        self._fail(start, 'a quote or a bracket that opens here is not closed')

    def _read_hash(self):
        """Read the sections and options; refuse what can't be edited safely."""
        entry, where = self.entry, self.entry.number
        _lead, value, _tail = self._cut(entry)
        if '{{' in value or '{%' in value:
            self._fail(where, '"%s" is a Jinja expression, it is computed and cannot be edited' % self.name)
        if value[:1] in ('&', '*', '!'):
            self._fail(where, '"%s" has an anchor, an alias or a tag' % self.name)
        if value and not re.match(r'\{\s*\}$', value) and value not in ('~', 'null'):
            self._fail(where, '"%s" is %s, neither {} nor a block of sections below it' % (
                self.name, 'written in flow style' if value[0] == '{' else 'not a hash'))
        body = range(entry.number + 1, entry.end)
        used = [number for number in body if not self._blank(self.lines[number])]
        if value and used:
            self._fail(used[0], 'there is text below "%s: %s"' % (self.name, value))
        section = None
        for number in used:
            line = self.lines[number]
            if line.lstrip().startswith('<<'):
                self._fail(number, 'a merge key ("<<") in "%s"' % self.name)
            match = ENTRY.match(line)
            if match is None:
                self._fail(number, 'this is not a "key: value" of "%s"' % self.name)
            child = Entry(number, match)
            if section is None or child.indent == section.indent:
                self._add(entry.children, child, 'section')
                section = child
                if self._cut(child)[1] not in ('', '{}', '{ }'):
                    self._fail(number, 'the section "%s" is not a block of options' % child.key)
            elif child.indent > section.indent:
                if section.children and child.indent != section.children[0].indent:
                    self._fail(number, 'the options of "%s" are not indented alike' % section.key)
                if self._cut(section)[1]:
                    self._fail(number, 'there is text below an empty section')
                self._add(section.children, child, 'option')
                option = self._cut(child)[1]
                if option == '' or option[0] in '&*!|>[{]},?@`%' or re.match(r'-(\s|$)', option):
                    self._fail(number, 'the value of "%s" is not a one-line scalar without anchor or tag' % child.key)
                if option[0] not in '"\'':
                    self._check_plain(number, option)
            else:
                self._fail(number, 'its indentation fits no section of "%s"' % self.name)

    def _cut(self, entry):
        try:
            return split_comment(entry.rest)
        except UnsafeEdit as error:
            self._fail(entry.number, to_text(error))

    def _add(self, entries, child, kind):
        if any(other.key == child.key for other in entries):
            self._fail(child.number, 'the %s "%s" is there twice' % (kind, child.key))
        if entries:
            entries[-1].end = child.number
        entries.append(child)

    # What follows changes self.lines, from the last line to the first, so that numbers stay right.

    def _steps(self):
        """Indentation of sections and of options below them, as the file has it."""
        if self.entry.children:
            section = self.entry.children[0].indent
            options = [s.children[0].indent - s.indent for s in self.entry.children if s.children]
            return section, options[0] if options else section
        for entry in self.entries:
            for line in self.lines[entry.number + 1:entry.end]:
                match = re.match(r'^( +)[^ #-]', line)
                if match and not entry.rest.strip():
                    return len(match.group(1)), len(match.group(1))
        return 2, 2

    def values(self):
        """The hash as it stands: section, option, scalar as written."""
        return dict((section.key, dict((option.key, self._cut(option)[1]) for option in section.children))
                    for section in self.entry.children)

    def set(self, overrides):
        """Give options their values; add what is missing. Returns what changed, as (section, option)."""
        indent, step = self._steps()
        sections = dict((section.key, section) for section in self.entry.children)
        edits, changed = [], []
        appended = []
        for name in sorted(overrides):
            section = sections.get(to_text(name))
            known = dict((option.key, option) for option in section.children) if section else {}
            added = []
            for key in sorted(overrides[name]):
                value = overrides[name][key]
                option = known.get(to_text(key))
                if option is None:
                    added.append((key, value))
                elif not same_value(self._cut(option)[1], value):
                    lead, _old, tail = self._cut(option)
                    edits.append((option.number, option.number + 1,
                                  [option.before_value + (lead or ' ') + render(value) + tail]))
                    changed.append((name, key))
            if not added:
                continue
            changed.extend((name, key) for key, _value in added)
            if section is None:
                appended.append(' ' * indent + render_key(name) + ':')
                appended.extend(self._option(indent + step, item) for item in added)
                continue
            deep = section.children[0].indent if section.children else section.indent + step
            lines = [self._option(deep, item) for item in added]
            last = section.children[-1].number if section.children else section.number
            if not section.children:
                _lead, value, tail = self._cut(section)
                lines.insert(0, section.before_value + (tail if value else section.rest))
            edits.append((last + 1 if section.children else last, last + 1, lines))
        if appended:
            last = self.entry.number
            for section in self.entry.children:
                last = max([last, section.number] + [option.number for option in section.children])
            if self.entry.children:
                edits.append((last + 1, last + 1, appended))
            else:
                _lead, value, tail = self._cut(self.entry)
                edits.append((last, last + 1, [self.entry.before_value + (tail if value else self.entry.rest)] + appended))
        self._apply(edits)
        return changed

    def _option(self, indent, item):
        return ' ' * indent + render_key(item[0]) + ': ' + render(item[1])

    def unset(self, overrides):
        """Remove options; a section or hash that becomes empty goes too. Returns what was removed."""
        edits, removed = [], []
        left = []
        for section in self.entry.children:
            wanted = [to_text(key) for key in overrides.get(section.key, {})]
            gone = [option for option in section.children if option.key in wanted]
            removed.extend((section.key, option.key) for option in gone)
            if gone and len(gone) == len(section.children):
                edits.append((section.number, section.number + 1, []))
            else:
                left.append(section)
            edits.extend((option.number, option.number + 1, []) for option in gone)
        if removed and not left:
            _lead, _value, tail = self._cut(self.entry)
            edits.append((self.entry.number, self.entry.number + 1, [self.entry.before_value + ' {}' + tail]))
        self._apply(edits)
        return removed

    def _apply(self, edits):
        numbered = [(start, end, number, lines) for number, (start, end, lines) in enumerate(edits)]
        for start, end, _number, lines in sorted(numbered, key=lambda edit: edit[:3], reverse=True):
            self.lines[start:end] = lines


def excerpt(content, name):
    """The lines of the hash.

    :raises UnsafeEdit: see Document.
    """
    document = Document(content, name)
    return ''.join(line + '\n' for line in document.lines[document.entry.number:document.entry.end])


def edit(content, name, overrides, present=True):
    """Set (or remove) options in the hash called name.

    :param content: the file's bytes.
    :param overrides: section → option → value; the values do not matter where present is False.
    :returns: the new bytes, and the (section, option) pairs that changed. Without a change the
        bytes are the same, a missing final newline included.
    :raises UnsafeEdit: see there.
    """
    document = Document(content, name)
    changed = document.set(overrides) if present else document.unset(overrides)
    if not changed:
        return content, []
    result = document.encode()
    check = Document(result, name).values()
    for section, option in changed:
        scalar = check.get(to_text(section), {}).get(to_text(option))
        if present != (scalar is not None) or (present and not same_value(scalar, overrides[section][option])):
            raise UnsafeEdit('the edit of %s.%s could not be read back' % (section, option))
    return result, changed
