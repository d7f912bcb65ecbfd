# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The series' data: whole, short, literal, and as it was read from upstream's trees."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import fnmatch
import json
import os
import re
import subprocess
import sys

import jsonschema
import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.osa_lab.ceph_aio.plugins.plugin_utils import series as plugin_utils_series

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..'))
FOLDER = os.path.join(ROOT, 'roles', 'release', 'vars', 'series')
FACTS = os.path.join(ROOT, '..', 'shared', 'facts', 'series')
# What each file says itself, so that a reader sees what the series is.
OWN = ['series', 'major', 'status', 'evidence', 'ref', 'ceph.release', 'host.systems']

TEXTS = {}
for _name in sorted(os.listdir(FOLDER)):
    with open(os.path.join(FOLDER, _name), encoding='utf-8') as _stream:
        TEXTS[_name[:-len('.yml')]] = _stream.read()
DATA = dict((name, yaml_load(text)['release_data']) for name, text in TEXTS.items())
KNOWN = list(DATA.values())
# Those that there were when this was written.
NAMES = ['ocata', 'pike', 'queens', 'rocky', 'stein', 'train', 'ussuri', 'victoria', 'wallaby', 'xena', 'yoga', 'zed', '2023.1',
         '2023.2', '2024.1', '2024.2', '2025.1', '2025.2', '2026.1', 'master']
# The series of upstream, in their order; what has no major release yet is the last.
UPSTREAM = sorted((name for name in DATA if not name.startswith('embedded')), key=lambda name: DATA[name]['major'] or 1000)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'series.schema.json'), encoding='utf-8') as _stream:
    SCHEMA = jsonschema.Draft202012Validator(json.load(_stream), format_checker=jsonschema.FormatChecker(['regex']))

each_series = pytest.mark.parametrize('name', sorted(DATA))
each_of_upstream = pytest.mark.parametrize('name', UPSTREAM)


def resolve(name):
    return plugin_utils_series.resolve(KNOWN, name)


def flat(data, where=''):
    """The values of a tree by their path: {'ceph.release': 'jewel'}."""
    values = {}
    for key, value in data.items():
        if isinstance(value, dict) and value:
            values.update(flat(value, where + key + '.'))
        else:
            values[where + key] = value
    return values


def problems(data):
    return ['%s: %s' % (error.json_path, error.message) for error in SCHEMA.iter_errors(data)]


def test_every_series_is_there():
    """That none is missing between them, test_majors_differ says."""
    assert (UPSTREAM[0], UPSTREAM[-1]) == ('ocata', 'master')
    assert [name for name in NAMES if name not in UPSTREAM] == []


@each_series
def test_name_is_that_of_the_file(name):
    assert DATA[name]['series'] == name
    assert list(yaml_load(TEXTS[name])) == ['release_data']


@each_series
def test_schema(name):
    assert problems(resolve(name)) == []


@each_series
def test_schema_of_point_releases(name):
    data = resolve(name)
    for point in data['point_releases']:
        assert problems(plugin_utils_series.merge(data, point['facts'])) == []


@pytest.mark.parametrize('change', [
    {'more': 1}, {'status': 'dead'}, {'major': '15'}, {'ceph': {'more': 1}}, {'ceph': {'pools': []}}, {'ceph': {'release': 'jewell'}},
    {'boot': {'loops': 'cron'}},
    {'checkout': 'opt'}, {'overrides': {'strategy': 'custom_hash'}}, {'overrides': {'name': 'ceph_conf_overrides_custom'}},
    {'overrides': {'file': '/etc/openstack_deploy/user_variables.yml'}}, {'overrides': {'keep': {'global': []}}},
    {'install': {'playbooks': [{'name': 'setup-hosts', 'overrides': False}]}}, {'containers': {'name_pattern': '['}},
    {'host': {'network': 'br-mgmt'}}])
def test_schema_can_fail(change):
    assert len(problems(plugin_utils_series.merge(resolve('ocata'), change))) >= 1


@each_series
def test_says_itself_what_it_is(name):
    assert [key for key in OWN if key not in flat(DATA[name])] == []


@each_series
def test_does_not_repeat_its_parent(name):
    parent = DATA[name].get('inherits')
    if parent:
        inherited = flat(resolve(parent))
        assert [key for key, value in flat(DATA[name]).items()
                if key not in OWN and key in inherited and inherited[key] == value] == []


@each_series
def test_literals_only(name):
    assert '{{' not in TEXTS[name] and '{%' not in TEXTS[name] and '!' not in re.sub(r'#.*', '', TEXTS[name])


@each_series
def test_recommended_ref_is_its_own(name):
    assert plugin_utils_series.other_series(KNOWN, name, DATA[name]['ref']) == ''


@each_of_upstream
def test_mons_from_nautilus_on_refuse_insecure_global_ids(name):
    """A new cluster of theirs is in HEALTH_WARN else. The names of Ceph's releases are in the order of the alphabet."""
    ceph = resolve(name)['ceph']
    reclaim = ceph['options'].get('mon', {}).get('auth_allow_insecure_global_id_reclaim')
    assert reclaim is (False if ceph['release'] >= 'nautilus' else None)


def test_majors_differ():
    majors = [DATA[name]['major'] for name in UPSTREAM]
    assert sorted(majors[:-1]) == list(range(15, 15 + len(majors) - 1)) and majors[-1] is None


@each_of_upstream
def test_user_is_told_where_upstream_does_not_maintain_it(name):
    note = plugin_utils_series.facts(KNOWN, name)['note']
    assert (name in note and 'upstream' in note) == (DATA[name]['status'] != 'maintained')


@pytest.mark.parametrize('series, ref, said', [
    ('ocata', '15.0.0', 'ocata-eol needs none'), ('ocata', '15.1.28', 'ocata-eol needs none'), ('ocata', 'ocata-em', ''),
    ('pike', '16.0.0', 'pike-eol needs none'), ('pike', '16.0.9', 'pike-eol needs none'), ('pike', '16.0.24', 'pike-eol needs none'),
    ('pike', '16.0.25', ''), ('queens', '17.0.0', ''), ('wallaby', 'wallaby-eol', '23.4.4 needs none'), ('wallaby', '23.4.4', ''),
    ('wallaby', 'wallaby-em', ''), ('yoga', '', 'yoga-eol'), ('yoga', '25.6.0', 'yoga-eol')])
def test_ref_that_cannot_work_says_what_can(series, ref, said):
    note = plugin_utils_series.facts(KNOWN, series, ref)['note'].replace(plugin_utils_series.STATUS_NOTES['eol'] % series, '').strip()
    assert said in note and bool(said) == bool(note)


@pytest.mark.parametrize('series, ref, path', [
    ('ocata', '', 'ceph-ansible/roles/ceph.ceph-common'), ('ocata', 'ocata-em', 'ceph-ansible/roles/ceph.ceph-common'),
    ('ocata', '15.1.28', 'ceph.ceph-common'), ('pike', '', 'ceph-ansible/roles/ceph-defaults'), ('pike', '16.0.2', 'ceph.ceph-common'),
    ('pike', '16.0.3', 'ceph-defaults'), ('pike', '16.0.20', 'ceph-defaults'), ('pike', '16.0.25', 'ceph-ansible/roles/ceph-defaults'),
    ('queens', '', 'ceph-ansible/roles/ceph-defaults'), ('embedded', '', 'ceph.ceph-common')])
def test_role_of_the_default(series, ref, path):
    facts = plugin_utils_series.facts(KNOWN, series, ref)
    assert facts['overrides']['file'] == '/etc/ansible/roles/%s/defaults/main.yml' % path


def test_steps_keep_the_names_that_lab_hosts_remember():
    for name in DATA:
        playbooks = resolve(name)['install']['playbooks']
        assert [playbook['name'] for playbook in playbooks] == ['setup-hosts', 'setup-infrastructure', 'setup-openstack']
        assert [playbook['overrides'] for playbook in playbooks] == [False, True, True]
        assert not any('arguments' in playbook for playbook in playbooks)


def test_tables_are_those_of_the_data():
    """README.md and docs/series.md hold what tools/support-table.py makes."""
    result = subprocess.run([sys.executable, os.path.join(ROOT, 'tools', 'support-table.py'), '--check'],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert result.returncode == 0, result.stdout.decode('utf-8')


@pytest.fixture
def read(name):
    """What was read of a series from upstream's tree."""
    if not os.path.isdir(FACTS):
        pytest.skip('NOT COMPARED with what was read upstream: there is no %s' % os.path.realpath(FACTS))
    with open(os.path.join(FACTS, name + '.yml'), encoding='utf-8') as stream:
        return yaml_load(stream)


def bare(words):
    """Without the remark that may follow: 'centos-7 (marked WIP)'."""
    return [word.split()[0] for word in words]


def read_pg_limit(read):
    """mon_max_pg_per_osd, from the sentence about it and what the all-in-one sets."""
    override = read['pg_num_override']
    if 'mon_max_pg_per_osd' in override['must_merge'].get('global', {}):
        return override['must_merge']['global']['mon_max_pg_per_osd']
    if 'no hard per-OSD limit' in override['pg_limit']:
        return 0
    return int(re.search(r'default (\d+)', override['pg_limit']).group(1))


def read_file(read):
    """The file to set the override in."""
    override = read['pg_num_override']
    if override['role_default_edit_effective']:
        return override['role_default_file'].split()[0]
    return override['bootstrap_sets_in' if override['must_merge'] else 'recommended_file']


@each_of_upstream
def test_as_read_upstream(name, read):
    first, last = read['osa_version_range']['first'], read['osa_version_range']['last']
    playbooks = bare(read['install']['ceph_only'] + read['install']['ceph_only_optional'])
    arguments = [text.split()[:2] for text in read['install']['ceph_only_extra_args']]
    values = flat(resolve(name))
    values['install.playbooks'] = [entry['playbook'] for entry in values['install.playbooks']]
    values['arguments'] = [entry['arguments'] for entry in values['install.ceph_playbooks'] if 'arguments' in entry]
    values['install.ceph_playbooks'] = [entry['playbook'] for entry in values['install.ceph_playbooks']]
    values['overrides.keep'] = resolve(name)['overrides']['keep']
    expected = {
        'series': read['series'],
        'major': int(first.split('.')[0]) if first else None,
        'status': read['status'],
        'ref': read['recommended_ref'],
        'repo_url': read['clone_url'],
        'checkout': read['bootstrap_scripts']['run_from'].split()[0],
        'bootstrap.scenario': read['scenario']['lxc'],
        'bootstrap.ansible.script': read['bootstrap_scripts']['bootstrap_ansible'],
        'bootstrap.aio.script': read['bootstrap_scripts']['bootstrap_aio'],
        'overrides.strategy': 'role_default' if read['pg_num_override']['role_default_edit_effective'] else 'custom_hash',
        'overrides.name': read['pg_num_override']['hook_variable'],
        'overrides.file': read_file(read),
        'overrides.keep': read['pg_num_override']['must_merge'],
        'install.runner': read['install']['runner'],
        'install.playbooks': read['install']['full'],
        'install.ceph_playbooks': playbooks,
        'arguments': arguments,
        'containers.inventory': read['containers']['inventory_json'],
        'containers.mon_group': read['containers']['mon_group'],
        'containers.name_pattern': read['containers']['mon_name_regex'],
        'ceph.release': read['ceph']['ceph_stable_release'],
        'ceph.osds': read['osds']['count'],
        'ceph.pg_limit': read_pg_limit(read),
        'ceph.autoscaler': read['pg_num_override']['autoscaler'].startswith('on'),
        'boot.loops': 'rc_local' if 'rc.local' in read['osds']['persistence'] else
                      'tree' if 'fixed devices' in read['osds']['loop_attach'] else 'units',
        'host.systems': bare(read['host_os']['supported']),
        'host.min_disk_gb': read['host_os']['min_disk_gb']['lxc'],
    }
    assert dict((key, values[key]) for key in expected) == expected
    assert not first or first.split('.')[0] == last.split('.')[0]
    assert read['install']['working_dir'] == '/'.join([values['checkout'], values['install.folder']])
    assert read['osds']['images'][0] in values['bootstrap.aio.evidence']
    installed = read['bootstrap_scripts']['installs']
    assert [path for path in values['bootstrap.ansible.evidence']
            if not any(path == one or path.startswith(one + '/') for one in installed)] == []
    assert ('/etc/ansible/ansible_collections' in values['bootstrap.ansible.evidence']) == (
        '/etc/ansible/ansible_collections' in ' '.join(installed))


def expand(text):
    """'a{1,2}' as ['a1', 'a2']."""
    found = re.search(r'\{([^}]*)\}', text)
    if not found:
        return [text]
    return [path for word in found.group(1).split(',') for path in expand(text[:found.start()] + word + text[found.end():])]


def is_looked_at(path, places):
    """Is there a place for it: the path itself, or a folder above it? What lies deeper than that is looked at goes with it."""
    for place, spec in places.items():
        levels = path[len(place):].strip('/').split('/') if path.startswith(place + '/') else []
        if path == place or (levels and any(fnmatch.fnmatch(levels[0], name) or levels[0] == name for name in spec.get('names', ['*']))):
            return True
    return False


# What teardown removes otherwise than as a path.
REMOVED_OTHERWISE = [r'/var/lib/lxc/\*', r'/var/lib/ceph/osd/\*', r'/var/lib/nova/instances', r'/srv/swift\d\.img', r'/eth1\d?\.*', r'/yum.*']


@each_of_upstream
def test_all_that_was_found_left_behind_upstream_is_looked_at(name, read):
    places = resolve(name)['teardown']
    named = [path.rstrip('.') for line in read['teardown']['remove'] + read['teardown']['must_remove_before_rebuild']
             for word in re.findall(r'(?<![\w<>{},.*])/[\w./<>*{},-]*[\w/>*}]', line) for path in expand(word)]
    assert len(named) > 20
    unknown = [path for path in named if not is_looked_at(path, places['paths'])
               and not any(re.match(pattern + r'\Z', path) for pattern in REMOVED_OTHERWISE)]
    assert unknown == []
    lines = ' '.join(read['teardown']['remove'])
    for link in re.findall(r'\b(br-[a-z]+|lxcbr0)\b', lines):
        assert any(fnmatch.fnmatch(link, pattern) for pattern in places['links']), link
    for group in re.findall(r'\b(cinder-volumes|vg-loop|vg-ceph)', lines):
        assert any(pattern.startswith(group) for pattern in places['volume_groups']), group
    for unit in re.findall(r'\b((?:loop-cinder|lxc-dnsmasq|networking-post-up)\.service)', lines):
        assert any(fnmatch.fnmatch(unit, pattern) for pattern in places['services']), unit
    assert ('vm.swappiness' in places['sysctls']) == ('vm.swappiness' in lines)
    assert ('kernel.hostname' in places['sysctls']) == ('hostname' in lines)


def test_a_path_that_is_not_looked_at_is_found():
    places = {'/a': {'is': 'folder', 'names': ['x*']}, '/b': {'is': 'whole'}}
    assert [path for path in ('/a/x1', '/b/any/thing', '/a', '/a/x1/z', '/a/y', '/ab', '/') if is_looked_at(path, places)] == [
        '/a/x1', '/b/any/thing', '/a', '/a/x1/z']
