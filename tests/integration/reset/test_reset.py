# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A golden state, six ways to lose it, and the way back, on a real lab host whose OSDs are small enough to be filled."""

import contextlib
import dataclasses
import json
import re
import shlex
import statistics
import time

import pytest

GOAL = 10  # seconds from the start of the module to HEALTH_OK, median
BUILD = json.dumps({"bootstrap_opts": {"bootstrap_host_loopback_ceph_size": 1}})
STATE = "/var/lib/osa_ceph_aio"
SNAPSHOTS = "/openstack/snapshots"

# On the lab host; NAME stands for the container, ID for its daemons' id, CEPH and INSIDE for commands in it.
WRITE = """
for pool in images vms; do
    head -c 3000000 /dev/urandom > /root/golden.$pool
    INSIDE rados -p $pool put golden - < /root/golden.$pool
done
head -c 5000000 /dev/urandom > /root/golden.rbd
INSIDE rbd import - volumes/golden < /root/golden.rbd
"""
READ = """
for pool in images vms; do INSIDE rados -p $pool get golden - | cmp - /root/golden.$pool; done
INSIDE rbd export volumes/golden - | cmp - /root/golden.rbd
"""
# What must be as it was, keys only as a checksum.
DESCRIBE = """
CEPH fsid; CEPH osd pool ls detail -f json | python3 -c '
import json, sys
for pool in json.load(sys.stdin): print(pool["pool_name"], pool["pg_num"], pool["size"], pool["crush_rule"])'
CEPH auth ls 2>/dev/null | sha256sum; CEPH osd crush dump | sha256sum; CEPH osd tree
CEPH config dump; INSIDE sh -c "cd /etc/ceph && ls -l && sha256sum *"; cd /etc/ceph && ls -l && sha256sum *
stat -c '%n %i %s' /openstack/*.img; losetup --noheadings --output BACK-FILE --associated /openstack/ceph1.img
"""


@dataclasses.dataclass
class Way:
    """To lose the golden state: a script on the lab host, and what the cluster must then be like."""

    name: str
    script: str
    seen: str  # a regular expression, found in what "look" says
    look: str = "timeout 10 CEPH -s 2>&1; CEPH health detail 2>&1 || true"


WAYS = [
    # Until an OSD is full: who writes then waits for ever.
    Way("filled", """
        for number in 1 2 3 4 5 6; do
            timeout 60 INSIDE rados bench -p backups 40 write -b 1M -t 8 --no-cleanup > /dev/null 2>&1 &
            bench=$!
            for second in $(seq 40); do
                CEPH health detail | grep -q OSD_FULL && break 2
                kill -0 $bench 2> /dev/null || break
                sleep 1
            done
        done
        INSIDE pkill -KILL -x rados || true; wait""", "OSD_FULL"),
    Way("pools deleted", """
        CEPH config set mon mon_allow_pool_delete true
        for pool in $(CEPH osd pool ls); do CEPH osd pool rm $pool $pool --yes-i-really-really-mean-it; done
        CEPH auth rm client.glance""", "pools: +0 pools"),
    Way("OSDs out, one destroyed", """
        CEPH osd out 0 1
        systemctl stop ceph-osd@1
        CEPH osd destroy 1 --yes-i-really-mean-it
        dd if=/dev/urandom of=/dev/osa/ceph2 bs=1M count=50 status=none conv=fsync
        rm /var/lib/ceph/osd/ceph-1/keyring""", "osd: 3 osds: [012] up.*, [012] in"),
    Way("mon's store corrupted", """
        INSIDE systemctl stop ceph-mon@ID
        for file in $(INSIDE sh -c 'ls /var/lib/ceph/mon/*/store.db/*'); do
            INSIDE dd if=/dev/urandom of=$file bs=4096 count=4 conv=notrunc status=none
        done
        INSIDE systemctl start ceph-mon@ID; sleep 2""", "activating|failed|inactive", "INSIDE systemctl is-active ceph-mon@ID || true"),
    Way("crush map changed", """
        CEPH osd crush add-bucket elsewhere host
        CEPH osd crush move osd.1 host=elsewhere
        CEPH osd crush remove osd.0
        CEPH osd crush rule create-simple other default host
        CEPH osd pool set images crush_rule other""", "elsewhere", "CEPH osd tree"),
    Way("ceph.conf gone", """
        rm /etc/ceph/*
        INSIDE sh -c 'rm /etc/ceph/*'
        INSIDE systemctl restart ceph-mon@ID ceph-mgr@ID || true
        systemctl restart ceph-osd@0 || true""", "No such file", "INSIDE cat /etc/ceph/ceph.conf 2>&1 || true"),
]


class Environment:
    def __init__(self, lab):
        self.lab = lab
        self.mon = lab.mon()

    def script(self, text, check=True):
        """What a script on the lab host says."""
        text = re.sub(r"\bCEPH\b", "INSIDE timeout 30 ceph", text)
        text = re.sub(r"\bINSIDE\b", "lxc-attach -n NAME --", text)
        text = text.replace("NAME", self.mon).replace("ID", self.mon.replace("_", "-"))
        return self.lab.ssh("bash -euc %s" % shlex.quote("set -o pipefail; " + text), check)

    def reset(self, *arguments):
        return self.lab.playbook("reset", *arguments)

    def snapshot(self, *arguments):
        return self.lab.playbook("snapshot", *arguments)

    def listed(self):
        return [line.split()[-1] for line in self.script("ls -l %s 2> /dev/null || true" % SNAPSHOTS).splitlines()[1:]]

    def healthy(self):
        return "HEALTH_OK" in self.script("CEPH health", check=False)

    def started(self):
        """When each daemon was started."""
        return self.script("ps -eo lstart,args | grep -E '[c]eph-(mon|mgr|osd) '")


def seconds(result):
    """How long the module took, by what it says."""
    assert result.rc == 0, result.raw[-3000:]
    return float(re.search(r"^in all +([0-9.]+) s$", result.stdout, re.M).group(1))


@pytest.fixture(scope="module")
def it(make_lab):
    """A lab host with a golden snapshot and data in it."""
    with make_lab("labreset") as lab:
        result = lab.make("lab", "-e %s" % shlex.quote(BUILD))
        assert result.rc == 0, result.raw[-4000:]
        environment = Environment(lab)
        environment.script(WRITE)
        result = environment.snapshot()
        assert result.rc == 0, result.raw[-4000:]
        assert re.search(r"^golden +20\d\d-\S+Z +\d+ +HEALTH_OK +3 of 3 up, rbd images volumes vms backups$", result.stdout, re.M)
        assert environment.healthy()
        environment.golden = environment.script(DESCRIBE)
        environment.took = {}
        yield environment


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_reset(it, way):
    it.script(way.script)
    end = time.monotonic() + 60
    while not re.search(way.seen, it.script(way.look)):
        assert time.monotonic() < end, it.script(way.look)
        time.sleep(1)
    result = it.reset()
    it.took[way.name] = seconds(result)
    assert it.script(DESCRIBE) == it.golden
    it.script(READ)
    assert "HEALTH_OK" in it.script("CEPH health")
    print(way.name, result.stdout[result.stdout.index("is as it was"):result.stdout.index("in all") + 30])


def test_in_time(it):
    print("\n" + "\n".join("%-26s %5.1f s" % pair for pair in it.took.items()))
    assert len(it.took) == len(WAYS)
    assert statistics.median(it.took.values()) <= GOAL, it.took
