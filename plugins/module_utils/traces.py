# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a lab host OpenStack-Ansible may leave a trace in, as it is now.

An observation is a dict: kind → name → facts. Where it looks is data of the series (teardown in release_facts).
What cannot be looked at is an error, never an empty answer: what is missing from the first observation would be
taken for ours later.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import fcntl
import fnmatch
import glob
import hashlib
import os
import re
import shutil
import stat
import struct
import tempfile

from ansible.module_utils.common.text.converters import to_bytes
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import containers, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.host import text as read

SYS, PROC, DEV, SYSTEMD = '/sys', '/proc', '/dev', '/run/systemd/system'
LOOK = 60.0  # seconds for one command
# Of files below these that were there before, the content is kept; of larger ones it is not.
KEPT_BELOW = ('/etc/', '/root/', '/usr/')
KEPT_SIZE = 1 << 18
LOOP_GET_STATUS64 = 0x4C05
LOOP_MAJOR = 7
ABSENT = {'type': 'absent'}
TYPES = ((stat.S_ISDIR, 'folder'), (stat.S_ISLNK, 'link'), (stat.S_ISREG, 'file'))


def command(argv, may_lack=True):
    """What a command says; None where it is not installed.

    :raises AioError: it fails, or does not answer.
    """
    try:
        result = process.run(argv, LOOK)
    except OSError as error:
        if may_lack and error.errno == errno.ENOENT:
            return None
        raise AioError('the lab host cannot be looked at', argv[0], str(error), 'install it on the lab host')
    if result.rc != 0:
        raise AioError('the lab host cannot be looked at', ' '.join(argv),
                       'no answer in %g s' % LOOK if result.timed_out else result.stderr.strip()[:300] or 'it ended with %s' % result.rc,
                       'run it by hand on the lab host and correct what it complains of')
    return result.stdout


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def ancestors(path):
    """The folders above a path, the root left out."""
    parent = os.path.dirname(path)
    while parent != '/':
        yield parent
        parent = os.path.dirname(parent)


def mount_table():
    """Mount point → type, source and options of what is mounted there, of this mount namespace."""
    found = {}
    for line in read(PROC + '/self/mountinfo').splitlines():
        fields = line.split()
        kind, source, options = fields[fields.index('-') + 1:][:3]
        # Those of the mount first, then those of the file system.
        found[plain(fields[4])] = {'type': kind, 'source': plain(source), 'options': ','.join([fields[5], options])}
    return found


def mounts():
    """Mount point → source."""
    return dict((point, facts['source']) for point, facts in mount_table().items())


def plain(field):
    """A field of a table of the kernel without its octal escapes."""
    return re.sub(r'\\([0-7]{3})', lambda found: chr(int(found.group(1), 8)), field)


def is_text(name):
    """Whether a name can be written down: one that is no UTF-8 cannot, and is none of OpenStack-Ansible's."""
    try:
        to_bytes(name, errors='surrogate_or_strict').decode('utf-8')
        return True
    except UnicodeError:
        return False


def is_secret(path, content):
    """A private key: nobody wants a copy of it."""
    name = os.path.basename(path)
    return (name.startswith('id_') and not name.endswith('.pub')) or b'PRIVATE KEY' in content


class Paths(object):
    """Looks at files and folders.

    A place is whole (one thing, with all that is in it), shared (a file whose content is kept), or a folder: each of its
    entries, down to a depth, is a thing of its own.

    :param known: the paths whose content counts: those of the first observation; None where this is the first.
    """

    def __init__(self, places, known, store):
        self.places = places
        self.known = known
        self.store = store
        self.found = {}

    def look(self):
        for place in sorted(self.places):
            spec = self.places[place]
            if spec['is'] == 'none':
                continue
            for parent in ancestors(place):
                self.see(parent, {'is': 'folder'}, False)
            if spec['is'] == 'folder':
                if self.see(place, dict(spec, always=[]), False):
                    self.enter(place, spec, 1)
            else:
                self.see(place, spec, True)
        return self.found

    def enter(self, folder, spec, level):
        for name in sorted(os.listdir(folder)):
            if not is_text(name) or (level == 1 and not matches(name, spec.get('names', ['*']))):
                continue
            path = os.path.join(folder, name)
            deeper = level < spec.get('depth', 1)
            if level == 1:
                entry_spec = dict(spec, always=matches(name, spec.get('always', [])), alone=matches(name, spec.get('alone', [])))
            else:
                entry_spec = dict(spec, always=False)
            if self.see(path, entry_spec, not deeper) and deeper:
                self.enter(path, entry_spec, level + 1)

    def see(self, path, spec, whole):
        """Note the path; says whether it is a folder."""
        try:
            seen = os.lstat(path)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                if spec['is'] == 'shared':
                    self.found[path] = dict(ABSENT)
                return False
            raise AioError('the lab host cannot be looked at', path, str(error), 'check the file system')
        kind = next((name for test, name in TYPES if test(seen.st_mode)), 'other')
        if path in self.found:  # a place above a place
            if not whole:
                self.found[path].pop('whole', None)
            return kind == 'folder'
        entry = {'type': kind}
        if whole and kind == 'folder':
            entry['whole'] = True
        for mark in ('cache', 'always', 'alone'):
            if spec.get(mark):
                entry[mark] = True
        if kind != 'folder' and self.counts(path, spec, seen):
            self.remember(path, entry, seen)
        self.found[path] = entry
        return kind == 'folder'

    def counts(self, path, spec, seen):
        """Is its content to be remembered?"""
        if spec['is'] == 'shared':
            return True
        return path.startswith(KEPT_BELOW) and (self.known is None or path in self.known) and (
            stat.S_ISLNK(seen.st_mode) or stat.S_ISREG(seen.st_mode))

    def remember(self, path, entry, seen):
        entry.update({'mode': stat.S_IMODE(seen.st_mode), 'uid': seen.st_uid, 'gid': seen.st_gid})
        if entry['type'] == 'link':
            entry['target'] = os.readlink(path)
        elif entry['type'] == 'file' and seen.st_size <= KEPT_SIZE:
            with open(path, 'rb') as stream:
                content = stream.read()
            if is_secret(path, content):
                entry.update({'content': hashlib.sha256(content).hexdigest(), 'secret': True})
            else:
                entry['content'] = self.store.keep(content)
        elif entry['type'] == 'file':
            entry['size'] = seen.st_size


def loop_bindings():
    """The loop devices that are bound: (name, file as the kernel calls it, device and inode number of that file)."""
    bound = []
    for name in sorted(os.listdir(SYS + '/block')):
        try:
            backing = read('%s/block/%s/loop/backing_file' % (SYS, name)).rstrip('\n')
        except (IOError, OSError):
            continue  # another kind of device, or bound to nothing
        number = loop_status(name)
        if number:
            bound.append((name, backing) + number)
    return bound


def loop_status(name):
    """(device number, inode number) of the file that a loop device is bound to; None where it is not.

    Other hosts' containers share this kernel and call their files the same: only these numbers tell.
    """
    node, scratch = os.path.join(DEV, name), None
    try:
        if not os.path.exists(node):  # a container's /dev does not follow the kernel's
            scratch = tempfile.mkdtemp()
            node = os.path.join(scratch, name)
            os.mknod(node, stat.S_IFBLK | 0o600, os.makedev(LOOP_MAJOR, int(name[len('loop'):])))
        handle = os.open(node, os.O_RDONLY | os.O_NONBLOCK)
        try:
            answer = fcntl.ioctl(handle, LOOP_GET_STATUS64, b'\0' * 232)
        finally:
            os.close(handle)
    except (IOError, OSError) as error:
        if error.errno in (errno.ENXIO, errno.EPERM, errno.EACCES, errno.ENODEV):
            return None  # unbound meanwhile, or another's that we may not see
        raise
    finally:
        if scratch:
            shutil.rmtree(scratch)
    return struct.unpack_from('=QQ', answer)


def numbers(path):
    """Device and inode number of a file; None where it is not there."""
    try:
        seen = os.stat(path)
    except OSError:
        return None
    return seen.st_dev, seen.st_ino


def over(path, bound):
    """The names of those of loop_bindings() that are bound to a file."""
    return [name for name, _backing, device, inode in bound if (device, inode) == numbers(path)]


def loops(images):
    """Image → its device and inode number and the names of the loop devices, for those that one is bound to."""
    found, bound = {}, loop_bindings()
    for path in sorted(path for pattern in images for path in glob.glob(pattern)):
        devices = over(path, bound)
        if devices:
            found[path] = dict(zip(('device', 'inode'), numbers(path)), devices=devices)
    return found


def in_use(device):
    """Is a loop device bound to a file of this host? On the same machine there may be others with the same devices."""
    return any(name == device and numbers(backing) == (number, inode) for name, backing, number, inode in loop_bindings())


def bound_to(image, facts):
    """The names of the loop devices that are bound to an image, even where the file itself is gone."""
    def is_image(backing):
        return os.path.basename(re.sub(r' \(deleted\)$', '', backing)) == os.path.basename(image)

    return [name for name, backing, device, inode in loop_bindings()
            if (device, inode) == (facts['device'], facts['inode']) and is_image(backing)]


def services(patterns):
    """Units of systemd that are not inactive."""
    if not os.path.isdir(SYSTEMD):
        return {}
    said = command(['systemctl', 'list-units', '--all', '--no-legend', '--plain', '--no-pager', '--full'])
    units = (line.split() for line in (said or '').splitlines())
    return dict((words[0], {}) for words in units if len(words) > 3 and matches(words[0], patterns) and words[2] != 'inactive')


def lxc_containers(inventory):
    """All containers of LXC, and those that were begun; osa is true for those of OpenStack-Ansible's inventory."""
    try:
        known = containers.read_inventory(inventory) or {}
    except AioError:
        known = {}  # half written when something was killed; what was seen before is in the ledger
    of_osa = set(name for name in known.get('_meta', {}).get('hostvars', {}) if not containers.is_host_itself(known, name))
    begun = [name for name in of_osa if containers.has_folder(name)]
    return dict((name, {'osa': name in of_osa}) for name in containers.lxc_names(timeout=LOOK) + begun)


def swaps():
    return [plain(line.split()[0]) for line in read(PROC + '/swaps').splitlines()[1:]]


def volume_groups(patterns):
    said = command(['vgs', '--noheadings', '--separator', '\t', '--options', 'vg_name,pv_name'])
    found = {}
    for line in (said or '').splitlines():
        name, device = line.strip().split('\t')
        if matches(name, patterns):
            found.setdefault(name, {'devices': []})['devices'].append(device)
    return found


def rules(patterns):
    """Rules of iptables, each as "table rule"."""
    found, table = {}, ''
    for line in ((command(['iptables-save']) if patterns else '') or '').splitlines():
        if line.startswith('*'):
            table = line[1:]
        elif line.startswith('-A ') and any(re.search(pattern, line) for pattern in patterns):
            found['%s %s' % (table, line)] = {}
    return found


def sysctl_path(name):
    return '%s/sys/%s' % (PROC, name.replace('.', '/'))


def sysctls(names):
    return dict((name, {'value': read(sysctl_path(name)).strip()}) for name in names if os.path.exists(sysctl_path(name)))


def packages():
    """The installed packages, by name."""
    said = command(['dpkg-query', '--show', '--showformat', '${binary:Package}\t${Version}\t${db:Status-Status}\n'])
    if said is not None:
        rows = (line.split('\t') for line in said.splitlines())
        return dict((row[0], {'version': row[1]}) for row in rows if row[2] == 'installed')
    said = command(['rpm', '--query', '--all', '--queryformat', '%{NAME}\t%{VERSION}-%{RELEASE}\n'])
    return dict((row[0], {'version': row[1]}) for row in (line.split('\t') for line in (said or '').splitlines()))


def observe(places, inventory, known, store):
    """Look at all of it.

    :param places: teardown of the series' facts.
    :param inventory: OpenStack-Ansible's inventory file.
    :param known: paths of the first observation; None where this is the first.
    """
    links = os.listdir(SYS + '/class/net')
    return {
        'paths': Paths(places['paths'], known, store).look(),
        'services': services(places['services']),
        'containers': lxc_containers(inventory),
        'mounts': dict((point, {'source': source}) for point, source in mounts().items() if matches(point, places['mounts'])),
        'swaps': dict((path, {}) for path in swaps() if matches(path, places['images'])),
        'volume_groups': volume_groups(places['volume_groups']) if places['volume_groups'] else {},
        'loops': loops(places['images']),
        'links': dict((name, {}) for name in links if matches(name, places['links'])),
        'rules': rules(places['rules']),
        'sysctls': sysctls(places['sysctls']),
        'packages': packages(),
    }
