# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each command that README and docs show is known, and what is known is true; no lab host is needed for that."""

import concurrent.futures
import os
import shlex
import subprocess
import sys

import commands
import pytest

ROWS = commands.rows()
COVERED = [row for row in ROWS if "covered" in row]
WORDS = {"command", "run", "with", "covered", "why", "in", "needs", "before", "input", "fails", "says"}


def test_every_command_is_known():
    known = {row["command"] for row in ROWS}
    assert {command: pages for command, pages in commands.shown().items() if command not in known} == {}


def test_nothing_is_known_that_is_not_shown():
    shown = commands.shown()
    assert [row["command"] for row in ROWS if row["command"] not in shown] == []
    assert len({row["command"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["command"])
def test_row(row):
    """It says one thing of its command, and of each word that is replaced the command has it."""
    assert set(row) <= WORDS
    assert [word for word in ("run", "with", "covered") if word in row] in (["run"], ["with"], ["covered"])
    assert row.get("run", True) is True
    assert ("why" in row) == ("covered" in row)
    assert row.get("in", "checkout") in ("checkout", "project", "lab_host", "mon", "client")
    for old in row.get("with", {}):
        assert old in row["command"]


@pytest.fixture(scope="module")
def collected():
    """The names of all tests in the files that are named."""
    def collect(path):
        asked_for = {"OSA_UPSTREAM": "/nonexistent", "GALAXY_TOOLS": "/nonexistent"}
        given = {name: value for name, value in os.environ.items() if value}
        done = subprocess.run([sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", path],
                              cwd=commands.ROOT, capture_output=True, text=True, check=False, env=dict(asked_for, **given))
        return {line.split("[")[0] for line in done.stdout.splitlines() if "::" in line}

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return set().union(*pool.map(collect, sorted({row["covered"].split("::")[0] for row in COVERED})))


@pytest.mark.parametrize("row", COVERED, ids=lambda row: row["command"])
def test_what_covers_it_is_there(row, collected):
    assert row["covered"] in collected


@pytest.mark.parametrize("row", [row for row in COVERED if row["command"].startswith("make ")], ids=lambda row: row["command"])
def test_make_has_the_target(row):
    done = subprocess.run([*shlex.split(row["command"]), "--dry-run", "--no-print-directory"], cwd=commands.ROOT, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_commands_are_found():
    page = """Type `make lab`, or `make` or `ceph`.

| `make status LAB=a \\| cat` | `lxc-start -n NAME` | `ceph_info` |

```console
$ make x   # why
said: $ 5
$ a --b \\
    c '# d'
```

- a list

  ```console
  $ in a list
  ```

```text
$ not this
```
"""
    assert commands.in_page(page) == ["make lab", "make status LAB=a | cat", "lxc-start -n NAME", "make x", "a --b c '# d'", "in a list"]
