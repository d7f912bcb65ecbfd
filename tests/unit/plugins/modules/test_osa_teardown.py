# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import copy
import os

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.modules import osa_teardown
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import account, removal, state, traces
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.removal import NotRemoved

PLACES = dict({'paths': {'/o': {'is': 'folder'}}}, **dict((name, []) for name in account.LISTS))
ABSENT = {'type': 'absent'}


class Host(object):
    """A lab host: what is seen of it, and what is taken off it. A test says what does not go."""

    def __init__(self, folder, top):
        self.folder, self.top = folder, top
        self.seen = dict((kind, {}) for kind in account.THINGS + ('sysctls',))
        self.done = []
        self.stuck = {}
        self.leftovers = {}
        self.after = lambda: None

    def observe(self, *_arguments):
        return copy.deepcopy(self.seen)

    def path(self, name, **facts):
        """A file or folder that is really there."""
        path = self.top / name
        if facts.get('type', 'file') == 'folder':
            path.mkdir()
        else:
            path.write_bytes(b'')
        self.seen['paths'][str(path)] = dict({'type': 'file'}, **facts)
        return str(path)

    def remove(self, kind, name, facts):
        self.done.append('%s %s' % (kind, name))
        if name in self.stuck:
            raise NotRemoved(self.stuck[name])
        if kind in account.VALUES:
            self.seen['paths' if kind == 'files' else kind][name] = facts['before']
        elif kind == 'paths' and os.path.isdir(name):
            removal.remove_folder(name)
        elif kind in ('paths', 'caches', 'snapshot') and os.path.lexists(name):
            os.unlink(name)
        if kind in account.THINGS and not os.path.lexists(name):
            self.seen[kind].pop(name, None)
        self.after()

    def stop(self, names):
        self.done.append('stop %s' % ' '.join(names))
        if self.stuck:
            raise NotRemoved('one did not stop')
        for name in names:
            self.seen['services'].pop(name, None)

    def uninstall(self, names):
        self.done.append('uninstall %s' % ' '.join(names))
        if 'packages' in self.stuck:
            raise NotRemoved(self.stuck['packages'])
        stay = [name for name in names if name in self.stuck]
        for name in names:
            if name not in stay:
                self.seen['packages'].pop(name, None)
        return [name.partition(':')[0] for name in stay]

    def purge_leftovers(self, names, places):
        self.done.append('purge %s' % ' '.join(names))
        assert list(places) == ['/o']
        return dict((name, reason) for name, reason in self.leftovers.items() if name in names)

    def reload(self):
        self.done.append('reload')
        if 'systemd' in self.stuck:
            raise NotRemoved(self.stuck['systemd'])


def for_host(do):
    """A method of Remover that does this."""
    return lambda _self, *arguments: do(*arguments)


@pytest.fixture
def host(tmp_path, monkeypatch):
    (tmp_path / 'top').mkdir()
    host = Host(tmp_path / 'state', tmp_path / 'top')
    monkeypatch.setattr(traces, 'observe', host.observe)
    monkeypatch.setattr(traces, 'bound_to', lambda name, facts: [name] if name in host.seen['loops'] else [])
    for name in ('remove', 'stop', 'uninstall', 'purge_leftovers', 'reload'):
        monkeypatch.setattr(removal.Remover, name, for_host(getattr(host, name)))
    return host


@pytest.fixture
def ledger(run_module, host):
    def run(wanted):
        assert 'failed' not in run_module('osa_ledger', state=wanted, state_dir=str(host.folder), places=PLACES)
    return run


@pytest.fixture
def teardown(run_module, host):
    def run(**arguments):
        host.done = []
        return run_module('osa_teardown', **dict({'places': PLACES, 'state_dir': str(host.folder)}, **arguments))
    return run


@pytest.fixture
def built(host, ledger):
    """A build of a file, a folder, a bridge and a unit, and its record."""
    ledger('opened')
    state.State(str(host.folder)).record('setup-hosts', rc=0)
    host.path('d', type='folder')
    host.path('f')
    host.seen['links']['br-mgmt'] = {}
    host.seen['services']['s'] = {}
    ledger('closed')
    return host


def records(host):
    return sorted(os.listdir(str(host.folder))) if host.folder.exists() else []


def titles(host, *names):
    return ['paths %s' % (host.top / name) for name in names]


def test_all_of_it_goes_in_its_order(built, teardown):
    result = teardown()
    assert built.done[:2] == ['stop s', 'links br-mgmt']
    assert sorted(set(built.done[2:])) == titles(built, 'd', 'f')
    assert result['changed'] and result['removed'] == ['services s', 'links br-mgmt'] + titles(built, 'd', 'f')
    assert (result['kept'], result['stays'], result['foreign'], result['untold']) == ([], [], [], [])
    assert os.listdir(str(built.top)) == []
    assert records(built) == ['records.lock']


def test_again_there_is_nothing_to_do(built, teardown):
    teardown()
    result = teardown()
    assert (result['changed'], result['removed'], built.done) == (False, [], [])


def test_on_a_host_without_anything(host, teardown):
    result = teardown()
    assert (result['changed'], result['removed'], records(host)) == (False, [], ['records.lock'])


def test_check_mode(built, teardown):
    before = records(built)
    result = teardown(_ansible_check_mode=True)
    assert result['changed'] and result['removed'] == ['services s', 'links br-mgmt'] + titles(built, 'd', 'f')
    assert built.done == [] and records(built) == before
    assert sorted(os.listdir(str(built.top))) == ['d', 'f']


def test_what_a_killed_build_made_goes_too(host, ledger, teardown):
    ledger('opened')
    host.seen['links']['br-mgmt'] = {}
    assert teardown()['removed'] == ['links br-mgmt']


def test_what_came_long_after_a_killed_build_stays_and_is_named(host, ledger, teardown):
    ledger('opened')
    baseline = state.Baseline(str(host.folder))
    baseline.save(dict(baseline.load(), looked=0))
    host.path('theirs')
    assert teardown()['foreign'] == titles(host, 'theirs')
    assert os.listdir(str(host.top)) == ['theirs']


def test_what_came_after_the_build_stays_and_is_named(built, teardown):
    built.seen['links']['br-mgmt0'] = {}
    built.path('theirs')
    result = teardown()
    assert result['foreign'] == ['links br-mgmt0'] + titles(built, 'theirs')
    assert built.seen['links'] == {'br-mgmt0': {}} and os.listdir(str(built.top)) == ['theirs']


def test_a_folder_with_something_of_others_stays_and_is_named(built, teardown):
    (built.top / 'd' / 'theirs').write_bytes(b'')
    result = teardown()
    assert result['stays'] == ['paths %s: others have in it: theirs' % (built.top / 'd')]
    assert titles(built, 'd')[0] not in result['removed']
    assert (built.top / 'd' / 'theirs').exists() and records(built) == ['records.lock']


def test_what_is_left_fails_with_a_list_and_stays_in_the_ledger(built, teardown):
    built.stuck['br-mgmt'] = 'in use'
    result = teardown()
    assert result['failed'] and result['left'] == ['links br-mgmt: in use']
    assert (result['problem']['where'], result['problem']['why']) == ('links br-mgmt', 'links br-mgmt: in use')
    assert state.Ledger(str(built.folder)).load() == {'links': {'br-mgmt': {}}}
    assert os.listdir(str(built.top)) == []
    built.stuck.clear()
    assert teardown()['removed'] == ['links br-mgmt']
    assert records(built) == ['records.lock']


def test_much_that_is_left_for_one_reason_is_said_once():
    left = dict(('packages p%d' % number, 'dpkg is locked') for number in range(7))
    left['links br-mgmt'] = 'in use'
    assert osa_teardown.reasons(left) == [
        'links br-mgmt: in use', 'packages p0, packages p1, packages p2, packages p3, packages p4 and 2 more: dpkg is locked']
    assert osa_teardown.some(['a', 'b']) == 'a, b'


def test_what_is_there_again_is_left(built, teardown):
    built.after = lambda: built.seen['links'].update({'br-mgmt': {}})
    assert teardown()['left'] == ['links br-mgmt: it is still there, or there again']


def test_a_loop_device_that_is_bound_still(host, ledger, teardown):
    ledger('opened')
    host.seen['loops']['/o/i'] = {'device': 1, 'inode': 2}
    ledger('closed')
    host.stuck['/o/i'] = 'in use'
    assert teardown()['left'] == ['loops /o/i: in use']


def test_units_that_do_not_stop_together_are_stopped_one_by_one(built, teardown):
    built.stuck['x'] = ''
    assert 'failed' not in teardown()
    assert built.done[:2] == ['stop s', 'services s']


def test_what_daemons_write_as_they_end_goes_in_a_second_round(built, teardown):
    def write():
        built.after = lambda: None
        built.path('late.log', always=True)

    built.after = write
    result = teardown()
    assert titles(built, 'late.log')[0] in result['removed']
    assert os.listdir(str(built.top)) == []


def test_units_that_are_gone_are_made_known(host, ledger, teardown, monkeypatch):
    ledger('opened')
    host.seen['paths']['/etc/systemd/system/none-of-this.service'] = {'type': 'file'}
    ledger('closed')
    teardown()
    assert 'reload' in host.done


def test_systemd_that_does_not_reload(host, ledger, teardown):
    ledger('opened')
    host.seen['paths']['/etc/systemd/system/none-of-this.service'] = {'type': 'file'}
    ledger('closed')
    host.stuck['systemd'] = 'it is busy'
    assert teardown()['left'] == ['services systemd: it is busy']


def changed(host, ledger):
    before = {'type': 'file', 'content': '1', 'mode': 0o644, 'uid': 0, 'gid': 0}
    host.seen['paths']['/f/f'] = before
    host.seen['sysctls']['s'] = {'value': '1'}
    ledger('opened')
    host.seen['paths']['/f/f'] = dict(before, content='2')
    host.seen['sysctls']['s'] = {'value': '2'}
    ledger('closed')
    return before


def test_what_was_changed_is_put_back(host, ledger, teardown):
    before = changed(host, ledger)
    assert teardown()['removed'] == ['files /f/f', 'sysctls s']
    assert host.seen['paths']['/f/f'] == before and host.seen['sysctls']['s'] == {'value': '1'}


def test_what_was_not_put_back_is_left(host, ledger, teardown):
    changed(host, ledger)
    host.stuck['/f/f'] = 'the disk is full'
    assert teardown()['left'] == ['files /f/f: the disk is full']


def test_a_conflict_stays_and_is_named(host, ledger, teardown):
    changed(host, ledger)
    host.seen['paths']['/f/f'] = {'type': 'link', 'target': 'x', 'mode': 0o777, 'uid': 0, 'gid': 0}
    host.stuck['/f/f'] = 'somebody else has changed it'
    result = teardown()
    assert result['stays'] == ['files /f/f: somebody else has changed it'] and result['removed'] == ['sysctls s']
    assert records(host) == ['records.lock']


@pytest.fixture
def cached(built, ledger, monkeypatch):
    """A build with caches, packages and what they brought."""
    ledger('opened')
    built.path('cache', cache=True)
    built.seen['packages'] = {'aa': {}, 'bb': {}}
    mirror = built.top / 'mirror'
    mirror.write_bytes(b'')
    state.Ledger(str(built.folder)).add('caches', str(mirror))
    monkeypatch.setattr('ansible_collections.osa_lab.ceph_aio.plugins.module_utils.books.owners', lambda paths: {})
    ledger('closed')
    return built


def test_caches_stay_where_they_are_wanted(cached, teardown):
    (cached.folder / 'lease.json').write_bytes(b'{}')
    result = teardown(keep=['caches'])
    assert result['kept'] == sorted(['caches %s' % (cached.top / 'mirror'), 'packages aa', 'packages bb'] + titles(cached, 'cache'))
    assert 'uninstall aa bb' not in cached.done
    assert sorted(os.listdir(str(cached.top))) == ['cache', 'mirror']
    assert records(cached) == ['baseline.json', 'lease.json', 'ledger.json', 'records.lock']
    result = teardown(keep=['caches'])
    assert (result['changed'], len(result['kept'])) == (False, 4)
    result = teardown()
    assert result['changed'] and 'uninstall aa bb' in cached.done
    assert os.listdir(str(cached.top)) == [] and records(cached) == ['records.lock']


def test_where_caches_stay_a_folder_that_others_use_stays_in_the_ledger(cached, teardown):
    (cached.top / 'd' / 'theirs').write_bytes(b'')
    stays = ['paths %s: others have in it: theirs' % (cached.top / 'd')]
    assert [teardown(keep=['caches'])['stays'] for _time in range(2)] == [stays, stays]
    (cached.top / 'd' / 'theirs').unlink()
    assert titles(cached, 'd')[0] in teardown()['removed']


def test_a_folder_of_ours_with_a_cache_in_it_is_nothing_to_speak_of(host, ledger, teardown):
    ledger('opened')
    host.path('d', type='folder')
    host.path('d/cache', cache=True)
    ledger('closed')
    result = teardown(keep=['caches'])
    assert (result['stays'], 'failed' in result) == ([], False)
    assert state.Ledger(str(host.folder)).load() == {'paths': {str(host.top / 'd' / 'cache'): {'cache': True}}}


def test_packages_that_others_depend_on_stay(cached, teardown):
    cached.stuck['aa'] = ''
    result = teardown()
    assert result['stays'] == ['packages aa: others depend on it']
    assert 'packages bb' in result['removed'] and records(cached) == ['records.lock']


def test_packages_that_cannot_be_removed_are_left(cached, teardown):
    cached.stuck['packages'] = 'dpkg is locked'
    assert teardown()['left'] == ['packages aa: dpkg is locked', 'packages bb: dpkg is locked']


def of_packages(host, ledger, monkeypatch, **owners):
    """A build of packages and what they brought: paths by name, and the file /f/f that was not there before."""
    host.seen['paths']['/f/f'] = ABSENT
    ledger('opened')
    host.seen['packages'] = {'aa:amd64': {}, 'bb': {}}
    for name in owners:
        host.path(name)
    host.seen['paths']['/f/f'] = {'type': 'file', 'content': '2', 'mode': 0o644, 'uid': 0, 'gid': 0}
    found = dict((str(host.top / name), package) for name, package in owners.items())
    monkeypatch.setattr('ansible_collections.osa_lab.ceph_aio.plugins.module_utils.books.owners',
                        lambda paths: dict(found, **{'/f/f': 'aa:amd64'}))
    ledger('closed')


def test_configuration_goes_after_its_package(host, ledger, teardown, monkeypatch):
    of_packages(host, ledger, monkeypatch, a='aa:amd64', b='bb')
    result = teardown()
    assert host.done == ['uninstall aa:amd64 bb'] + titles(host, 'a', 'b') + ['files /f/f', 'purge aa:amd64 bb']
    assert result['stays'] == [] and records(host) == ['records.lock']


@pytest.mark.parametrize('stuck, said', [
    ({'aa:amd64': ''}, 'stays'), ({'packages': 'dpkg is locked'}, 'left')])
def test_configuration_of_a_package_that_stays_stays(stuck, said, host, ledger, teardown, monkeypatch):
    of_packages(host, ledger, monkeypatch, a='aa:amd64', b='bb')
    host.stuck.update(stuck)
    result = teardown()
    reason = ': it belongs to a package that stays (aa:amd64)'
    assert set([titles(host, 'a')[0] + reason, 'files /f/f' + reason]) <= set(result['stays'])
    assert any(line.startswith('packages aa:amd64: ') for line in result[said])
    assert (host.top / 'a').exists() and (host.top / 'b').exists() == (said == 'left')


@pytest.mark.parametrize('stay, there', [(False, False), (True, True), (True, False)])
def test_a_link_that_a_package_enabled_stays_where_it_leads_somewhere(stay, there, host, ledger, teardown, monkeypatch):
    of_packages(host, ledger, monkeypatch)
    link = host.top / 'wants'
    link.symlink_to('unit' if there else 'gone')
    (host.top / 'unit').write_bytes(b'')
    own = state.Ledger(str(host.folder))
    own.add('paths', str(link), looked=True, package='enabled by its package')
    if stay:
        host.stuck['bb'] = ''
    teardown()
    assert os.path.lexists(str(link)) == (stay and there)


def test_what_a_package_would_take_along_when_purged_is_named(cached, teardown):
    cached.leftovers['aa'] = 'its configuration stays'
    result = teardown()
    assert result['stays'] == ['packages aa: its configuration stays'] and 'packages aa' in result['removed']
    assert 'failed' not in result


def test_what_cannot_be_purged_is_left(cached, teardown, monkeypatch):
    def locked(*_arguments):
        raise NotRemoved('dpkg is locked')

    monkeypatch.setattr(removal.Remover, 'purge_leftovers', locked)
    assert teardown()['left'] == ['packages aa: dpkg is locked', 'packages bb: dpkg is locked']
    assert set(state.Ledger(str(cached.folder)).load()) == set(['packages'])


def test_a_conflict_that_only_the_last_look_finds(host, ledger, teardown):
    changed(host, ledger)
    theirs = {'type': 'link', 'target': 'x', 'mode': 0o777, 'uid': 0, 'gid': 0}
    host.after = lambda: host.seen['paths'].update({'/f/f': theirs})
    assert teardown()['stays'] == ['files /f/f: ' + removal.CONFLICT]


def test_what_others_wrote_into_the_ledger(built, teardown):
    snapshot = built.top / 'golden'
    snapshot.write_bytes(b'')
    own = state.Ledger(str(built.folder))
    own.add('snapshot', str(snapshot))
    own.add('ceph_keys', 'client.dev', fsid='f')  # gone with the cluster
    assert 'snapshot %s' % snapshot in teardown()['removed']
    assert not snapshot.exists() and records(built) == ['records.lock']


def test_a_host_on_which_an_earlier_version_built(host, teardown):
    state.State(str(host.folder)).record('setup-hosts', rc=0)
    host.path('ours', alone=True)
    host.path('doubt')
    host.seen['links']['br-mgmt'] = {}
    result = teardown()
    assert result['removed'] == titles(host, 'ours')
    assert result['untold'] == ['links br-mgmt'] + titles(host, 'doubt') + ['packages (which of them were installed for it)']
    assert os.listdir(str(host.top)) == ['doubt']


def test_the_state_goes_first_so_that_nothing_counts_as_built(built, teardown):
    names, seen = ['state.json', 'drill.json', 'snapshot.json', 'reset.json'], []
    for name in names[1:]:
        (built.folder / name).write_bytes(b'{}')
    built.after = lambda: seen.extend(os.path.exists(str(built.folder / name)) for name in names)
    teardown()
    assert seen and not any(seen)


@pytest.mark.parametrize('name, content, what', [
    ('ledger.json', b'{"ver', 'the ledger of the lab host is damaged'), ('state.json', b'', 'the state of the lab host is damaged'),
    ('baseline.json', b'{"version": 99, "baseline": {}}', 'the baseline of the lab host was written by a newer version of this collection')])
def test_records_that_are_not_ours_to_read(name, content, what, built, teardown):
    (built.folder / name).write_bytes(content)
    before = records(built)
    result = teardown()
    assert result['problem']['what'] == what
    assert built.done == [] and records(built) == before and (built.folder / name).read_bytes() == content


def test_a_record_that_does_not_go(built, teardown, monkeypatch):
    def refuse(path):
        raise NotRemoved('mounted there')

    monkeypatch.setattr(removal, 'remove_tree', refuse)
    left = teardown()['left']
    assert 'paths %s: mounted there' % (built.folder / 'ledger.json') in left
