# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client role: another container may use the cluster, and then no more."""

import json
import re

import pytest

CLIENT = "client1"
KEYRING = "/etc/ceph/ceph.client.client1.keyring"


@pytest.fixture(scope="module")
def inventory(ready, tmp_path_factory):
    """The lab host, and a container on it that is to be a client."""
    with ready.client(CLIENT, tmp_path_factory.mktemp("client")) as path:
        yield path


@pytest.fixture
def play(ready, inventory):
    """Run the client playbook: play(argument...)."""

    def run(*arguments):
        return ready.playbook("client", "-i", inventory, *arguments)

    return run


@pytest.fixture
def inside(ready):
    def run(command, check=True):
        return ready.ssh("timeout 60 lxc-attach -n %s -- %s" % (CLIENT, command), check=check)

    return run


def typed(result):
    """What the run says to type."""
    return re.search(r"Type there, as root: (ceph .*)$", result.stdout, re.M).group(1)


def entities(ready):
    return [entry["entity"] for entry in json.loads(ready.ceph("auth ls -f json"))["auth_dump"]]


def test_in_check_mode_nothing_happens(ready, play, inside):
    result = play("--check", "--diff")
    assert result.rc == 0, result.raw
    assert result.changed(CLIENT) > 0
    assert inside("ls /etc/ceph", check=False) == ""
    assert "client.client1" not in entities(ready)


def test_it_may_use_the_cluster(ready, play, inside):
    result = play("--diff")
    assert result.rc == 0, result.raw
    assert typed(result) == "ceph --name client.client1 -s"
    assert json.loads(inside(typed(result) + " -f json"))["fsid"] == json.loads(ready.ceph("status -f json"))["fsid"]
    assert inside("stat -c '%a %U' " + KEYRING) == "600 root"
    assert inside("sed -n \"s,.*key = ,,p\" " + KEYRING) not in result.raw
    # It may look and use data, and not rule.
    assert "client.admin" not in inside("ls /etc/ceph")
    assert "EACCES" in inside("sh -c 'ceph --name client.client1 osd set noout 2>&1'", check=False)


def test_again_changes_nothing(play):
    result = play()
    assert result.rc == 0 and result.changed(CLIENT) == 0, result.raw
    assert typed(result) == "ceph --name client.client1 -s"


def test_other_capabilities(ready, play):
    result = play("-e", json.dumps({"client_caps": {"mon": "allow r", "osd": "allow rw pool=vms"}}))
    assert result.rc == 0, result.raw
    (entry,) = [entry for entry in json.loads(ready.ceph("auth ls -f json"))["auth_dump"] if entry["entity"] == "client.client1"]
    assert entry["caps"] == {"mon": "allow r", "osd": "allow rw pool=vms"}


def test_key_that_is_not_ours(ready, play, inside):
    """Then the files that go with it stay, too."""
    ledger = "/var/lib/osa_ceph_aio/ledger.json"
    ready.ssh("cp -p {0} /root/ledger && sed -i s/client.client1/client.nobody/ {0}".format(ledger))
    result = play("-e", "client_state=absent")
    ready.ssh("mv /root/ledger " + ledger)
    assert result.rc != 0 and "client.client1 is not ours" in result.text, result.raw
    assert inside("ls /etc/ceph").split() == ["ceph.client.client1.keyring", "ceph.conf"]
    assert "client.client1" in entities(ready)


@pytest.mark.parametrize("arguments, name, remedy", [
    (["-e", "client_name=client.client"], "client.client", "client_name=client.client1"),
    (["-e", "client_admin=true"], "client.admin", "client_admin=false -e client_name=client.client1"),
])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_another_client_was_made_for_it(ready, play, inside, arguments, name, remedy, state):
    """The name that is asked for may be the beginning of the one that is there."""
    before = inside("sha256sum " + KEYRING + " /etc/ceph/ceph.conf"), entities(ready)
    result = play("-e", "client_state=" + state, *arguments)
    assert result.rc != 0 and "was made for client.client1, and now %s is asked for" % name in result.text, result.raw
    assert "Next: take that back first, with -e client_state=absent -e " + remedy in result.text
    assert (inside("sha256sum " + KEYRING + " /etc/ceph/ceph.conf"), entities(ready)) == before


def test_removed_again(ready, play, inside):
    result = play("-e", "client_state=absent")
    assert result.rc == 0, result.raw
    assert inside("ls /etc/ceph", check=False) == ""
    assert "client.client1" not in entities(ready)
    again = play("-e", "client_state=absent")
    assert again.rc == 0 and again.changed(CLIENT) == 0, again.raw


def test_folder_and_name_of_its_own(ready, play, inside):
    """A folder that was there keeps its mode, and absent knows the name by itself."""
    inside("mkdir -m 700 /root/own")
    inside("touch /root/own/other")
    result = play("-e", "client_dir=/root/own", "-e", "client_name=client.other")
    assert result.rc == 0, result.raw
    assert inside("stat -c %a /root/own") == "700"
    assert typed(result) == "ceph --conf /root/own/ceph.conf --name client.other -s"
    inside(typed(result))
    result = play("-e", "client_dir=/root/own", "-e", "client_state=absent")
    assert result.rc == 0, result.raw
    assert inside("ls /root/own") == "other"
    assert "client.other" not in entities(ready)
    inside("rm -r /root/own")


def test_removed_where_the_cluster_cannot_be_asked(ready, play, inside):
    """The files go, and the run says what is left."""
    assert play().rc == 0
    result = play("-e", "client_state=absent", "-e", "client_container=none-such")
    assert result.rc != 0
    assert "Removed on client1: %s, /etc/ceph/ceph.conf. Left: client.client1 and its key" % KEYRING in result.text, result.raw
    assert inside("ls /etc/ceph", check=False) == ""
    result = play("-e", "client_state=absent", "-e", "client_name=client.client1")
    assert result.rc == 0 and result.changed(CLIENT) == 1, result.raw
    assert "client.client1" not in entities(ready)


def test_the_administrators_key_only_when_asked_for(ready, play, inside):
    before = entities(ready)
    result = play("-e", "client_admin=true")
    assert result.rc == 0 and typed(result) == "ceph -s", result.raw
    inside("ceph osd set noout")
    inside("ceph osd unset noout")
    assert inside("stat -c %a /etc/ceph/ceph.client.admin.keyring") == "600"
    assert play("-e", "client_admin=true", "-e", "client_state=absent").rc == 0
    assert inside("ls /etc/ceph", check=False) == ""
    assert entities(ready) == before


def test_another_clusters_conf_stays(ready, play, inside):
    inside("sh -c 'mkdir /etc/ceph; echo \"[global]\" > /etc/ceph/ceph.conf'")
    result = play()
    assert result.rc != 0 and "is not ours, and is left as it is" in result.text
    assert inside("cat /etc/ceph/ceph.conf") == "[global]"
    assert "client.client1" not in entities(ready)
    inside("rm -r /etc/ceph")


def test_another_clusters_keyring_stays(ready, play, inside):
    inside("sh -c 'mkdir /etc/ceph; echo theirs > " + KEYRING + "'")
    for arguments in ((), ("-e", "client_state=absent")):
        play(*arguments)
        assert inside("cat " + KEYRING) == "theirs"
        assert inside("ls /etc/ceph") == "ceph.client.client1.keyring"
    assert "client.client1" not in entities(ready)
    inside("rm -r /etc/ceph")


def test_somebody_elses_client_is_left_alone(play):
    for arguments in ((), ("-e", "client_state=absent")):
        result = play("-e", "client_name=client.glance", *arguments)
        assert result.rc != 0 and "client.glance is not ours" in result.text, result.raw


@pytest.mark.parametrize("argument, message", [
    ("client_name=client.x;y", "is no name of a client of its own"),
    ("client_name=client.admin", "set client_admin to true"),
    ("client_lab_host=nobody", "There is no lab host 'nobody' in the inventory"),
    ("client_container=a/b", "is no name of a container"),
])
def test_bad_input(play, argument, message):
    result = play("-e", argument)
    assert result.rc != 0 and message in result.text, result.raw
