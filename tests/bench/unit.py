# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long who works on the code waits for the unit tests."""

import pathlib
import subprocess
import sys
import time

from goals import Rows

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    rows = Rows()
    for what, goal in (("make test-unit, the first time", ""), ("make test-unit, again", "<= 20")):
        start = time.monotonic()
        subprocess.run(["make", "--no-print-directory", "test-unit"], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        rows.add(what, time.monotonic() - start, "s", goal)
    sys.exit(0 if rows.end() else 1)


if __name__ == "__main__":
    main()
