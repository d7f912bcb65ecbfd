# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Something is wrong with the environment: the right state and a useful message, in time, and nothing is left over."""

import contextlib
import dataclasses
import json
import shlex
import subprocess
import time

import pytest

DEADLINE = 5
PAST = 2  # seconds that an answer may come after it, the way to the lab host and back included
KEYRING = "/etc/ceph/ceph.client.admin.keyring"
INVENTORY = "/etc/openstack_deploy/openstack_inventory.json"
STORE = "/var/lib/ceph/mon"


@dataclasses.dataclass
class Fault:
    """What is done to the environment and how it is undone, on the lab host or inside the mon container.

    NAME stands for the container, ID for the daemons' id.
    """

    name: str
    state: str
    reason: str
    remedy: str
    host: str = "true"
    inside: str = ""
    undo_host: str = "true"
    undo_inside: str = ""
    options: dict = dataclasses.field(default_factory=dict)


FREEZE = "echo %d > $(find /sys/fs/cgroup -type d -path '*lxc.payload.NAME' | head -n 1)/cgroup.freeze"
START_MON = "systemctl reset-failed; systemctl start ceph-mon@ID"

FAULTS = [
    Fault("mon_stopped", "mon_unreachable", "no ceph-mon runs there", "systemctl status",
          inside="systemctl stop ceph-mon@ID", undo_inside=START_MON),
    Fault("mon_sigstopped", "mon_unreachable", "stopped by a signal", "pkill -CONT",
          inside="pkill -STOP -x ceph-mon", undo_inside="pkill -CONT -x ceph-mon"),
    Fault("container_stopped", "container_stopped", "LXC says it is STOPPED", "lxc-start -n",
          host="lxc-stop -n NAME -t 20", undo_host="lxc-start -n NAME"),
    Fault("container_frozen", "container_stopped", "LXC says it is FROZEN", "lxc-unfreeze -n",
          host="lxc-freeze -n NAME", undo_host="lxc-unfreeze -n NAME"),
    # Who enters is frozen too, and LXC does not know.
    Fault("frozen_behind_lxcs_back", "timed_out", "within", "systemctl status", host=FREEZE % 1, undo_host=FREEZE % 0),
    Fault("container_gone", "no_container", "LXC has no container of this name", "run the site playbook",
          host="lxc-stop -n NAME -t 20; mv /var/lib/lxc/NAME /root/gone", undo_host="mv /root/gone /var/lib/lxc/NAME; lxc-start -n NAME"),
    Fault("stale_name", "no_container", "but it has aio1_ceph-mon_container-", "set container to aio1_",
          host="sed s/NAME/aio1_ceph-mon_container-deadbeef/g %s > /root/stale.json" % INVENTORY, undo_host="rm /root/stale.json",
          options={"inventory": "/root/stale.json"}),
    Fault("keyring_wrong", "denied", "as client.admin", "check the keyring",
          inside="cp -a {0} {0}.right; ceph-authtool --create-keyring {0} --gen-key --name client.admin".format(KEYRING),
          undo_inside="mv {0}.right {0}".format(KEYRING)),
    Fault("keyring_gone", "denied", "as client.admin", "check the keyring",
          inside="mv {0} {0}.right".format(KEYRING), undo_inside="mv {0}.right {0}".format(KEYRING)),
    # An address in the container's own network that nobody has.
    Fault("conf_to_nowhere", "mon_unreachable", "no mon answered within", "systemctl status",
          inside="sed -E 's/^mon.host.*/mon host = 172.29.239.254/' /etc/ceph/ceph.conf > /etc/ceph/nowhere.conf",
          undo_inside="rm /etc/ceph/nowhere.conf", options={"conf": "/etc/ceph/nowhere.conf"}),
    Fault("conf_gone", "mon_unreachable", "there is no /etc/ceph/none.conf", "correct /etc/ceph/none.conf there",
          options={"conf": "/etc/ceph/none.conf"}),
    Fault("conf_without_a_mon", "mon_unreachable", "/etc/ceph/nomon.conf names no mon", "correct /etc/ceph/nomon.conf there",
          inside="grep -v mon /etc/ceph/ceph.conf > /etc/ceph/nomon.conf", undo_inside="rm /etc/ceph/nomon.conf",
          options={"conf": "/etc/ceph/nomon.conf"}),
    # The mon's store on a small file system that is full: a mon ends itself.
    Fault("disk_full", "mon_unreachable", "% free, a mon ends itself below 5 %", "make room there",
          inside="systemctl stop ceph-mon@ID; mkdir -p /root/small; mount -t tmpfs -o size=300M small /root/small;"
                 " cp -a {0}/. /root/small; mount --bind /root/small {0};"
                 " dd if=/dev/zero of={0}/filler bs=1M; systemctl start ceph-mon@ID; sleep 2".format(STORE),
          undo_inside="systemctl stop ceph-mon@ID; rm {0}/filler; umount {0}; rm -rf {0}/*; cp -a /root/small/. {0};"
                      " umount /root/small; rmdir /root/small; {1}".format(STORE, START_MON)),
]


class Environment:
    """The lab host's mon container, to be broken and mended."""

    def __init__(self, lab):
        self.lab = lab
        self.name = lab.mon()
        self.id = self.name.replace("_", "-")

    def host(self, script):
        return self.lab.ssh(script.replace("NAME", self.name))

    def inside(self, script):
        script = "lxc-attach -n NAME -- bash -c %s" % shlex.quote(script.replace("ID", self.id))
        return self.host("timeout 60 " + script)

    @contextlib.contextmanager
    def suffering(self, fault):
        try:
            self.host(fault.host)
            if fault.inside:
                self.inside(fault.inside)
            yield
        finally:
            self.host(fault.undo_host)
            if fault.undo_inside:
                self.inside(fault.undo_inside)


@pytest.fixture
def it(healthy):
    return Environment(healthy)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault(it, ask, left_over, fault):
    with it.suffering(fault):
        asked = ask("ceph_info", timeout=DEADLINE, **fault.options)
        remains = left_over()
    assert asked.ceph["state"] == fault.state, asked.result
    assert fault.reason in asked.ceph["reason"]
    assert fault.remedy in asked.ceph["remedy"]
    assert asked.seconds < DEADLINE + PAST
    assert remains == ""


def test_wait_and_command_say_the_same(it, ask, left_over):
    stopped = next(fault for fault in FAULTS if fault.name == "container_stopped")
    with it.suffering(stopped):
        waited = ask("ceph_wait", timeout=DEADLINE, deadline=60)
        commanded = ask("ceph_command", argv=["osd", "df"], timeout=DEADLINE)
    assert waited.result["ceph"]["state"] == commanded.result["state"] == "container_stopped"
    assert "does not run" in waited.result["msg"] and "does not run" in commanded.result["msg"]
    assert waited.seconds < DEADLINE + PAST and commanded.seconds < DEADLINE + PAST
    assert left_over() == ""


def test_nothing_goes_on_where_nobody_listens(it, left_over):
    """The connection is lost while it waits: the module ends, and what it has started."""
    options = json.dumps({"osds_up": 9, "health": "", "deadline": 60})
    words = ["ansible", "-i", it.lab.access / "inventory.yml", it.lab.name, "-m", "osa_lab.ceph_aio.ceph_wait", "-a", options]
    with it.lab.begun(*words) as waiting:
        end = time.monotonic() + 20
        while not left_over():
            assert time.monotonic() < end, "it was not seen to ask"
        subprocess.run(["pkill", "-KILL", "-f", "ssh .*" + it.lab.values()["ansible_host"]], check=True)
        assert waiting.process.wait(20) != 0
    end = time.monotonic() + 5
    while left_over():
        assert time.monotonic() < end, left_over()
        time.sleep(0.2)


def test_mgr_stopped(it, ask):
    """The mon notices after its grace of 30 s; until then, and after, every answer comes in time."""
    it.inside("systemctl stop ceph-mgr@ID")
    try:
        end = time.monotonic() + 90
        while True:
            asked = ask("ceph_info", timeout=DEADLINE, config=["osd_memory_target"], config_of="osd.0")
            assert asked.seconds < DEADLINE + PAST
            if asked.ceph["state"] == "mgr_down" or time.monotonic() > end:
                break
    finally:
        it.inside("systemctl reset-failed; systemctl start ceph-mgr@ID")
    assert asked.ceph["state"] == "mgr_down", asked.result
    assert asked.ceph["osds"] == {"total": 3, "up": 3, "in": 3}
    assert [missing["subset"] for missing in asked.ceph["missing"]] == ["config.osd_memory_target"]


def test_truncated_inventory(it, ask):
    it.host("head -c 300 %s > /root/truncated.json" % INVENTORY)
    asked = ask("ceph_info", inventory="/root/truncated.json")
    assert "OSA's inventory is damaged (/root/truncated.json)" in asked.result["msg"]


@pytest.mark.parametrize("name", ["a/b", "a b", "$(touch /root/touched)", "a;touch /root/touched", "-n", "../x"])
def test_hostile_names(it, ask, name):
    for module, options in (("ceph_info", {}), ("ceph_wait", {}), ("ceph_command", {"argv": ["status"]})):
        assert "is no name of a container" in ask(module, container=name, **options).result["msg"]
    assert it.host("ls /root/touched 2>/dev/null || echo none") == "none"


@pytest.mark.parametrize("timeout", [0, -1])
def test_no_time(it, ask, timeout):
    assert "is no time limit (timeout)" in ask("ceph_info", timeout=timeout).result["msg"]
