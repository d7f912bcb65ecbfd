# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""lab.py: how long it takes to build, build again, rebuild and reset, beside the same steps typed as a shell script.

All in one run on lab hosts of its own, which are removed at the end: absolute times drift, ratios less so.
"""

import concurrent.futures
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import yaml
from goals import Rows

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIR, PLAIN = "/var/lib/osa_ceph_aio_bench", "/var/lib/osa_ceph_aio_bench_plain"
NAME, MANY = "labbench", 4
RESETS = 5
PAIRS = 3  # of a script and a make lab on nothing: fetching and unpacking packages takes now more, now less


class Bench:
    def __init__(self, state):
        self.environment = dict(os.environ, XDG_STATE_HOME=state, ANSIBLE_FORCE_COLOR="0", NO_COLOR="1")
        self.rows = Rows()

    def run(self, *words, check=True):
        """What a command says, and its seconds."""
        start = time.monotonic()
        result = subprocess.run(words, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False)
        if check and result.returncode:
            sys.exit("%s ended with %d:\n%s" % (" ".join(words), result.returncode, (result.stdout + result.stderr)[-5000:]))
        return result.stdout, time.monotonic() - start

    def make(self, target, name=NAME, arguments="", **options):
        return self.run("make", "--no-print-directory", target, "LAB=" + name, "LAB_ARGS=-e lab_host_dir=%s %s" % (DIR, arguments), **options)

    def destroy(self, image=False):
        for name in [NAME] + ["%s%d" % (NAME, number) for number in range(MANY)]:
            self.make("lab-destroy", name, "" if image else "-e lab_host_keep_image=true", check=False)
        self.run("tests/bench/plain.sh", "--remove", PLAIN, check=False)

    def pair(self, packages):
        """Seconds of the script, and of make lab beside it, both on nothing; the lab host is there then."""
        self.make("lab-destroy")
        plain = self.run("tests/bench/plain.sh", PLAIN, "roles/embedded_osa/files", packages)[1]
        self.run("tests/bench/plain.sh", "--remove", PLAIN)
        return plain, self.make("lab")[1]

    def measure(self):
        packages = ",".join(yaml.safe_load((ROOT / "roles/lab_host/defaults/main.yml").read_text())["lab_host_image_packages"])
        add = self.rows.add
        self.make("lab")  # installs what the machine lacks, which is nobody's time
        pairs = [self.pair(packages) for _number in range(PAIRS)]
        plain, cold = map(statistics.median, zip(*pairs))
        add("the same steps typed as a shell script, median of %d" % PAIRS, plain, "s")
        add("make lab on nothing, median of %d" % PAIRS, cold, "s")
        add("make lab on nothing, to the shell script", statistics.median(cold / plain for plain, cold in pairs), "of it", "<= 1.0")
        again = self.make("lab")[1]
        add("make lab again, nothing to do", again, "s")
        add("make lab again, nothing to do, to a cold one", again / cold, "of it", "<= 0.10")
        rebuild = self.make("rebuild")[1]
        add("make rebuild, caches warm", rebuild, "s")
        add("make rebuild, caches warm, to a cold one", rebuild / cold, "of it", "<= 0.35")
        self.make("snapshot")
        resets = [self.make("reset") for _number in range(RESETS)]
        took = [float(re.search(r"^in all +([0-9.]+) s$", said, re.M).group(1)) for said, _seconds in resets]
        add("reset to HEALTH_OK, median of %d" % RESETS, statistics.median(took), "s", "<= 10")
        add("make reset, with the playbook's start-up", statistics.median(seconds for _said, seconds in resets), "s")
        self.make("lab-destroy", arguments="-e lab_host_keep_image=true")
        one = self.make("lab")[1]
        self.make("lab-destroy", arguments="-e lab_host_keep_image=true")
        add("make lab, base image there", one, "s")
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(MANY) as pool:
            list(pool.map(lambda number: self.make("lab", "%s%d" % (NAME, number)), range(MANY)))
        many = time.monotonic() - start
        add("%d of these at once" % MANY, many, "s")
        add("%d of these at once, to %d one after the other" % (MANY, MANY), many / one / MANY, "of it")
        return self.rows.end()


def main():
    with tempfile.TemporaryDirectory() as state:
        bench = Bench(state)
        bench.destroy(image=True)
        try:
            good = bench.measure()
        finally:
            bench.destroy(image=True)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
