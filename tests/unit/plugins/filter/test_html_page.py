# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import jinja2
import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.filter.html_page import as_bytes, html_page


def page(folder, text, **variables):
    (folder / 'page.html.j2').write_text(text)
    return html_page(variables, str(folder / 'page.html.j2'))


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
