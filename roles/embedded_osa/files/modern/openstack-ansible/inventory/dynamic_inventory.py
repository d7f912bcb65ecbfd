#!/usr/bin/env python
"""The all-in-one's inventory as 2024.1 has it."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True  # the checkout stays as git has it
sys.path.insert(0, os.path.join(HERE, '..'))

from osa_toolkit import generate  # noqa: E402

if __name__ == '__main__':
    generate.main(os.path.join(HERE, 'env.d'), separator='-', member='{type}', common={'container_tech': 'lxc'})
