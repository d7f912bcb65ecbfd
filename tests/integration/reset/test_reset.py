# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A golden state, six ways to lose it, and the way back, on a real lab host whose OSDs are small enough to be filled."""

import dataclasses
import json
import os
import re
import shlex
import statistics
import time

import pytest
from breaking import STATE, Environment, kill_while

SHORT = bool(os.environ.get("SHORT"))
GOAL = 10  # seconds from the start of the module to HEALTH_OK, median
BUILD = json.dumps({"bootstrap_opts": {"bootstrap_host_loopback_ceph_size": 1}})

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
    # One OSD, until it is full: who writes then waits for ever. The last quarter slowly: an OSD looks at its disk every six seconds
    # only, and ends itself where nothing is free.
    Way("filled", """
        CEPH config set global mon_allow_pool_size_one true
        CEPH osd pool create filler 1 1
        CEPH osd pool set filler size 1 --yes-i-really-mean-it
        head -c 8000000 /dev/urandom > /root/filler
        for number in $(seq 300); do
            timeout 5 INSIDE rados -p filler put filler.$number - < /root/filler || true
            [ $number -gt 50 ] || continue
            health=$(CEPH health detail)
            [[ $health == *OSD_FULL* ]] && break
            [[ $health != *OSD_DOWN* ]]
            sleep 1
        done
        pkill -KILL -x rados || true""", "OSD_FULL"),
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
    print("median %.1f s, goal %d s; load of this machine by now: %.1f on %d processors" % (
        statistics.median(it.took.values()), GOAL, os.getloadavg()[0], os.cpu_count()))
    assert len(it.took) == len(WAYS)
    assert statistics.median(it.took.values()) <= GOAL, it.took


BEARS = [
    Way("container stopped", "lxc-stop -n NAME -k", "STOPPED", "lxc-info -n NAME -s"),
    Way("container frozen", "lxc-freeze -n NAME", "FROZEN", "lxc-info -n NAME -s"),
    Way("container's configuration changed", "sed -i s/^lxc.start.auto.*/lxc.start.auto=0/ /var/lib/lxc/NAME/config", "auto=0",
        "cat /var/lib/lxc/NAME/config"),
    Way("image detached", """
        systemctl stop ceph-osd@1
        losetup --detach $(readlink -f /dev/osa/ceph2)
        rm /dev/osa/ceph2""", "none", "losetup --noheadings --associated /openstack/ceph2.img | grep . || echo none"),
    Way("folders gone, daemons hang", """
        pkill -STOP -x ceph-osd; pkill -STOP -x ceph-mon
        rm -rf /var/lib/ceph/osd/ceph-2 /openstack/NAME/mon; systemctl disable ceph-osd@2""", "none", "ls /openstack/NAME/mon 2> /dev/null || echo none"),
]


@pytest.mark.parametrize("way", BEARS[:1] if SHORT else BEARS, ids=lambda way: way.name)
def test_reset_bears(it, way):
    """What is not of Ceph's own making."""
    it.script(way.script)
    assert re.search(way.seen, it.script(way.look))
    seconds(it.reset())
    assert it.script(DESCRIBE) == it.golden
    it.script(READ)
    assert it.script("systemctl is-enabled ceph-osd@2; grep start.auto /var/lib/lxc/NAME/config") == "enabled\nlxc.start.auto = 1"


@pytest.mark.parametrize("verb, arguments, text", [
    ("reset", "reset_name=gold", "there is no snapshot 'gold' (/openstack/snapshots): there are golden. Next: correct the name."),
    ("reset", "reset_name=../golden", "is no name of a snapshot"),
    ("snapshot", "snapshot_name=a/b", "is no name of a snapshot"),
    ("snapshot", "snapshot_state=gone", "value of snapshot_state must be one of"),
])
def test_bad_input(it, verb, arguments, text):
    before = it.started()
    result = it.lab.playbook(verb, "-e", arguments)
    assert result.rc != 0
    assert text in result.text
    assert it.started() == before


def test_unhealthy_is_refused_and_taken_where_told(it):
    before = it.started()
    it.script("CEPH osd set noout")
    result = it.snapshot("-e", "snapshot_name=second")
    assert result.rc != 0 and "OSDMAP_FLAGS" in result.text and "snapshot_unhealthy=true" in result.text
    assert it.started() == before
    result = it.snapshot("-e", "snapshot_name=second", "-e", "snapshot_unhealthy=true")
    assert result.rc == 0, result.raw[-3000:]
    seconds(it.reset("-e", "reset_name=second"))
    assert "noout" in it.script("CEPH osd dump")
    assert it.listed() == ["golden", "second"]
    result = it.snapshot("-e", "snapshot_state=absent", "-e", "snapshot_name=second")
    assert result.rc == 0 and result.changed(it.lab.name) == 1
    assert it.listed() == ["golden"]
    seconds(it.reset())


def test_no_space(it):
    before = it.started()
    it.script("mkdir -p /root/small; mount -t tmpfs -o size=70M small /root/small")
    try:
        result = it.snapshot("-e", "snapshot_dir=/root/small/snapshots")
    finally:
        it.script("umount /root/small; rmdir /root/small")
    assert result.rc != 0 and "there is not enough space (/root/small/snapshots)" in result.text
    assert it.started() == before


def test_rebuilt_since(it):
    it.script("mv /openstack/ceph1.img /openstack/kept; cp --sparse=always /openstack/kept /openstack/ceph1.img")
    before = it.started()
    try:
        result = it.reset()
    finally:
        it.script("mv /openstack/kept /openstack/ceph1.img")
    assert result.rc != 0
    assert "the environment was rebuilt since the snapshot was taken" in result.text and "/openstack/ceph1.img is another file" in result.text
    assert it.started() == before


def test_snapshot_twice_restarts_nothing(it):
    before = it.started()
    result = it.snapshot()
    assert result.rc == 0 and result.changed(it.lab.name) == 0
    assert "and it was kept: what changed since is not in it. Next: take it anew, with -e snapshot_replace=true" in result.text
    assert it.started() == before


@pytest.mark.parametrize("after", [0.4] if SHORT else [0.0, 0.4, 0.8])
def test_interrupted_reset(it, after):
    """Others are told, and the next one does it."""
    kill_while(it, "reset.json", "reset", after=after)
    result = it.snapshot("-e", "snapshot_state=listed")
    assert result.rc != 0 and "a reset was interrupted" in result.text and "make reset" in result.text
    seconds(it.reset())
    assert it.script(DESCRIBE) == it.golden
    it.script(READ)
    assert it.lab.ansible("ceph_snapshot", state="settled").rc == 0


@pytest.mark.parametrize("after", [0.4] if SHORT else [0.0, 0.4, 0.8])
def test_interrupted_snapshot(it, after):
    """No half one is listed, and the daemons run again by the next command."""
    second = ["-e", "snapshot_name=second"]
    kill_while(it, "snapshot.json", "snapshot", *second, after=after, take_back=lambda: it.snapshot("-e", "snapshot_state=absent", *second))
    result = it.snapshot("-e", "snapshot_state=listed")
    assert result.rc == 0 and "End what an interrupted snapshot left" in result.stdout and result.changed(it.lab.name) == 1, result.raw
    assert it.listed() == ["golden"]
    assert it.lab.ansible("ceph_wait", osds=3, deadline=60).rc == 0
    it.script(READ)
    assert "second" not in it.script("cat %s/ledger.json" % STATE)


def test_reset_while_a_drill_is_pending(it):
    """Whose mending wants a mon, and that one is ruined."""
    kill_while(it, "drill.json", "drill", "-e", "drill_name=disk_full", after=0.7)
    it.script(next(way.script for way in WAYS if way.name.startswith("mon")))
    result = it.reset()
    seconds(result)
    assert it.script(DESCRIBE) == it.golden
    assert it.script("CEPH osd dump | grep ^full_ratio; ls %s/drill.json 2> /dev/null || true" % STATE) == "full_ratio 0.95"
