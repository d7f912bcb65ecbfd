# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An auditor that shares no code with the collection looks at the lab host over ssh."""

import ipaddress
import json
import re

import pytest

testinfra_hosts = ["ansible://lab_hosts"]

INVENTORY = "/etc/openstack_deploy/openstack_inventory.json"
POOLS = ["rbd", "images", "volumes", "vms", "backups"]


@pytest.fixture(scope="module")
def mon(host):
    inventory = json.loads(host.file(INVENTORY).content_string)
    (name,) = inventory["ceph-mon"]["hosts"]
    return name


@pytest.fixture(scope="module")
def ceph(host, mon):
    def ask(*arguments):
        command = host.run("timeout 30 lxc-attach -n " + mon + " -- ceph " + " ".join(arguments) + " -f json")
        assert command.rc == 0, command.stderr + host.run("journalctl -n 50 --no-pager").stdout
        return json.loads(command.stdout)

    return ask


def test_health_is_ok_and_nothing_is_muted(ceph):
    health = ceph("health", "detail")
    assert health["status"] == "HEALTH_OK"
    assert health["checks"] == {}
    assert health["mutes"] == []


def test_one_mon_and_an_active_mgr(ceph, mon):
    assert ceph("quorum_status")["quorum_names"] == [mon.replace("_", "-")]
    assert ceph("mgr", "dump")["available"] is True


def test_three_osds_are_up_and_in_on_the_host(host, ceph):
    status = ceph("osd", "stat")
    assert (status["num_osds"], status["num_up_osds"], status["num_in_osds"]) == (3, 3, 3)
    hosts = [node for node in ceph("osd", "tree")["nodes"] if node["type"] == "host"]
    assert [node["name"] for node in hosts] == [host.check_output("hostname")]


def test_five_pools_with_eight_clean_pgs_each(ceph):
    pools = ceph("osd", "pool", "ls", "detail")
    assert [pool["pool_name"] for pool in pools] == POOLS
    assert {(pool["pg_num"], pool["size"]) for pool in pools} == {(8, 3)}
    states = ceph("status")["pgmap"]["pgs_by_state"]
    assert [(state["state_name"], state["count"]) for state in states] == [("active+clean", 40)]


def test_the_override_is_what_the_mon_goes_by(ceph, mon):
    shown = ceph("config", "show", "mon." + mon.replace("_", "-"), "osd_pool_default_pg_num")
    assert str(shown) == "8"


def test_the_container_is_named_and_addressed_as_osa_does(host, mon):
    assert re.match(r"^aio1_ceph-mon_container-[0-9a-f]{8}$", mon)
    assert host.check_output("lxc-info -n %s -s -H", mon) == "RUNNING"
    inventory = json.loads(host.file(INVENTORY).content_string)
    address = inventory["_meta"]["hostvars"][mon]["container_address"]
    assert ipaddress.ip_address(address) in ipaddress.ip_network("172.29.236.0/22")
    assert address in host.check_output("lxc-info -n %s -i -H", mon)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_osds_live_on_sparse_files_of_one_tebibyte(host, number):
    image = host.file("/openstack/ceph%d.img" % number)
    assert image.size == 1024**4
    assert int(host.check_output("stat -c %%b %s", image.path)) * 512 < 2 * 1024**3
    assert host.check_output("losetup -j %s", image.path)


def test_osa_left_its_entry_points(host):
    assert host.file("/usr/local/bin/openstack-ansible").mode == 0o755
    assert host.file("/opt/ansible-runtime/bin/ansible-playbook").exists
    assert host.file("/opt/openstack-ansible/scripts/bootstrap-aio.sh").exists
    assert host.file("/etc/openstack_deploy/conf.d/ceph.yml").exists
    assert host.file("/etc/ansible/roles/ceph.ceph-common/.git").is_directory


def test_secrets_are_filled_and_closed(host):
    secrets = host.file("/etc/openstack_deploy/user_secrets.yml")
    assert secrets.mode == 0o600
    assert not re.search(r"^\w+:\s*$", secrets.content_string, re.M)
    found = host.check_output("find /etc/ceph /var/lib/ceph /etc/openstack_deploy -name '*keyring*' -perm /077")
    assert found == ""


def test_what_we_remember_is_closed_to_others(host):
    assert host.file("/var/lib/osa_ceph_aio").mode == 0o700
    state = json.loads(host.file("/var/lib/osa_ceph_aio/state.json").content_string)
    assert {step["rc"] for step in state["steps"].values()} == {0}
    assert not host.file("/var/lib/osa_ceph_aio/lock").exists


@pytest.mark.parametrize("unit", ["lxc.service", "openstack-loop@ceph1.service", "ceph-osd@0.service"])
def test_units_come_back_after_a_reboot(host, unit):
    assert host.service(unit).is_enabled


def test_the_machine_is_left_alone(host):
    assert host.file("/etc/systemd/system/systemd-sysctl.service").linked_to == "/dev/null"


def test_data_written_is_data_read(host, mon):
    command = "timeout 60 lxc-attach -n " + mon + " -- "
    put = host.run(command + "sh -c 'head -c 1000000 /etc/ld.so.cache > /tmp/in && rados -p rbd put proof /tmp/in'")
    assert put.rc == 0, put.stderr
    got = host.run(command + "sh -c 'rados -p rbd get proof /tmp/out && rados -p rbd rm proof && cmp /tmp/in /tmp/out'")
    assert got.rc == 0, got.stderr + got.stdout
