# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster's real keys and OSA's passwords: in no output at -vvv, no command line, no log, no file that others can read."""

import json
import re
import subprocess

import pytest

# Looks for the lines of its input in all that it can read, as root in logs only, and prints the paths.
SEARCH = r'''
import os, stat, sys
secrets = [line.encode() for line in sys.stdin.read().split()]
for top in ("/etc", "/home", "/opt", "/openstack", "/root", "/run", "/srv", "/tmp", "/usr/local", "/var"):
    for folder, folders, files in os.walk(top):
        for name in files:
            path = os.path.join(folder, name)
            try:
                if not stat.S_ISREG(os.lstat(path).st_mode) or os.geteuid() == 0 and "/log" not in path:
                    continue
                with open(path, "rb") as stream:
                    data = stream.read(64 << 20)
            except OSError:
                continue
            if any(secret in data for secret in secrets):
                print(path)
'''
# Every command line that is seen, until it is told to stop.
WATCH = "rm -f /run/watch-stop; while [ ! -e /run/watch-stop ]; do cat /proc/[0-9]*/cmdline 2> /dev/null | tr '\\0' ' '; done > /root/watched"


class Secrets(list):
    """A failing test does not show them."""

    def __repr__(self):
        return "<%d secrets>" % len(self)

    def __add__(self, other):
        return Secrets([*self, *other])


@pytest.fixture(scope="module")
def secrets(ready):
    """The keys of the cluster and the values of user_secrets.yml."""
    keys = [entry["key"] for entry in json.loads(ready.ceph("auth ls -f json"))["auth_dump"]]
    passwords = re.findall(r"^\w+:\s*(\S{12,})\s*$", ready.ssh("cat /etc/openstack_deploy/user_secrets.yml"), re.M)
    assert len(keys) > 5 and passwords
    return Secrets(keys + passwords)


def found(secrets, text):
    return [secret[:6] + "..." for secret in secrets if secret in text]


def test_the_whole_build(ready, secrets):
    assert len(ready.story) > 50000
    assert found(secrets, ready.story) == []


def test_all_that_asks(ready, secrets, tmp_path):
    playbook = tmp_path / "ask.yml"
    playbook.write_text(json.dumps([{"hosts": "lab_hosts", "gather_facts": False, "tasks": [
        {"osa_lab.ceph_aio.ceph_info": {"raw": True, "text": True, "config": ["keyring", "osd_pool_default_pg_num"]}},
        {"osa_lab.ceph_aio.ceph_wait": {"osds": 3, "deadline": 60}},
        {"osa_lab.ceph_aio.ceph_command": {"argv": ["auth", "ls"]}},
        {"osa_lab.ceph_aio.ceph_command": {"argv": ["auth", "get", "client.admin", "--format", "plain"]}},
        {"osa_lab.ceph_aio.ceph_command": {"command": {"prefix": "auth get-key", "entity": "client.glance"}}},
        {"osa_lab.ceph_aio.ceph_key": {"name": "client.secret", "caps": {"mon": "allow r"}}},
        {"osa_lab.ceph_aio.ceph_key": {"name": "client.secret", "state": "absent"}},
        {"osa_lab.ceph_aio.osa_containers_info": {}},
    ]}]))
    watch = subprocess.Popen(ready.ssh_argv() + [WATCH])
    try:
        ran = ready.ansible_playbook(playbook, "-vvv", "--diff")
        client = ready.playbook("client", "-i", write_client(ready, tmp_path), "-vvv", "--diff", "-e", "client_dir=/root/as-client")
        keys = re.findall(r"key = (\S+)", ready.ssh("cat /root/as-client/*.keyring"))
        back = ready.playbook("client", "-i", tmp_path / "clients.yml", "-vvv", "-e", "client_dir=/root/as-client",
                              "-e", "client_state=absent")
        status = ready.playbook("status", "-vvv")
    finally:
        ready.ssh("touch /run/watch-stop")
        watch.wait(60)
    assert len(keys) == 1
    for result in (ran, client, back, status):
        assert result.rc == 0, result.raw[-3000:]
        assert found(secrets + keys, result.raw) == []
    watched = ready.ssh("cat /root/watched; rm /root/watched /run/watch-stop")
    assert "The small program that asks Ceph" in watched
    assert found(secrets + keys, watched) == []


def write_client(ready, tmp_path):
    path = tmp_path / "clients.yml"
    path.write_text(json.dumps({"clients": {"hosts": {ready.name: {}}}}))
    return path


@pytest.mark.parametrize("who", ["", "setpriv --reuid 65534 --regid 65534 --clear-groups "], ids=["logs", "files_of_others"])
@pytest.mark.parametrize("inside", [False, True], ids=["lab_host", "mon_container"])
def test_files(ready, secrets, who, inside):
    place = "lxc-attach -n %s -- " % ready.mon() if inside else ""
    search = subprocess.run([*ready.ssh_argv(), place + who + "python3 -c '%s'" % SEARCH], input="\n".join(secrets),
                            capture_output=True, text=True, timeout=300, check=True)
    assert search.stdout == ""
