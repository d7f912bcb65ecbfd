# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import json
import time

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.redact import Redactor, redact

# Made up; AQ is a key of AES, Ag one of AES256.
KEYS = ['AQ' + 'B3' * 18 + '==', 'Ag' + 'c/' * 30, 'AQ' + '+9' * 15 + 'a=']


@pytest.mark.parametrize('key', KEYS)
@pytest.mark.parametrize('text', ['%s', 'key = %s', '{"key":"%s"}', '[client.a]\n\tkey = %s\n\tcaps mon = "allow r"\n', '%s %s', '(%s)'])
def test_key(key, text):
    assert redact(text.replace('%s', key)) == text.replace('%s', '<key>')


@pytest.mark.parametrize('text', [
    '', 'HEALTH_OK', 'AQ', 'AQIDBAUG', '31ff4489-b257-4172-816a-af35b0f0ff48', '618f440892089921c3e944a991122ddc44e60516',
    'AGLONGWORDOFCAPITALSTHATISNOTAKEYATALL', 'xAQ' + 'B3' * 18, u'gr\xfcn'])
def test_no_key(text):
    assert redact(text) == text


@pytest.fixture
def redactor():
    return Redactor()


@pytest.mark.parametrize('text, clean', [
    ('password: hunter2', 'password: <secret>'),
    ('keystone_auth_admin_password: "two words"', 'keystone_auth_admin_password: "<secret>"'),
    ("PASSWORD='it is'", "PASSWORD='<secret>'"),
    ('db_passwd=x1,user=me', 'db_passwd=<secret>,user=me'),
    ('{"token": "a\\"b", "user": "me"}', '{"token": "<secret>", "user": "me"}'),
    ('{"tokens": 12345, "secrets": ["a"], "password": null}', '{"tokens": "<secret>", "secrets": ["a"], "password": "<secret>"}'),
    ('"{\\"client_secret\\": \\"s3\\", \\"user\\": \\"me\\"}"', '"{\\"client_secret\\": \\"<secret>\\", \\"user\\": \\"me\\"}"'),
    ('mysql --user me --root-password sesame -h x', 'mysql --user me --root-password <secret> -h x'),
    ('http://ann:s%40same@proxy:3128/', 'http://<login>@proxy:3128/'),
    ('clone https://ghp_abc@git.example/x ok', 'clone https://<login>@git.example/x ok'),
    ('a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----\nb', 'a\n<secret>\nb'),
    ('a\n-----BEGIN PRIVATE KEY-----\nMIIE\n', 'a\n<secret>'),
    ('MIIE\n-----END OPENSSH PRIVATE KEY-----\nb\n', '<secret>\nb\n'),
    ('-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----', '-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----'),
    ('secret: {{ vaulted }}', 'secret: {{ vaulted }}'),
    ('the password is wrong', 'the password is wrong'),
    ('ssh://host/path and a@b.example, 12:30', 'ssh://host/path and a@b.example, 12:30'),
])
def test_what_looks_like_a_secret(redactor, text, clean):
    assert redactor.clean(text) == clean


def test_clean_json_is_json(redactor):
    redactor.learn('sesame-open')
    content = {'tokens': 3, 'a': [{'my_password': 'x', 'secret': None, 'note': 'sesame-open: "password": "y"', 'where': 'http://u:p@h/'}]}
    clean = json.loads(redactor.clean(json.dumps(content)))
    assert clean['a'][0]['my_password'] == '<secret>'
    assert 'sesame-open' not in json.dumps(clean) and 'u:p' not in json.dumps(clean) and '"y' not in json.dumps(clean)


@pytest.mark.parametrize('text', [
    'xhunter22y', 'a=hunter22', 'hunter22', '["hunter22"]'])
def test_value_that_is_known(redactor, text):
    redactor.learn(' hunter22\n')
    assert redactor.clean(text) == text.replace('hunter22', '<secret>')


def test_value_in_other_forms(redactor):
    redactor.learn(u'p@ss "w\xf6rd"/')
    for form in (u'p@ss "w\xf6rd"/', json.dumps(u'p@ss "w\xf6rd"/'), 'amqp:p%40ss%20%22w%C3%B6rd%22%2F'):
        assert redactor.clean(form).replace('"', '').replace('amqp:', '') == '<secret>'


def test_short_value(redactor):
    """It is in other words by chance."""
    redactor.learn('abcd')
    redactor.learn('abc')
    redactor.learn('{{ reference }}')
    assert redactor.clean('abcd xabcd abcd/abc {{ reference }}') == '<secret> xabcd <secret>/abc {{ reference }}'


def test_one_value_is_the_beginning_of_another(redactor):
    redactor.learn('sesame-open')
    redactor.learn('sesame-open-wide')
    assert redactor.clean('sesame-open-wide sesame-open') == '<secret> <secret>'
    assert redactor.known == 2


SECRETS = u'''---
# Passwords
# old_password: formerly1
glance_password: sesame01
plain: has # no comment
quoted: "two \\"words\\""
single: 'in quotes'
empty:
nested:
  deep: sesame02
block: |
  first line of it
  second line of it
list: [item0001, {key: item0002}]
'''
LEARNED = ['formerly1', 'sesame01', 'two "words"', 'in quotes', 'sesame02', 'first line of it', 'second line of it', 'item0001', 'item0002']


def test_file_of_secrets(redactor):
    text = redactor.secrets(SECRETS)
    assert text == (u'---\nglance_password: <secret>\nplain: <secret>\nquoted: <secret>\nsingle: <secret>\nempty:\nnested:\n'
                    u'  deep: <secret>\nblock: <secret>\nlist: <secret>\n')
    for value in LEARNED:
        assert redactor.clean(u'log: %s.' % value) == u'log: <secret>.'
    assert redactor.clean('has a Password') == 'has a Password'


VARIABLES = u'''---
region: north
admin_password: sesame01
rbd_secret_uuid: "{{ cinder_ceph_client_uuid }}"
haproxy_ssl_key: /etc/ssl/private/x.key
apt_key: https://example.org/release.asc
db:
  - user: me
    password: sesame02
    port: 3306
api_token: >-
  sesame03
  sesame04
tokens:
  - sesame05
# password: in a comment
size: 3
'''


def test_file_of_variables(redactor):
    text = redactor.clean(redactor.variables(VARIABLES))
    for value in ('sesame01', 'sesame02', 'sesame03', 'sesame04', 'sesame05'):
        assert value not in text
        assert redactor.clean('x %s y' % value) == 'x <secret> y'
    for line in ('region: north', '  - user: me', '    port: 3306', 'size: 3'):
        assert line in text.splitlines()
    assert redactor.clean('/etc/ssl/private/x.key https://example.org/release.asc') == '/etc/ssl/private/x.key https://example.org/release.asc'


@pytest.mark.parametrize('text, clean', [
    ('admin_pass: hush', 'admin_pass: <secret>'),
    ('ADMIN_PASS=hush x', 'ADMIN_PASS=<secret> x'),
    ('Authorization: Basic aHVzaA==', 'Authorization: Basic <secret>'),
    ('curl -u admin:hush http://host', 'curl -u admin:<secret> http://host'),
    ('the pass over the hill: high', 'the pass over the hill: high'),
    ('id -u root', 'id -u root'),
])
def test_other_ways_to_name_a_secret(redactor, text, clean):
    assert redactor.clean(text) == clean


def test_names_and_values_of_a_configuration(redactor):
    """As ceph config dump has them: the value does not stand beside its name."""
    dump = json.dumps([{'section': 'client', 'name': 'rgw_keystone_admin_password', 'value': 's3cr3tword', 'mask': ''},
                       {'section': 'mgr', 'name': 'mgr_stats_period', 'value': '1000'}, {'name': 7, 'value': None}])
    redactor.learn_pairs(dump)
    cleaned = redactor.clean(dump)
    assert 's3cr3tword' not in cleaned and '1000' in cleaned
    redactor.learn_pairs('no JSON at all')


@pytest.mark.parametrize('line', ['-' * 50000, 'token' * 10000, '--' + 'a-' * 25000, '--pass' * 8000, 'https://' + 'a@' * 25000])
def test_long_lines_take_no_longer_than_their_length(redactor, line):
    start = time.time()
    redactor.clean(line)
    assert time.time() - start < 2  # it was half a minute


def test_a_login_with_an_at_in_its_password(redactor):
    assert redactor.clean(u'https://me:p@ss@host/a@b') == 'https://<login>@host/a@b'


def test_what_is_no_secret_whatever_its_name_says(redactor):
    redactor.variables('nova_use_token_cache: true\nadmin_password: hush-hush\nother_token: "None"\n')
    assert redactor.clean('{"muted": true, "of": "None", "p": "hush-hush"}') == '{"muted": true, "of": "None", "p": "<secret>"}'
