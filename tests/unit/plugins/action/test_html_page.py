# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import stat
from unittest import mock

import jinja2
import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.osa_lab.ceph_aio.plugins.action import html_page
from ansible_collections.osa_lab.ceph_aio.plugins.action.html_page import as_bytes, render


def page(folder, text, **variables):
    (folder / 'page.html.j2').write_text(text)
    return render(str(folder / 'page.html.j2'), variables)


@pytest.fixture
def action(tmp_path, monkeypatch):
    """Run the action with a template that shows a name: action(dest, name) gives its result."""
    (tmp_path / 'page.html.j2').write_text('<p>{{ name }}</p>')

    def run(dest, name, check_mode=False):
        arguments = {'template': 'page.html.j2', 'variables': {'name': name}, 'dest': str(dest)}
        task = mock.MagicMock(args=arguments, async_val=0, check_mode=check_mode, diff=False)
        plugin = html_page.ActionModule(task, *[mock.MagicMock() for _number in range(5)])
        monkeypatch.setattr(plugin, '_find_needle', lambda folder, needle: str(tmp_path / needle))
        return plugin.run(task_vars={})
    return run


def test_values_are_no_markup(tmp_path):
    (tmp_path / 'style.css').write_text("a > b { color: red }")
    text = "{% macro bold(it) %}<b title='{{ it }}'>{{ it }}</b>{% endmacro %}{% include 'style.css' %}{{ name }}{{ bold(name) }}{{ name ~ '<' }}"
    assert page(tmp_path, text, name='<i>"') == (
        "a > b { color: red }&lt;i&gt;&#34;<b title='&lt;i&gt;&#34;'>&lt;i&gt;&#34;</b>&lt;i&gt;&#34;&lt;")


def test_what_is_not_known_is_an_error(tmp_path):
    with pytest.raises(jinja2.UndefinedError):
        page(tmp_path, '{{ nothing }}')


@pytest.mark.parametrize('number, text', [
    (None, '-'), (0, '0 B'), (1, '1 B'), (1023, '1023 B'), (1024, '1.0 KiB'), (913731584, '871 MiB'), (3298534883328, '3.0 TiB'),
    (1 << 70, '1024 EiB')])
def test_bytes(number, text):
    assert as_bytes(number) == text


def test_written_with_the_folders_above_it(action, tmp_path):
    dest = tmp_path / 'a' / 'b' / 'page.html'
    assert action(dest, '<größe>') == {'changed': True, 'dest': str(dest)}
    assert dest.read_text(encoding='utf-8') == '<p>&lt;größe&gt;</p>'
    assert stat.S_IMODE(dest.stat().st_mode) == 0o644
    assert [path.name for path in dest.parent.iterdir()] == ['page.html']


def test_the_same_page_again_is_no_change(action, tmp_path):
    dest = tmp_path / 'page.html'
    assert [action(dest, name)['changed'] for name in ('a', 'a', 'b')] == [True, False, True]
    assert dest.read_text() == '<p>b</p>'


def test_check_mode_writes_nothing(action, tmp_path):
    dest = tmp_path / 'folder' / 'page.html'
    assert action(dest, 'a', check_mode=True)['changed']
    assert not dest.parent.exists()


def test_a_place_that_cannot_be_written_to(action, tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(AnsibleActionFail, match=r'the page cannot be written \(.*/file/page.html\): Not a directory. Next: give another folder'):
        action(tmp_path / 'file' / 'page.html', 'a')


def test_a_page_that_cannot_be_replaced_stays_and_leaves_nothing_beside_it(action, tmp_path, monkeypatch):
    dest = tmp_path / 'out' / 'page.html'
    action(dest, 'a')
    monkeypatch.setattr(html_page.os, 'rename', mock.Mock(side_effect=OSError(28, 'No space left on device')))
    with pytest.raises(AnsibleActionFail, match='No space left on device'):
        action(dest, 'b')
    assert [path.read_text() for path in dest.parent.iterdir()] == ['<p>a</p>']
