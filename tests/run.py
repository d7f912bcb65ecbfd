# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""run.py [STAGE...]: run the tests and count what passed, failed and was skipped; without a STAGE all, some at the same time."""

import concurrent.futures
import json
import os
import signal
import subprocess
import sys
import threading
import time

import processes
import stages
from counting import OUTPUT, ROOT, Count


def named(*names):
    """Stages by their names; a function has no hyphen in it."""
    return {name: getattr(stages, name.replace("-", "_")) for name in names}


# All, in the order in which they are shown.
STAGES = named(
    "unit", "pythons", "lint", "sanity", "bootstrap", "overrides", "report", "lab", "molecule", "modern", "asking", "py27-host", "offline",
    "teardown", "reset", "drills", "resume", "fleet", "reboot", "docs", "docs-check")
# The stage lab looks at the whole machine for what a lab host leaves behind, so only those go beside it that make none, one after another:
# first what judges or builds the whole tree, as docs-check does, too.
MACHINE, BESIDE = ["lab"], ["docs", "lint", "sanity", "unit", "pythons", "overrides", "report", "bootstrap"]
# What makes lab hosts, the longest first.
LABS = ["docs-check", "asking", "reset", "fleet", "drills", "resume", "teardown", "reboot", "offline", "py27-host", "modern", "molecule"]
# Parts of a stage, and what takes too long for every run.
OTHERS = named("matrix", "galaxy", "faults-query", "inventory", "ceph-matrix", "upstream", "reproduce", "real-osa")
LANES = 2  # stages at the same time: with two of them two processors have enough to do
PRINTING = threading.Lock()
ENDING = threading.Event()  # nothing is begun any more


def apart(name):
    """A stage in a process of its own. What it says goes into a file, and is shown when it has ended."""
    if ENDING.is_set():
        return Count(), 0
    log, results = OUTPUT / (name + ".log"), OUTPUT / (name + ".json")
    results.unlink(missing_ok=True)
    start = time.monotonic()
    with open(log, "w") as stream:
        result = subprocess.run([sys.executable, __file__, name], cwd=ROOT, env=dict(os.environ, SHORT="1"), check=False,
                                stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT)
    with PRINTING:
        print("\n===== %s (%.0f s)\n%s" % (name, time.monotonic() - start, log.read_text(errors="replace")), flush=True)
    count = Count()
    if results.exists():
        vars(count).update(json.loads(results.read_text()))
    else:
        count.add(Count.one(name, False, "ended with %d and counted nothing" % result.returncode))
    return count, time.monotonic() - start


def all_stages():
    """All, several at the same time: (name, count, seconds) of each."""
    with concurrent.futures.ThreadPoolExecutor(LANES) as lanes:
        begun = {name: lanes.submit(apart, name) for name in MACHINE}
        beside = lanes.submit(lambda: {name: apart(name) for name in BESIDE})
        concurrent.futures.wait(begun.values())
        begun.update((name, lanes.submit(apart, name)) for name in LABS)
    done = {**beside.result(), **{name: future.result() for name, future in begun.items()}}
    return [(name, *done[name]) for name in STAGES]


def one_by_one(names):
    known = dict(STAGES, **OTHERS)
    for name in names:
        start = time.monotonic()
        count = known[name]()
        (OUTPUT / (name + ".json")).write_text(json.dumps(vars(count)))
        yield name, count, time.monotonic() - start


def ended(number, _frame):
    """All that was started ends with this, twice looked at: a stage may begin at this moment."""
    ENDING.set()
    for _time in range(2):
        processes.send(processes.below(os.getpid()), signal.SIGTERM)
        time.sleep(0.5)
    os._exit(128 + number)  # threads wait for stages


def main():
    signal.signal(signal.SIGTERM, ended)
    names = sys.argv[1:]
    unknown = [name for name in names if name not in STAGES and name not in OTHERS]
    if unknown:
        sys.exit("no such stage: %s; there are %s" % (", ".join(unknown), ", ".join([*STAGES, *OTHERS])))
    OUTPUT.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    total, table = Count(), []
    for name, count, seconds in one_by_one(names) if names else all_stages():
        table.append("%-10s %6d passed %4d failed %4d skipped %8.0f s" % (name, count.passed, count.failed, count.skipped, seconds))
        total.add(count)
    print("\n%s\nin all %.0f s" % ("\n".join(table + total.notes), time.monotonic() - start))
    print("\n%d passed, %d failed, %d skipped" % (total.passed, total.failed, total.skipped))
    sys.exit(1 if total.failed or not total.passed + total.skipped else 0)


if __name__ == "__main__":
    main()
