# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The repositories of each contract of the embedded OSA, laid together as the role embedded_osa has them published."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os

import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.osa_lab.ceph_aio.plugins.action import git_publish

ROLE = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'roles', 'embedded_osa'))
with open(os.path.join(ROLE, 'vars', 'main.yml'), encoding='utf-8') as _stream:
    _text = _stream.read().replace('{{ __embedded_osa_files }}', os.path.join(ROLE, 'files'))
CONTRACTS = yaml_load(_text)['__embedded_osa_contracts']


@pytest.fixture(scope='session')
def laid_out(tmp_path_factory):
    """laid_out(contract) gives the folder of its repositories."""
    folders = {}

    def lay_out(contract):
        if contract not in folders:
            folders[contract] = tmp_path_factory.mktemp(contract)
            for repository, files in git_publish.repositories(CONTRACTS[contract]).items():
                for path, (mode, content) in files.items():
                    target = folders[contract] / repository / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(content, encoding='utf-8')
                    target.chmod(int(mode[-3:], 8))
        return folders[contract]
    return lay_out


@pytest.fixture(scope='session', params=sorted(CONTRACTS))
def contract(request):
    """Each contract in turn."""
    return request.param


@pytest.fixture(scope='session')
def osa(laid_out, contract):
    """The folder of its openstack-ansible."""
    return str(laid_out(contract) / 'openstack-ansible')


@pytest.fixture(scope='session')
def osa_of_all():
    """What all contracts' openstack-ansible have in common: its programs are tested once, not for each contract."""
    return os.path.join(ROLE, 'files', 'common', 'openstack-ansible')
