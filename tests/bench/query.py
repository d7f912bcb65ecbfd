# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""query.py INVENTORY: how fast the lab host's cluster is asked, beside the ways one would take without this collection.

Ratios are of one run; absolute times are this machine's, on this day.
"""

import datetime
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import yaml
from goals import Rows

HERE = pathlib.Path(__file__).resolve().parent
ROUNDS = 12
BIG = "/var/tmp/osa_ceph_aio_bench"
MEASURED = "/var/tmp/measured-python"  # runs a module and writes down what is below
MEASURES = "/var/tmp/osa_ceph_aio_bench_measures"  # a line for each run: peak KiB, end on the lab host's clock


class Host:
    def __init__(self, inventory):
        self.inventory = inventory
        (self.name, values), = yaml.safe_load(inventory.read_text())["lab_hosts"]["hosts"].items()
        self.ssh_argv = ["ssh", *values["ansible_ssh_common_args"].split(), "-i", values["ansible_ssh_private_key_file"],
                         "root@" + values["ansible_host"]]
        self.mon = self.ssh("lxc-ls -1 --running").split()[0]

    def ssh(self, command, **options):
        return subprocess.run([*self.ssh_argv, command], check=True, capture_output=True, text=True, timeout=400, **options).stdout

    def play(self, playbook, **variables):
        """Run a playbook; each task's name and seconds."""
        with tempfile.NamedTemporaryFile() as durations:
            environment = dict(
                os.environ, ANSIBLE_CALLBACK_PLUGINS=str(HERE / "callbacks"), ANSIBLE_CALLBACKS_ENABLED="durations",
                DURATIONS=durations.name)
            argv = ["ansible-playbook", "-i", str(self.inventory), str(playbook), "-e", json.dumps(variables)]
            ran = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
            if ran.returncode:
                sys.exit(ran.stdout + ran.stderr)
            return [json.loads(line) for line in open(durations.name)]

    def task(self, module, variables=None, **options):
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as playbook:
            yaml.safe_dump([{"hosts": "lab_hosts", "gather_facts": False, "vars": variables or {},
                             "tasks": [{"name": "it", module: options}]}], playbook)
            playbook.flush()
            return self.play(playbook.name)[0]

    def measured(self, module, **options):
        """A task's seconds, and what MEASURES has of it."""
        seconds = self.task(module, {"ansible_python_interpreter": MEASURED}, **options)["seconds"]
        memory, end = self.ssh("tail -n 1 " + MEASURES).split()
        return seconds, int(memory), float(end)

    def ceph(self, question):
        return json.loads(self.ssh("timeout 20 lxc-attach -n %s -- ceph %s -f json" % (self.mon, question)))


def query(host):
    """Medians of each way to ask, by name."""
    seconds = {}
    for task in host.play(HERE / "query.yml", rounds=ROUNDS, mon=host.mon):
        seconds.setdefault(task["name"], []).append(task["seconds"])
    seconds.pop("Ask in each way once", None)
    return {name: statistics.median(values) for name, values in seconds.items()}


def big_map(host):
    """(OSDs, seconds, MiB) of ceph_info on a mon with very many OSDs."""
    script = (HERE / "big-map.sh").read_text()
    try:
        said = host.ssh("bash -s up", input=script)
        osds = int(re.search(r"OSDs in the map: (\d+)", said).group(1))
        runs = [host.measured("osa_lab.ceph_aio.ceph_info", via="host", conf=BIG + "/ceph.conf", timeout=30) for _round in range(10)]
    finally:
        host.ssh("bash -s down", input=script)
    return osds, statistics.median(run[0] for run in runs), max(run[1] for run in runs) / 1024


def marked_up(host, osd):
    """When the mon marked an OSD up: that map's own time, which has microseconds. Later maps have other changes."""
    since = next(entry["up_from"] for entry in host.ceph("osd dump")["osds"] if entry["osd"] == osd)
    return datetime.datetime.strptime(host.ceph("osd dump %d" % since)["modified"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()


def lag(host):
    """How long after the mon has marked an OSD up ceph_wait ends, both by the lab host's clock."""
    lags = []
    for _round in range(10):
        host.ssh("systemctl stop ceph-osd@1")
        host.task("osa_lab.ceph_aio.ceph_wait", osds_up=2, health="", pgs_clean=False, deadline=60)
        host.ssh("systemctl reset-failed; (sleep 3; systemctl start ceph-osd@1) > /dev/null 2>&1 < /dev/null &")
        _seconds, _memory, end = host.measured("osa_lab.ceph_aio.ceph_wait", osds_up=3, health="", pgs_clean=False, deadline=60)
        lags.append(end - marked_up(host, 1))
    host.task("osa_lab.ceph_aio.ceph_wait", osds=3, deadline=120)
    return statistics.median(lags)


def main():
    inventory = pathlib.Path(sys.argv[1])
    if not inventory.exists():
        sys.exit("There is no lab host (no %s). Next: make lab" % inventory)
    host = Host(inventory)
    host.task("osa_lab.ceph_aio.ceph_wait", osds=3, deadline=120)
    medians = query(host)
    one, layer, one_by_one = (medians["Ask " + way] for way in (
        "with one ceph -s", "with ceph_info, all subsets", "the same questions with a ceph each"))
    print("Through the same Ansible and ssh, medians of %d:\n" % ROUNDS)
    rows = Rows()
    for name, seconds in medians.items():
        rows.add(name, seconds, "s")
    rows.add("ceph_info, all subsets, to one ceph -s", layer / one, "of it", "<= 1.0")
    rows.add("the same questions with a ceph each, to ceph_info", one_by_one / layer, "of it", ">= 5.0")
    host.ssh("cat > {0}; chmod 755 {0}".format(MEASURED), input="#!/usr/bin/python3\n" + (HERE / "measured-python").read_text())
    try:
        osds, seconds, memory = big_map(host)
        rows.add("ceph_info with %d OSDs in the map" % osds, seconds, "s", "<= 3.0")
        rows.add("its largest process at its largest", memory, "MiB", "<= 150")
        rows.add("ceph_wait's lag after the mon marked an OSD up", lag(host), "s", "<= 1.0")
    finally:
        host.ssh("rm -f %s %s" % (MEASURED, MEASURES))
    sys.exit(0 if rows.end() else 1)


if __name__ == "__main__":
    main()
