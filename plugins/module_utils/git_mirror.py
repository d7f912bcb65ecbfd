# -*- coding: utf-8 -*-
# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder, or an http address, with git repositories as <host>/<owner>/<repo>.git, and what is pinned in them."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type
import os
import re
import shutil

from ansible.module_utils.common.text.converters import to_bytes, to_native
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils import process
from ansible_collections.osa_lab.ceph_aio.plugins.module_utils.errors import AioError

COMMIT = re.compile(r'[0-9a-f]{40}\Z')
ADDRESS = re.compile(r'[a-z][a-z0-9+]*://')
# What a name may mean; a clone that somebody brought knows upstream's branches as origin's.
FORMS = ('refs/heads/%s', 'refs/tags/%s', 'refs/remotes/origin/%s', '%s')
KEPT = 'refs/tags/kept-%s'  # what no branch or tag leads to
# A mirror forgets nothing, and gives any commit also to a git that asks in the old way.
SETTINGS = (('gc.auto', '0'), ('uploadpack.allowAnySHA1InWant', 'true'), ('uploadpack.allowReachableSHA1InWant', 'true'))
LENGTH = 300  # characters of what git says


def is_address(where):
    return bool(ADDRESS.match(where))


def without_login(text):
    """A name and a password in an address are nobody's business."""
    return re.sub(r'://[^/\s]*@', '://', text)


def make_settings(folder, text):
    """Git's settings for what is run with XDG_CONFIG_HOME=folder: those of the user, a mirror of any owner, and these."""
    own = os.path.join(os.environ.get('XDG_CONFIG_HOME') or '~/.config', 'git', 'config')
    path = os.path.join(folder, 'git')
    os.makedirs(path, 0o700)
    with os.fdopen(os.open(os.path.join(path, 'config'), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'wb') as stream:
        stream.write(to_bytes('[include]\n\tpath = %s\n[safe]\n\tdirectory = *\n%s' % (own, text)))


class Git(object):
    """Git within a time for each call."""

    def __init__(self, timeout, settings):
        self.timeout = timeout
        self.environment = {'XDG_CONFIG_HOME': settings, 'GIT_TERMINAL_PROMPT': '0', 'GIT_ASKPASS': '/bin/false',
                            'GIT_SSH_COMMAND': 'ssh -o BatchMode=yes'}

    def run(self, *arguments):
        argv = ['git'] + list(arguments)
        try:
            result = process.run(argv, self.timeout, environment=self.environment)
        except OSError as error:
            raise AioError('git cannot be run', 'git', str(error), 'install git on this host')
        if result.timed_out:
            result.rc, result.stderr = 124, 'it took more than %g s' % self.timeout
        return result

    def must(self, *arguments):
        """:raises Refused: git says no."""
        result = self.run(*arguments)
        if result.rc != 0:
            lines = [line for line in result.stderr.strip().splitlines() if line]
            raise Refused(to_native(without_login(' '.join(lines))[:LENGTH]) or 'git ended with %s' % result.rc)
        return result.stdout

    def refs(self, where):
        """What a repository offers, name → commit.

        :raises Refused: it cannot be asked.
        """
        lines = [line.split('\t') for line in self.must('ls-remote', '--', where).splitlines()]
        found = dict((name, commit) for commit, name in (line for line in lines if len(line) == 2))
        # A tag is an object of its own; what it leads to counts.
        return dict((name, found.get(name + '^{}', commit)) for name, commit in found.items() if not name.endswith('^{}'))

    def has(self, repository, commit):
        return self.run('--git-dir', repository, 'cat-file', '-e', commit + '^{commit}').rc == 0

    def text(self, repository, commit, path):
        """The text of a file, or None where there is none."""
        result = self.run('--git-dir', repository, 'show', '%s:%s' % (commit, path))
        return result.stdout if result.rc == 0 else None


class Refused(Exception):
    """Git did not do it, and says why."""


def named(refs, name):
    """The commit of a branch or tag; an empty text where there is no such."""
    return next((refs[form % name] for form in FORMS if form % name in refs), '')


def locate(base, path):
    """The repository below a folder: bare, or a clone that somebody works in; an empty text where it is not there."""
    for candidate in (path + '.git', os.path.join(path, '.git'), path):
        found = os.path.join(base, candidate)
        if os.path.isdir(os.path.join(found, 'objects')):
            return found
    return ''


def look(git, base, path, pins, address=''):
    """What of the pins a mirror has: (where the repository is, pin → commit, missing as sentences, pins that cannot be told).

    :param base: the mirror; an empty text asks at the repository's own address.
    """
    if not base or is_address(base):
        where, problem, start = '', '', '%s/%s' % (base.rstrip('/'), path)
        for candidate in (start + '.git', start) if base else (address,):
            try:
                refs, where = git.refs(candidate), candidate
                break
            except Refused as error:
                problem = problem or str(error)
        if not where:
            return '', {}, ['%s: the repository cannot be had (%s); wanted %s' % (path, problem, ', '.join(pins))], []
    else:
        where = locate(base, path)
        if not where:
            return '', {}, ['%s: there is no such repository; wanted %s' % (path, ', '.join(pins))], []
        try:
            refs = git.refs(where)
        except Refused as error:
            return '', {}, ['%s: the repository is damaged (%s)' % (path, error)], []
    commits, missing, untold = {}, [], []
    for pin in pins:
        commit = named(refs, pin)
        if not commit and COMMIT.match(pin):
            if pin in refs.values() or (base and not is_address(base) and git.has(where, pin)):
                commit = pin
            elif not base or is_address(base):
                untold.append('%s: %s' % (path, pin))
                continue
        if commit:
            commits[pin] = commit
        else:
            missing.append('%s: it has no %s' % (path, pin))
    return where, commits, missing, untold


def is_fixed(refs, pin):
    """Whether a pin never moves: a commit, or a tag."""
    return bool(COMMIT.match(pin)) or ('refs/tags/' + pin in refs and 'refs/heads/' + pin not in refs)


def fill(git, base, path, source, pins):
    """Fetch what is new of a repository; one that is new appears when it is whole. Says whether anything came.

    :raises Refused: git cannot fetch it.
    """
    target = os.path.join(base, path + '.git')
    before = git.refs(target) if os.path.isdir(target) else None
    if before is not None:
        _where, commits, _missing, _untold = look(git, base, path, pins)
        if all(pin in commits and is_fixed(before, pin) for pin in pins):
            return _keep(git, target, pins)
        _fetch(git, target, source, pins)
    else:
        partial = target + '.partial'
        shutil.rmtree(partial, ignore_errors=True)
        if not os.path.isdir(os.path.dirname(partial)):
            os.makedirs(os.path.dirname(partial))
        git.must('init', '--quiet', '--bare', partial)
        for key, value in SETTINGS:
            git.must('--git-dir', partial, 'config', key, value)
        _fetch(git, partial, source, pins)
        os.rename(partial, target)
    return git.refs(target) != before


def _fetch(git, target, source, pins):
    def fetch(*refspecs):
        git.must('--git-dir', target, 'fetch', '--quiet', '--no-tags', '--', source, *refspecs)

    offered = git.refs(source)
    fetch('+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*')
    if any(name.startswith('refs/remotes/origin/') for name in offered):
        # A clone that somebody brought: what origin had is newer than the branches that were made of it.
        fetch('+refs/remotes/origin/*:refs/heads/*')
        git.run('--git-dir', target, 'update-ref', '-d', 'refs/heads/HEAD')
    for pin in pins:
        if COMMIT.match(pin) and not git.has(target, pin):
            git.run('--git-dir', target, 'fetch', '--quiet', '--no-tags', '--', source, '+%s:%s' % (pin, KEPT % pin))
    _keep(git, target, pins)
    branches = [name for name, commit in sorted(offered.items())
                if name.startswith('refs/heads/') and commit == offered.get('HEAD')]
    for name in branches[:1]:
        git.must('--git-dir', target, 'symbolic-ref', 'HEAD', name)
    git.must('--git-dir', target, 'update-server-info')  # for a web server that knows nothing of git


def _keep(git, target, pins):
    """A commit that nothing leads to gets a tag, so that whoever clones the mirror has it. Says whether one did."""
    kept = False
    for pin in pins:
        if COMMIT.match(pin) and git.has(target, pin) and not git.run(
                '--git-dir', target, 'for-each-ref', '--count=1', '--contains', pin).stdout:
            git.must('--git-dir', target, 'update-ref', KEPT % pin, pin)
            kept = True
    return kept
