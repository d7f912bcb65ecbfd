# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Teardown leaves a lab host as it was, and what others made there as it is.

TEARDOWN_KILLS builds are killed at a random moment, TEARDOWN_SEED says at which.
"""

import json
import os
import pathlib
import random
import re
import subprocess
import time

import conftest
import pytest

HERE = pathlib.Path(__file__).parent
LAB = "labdown"
KILLS = int(os.environ.get("TEARDOWN_KILLS", "1"))
SEED = int(os.environ.get("TEARDOWN_SEED") or random.randrange(1 << 16))
DRILLS = ["osd_down", "loop_detached", "container_killed"] if KILLS > 1 else ["loop_detached"]
# Of others, and called like ours: a file and a loop device on it, a container, a bridge, an OSD's folder, lines in files.
FOREIGN = r"""
set -eu
name={name}; number={number}
truncate -s 64M /openstack/ceph$number.img
losetup "$(losetup -f)" /openstack/ceph$number.img
echo theirs > /etc/ceph/ceph.client.$name.keyring
echo theirs > /etc/openstack_{name}
echo theirs > /usr/local/bin/ansible-$name
echo theirs > /var/log/ceph/$name.txt
mkdir -p /var/lib/ceph/osd/ceph-$number && echo theirs > /var/lib/ceph/osd/ceph-$number/block
printf '[Service]\nExecStart=/bin/sleep infinity\n' > /etc/systemd/system/openstack-loop-$name.service
systemctl daemon-reload && systemctl start openstack-loop-$name
ip link add br-mgmt$number type bridge
container=aio1_ceph-mon_container-0000000$number
mkdir -p /var/lib/lxc/$container/delta /openstack/$container
printf '%s\n' "lxc.rootfs.path = overlay:/var/cache/lxc/openstack-base:/var/lib/lxc/$container/delta" 'lxc.net.0.type = empty' \
    'lxc.apparmor.profile = unconfined' 'lxc.autodev = 1' > /var/lib/lxc/$container/config
lxc-start -n $container -- /bin/sleep infinity
echo "192.0.2.$number $name" >> /etc/hosts
"""
FOREIGN_THERE = r"""
name={name}; number={number}
losetup --noheadings --output BACK-FILE --associated /openstack/ceph$number.img
cat /etc/ceph/ceph.client.$name.keyring /etc/openstack_{name} /usr/local/bin/ansible-$name /var/log/ceph/$name.txt /var/lib/ceph/osd/ceph-$number/block
systemctl is-active openstack-loop-$name
cat /sys/class/net/br-mgmt$number/bridge/stp_state
lxc-info -n aio1_ceph-mon_container-0000000$number --state --no-humanize
ls -d /openstack/aio1_ceph-mon_container-0000000$number
grep "192.0.2.$number $name" /etc/hosts
"""
FOREIGN_GONE = r"""
name={name}; number={number}
losetup -d $(losetup --noheadings --output NAME --associated /openstack/ceph$number.img)
lxc-stop -k -n aio1_ceph-mon_container-0000000$number
systemctl stop openstack-loop-$name
ip link del br-mgmt$number
rm -rf --one-file-system /openstack/ceph$number.img /etc/ceph/ceph.client.$name.keyring /etc/openstack_{name} /usr/local/bin/ansible-$name \
    /var/log/ceph/$name.txt /var/lib/ceph/osd/ceph-$number /etc/systemd/system/openstack-loop-$name.service \
    /var/lib/lxc/aio1_ceph-mon_container-0000000$number /openstack/aio1_ceph-mon_container-0000000$number
systemctl daemon-reload
sed -i "/192.0.2.$number $name/d" /etc/hosts
"""
THERE = ["/openstack/ceph{number}.img"] + ["theirs"] * 5 + [
    "active", "0", "RUNNING", "/openstack/aio1_ceph-mon_container-0000000{number}", "192.0.2.{number} {name}"]
BEFORE, AFTER = {"name": "before", "number": 8}, {"name": "after", "number": 9}
# In a folder of ours, where it can only come after a build.
IN_OURS = "/etc/openstack_deploy/theirs.yml"
# There before, changed or removed by the build.
THEIRS = "echo mine > /etc/default/theirs; echo mine > /usr/local/bin/ansible-theirs; chmod 750 /usr/local/bin/ansible-theirs; touch /etc/fstab"
RECORDS = "/var/lib/osa_ceph_aio"
MORE = "-e " + json.dumps(json.dumps({"bootstrap_steps": {"bootstrap-aio": {"before": str(HERE / "more.yml")}}}))


def observe(lab):
    """What observe.py sees there."""
    completed = subprocess.run([*lab.ssh_argv(), "python3 -"], input=(HERE / "observe.py").read_bytes(), capture_output=True, timeout=120, check=False)
    assert completed.returncode == 0, completed.stderr
    return json.loads(completed.stdout)


def differences(one, other):
    """The lines that only one of two observations has."""
    return ["%s %s: %s" % (mark, kind, line) for kind in one for mark, lines in (
        ("-", set(one[kind]) - set(other[kind])), ("+", set(other[kind]) - set(one[kind]))) for line in sorted(lines)]


# What a cluster that runs writes all the time.
AT_WORK = (r"files: (/openstack/(aio1_ceph-mon_container-[0-9a-f]*[1-9a-f][0-9a-f]*/.*|ceph[123]\.img )|/var/lib/lxc/aio1.*/delta/|/var/log/ceph/)"
           r"|processes: .*ceph")


def touched(one, other):
    """The differences that a running cluster does not make by itself."""
    return [line for line in differences(one, other) if not re.match("[-+] (%s)" % AT_WORK, line)]


def mon(lab):
    """The container of OpenStack-Ansible's mon, of several that are called so."""
    return json.loads(lab.ssh("cat /etc/openstack_deploy/openstack_inventory.json"))["ceph-mon"]["hosts"][0]


def fsid(lab):
    return lab.ssh("timeout 30 lxc-attach -n %s -- ceph fsid" % mon(lab))


def is_there(lab, foreign):
    """All that the others made is as they made it."""
    return lab.ssh(FOREIGN_THERE.format(**foreign)).splitlines() == [line.format(**foreign) for line in THERE]


def teardown(lab, *arguments, confirm=LAB):
    return lab.playbook("teardown", "-e", "teardown_confirm=" + confirm, *arguments)


@pytest.fixture(scope="module")
def host(make_lab):
    """A lab host with nothing of ours on it, but with things of others: (lab, what is there)."""
    with make_lab(LAB) as lab:
        result = lab.run("ansible-playbook", "tests/integration/offline/host.yml", "-e", "lab_host_name=" + LAB)
        assert result.rc == 0, result.raw[-4000:]
        lab.ssh(THEIRS)
        lab.ssh(FOREIGN.format(**BEFORE))
        yield lab, observe(lab)


@pytest.fixture(scope="module")
def lab(host):
    return host[0]


@pytest.fixture(scope="module")
def before(host):
    return host[1]


@pytest.fixture(scope="module")
def built(lab, before):
    """Built, with all that the real one leaves behind; what others do then is there, too."""
    result = lab.make("lab", MORE)
    assert result.rc == 0, result.raw[-4000:]
    lab.took = result.seconds
    lab.ssh(FOREIGN.format(**AFTER))
    lab.ssh("echo theirs > " + IN_OURS)
    return observe(lab)


def test_two_looks_at_the_same_host_are_the_same(lab, before):
    """The observation shows no more than what is changed, so that a difference is one."""
    assert differences(before, observe(lab)) == []


def test_it_wants_to_be_told_which_host(lab, built):
    for word in ("", "labosa", "labdow", "labdown1"):
        result = teardown(lab, confirm=word)
        assert result.rc != 0
        assert 'and "%s" (teardown_confirm) does not name it. Nothing was touched.' % word in result.text
        assert "Next: if you mean it, run again with -e teardown_confirm=labdown" in result.text
    assert touched(built, observe(lab)) == []


SPOILT = [
    ("truncate -s 100 {}", "the {} of the lab host is damaged ({})"),
    ("sed -i 's/\"version\": 1/\"version\": 99/' {}", "the {} of the lab host was written by a newer version of this collection ({})"),
    ("chown 1000 {}", "the {} of the lab host is not ours ({})"),
]
RECORD_NAMES = ["ledger", "baseline", "state"]
SPOILT_RECORDS = [(name, *spoilt) for name in RECORD_NAMES for spoilt in SPOILT]


@pytest.mark.parametrize("name, change, said", SPOILT_RECORDS if KILLS > 1 else SPOILT_RECORDS[::4])
def test_records_that_are_not_ours_to_read(lab, built, name, change, said):
    path = "%s/%s.json" % (RECORDS, name)
    lab.ssh("cp -a {0} {0}.saved && {1}".format(path, change.format(path)))
    seen = observe(lab)
    result = teardown(lab)
    now = observe(lab)
    lab.ssh("mv {0}.saved {0}".format(path))
    assert result.rc != 0
    assert said.format(name, path) in result.text
    assert touched(seen, now) == []


def test_check_mode_says_what_would_go_and_touches_nothing(lab, built):
    result = teardown(lab, "--check")
    assert result.rc == 0, result.raw[-3000:]
    assert re.search(r"labdown: \d\d+ things would be removed or put back", result.text)
    assert touched(built, observe(lab)) == []


def test_rebuilt_without_a_network_from_what_was_kept(lab, built):
    """The route to anywhere but this machine is gone, and name servers are none."""
    was = mon(lab), fsid(lab)
    lab.ssh("ip route save default > /root/route && ip route del default && cp /etc/resolv.conf /root/resolv.conf"
            " && echo 'nameserver 127.0.0.1' > /etc/resolv.conf && touch /usr/share/osa-lab-more/witness")
    assert "Network is unreachable" in lab.ssh("bash -c 'echo > /dev/tcp/192.0.2.1/443' 2>&1", check=False)
    result = lab.make("rebuild", MORE)
    lab.ssh("ip route restore < /root/route; cp /root/resolv.conf /etc/resolv.conf; rm /root/route /root/resolv.conf")
    assert result.rc == 0, result.raw[-4000:]
    assert "packages osa-lab-more" in result.text and "caches /var/lib/osa_ceph_aio_embedded" in result.text
    assert "health: HEALTH_OK" in result.stdout
    assert mon(lab) != was[0] and fsid(lab) != was[1]
    assert lab.ssh("dpkg-query -W -f '${Status} ' osa-lab-more; ls /usr/share/osa-lab-more").split() == ["install", "ok", "installed", "more", "witness"]
    assert is_there(lab, BEFORE) and is_there(lab, AFTER)
    lab.ssh("rm /usr/share/osa-lab-more/witness")


def test_nothing_is_left_and_what_others_made_is_there(lab, before, built):
    """The bar: before, built, torn down, and no difference but what others did meanwhile."""
    assert len(differences(before, observe(lab))) > 500
    for result in (lab.make("snapshot", NAME="golden"), *[lab.make("drill", DRILL=name) for name in DRILLS]):
        assert result.rc == 0, result.raw[-3000:]
    lab.ssh("ls /openstack/snapshots/golden && systemctl kill -s KILL ceph-osd@1 && lxc-freeze -n %s" % mon(lab))
    result = teardown(lab)
    assert result.rc == 0, result.raw[-4000:]
    assert "nothing of the environment is left" in result.text
    for line in ("paths /openstack/ceph9.img", "paths /etc/ceph/ceph.client.after.keyring", "paths /usr/local/bin/ansible-after", "paths " + IN_OURS,
                 "paths /etc/openstack_deploy: others have in it: theirs.yml"):
        assert line in result.raw
    assert is_there(lab, BEFORE) and is_there(lab, AFTER)
    assert lab.ssh("ls /etc/openstack_deploy; cat " + IN_OURS) == "theirs.yml\ntheirs"
    lab.ssh(FOREIGN_GONE.format(**AFTER) + "rm -r /etc/openstack_deploy")
    assert differences(before, observe(lab)) == []


def test_again_there_is_nothing_to_do(lab, before):
    result = teardown(lab)
    assert result.rc == 0, result.raw[-3000:]
    assert result.changed(LAB) == 0
    assert differences(before, observe(lab)) == []


def killed(lab, seconds):
    """make lab, killed with all that it started on this machine; what it has said, or None where it had ended before."""
    with lab.begun(*lab.make_argv("lab", MORE)) as build:
        time.sleep(seconds)
        if build.process.poll() is not None:
            return None
        conftest.kill(build.process)
        return build.said()


@pytest.mark.parametrize("number", range(KILLS))
def test_a_build_that_was_killed_half_way(lab, before, number):
    draw = random.Random(SEED + number)
    seconds = draw.uniform(6, 0.9 * getattr(lab, "took", 40))  # it takes as long as the first one took
    print("TEARDOWN_SEED=%d: killed after %.1f s" % (SEED + number, seconds))
    story = killed(lab, seconds)
    while story is None:  # this machine had more to do when the first one was built: once more, and sooner
        assert teardown(lab).rc == 0
        seconds *= 0.6
        story = killed(lab, seconds)
    assert "in all" not in story
    result = teardown(lab)
    assert result.rc == 0, story[-2000:] + result.raw[-4000:]
    assert is_there(lab, BEFORE)
    assert differences(before, observe(lab)) == []


def test_what_an_earlier_version_built_goes_as_far_as_it_can_be_told(lab, before):
    result = lab.make("lab", MORE + " --skip-tags install,verify,done,report")
    assert result.rc == 0, result.raw[-4000:]
    assert lab.ssh("losetup --noheadings --output NAME --associated /openstack/ceph1.img").startswith("/dev/loop")
    lab.ssh("cd %s && rm -r baseline.json ledger.json kept" % RECORDS)
    result = teardown(lab)
    assert result.rc == 0, result.raw[-4000:]
    named = result.raw.partition("Stays, as it cannot be told whether it was there before:")[2]
    for line in ("links br-mgmt", "files /etc/fstab (its former content)", "paths /usr/local/bin/openstack-ansible",
                 "packages (which of them were installed for it)"):
        assert line in named, result.raw[-4000:]
    assert lab.ssh("ls -d /openstack/ceph[123].img /openstack/log /opt/openstack-ansible /opt/ansible-runtime %s 2> /dev/null; true" % RECORDS) == ""
    assert lab.ssh("ls -d /sys/class/net/br-mgmt /usr/local/bin/openstack-ansible; grep -c swift1 /etc/fstab").split() == [
        "/sys/class/net/br-mgmt", "/usr/local/bin/openstack-ansible", "1"]
    assert is_there(lab, BEFORE)
