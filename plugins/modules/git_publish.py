#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: git_publish
short_description: Publish folders of the controller as git repositories on the lab host
version_added: 0.1.0
description:
  - Lays the folders of O(src) over one another and makes a bare repository of each folder in the outcome, with one
    commit on O(branch). Other branches of a repository stay as they are.
  - The same files give the same commit, on any host and at any time, so that a second run changes nothing.
author:
  - osa_lab (@osa-lab)
options:
  src:
    description: Folders on the controller. Where two have a file of the same path, the later one's counts.
    type: list
    elements: dict
    required: true
    suboptions:
      folder:
        description: Path of the folder.
        type: path
        required: true
      prefix:
        description: >-
          What is put before each path in the folder. The first part of what comes out is the repository's name. Files that are
          in none are left out.
        type: str
        default: ''
  dest:
    description: Folder on the lab host that takes the repositories.
    type: path
    required: true
  branch:
    description: Branch to publish.
    type: str
    required: true
  streams:
    description: The folders as C(git fast-import) reads them, in base64. The action plugin fills it in.
    type: dict
    default: {}
  timeout:
    description: Seconds for one call to git.
    type: float
    default: 60.0
  state_dir:
    description: Where the ledger is that O(dest) goes into, where it is not there yet.
    type: path
    default: /var/lib/osa_ceph_aio
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes
  - osa_lab.ceph_aio.attributes.osa_group
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
requirements:
  - git on the lab host
'''

EXAMPLES = r'''
- name: Publish the embedded OSA
  osa_lab.ceph_aio.git_publish:
    src:
      - folder: "{{ role_path }}/files/common"
      - folder: "{{ role_path }}/files/ceph"
        prefix: ceph-ansible/roles/
      - folder: "{{ role_path }}/files/modern"
    dest: /var/lib/osa_ceph_aio_embedded
    branch: modern
'''

RETURN = r'''
commits:
  description: The published commit of each repository.
  returned: success
  type: dict
  sample: {openstack-ansible: 5bcc1f0a3a6a36bd02d50c7e6e6dcd4d8b7bf6ed}
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import base64
import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import process, scratch
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.state import Ledger


class Repository(object):
    def __init__(self, path, timeout):
        self.path = path
        self.timeout = timeout

    def git(self, *arguments, **options):
        try:
            result = process.run(['git', '--git-dir', self.path] + list(arguments), self.timeout, **options)
        except (IOError, OSError) as error:
            raise AioError('git cannot be run', self.path, str(error), 'install git on the lab host')
        if result.timed_out:
            raise AioError('git took too long', self.path, 'git %s, %g s' % (arguments[0], self.timeout),
                           'look at the disk of the lab host')
        return result

    def must(self, *arguments, **options):
        result = self.git(*arguments, **options)
        if result.rc != 0:
            raise AioError('git failed', self.path, 'git %s: %s' % (arguments[0], result.stderr.strip()[:300]),
                           'remove the repository and run again, it is made anew')
        return result.stdout.strip()

    def commit(self, branch):
        result = self.git('rev-parse', '--verify', '--quiet', 'refs/heads/' + branch)
        return result.stdout.strip()

    def publish(self, branch, stream):
        if not os.path.isdir(os.path.join(self.path, 'objects')):
            self.must('init', '--quiet', '--bare', self.path)
        self.must('fast-import', '--quiet', '--force', stdin=stream)
        self.must('symbolic-ref', 'HEAD', 'refs/heads/' + branch)
        return self.commit(branch)


def publish_all(params, dest):
    """Publish every folder: repository name → commit."""
    commits = {}
    for name, encoded in sorted(params['streams'].items()):
        stream = base64.b64decode(encoded).decode('utf-8')
        commits[name] = Repository(os.path.join(dest, name), params['timeout']).publish(params['branch'], stream)
    return commits


def main():
    module = AnsibleModule(
        argument_spec={
            'src': {'type': 'list', 'elements': 'dict', 'required': True, 'options': {
                'folder': {'type': 'path', 'required': True},
                'prefix': {'type': 'str', 'default': ''},
            }},
            'dest': {'type': 'path', 'required': True},
            'branch': {'type': 'str', 'required': True},
            'streams': {'type': 'dict', 'default': {}},
            'timeout': {'type': 'float', 'default': 60.0},
            'state_dir': {'type': 'path', 'default': '/var/lib/osa_ceph_aio'},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        before = dict((name, Repository(os.path.join(params['dest'], name), params['timeout']).commit(params['branch']))
                      for name in params['streams'])
        if module.check_mode:
            with scratch.folder(module.tmpdir) as folder:
                after = publish_all(params, folder)
        else:
            if not os.path.isdir(params['dest']):
                Ledger(params['state_dir']).add('caches', params['dest'])  # first, so that it is known even where we are killed
                os.makedirs(params['dest'], 0o755)
            after = publish_all(params, params['dest'])
    except AioError as error:
        fail(module, error)
    except (IOError, OSError) as error:
        fail(module, AioError('the repositories cannot be made', params['dest'], str(error), 'check the folder'))
    module.exit_json(changed=before != after, commits=after)


if __name__ == '__main__':
    main()
