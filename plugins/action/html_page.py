# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a page of HTML on the controller. Ansible's own templates escape nothing, whatever they say of it."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import tempfile

import jinja2
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']
MODE = 0o644


def as_bytes(number):
    """A number of bytes as Ceph shows it; a dash where it was not told."""
    if number is None:
        return '-'
    power = min((max(int(number), 1).bit_length() - 1) // 10, len(UNITS) - 1)
    value = float(number) / (1 << 10 * power)
    return '%.*f %s' % (0 if power == 0 or value >= 100 else 1, value, UNITS[power])


def render(template, variables):
    """:raises jinja2.TemplateError: the template is none, or wants what is not known."""
    environment = jinja2.Environment(
        autoescape=True, loader=jinja2.FileSystemLoader(os.path.dirname(template)), undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True)
    environment.filters['bytes'] = as_bytes
    return environment.get_template(os.path.basename(template)).render(variables)


def content_of(path):
    """What a file has; None where there is none."""
    try:
        with open(path, encoding='utf-8') as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def write(path, text):
    """Never half of it: who reads it meanwhile has the former page."""
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, 'w', encoding='utf-8') as stream:
            stream.write(text)
        os.chmod(scratch, MODE)
        os.rename(scratch, path)
    except BaseException:
        os.unlink(scratch)
        raise


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        _result, arguments = self.validate_argument_spec({
            'template': {'type': 'path', 'required': True},
            'variables': {'type': 'dict', 'required': True},
            'dest': {'type': 'path', 'required': True}})
        page = render(self._find_needle('templates', arguments['template']), arguments['variables'])
        dest = os.path.abspath(os.path.expanduser(arguments['dest']))
        try:
            changed = content_of(dest) != page
            if changed and not self._task.check_mode:
                write(dest, page)
        except (OSError, UnicodeDecodeError) as error:
            raise AnsibleActionFail(str(AioError(
                'the page cannot be written', dest, getattr(error, 'strerror', None) or str(error),
                'give another folder (report_dir), or make room for it'))) from error
        return {'changed': changed, 'dest': dest}
