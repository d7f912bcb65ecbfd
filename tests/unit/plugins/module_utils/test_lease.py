# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import lease, state
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

NOW = 1795420800  # 2026-11-23T08:00:00Z
CLOCK = {'now': NOW}


@pytest.fixture
def book(tmp_path):
    CLOCK['now'] = NOW
    return lease.Lease(str(tmp_path / 'state'), lambda: CLOCK['now'])


@pytest.mark.parametrize('text, end', [
    ('1m', NOW + 60), ('90m', NOW + 5400), ('8h', NOW + 28800), ('3d', NOW + 259200),
    ('2026-11-23T08:00:01Z', NOW + 1), ('2028-02-29T00:00:00Z', 1835395200)])
def test_end(text, end):
    assert lease.end_of(text, NOW) == end


@pytest.mark.parametrize('text', [
    '', 'tomorrow', '8', 'h', '-8h', '1.5h', '8h ', '8h\n', '8 h', '1w', '9999999h', '2026-11-24', '2026-13-01T00:00:00Z', '2026-11-31T00:00:00Z',
    '2026-11-24T25:00:00Z', '2026-11-24 18:00:00', '2026-11-24T18:00:00', '2026-11-24T18:00:00+01:00', u'\xfcbermorgen'])
def test_end_that_is_no_time(text):
    with pytest.raises(AioError) as error:
        lease.end_of(text, NOW)
    assert 'is no time at which a lease can end' in error.value.what
    assert 'such as 90m, 8h or 3d' in error.value.why


@pytest.mark.parametrize('text', ['0h', '2026-11-23T08:00:00Z', '2020-01-01T00:00:00Z'])
def test_end_that_has_passed(text):
    with pytest.raises(AioError, match='would have ended already') as error:
        lease.end_of(text, NOW)
    assert '2026-11-23T08:00:00Z' in error.value.why


@pytest.mark.parametrize('name', ['a', 'ann@desk', u'\xe4nne@pult', 'x' * 200])
def test_owner(name):
    lease.check_owner(name, 'lease_owner')


@pytest.mark.parametrize('name', ['', ' ', 'two words', 'a,b', 'a\n', 'x' * 201])
def test_no_owner(name):
    with pytest.raises(AioError, match='is no name of an owner') as error:
        lease.check_owner(name, 'lease_owner')
    assert error.value.where == 'lease_owner'


def test_none(book, tmp_path):
    assert book.read() is None
    assert book.check('ann@desk') is None
    assert book.give_back('ann@desk') is None
    assert list(tmp_path.iterdir()) == []


def test_take(book):
    before, after = book.take('ann@desk', ' the  upgrade\nto reef ', '8h')
    assert before is None
    assert after == {'owner': 'ann@desk', 'purpose': 'the upgrade to reef', 'since': '2026-11-23T08:00:00Z',
                     'expires': '2026-11-23T16:00:00Z', 'expired': False}
    assert book.read() == after


def test_the_same_again_is_no_change(book):
    book.take('ann@desk', 'x', '2026-11-24T18:00:00Z')
    CLOCK['now'] += 100
    before, after = book.take('ann@desk', 'x', '2026-11-24T18:00:00Z')
    assert before == after == book.read()


def test_renewed(book):
    book.take('ann@desk', 'x', '1h')
    CLOCK['now'] += 1800
    _before, after = book.take('ann@desk', 'y', '1h')
    assert (after['since'], after['expires'], after['purpose']) == ('2026-11-23T08:00:00Z', '2026-11-23T09:30:00Z', 'y')
    assert book.read() == after


def test_taken_anew_where_it_had_expired(book):
    book.take('ann@desk', 'x', '1h')
    CLOCK['now'] += 7200
    assert book.take('ann@desk', 'x', '1h')[1]['since'] == '2026-11-23T10:00:00Z'


def test_expires_in_time(book):
    book.take('ann@desk', '', '1h')
    CLOCK['now'] += 3599
    assert not book.read()['expired']
    with pytest.raises(lease.Leased):
        book.check('bob@desk')
    CLOCK['now'] += 1
    assert book.read()['expired']
    assert book.check('bob@desk')['owner'] == 'ann@desk'


def test_of_another(book):
    book.take('ann@desk', 'the upgrade', '8h')
    was = book.read()
    for refused in (lambda: book.check('bob@desk'), lambda: book.check('bob@desk', 'carl@desk'), lambda: book.take('bob@desk', '', '1h'),
                    lambda: book.give_back('bob@desk'), lambda: book.give_back('bob@desk', 'bob@desk')):
        with pytest.raises(lease.Leased, match='leased to ann@desk') as error:
            refused()
        assert error.value.lease == was
        assert error.value.why == 'until 2026-11-23T16:00:00Z, for the upgrade; you are bob@desk'
        assert '-e lease_override=ann@desk' in error.value.remedy
    assert book.read() == was


def test_override(book):
    book.take('ann@desk', '', '8h')
    assert book.check('bob@desk', 'ann@desk')['owner'] == 'ann@desk'
    assert book.take('bob@desk', '', '1h', 'ann@desk')[1]['owner'] == 'bob@desk'
    assert book.give_back('ann@desk', 'bob@desk')['owner'] == 'bob@desk'
    assert book.read() is None


def test_override_without_a_lease(book):
    assert book.check('bob@desk', 'ann@desk') is None


def test_own(book):
    book.take('ann@desk', '', '8h')
    assert book.check('ann@desk')['owner'] == 'ann@desk'
    assert book.give_back('ann@desk')['owner'] == 'ann@desk'
    assert book.read() is None


def test_expired_of_another_is_given_back_by_anybody(book):
    book.take('ann@desk', '', '1h')
    CLOCK['now'] += 3600
    assert book.give_back('bob@desk')['expired']
    assert book.read() is None


def test_dry(book, tmp_path):
    assert book.take('ann@desk', '', '8h', dry=True)[1]['owner'] == 'ann@desk'
    assert list(tmp_path.iterdir()) == []
    book.take('ann@desk', '', '8h')
    assert book.give_back('ann@desk', dry=True)['owner'] == 'ann@desk'
    assert book.read()['owner'] == 'ann@desk'
    with pytest.raises(lease.Leased):
        book.take('bob@desk', '', '8h', dry=True)


@pytest.mark.parametrize('part, why', [
    ({'owner': 'ann'}, "it has no 'purpose'"),
    ({'owner': 1, 'purpose': '', 'since': '', 'expires': '2026-11-24T18:00:00Z'}, '"owner" is no text'),
    ({'owner': 'ann', 'purpose': '', 'since': '', 'expires': 'soon'}, "time data 'soon' does not match"),
    ({'owner': 'ann', 'purpose': '', 'since': '', 'expires': None}, '"expires" is no text'),
])
def test_lease_that_does_not_say_whose_it_is(book, part, why):
    """It may be another's, so it keeps everybody out."""
    book.save(part)
    was = open(book.path, 'rb').read()
    for refused in (book.read, lambda: book.check('bob@desk', 'ann'), lambda: book.take('bob@desk', '', '1h'), lambda: book.give_back('ann')):
        with pytest.raises(AioError, match='the lease of the lab host is damaged') as error:
            refused()
        assert why in error.value.why.replace("u'", "'")
        assert 'ask who works with this lab host' in error.value.remedy
    assert open(book.path, 'rb').read() == was


@pytest.mark.parametrize('content, what', [
    (b'', 'is damaged'), (b'{"version": 1, "lease": ', 'is damaged'), (b'{"version": 1, "lease": []}', 'is damaged'),
    (b'{"version": 99, "lease": {}}', 'was written by a newer version')])
def test_file_that_is_not_ours_to_read(book, content, what):
    state.make_private_dir(book.directory)
    with open(book.path, 'wb') as stream:
        stream.write(content)
    for refused in (book.read, lambda: book.check('ann'), lambda: book.take('ann', '', '1h'), lambda: book.give_back('ann')):
        with pytest.raises(AioError, match='the lease of the lab host ' + what):
            refused()
    assert open(book.path, 'rb').read() == content
