"""Clone the roles of a requirements file by git; local edits are thrown away."""
import os
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


def main():
    role_file, roles_dir = sys.argv[1:]
    with open(role_file) as stream:
        requirements = yaml.safe_load(stream)
    os.makedirs(roles_dir, exist_ok=True)
    for role in requirements:
        target = os.path.join(roles_dir, role['name'])
        src = address(role['src'])
        if os.path.isdir(os.path.join(target, '.git')):
            git('remote', 'set-url', 'origin', src, cwd=target)
        else:
            git('clone', '--quiet', '--no-checkout', src, target)
        git('fetch', '--quiet', 'origin', role['version'], cwd=target)  # a branch, a tag or a commit
        git('checkout', '--quiet', '--force', '--detach', 'FETCH_HEAD', cwd=target)
        print('%s %s' % (role['name'], git('rev-parse', 'HEAD', cwd=target)))


if __name__ == '__main__':
    main()
