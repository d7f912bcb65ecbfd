# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import collections
import io
import os
import random

import pytest
import yaml
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import yaml_overrides

NAME = 'hash'
PG_NUM = {'global': {'pg_num': 8}}

BEFORE = '''\
---
# Defaults
fsid: "{{ cluster_uuid.stdout }}"

###################
# CONFIG OVERRIDE #
###################

# For example:
# ceph_conf_overrides:
#   global:
#     foo: 1234
#
ceph_conf_overrides: {}

# OS TUNING
os_tuning_params:
  - { name: kernel.pid_max, value: 4194303 }
  - { name: fs.file-max, value: 26234859 }
dummy:'''
AFTER = '''\
---
# Defaults
fsid: "{{ cluster_uuid.stdout }}"

###################
# CONFIG OVERRIDE #
###################

# For example:
# ceph_conf_overrides:
#   global:
#     foo: 1234
#
ceph_conf_overrides:
  global:
    osd_pool_default_pg_num: 8

# OS TUNING
os_tuning_params:
  - { name: kernel.pid_max, value: 4194303 }
  - { name: fs.file-max, value: 26234859 }
dummy:
'''

# id, the file before, overrides, state, the file after. What is equal before and after is no change.
EDITS = [
    ('last line, no newline', 'a: 1\nhash: {}', PG_NUM, 'present',
     'a: 1\nhash:\n  global:\n    pg_num: 8\n'),
    ('space in the braces', 'hash: { }\n', PG_NUM, 'present',
     'hash:\n  global:\n    pg_num: 8\n'),
    ('empty value', 'hash:\nb: 1\n', PG_NUM, 'present',
     'hash:\n  global:\n    pg_num: 8\nb: 1\n'),
    ('null', 'hash: ~\n', PG_NUM, 'present',
     'hash:\n  global:\n    pg_num: 8\n'),
    ('comment behind {}', 'hash: {}  # nothing yet\n', PG_NUM, 'present',
     'hash:  # nothing yet\n  global:\n    pg_num: 8\n'),
    ('comment in place of a value', 'hash: # nothing yet\n', PG_NUM, 'present',
     'hash: # nothing yet\n  global:\n    pg_num: 8\n'),
    ('quoted key', '"hash": {}\n', PG_NUM, 'present',
     '"hash":\n  global:\n    pg_num: 8\n'),
    ('space before the colon', 'hash : {}\n', PG_NUM, 'present',
     'hash :\n  global:\n    pg_num: 8\n'),
    ('end mark of the document', '---\nhash: {}\n...\n', PG_NUM, 'present',
     '---\nhash:\n  global:\n    pg_num: 8\n...\n'),
    ('CRLF', 'a: 1\r\nhash: {}\r\nb: 2\r\n', PG_NUM, 'present',
     'a: 1\r\nhash:\r\n  global:\r\n    pg_num: 8\r\nb: 2\r\n'),
    ('CRLF, no final newline', 'a: 1\r\nhash: {}', PG_NUM, 'present',
     'a: 1\r\nhash:\r\n  global:\r\n    pg_num: 8\r\n'),
    ('byte order mark', u'\ufeff---\nhash: {}\n', PG_NUM, 'present',
     u'\ufeff---\nhash:\n  global:\n    pg_num: 8\n'),
    ('byte order mark before the hash', u'\ufeffhash: {}\n', PG_NUM, 'present',
     u'\ufeffhash:\n  global:\n    pg_num: 8\n'),
    ('indented by 4 elsewhere', 'a:\n    b: 1\nhash: {}\n', PG_NUM, 'present',
     'a:\n    b: 1\nhash:\n    global:\n        pg_num: 8\n'),
    ('indented by 4 itself', 'hash:\n    global:\n        a: 1\n', PG_NUM, 'present',
     'hash:\n    global:\n        a: 1\n        pg_num: 8\n'),
    ('options further in than sections', 'hash:\n  mon:\n      a: 1\n', PG_NUM, 'present',
     'hash:\n  mon:\n      a: 1\n  global:\n      pg_num: 8\n'),
    ('letters that are not ASCII', u'a: gr\xf6\xdfe # \u20ac\nhash: {}\n', PG_NUM, 'present',
     u'a: gr\xf6\xdfe # \u20ac\nhash:\n  global:\n    pg_num: 8\n'),
    ('its name in a block of text', 'a: |\n  hash: {}\n\nhash: {}\n', PG_NUM, 'present',
     'a: |\n  hash: {}\n\nhash:\n  global:\n    pg_num: 8\n'),
    ('its name below another key', 'a:\n  hash: {}\nhash: {}\n', PG_NUM, 'present',
     'a:\n  hash: {}\nhash:\n  global:\n    pg_num: 8\n'),
    ('its name in quotes of several lines', 'a: "x\nhash: 1\ny"\nhash: {}\n', PG_NUM, 'present',
     'a: "x\nhash: 1\ny"\nhash:\n  global:\n    pg_num: 8\n'),
    ('text over several lines', 'a: b\n  `c` - d\n  @e\nhash: {}\n', PG_NUM, 'present',
     'a: b\n  `c` - d\n  @e\nhash:\n  global:\n    pg_num: 8\n'),
    ('brackets over several lines', 'a: [1,\n  {b: "]"}  # ]\n]\nhash: {}\n', PG_NUM, 'present',
     'a: [1,\n  {b: "]"}  # ]\n]\nhash:\n  global:\n    pg_num: 8\n'),
    ('quotes and brackets in quotes', 'a: ["x\\"]", \'it\'\'s [\']\nb: "c \\" d"\nhash: {}\n', PG_NUM, 'present',
     'a: ["x\\"]", \'it\'\'s [\']\nb: "c \\" d"\nhash:\n  global:\n    pg_num: 8\n'),
    ('list at the left edge before it', 'a:\n- 1\n- b: 2\nhash: {}\n', PG_NUM, 'present',
     'a:\n- 1\n- b: 2\nhash:\n  global:\n    pg_num: 8\n'),
    ('quoted keys below another key', "a:\n  'b': 1\n  c: 2\nhash: {}\n", PG_NUM, 'present',
     "a:\n  'b': 1\n  c: 2\nhash:\n  global:\n    pg_num: 8\n"),
    ('section there', 'hash:\n  global:\n    a: 1\nb: 2\n', PG_NUM, 'present',
     'hash:\n  global:\n    a: 1\n    pg_num: 8\nb: 2\n'),
    ('empty section there', 'hash:\n  global: {}  # none\n  osd:\n    a: 1\n', PG_NUM, 'present',
     'hash:\n  global:  # none\n    pg_num: 8\n  osd:\n    a: 1\n'),
    ('section of null there', 'hash:\n  osd:\n    a: 1\n  global:\n', PG_NUM, 'present',
     'hash:\n  osd:\n    a: 1\n  global:\n    pg_num: 8\n'),
    ('other sections there', 'hash:\n  mon:\n    a: 1\n\n  # disks\n  osd:\n    b: 2 # why\n\nc: 3\n', PG_NUM,
     'present',
     'hash:\n  mon:\n    a: 1\n\n  # disks\n  osd:\n    b: 2 # why\n  global:\n'
     '    pg_num: 8\n\nc: 3\n'),
    ('option for a section and a section', 'hash:\n  global:\n    a: 1\n',
     {'global': {'b': 2}, 'mon': {'c': 3}}, 'present',
     'hash:\n  global:\n    a: 1\n    b: 2\n  mon:\n    c: 3\n'),
    ('options for two sections', 'hash:\n  mon:\n    a: 1\n  global:\n    b: 2\n',
     {'global': {'c': 3}, 'mon': {'d': 4}}, 'present',
     'hash:\n  mon:\n    a: 1\n    d: 4\n  global:\n    b: 2\n    c: 3\n'),
    ('value replaced', 'hash:\n  global:\n    a: 1\n    pg_num: 256\n    b: 2\n', PG_NUM, 'present',
     'hash:\n  global:\n    a: 1\n    pg_num: 8\n    b: 2\n'),
    ('value replaced, spaces and comment kept', 'hash:\n  global:\n    pg_num:   "256"   # big\n',
     PG_NUM, 'present', 'hash:\n  global:\n    pg_num:   8   # big\n'),
    ('quoting of others kept', 'hash:\n  "global":\n    \'a b\': "c # d" # e\n    f: \'it\'\'s\'\n', PG_NUM, 'present',
     'hash:\n  "global":\n    \'a b\': "c # d" # e\n    f: \'it\'\'s\'\n    pg_num: 8\n'),
    ('Jinja in another option', 'hash:\n  "client.rgw.{{ hostname }}":\n    a: "{{ b }}"\n', PG_NUM, 'present',
     'hash:\n  "client.rgw.{{ hostname }}":\n    a: "{{ b }}"\n  global:\n    pg_num: 8\n'),
    ('comments in the hash', 'hash:\n  # one\n  global:  # two\n    # three\n    a: 1  # four\n# five\nb: 2\n', PG_NUM,
     'present', 'hash:\n  # one\n  global:  # two\n    # three\n    a: 1  # four\n'
     '    pg_num: 8\n# five\nb: 2\n'),
    ('several options at once', 'hash: {}\n', {'osd': {'b': 1, 'a': 2}, 'global': {'c': 3}}, 'present',
     'hash:\n  global:\n    c: 3\n  osd:\n    a: 2\n    b: 1\n'),
    ('same value: no newline is added', 'hash:\n  global:\n    pg_num: 8', PG_NUM, 'present',
     'hash:\n  global:\n    pg_num: 8'),
    ('same value in quotes', 'hash:\n  global:\n    pg_num: "8" # yes\n', PG_NUM, 'present',
     'hash:\n  global:\n    pg_num: "8" # yes\n'),
    ('same text in quotes', 'hash:\n  global:\n    a: \'it\'\'s\'\n    b: "x\\ty \\"z\\" \\\\"\n',
     {'global': {'a': "it's", 'b': 'x\ty "z" \\'}}, 'present',
     'hash:\n  global:\n    a: \'it\'\'s\'\n    b: "x\\ty \\"z\\" \\\\"\n'),
    ('same truth value written otherwise', 'hash:\n  global:\n    a: Yes\n    b: off\n',
     {'global': {'a': True, 'b': False}}, 'present', 'hash:\n  global:\n    a: Yes\n    b: off\n'),
    ('nothing asked for', 'hash: {}', {}, 'present', 'hash: {}'),
    ('truth values', 'hash: {}\n', {'global': {'a': True, 'b': False}}, 'present',
     'hash:\n  global:\n    a: true\n    b: false\n'),
    ('numbers', 'hash: {}\n', {'global': {'a': -1, 'b': 0.85}}, 'present',
     'hash:\n  global:\n    a: -1\n    b: 0.85\n'),
    ('text that can be bare', 'hash: {}\n', {'global': {'a': '/var/log/x.log', 'b': '1 2', 'c': '10.0.0.0/8'}},
     'present', 'hash:\n  global:\n    a: /var/log/x.log\n    b: 1 2\n    c: 10.0.0.0/8\n'),
    ('text that YAML takes for something else', 'hash: {}\n',
     {'global': {'a': 'yes', 'b': '010', 'c': '', 'd': 'null', 'e': '1e3', 'f': '2017-01-01', 'g': '0x1F', 'h': '1:30',
                 'i': '~'}}, 'present',
     "hash:\n  global:\n    a: 'yes'\n    b: '010'\n    c: ''\n    d: 'null'\n    e: '1e3'\n    f: '2017-01-01'\n"
     "    g: '0x1F'\n    h: '1:30'\n    i: '~'\n"),
    ('text with signs', 'hash: {}\n',
     {'global': {'a': "it's", 'b': 'x # y', 'c': 'k: v', 'd': '{{ z }}', 'e': '- f', 'g': ' pad ', 'h': u'gr\xf6\xdfe',
                 'i': '*'}}, 'present',
     u"hash:\n  global:\n    a: 'it''s'\n    b: 'x # y'\n    c: 'k: v'\n    d: '{{ z }}'\n    e: '- f'\n"
     u"    g: ' pad '\n    h: 'gr\xf6\xdfe'\n    i: '*'\n"),
    ('no value is empty text', 'hash: {}\n', {'global': {'a': None}}, 'present',
     "hash:\n  global:\n    a: ''\n"),
    ('keys with spaces and dots', 'hash: {}\n', {'mon.a': {'osd pool default size': 3}}, 'present',
     'hash:\n  mon.a:\n    osd pool default size: 3\n'),
    ('option whose key needs quotes', 'hash: {}\n', {'global': {'8': 0, 'a: b': 1, 'yes': 2}}, 'present',
     "hash:\n  global:\n    '8': 0\n    'a: b': 1\n    'yes': 2\n"),
    ('section whose key needs quotes', 'hash: {}\n', {'client.*': {'a': 1, 'b': 2}}, 'present',
     "hash:\n  'client.*':\n    a: 1\n    b: 2\n"),
    ('text yes for a truth value', 'hash:\n  global:\n    a: yes\n', {'global': {'a': 'yes'}}, 'present',
     "hash:\n  global:\n    a: 'yes'\n"),
    ('text for an octal number', 'hash:\n  global:\n    a: 010\n', {'global': {'a': '010'}}, 'present',
     "hash:\n  global:\n    a: '010'\n"),

    ('absent: hash becomes empty', 'a: 1\nhash:\n  global:\n    pg_num: 8\nb: 2\n', PG_NUM, 'absent',
     'a: 1\nhash: {}\nb: 2\n'),
    ('absent: whatever its value', 'hash:\n  global:\n    pg_num: 256\n', PG_NUM, 'absent',
     'hash: {}\n'),
    ('absent: section becomes empty', 'hash:\n  global:\n    pg_num: 8\n  osd:\n    a: 1\n', PG_NUM,
     'absent', 'hash:\n  osd:\n    a: 1\n'),
    ('absent: others stay', 'hash:\n  global:  # x\n    a: 1\n    # y\n    pg_num: 8  # z\n', PG_NUM, 'absent',
     'hash:\n  global:  # x\n    a: 1\n    # y\n'),
    ('absent: comment on its line', 'hash:  # x\n  global:\n    pg_num: 8\n', PG_NUM, 'absent',
     'hash: {}  # x\n'),
    ('absent: CRLF', 'hash:\r\n  global:\r\n    pg_num: 8\r\n', PG_NUM, 'absent',
     'hash: {}\r\n'),
    ('absent: option is not there', 'hash:\n  global:\n    a: 1', PG_NUM, 'absent',
     'hash:\n  global:\n    a: 1'),
    ('absent: hash is empty', 'hash: {}', PG_NUM, 'absent', 'hash: {}'),
]

# id, the file, overrides, a piece of the reason.
REFUSALS = [
    ('web page', '<!DOCTYPE html>\n<html></html>\n', PG_NUM, 'line 1: this is not a "key: value"'),
    ('sentence', 'Not found\n', PG_NUM, 'line 1: this is not a "key: value"'),
    ('list', '- a\n- b\n', PG_NUM, 'line 1: this is not a "key: value"'),
    ('JSON', '{"hash": {}}\n', PG_NUM, 'line 1: this is not a "key: value"'),
    ('key without a colon', 'a: 1\nb\nhash: {}\n', PG_NUM, 'line 2: this is not a "key: value"'),
    ('no space behind the colon', 'hash:{}\n', PG_NUM, 'line 1: this is not a "key: value"'),
    ('two colons', 'a: b: c\nhash: {}\n', PG_NUM, 'line 1: a plain value cannot have ": " in it'),
    ('starts with @', 'a: @b\nhash: {}\n', PG_NUM, 'line 1: a plain value cannot start with "@"'),
    ('quote not closed', 'a: "b\nhash: {}\n', PG_NUM, 'line 1: a quote or a bracket that opens here is not closed'),
    ('bracket not closed', 'a: [1, 2\nhash: {}\n', PG_NUM,
     'line 1: a quote or a bracket that opens here is not closed'),
    ('quote not closed below a key', 'a:\n  b: "c\nhash: {}\n', PG_NUM, 'line 2'),
    ('text behind a quoted value', 'a: "b" c\nhash: {}\n', PG_NUM, 'line 1'),
    ('key below a value', 'a: b\n  c: d\nhash: {}\n', PG_NUM, 'line 2'),
    ('indentation that fits nothing', 'a:\n    b: 1\n  c: 2\nhash: {}\n', PG_NUM, 'line 3'),
    ('top level indented', '  a: 1\n  hash: {}\n', PG_NUM, 'line 1: this is not a "key: value"'),
    ('key twice', 'hash: {}\na: 1\nhash:\n  global:\n    b: 2\n', PG_NUM, '2 times, on lines 1, 3'),
    ('key twice, once in quotes', 'hash: {}\n"hash": {}\n', PG_NUM, '2 times, on lines 1, 2'),
    ('key missing', 'a: 1\n', PG_NUM, 'no top-level key "hash"'),
    ('key in a comment only', '# hash: {}\na: 1\n', PG_NUM, 'no top-level key "hash"'),
    ('key below another only', 'a:\n  hash: {}\n', PG_NUM, 'no top-level key "hash"'),
    ('empty file', '', PG_NUM, 'it has no key'),
    ('comments only', '# nothing\n\n', PG_NUM, 'it has no key'),
    ('anchor', 'hash: &x\n  global:\n    a: 1\n', PG_NUM, 'anchor'),
    ('alias', 'x: &x {}\nhash: *x\n', PG_NUM, 'alias'),
    ('tag', 'hash: !!map\n  global:\n    a: 1\n', PG_NUM, 'tag'),
    ('anchor at a section', 'hash:\n  global: &x\n    a: 1\n', PG_NUM, 'line 2: the section "global"'),
    ('alias as a section', 'x: &x {}\nhash:\n  global: *x\n', PG_NUM, 'line 3: the section "global"'),
    ('anchor at an option', 'hash:\n  global:\n    a: &x 1\n', PG_NUM, 'line 3: the value of "a"'),
    ('alias as an option', 'x: &x 1\nhash:\n  global:\n    a: *x\n', PG_NUM, 'line 4: the value of "a"'),
    ('tag at an option', 'hash:\n  global:\n    a: !!str 1\n', PG_NUM, 'line 3: the value of "a"'),
    ('merge in the hash', 'x: &x {}\nhash:\n  <<: *x\n', PG_NUM, 'line 3: a merge key'),
    ('merge in a section', 'x: &x {}\nhash:\n  global:\n    <<: *x\n', PG_NUM, 'line 4: a merge key'),
    ('Jinja', 'hash: "{{ a | combine(b) }}"\n', PG_NUM, 'Jinja expression'),
    ('Jinja of several lines', 'hash: >-\n  {{ a }}\n', PG_NUM, 'not a hash'),
    ('flow mapping', 'hash: {global: {a: 1}}\n', PG_NUM, 'flow style'),
    ('flow mapping of several lines', 'hash: {\n  global: {a: 1}}\n', PG_NUM, 'flow style'),
    ('flow mapping on the next line', 'hash:\n  {global: {a: 1}}\n', PG_NUM, 'line 2'),
    ('flow mapping as a section', 'hash:\n  global: {a: 1}\n', PG_NUM, 'line 2: the section "global"'),
    ('number', 'hash: 1\n', PG_NUM, 'not a hash'),
    ('list as the hash', 'hash:\n  - a\n', PG_NUM, 'line 2'),
    ('list in brackets as the hash', 'hash: []\n', PG_NUM, 'not a hash'),
    ('list as a section', 'hash:\n  global:\n    - a: 1\n', PG_NUM, 'line 3'),
    ('list as an option', 'hash:\n  global:\n    a: [1]\n', PG_NUM, 'line 3: the value of "a"'),
    ('hash as an option', 'hash:\n  global:\n    a:\n      b: 1\n', PG_NUM, 'line 3: the value of "a"'),
    ('list item as an option', 'hash:\n  global:\n    a: - b\n', PG_NUM, 'line 3'),
    ('bracket that closes nothing', 'hash:\n  global:\n    a: }b\n', PG_NUM, 'line 3'),
    ('option of several lines', 'hash:\n  global:\n    a: |\n      b\n', PG_NUM, 'line 3: the value of "a"'),
    ('option that goes on below', 'hash:\n  global:\n    a: b\n      c\n', PG_NUM, 'line 4'),
    ('options not alike', 'hash:\n  global:\n    a: 1\n      b: 2\n', PG_NUM, 'line 4'),
    ('section too far left', 'hash:\n  global:\n    a: 1\n mon:\n   b: 2\n', PG_NUM, 'line 4: its indentation'),
    ('text below {}', 'hash: {}\n  global:\n    a: 1\n', PG_NUM, 'line 2'),
    ('tab indents the hash', 'hash:\n\tglobal:\n\t\ta: 1\n', PG_NUM, 'line 2: a tab indents this line'),
    ('tab indents another key', 'a:\n  b: 1\n\tc: 2\nhash: {}\n', PG_NUM, 'line 3: a tab indents this line'),
    ('two documents', 'a: 1\n---\nhash: {}\n', PG_NUM, 'line 2: a second YAML document'),
    ('two documents, both marked', '---\na: 1\n---\nhash: {}\n', PG_NUM, 'line 3: a second YAML document'),
    ('two documents, the first with an end mark', 'a: 1\n...\nhash: {}\n', PG_NUM, 'second YAML document'),
    ('NUL', 'hash: {}\na: \x00\n', PG_NUM, 'NUL'),
    ('binary', b'\x7fELF\x02\x01\x01\x00\xff', PG_NUM, 'not UTF-8'),
    ('Latin-1', u'a: gr\xf6\xdfe\nhash: {}\n'.encode('latin-1'), PG_NUM, 'not UTF-8'),
    ('UTF-16', u'hash: {}\n'.encode('utf-16'), PG_NUM, 'not UTF-8'),
    ('mixed line ends', 'a: 1\r\nhash: {}\nb: 2\r\n', PG_NUM, 'CRLF and LF'),
    ('line end of a Mac in a line', 'a: 1\r\nhash: {} # b\rc: 2\r\n', PG_NUM, 'line'),
    ('line end of a Mac in a file of Unix', 'a: 1 # b\rhash: {}\nhash: {}\n', PG_NUM, 'line'),
    ('line separator of Unicode', u'a: 1\nhash: {} # b\u2028c: 2\n', PG_NUM, 'line'),
    ('section twice', 'hash:\n  global:\n    a: 1\n  global:\n    b: 2\n', PG_NUM,
     'line 4: the section "global" is there twice'),
    ('option twice', 'hash:\n  global:\n    a: 1\n    a: 2\n', PG_NUM, 'line 4: the option "a" is there twice'),
    ('option twice, not ASCII', u'hash:\n  global:\n    gr\xf6\xdfe: 1\n    gr\xf6\xdfe: 2\n', PG_NUM,
     u'line 4: the option "gr\xf6\xdfe" is there twice'),
    ('value of two lines', 'hash: {}\n', {'global': {'a': 'b\nc'}}, 'more than one line'),
    ('value with a character that YAML has not', 'hash: {}\n', {'global': {'a': 'b\x1bc'}}, ''),
]


def encode(text):
    return text if isinstance(text, bytes) else text.encode('utf-8')


def parse(content):
    return yaml.safe_load(content)


def text_of(value):
    """A scalar as the template of ceph.conf writes it."""
    return u'' if value is None else u'%s' % (value,)


def texts_of(sections):
    return dict((section, dict((option, text_of(value)) for option, value in (options or {}).items()))
                for section, options in sections.items())


def ids(cases):
    return [case[0] for case in cases]


@pytest.mark.parametrize('_id, before, overrides, state, after', EDITS, ids=ids(EDITS))
def test_edit(_id, before, overrides, state, after):
    before, after = encode(before), encode(after)
    result, changed = yaml_overrides.edit(before, NAME, overrides, state == 'present')
    assert result == after
    assert bool(changed) == (before != after)
    assert set(changed) <= set((section, option) for section in overrides for option in overrides[section])


@pytest.mark.parametrize('_id, before, overrides, state, after', EDITS, ids=ids(EDITS))
def test_edit_means_what_was_asked_for(_id, before, overrides, state, after):
    """The cases themselves are held against PyYAML."""
    old, new = parse(encode(before)), parse(encode(after))
    expected = dict((section, dict(options or {})) for section, options in (old.pop(NAME) or {}).items())
    for section, options in overrides.items():
        for option, value in options.items():
            if state == 'absent':
                expected.get(section, {}).pop(option, None)
            else:
                expected.setdefault(section, {})[option] = value
    result = new.pop(NAME) or {}
    assert new == old
    if state == 'absent':
        expected = dict((section, options) for section, options in expected.items() if options)
    assert texts_of(result) == texts_of(expected)


@pytest.mark.parametrize('_id, before, overrides, state, after', EDITS, ids=ids(EDITS))
def test_edit_again_changes_nothing(_id, before, overrides, state, after):
    assert yaml_overrides.edit(encode(after), NAME, overrides, state == 'present') == (encode(after), [])


@pytest.mark.parametrize('before', [
    'a: 1\n\n# why\nhash: {}\n\nb: 2\n',
    'hash: {}  # none\n',
    'hash: {}\r\nb: 2\r\n',
    'hash:\n  mon:\n    a: 1  # b\n\nc: d\n',
    'hash:\n    global:\n        # x\n        a: 1\n',
])
def test_round_trip(before):
    there, _changed = yaml_overrides.edit(encode(before), NAME, PG_NUM)
    assert there != encode(before)
    assert yaml_overrides.edit(there, NAME, PG_NUM, present=False)[0] == encode(before)


@pytest.mark.parametrize('_id, before, overrides, reason', REFUSALS, ids=ids(REFUSALS))
def test_refusal(_id, before, overrides, reason):
    for present in (True, False) if overrides is PG_NUM else (True,):
        with pytest.raises(yaml_overrides.UnsafeEdit) as refusal:
            yaml_overrides.edit(encode(before), NAME, dict(overrides, x={'a': 1}), present)
        assert reason in refusal.value.args[0]


OF_CEPH = {'global': {'osd_pool_default_pg_num': 8}}


def test_change_of_the_author():
    """What the author of the first such environment did by hand."""
    assert yaml_overrides.edit(encode(BEFORE), 'ceph_conf_overrides', OF_CEPH) == (
        encode(AFTER), [('global', 'osd_pool_default_pg_num')])


def test_embedded_osa(root):
    """The file that the embedded OSA's role really has."""
    path = os.path.join(root, 'roles/embedded_osa/files/ocata/ansible-ceph-common/defaults/main.yml')
    with io.open(path, 'rb') as stream:
        before = stream.read()
    after = before.replace(
        b'\nceph_conf_overrides: {}\n', b'\nceph_conf_overrides:\n  global:\n    osd_pool_default_pg_num: 8\n')
    assert yaml_overrides.edit(before, 'ceph_conf_overrides', OF_CEPH)[0] == after.rstrip(b'\n') + b'\n'


@pytest.mark.parametrize('text', [
    'true', 'Yes', 'NO', 'on', 'n', '~', 'Null', '-0', '1234567890.12345678901', '+3', '1_000', '0o7', '0b1', '0xff',
    '1.50', '-.5', '.5',
    '.5e+3', '.5_0', '1e-3',
    '.inf', '-.INF', '.nan', '1:30', '2017-01-01', '2017-1-1 10:00:00', '', ' ', 'a ', ' a', '-', '- a', '?', ':', 'a:',
    'a: b', 'a #b', '#a',
    "'", '"', "''", '&a', '*a', '!a', '|', '>', '%a', '@a', '`a', '[a]', '{a}', '{{ a }}', '{% a %}', 'a,b', 'a=b', '=',
    '<<', '---', '...',
    'a\tb', '\\', 'a\\nb', u'\xe4', u'\u20ac', 'a b', '/a/b', '10.0.0.1', '10.0.0.0/8', 'a@b', '50%', '~/a',
])
def test_text_stays_text(text):
    """Whatever text is asked for, YAML reads the same text back, as a value and as a key."""
    content, _changed = yaml_overrides.edit(b'hash:\n  global:\n    z: 1\n', NAME,
                                            {'global': {'a': text, 'b' + text: 1}})
    assert parse(content) == {NAME: {'global': {'a': text, 'b' + text: 1, 'z': 1}}}


@pytest.mark.parametrize('text', ['0', '-7', '8', '1.5'])
def test_number_that_arrives_as_text_is_written_as_a_number(text):
    """ansible-core 2.16 hands numbers over as text; the file must not depend on that."""
    content, _changed = yaml_overrides.edit(b'hash: {}\n', NAME, {'global': {'a': text}})
    assert content == b'hash:\n  global:\n    a: ' + text.encode('ascii') + b'\n'


class Documents:
    """Random documents of the kind that can be edited, each with the hash somewhere in it."""

    VALUES = ['1', '"x y"', "'it''s'", 'plain text', '/a/b', '"{{ c }}"', 'yes', '0.5', "'# no'", 'a#b', 'http://h:1/p']
    OTHERS = ['{}: 1', '{}: "a: b"  # c', '{}:\n  - x\n  - y: 1\n    z: 2', '{}:\n  k:\n    l: [1, 2]\n  m: n',
              '{}: [a,\n  b]',
              '{}: |-\n  text: {{}}\n\n   more', '{}: {{p: q}}', '{}:', '{}: long\n  text', '# {}: comment',
              '{}:\n- a\n- b', '']

    def __init__(self, seed):
        self.random = random.Random(seed)

    def hash(self):
        sections = self.random.sample(['global', 'mon', 'osd', 'mon.a', 'client'], self.random.randint(0, 3))
        if not sections:
            return self.random.choice(['{}: {{}}', '{}:', '{}: {{ }} # none', '{}: ~']).format(NAME)
        indent, step = self.random.choice([2, 4]), self.random.choice([2, 4])
        lines = [NAME + ':' + self.random.choice(['', ' # of mine'])]
        for section in sections:
            lines.append(' ' * indent + section + ':')
            for option in self.random.sample(['a', 'b', 'osd max', "'q'"], self.random.randint(1, 4)):
                value = self.random.choice(self.VALUES) + self.random.choice(['', '  # d'])
                lines.append(' ' * (indent + step) + option + ': ' + value)
                lines.extend(self.random.choice([[], [], ['# left'], [' ' * indent + '# in'], ['']]))
        return '\n'.join(lines)

    def content(self):
        others = self.random.sample(self.OTHERS, self.random.randint(0, 5))
        parts = [part.format('k%d' % number) for number, part in enumerate(others)]
        parts.insert(self.random.randint(0, len(parts)), self.hash())
        text = self.random.choice(['', '---\n', '# head\n---\n']) + '\n'.join(parts) + self.random.choice(['', '\n'])
        return text.replace('\n', self.random.choice(['\n', '\n', '\r\n'])).encode('utf-8')

    def overrides(self):
        values = [8, True, 'text', 'no', '', 0.25, "it's # so"]
        options, sections = ['a', 'b', 'osd max', 'q', 'new'], ['global', 'mon', 'client', 'x']
        return dict((section, dict((option, self.random.choice(values)) for option in self.random.sample(options, 2)))
                    for section in self.random.sample(sections, self.random.randint(1, 2)))


@pytest.mark.parametrize('seed', range(30))
def test_random_documents(seed):
    documents = Documents(seed)
    for _number in range(10):
        check_edit(documents.content(), documents.overrides())


def check_edit(before, overrides):
    """PyYAML finds what was asked for, nothing else has changed, no line is lost; removed, all is as it was."""
    old = parse(before)
    after, changed = yaml_overrides.edit(before, NAME, overrides)
    new = parse(after)
    had, has = old.pop(NAME) or {}, new.pop(NAME) or {}
    assert new == old
    wanted = dict((section, dict(had.get(section) or {},
                                 **overrides.get(section, {}))) for section in set(had) | set(overrides))
    assert texts_of(has) == texts_of(wanted)
    replaced = sum(option in (had.get(section) or {}) for section, option in changed)
    added = len(changed) - replaced + len(set(has) - set(had))
    old_lines, new_lines = collections.Counter(before.splitlines()), collections.Counter(after.splitlines())
    assert sum(new_lines.values()) == sum(old_lines.values()) + added
    assert sum((old_lines - new_lines).values()) <= replaced + (not had)

    gone, _removed = yaml_overrides.edit(after, NAME, overrides, present=False)
    left = parse(gone)
    expected = {}
    for section, options in has.items():
        stay = dict((option, options[option]) for option in options if option not in overrides.get(section, {}))
        if stay:
            expected[section] = stay
    assert (left.pop(NAME) or {}) == expected
    assert left == old
