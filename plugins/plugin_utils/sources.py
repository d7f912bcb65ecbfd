# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an OpenStack-Ansible at a commit is made of, where a mirror has it, and what a lockfile says of it."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import re

import yaml

ROLES = 'ansible-role-requirements.yml'
COLLECTIONS = 'ansible-collection-requirements.yml'
# Where the bootstrap scripts read the commit of the constraints, the older first.
PINS = ('playbooks/defaults/repo_packages/openstack_services.yml', 'inventory/group_vars/all/source_git.yml')
FILES = (ROLES, COLLECTIONS) + PINS
PIN = re.compile(r'^requirements_git_install_branch:\s*["\']?([^\s"\'#]+)', re.M)
REQUIREMENTS = 'openstack/requirements'
CONSTRAINTS = 'upper-constraints.txt'

MOVED = {'git.openstack.org': 'opendev.org'}
# Addresses that are led to a mirror whatever the requirements name: services are cloned, too.
KNOWN_PREFIXES = (
    ('opendev.org', ('https://opendev.org/', 'http://opendev.org/', 'git://opendev.org/', 'https://git.openstack.org/',
                     'http://git.openstack.org/', 'git://git.openstack.org/')),
    ('github.com', ('https://github.com/', 'http://github.com/', 'git://github.com/')),
)
NO_ADDRESS = '"%s" is no address of a git repository. Next: correct it where it is named (source_repo_url, or the requirements of the tree)'
LOCK_FORMAT = 1
LOCK_KEYS = ('format', 'series', 'ref', 'osa', 'roles', 'collections', 'packages')
FIXED = re.compile(r'[0-9a-f]{40}\Z|v?[0-9]+(\.[0-9]+)+([.-]?[a-z]+[0-9]*)?\Z')  # a commit or a version


class SourceError(Exception):
    """What was given, or what the tree says, is not what it should be."""


def place(address):
    """Where a mirror has the repository of an address: <host>/<owner>/<repo>, without .git."""
    address = address.strip().rstrip('/')
    match = re.match(r'(?P<scheme>[a-z][a-z0-9+]*)://(?:[^/@]*@)?(?P<host>[^/]*)/(?P<path>.+)\Z', address)
    if match and match.group('scheme') == 'file':
        host, path = 'localhost', match.group('path')
    elif match:
        host, path = match.group('host').lower().replace(':', '_'), match.group('path')
    elif address.startswith('/'):
        host, path = 'localhost', address
    else:
        match = re.match(r'(?:[^/@:]+@)?([^/@:]+):(?!//)(.+)\Z', address)  # as ssh and git take it: host:owner/repo
        if not match:
            raise SourceError(NO_ADDRESS % address)
        host, path = match.groups()
    path = [part for part in re.sub(r'\.git\Z', '', path).split('/') if part]
    if not path or '..' in path:
        raise SourceError(NO_ADDRESS % address)
    return '/'.join([MOVED.get(host, host)] + path)


def absolute(address, base):
    """An address of the requirements; one that starts with ../ is beside OpenStack-Ansible itself."""
    if not address.startswith('../'):
        return address
    return re.sub(r'[^/]+/*\Z', '', base.rstrip('/')) + address[len('../'):]


def _load(files, name):
    """The entries of a requirements file."""
    try:
        content = yaml.safe_load(files.get(name, '')) or []
    except yaml.YAMLError as error:
        raise SourceError('%s of the tree is no YAML: %s. Next: take another release_ref' % (name, error))
    entries = content.get('collections') or [] if isinstance(content, dict) else content
    if not isinstance(entries, list) or not all(
            isinstance(entry, dict) and isinstance(entry.get('name', entry.get('src')), str) for entry in entries):
        raise SourceError('%s of the tree is not a list of mappings with names. Next: take another release_ref' % name)
    return entries


def _title(entry):
    return entry.get('name') or _address(entry).rstrip('/').rsplit('/', 1)[-1]


def _address(entry):
    """Where git has an entry; an empty text where it is none of git's."""
    if 'src' in entry:  # a role
        return entry['src'] if entry.get('scm', 'git') == 'git' else ''
    source = entry.get('source') or entry['name']
    if entry.get('type', '') == 'git' or entry['name'].startswith(('git+', 'git@')) or re.match(r'https?://.*\.git\Z', entry['name']):
        return re.sub(r'\Agit\+', '', source)
    return ''


def _called(entry):
    """What an entry may be called: its name, and that of its repository."""
    return {_title(entry), _address(entry).rstrip('/').rsplit('/', 1)[-1]} - {''}


def _choose(roles, collections, leave_out, only, versions):
    known = [name for entry in roles + collections for name in sorted(_called(entry))]
    for option, names in (('source_leave_out', leave_out), ('source_only', only), ('source_versions', versions)):
        unknown = [name for name in names if name not in known]
        if unknown:
            raise SourceError('%s names what is neither a role nor a collection of this OpenStack-Ansible: %s. Next: name some of %s' % (
                option, ', '.join(unknown), ', '.join(sorted({_title(entry) for entry in roles + collections}))))

    def chosen(entries):
        # A list that names roles only says nothing of the collections, and the other way round.
        limited = any(_called(entry) & set(only) for entry in entries)
        return [entry for entry in entries
                if not _called(entry) & set(leave_out) and (not limited or _called(entry) & set(only))]

    return chosen(roles), chosen(collections)


def _versioned(entries, versions):
    """The entries, those that versions names at the version that it says."""
    found = []
    for entry in entries:
        said = [str(versions[name]) for name in sorted(_called(entry)) if name in versions]
        # How far back a history is cloned is said for the tree's own version.
        found.append(dict({key: value for key, value in entry.items() if key != 'shallow_since'}, version=said[0]) if said else entry)
    return found


def _locked(entries, pins, default):
    return [dict(entry, version=pins[_title(entry)]) if _title(entry) in pins else dict(entry)
            for entry in entries if default or _title(entry) in pins]


def wanted(files, address, ref, leave_out=(), only=(), lock=None, versions=None):
    """All that is fetched for an OpenStack-Ansible.

    :param files: the text of each of FILES that the tree has.
    :param address: where the tree comes from.
    :param lock: the source_lock of a lockfile. What it does not name was not there, and is left out.
    :param versions: role or collection → the version that is taken instead of the tree's. What a lockfile says goes before it.
    """
    versions = versions or {}
    if ROLES not in files:
        raise SourceError('the tree at %s has no %s: it is no OpenStack-Ansible. Next: correct source_repo_url or release_ref' % (ref, ROLES))
    empty = [name for name in sorted(versions) if isinstance(versions[name], (dict, list)) or not str(versions[name] or '')]
    if empty:
        raise SourceError('source_versions names no branch, tag or commit for %s. Next: name one, or leave it out' % ', '.join(empty))
    roles, collections = _choose(_load(files, ROLES), _load(files, COLLECTIONS), leave_out, only, versions)
    roles, collections = _versioned(roles, versions), _versioned(collections, versions)
    if lock:
        roles, collections = (_locked(roles, lock['roles'], False), _locked(collections, lock['collections'], False))
    repositories, called = {place(address): {'address': address, 'pins': [ref]}}, {}
    for entry in roles + collections:
        if not _address(entry):
            continue
        where = absolute(_address(entry), address)
        found = repositories.setdefault(place(where), {'address': where, 'pins': []})
        called[place(where)] = _title(entry)
        pin = str(entry.get('version') or 'master')
        if pin not in found['pins']:
            found['pins'].append(pin)
    pin = next((match.group(1) for match in (PIN.search(files.get(name, '')) for name in PINS) if match), '')
    constraints = {}
    if pin:
        home = 'https://opendev.org/' + REQUIREMENTS
        constraints = {'repository': place(home), 'ref': pin, 'file': CONSTRAINTS,
                       'path': '%s/raw/%s/%s' % (place(home), pin, CONSTRAINTS)}
        found = repositories.setdefault(place(home), {'address': home, 'pins': []})
        found['pins'].append(pin)
    return {
        'repositories': [dict(repositories[path], path=path) for path in sorted(repositories)],
        'called': called,
        'roles': roles,
        'collections': collections,
        'versions': {_title(entry): str(entry.get('version') or '') for entry in collections},
        # What follows a branch, so that its version alone does not say what it is.
        'moving': {_title(entry): {'path': place(absolute(_address(entry), address)), 'address': absolute(_address(entry), address),
                                   'pins': [str(entry.get('version') or 'master')]}
                   for entry in collections if _address(entry) and not FIXED.match(str(entry.get('version') or 'master'))},
        'galaxy': [_title(entry) for entry in collections if not _address(entry)],
        'constraints': constraints,
    }


def _quoted(text):
    return '"%s"' % text.replace('\\', '\\\\').replace('"', '\\"')


def git_settings(mirror='', repositories=(), proxy=None, ca_file=''):
    """Git's settings for a run, as in its configuration file: where a mirror is, proxies, and whom to trust."""
    lines = []

    def section(title, key, values):
        if values:
            lines.append('[%s]' % title)
            lines.extend('\t%s = %s' % (key, _quoted(value)) for value in values)

    if mirror:
        base = ('file://' + mirror if mirror.startswith('/') else mirror).rstrip('/')
        prefixes = {host: list(addresses) for host, addresses in KNOWN_PREFIXES}
        for repository in repositories:
            address, path = repository['address'], repository['path']
            host, prefix = path.rsplit('/', 1)[0], re.sub(r'[^/:]+/*\Z', '', address.rstrip('/'))
            if not any(prefix.startswith(known) for known_prefixes in prefixes.values() for known in known_prefixes):
                prefixes.setdefault(host, []).append(prefix)
        for host, addresses in sorted(prefixes.items()):
            section('url %s' % _quoted('%s/%s/' % (base, host)), 'insteadOf', addresses)
        if not mirror.startswith('/'):
            # A server has repo.git only, whatever the address was; git looks for it by itself in a folder only.
            for repository in repositories:
                address = re.sub(r'(\.git)?/*\Z', '', repository['address'])
                section('url %s' % _quoted('%s/%s.git' % (base, repository['path'])), 'insteadOf', [address, address + '.git'])
    proxy = proxy or {}
    section('http', 'proxy', [proxy[kind] for kind in ('https', 'http') if proxy.get(kind)][:1])
    section('http', 'sslCAInfo', [ca_file] if ca_file else [])
    if proxy.get('http') or proxy.get('https'):
        for host in no_proxy(proxy).split(','):
            for scheme in ('http', 'https'):
                section('http %s' % _quoted('%s://%s/' % (scheme, host.lstrip('.'))), 'proxy', [''])
    return ''.join(line + '\n' for line in lines)


def no_proxy(proxy):
    """The hosts that are asked directly; this one always."""
    hosts = proxy.get('direct') or ''
    hosts = hosts if isinstance(hosts, list) else [host for host in re.split(r'[,\s]+', hosts) if host]
    return ','.join(hosts + [host for host in ('localhost', '127.0.0.1') if host not in hosts])


def environment(proxy=None, ca_file='', pip_options='', constraints='', config='', requirements=''):
    """The variables that OpenStack-Ansible's scripts and what they run go by."""
    proxy = proxy or {}
    found = {}
    for kind in ('http', 'https'):
        if proxy.get(kind):
            found['%s_proxy' % kind] = found['%s_PROXY' % kind.upper()] = proxy[kind]
    if found:
        found['no_proxy'] = found['NO_PROXY'] = no_proxy(proxy)
    options = pip_options.split()
    if ca_file:
        found.update(dict.fromkeys(('SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'GIT_SSL_CAINFO', 'PIP_CERT'), ca_file))
        options += ['--cert', ca_file]  # with --isolated pip reads no variables
    if options:
        found['PIP_OPTS'] = ' '.join(options) + ' '  # some series add to it without a blank
    if constraints:
        # The first through victoria, the second from wallaby on.
        found['UPPER_CONSTRAINTS_FILE'] = found['TOX_CONSTRAINTS_FILE'] = constraints
    if config:
        found['XDG_CONFIG_HOME'] = config
    if requirements:
        found.update({'ANSIBLE_ROLE_FILE': '%s/%s' % (requirements, ROLES), 'ANSIBLE_COLLECTION_FILE': '%s/%s' % (requirements, COLLECTIONS)})
    return found


def lock_problems(lock, series, ref):
    """What keeps a lockfile from being used, as sentences.

    :param ref: what is to be checked out.
    """
    if not lock:
        return []
    if not isinstance(lock, dict) or 'format' not in lock:
        return ['source_lock is no lock that this collection wrote: it has no format. Next: use the file as it was written']
    if str(lock['format']) != str(LOCK_FORMAT):
        return ['The lockfile has format %s, this version of the collection knows %d (source_lock.format). '
                'Next: build with the version of the collection that wrote it, or without it' % (lock['format'], LOCK_FORMAT)]
    missing = [key for key in LOCK_KEYS if key not in lock]
    kinds = [key for key in ('roles', 'collections', 'packages') if key in lock and not isinstance(lock[key], dict)]
    if missing or kinds:
        return ['The lockfile is damaged: %s (source_lock). Next: use the file as it was written' % '; '.join(
            ['it has no %s' % key for key in missing] + ['its %s are no mapping' % key for key in kinds])]
    problems = []
    if lock['series'] != series:
        problems.append('The lockfile is of %s, not of %s (source_lock.series, release_series). '
                        'Next: leave one of them out' % (lock['series'], series))
    elif lock['osa'] != ref:
        problems.append('The lockfile is of commit %s, not of %s (source_lock.osa, release_ref). '
                        'Next: leave one of them out' % (lock['osa'], ref))
    return problems


def make_lock(built, series, ref, osa, roles, packages, commits):
    """The source_lock of what was built.

    :param built: what wanted() gives of it.
    :param ref: what its commit, osa, was called.
    :param roles: role → commit, as they are there.
    :param packages: where → package → version.
    :param commits: path → branch → commit, of the collections that follow branches.
    """
    collections = dict(built['versions'])
    for name, repository in built['moving'].items():
        pin = repository['pins'][0]
        collections[name] = commits.get(repository['path'], {}).get(pin, pin)
    return {'format': LOCK_FORMAT, 'series': series, 'ref': ref, 'osa': osa, 'roles': dict(roles), 'collections': collections,
            'packages': {where: dict(found) for where, found in packages.items()}}


def lock_differences(lock, made):
    """What was built otherwise than a lock says, as sentences."""
    def compare(title, had, has):
        if had == has:
            return []
        if not had:
            return ['%s: it is %s, the lockfile has none' % (title, has)]
        return ['%s: %s could not be had, it is %s' % (title, had, has or 'missing')]

    found = compare('openstack-ansible', lock['osa'], made['osa'])
    pairs = [('%s ' % kind[:-1] + '%s', lock[kind], made[kind]) for kind in ('roles', 'collections')]
    pairs += [('%s' + ' (%s)' % where, lock['packages'].get(where, {}), made['packages'].get(where, {}))
              for where in sorted(set(lock['packages']) | set(made['packages']))]
    for title, had, has in pairs:
        for name in sorted(set(had) | set(has)):
            found += compare(title % name, had.get(name), has.get(name))
    return found
