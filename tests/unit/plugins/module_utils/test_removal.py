# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import os
import stat

import pytest
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import containers, kept, removal, traces
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.removal import NotRemoved

FACTS = {'device': 1, 'inode': 2}


@pytest.fixture
def mounts(monkeypatch):
    """What is mounted: point → source."""
    table = {}
    monkeypatch.setattr(traces, 'mounts', lambda: table)
    return table


@pytest.fixture
def store(tmp_path):
    return kept.Store(str(tmp_path / 'state'))


@pytest.fixture
def remover(store, mounts):
    return removal.Remover(store)


@pytest.fixture
def systemd(monkeypatch, tmp_path):
    monkeypatch.setattr(traces, 'SYSTEMD', str(tmp_path))


def test_a_tree(remover, tmp_path):
    (tmp_path / 'a' / 'b').mkdir(parents=True)
    (tmp_path / 'a' / 'b' / 'f').write_bytes(b'')
    remover.remove('paths', str(tmp_path / 'a'), {'whole': True})
    assert not (tmp_path / 'a').exists()
    remover.remove('paths', str(tmp_path / 'a'), {'whole': True})  # gone is gone


def test_a_link_goes_what_it_leads_to_stays(remover, tmp_path, mounts):
    (tmp_path / 'real').mkdir()
    (tmp_path / 'real' / 'f').write_bytes(b'')
    (tmp_path / 'l').symlink_to('real')
    mounts[str(tmp_path / 'real')] = '/dev/sda'
    remover.remove('paths', str(tmp_path / 'l'), {})
    assert os.listdir(str(tmp_path)) == ['real'] and (tmp_path / 'real' / 'f').exists()


@pytest.mark.parametrize('point', ['a', 'a/b'])
def test_where_something_is_mounted_nothing_is_removed(point, remover, tmp_path, mounts):
    (tmp_path / 'a' / 'b').mkdir(parents=True)
    mounts[str(tmp_path / point)] = '/dev/sda'
    mounts[str(tmp_path / 'ab')] = '/dev/sdb'
    with pytest.raises(NotRemoved) as error:
        remover.remove('paths', str(tmp_path / 'a'), {'whole': True})
    assert str(error.value) == 'mounted there: %s' % (tmp_path / point)
    assert (tmp_path / 'a' / 'b').exists()


@pytest.mark.parametrize('path', ['/', '/etc', '//etc/x', '/etc/../x/y', '/etc/x/', 'etc/x/y'])
def test_no_path_of_a_thing_of_ours(path, fake_run):
    with pytest.raises(NotRemoved) as error:
        removal.remove_tree(path)
    assert 'is no path of a thing of ours' in str(error.value)


def test_a_folder_of_several_goes_only_where_it_is_empty(remover, tmp_path):
    (tmp_path / 'a').mkdir()
    (tmp_path / 'a' / 'theirs').write_bytes(b'')
    remover.remove('paths', str(tmp_path / 'a'), {})
    assert (tmp_path / 'a' / 'theirs').exists()
    (tmp_path / 'a' / 'theirs').unlink()
    remover.remove('paths', str(tmp_path / 'a'), {})
    assert not (tmp_path / 'a').exists()
    removal.remove_folder(str(tmp_path / 'a'))


def test_a_folder_that_cannot_be_removed(remover, tmp_path, monkeypatch):
    def denied(_path):
        raise OSError(errno.EPERM, 'not permitted')

    (tmp_path / 'a').mkdir()
    monkeypatch.setattr(removal.os, 'rmdir', denied)
    with pytest.raises(NotRemoved) as error:
        remover.remove('paths', str(tmp_path / 'a'), {})
    assert 'not permitted' in str(error.value)


def test_a_file_with_a_loop_device_on_it_stays(remover, tmp_path, monkeypatch):
    image = tmp_path / 'a[1].img'
    image.write_bytes(b'')
    seen = os.stat(str(image))
    monkeypatch.setattr(traces, 'loop_bindings', lambda: [('loop1', '/x', seen.st_dev, seen.st_ino)])
    with pytest.raises(NotRemoved) as error:
        remover.remove('paths', str(image), {})
    assert str(error.value) == 'a loop device is bound to it'
    monkeypatch.setattr(traces, 'loop_bindings', list)
    remover.remove('paths', str(image), {})
    assert not image.exists()


def test_a_snapshot_with_what_an_interrupted_one_left(remover, tmp_path):
    for name in ('golden', 'golden.new', 'golden.old', 'other'):
        (tmp_path / 'snapshots' / name).mkdir(parents=True)
    remover.remove('snapshot', str(tmp_path / 'snapshots' / 'golden'), {})
    assert os.listdir(str(tmp_path / 'snapshots')) == ['other']
    remover.remove('snapshot', str(tmp_path / 'snapshots' / 'other'), {'folder_is_ours': True})
    assert not (tmp_path / 'snapshots').exists()


def test_a_snapshot_in_a_folder_that_was_there_before(remover, tmp_path):
    (tmp_path / 'srv' / 'golden').mkdir(parents=True)
    remover.remove('snapshot', str(tmp_path / 'srv' / 'golden'), {'folder_is_ours': False})
    assert os.listdir(str(tmp_path / 'srv')) == []


def test_units_stop_together(remover, systemd, fake_run):
    fake_run.expect(['systemctl', 'stop', '--', 'a.service', 'b.slice'])
    fake_run.expect(['systemctl', 'reset-failed', '--', 'a.service', 'b.slice'], rc=1)
    remover.stop(['a.service', 'b.slice'])


def test_a_unit_that_does_not_want_to_stop(remover, systemd, fake_run):
    fake_run.expect(['systemctl', 'kill', '--signal=SIGKILL', '--', 'a'])
    fake_run.expect(['systemctl', 'stop', '--', 'a'])
    fake_run.expect(['systemctl', 'reset-failed', '--', 'a'])
    remover.remove('services', 'a', {})


def test_reload(remover, systemd, fake_run):
    fake_run.expect(['systemctl', 'daemon-reload'])
    remover.reload()


def test_without_systemd_there_are_no_units(remover, fake_run, monkeypatch):
    monkeypatch.setattr(traces, 'SYSTEMD', '/none')
    remover.stop(['a'])
    remover.reload()


OUR_LOGS = ['aio1_c.log', 'aio1_c.log.1', 'lxc-aio1_c.log', 'lxc-aio1_c.log-20261123.gz', 'lxc-aio1_c.log.2.gz']


@pytest.fixture
def lxc(monkeypatch, tmp_path):
    for name, room, attribute in (('lxc', containers, 'LXC'), ('log', removal, 'LXC_LOGS'), ('data', containers, 'DATA')):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(room, attribute, str(tmp_path / name))
    (tmp_path / 'lxc' / 'aio1_c').mkdir()
    (tmp_path / 'data' / 'aio1_c').mkdir()
    (tmp_path / 'data' / 'aio1_c0').mkdir()
    (tmp_path / 'lxc' / 'aio1_c0').mkdir()
    for log in OUR_LOGS + ['other.log', 'aio1_c0.log', 'xaio1_c.log', 'aio1_cxlog', 'lxc-aio1_c.logs', 'aio1_c.log-new.log']:
        (tmp_path / 'log' / log).write_bytes(b'')
    return tmp_path


@pytest.mark.parametrize('state, commands', [
    ('RUNNING', [['lxc-stop', '--kill', '--name', 'aio1_c']]), ('STOPPED', []),
    ('FROZEN', [['lxc-unfreeze', '--name', 'aio1_c'], ['lxc-stop', '--kill', '--name', 'aio1_c']])])
def test_a_container(state, commands, remover, lxc, fake_run):
    fake_run.expect(lambda argv: argv[0] == 'lxc-info', state + '\n')
    for argv in commands:
        fake_run.expect(argv)
    fake_run.expect(lambda argv: argv[0] == 'rm' and argv[-1] == str(lxc / 'lxc' / 'aio1_c'))
    fake_run.expect(lambda argv: argv[0] == 'rm' and argv[-1] == str(lxc / 'data' / 'aio1_c'))
    for log in OUR_LOGS:
        fake_run.expect(lambda argv, log=log: argv[0] == 'rm' and argv[-1] == str(lxc / 'log' / log))
    remover.remove('containers', 'aio1_c', {})


def test_a_container_that_lxc_does_not_know(remover, lxc, fake_run):
    fake_run.expect(lambda argv: argv[0] == 'lxc-info', rc=1)
    for _path in range(2 + len(OUR_LOGS)):
        fake_run.expect(lambda argv: argv[0] == 'rm')
    remover.remove('containers', 'aio1_c', {})


@pytest.mark.parametrize('kind, program', [('containers', 'lxc-info'), ('volume_groups', 'vgs'), ('rules', 'iptables-save')])
def test_what_cannot_be_asked_about_is_said_and_the_rest_goes_on(kind, program, remover, fake_run):
    fake_run.expect(lambda argv: argv[0] == program, rc=None, timed_out=True)
    with pytest.raises(NotRemoved) as error:
        remover.remove(kind, 'aio1_c', {})
    assert program in str(error.value)


@pytest.mark.parametrize('do', ['stop', 'uninstall', 'purge_leftovers'])
def test_the_same_of_what_is_done_to_several(do, remover, systemd, fake_run, monkeypatch):
    monkeypatch.setattr(removal, 'APT', '/')
    fake_run.expect(lambda argv: True, error=OSError(errno.ENOENT, 'none of that') if do == 'stop' else OSError(errno.EACCES, 'none of that'))
    with pytest.raises(NotRemoved) as error:
        getattr(remover, do)(*[['x'], {}][:1 + (do == 'purge_leftovers')])
    assert 'none of that' in str(error.value)


def test_a_mount(remover, mounts, fake_run):
    mounts['/srv/a'] = '/dev/loop1'
    fake_run.expect(['umount', '--', '/srv/a'])
    remover.remove('mounts', '/srv/a', {})
    remover.remove('mounts', '/srv/b', {})


def test_swap(remover, monkeypatch, fake_run):
    monkeypatch.setattr(traces, 'swaps', lambda: ['/openstack/swap.img'])
    fake_run.expect(['swapoff', '/openstack/swap.img'])
    remover.remove('swaps', '/openstack/swap.img', {})
    remover.remove('swaps', '/other', {})


def test_a_volume_group(remover, monkeypatch, fake_run):
    monkeypatch.setattr(traces, 'volume_groups', lambda names: {'g': {'devices': ['/dev/loop1', '/dev/loop2p1']}} if names == ['g'] else {})
    fake_run.expect(['vgchange', '--activate', 'n', 'g'])
    fake_run.expect(['vgremove', '--force', '--force', '--yes', 'g'])
    remover.remove('volume_groups', 'g', {})
    remover.remove('volume_groups', 'gone', {})


@pytest.mark.parametrize('device', ['/dev/sda1', '/dev/loop-control', '/dev/mapper/loop1'])
def test_a_volume_group_on_another_disk_stays(device, remover, monkeypatch, fake_run):
    monkeypatch.setattr(traces, 'volume_groups', lambda names: {'g': {'devices': ['/dev/loop1', device]}})
    with pytest.raises(NotRemoved) as error:
        remover.remove('volume_groups', 'g', {})
    assert device in str(error.value)


@pytest.fixture
def loops(monkeypatch, tmp_path):
    """The names of loop devices that are bound to the image, as one look after another finds them."""
    looks = []
    monkeypatch.setattr(traces, 'SYS', str(tmp_path))
    monkeypatch.setattr(removal, 'bound_to', lambda name, facts: looks.pop(0))
    monkeypatch.setattr(removal.time, 'sleep', lambda seconds: None)
    return looks


def test_loops(remover, loops, fake_run):
    loops.extend([['loop1', 'loop2'], ['loop2'], []])
    fake_run.expect(['losetup', '--detach', '/dev/loop1'])
    fake_run.expect(['losetup', '--detach', '/dev/loop2'])
    remover.remove('loops', '/o/i', FACTS)


def test_the_devices_that_they_had_are_given_back(remover, loops, monkeypatch):
    loops.extend([[], []])
    given = []
    monkeypatch.setattr(removal, 'give_back', given.append)
    monkeypatch.setattr(traces, 'in_use', lambda name: name == 'loop4')
    remover.remove('loops', '/o/i', dict(FACTS, devices=['loop3', 'loop4', 'loop5']))
    assert given == ['/dev/loop3', '/dev/loop5']


@pytest.mark.parametrize('uid, changes', [(64045, 1), (0, 0)])
def test_a_device_that_an_osd_had_is_given_back(uid, changes, monkeypatch):
    changed = []
    monkeypatch.setattr(removal.os.path, 'exists', lambda path: path == '/dev/loop1')
    monkeypatch.setattr(removal, 'owner', {'/dev/loop1': (uid, uid), '/dev/loop-control': (0, 6)}.get)
    monkeypatch.setattr(removal.os, 'chown', lambda *arguments: changed.append(arguments))
    removal.give_back('/dev/loop1')
    assert changed == [('/dev/loop1', 0, 6)] * changes


def test_loops_with_partitions(remover, loops, fake_run, tmp_path):
    (tmp_path / 'block' / 'loop1' / 'loop1p1').mkdir(parents=True)
    loops.extend([['loop1'], []])
    fake_run.expect(['partx', '--delete', '/dev/loop1'])
    fake_run.expect(['losetup', '--detach', '/dev/loop1'])
    remover.remove('loops', '/o/i', FACTS)


def test_loops_that_are_in_use(remover, loops, fake_run, monkeypatch):
    loops.extend([['loop1']] * 3)
    monkeypatch.setattr(removal, 'DETACH', -1)
    fake_run.expect(['losetup', '--detach', '/dev/loop1'])
    with pytest.raises(NotRemoved) as error:
        remover.remove('loops', '/o/i', FACTS)
    assert 'in use' in str(error.value) and 'loop1' in str(error.value)


def test_a_link_that_ifupdown_takes_down(remover, fake_run, monkeypatch, tmp_path):
    monkeypatch.setattr(traces, 'SYS', str(tmp_path))
    here = tmp_path / 'class' / 'net' / 'br-mgmt'
    here.mkdir(parents=True)
    fake_run.expect(lambda argv: argv == ['ifdown', '--force', 'br-mgmt'] and not here.rmdir())
    remover.remove('links', 'br-mgmt', {})
    remover.remove('links', 'br-mgmt', {})


@pytest.mark.parametrize('options', [{'rc': 1}, {'error': OSError(errno.ENOENT, 'no ifupdown')}])
def test_a_link_that_ifupdown_does_not_know(options, remover, fake_run, monkeypatch, tmp_path):
    monkeypatch.setattr(traces, 'SYS', str(tmp_path))
    (tmp_path / 'class' / 'net' / 'lxcbr0').mkdir(parents=True)
    fake_run.expect(['ifdown', '--force', 'lxcbr0'], **options)
    fake_run.expect(['ip', 'link', 'delete', 'dev', 'lxcbr0'])
    remover.remove('links', 'lxcbr0', {})


def test_a_rule(remover, fake_run, monkeypatch):
    rule = 'nat -A POSTROUTING -s 10.255.255.0/24 -m comment --comment "of lxc" -j MASQUERADE'
    monkeypatch.setattr(traces, 'rules', lambda patterns: {rule: {}})
    fake_run.expect(['iptables', '--wait', '5', '--table', 'nat', '-D', 'POSTROUTING', '-s', '10.255.255.0/24', '-m', 'comment',
                     '--comment', 'of lxc', '-j', 'MASQUERADE'])
    remover.remove('rules', rule, {})
    remover.remove('rules', 'nat -A gone', {})


def text(store, content, **more):
    return dict({'type': 'file', 'content': store.keep(content), 'mode': 0o640, 'uid': os.geteuid(), 'gid': os.getegid()}, **more)


def test_a_file_is_put_back(remover, store, tmp_path):
    path = tmp_path / 'f'
    path.write_bytes(b'changed')
    remover.remove('files', str(path), {'before': text(store, b'was')})
    assert path.read_bytes() == b'was' and stat.S_IMODE(os.stat(str(path)).st_mode) == 0o640
    assert sorted(os.listdir(str(tmp_path))) == ['f', 'state']


def test_a_file_is_on_the_disk_before_it_has_its_name(remover, store, tmp_path, monkeypatch):
    before, done, rename, fsync = text(store, b'was'), [], os.rename, os.fsync
    monkeypatch.setattr(removal.os, 'fsync', lambda handle: done.append('dir' if stat.S_ISDIR(os.fstat(handle).st_mode) else 'file') or fsync(handle))
    monkeypatch.setattr(removal.os, 'rename', lambda *paths: done.append('rename') or rename(*paths))
    remover.remove('files', str(tmp_path / 'f'), {'before': before})
    assert done == ['file', 'rename', 'dir']


def test_a_file_of_which_a_damaged_copy_is_kept_stays_as_it_is(remover, store, tmp_path):
    (tmp_path / 'f').write_bytes(b'now')
    before = text(store, b'was')
    open(store.path(before['content']), 'wb').close()
    with pytest.raises(NotRemoved) as error:
        remover.remove('files', str(tmp_path / 'f'), {'before': before})
    assert 'damaged' in str(error.value) and (tmp_path / 'f').read_bytes() == b'now'
    assert sorted(os.listdir(str(tmp_path))) == ['f', 'state']


def test_a_file_is_put_back_where_a_link_or_nothing_is(remover, store, tmp_path):
    (tmp_path / 'target').write_bytes(b'theirs')
    (tmp_path / 'f').symlink_to('target')
    remover.remove('files', str(tmp_path / 'f'), {'before': text(store, b'was')})
    assert (tmp_path / 'f').read_bytes() == b'was' and (tmp_path / 'target').read_bytes() == b'theirs'
    remover.remove('files', str(tmp_path / 'gone' / 'f'), {'before': text(store, b'was')})
    assert (tmp_path / 'gone' / 'f').read_bytes() == b'was'


def test_a_link_is_put_back(remover, tmp_path):
    (tmp_path / 'l').write_bytes(b'')
    (tmp_path / '.osa_ceph_aio.l').write_bytes(b'')  # of one that was killed
    remover.remove('files', str(tmp_path / 'l'), {'before': {
        'type': 'link', 'target': 'x', 'mode': 0o777, 'uid': os.geteuid(), 'gid': os.getegid()}})
    assert os.readlink(str(tmp_path / 'l')) == 'x'


def test_a_file_that_was_not_there(remover, tmp_path):
    (tmp_path / 'f').write_bytes(b'')
    for _time in range(2):
        remover.remove('files', str(tmp_path / 'f'), {'before': {'type': 'absent'}})
        assert not (tmp_path / 'f').exists()


@pytest.mark.parametrize('facts, why', [
    ({'before': {'type': 'absent'}, 'conflict': True}, 'somebody else'), ({'before': {'type': 'file', 'size': 1 << 30}}, 'too large'),
    ({'before': {'type': 'file', 'content': '1', 'secret': True}}, 'private key')])
def test_a_file_that_cannot_be_put_back_stays_as_it_is(facts, why, remover, tmp_path):
    (tmp_path / 'f').write_bytes(b'now')
    with pytest.raises(NotRemoved) as error:
        remover.remove('files', str(tmp_path / 'f'), facts)
    assert why in str(error.value) and (tmp_path / 'f').read_bytes() == b'now'


def test_a_setting_of_the_kernel(remover, monkeypatch, tmp_path):
    monkeypatch.setattr(traces, 'PROC', str(tmp_path))
    (tmp_path / 'sys' / 'vm').mkdir(parents=True)
    remover.remove('sysctls', 'vm.swappiness', {'before': {'value': '60'}})
    assert (tmp_path / 'sys' / 'vm' / 'swappiness').read_bytes() == b'60'
    with pytest.raises(NotRemoved):
        remover.remove('sysctls', 'none.at.all', {'before': {'value': '60'}})


def test_the_name_of_the_host(remover, fake_run):
    """The file of this setting may be read-only where the name may be set all the same."""
    fake_run.expect(['hostname', 'mylab'])
    remover.remove('sysctls', 'kernel.hostname', {'before': {'value': 'mylab'}})


@pytest.mark.parametrize('options, why', [
    ({'rc': 1, 'stderr': 'a\nlast words\n'}, 'umount: last words'), ({'rc': 1}, 'umount: it failed'), ({'rc': None, 'timed_out': True}, 'no answer in 60 s'),
    ({'error': OSError(errno.ENOENT, 'no such file')}, 'no such file')])
def test_a_command_that_fails(options, why, remover, mounts, fake_run):
    mounts['/srv/a'] = 'x'
    fake_run.expect(['umount', '--', '/srv/a'], **options)
    with pytest.raises(NotRemoved) as error:
        remover.remove('mounts', '/srv/a', {})
    assert why in str(error.value)


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.setattr(removal, 'APT', '/')
    names = ['ceph-osd', 'libx:amd64', 'aa', 'bb', 'cc', 'dd', 'theirs']
    monkeypatch.setattr(traces, 'packages', lambda: dict((name, {}) for name in names))


def simulation(names, gone):
    return ['apt-get', '--simulate', 'remove', '--'] + names, ''.join('Remv %s [1]\n' % name for name in gone)


REMOVE = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--yes', '--quiet', '--allow-remove-essential', 'remove', '--']
ESSENTIAL = ['dpkg-query', '--show', '--showformat', '${Package}\t${Essential}\n']


def test_packages(remover, fake_run, installed):
    fake_run.expect(ESSENTIAL + ['ceph-osd', 'libx'], 'ceph-osd\t\nlibx\t\n')
    fake_run.expect(*simulation(['ceph-osd', 'libx'], ['ceph-osd', 'libx:amd64']))
    fake_run.expect(REMOVE + ['ceph-osd', 'libx'])
    assert remover.uninstall(['ceph-osd', 'libx:amd64', 'removed-meanwhile']) == []
    assert remover.uninstall(['removed-meanwhile']) == []


def test_packages_that_others_depend_on_stay(remover, fake_run, installed):
    fake_run.expect(ESSENTIAL + ['aa', 'bb', 'cc', 'dd'], 'aa\t\nbb\t\ncc\t\ndd\t\n')
    fake_run.expect(*simulation(['aa', 'bb', 'cc', 'dd'], ['aa', 'bb', 'cc', 'dd', 'theirs']))
    fake_run.expect(
        ['dpkg-query', '--show', '--showformat', '${Package}\t${Depends}, ${Pre-Depends}\n', 'aa', 'bb', 'cc', 'dd', 'theirs'],
        'theirs\tlibc6 (>= 2), bb (= 1) | other, \naa\tbb, \nbb\tcc:any (>= 1), \ncc\t, libz\ndd\taa, \n')
    fake_run.expect(*simulation(['aa', 'dd'], ['aa', 'dd']))
    fake_run.expect(REMOVE + ['aa', 'dd'])
    assert remover.uninstall(['aa', 'bb', 'cc', 'dd']) == ['bb', 'cc']


def test_all_packages_are_needed(remover, fake_run, installed):
    fake_run.expect(ESSENTIAL + ['aa'], 'aa\t\n')
    fake_run.expect(*simulation(['aa'], ['aa', 'theirs']))
    fake_run.expect(lambda argv: argv[0] == 'dpkg-query', 'theirs\taa\naa\t\n')
    assert remover.uninstall(['aa']) == ['aa']


def test_apt_would_remove_others_for_a_reason_that_is_not_told(remover, fake_run, installed):
    fake_run.expect(ESSENTIAL + ['aa'], 'aa\t\n')
    fake_run.expect(*simulation(['aa'], ['aa', 'theirs']))
    fake_run.expect(lambda argv: argv[0] == 'dpkg-query', 'theirs\tvirtual\naa\t\n')
    with pytest.raises(NotRemoved) as error:
        remover.uninstall(['aa'])
    assert str(error.value) == 'apt would remove theirs, too'


def test_a_package_that_dpkg_cannot_be_without_stays(remover, fake_run, installed):
    fake_run.expect(ESSENTIAL + ['aa', 'bb'], 'aa\tyes\nbb\tno\n')
    fake_run.expect(*simulation(['bb'], ['bb']))
    fake_run.expect(REMOVE + ['bb'])
    assert remover.uninstall(['aa', 'bb']) == ['aa']


def test_packages_of_rpm(remover, fake_run, installed, monkeypatch):
    monkeypatch.setattr(removal, 'APT', '/none')
    fake_run.expect(['rpm', '--erase', '--', 'aa', 'bb'])
    assert remover.uninstall(['bb', 'aa', 'removed-meanwhile']) == []
    fake_run.expect(['rpm', '--erase', '--', 'aa'], rc=1, stderr='error: Failed dependencies:\n\taa is needed by theirs\n')
    with pytest.raises(NotRemoved) as error:
        remover.uninstall(['aa'])
    assert 'aa is needed by theirs' in str(error.value)


@pytest.fixture
def leftovers(fake_run, monkeypatch, tmp_path):
    """Packages of which the configuration is left, and the scripts that purge them: leftovers({name: script})."""
    monkeypatch.setattr(removal, 'APT', '/')
    monkeypatch.setattr(removal, 'DPKG', str(tmp_path / 'info'))
    (tmp_path / 'info').mkdir()

    def leave(scripts):
        for name, script in scripts.items():
            if script is not None:
                (tmp_path / 'info' / (name + '.postrm')).write_bytes(script.encode('utf-8'))
        fake_run.expect(['dpkg-query', '--show', '--showformat', '${binary:Package}\t${db:Status-Status}\n'],
                        'vim\tinstalled\n' + ''.join('%s\tconfig-files\n' % name for name in sorted(scripts)))
    return leave


DPKG_PURGE = ['env', 'DEBIAN_FRONTEND=noninteractive', 'dpkg', '--purge']


def test_what_packages_left_is_purged(remover, leftovers, fake_run):
    leftovers({'theirs': None, 'aa': None, 'libx:amd64': '#!/bin/sh\nexit 0\n'})
    fake_run.expect(DPKG_PURGE + ['aa', 'libx:amd64'])
    assert remover.purge_leftovers(['aa', 'libx:amd64', 'vim', 'gone'], {}) == {}
    leftovers({'theirs': None})
    assert remover.purge_leftovers(['aa'], {}) == {}


@pytest.mark.parametrize('script, taken', [
    ('case "$1" in\n  purge)\n    rm -rf %s/log\n    rm -rf %s/etc/ceph || true;;\nesac\n', ['etc/ceph']),
    ('rm --force --recursive \\\n "%s/gone" %s/etc/\n', ['etc']), ('[ -d x ] && rm -fr %s/etc/ceph/* %s/y\n', ['etc/ceph']),
    ('rm -f %s/etc/ceph/x %s/etc/ceph/y\n', []), ('rm -rf %s/of/no/place %s/other\n', []), ('echo rm_conffile -r %s/etc %s\n', [])])
def test_a_package_that_would_take_what_others_have_is_not_purged(script, taken, remover, leftovers, fake_run, tmp_path):
    for folder in ('etc/ceph', 'other'):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / 'etc' / 'ceph' / 'theirs.conf').write_bytes(b'')
    places = {str(tmp_path / 'etc' / 'ceph'): {'is': 'folder'}, str(tmp_path): {'is': 'folder', 'names': ['nova']}}
    leftovers({'ceph-common': script % (tmp_path, tmp_path)})
    if not taken:
        fake_run.expect(DPKG_PURGE + ['ceph-common'])
    reason = 'its configuration stays, as dpkg --purge would remove %s' % ', '.join(str(tmp_path / path) for path in taken)
    assert remover.purge_leftovers(['ceph-common'], places) == ({'ceph-common': reason} if taken else {})


def test_what_a_script_does_not_name_is_not_risked(remover, leftovers):
    leftovers({'aa:amd64': None, 'bb': 'rm -rf "$DIR"/x\n'})
    assert list(remover.purge_leftovers(['bb'], {})) == ['bb']


def test_rpm_leaves_nothing_to_purge(remover, monkeypatch, fake_run):
    monkeypatch.setattr(removal, 'APT', '/none')
    assert remover.purge_leftovers(['aa'], {}) == {}


def test_what_is_mounted_is_found_behind_a_link(remover, tmp_path, mounts):
    """The kernel says where it really is."""
    (tmp_path / 'disk' / 'a').mkdir(parents=True)
    (tmp_path / 'link').symlink_to(tmp_path / 'disk')
    mounts[str(tmp_path / 'disk' / 'a' / 'b')] = '/dev/sda'
    with pytest.raises(NotRemoved) as error:
        remover.remove('paths', str(tmp_path / 'link' / 'a'), {'whole': True})
    assert str(error.value) == 'mounted there: %s' % (tmp_path / 'disk' / 'a' / 'b')
    assert (tmp_path / 'disk' / 'a').exists()
