#!/usr/bin/env python
"""Fill each empty value of a secrets file with a random one; keep what is set."""
import argparse
import os
import re
import secrets
import uuid


def fill(line):
    match = re.match(r'^([A-Za-z0-9_]+):\s*$', line)
    if match is None:
        return line
    name = match.group(1)
    value = str(uuid.uuid4()) if name.endswith('_uuid') else secrets.token_hex(24)
    return '%s: %s\n' % (name, value)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--file', required=True)
    path = parser.parse_args().file
    with open(path) as stream:
        before = stream.readlines()
    after = [fill(line) for line in before]
    if after != before:
        temporary = path + '.new'
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as stream:
            stream.writelines(after)
        os.rename(temporary, path)
        print('filled %s' % path)


if __name__ == '__main__':
    main()
