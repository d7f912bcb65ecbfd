# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bug report needs to know of a lab host, in one archive, known secrets taken out."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import errno
import glob
import io
import json
import os
import stat
import tarfile
import time

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import clock, containers, observation, process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.cluster import Cluster
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.observation import question
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.redact import Redactor

VERSION = 1
MOST = 100 * 2 ** 20  # bytes in all, before they are packed
DEPLOY = '/etc/openstack_deploy'
VARIABLES = tuple(DEPLOY + folder + '/*.yml' for folder in ('', '/conf.d', '/env.d', '/group_vars', '/host_vars'))
SECRETS = DEPLOY + '/user_secrets*.yml'
# Folder in the bundle, and which files. Keyrings, private keys and backups are not among them.
FILES = (
    ('config', VARIABLES + (
        DEPLOY + '/openstack_inventory.json', '/etc/ceph/ceph.conf', '/etc/default/ceph', '/etc/default/lxc*', '/etc/lxc/*.conf',
        '/etc/fstab', '/etc/hosts', '/etc/rc.local', '/etc/rc.d/rc.local', '/etc/network/interfaces', '/etc/network/interfaces.d/*',
        '/etc/systemd/network/*.network', '/etc/systemd/system/*.service', '/etc/systemd/system/*.service.d/*.conf', '/etc/os-release')),
    ('host', ('/proc/self/mountinfo', '/proc/meminfo', '/proc/loadavg', '/proc/cmdline')),
    ('logs', ('/openstack/log/ansible-logging/*.log', '/var/log/ceph/*.log', '/openstack/log/*/ceph/*.log', '/var/log/lxc/*.log', '/var/log/apt/history.log')),
)
# Of what is supervised not the environment, which may have a login.
STATE_FILES = ('*.json', '*.yml', 'lock', 'logs/*', 'supervised/job.json', 'supervised/child.json', 'supervised/result.json')
COMMANDS = (
    ('uname.txt', ['uname', '-a']),
    ('uptime.txt', ['uptime']),
    ('virtualisation.txt', ['systemd-detect-virt']),
    ('memory.txt', ['free', '-m']),
    ('disks.txt', ['df', '-T', '-h']),
    ('inodes.txt', ['df', '-i']),
    ('block-devices.txt', ['lsblk', '--all', '--fs']),
    ('loop-devices.txt', ['losetup', '--list', '--output', 'NAME,BACK-INO,BACK-MAJ:MIN,AUTOCLEAR,RO,BACK-FILE']),
    ('volume-groups.txt', ['vgs']),
    ('addresses.txt', ['ip', '-brief', 'address']),
    ('links.txt', ['ip', '-details', 'link']),
    ('routes.txt', ['ip', 'route', 'show', 'table', 'all']),
    ('containers.txt', ['lxc-ls', '--fancy']),
    ('units.txt', ['systemctl', 'list-units', '--all', '--no-pager', '--plain']),
    ('failed-units.txt', ['systemctl', 'status', '--failed', '--no-pager', '--full']),
    ('processes.txt', ['ps', '-ww', '-eo', 'pid,ppid,user,etimes,stat,rss,args']),
    ('packages.txt', ['dpkg-query', '--show']),
    ('packages-rpm.txt', ['rpm', '--query', '--all']),
    ('kernel-log.txt', ['dmesg', '--ctime']),
    ('journal.txt', ['journalctl', '--boot', '--no-pager', '--output', 'short-iso', '--lines', '5000']),
    ('python.txt', ['python3', '--version']),
    ('ansible-runtime.txt', ['/opt/ansible-runtime/bin/ansible', '--version']),
)
OF_CHECKOUT = (
    ('commit.txt', ['git', 'log', '-1', '--format=%H %cI %D']),
    ('changes.txt', ['git', 'status', '--short', '--branch']),
)
OF_CONTAINER = (
    ('journal.txt', ['journalctl', '--boot', '--no-pager', '--output', 'short-iso', '--lines', '2000']),
    ('failed-units.txt', ['systemctl', 'status', '--failed', '--no-pager', '--full']),
)
OF_CEPH_CONTAINER = (
    ('ceph.conf', ['cat', '/etc/ceph/ceph.conf']),
    ('ceph-logs.txt', ['find', '/var/log/ceph', '-name', 'ceph*.log', '-exec', 'tail', '-v', '-n', '2000', '{}', ';']),
)
OF_MON = (question('mon dump'), question('osd dump'), question('osd crush dump'), question('config dump'), question('log last', num=300),
          question('report'))
OF_MGR = (question('osd df'), question('pg dump'), question('crash ls'))


class Bundle(object):
    """An archive that grows; each thing in it is in the manifest, also one that was not to be had.

    :param stream: a file to write to.
    :param name: of the folder in the archive.
    :param timeout: seconds for each command.
    :param deadline: point in time of process.now() past which no command is started.
    :param limit: bytes of the end of each file that are kept.
    """

    def __init__(self, stream, name, timeout, deadline, limit):
        self.name = name
        self.timeout = timeout
        self.deadline = deadline
        self.limit = limit
        self.redactor = Redactor()
        self.entries = []
        self._bytes = 0
        self._archive = tarfile.open(fileobj=stream, mode='w:gz')

    def close(self, about):
        """Write the manifest, and end the archive."""
        manifest = dict(about, version=VERSION, made=clock.utc(), entries=self.entries, values_redacted=self.redactor.known)
        self._write('manifest.json', self.redactor.clean(_document(manifest)).encode('utf-8'))
        self._archive.close()

    def _write(self, name, data):
        member = tarfile.TarInfo('%s/%s' % (self.name, name))
        member.size, member.mode, member.mtime = len(data), 0o600, int(time.time())
        self._archive.addfile(member, io.BytesIO(data))

    def add(self, name, source, text, problem='', seconds=0.0, rc=None):
        """A text, cleaned; an empty one has only its line in the manifest."""
        data = self.redactor.clean(text).encode('utf-8')
        if self._bytes + len(data) > MOST:
            data, problem = b'', 'the bundle is full (%d MiB)' % (MOST >> 20)
        entry = {'name': name if data else '', 'source': source, 'bytes': len(data), 'seconds': round(seconds, 1),
                 'problem': ' '.join(self.redactor.clean(problem).split())[:500]}
        if rc is not None:
            entry['rc'] = rc
        if data:
            self._bytes += len(data)
            self._write(name, data)
        self.entries.append(entry)

    def add_file(self, name, path, read=None):
        """The end of a file.

        :param read: what makes another text of it first.
        """
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                return
            text, problem = tail(path, self.limit)
        except (IOError, OSError) as error:
            self.add(name, path, '', str(error))
        else:
            self.add(name, path, read(text) if read else text, problem)

    def add_command(self, name, argv, cwd=None):
        """What a command says on the lab host."""
        source = ' '.join(argv)
        timeout = min(self.timeout, self.deadline - process.now())
        if timeout <= 0:
            self.add(name, source, '', 'no time was left for it')
            return
        start = process.now()
        try:
            result = process.run(argv, timeout, cwd=cwd)
        except OSError as error:
            self.add(name, source, '', 'it is not installed' if error.errno == errno.ENOENT else str(error))
            return
        problem = ''
        if result.timed_out:
            problem = 'it was killed after %.3g s' % timeout
        elif result.rc != 0:
            problem = result.stderr.strip() or 'it ended with %d' % result.rc
        self.add(name, source, whole_lines(result.stdout, self.limit), problem, process.now() - start, result.rc)


def _document(content):
    return to_text(json.dumps(content, indent=2, sort_keys=True)) + u'\n'


def whole_lines(text, limit):
    """The end of a text from the beginning of a line on: half a secret would not be known as one."""
    return text if len(text) <= limit else text[-limit:].partition('\n')[2]


def tail(path, limit):
    """The end of a file as text, and what is to be said of it."""
    with open(path, 'rb') as stream:
        size = os.fstat(stream.fileno()).st_size
        stream.seek(max(0, size - limit))
        text = stream.read(limit).decode('utf-8', 'replace')  # files in /proc have no size
    if size <= limit:
        return text, ''
    return text.partition('\n')[2], 'its last %d of %d bytes' % (limit, size)


def collect(bundle, params):
    """All that there is, the most telling first: should it become too long or too large, that is in it.

    :param params: a module's parameters, cluster.ACCESS_ARGUMENTS among them, state_dir and checkout.
    """
    learn(bundle.redactor)
    for pattern in STATE_FILES:
        for path in sorted(glob.glob(os.path.join(params['state_dir'], pattern))):
            bundle.add_file('state/' + os.path.relpath(path, params['state_dir']), path)
    collect_ceph(bundle, params)
    for folder, patterns in FILES:
        for path in sorted(path for pattern in patterns for path in glob.glob(pattern)):
            read = None
            if path in glob.glob(SECRETS):
                read = bundle.redactor.secrets
            elif path.startswith(DEPLOY) and path.endswith('.yml'):
                read = bundle.redactor.variables
            bundle.add_file(folder + path, path, read)
    for name, argv in COMMANDS:
        bundle.add_command('host/' + name, argv)
    if os.path.isdir(params['checkout']):
        for name, argv in OF_CHECKOUT:
            bundle.add_command('checkout/' + name, argv, cwd=params['checkout'])
    collect_containers(bundle)


def learn(redactor):
    """Know the secrets of all files before the first text is taken: a log has what a file says."""
    for pattern, learn_from in [(SECRETS, redactor.secrets)] + [(pattern, redactor.variables) for pattern in VARIABLES]:
        for path in glob.glob(pattern):
            try:
                with open(path, 'rb') as stream:
                    learn_from(stream.read().decode('utf-8', 'replace'))
            except (IOError, OSError):
                pass  # what cannot be read for this cannot be read for the bundle either, which says so


def collect_ceph(bundle, params):
    """What Ceph says, over one connection; where it does not answer once, it is not asked again."""
    timeout = min(params['timeout'], bundle.deadline - process.now())
    if timeout <= 0:
        bundle.add('ceph/observed.json', 'ceph', '', 'no time was left for it')
        return
    with Cluster(params) as cluster:
        start = process.now()
        try:
            seen = observation.Observer(cluster, texts=True, raw=True).observe(timeout)
        except AioError as error:
            bundle.add('ceph/observed.json', 'ceph', '', str(error))
            return
        bundle.add('ceph/observed.json', 'ceph', _document(seen), seen['reason'], process.now() - start)
        silent = 'it was not asked, as %s' % seen['reason'] if 'fsid' not in seen else ''
        no_manager = '' if seen['state'] != 'mgr_down' else 'it was not asked, as no manager is active'
        for asked, reason in [(asked, '') for asked in OF_MON] + [(asked, no_manager) for asked in OF_MGR]:
            silent = ask(bundle, cluster, asked, silent or reason) or silent


def ask(bundle, cluster, asked, reason):
    """Put one question, unless there is a reason not to; why there is no sense in further ones."""
    name, source = 'ceph/%s.json' % asked['prefix'].replace(' ', '-'), 'ceph ' + asked['prefix']
    timeout = min(bundle.timeout, bundle.deadline - process.now())
    if not reason and timeout <= 0:
        reason = 'no time was left for it'
    if reason:
        bundle.add(name, source, '', reason)
        return ''
    start = process.now()
    try:
        answer = cluster.ask([asked], timeout)[0]
    except AioError as error:
        bundle.add(name, source, '', str(error), process.now() - start)
        return 'it was not asked, as %s' % error.what
    bundle.redactor.learn_pairs(answer.out)
    problem = '' if answer.rc == 0 else 'error %d: %s' % (answer.rc, answer.err.strip())
    bundle.add(name, source, answer.out, problem, process.now() - start)
    return ''


def collect_containers(bundle):
    try:
        names = containers.lxc_names(timeout=bundle.timeout)
    except AioError as error:
        bundle.add('containers', 'lxc-ls', '', str(error))
        return
    for name in names:
        for path in ('/var/lib/lxc/%s/config' % name, '/var/lib/lxc/%s/%s.log' % (name, name)):
            if os.path.exists(path):
                bundle.add_file('containers/%s/%s' % (name, os.path.basename(path)), path)
        try:
            state = containers.lxc_state(name, bundle.timeout)
        except AioError as error:
            bundle.add('containers/%s' % name, 'lxc-info', '', str(error))
            continue
        if state != 'RUNNING':
            continue
        for file_name, argv in OF_CONTAINER + (OF_CEPH_CONTAINER if 'ceph' in name else ()):
            bundle.add_command('containers/%s/%s' % (name, file_name), ['lxc-attach', '--clear-env', '--name', name, '--'] + argv)
