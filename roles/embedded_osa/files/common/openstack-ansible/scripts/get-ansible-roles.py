"""Clone the roles of a requirements file by git; local edits are thrown away."""
import os
import shutil
import subprocess
import sys

import yaml


def git(*args, cwd=None):
    return subprocess.run(('git',) + args, cwd=cwd, check=True, timeout=600,
                          stdout=subprocess.PIPE, universal_newlines=True).stdout.strip()


def address(src):
    """Resolve an address that starts with ../ against the origin of this clone."""
    if not src.startswith('../'):
        return src
    origin = git('config', '--get', 'remote.origin.url')
    return origin.rstrip('/').rsplit('/', 1)[0] + '/' + src[len('../'):]


def check_out(version, target):
    git('fetch', '--quiet', 'origin', version, cwd=target)  # a branch, a tag or a commit
    git('checkout', '--quiet', '--force', '--detach', 'FETCH_HEAD', cwd=target)


def clone(src, version, target):
    """In its place it is there as a whole: half of it would be taken for a clone."""
    fresh = target + '.new'
    shutil.rmtree(fresh, ignore_errors=True)
    git('clone', '--quiet', '--no-checkout', src, fresh)
    check_out(version, fresh)
    shutil.rmtree(target, ignore_errors=True)
    os.rename(fresh, target)


def update(src, version, target):
    """:raises subprocess.CalledProcessError: the source has not the version, or a git that was killed has left its locks."""
    git('remote', 'set-url', 'origin', src, cwd=target)
    check_out(version, target)


def main():
    role_file, roles_dir = sys.argv[1:]
    with open(role_file) as stream:
        requirements = yaml.safe_load(stream)
    os.makedirs(roles_dir, exist_ok=True)
    # A clone that is broken is none of the repository above it, where there is one.
    os.environ['GIT_CEILING_DIRECTORIES'] = os.path.abspath(roles_dir)
    for role in requirements:
        target = os.path.join(roles_dir, role['name'])
        src = address(role['src'])
        try:
            update(src, role['version'], target)
        except (OSError, subprocess.CalledProcessError):
            clone(src, role['version'], target)
        print('%s %s' % (role['name'], git('rev-parse', 'HEAD', cwd=target)))


if __name__ == '__main__':
    main()
