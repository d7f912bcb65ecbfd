# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every drill on a real lab host: noticed as it should be, mended, healthy; and mended although it was interrupted."""

import os
import re
import subprocess
import time

import pytest
from breaking import STATE, Environment, kill_while

SEEN = {
    "osd_down": "warn .*OSD_DOWN.*", "osd_out": "warn .*PG_DEGRADED.*", "mon_stopped": "mon_unreachable", "container_frozen": "container_stopped",
    "container_killed": "container_stopped", "disk_full": "err .*OSD_FULL.*POOL_FULL.*", "network_cut": "mon_unreachable",
    "loop_detached": "warn .*OSD_DOWN.*", "host_reboot": "it could not be reached",
}
STAYS = [name for name in SEEN if name not in ("container_killed", "host_reboot")]
# Every drill once, always; fewer interruptions where all is tested.
KILLED, STOPPED = (("disk_full", "network_cut"), ("connection",)) if os.environ.get("SHORT") else (STAYS, ("module", "connection"))
# How the lab host is where a drill has been mended.
DESCRIBE = """
lxc-info -n NAME -s; INSIDE ip route; INSIDE ip -br link
for link in /dev/osa/*; do losetup --noheadings --output BACK-FILE $(readlink -f $link); done
systemctl is-active ceph-osd@0 ceph-osd@1 ceph-osd@2; INSIDE systemctl is-active ceph-mon@ID ceph-mgr@ID
CEPH osd dump | grep ratio; CEPH osd tree
"""


def described(it):
    # A container has another interface each time that it is started.
    return re.sub(r"@if\d+|[0-9a-f]{2}(:[0-9a-f]{2}){5}", "", it.script(DESCRIBE))


@pytest.fixture(scope="module")
def it(make_lab):
    """A lab host that makes the base of its containers by itself, as one does that is not made by us."""
    with make_lab("labdrill") as lab:
        result = lab.make("lab", "-e lab_host_share_image=false")
        assert result.rc == 0, result.raw[-4000:]
        assert "pgs         40: 40 active+clean" in result.stdout
        environment = Environment(lab)
        # Of a default route nothing is known in the embedded OSA; one that gets lost must be put back.
        environment.script("INSIDE ip route add 198.51.100.0/24 via 172.29.236.100")
        environment.before = described(environment)
        environment.table = []
        yield environment


def mended(it):
    """The lab host is as it was before, and nothing is written down any more."""
    assert it.script("ls %s/drill.json 2> /dev/null || true" % STATE) == ""
    result = it.lab.ansible("ceph_wait", osds=3, deadline=120)
    assert result.rc == 0, result.raw
    return described(it)


@pytest.mark.parametrize("name", STAYS)
def test_drill(it, name):
    look(it, name)
    assert mended(it) == it.before


@pytest.mark.parametrize("name", ["container_killed", "host_reboot"])
def test_drill_that_starts_anew(it, name):
    """What was set by hand is gone."""
    try:
        look(it, name)
        assert mended(it) == re.sub(r"198.51.100.*\n", "", it.before)
    finally:
        it.script("INSIDE ip route replace 198.51.100.0/24 via 172.29.236.100")


def look(it, name):
    result = it.lab.playbook("drill", "-e", "drill_name=" + name)
    assert result.rc == 0, result.raw[-4000:]
    assert result.changed(it.lab.name) >= 1
    lines = result.stdout[result.stdout.index("drill %s: " % name):].splitlines()[2:5]
    it.table += ["%-17s %s" % (name, line) for line in lines]
    assert re.fullmatch(r"noticed +[0-9.]+ s  %s" % SEEN[name], lines[0])
    assert re.fullmatch(r"undone +[0-9.]+ s(  it can be reached again)?", lines[1])
    assert re.fullmatch(r"healthy +[0-9.]+ s  HEALTH_OK", lines[2])


def test_table(it):
    print("\n" + "\n".join(it.table))
    assert len(it.table) == 3 * len(SEEN)


@pytest.mark.parametrize("name", KILLED)
def test_killed_half_way(it, name):
    """The next command mends it, whatever it is for."""
    kill_while(it, "drill.json", "drill", "-e", "drill_name=" + name, after=0.7)
    result = it.snapshot("-e", "snapshot_state=listed")
    assert result.rc == 0 and "Mend what an interrupted drill has left" in result.stdout, result.raw
    assert result.changed(it.lab.name) == 1
    assert mended(it) == it.before
    result = it.lab.ansible("osa_drill", state="undone")
    assert result.rc == 0 and "SUCCESS" in result.stdout, result.raw


@pytest.mark.parametrize("how", STOPPED)
def test_stopped_half_way(it, how):
    """It mends what it broke by itself: told to end, and where nobody listens any more."""
    words = ["ansible-playbook", "-i", it.lab.access / "inventory.yml", "playbooks/drill.yml", "-e", "drill_name=mon_stopped"]
    with it.lab.begun(*words) as run:
        it.script("for try in $(seq 3000); do [ -e %s/drill.json ] && break; sleep 0.01; done; sleep 0.3" % STATE)
        if how == "module":
            it.script("pkill -TERM -x -f /usr/bin/python3")
        else:
            subprocess.run(["pkill", "-KILL", "-f", "ssh .*" + it.lab.values()["ansible_host"]], check=True)
        assert run.process.wait(90) != 0
    end = time.monotonic() + 60
    while it.script("ls %s/drill.json 2> /dev/null || true" % STATE):
        assert time.monotonic() < end
        time.sleep(0.5)
    assert mended(it) == it.before


def test_reboot_that_nobody_awaits(it):
    """The controller is killed meanwhile: the next command knows that it is over."""
    words = ["ansible-playbook", "-i", it.lab.access / "inventory.yml", "playbooks/drill.yml", "-e", "drill_name=host_reboot"]
    with it.lab.begun(*words) as run:
        it.script("for try in $(seq 3000); do [ -e %s/drill.json ] && break; sleep 0.01; done" % STATE)
        time.sleep(1)
        run.process.kill()
        run.process.wait(20)
    it.lab.await_health(it.mon)
    result = it.lab.ansible("osa_drill", state="undone")
    assert result.rc == 0 and '"drill": "host_reboot"' in result.stdout, result.raw
    mended(it)


def test_bad_input(it):
    before = it.started()
    for arguments, text in (
            ("drill_name=osd_upp", "there is no drill 'osd_upp' (name): there are container_frozen, container_killed, disk_full"),
            ("drill_name=", "there is no drill ''")):
        result = it.lab.playbook("drill", "-e", arguments)
        assert result.rc != 0 and text in result.text
    it.script("CEPH osd set noout")
    try:
        result = it.lab.playbook("drill", "-e", "drill_name=osd_down")
        assert result.rc != 0 and "something is wrong with the cluster already" in result.text and "OSDMAP_FLAGS" in result.text
    finally:
        it.script("CEPH osd unset noout")
    assert it.started() == before


@pytest.mark.parametrize("content, text", [
    ("{", "is damaged"), ('{"version": 99, "drill": {}}', "was written by a newer version"),
    ('{"version": 1, "drill": {"name": "x"}}', "there is no drill 'x'")])
def test_record_that_is_not_ours(it, content, text):
    it.script("echo '%s' > %s/drill.json" % (content, STATE))
    try:
        result = it.lab.ansible("osa_drill", state="undone")
        assert result.rc != 0 and text in result.text
    finally:
        it.script("rm %s/drill.json" % STATE)
