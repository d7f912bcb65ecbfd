#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: ceph_conf_overrides
short_description: Set options in the ceph_conf_overrides hash of a YAML file
version_added: 0.1.0
description:
  - Sets, or removes, options in one top-level hash of a YAML file, such as the defaults of a Ceph role.
  - Changes no other byte of the file. Comments, order, quoting, line ends and indentation style stay.
  - A file that is changed ends in a newline afterwards, also if it did not before.
  - Diff mode shows the whole file below O(roles_path), elsewhere only the hash, since variables of the user may be passwords.
  - Refuses, and changes nothing, where the edit would be a guess. That is a file that is not YAML of
    the plain block kind, the hash there twice or not at all, an anchor, alias, tag or merge in it, a Jinja
    expression or a flow mapping as its value, and a symbolic link that leads out of O(roles_path).
author:
  - osa_lab (@osa-lab)
options:
  path:
    description: The YAML file. It must exist, unless O(create=true).
    type: path
    required: true
  among:
    description:
      - Pattern of files, such as V(/etc/openstack_deploy/user_*.yml), of which the last by name that sets O(name) counts.
      - Where one of them sets it, that one is edited, and not O(path). A second file would replace its whole hash.
    type: str
    default: ''
  create:
    description: Make the file, or the hash in it, where it is not there. It is made readable to root only.
    type: bool
    default: false
  overrides:
    description:
      - The options, as section, then option, then value, the way C(ceph.conf) has them.
      - Values are text, numbers or truth values. With O(state=absent) they do not matter.
    type: dict
    required: true
  name:
    description: The top-level key of the hash.
    type: str
    default: ceph_conf_overrides
  state:
    description:
      - V(present) gives each option its value.
      - V(absent) removes the options, and a section or hash that becomes empty by it.
    type: str
    choices: [present, absent]
    default: present
  backup:
    description: Keep the file as it was beside it, with the time in its name.
    type: bool
    default: false
  roles_path:
    description: A O(path) below this folder must still be below it when symbolic links are followed.
    type: path
    default: /etc/ansible/roles
  follow:
    description: Edit the file even where a symbolic link leads out of O(roles_path).
    type: bool
    default: false
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
'''

EXAMPLES = r'''
- name: Give each pool 8 placement groups
  osa_lab.ceph_aio.ceph_conf_overrides:
    path: /etc/ansible/roles/ceph.ceph-common/defaults/main.yml
    overrides:
      global:
        osd_pool_default_pg_num: 8
    backup: true

- name: Take it back
  osa_lab.ceph_aio.ceph_conf_overrides:
    path: /etc/ansible/roles/ceph.ceph-common/defaults/main.yml
    overrides:
      global:
        osd_pool_default_pg_num: 8
    state: absent
'''

RETURN = r'''
path:
  description: The file, symbolic links followed.
  returned: success
  type: str
  sample: /etc/ansible/roles/ceph.ceph-common/defaults/main.yml
changed_options:
  description: The options that were set or removed, as section and option.
  returned: success
  type: list
  elements: list
  sample: [[global, osd_pool_default_pg_num]]
backup_file:
  description: The copy of the file as it was.
  returned: changed and O(backup=true) and there was one, not in check mode
  type: str
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import glob
import os
import re
import tempfile

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import yaml_overrides
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail


HEADER = b'---\n# Made by osa_lab.ceph_aio. openstack-ansible passes it as extra variables.\n'


def check_overrides(overrides):
    for section, options in overrides.items():
        if not isinstance(options, dict):
            raise AioError('overrides is no hash of hashes', 'section %s' % section,
                           'its value is %r' % (options,), 'write it as section: {option: value}')
        for option, value in options.items():
            if isinstance(value, (dict, list)):
                raise AioError('an option has no plain value', '%s.%s' % (section, option),
                               'its value is %r' % (value,), 'give it text, a number or a truth value')


def has(content, name):
    """Whether a text has the top-level key."""
    return re.search(('^["\']?%s["\']?[ ]*:' % re.escape(name)).encode('utf-8'), content, re.M) is not None


def sets(path, name):
    """Whether a file has the top-level key."""
    with open(path, 'rb') as stream:
        return has(stream.read(), name)


def shown(params, path, content):
    """What of a file is shown: of a role's all, which is upstream's; of any other the hash, since what else is in it may be a password."""
    if path.startswith(os.path.realpath(params['roles_path']) + os.sep):
        return content.decode('utf-8')
    return yaml_overrides.excerpt(content, params['name']) if has(content, params['name']) else ''


def choose(params):
    """The file that counts: the last of among that sets the hash, else path."""
    setters = [path for path in sorted(glob.glob(params['among'])) if sets(path, params['name'])] if params['among'] else []
    return setters[-1] if setters else params['path']


def resolve(params, path):
    """The real file to edit.

    :raises AioError: it is not there, or not where it seems to be.
    """
    real = os.path.realpath(path)
    if params['create'] and not os.path.exists(real) and os.path.isdir(os.path.dirname(real)):
        return real
    if not os.path.isfile(real):
        raise AioError('the file is not there' if not os.path.exists(real) else 'this is no file', path,
                       'the role that has it is not fetched' if not os.path.exists(real) else '',
                       "run OSA's bootstrap first (scripts/bootstrap-ansible.sh), it fetches the roles")
    if params['follow']:
        return real
    roles = os.path.abspath(params['roles_path'])
    below = os.path.abspath(path).startswith(roles + os.sep)
    allowed = os.path.realpath(roles) if below else os.path.realpath(os.path.dirname(path))
    if not real.startswith(allowed.rstrip(os.sep) + os.sep):
        raise AioError('a symbolic link leads out of the roles', path, 'it leads to %s' % real,
                       'edit that file by its own name, or set follow to true')
    return real


def edit(params):
    """What the file is and what it becomes: real path, old bytes, new bytes, changed options."""
    check_overrides(params['overrides'])
    present = params['state'] == 'present'
    path = params['path']
    try:
        path = resolve(params, choose(params))
        before = b''
        if os.path.exists(path):
            with open(path, 'rb') as stream:
                before = stream.read()
        begin = before
        if params['create'] and not has(before, params['name']):
            if not present:
                return path, before, before, []
            begin = (before if before.endswith(b'\n') or not before else before + b'\n') or HEADER
            begin += ('%s: {}\n' % params['name']).encode('utf-8')
        after, changed = yaml_overrides.edit(begin, params['name'], params['overrides'], present=present)
    except (IOError, OSError) as error:
        raise AioError('the file cannot be read', path, str(error), 'check its permissions')
    except yaml_overrides.UnsafeEdit as error:
        raise AioError('%s cannot be edited safely, nothing was changed' % params['name'], path, error.args[0],
                       'edit the file by hand, or restore the original and run again')
    return path, before, after, changed


def write(module, path, content):
    handle, temporary = tempfile.mkstemp(dir=module.tmpdir)
    with os.fdopen(handle, 'wb') as stream:
        stream.write(content)
    made = not os.path.exists(path)
    module.atomic_move(temporary, path)
    if made:
        os.chmod(path, 0o600)


def main():
    module = AnsibleModule(
        argument_spec={
            'path': {'type': 'path', 'required': True},
            'overrides': {'type': 'dict', 'required': True},
            'among': {'type': 'str', 'default': ''},
            'create': {'type': 'bool', 'default': False},
            'name': {'type': 'str', 'default': 'ceph_conf_overrides'},
            'state': {'type': 'str', 'choices': ['present', 'absent'], 'default': 'present'},
            'backup': {'type': 'bool', 'default': False},
            'roles_path': {'type': 'path', 'default': '/etc/ansible/roles'},
            'follow': {'type': 'bool', 'default': False},
        },
        supports_check_mode=True,
    )
    try:
        path, before, after, changed = edit(module.params)
    except AioError as error:
        fail(module, error)
    result = {'changed': after != before, 'path': path, 'changed_options': [list(pair) for pair in changed]}
    if module._diff:
        result['diff'] = {'before': shown(module.params, path, before), 'after': shown(module.params, path, after),
                          'before_header': path, 'after_header': path}
    if result['changed'] and not module.check_mode:
        if module.params['backup'] and os.path.exists(path):
            result['backup_file'] = module.backup_local(path)
        try:
            write(module, path, after)
        except (IOError, OSError) as error:
            fail(module, AioError('the file cannot be written, and is as it was', path, str(error), 'make room on the disk, and run again'))
    module.exit_json(**result)


if __name__ == '__main__':
    main()
