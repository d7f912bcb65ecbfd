# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab host is restarted: once while it is built, then with the environment on it, then with the real OSA's ways of binding loop devices.
Between them, runs that meet a cluster as a restart may leave it: still starting, or half made.

RESTARTS says how often in all, 5 without it; SEED repeats what was drawn.
"""

import json
import os
import random
import re
import time

import conftest
import pytest

RESTARTS = int(os.environ.get("RESTARTS") or 5)
SEED = int(os.environ.get("SEED") or random.randrange(10 ** 6))
LIMIT = 120  # seconds
GOES_ON = 240  # seconds for a run that goes on; a whole one takes 60, and a cluster that may be starting is waited for, for 60 more
STEPS = ["bootstrap-aio", "setup-hosts", "setup-infrastructure", "setup-openstack"]
SET_UP = {"hosts": "lab_hosts", "gather_facts": False, "become": True, "roles": ["osa_lab.ceph_aio.release", "osa_lab.ceph_aio.boot"]}

WAITS = "/roles/install/tasks/starting.yml for "  # said before it, whereas the wait itself is named when it ends
# Of the playbooks that make the cluster none has ended, and the mon that the first of them set up is not there yet.
HALF_MADE = r"""
set -e
systemctl stop ceph-osd.target
lxc-attach -n $(lxc-ls -1 | grep ceph-mon) -- systemctl stop ceph-mon.target
python3 - <<'END'
import json
path = "/var/lib/osa_ceph_aio/state.json"
with open(path) as stream:
    state = json.load(stream)
for name in ("setup-infrastructure", "setup-openstack"):
    state["steps"][name].update(rc=None, finished="")
with open(path, "w") as stream:
    json.dump(state, stream)
END
"""

# Away with the embedded OSA's own way. What is put in its place stands for the real OSDs' way to their disks, which are found
# by what is on them: partitions through stein, logical volumes from train on.
WITHOUT_ITS_UNITS = r"""
set -e
cat > /usr/local/sbin/find-disk <<'END'
#!/bin/sh
for image in /openstack/ceph*.img; do
    for device in $(losetup --associated "$image" | sed 's/:.*//'); do
        if ceph-bluestore-tool show-label --dev "$device" | grep -q "\"whoami\": \"$1\""; then
            ln -sfn "$device" "/var/lib/ceph/osd/ceph-$1/block"
            exec chown ceph: "$device"
        fi
    done
done
echo "osd.$1 has no disk" >&2
exit 1
END
chmod 755 /usr/local/sbin/find-disk
mkdir -p /etc/systemd/system/ceph-osd@.service.d
printf '[Service]\nExecStartPre=+/usr/local/sbin/find-disk %%i\n' > /etc/systemd/system/ceph-osd@.service.d/find-disk.conf
systemctl disable --quiet openstack-loop@ceph1 openstack-loop@ceph2 openstack-loop@ceph3
rm /etc/systemd/system/openstack-loop@.service /usr/local/sbin/openstack-loop /etc/systemd/system/ceph-osd@*.service.d/openstack-loop.conf
"""
# What the real OSA leaves behind, from ocata to queens, and from rocky to 2025.1.
LEFT_BEHIND = {
    "rc_local": r"""
set -e
printf '#!/bin/sh -e\ntouch /run/rc-local-ran\nlosetup -f /openstack/ceph%s.img\n' 1 > /etc/rc.local
printf 'losetup -f /openstack/ceph%s.img\n' 2 3 >> /etc/rc.local
echo 'exit 0' >> /etc/rc.local
chmod 755 /etc/rc.local
systemctl daemon-reload
""",
    "units": r"""
set -e
for n in 1 2 3; do
    printf '[Unit]\nAfter=systemd-udev-settle.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c "losetup $(losetup -f) %s"\n%s\n' \
        /openstack/ceph$n.img '[Install]
WantedBy=multi-user.target' > /etc/systemd/system/loop-ceph$n.service
done
systemctl daemon-reload
systemctl enable --quiet loop-ceph1 loop-ceph2 loop-ceph3
""",
}
UNITS = {"rc_local": "osa-lab-loop@ceph%d", "units": "loop-ceph%d"}
# Away with what was set up for one way, before the next.
TAKE_BACK = r"""
systemctl disable --quiet osa-lab-loop@ceph1 osa-lab-loop@ceph2 osa-lab-loop@ceph3
rm -f /etc/rc.local /etc/systemd/system/osa-lab-loop@.service /etc/systemd/system/ceph-*@.service.d/osa-lab.conf /etc/default/osa-lab-loop-*
systemctl daemon-reload
"""


@pytest.fixture(scope="module")
def lab(make_lab):
    with make_lab("labreboot") as lab:
        yield lab


@pytest.fixture(scope="module")
def draw():
    print("SEED=%d" % SEED)
    return random.Random(SEED)


def steps(lab):
    """What is remembered of the steps."""
    said = lab.ssh("cat /var/lib/osa_ceph_aio/state.json", check=False) if (lab.access / "inventory.yml").exists() else ""
    try:
        return json.loads(said)["steps"]
    except ValueError:
        return {}


def restart(lab):
    """Restart the lab host and wait for HEALTH_OK, which nobody but the lab host itself works for: the seconds."""
    mon, fsid = lab.mon(), lab.ceph("fsid")
    start = time.monotonic()
    lab.reboot()
    lab.await_health(mon)
    seconds = time.monotonic() - start
    assert lab.ceph("fsid") == fsid
    status = json.loads(lab.ceph("status -f json"))
    assert (status["osdmap"]["num_up_osds"], status["osdmap"]["num_in_osds"]) == (3, 3)
    assert bound(lab) == {1: 1, 2: 1, 3: 1}
    assert seconds <= LIMIT
    print("HEALTH_OK after %.0f s" % seconds)
    return seconds


def bound(lab):
    """How many loop devices each disk has."""
    return {number: len(lab.ssh("losetup --associated /openstack/ceph%d.img" % number).splitlines()) for number in (1, 2, 3)}


def test_while_it_is_built(lab, draw):
    """It ends with an error, or bears the restart where that falls between two questions and nothing is at work; one run more goes on with it,
    and after that there is nothing to do.
    """
    step, later = draw.choice(STEPS), draw.uniform(0, 5)
    print("restarted %.1f s after %s began" % (later, step))
    with lab.begun(*lab.make_argv("lab")) as build:
        deadline = time.monotonic() + 400
        while step not in steps(lab):
            assert build.process.poll() is None and time.monotonic() < deadline, build.said()[-3000:]
            time.sleep(0.3)
        time.sleep(later)
        lab.reboot()
        code, story = build.process.wait(300), build.said()
    print("the run that was interrupted ended with %d: %s" % (code, " ".join(story.split())[-300:]))
    assert code != 0 or "health: HEALTH_OK" in story
    again = lab.make("lab")
    assert again.rc == 0, again.raw[-5000:]
    assert "health: HEALTH_OK" in again.stdout
    assert again.seconds <= GOES_ON
    idle = lab.make("lab")
    assert (idle.rc, idle.changed(lab.name)) == (0, 0), idle.raw[-3000:]


@pytest.mark.parametrize("number", range(2, RESTARTS + 1))
def test_with_the_environment_on_it(lab, number):
    restart(lab)


def test_a_run_after_it_has_nothing_to_do(lab):
    result = lab.make("lab")
    assert (result.rc, result.changed(lab.name)) == (0, 0), result.raw[-3000:]


def test_after_a_restart_of_the_machine(lab):
    """The lab host does not run any more. make lab starts it, and what was written to its files since it was made stays."""
    lab.ssh("echo 192.0.2.9 mine >> /etc/hosts")
    hosts, fsid = lab.ssh("cat /etc/hosts"), lab.ceph("fsid")
    lab.ssh("systemctl poweroff", check=False)
    stopped = lab.run("lxc-wait", "-P", conftest.DIR + "/hosts", "-n", lab.name, "-s", "STOPPED", "-t", "60")
    assert stopped.rc == 0, stopped.raw
    result = lab.make("lab")
    assert result.rc == 0, result.raw[-3000:]
    assert lab.ssh("cat /etc/hosts") == hosts
    assert (lab.ceph("fsid"), lab.ceph("health")) == (fsid, "HEALTH_OK")


def test_a_run_while_it_still_starts_waits_for_it(lab):
    lab.ssh("systemctl stop ceph-osd.target")
    with lab.begun(*lab.make_argv("lab")) as run:
        run.await_text(WAITS, LIMIT)
        lab.ssh("systemctl start ceph-osd.target")
        result = run.result(LIMIT)
    assert (result.rc, result.changed(lab.name)) == (0, 0), result.raw[-3000:]


def test_what_was_never_made_is_not_waited_for(lab):
    """A mon that does not answer, because the playbook that makes the cluster was killed before it was there."""
    lab.ssh(HALF_MADE)
    result = lab.make("lab")
    assert result.rc == 0, result.raw[-5000:]
    assert WAITS not in result.raw
    assert "health: HEALTH_OK" in result.stdout


@pytest.fixture(scope="module")
def bare(lab):
    lab.ssh(WITHOUT_ITS_UNITS)
    return lab


@pytest.mark.parametrize("way", list(LEFT_BEHIND))
def test_with_the_ways_of_the_real_osa(bare, tmp_path, way):
    """What the real OSA leaves behind is put right by the role boot: each disk bound once, before the OSDs."""
    bare.ssh(TAKE_BACK)
    bare.ssh(LEFT_BEHIND[way])
    playbook = tmp_path / "boot.yml"
    playbook.write_text(json.dumps([SET_UP]))
    facts = ("-e", json.dumps({"release_differences": {"boot": {"loops": way}}}))
    first, second = [bare.ansible_playbook(playbook, *facts) for _count in range(2)]
    assert first.rc == second.rc == 0, first.raw + second.raw
    assert first.changed(bare.name) > 0 and second.changed(bare.name) == 0, second.raw
    assert bound(bare) == {1: 1, 2: 1, 3: 1}

    restart(bare)
    for number in (1, 2, 3):
        unit, osd = [int(bare.ssh("systemctl show --value --property %s %s" % (when, name))) for when, name in (
            ("ActiveEnterTimestampMonotonic", UNITS[way] % number), ("ExecMainStartTimestampMonotonic", "ceph-osd@%d" % (number - 1)))]
        assert 0 < unit < osd, "the disk came after the OSD"
    assert bare.ssh("systemctl --failed --no-legend | grep -E 'loop|ceph' || true") == ""
    if way == "rc_local":
        assert bare.ssh("ls /run/rc-local-ran")
        assert re.findall("losetup", bare.ssh("cat /etc/rc.local")) == []
