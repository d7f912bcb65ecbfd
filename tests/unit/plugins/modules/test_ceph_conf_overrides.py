# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import re
import stat

import pytest

BEFORE = '---\n# defaults\na: 1\nceph_conf_overrides: {}\nb: 2'
AFTER = '---\n# defaults\na: 1\nceph_conf_overrides:\n  global:\n    osd_pool_default_pg_num: 8\nb: 2\n'
PG_NUM = {'global': {'osd_pool_default_pg_num': 8}}


@pytest.fixture
def roles(tmp_path):
    """A folder of roles; the role ceph-common in it has the file."""
    defaults = tmp_path / 'roles' / 'ceph-common' / 'defaults'
    defaults.mkdir(parents=True)
    (defaults / 'main.yml').write_bytes(BEFORE.encode('utf-8'))
    return tmp_path / 'roles'


@pytest.fixture
def path(roles):
    return roles / 'ceph-common' / 'defaults' / 'main.yml'


@pytest.fixture
def override(run_module, roles, path):
    """Run the module on the file: override(option=value...)."""
    def run(**arguments):
        return run_module('ceph_conf_overrides',
                          **dict({'path': str(path), 'overrides': PG_NUM, 'roles_path': str(roles)}, **arguments))
    return run


def content(path):
    return path.read_bytes().decode('utf-8')


def test_set_and_again(override, path):
    result = override()
    assert result['changed']
    assert result['path'] == os.path.realpath(str(path))
    assert result['changed_options'] == [['global', 'osd_pool_default_pg_num']]
    assert content(path) == AFTER
    again = override()
    assert (again['changed'], again['changed_options']) == (False, [])
    assert content(path) == AFTER


def test_take_back(override, path):
    override()
    result = override(state='absent')
    assert result['changed']
    assert content(path) == BEFORE + '\n'
    assert not override(state='absent')['changed']


def test_another_name(override, path):
    path.write_bytes(b'ceph_conf_overrides_custom: {}\n')
    assert override(name='ceph_conf_overrides_custom')['changed']
    assert content(path) == 'ceph_conf_overrides_custom:\n  global:\n    osd_pool_default_pg_num: 8\n'


@pytest.mark.parametrize('state', ['present', 'absent'])
def test_check_mode_predicts(override, path, state):
    if state == 'absent':
        override()
    before = content(path)
    predicted = override(state=state, _ansible_check_mode=True, _ansible_diff=True)
    assert content(path) == before
    done = override(state=state, _ansible_diff=True)
    predicted.pop('size'), done.pop('size')
    assert predicted == done
    assert done['changed']
    real = os.path.realpath(str(path))
    assert done['diff'] == {'before': before, 'after': content(path), 'before_header': real, 'after_header': real}


def test_of_the_users_variables_only_the_hash_is_shown(run_module, tmp_path):
    (tmp_path / 'user_variables.yml').write_text(u'admin_password: secret\nceph_conf_overrides: {}\ndatabase_password: secret\n')
    done = run_module('ceph_conf_overrides', path=str(tmp_path / 'user_variables.yml'), overrides=PG_NUM, _ansible_diff=True)
    assert done['changed']
    assert done['diff']['before'] == 'ceph_conf_overrides: {}\n'
    assert done['diff']['after'] == 'ceph_conf_overrides:\n  global:\n    osd_pool_default_pg_num: 8\n'


def test_check_mode_makes_no_backup(override, path):
    assert 'backup_file' not in override(backup=True, _ansible_check_mode=True)
    assert os.listdir(str(path.parent)) == ['main.yml']


def test_no_diff_unless_asked_for(override):
    assert 'diff' not in override()


def test_backup(override, path):
    backup = override(backup=True)['backup_file']
    with open(backup, 'rb') as stream:
        assert stream.read().decode('utf-8') == BEFORE
    assert os.path.dirname(backup) == os.path.realpath(str(path.parent))
    assert re.match(r'main\.yml\..*\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~$', os.path.basename(backup))
    assert 'backup_file' not in override(backup=True)
    assert len(os.listdir(str(path.parent))) == 2


@pytest.mark.parametrize('mode', [0o600, 0o640, 0o755])
def test_mode_is_kept(override, path, mode):
    path.chmod(mode)
    override(backup=True)
    assert [stat.S_IMODE((path.parent / name).stat().st_mode) for name in os.listdir(str(path.parent))] == [mode, mode]


def test_values_as_ansible_gives_them(override, path):
    override(overrides={'global': {'a': True, 'b': '8', 'c': u'gr\xf6\xdfe', 'd': 0.5}})
    assert content(path).split('\n')[3:-2] == [
        'ceph_conf_overrides:', '  global:', '    a: true', "    b: 8", u"    c: 'gr\xf6\xdfe'", '    d: 0.5']


@pytest.mark.parametrize('text, why', [
    (b'', 'it has no key'),
    (b'a: 1\n', 'no top-level key "ceph_conf_overrides"'),
    (b'ceph_conf_overrides: {}\nceph_conf_overrides: {}\n', '2 times'),
    (b'ceph_conf_overrides: "{{ a }}"\n', 'Jinja'),
    (b'ceph_conf_overrides: {global: {a: 1}}\n', 'flow style'),
    (b'\x00\x01', 'NUL'),
    (b'\xff\xfe', 'not UTF-8'),
    (u'ceph_conf_overrides:\n  gr\xf6\xdfe: {}\n  gr\xf6\xdfe: {}\n'.encode('utf-8'),
     u'line 3: the section "gr\xf6\xdfe" is there twice'),
])
def test_refusal_changes_nothing(override, path, text, why):
    path.write_bytes(text)
    result = override(backup=True)
    assert result['failed']
    assert result['problem']['what'] == 'ceph_conf_overrides cannot be edited safely, nothing was changed'
    assert why in result['problem']['why']
    assert result['problem']['where'] == os.path.realpath(str(path))
    assert result['problem']['remedy'] in result['msg']
    assert path.read_bytes() == text
    assert os.listdir(str(path.parent)) == ['main.yml']


@pytest.mark.parametrize('overrides, where', [({'global': 8}, 'section global'), ({'global': [8]}, 'section global'),
                                              ({'global': {'a': [1]}}, 'global.a'),
                                              ({'global': {'a': {'b': 1}}}, 'global.a')])
def test_overrides_of_another_shape(override, path, overrides, where):
    result = override(overrides=overrides)
    assert result['failed']
    assert result['problem']['where'] == where
    assert content(path) == BEFORE


def test_file_missing(override, path):
    path.unlink()
    result = override()
    assert result['failed']
    assert result['problem']['what'] == 'the file is not there'
    assert 'bootstrap' in result['problem']['remedy']
    assert not path.exists()


def test_folder(override, roles):
    result = override(path=str(roles))
    assert result['failed']
    assert result['problem']['what'] == 'this is no file'


def test_link_to_nothing(override, path):
    path.unlink()
    path.symlink_to('nowhere.yml')
    assert override()['problem']['what'] == 'the file is not there'


def test_link_within_the_roles(override, roles, path):
    """Ocata's roles call it ceph.ceph-common."""
    (roles / 'ceph.ceph-common').symlink_to('ceph-common')
    result = override(path=str(roles / 'ceph.ceph-common' / 'defaults' / 'main.yml'), backup=True)
    assert result['changed']
    assert result['path'] == os.path.realpath(str(path))
    assert content(path) == AFTER
    assert (roles / 'ceph.ceph-common').is_symlink()


def test_roles_folder_that_is_a_link(override, roles, path, tmp_path):
    (tmp_path / 'linked').symlink_to('roles')
    assert override(path=str(tmp_path / 'linked' / 'ceph-common' / 'defaults' / 'main.yml'),
                    roles_path=str(tmp_path / 'linked'))['changed']
    assert content(path) == AFTER


@pytest.fixture
def outside(roles, path, tmp_path):
    """A file outside the roles that the role's file is a link to."""
    outside = tmp_path / 'outside.yml'
    path.rename(outside)
    path.symlink_to(outside)
    return outside


def test_link_out_of_the_roles(override, outside, path):
    result = override()
    assert result['failed']
    assert result['problem']['what'] == 'a symbolic link leads out of the roles'
    assert result['problem']['why'] == 'it leads to %s' % os.path.realpath(str(outside))
    assert content(outside) == BEFORE


def test_link_out_of_the_roles_is_followed(override, outside, path):
    result = override(follow=True)
    assert (result['changed'], result['path']) == (True, os.path.realpath(str(outside)))
    assert content(outside) == AFTER
    assert path.is_symlink()


def test_role_that_is_a_link_out_of_the_roles(override, roles, path, tmp_path):
    (roles / 'ceph-common').rename(tmp_path / 'elsewhere')
    (roles / 'ceph-common').symlink_to(tmp_path / 'elsewhere')
    assert override()['problem']['what'] == 'a symbolic link leads out of the roles'
    assert content(tmp_path / 'elsewhere' / 'defaults' / 'main.yml') == BEFORE


def test_folder_whose_name_begins_alike(override, roles, path, tmp_path):
    (roles / 'ceph-common').rename(tmp_path / 'roles-of-others')
    (roles / 'ceph-common').symlink_to(tmp_path / 'roles-of-others')
    assert override()['problem']['what'] == 'a symbolic link leads out of the roles'


def test_file_elsewhere(override, tmp_path):
    path = tmp_path / 'user_variables.yml'
    path.write_bytes(b'ceph_conf_overrides: {}\n')
    assert override(path=str(path))['changed']
    (tmp_path / 'linked.yml').symlink_to('user_variables.yml')
    assert override(path=str(tmp_path / 'linked.yml'), state='absent')['changed']
    assert content(path) == 'ceph_conf_overrides: {}\n'


def test_return_documentation(override, path, returned, documented):
    done = override(backup=True)
    path.write_bytes(b'')
    assert returned(done) | returned(override()) == documented('ceph_conf_overrides')


CUSTOM = 'ceph_conf_overrides_custom'
MADE = ('---\n# Made by osa_lab.ceph_aio. openstack-ansible passes it as extra variables.\n'
        'ceph_conf_overrides_custom:\n  global:\n    osd_pool_default_pg_num: 8\n')
THEIRS = 'a: 1\nceph_conf_overrides_custom:\n  global:\n    mon_max_pg_per_osd: 500\n'


@pytest.fixture
def custom(run_module, tmp_path):
    """Run the module on a folder of user files: custom({name: text}, option=value...) gives the result and the files."""
    def run(files, **arguments):
        for name, text in files.items():
            (tmp_path / name).write_bytes(text.encode('utf-8'))
        result = run_module('ceph_conf_overrides', **dict({
            'path': str(tmp_path / 'user_zz.yml'), 'among': str(tmp_path / 'user_*.yml'), 'create': True, 'name': CUSTOM,
            'overrides': PG_NUM}, **arguments))
        return result, dict((path.name, content(path)) for path in tmp_path.glob('*.yml'))
    return run


def test_file_is_made_where_none_sets_the_hash(custom, tmp_path):
    result, files = custom({'user_a.yml': 'a: 1\n'})
    assert result['changed'] and 'backup_file' not in result
    assert files == {'user_a.yml': 'a: 1\n', 'user_zz.yml': MADE}
    assert stat.S_IMODE(os.stat(str(tmp_path / 'user_zz.yml')).st_mode) == 0o600
    again, files = custom({})
    assert not again['changed'] and files['user_zz.yml'] == MADE


def test_hash_is_made_in_a_file_that_is_there(custom):
    result, files = custom({'user_zz.yml': 'a: 1'}, backup=True)
    assert result['changed'] and 'backup_file' in result
    assert files['user_zz.yml'] == 'a: 1\n' + MADE.split('\n', 2)[2]


@pytest.mark.parametrize('line', [CUSTOM + ':', '"%s":' % CUSTOM, CUSTOM + ' :'])
def test_last_file_that_sets_the_hash_is_edited(custom, tmp_path, line):
    text = THEIRS.replace(CUSTOM + ':', line)
    result, files = custom({'user_a.yml': THEIRS, 'user_b.yml': text, 'user_c.yml': '# %s: no\nx_%s: 1\n' % (CUSTOM, CUSTOM)})
    if not result.get('failed'):  # a form that cannot be edited safely is refused
        assert result['path'] == os.path.realpath(str(tmp_path / 'user_b.yml'))
        assert files['user_b.yml'] == text + '    osd_pool_default_pg_num: 8\n'
    assert files['user_a.yml'] == THEIRS and 'user_zz.yml' not in files


def test_nothing_to_take_back(custom):
    result, files = custom({'user_a.yml': 'a: 1\n'}, state='absent')
    assert (result['changed'], files) == (False, {'user_a.yml': 'a: 1\n'})


def test_taken_back_from_the_file_that_counts(custom):
    _result, files = custom({'user_a.yml': THEIRS})
    result, files = custom({}, state='absent')
    assert (result['changed'], files) == (True, {'user_a.yml': THEIRS})


def test_nothing_is_made_in_check_mode(custom):
    result, files = custom({}, _ansible_check_mode=True, _ansible_diff=True)
    assert (result['changed'], files) == (True, {})
    assert (result['diff']['before'], result['diff']['after']) == ('', MADE[MADE.index('ceph_conf'):])


def test_no_folder_for_the_file(custom, tmp_path):
    result, _files = custom({}, path=str(tmp_path / 'none' / 'user_zz.yml'))
    assert result['failed'] and 'the file is not there' in result['msg']


def test_disk_that_is_full(override, path, monkeypatch):
    def full(_handle, _mode):
        raise OSError(28, 'No space left on device')
    monkeypatch.setattr(os, 'fdopen', full)
    result = override()
    assert result['failed'] and 'No space left' in result['problem']['why']
    monkeypatch.undo()
    assert content(path) == BEFORE
