# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.py: run the benches and write docs/benchmarks.md of what they measured. Goals that were missed are in it as missed."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
NAME = "labquery"
# Each bench with what it is to tell, and the command by which one runs it alone.
BENCHES = [
    ("lab", "How long an environment takes", "make bench-lab", """The same work side by side in one run: `tests/bench/plain.sh` is what one would type by hand.
Cold means that not even the base image is there.
What stands between the first three and their goals: some 190 tasks of Ansible at 0.03 to 0.1 s each, and 26 round trips at 0.2 s, of
which the script has none; a rebuild has to do what the script does once its image is there, which alone is half of a cold build here."""),
    ("query", "How fast the cluster is asked", "make bench-query",
     """Each way through the same Ansible and ssh, medians; then a mon whose map has very many OSDs,
and how long after the mon knows of a change `ceph_wait` ends."""),
    ("unit", "How long the unit tests take", "make test-unit", "For who changes the code and wants to know at once."),
]


def run(*words, **environment):
    """:returns: whether it ended well; what it says is shown."""
    return subprocess.run(words, cwd=ROOT, env=dict(os.environ, **environment), stdin=subprocess.DEVNULL, check=False).returncode == 0


def measure(name):
    """The rows of a bench."""
    with tempfile.NamedTemporaryFile() as rows:
        if name != "query":
            run(sys.executable, "tests/bench/%s.py" % name, BENCH_ROWS=rows.name)
        else:
            with tempfile.TemporaryDirectory() as state:
                try:
                    if run("make", "lab", "LAB=" + NAME, XDG_STATE_HOME=state):
                        run(sys.executable, "tests/bench/query.py", "%s/osa_ceph_aio/%s/inventory.yml" % (state, NAME), BENCH_ROWS=rows.name)
                finally:
                    run("make", "lab-destroy", "LAB=" + NAME, "LAB_ARGS=-e lab_host_keep_image=true", XDG_STATE_HOME=state)
        text = pathlib.Path(rows.name).read_text()
    if not text:
        sys.exit("the bench %s did not come to its end; %s is as it was" % (name, PAGE.relative_to(ROOT)))
    return json.loads(text)


def machine():
    """Of this machine what times depend on."""
    memory = int(re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) >> 20
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return "%d processors (%s), %d GiB of memory, Linux %s, Python %s" % (
        os.cpu_count(), model.group(1) if model else platform.machine(), memory + 1, ".".join(platform.release().split(".")[:2]),
        platform.python_version())


def value(row):
    return "%.2f" % row["value"] + (" " + row["unit"] if row["unit"] != "of it" else "")


def goals(rows):
    """All that was to be reached."""
    return ["| what | value | goal | |", "| --- | ---: | --- | --- |"] + [
        "| %s | %s | %s | %s |" % (row["what"], value(row), row["goal"], "met" if row["met"] else "**missed**")
        for row in rows if row["met"] is not None]


def table(rows):
    return ["| what | value |", "| --- | ---: |"] + ["| %s | %s |" % (row["what"], value(row)) for row in rows]


def main():
    measured = {name: measure(name) for name, _title, _command, _about in BENCHES}
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    lines = ["# Benchmarks", "", "Written by `make bench`, not typed. Absolute times are this machine's on this day; ratios drift less.", "",
             "%s, commit %s: %s." % (datetime.date.today(), commit, machine()),
             "", "## Goals", ""] + goals([row for name, *_about in BENCHES for row in measured[name]])
    for name, title, command, about in BENCHES:
        lines += ["", "## " + title, "", about, "", "Alone: `%s`." % command, ""] + table(measured[name])
    PAGE.write_text("\n".join(lines) + "\n")
    missed = [row["what"] for rows in measured.values() for row in rows if row["met"] is False]
    print("\nWritten: %s. Goals that were missed: %s" % (PAGE.relative_to(ROOT), "; ".join(missed) or "none"))


if __name__ == "__main__":
    main()
