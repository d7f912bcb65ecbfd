# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import pytest
import yaml
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import sources

OSA = 'https://opendev.org/openstack/openstack-ansible'
SHA = '0123456789abcdef0123456789abcdef01234567'
OTHER = 'f' * 40
MODERN = {
    sources.ROLES: '''---
- {name: pki, scm: git, src: https://opendev.org/openstack/ansible-role-pki, version: %s, trackbranch: master, shallow_since: '2025-01-01'}
- {name: ceph-ansible, src: https://github.com/ceph/ceph-ansible, version: stable-8.0}
''' % SHA,
    sources.COLLECTIONS: '''---
collections:
- {name: openstack.osa, source: https://opendev.org/openstack/openstack-ansible-plugins, type: git, version: master}
- {name: community.general, source: https://github.com/ansible-collections/community.general, type: git, version: 10.7.0}
- {name: ansible.utils, source: https://galaxy.ansible.com, version: 2.6.1}
''',
    sources.PINS[1]: '# x\nrequirements_git_repo: "{{ base }}/openstack/requirements"\nrequirements_git_install_branch: %s  # HEAD\n' % OTHER,
}


@pytest.mark.parametrize('address, place', [
    ('https://opendev.org/openstack/openstack-ansible', 'opendev.org/openstack/openstack-ansible'),
    ('https://git.openstack.org/openstack/requirements', 'opendev.org/openstack/requirements'),
    ('git://github.com/ceph/ceph-ansible.git', 'github.com/ceph/ceph-ansible'),
    ('https://me:word@Example.org:8443/a/b/c.git/', 'example.org_8443/a/b/c'),
    ('git@github.com:ceph/ceph-ansible.git', 'github.com/ceph/ceph-ansible'),
    ('file:///var/lib/osa/openstack-ansible', 'localhost/var/lib/osa/openstack-ansible'),
    ('/srv/git/osa.git', 'localhost/srv/git/osa'),
])
def test_place(address, place):
    assert sources.place(address) == place


@pytest.mark.parametrize('address', ['', 'openstack', '../role', 'https://opendev.org/', 'https://opendev.org/../etc', 'https://x/a/../../b'])
def test_no_place(address):
    with pytest.raises(sources.SourceError, match='is no address of a git repository'):
        sources.place(address)


def test_beside_the_tree():
    assert sources.absolute('../role', 'file:///srv/osa/') == 'file:///srv/role'
    assert sources.absolute('https://x/y', OSA) == 'https://x/y'


def test_wanted():
    found = sources.wanted(MODERN, OSA, 'stable/2025.2')
    assert {entry['path']: (entry['address'], entry['pins']) for entry in found['repositories']} == {
        'opendev.org/openstack/openstack-ansible': (OSA, ['stable/2025.2']),
        'opendev.org/openstack/ansible-role-pki': ('https://opendev.org/openstack/ansible-role-pki', [SHA]),
        'github.com/ceph/ceph-ansible': ('https://github.com/ceph/ceph-ansible', ['stable-8.0']),
        'opendev.org/openstack/openstack-ansible-plugins': ('https://opendev.org/openstack/openstack-ansible-plugins', ['master']),
        'github.com/ansible-collections/community.general': ('https://github.com/ansible-collections/community.general', ['10.7.0']),
        'opendev.org/openstack/requirements': ('https://opendev.org/openstack/requirements', [OTHER]),
    }
    assert found['called']['opendev.org/openstack/openstack-ansible-plugins'] == 'openstack.osa'
    assert found['galaxy'] == ['ansible.utils']
    assert found['versions'] == {'openstack.osa': 'master', 'community.general': '10.7.0', 'ansible.utils': '2.6.1'}
    assert list(found['moving']) == ['openstack.osa']
    assert found['moving']['openstack.osa']['pins'] == ['master']
    assert found['constraints'] == {
        'repository': 'opendev.org/openstack/requirements', 'ref': OTHER, 'file': 'upper-constraints.txt',
        'path': 'opendev.org/openstack/requirements/raw/%s/upper-constraints.txt' % OTHER}
    assert found['roles'] == yaml.safe_load(MODERN[sources.ROLES])


def test_ocata_has_roles_only():
    files = {sources.ROLES: '- {name: a, scm: git, src: https://git.openstack.org/openstack/a, version: ocata-eol}',
             sources.PINS[0]: 'requirements_git_install_branch: ocata-eol\n'}
    found = sources.wanted(files, OSA, 'ocata-eol')
    assert [entry['path'] for entry in found['repositories']] == [
        'opendev.org/openstack/a', 'opendev.org/openstack/openstack-ansible', 'opendev.org/openstack/requirements']
    assert found['constraints']['ref'] == 'ocata-eol'


def test_a_repository_may_have_several_pins_and_no_version():
    files = {sources.ROLES: '''
- {name: a, scm: git, src: https://github.com/o/r, version: 1.0.0}
- {name: b, scm: git, src: https://github.com/o/r.git}
- {name: c, scm: git, src: https://github.com/o/r, version: 1.0.0}
- {name: d, scm: hg, src: https://github.com/o/d}
'''}
    found = sources.wanted(files, OSA, 'x')
    assert [entry['pins'] for entry in found['repositories'] if entry['path'] == 'github.com/o/r'] == [['1.0.0', 'master']]
    assert len(found['repositories']) == 2


def test_collections_named_after_their_address():
    files = {sources.ROLES: '', sources.COLLECTIONS: '''collections:
- {name: https://opendev.org/openstack/ansible-collections-openstack, version: 1.2.1, type: git}
- {name: 'git+https://github.com/o/c.git', version: v1.2-rc1}
'''}
    found = sources.wanted(files, OSA, 'x', leave_out=[])
    assert [entry['path'] for entry in found['repositories']] == [
        'github.com/o/c', 'opendev.org/openstack/ansible-collections-openstack', 'opendev.org/openstack/openstack-ansible']
    assert found['moving'] == {}
    assert sources.wanted(files, OSA, 'x', leave_out=['ansible-collections-openstack'])['versions'] == {'git+https://github.com/o/c.git': 'v1.2-rc1'}


@pytest.mark.parametrize('options, roles, collections', [
    ({'leave_out': ['pki', 'ansible.utils']}, ['ceph-ansible'], ['openstack.osa', 'community.general']),
    ({'leave_out': ['ansible-role-pki']}, ['ceph-ansible'], ['openstack.osa', 'community.general', 'ansible.utils']),
    ({'only': ['pki']}, ['pki'], ['openstack.osa', 'community.general', 'ansible.utils']),
    ({'only': ['openstack.osa']}, ['pki', 'ceph-ansible'], ['openstack.osa']),
    ({'only': ['pki', 'openstack.osa'], 'leave_out': ['pki']}, [], ['openstack.osa']),
])
def test_left_out_or_chosen(options, roles, collections):
    found = sources.wanted(MODERN, OSA, 'x', **options)
    assert [entry['name'] for entry in found['roles']] == roles
    assert [entry['name'] for entry in found['collections']] == collections


def test_another_version():
    found = sources.wanted(MODERN, OSA, 'x', versions={'ansible-role-pki': 1.5, 'openstack.osa': SHA})
    pki = dict(yaml.safe_load(MODERN[sources.ROLES])[0], version='1.5')
    del pki['shallow_since']
    assert found['roles'] == [pki, yaml.safe_load(MODERN[sources.ROLES])[1]]
    assert found['versions']['openstack.osa'] == SHA and found['moving'] == {}
    assert {entry['path']: entry['pins'] for entry in found['repositories'] if entry['path'].startswith('opendev.org')} == {
        'opendev.org/openstack/openstack-ansible': ['x'], 'opendev.org/openstack/ansible-role-pki': ['1.5'],
        'opendev.org/openstack/openstack-ansible-plugins': [SHA], 'opendev.org/openstack/requirements': [OTHER]}


def test_a_lockfile_goes_before_another_version():
    lock = {'roles': {'pki': OTHER}, 'collections': {}}
    found = sources.wanted(MODERN, OSA, 'x', lock=lock, versions={'pki': '1.5', 'ceph-ansible': '1.0'})
    assert [(entry['name'], entry['version']) for entry in found['roles']] == [('pki', OTHER)]


@pytest.mark.parametrize('version', ['', None, [], {'a': 'b'}])
def test_no_version(version):
    with pytest.raises(sources.SourceError, match='source_versions names no branch, tag or commit for pki'):
        sources.wanted(MODERN, OSA, 'x', versions={'pki': version})


@pytest.mark.parametrize('option, kind', [('leave_out', list), ('only', list), ('versions', lambda names: dict.fromkeys(names, '1'))])
def test_unknown_names_are_refused(option, kind):
    with pytest.raises(sources.SourceError) as caught:
        sources.wanted(MODERN, OSA, 'x', **{option: kind(['pki', 'pkj'])})
    assert 'source_%s names what is neither a role nor a collection of this OpenStack-Ansible: pkj. Next: name some of' % option in str(caught.value)


def test_locked():
    lock = {'roles': {'pki': OTHER}, 'collections': {'openstack.osa': SHA}}
    found = sources.wanted(MODERN, OSA, OTHER, lock=lock)
    assert found['roles'] == [dict(yaml.safe_load(MODERN[sources.ROLES])[0], version=OTHER)]
    assert [(entry['name'], entry['version']) for entry in found['collections']] == [('openstack.osa', SHA)]
    assert found['moving'] == {}
    assert {'path': 'opendev.org/openstack/ansible-role-pki', 'address': 'https://opendev.org/openstack/ansible-role-pki',
            'pins': [OTHER]} in found['repositories']


@pytest.mark.parametrize('files, said', [
    ({}, 'it is no OpenStack-Ansible'),
    ({sources.ROLES: 'a: [1'}, 'is no YAML'),
    ({sources.ROLES: '- [1]'}, 'is not a list of mappings'),
    ({sources.ROLES: '- {version: 1}'}, 'is not a list of mappings'),
    ({sources.ROLES: '', sources.COLLECTIONS: 'collections: {a: 1}'}, 'is not a list of mappings'),
])
def test_no_tree(files, said):
    with pytest.raises(sources.SourceError, match=said):
        sources.wanted(files, OSA, 'x')


def test_settings_for_a_folder():
    repositories = [{'address': 'file:///srv/osa/openstack-ansible', 'path': 'localhost/srv/osa/openstack-ansible', 'pins': []},
                    {'address': 'git@example.org:a/b.git', 'path': 'example.org/a/b', 'pins': []},
                    {'address': OSA, 'path': 'opendev.org/openstack/openstack-ansible', 'pins': []}]
    lines = sources.git_settings('/srv/mirror', repositories).splitlines()
    text = '\n'.join(lines)
    assert '[url "file:///srv/mirror/localhost/srv/osa/"]\n\tinsteadOf = "file:///srv/osa/"' in text
    assert '[url "file:///srv/mirror/example.org/a/"]\n\tinsteadOf = "git@example.org:a/"' in text
    section = lines.index('[url "file:///srv/mirror/opendev.org/"]')
    assert lines[section + 1:section + 5] == ['\tinsteadOf = "https://opendev.org/"', '\tinsteadOf = "http://opendev.org/"',
                                              '\tinsteadOf = "git://opendev.org/"', '\tinsteadOf = "https://git.openstack.org/"']
    assert text.count('[url') == 4


def test_settings_for_an_address_name_each_repository():
    text = sources.git_settings('http://mirror.example.org/git/', [{'address': OSA + '.git', 'path': 'opendev.org/openstack/openstack-ansible'}])
    assert ('[url "http://mirror.example.org/git/opendev.org/openstack/openstack-ansible.git"]\n'
            '\tinsteadOf = "%s"\n\tinsteadOf = "%s.git"\n' % (OSA, OSA)) in text
    assert '[url "http://mirror.example.org/git/opendev.org/"]' in text


def test_settings_for_a_proxy():
    text = sources.git_settings(proxy={'http': 'http://p:1', 'https': 'http://me:"w"@p:2', 'direct': 'a.org, .b.org'}, ca_file='/ca.pem')
    assert '[http]\n\tproxy = "http://me:\\"w\\"@p:2"\n[http]\n\tsslCAInfo = "/ca.pem"\n' in text
    assert '[http "https://b.org/"]\n\tproxy = ""\n' in text and '[http "http://127.0.0.1/"]' in text
    assert sources.git_settings() == ''


def test_environment():
    found = sources.environment({'https': 'http://p:2', 'direct': ['a.org']}, ca_file='/ca.pem', pip_options='--index-url  http://i',
                                constraints='http://127.0.0.1:1/c', config='/c', requirements='/r')
    assert found == {
        'https_proxy': 'http://p:2', 'HTTPS_PROXY': 'http://p:2', 'no_proxy': 'a.org,localhost,127.0.0.1',
        'NO_PROXY': 'a.org,localhost,127.0.0.1', 'SSL_CERT_FILE': '/ca.pem', 'CURL_CA_BUNDLE': '/ca.pem',
        'REQUESTS_CA_BUNDLE': '/ca.pem', 'GIT_SSL_CAINFO': '/ca.pem', 'PIP_CERT': '/ca.pem',
        'PIP_OPTS': '--index-url http://i --cert /ca.pem ', 'UPPER_CONSTRAINTS_FILE': 'http://127.0.0.1:1/c',
        'TOX_CONSTRAINTS_FILE': 'http://127.0.0.1:1/c', 'XDG_CONFIG_HOME': '/c',
        'ANSIBLE_ROLE_FILE': '/r/ansible-role-requirements.yml', 'ANSIBLE_COLLECTION_FILE': '/r/ansible-collection-requirements.yml'}
    assert sources.environment() == {}


LOCK = {'format': 1, 'series': 'ocata', 'ref': 'ocata-eol', 'osa': SHA, 'roles': {'pki': SHA}, 'collections': {'c': '1.0.0'},
        'packages': {'host': {'ceph-osd': '1'}, 'mon': {'ceph-mon': '1'}}}


@pytest.mark.parametrize('lock, said', [
    ({}, ''), (None, ''), (LOCK, ''), (dict(LOCK, format='1'), ''),
    ('text', 'it has no format'), ({'series': 'ocata'}, 'it has no format'),
    (dict(LOCK, format=2), 'The lockfile has format 2, this version of the collection knows 1'),
    (dict(LOCK, series='pike'), 'The lockfile is of pike, not of ocata'),
    (dict(LOCK, osa=OTHER), 'The lockfile is of commit %s, not of %s' % (OTHER, SHA)),
    (dict(LOCK, roles=[]), 'its roles are no mapping'),
    ({'format': 1, 'series': 'ocata', 'ref': 'x', 'osa': SHA, 'roles': {}}, 'it has no collections; it has no packages'),
])
def test_lock_problems(lock, said):
    found = sources.lock_problems(lock, 'ocata', SHA)
    assert len(found) == bool(said)
    assert said in ''.join(found)
    assert not said or '. Next: ' in found[0]


def test_made_lock_is_a_lock():
    built = sources.wanted(MODERN, OSA, SHA)
    commits = {'opendev.org/openstack/openstack-ansible-plugins': {'master': OTHER}}
    lock = sources.make_lock(built, 'ocata', 'ocata-eol', SHA, {'pki': SHA}, {'host': {}, 'mon': {}}, commits)
    assert lock['collections'] == {'openstack.osa': OTHER, 'community.general': '10.7.0', 'ansible.utils': '2.6.1'}
    assert sources.lock_problems(lock, 'ocata', SHA) == []
    assert sources.make_lock(built, 'o', 'o', SHA, {}, {}, {})['collections']['openstack.osa'] == 'master'


def test_lock_differences():
    assert sources.lock_differences(LOCK, LOCK) == []
    made = dict(LOCK, osa=OTHER, roles={'pki': OTHER, 'new': SHA}, collections={},
                packages={'host': {'ceph-osd': '2', 'ceph-new': '2'}, 'mon': {}})
    assert sources.lock_differences(LOCK, made) == [
        'openstack-ansible: %s could not be had, it is %s' % (SHA, OTHER),
        'role new: it is %s, the lockfile has none' % SHA,
        'role pki: %s could not be had, it is %s' % (SHA, OTHER),
        'collection c: 1.0.0 could not be had, it is missing',
        'ceph-new (host): it is 2, the lockfile has none',
        'ceph-osd (host): 1 could not be had, it is 2',
        'ceph-mon (mon): 1 could not be had, it is missing',
    ]


def test_proxies_as_yaml_has_them():
    """In YAML the key no would be a truth value."""
    given = yaml.safe_load('{http: "http://p:1", direct: [intern.example]}')
    assert sources.environment(given)['NO_PROXY'] == 'intern.example,localhost,127.0.0.1'
