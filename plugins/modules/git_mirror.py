#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: git_mirror
short_description: Fill a folder with bare git mirrors and check what is pinned in them
version_added: 0.1.0
description:
  - Makes C(<host>/<owner>/<repo>.git) of each repository, with all its branches and tags, or fetches what is new.
  - A repository that has all its pins, none of them a branch, is left alone and not asked for.
  - A new repository appears when it is whole, so that an interrupted run leaves none that only looks so.
  - Fails with every pin that could not be had, when all repositories were tried.
author:
  - osa_lab (@osa-lab)
options:
  path:
    description: The folder.
    type: path
    required: true
  source:
    description: >-
      Another mirror to fill it from, a folder or an http address. Its repositories may be bare or clones that somebody
      works in. Without it each comes from its own address.
    type: str
    default: ''
  repositories:
    description: What is wanted.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: Where it is below the folder, without C(.git).
        type: str
        required: true
      address:
        description: Where it comes from, where O(source) is empty.
        type: str
        default: ''
      pins:
        description: Branches, tags and commits that it must have.
        type: list
        elements: str
        default: []
  exports:
    description: Files of a repository to put beside it as plain files.
    type: list
    elements: dict
    default: []
    suboptions:
      repository:
        description: The repository, as in O(repositories).
        type: str
        required: true
      ref:
        description: Branch, tag or commit.
        type: str
        required: true
      file:
        description: The file in the repository.
        type: str
        required: true
      path:
        description: Where it is put below the folder.
        type: str
        required: true
  settings:
    description: More of git's settings, as in its configuration file.
    type: str
    default: ''
  timeout:
    description: Seconds for each call to git.
    type: float
    default: 1800.0
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes
attributes:
  check_mode:
    support: none
  diff_mode:
    support: none
requirements:
  - git
'''

EXAMPLES = r'''
- name: Have the tool's own repository at hand
  osa_lab.ceph_aio.git_mirror:
    path: /srv/mirror
    repositories:
      - path: opendev.org/openstack/openstack-ansible
        address: https://opendev.org/openstack/openstack-ansible
        pins: [stable/2025.2, 32.0.0]
'''

RETURN = r'''
fetched:
  description: The repositories and files of which something new came.
  returned: success
  type: list
  elements: str
missing:
  description: What could not be had, each as a sentence.
  returned: success, or something could not be had
  type: list
  elements: str
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import git_mirror, scratch
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import write_atomically

REMEDY = ('check the address and the pin; what you do not need can be left out (source_leave_out, source_only), '
          'and another version be taken (source_versions). '
          'What came stays, and running again goes on from here')


def source_of(git, params, repository):
    """Where a repository comes from.

    :raises Refused: there is nothing.
    """
    if not params['source']:
        return repository['address']
    if git_mirror.is_address(params['source']):
        where, _commits, missing, _untold = git_mirror.look(git, params['source'], repository['path'], [])
        if not where:
            raise git_mirror.Refused(missing[0].partition(': ')[2])
        return where
    found = git_mirror.locate(params['source'], repository['path'])
    if not found:
        raise git_mirror.Refused('there is no such repository in %s' % params['source'])
    return found


def fill(git, params):
    """(what came, what is missing)"""
    fetched, missing = [], []
    for repository in params['repositories']:
        path, pins = repository['path'], repository['pins']
        try:
            if git_mirror.fill(git, params['path'], path, source_of(git, params, repository), pins):
                fetched.append(path)
        except git_mirror.Refused as error:
            missing.append('%s: it cannot be fetched (%s); wanted %s' % (path, error, ', '.join(pins)))
            continue
        missing += git_mirror.look(git, params['path'], path, pins)[2]
    return fetched, missing


def export(git, params):
    """(files that are new, files that are missing)"""
    written, missing = [], []
    for wanted in params['exports']:
        where, commits, _missing, _untold = git_mirror.look(git, params['path'], wanted['repository'], [wanted['ref']])
        if not commits:
            continue  # said already of the repository
        text = git.text(where, commits[wanted['ref']], wanted['file'])
        target = os.path.join(params['path'], wanted['path'])
        if text is None:
            missing.append('%s: it has no file %s at %s' % (wanted['repository'], wanted['file'], wanted['ref']))
        elif not os.path.exists(target) or open(target, 'rb').read() != text.encode('utf-8'):
            if not os.path.isdir(os.path.dirname(target)):
                os.makedirs(os.path.dirname(target))
            write_atomically(target, text)
            os.chmod(target, 0o644)  # a web server may give it to all
            written.append(wanted['path'])
    return written, missing


def main():
    module = AnsibleModule(
        argument_spec={
            'path': {'type': 'path', 'required': True},
            'source': {'type': 'str', 'default': ''},
            'repositories': {'type': 'list', 'elements': 'dict', 'required': True, 'options': {
                'path': {'type': 'str', 'required': True}, 'address': {'type': 'str', 'default': ''},
                'pins': {'type': 'list', 'elements': 'str', 'default': []}}},
            'exports': {'type': 'list', 'elements': 'dict', 'default': [], 'options': {
                'repository': {'type': 'str', 'required': True}, 'ref': {'type': 'str', 'required': True},
                'file': {'type': 'str', 'required': True}, 'path': {'type': 'str', 'required': True}}},
            'settings': {'type': 'str', 'default': '', 'no_log': True},
            'timeout': {'type': 'float', 'default': 1800.0},
        },
    )
    params = module.params
    try:
        with scratch.folder(module.tmpdir) as settings:
            git_mirror.make_settings(settings, params['settings'])
            git = git_mirror.Git(params['timeout'], settings)
            fetched, missing = fill(git, params)
            written, lacking = export(git, params)
        fetched, missing = fetched + written, missing + lacking
    except AioError as error:
        fail(module, error)
    except (IOError, OSError) as error:
        fail(module, AioError('the mirror cannot be written', params['path'], str(error), 'check the folder and the room on its disk'))
    if missing:
        fail(module, AioError('the mirror lacks %d of what is pinned' % len(missing), params['path'], '; '.join(missing), REMEDY),
             missing=missing, changed=bool(fetched))
    module.exit_json(changed=bool(fetched), fetched=fetched, missing=[])


if __name__ == '__main__':
    main()
