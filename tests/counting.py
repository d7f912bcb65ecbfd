# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run tools and tests, and count what passed, failed and was skipped.

A check is one test of pytest, or one tool that judges the tree as a whole.
"""

import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
OUTPUT = ROOT / "tests" / "output"
ENVIRONMENT = dict(
    os.environ,
    ANSIBLE_COLLECTIONS_PATH=str(CACHE),
    MOLECULE_GLOB="molecule/*/molecule.yml",
    PY_COLORS="0",
    ANSIBLE_FORCE_COLOR="0",
    NO_COLOR="1",
)
ENVIRONMENT.pop("OSA_CEPH_AIO_MAKE", None)  # of the make that runs the tests: they call playbooks by themselves


class Count:
    """What came out: numbers, and a line for each thing that did not pass."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.notes = []

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.notes += other.notes

    @classmethod
    def one(cls, name, ok, reason=""):
        count = cls()
        count.passed, count.failed = int(ok), int(not ok)
        if not ok:
            count.notes.append("failed   %s %s" % (name, reason))
        return count

    @classmethod
    def skip(cls, name, reason):
        count = cls()
        count.skipped = 1
        count.notes.append("SKIPPED  %s: %s" % (name, reason))
        return count


def lacking(name, reason):
    """What this machine cannot run: a failure in CI, elsewhere a loud skip."""
    return Count.one(name, False, reason) if os.environ.get("CI") else Count.skip(name, reason)


def run(*argv, **options):
    print("\n$ %s" % " ".join(str(word) for word in argv), flush=True)
    environment = dict(ENVIRONMENT, **options.pop("environment", {}))
    return subprocess.run([str(word) for word in argv], cwd=options.pop("cwd", ROOT), env=environment, check=False, **options)


def junit(path, name, returncode):
    """Count a pytest run by what it wrote down; a run that wrote nothing has failed."""
    if not path.exists():
        return Count.one(name, False, "wrote no results (exit status %d)" % returncode)
    count = Count()
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        title = "%s %s.%s" % (name, case.get("classname"), case.get("name"))
        outcome = next((child for child in case if child.tag in ("failure", "error", "skipped")), None)
        if outcome is None:
            count.passed += 1
        elif outcome.tag == "skipped":
            count.add(Count.skip(title, outcome.get("message", "")))
        else:
            count.add(Count.one(title, False, outcome.get("message", "")[:200]))
    if returncode not in (0, 1) or (returncode and not count.failed):
        count.add(Count.one(name, False, "pytest ended with %d" % returncode))
    return count


def pytest(name, *arguments, python=(sys.executable,), **options):
    results = OUTPUT / (name + ".xml")
    results.unlink(missing_ok=True)
    result = run(*python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml", results, *arguments, **options)
    return junit(results, name, result.returncode)
