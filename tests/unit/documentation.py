# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold what a module returns against its RETURN documentation: the same keys, of the same types."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import numbers

TYPES = {
    'bool': lambda value: isinstance(value, bool),
    'dict': lambda value: isinstance(value, dict),
    'float': lambda value: isinstance(value, float),
    'int': lambda value: isinstance(value, numbers.Integral) and not isinstance(value, bool),
    'list': lambda value: isinstance(value, list),
    'raw': lambda value: True,
    'str': lambda value: isinstance(value, type(u'')) or isinstance(value, str),
}


def problems(fields, values, failed=False, where=''):
    """What is not as documented, each as a sentence.

    :param fields: RETURN, or contains of one of its fields. A field that is there under a condition of its own
        may be missing; always, success and failure are known, and without returned it is always.
    :param values: the dict that it describes.
    """
    found = ['%s%s is not documented' % (where, name) for name in sorted(set(values) - set(fields))]
    certain = ('always', 'failure' if failed else 'success')
    for name, field in sorted(fields.items()):
        if name in values:
            found += _of_value(field, values[name], where + name)
        elif field.get('returned', 'always') in certain:
            found.append('%s%s is missing' % (where, name))
    return found


def _of_value(field, value, where):
    if value is None and 'null' in _text(field['description']):
        return []
    if not TYPES[field['type']](value):
        return ['%s is %r, not of type %s' % (where, value, field['type'])]
    if field['type'] == 'dict' and field.get('contains'):
        return problems(field['contains'], value, where=where + '.')
    found = []
    if field['type'] == 'list' and 'elements' in field:
        element = {'type': field['elements'], 'contains': field.get('contains', {}), 'description': ''}
        for number, entry in enumerate(value):
            found += _of_value(element, entry, '%s[%d]' % (where, number))
    return found


def _text(description):
    return description if hasattr(description, 'split') else ' '.join(description)
