#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: git_mirror_info
short_description: What of some pins a mirror of git repositories has
version_added: 0.1.0
description:
  - Looks into a folder, or at an http address, with C(<host>/<owner>/<repo>.git), changes nothing, and does not fail for
    what it misses.
  - From afar C(git ls-remote) tells branches, tags, and commits that one of them leads to at once. Of other commits it
    cannot tell.
author:
  - osa_lab (@osa-lab)
options:
  path:
    description: The folder or the address. An empty text asks each repository at its own address.
    type: str
    default: ''
  repositories:
    description: What is wanted.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Where it is below O(path), without C(.git).
        type: str
        required: true
      address:
        description: Where it comes from, where O(path) is empty.
        type: str
        default: ''
      pins:
        description: Branches, tags and commits that it must have.
        type: list
        elements: str
        default: []
  files:
    description: Files of one repository to read. Where O(path) is an address, the commit is fetched for it.
    type: dict
    suboptions:
      repository:
        description: The repository below O(path); an empty text is O(path) itself.
        type: str
        default: ''
      ref:
        description: Branch, tag or commit.
        type: str
        required: true
      names:
        description: The files.
        type: list
        elements: str
        required: true
  plain:
    description: Plain files below O(path) that must be there.
    type: list
    elements: str
    default: []
  settings:
    description: More of git's settings, as in its configuration file.
    type: str
    default: ''
  timeout:
    description: Seconds for each call to git.
    type: float
    default: 300.0
extends_documentation_fragment:
  - osa_lab.ceph_aio.attributes.info
requirements:
  - git
'''

EXAMPLES = r'''
- name: Look for a tag in a mirror
  osa_lab.ceph_aio.git_mirror_info:
    path: /srv/mirror
    repositories:
      - path: opendev.org/openstack/openstack-ansible
        pins: [32.0.0]
  register: mirror
'''

RETURN = r'''
commits:
  description: The commit of each pin that is there, by repository and pin.
  returned: success
  type: dict
missing:
  description: What is not there, each as a sentence.
  returned: success
  type: list
  elements: str
untold:
  description: Commits of which cannot be told from afar whether they are there.
  returned: success
  type: list
  elements: str
texts:
  description: The text of each of the files that is there, by name.
  returned: success
  type: dict
problem:
  description: What, where, why and what to do next.
  returned: failure
  type: dict
'''

import os

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.text.converters import to_native
from ansible.module_utils.urls import open_url
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import git_mirror, scratch
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError, fail


def fetched(git, where, ref, folder):
    """A repository that has a ref of an address: (where, commit)."""
    here = os.path.join(folder, 'here.git')
    git.must('init', '--quiet', '--bare', here)
    # Not every server gives a part of the history, or a commit that is not asked for by a branch or tag.
    if git.run('--git-dir', here, 'fetch', '--quiet', '--depth', '1', '--', where, ref).rc == 0:
        return here, 'FETCH_HEAD'
    git.must('--git-dir', here, 'fetch', '--quiet', '--', where, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*')
    return here, ref


def read(git, base, files, folder):
    """The files' texts by name.

    :raises Refused: the ref cannot be read.
    """
    path, ref = files['repository'], files['ref']
    if not path:
        where, commits, _missing, _untold = os.path.join(base, '.git'), {ref: ref}, [], []
    else:
        where, commits, _missing, _untold = git_mirror.look(git, base, path, [ref])
    if not where:
        return {}
    if git_mirror.is_address(where):
        where, commit = fetched(git, where, ref, folder)
    elif ref in commits:
        commit = commits[ref]
    else:
        return {}
    texts = dict((name, git.text(where, commit, name)) for name in files['names'])
    return dict((name, text) for name, text in texts.items() if text is not None)


def check_plain(git, base, name, timeout):
    """Why a file cannot be had, as a list of sentences. Git knows the proxy and whom to trust."""
    if not git_mirror.is_address(base):
        return [] if os.path.isfile(os.path.join(base, name)) else ['%s: there is no such file' % name]
    ca_file = git.run('config', '--get', 'http.sslCAInfo').stdout.strip() or None
    proxy = git.run('config', '--get', 'http.proxy').stdout.strip()
    if proxy:
        os.environ['http_proxy'] = os.environ['https_proxy'] = proxy
    try:
        open_url('%s/%s' % (base.rstrip('/'), name), method='HEAD', timeout=timeout, ca_path=ca_file).close()
    except Exception as error:  # whatever stands in the way: it cannot be had
        return ['%s: %s' % (name, git_mirror.without_login(to_native(error)))]
    return []


def main():
    module = AnsibleModule(
        argument_spec={
            'path': {'type': 'str', 'default': ''},
            'repositories': {'type': 'list', 'elements': 'dict', 'default': [], 'options': {
                'path': {'type': 'str', 'required': True}, 'address': {'type': 'str', 'default': ''},
                'pins': {'type': 'list', 'elements': 'str', 'default': []}}},
            'files': {'type': 'dict', 'options': {
                'repository': {'type': 'str', 'default': ''}, 'ref': {'type': 'str', 'required': True},
                'names': {'type': 'list', 'elements': 'str', 'required': True}}},
            'plain': {'type': 'list', 'elements': 'str', 'default': []},
            'settings': {'type': 'str', 'default': '', 'no_log': True},
            'timeout': {'type': 'float', 'default': 300.0},
        },
        supports_check_mode=True,
    )
    params = module.params
    base = params['path']
    commits, missing, untold, texts = {}, [], [], {}
    try:
        with scratch.folder(module.tmpdir) as folder:
            git_mirror.make_settings(folder, params['settings'])
            git = git_mirror.Git(params['timeout'], folder)
            for repository in params['repositories']:
                _where, found, lacking, unknown = git_mirror.look(
                    git, base, repository['path'], repository['pins'], repository['address'])
                commits[repository['path']] = found
                missing += lacking
                untold += unknown
            for name in params['plain']:
                missing += check_plain(git, base, name, params['timeout'])
            if params['files']:
                texts = read(git, base, params['files'], folder)
    except AioError as error:
        fail(module, error)
    except git_mirror.Refused as error:
        fail(module, AioError('the mirror cannot be read', git_mirror.without_login(base), str(error), 'check the address and the ref'))
    module.exit_json(changed=False, commits=commits, missing=missing, untold=untold, texts=texts)


if __name__ == '__main__':
    main()
