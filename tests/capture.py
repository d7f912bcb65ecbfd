# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""capture.py LAB [CASE...]: bring the cluster of a lab host into each case, write down what Ceph says, and undo the case.

What is written goes to tests/unit/fixtures/ceph/RELEASE/CASE, one file for each question.
"""

import contextlib
import datetime
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tests" / "unit" / "fixtures" / "ceph"
STATE = pathlib.Path(os.environ.get("XDG_STATE_HOME") or pathlib.Path.home() / ".local" / "state")
DEADLINE = 240  # seconds for a case to be there, and for it to be gone

# The monitors answer these without a manager. None of them tells a key.
QUESTIONS = (
    "status", "health detail", "osd tree", "osd dump", "osd pool ls detail", "osd lspools", "mgr dump", "version", "versions", "df",
    "osd crush rule dump", "quorum_status", "mon dump")
FILES = {"health detail": "health"}

PASSING = ("unknown", "creating", "peering", "activating", "stale")  # states of placement groups on the way to another


class Lab:
    def __init__(self, name):
        self.access = STATE / "osa_ceph_aio" / name
        if not (self.access / "known_hosts").exists():
            sys.exit("There is no lab host %s (no %s). Next: make lab LAB=%s" % (name, self.access, name))
        self.mon = next(line for line in self.run("lxc-ls", "-1").split() if "_ceph-mon_container-" in line)

    def run(self, *argv):
        result = subprocess.run(
            [ROOT / "tools" / "ssh.sh", self.access, shlex.join(argv)], capture_output=True, text=True, timeout=120, check=False)
        if result.returncode:
            raise RuntimeError("%s: %s" % (shlex.join(argv), result.stderr.strip()))
        return result.stdout

    def inside(self, *argv):
        """Run it in the monitor's container."""
        return self.run("lxc-attach", "--clear-env", "--name", self.mon, "--", *argv)

    def ceph(self, command):
        return self.inside("timeout", "60", "ceph", *command.split())

    def ask(self, question):
        return json.loads(self.ceph(question + " -f json"))

    def look(self):
        """Codes with their summaries, states of the placement groups, and names of the pools."""
        checks = self.ask("health detail")["checks"]
        return (
            {code: check["summary"]["message"] for code, check in checks.items()},
            {entry["state_name"] for entry in self.ask("status")["pgmap"].get("pgs_by_state", [])},
            [pool["poolname"] for pool in self.ask("osd lspools")])

    def wait(self, wanted):
        """Until wanted(codes, states, pools) is true twice in a row: what the manager tells comes in bits."""
        end, times = time.monotonic() + DEADLINE, 0
        while times < 2:
            seen = self.look()
            times = times + 1 if wanted(*seen) else 0
            if time.monotonic() > end:
                raise RuntimeError("it did not come about in %d s; last seen: %r" % (DEADLINE, seen))
            time.sleep(3)

    def raised(self, code, text=""):
        self.wait(lambda codes, states, pools: code in codes and text in codes[code] and not any(
            word in state.split("+") for state in states for word in PASSING))


@contextlib.contextmanager
def ok(lab):
    """nothing was done to it"""
    yield


@contextlib.contextmanager
def osd_down(lab):
    """osd.1 was stopped"""
    lab.run("systemctl", "stop", "ceph-osd@1")
    try:
        lab.raised("OSD_DOWN")
        lab.raised("PG_DEGRADED")
        yield
    finally:
        lab.run("systemctl", "start", "ceph-osd@1")


@contextlib.contextmanager
def pool(lab, name, pg_num):
    lab.ceph("osd pool create %s %d" % (name, pg_num))
    lab.ceph("osd pool application enable %s rbd" % name)
    try:
        yield
    finally:
        lab.ceph("config set mon mon_allow_pool_delete true")
        lab.ceph("osd pool delete %s %s --yes-i-really-really-mean-it" % (name, name))
        lab.ceph("config rm mon mon_allow_pool_delete")


@contextlib.contextmanager
def pool_too_large(lab):
    """a pool of 256 placement groups was made while mon_max_pg_per_osd was 1000, which then was 250"""
    lab.ceph("config set global mon_max_pg_per_osd 1000")
    try:
        with pool(lab, "large", 256):
            lab.wait(lambda codes, states, pools: states == {"active+clean"})
            lab.ceph("config set global mon_max_pg_per_osd 250")
            lab.raised("TOO_MANY_PGS")
            yield
    finally:
        lab.ceph("config rm global mon_max_pg_per_osd")


@contextlib.contextmanager
def mgr_down(lab):
    """the only manager was stopped"""
    unit = "ceph-mgr@%s" % lab.mon.replace("_", "-")
    lab.inside("systemctl", "stop", unit)
    try:
        lab.raised("MGR_DOWN")
        yield
    finally:
        lab.inside("systemctl", "start", unit)


@contextlib.contextmanager
def pgs_undersized(lab):
    """a pool of size 4, with an object in it, on three OSDs; captured when its placement groups counted as stuck"""
    with pool(lab, "wide", 8):
        lab.ceph("osd pool set wide size 4")
        lab.inside("timeout", "60", "rados", "--pool", "wide", "put", "object", "/etc/hostname")
        lab.raised("PG_DEGRADED", "8 pgs undersized")
        yield


@contextlib.contextmanager
def muted(lab):
    """the flag noscrub was set, and the check that it raises was muted"""
    lab.ceph("osd set noscrub")
    try:
        lab.raised("OSDMAP_FLAGS")
        lab.ceph("health mute OSDMAP_FLAGS")
        yield
    finally:
        lab.ceph("osd unset noscrub")
        with contextlib.suppress(RuntimeError):  # where it could not be muted
            lab.ceph("health unmute OSDMAP_FLAGS")


CASES = {case.__name__: case for case in (ok, osd_down, pool_too_large, mgr_down, pgs_undersized, muted)}
CUT = "manager map: available_modules and each list in always_on_modules have their first two entries only"
UNKNOWN = {"nautilus": ["muted"]}  # health mute came with octopus


def cut(answer):
    """Leave out the bulk of a manager map that says nothing about this cluster."""
    for modules in [answer.get("available_modules", []), *answer.get("always_on_modules", {}).values()]:
        del modules[2:]


def capture(lab, folder, source):
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        path.unlink()
    answers = {FILES.get(question, question.replace(" ", "_")): lab.ask(question) for question in QUESTIONS}
    cut(answers["mgr_dump"])
    cut(answers["status"].get("mgrmap", {}))
    for name, answer in dict(answers, source=source).items():
        (folder / (name + ".json")).write_text(json.dumps(answer, indent=1, ensure_ascii=False) + "\n")


def main():
    if len(sys.argv) < 2 or set(sys.argv[2:]) - set(CASES):
        sys.exit("capture.py LAB [CASE...]; cases: %s" % ", ".join(CASES))
    lab = Lab(sys.argv[1])
    number, release = re.search(r"ceph version (\S+) .* (\w+) \(", lab.ask("version")["version"]).groups()
    suite = re.search(r"^VERSION_CODENAME=(\S+)", lab.run("cat", "/etc/os-release"), re.M).group(1)
    for name in sys.argv[2:] or [name for name in CASES if name not in UNKNOWN.get(release, ())]:
        codes, states, pools = lab.look()
        if states != {"active+clean"}:
            sys.exit("The cluster is not as it should be before a case: %r" % states)
        start = time.monotonic()
        with CASES[name](lab):
            capture(lab, FIXTURES / release / name, {
                "release": release, "version": number, "suite": suite, "case": name,
                "captured": datetime.date.today().isoformat(),
                "how": CASES[name].__wrapped__.__doc__,
                "cut": CUT})
        lab.wait(lambda *seen: (set(seen[0]), seen[1], seen[2]) == (set(codes), states, pools))
        print("%s %s: %.0f s" % (release, name, time.monotonic() - start), flush=True)


if __name__ == "__main__":
    main()
