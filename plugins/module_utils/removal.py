# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take things off a lab host, one at a time; what cannot be taken off is said, and the rest goes on.

Nothing is touched that is not named to it. A file system that is mounted below a folder is never entered.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import contextlib
import errno
import glob
import os
import re
import shlex
import time

from ansible.module_utils.common.text.converters import to_native
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import containers, kept, process, traces
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.account import below
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.traces import bound_to

STOP = 60.0  # seconds for a unit to stop by itself, and for one call
REMOVE = 600.0  # seconds for one tree
PACKAGES = 1800.0
DETACH = 10.0
CONFLICT = 'somebody else has changed the very lines that the build changed'
APT, DPKG = '/usr/bin/apt-get', '/var/lib/dpkg/info'
LXC_LOGS = '/var/log/lxc'
LOG = r'(lxc-)?%s\.log([.-]\d+(\.[a-z0-9]+)?)?\Z'  # as LXC calls a container's, and as it is rotated
GOES = re.compile(r'^(?:Purg|Remv) (\S+)', re.M)
# What a script removes with all that is in it: the words behind rm, up to the command's end.
TAKES_ALL = re.compile(r'(?:^|[\s;&|({])rm\s+(?=[^\n;&|]*(?:-[a-zA-Z]*[rR]|--recursive))([^\n;&|]*)')


class NotRemoved(Exception):
    """Why something is still there."""

    def __init__(self, why):
        super(NotRemoved, self).__init__(to_native(why))  # Python 2 says nothing of text that is not ASCII


@contextlib.contextmanager
def told():
    """What goes wrong with one thing does not end the teardown of all others.

    :raises NotRemoved: for whatever went wrong.
    """
    try:
        yield
    except (IOError, OSError, AioError) as error:
        raise NotRemoved(error)


def run(argv, timeout=STOP):
    """:raises NotRemoved: it failed."""
    try:
        result = process.run(argv, timeout)
    except OSError as error:
        raise NotRemoved('%s: %s' % (argv[0], error))
    if result.rc != 0:
        said = (result.stderr or result.stdout).strip().splitlines()
        raise NotRemoved('%s: %s' % (argv[0], 'no answer in %g s' % timeout if result.timed_out else (said or ['it failed'])[-1]))
    return result.stdout


def mounted(path):
    """The mount points at a path and below it. The kernel has them without links."""
    path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    return sorted(point for point in traces.mounts() if point == path or point.startswith(path + '/'))


def remove_tree(path):
    """:raises NotRemoved: it is none of ours to remove, or cannot be."""
    if os.path.abspath(path) != path or path.startswith('//') or path.count('/') < 2:
        raise NotRemoved('%s is no path of a thing of ours' % path)
    if not os.path.lexists(path):
        return
    points = [] if os.path.islink(path) else mounted(path)
    if points:
        raise NotRemoved('mounted there: %s' % ', '.join(points))
    run(['rm', '--recursive', '--force', '--one-file-system', '--', path], REMOVE)


def remove_folder(path):
    """A folder that others may use, too: only where it is empty."""
    try:
        os.rmdir(path)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY):  # in use by others, or a mount point
            return
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            raise NotRemoved(error)


def owner(path):
    seen = os.stat(path)
    return seen.st_uid, seen.st_gid


def give_back(node):
    """An OSD's device is its user's; a free one is root's and of the group that all of them are of."""
    if os.path.exists(node) and owner(node)[0] != 0:
        os.chown(node, 0, owner(os.path.join(traces.DEV, 'loop-control'))[1])


class Remover(object):
    """:param store: the contents of files as they were."""

    def __init__(self, store):
        self.store = store

    def remove(self, kind, name, facts):
        """:raises NotRemoved: it is still there, and why."""
        with told():
            getattr(self, kind)(name, facts)

    def stop(self, names):
        """Stop units, in the order that systemd knows."""
        if os.path.isdir(traces.SYSTEMD):
            with told():
                run(['systemctl', 'stop', '--'] + names)
                self._forget(names)

    def services(self, name, _facts):
        """One that did not stop with the others."""
        run(['systemctl', 'kill', '--signal=SIGKILL', '--', name])
        run(['systemctl', 'stop', '--', name])
        self._forget([name])

    def _forget(self, names):
        process.run(['systemctl', 'reset-failed', '--'] + names, STOP)  # it fails where there is nothing to forget

    def reload(self):
        if os.path.isdir(traces.SYSTEMD):
            run(['systemctl', 'daemon-reload'])

    def uninstall(self, names):
        with told():
            return uninstall(names)

    def purge_leftovers(self, names, places):
        with told():
            return purge_leftovers(names, places)

    def containers(self, name, _facts):
        state = containers.lxc_state(name, STOP)
        if state == 'FROZEN':
            run(['lxc-unfreeze', '--name', name])
        if state not in (None, 'STOPPED', containers.NO_LXC):
            run(['lxc-stop', '--kill', '--name', name])
        for place in (containers.LXC, containers.DATA):
            remove_tree(os.path.join(place, name))
        for log in sorted(os.listdir(LXC_LOGS)) if os.path.isdir(LXC_LOGS) else ():
            if re.match(LOG % re.escape(name), log):  # and not another's whose name has this one in it
                remove_tree(os.path.join(LXC_LOGS, log))

    def mounts(self, name, _facts):
        if name in traces.mounts():
            run(['umount', '--', name])

    def swaps(self, name, _facts):
        if name in traces.swaps():
            run(['swapoff', name], REMOVE)

    def volume_groups(self, name, facts):
        """Only where all of it is on loop devices: ours are."""
        now = traces.volume_groups([name]).get(name)
        if not now:
            return
        if not all(re.match(r'/dev/loop\d+(p\d+)?\Z', device) for device in now['devices']):
            raise NotRemoved('it is on %s, too' % ', '.join(sorted(now['devices'])))
        run(['vgchange', '--activate', 'n', name])
        run(['vgremove', '--force', '--force', '--yes', name])

    def loops(self, name, facts):
        for device in bound_to(name, facts):
            node = os.path.join(traces.DEV, device)
            if glob.glob('%s/block/%s/%sp*' % (traces.SYS, device, device)):
                run(['partx', '--delete', node])
            run(['losetup', '--detach', node])
        deadline = process.now() + DETACH
        while bound_to(name, facts):  # it is only gone when its last user is
            if process.now() > deadline:
                raise NotRemoved('in use after %g s: %s' % (DETACH, ', '.join(bound_to(name, facts))))
            time.sleep(0.1)
        for device in facts.get('devices', []):
            if not traces.in_use(device):
                give_back(os.path.join(traces.DEV, device))

    def links(self, name, _facts):
        here = os.path.join(traces.SYS, 'class', 'net', name)
        if os.path.exists(here):
            try:
                # ifupdown remembers what is up, and would not bring it up again.
                process.run(['ifdown', '--force', name], STOP)
            except OSError as error:
                if error.errno != errno.ENOENT:
                    raise
        if os.path.exists(here):
            run(['ip', 'link', 'delete', 'dev', name])

    def rules(self, name, _facts):
        if name in traces.rules(['']):
            table, _space, rule = name.partition(' ')
            run(['iptables', '--wait', '5', '--table', table, '-D'] + shlex.split(rule)[1:])

    def paths(self, name, facts):
        if facts.get('whole') or os.path.islink(name) or not os.path.isdir(name):
            self._check_loop(name)
            remove_tree(name)
        else:
            remove_folder(name)

    def caches(self, name, _facts):
        remove_tree(name)

    def snapshot(self, name, facts):
        for path in (name, name + '.new', name + '.old'):
            remove_tree(path)
        if facts.get('folder_is_ours'):
            remove_folder(os.path.dirname(name))

    def _check_loop(self, name):
        """A file with a loop device on it would live on, without a name."""
        if os.path.isfile(name) and not os.path.islink(name) and traces.loops([glob_escape(name)]):
            raise NotRemoved('a loop device is bound to it')

    def files(self, name, facts):
        if facts.get('conflict'):
            raise NotRemoved(CONFLICT)
        before = facts['before']
        if before.get('secret'):
            raise NotRemoved('it was a private key, and no copy of one is kept')
        if before['type'] == 'file' and 'content' not in before:
            raise NotRemoved('it was too large to be kept')
        if before['type'] == 'absent':
            if os.path.lexists(name):
                os.unlink(name)
            return
        put_back(name, before, self.store)

    def sysctls(self, name, facts):
        if name == 'kernel.hostname':  # there is a system call for it; the file may be read-only, as in a container
            run(['hostname', facts['before']['value']])
            return
        with open(traces.sysctl_path(name), 'w') as stream:
            stream.write(facts['before']['value'])


def glob_escape(path):
    return re.sub(r'([*?[])', r'[\1]', path)


def put_back(path, facts, store):
    """A file or link as it was; never half of it."""
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        os.makedirs(folder, 0o755)
    scratch = '%s/.osa_ceph_aio.%s' % (folder, os.path.basename(path))
    if os.path.lexists(scratch):
        os.unlink(scratch)
    if facts['type'] == 'link':
        os.symlink(facts['target'], scratch)
        os.lchown(scratch, facts['uid'], facts['gid'])
    else:
        content = store.content(facts['content'])
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'wb') as stream:
            stream.write(content)
            kept.sync(stream)
        os.chown(scratch, facts['uid'], facts['gid'])
        os.chmod(scratch, facts['mode'])
    os.rename(scratch, path)
    kept.sync_folder(folder)


def simulate(names):
    """What apt would remove with these packages, by name without the architecture."""
    said = run(['apt-get', '--simulate', 'remove', '--'] + names, PACKAGES)
    return set(name.partition(':')[0] for name in GOES.findall(said))


def wanted_by(others, names):
    """Those of names that others depend on, directly or by way of others of them."""
    said = run(['dpkg-query', '--show', '--showformat', '${Package}\t${Depends}, ${Pre-Depends}\n'] + sorted(set(others) | set(names)))
    needs = {}
    for line in said.splitlines():
        package, _tab, text = line.partition('\t')
        needs[package] = set(re.findall(r'(?:^|[,|])\s*([a-z0-9][a-z0-9+.-]+)', text))
    found, todo = set(), list(others)
    while todo:
        for need in needs.get(todo.pop(), ()):
            if need in names and need not in found:
                found.add(need)
                todo.append(need)
    return found


def uninstall(names):
    """Remove packages, but none that others or the system depend on: the names that stay, without the architecture.

    Their configuration stays for now: a package that is purged may take all of a folder with it that others use, too.

    :raises NotRemoved: apt cannot.
    """
    installed = traces.packages()
    names = sorted(name for name in names if name in installed)
    if names and not os.path.exists(APT):
        run(['rpm', '--erase', '--'] + names, PACKAGES)  # all of them, or none where others depend on one
        return []
    ours = set(name.partition(':')[0] for name in names)
    going = ours - essential(sorted(ours))
    while going:
        others = simulate(sorted(going)) - ours
        if not others:
            break
        stay = wanted_by(others, going)
        if not stay:
            raise NotRemoved('apt would remove %s, too' % ', '.join(sorted(others)))
        going -= stay
    if going:
        # Some are protected by apt all the same, such as e2fsprogs: it came with the build, and what was there lived without it.
        run(['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--yes', '--quiet', '--allow-remove-essential', 'remove', '--'] + sorted(going),
            PACKAGES)
    return sorted(ours - going)


def essential(names):
    """Those of packages without which dpkg itself does not work."""
    if not names:
        return set()
    said = run(['dpkg-query', '--show', '--showformat', '${Package}\t${Essential}\n'] + names)
    return set(line.partition('\t')[0] for line in said.splitlines() if line.endswith('\tyes'))


def is_in_place(path, place, spec):
    """Is a path one of those that are looked at, or in or above one? What is not is the package's own matter."""
    if below(place, path):
        return True
    return below(path, place) and traces.matches(path[len(place) + 1:].partition('/')[0], spec.get('names', ['*']))


def would_take(name, places):
    """What there still is in the places and dpkg would take with all below if it purged a package.

    What is ours has gone from there; all that is left is others'. A path that the package's script does not name is not told,
    and given back as it is written there.
    """
    script = os.path.join(DPKG, name + '.postrm')
    if not os.path.exists(script):  # the one with the architecture is of packages that can be there twice
        script = os.path.join(DPKG, name.partition(':')[0] + '.postrm')
    if not os.path.exists(script):
        return []
    taken = []
    for removed in TAKES_ALL.findall(traces.read(script).replace('\\\n', ' ')):
        for word in removed.replace('"', '').replace("'", '').split():
            path = re.sub(r'[*?\[{].*', '', word).rstrip('/')
            if '$' in path or (path.startswith('/') and os.path.lexists(path) and any(
                    is_in_place(path, place, spec) for place, spec in places.items())):
                taken.append(path)
    return sorted(set(taken))


def purge_leftovers(names, places):
    """Let dpkg forget packages that were removed, with their configuration: those of which that would take more, with the reason.

    :param places: the places that are looked at, each with its data; others may use them, too.
    """
    if not os.path.exists(APT):
        return {}
    said = run(['dpkg-query', '--show', '--showformat', '${binary:Package}\t${db:Status-Status}\n'])
    left = set(line.partition('\t')[0] for line in said.splitlines() if line.endswith('\tconfig-files'))
    taken = dict((name, would_take(name, places)) for name in sorted(names) if name in left)
    safe = sorted(name for name in taken if not taken[name])
    if safe:
        run(['env', 'DEBIAN_FRONTEND=noninteractive', 'dpkg', '--purge'] + safe, PACKAGES)
    return dict((name, 'its configuration stays, as dpkg --purge would remove %s' % ', '.join(taken[name]))
                for name in taken if taken[name])
