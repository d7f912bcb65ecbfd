# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work is refused before anything is changed, with what, where, why and what next."""

import ipaddress
import os
import re
import subprocess

import conftest
import pytest

PLANS = [
    ("-e ceph_override_pg_num=16", ['"ceph_override_pg_num" is no variable of this collection', "Next: call it ceph_overrides_pg_num"]),
    ("-e release_series=nowhere", ['"nowhere" is not known', "ocata, pike", "2026.1, master, embedded", "set release_series"]),
    ("-e release_ref=stable/2024.1", ['"stable/2024.1" (release_ref) belongs to 2024.1, not to embedded', "Next: leave release_ref out"]),
    ("-e release_series=2025.2 -e release_ref=15.1.2", ['"15.1.2" (release_ref) belongs to ocata, not to 2025.2']),
    ("-e ceph_overrides_pg_num=0", ["'0' is no number of placement groups", "ceph_overrides_pg_num", "Next:"]),
    ("-e ceph_overrides_pg_num=-8", ["'-8' is no number of placement groups", "Next:"]),
    ("-e ceph_overrides_pg_num=many", ["'many' is no number of placement groups", "Next:"]),
    (
        "-e ceph_overrides_pg_num=64",
        ["5 pools x 64 PGs x size 3 / 3 OSDs = 320 PGs per OSD", "(mon_max_pg_per_osd) is 250", "to 32 or less"],
    ),
    ("-e '{\"ceph_overrides_extra\": {\"osd\": 1, \"mon\": {\"a\": []}}}'",
     ["the overrides are no hash of hashes (ceph_overrides_extra.osd)", "an option has no plain value (ceph_overrides_extra.mon.a)"]),
    ("-e ceph_overrides_strategy=custom_hash", ["does not honour the strategy custom_hash", "nobody would read it", "leave it at auto"]),
    ("-e '{\"preflight_ignore\": [\"all\"]}'", ["no finding called all (preflight_ignore)", "pg_plan, root, system, memory"]),
    ("-e '{\"install_steps\": {\"ceph-instal\": {}}}'", ["There is no step ceph-instal", "setup-hosts, setup-infrastructure"]),
    ("-e '{\"install_scope\": \"ceph\", \"install_steps\": {\"setup-openstack\": {}}}'", ["There is no step setup-openstack"]),
    ("-e '{\"install_steps\": {\"setup-hosts\": {\"argumnts\": []}}}'", ["A step takes no argumnts", "after, arguments, before"]),
    ("-e '{\"install_playbooks_before\": [{\"name\": \"setup-hosts\"}, {}]}'", ["no name of its own", "setup-hosts", "none given"]),
    ("-e '{\"install_playbooks_after\": [{\"name\": \"tempest\", \"plabook\": \"x.yml\"}]}'",
     ["The playbook tempest takes no plabook", "The playbook tempest has no playbook", "give it of name, playbook, arguments, overrides"]),
    ("-e install_scope=some", ["some (install_scope) is no scope", "take one of full, ceph"]),
    ("-e preflight_ignore=everything", ["no finding called everything"]),
    ("-e '{\"bootstrap_user_variables\": {\"ceph_conf_overrides_rgw\": {}}}'", ["ceph_conf_overrides_rgw (bootstrap_user_variables)"]),
    ("-e '{\"bootstrap_user_variables\": {\"ceph_conf_overrides\": {}}}'", ["would replace what the series", "to ceph_overrides_extra"]),
    ("-e '{\"release_differences\": {\"cpeh\": {}}}'", ["have no release_differences.cpeh"]),
    ("-e release_series=2025.2", ["takes the embedded OSA, not 2025.2"]),
    ("-e release_series=ocata", ["takes the embedded OSA, not ocata", "run the site playbook on a lab host of your own"]),
    ("-e '{\"lab_host_dir\": \"/srv/a b\"}'", ["no folder for lab hosts", "choose another"]),
    ("-e lab_host_network=nonsense", ["'nonsense' is no network", "lab_host_network", "Next:"]),
    (
        "-e lab_host_python=python2.7",
        ["there is no python2.7 for the lab host (lab_host_python): bookworm has no such package", "set lab_host_suite to bullseye"],
    ),
    ("-e lab_host_name=Under_Score", ["no name for a lab host", "small letters", "Next:"]),
    ("-e lab_host_min_disk_gb=99999", ["too little free disk", "99999 GiB are needed", "lab_host_dir"]),
    ("-e lab_host_min_memory_mb=9999999", ["too little memory", "9999999 MiB are needed", "Next:"]),
]


def taken_network():
    """A network that this machine is in."""
    routes = subprocess.run(["ip", "-4", "route"], check=True, capture_output=True, text=True).stdout
    return str(ipaddress.ip_network(re.search(r"^([0-9.]+/\d+) dev", routes, re.M).group(1)))


@pytest.mark.parametrize("arguments, said", PLANS, ids=lambda value: str(value)[:40])
def test_a_plan_that_cannot_work_is_refused(lab, before, arguments, said):
    result = lab.make("lab", arguments)
    assert result.rc != 0
    for piece in said:
        assert piece in result.text
    assert conftest.observe() == before
    assert not lab.access.exists()


def test_a_network_that_is_taken_is_refused(lab, before):
    network = taken_network()
    result = lab.make("lab", "-e lab_host_network=" + network)
    assert result.rc != 0
    assert "the address range of the lab host is taken (%s)" % network in result.text
    assert "set lab_host_network to a free range" in result.text
    assert conftest.observe() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up what root may do")
@pytest.mark.parametrize(
    "lost, said",
    [
        (["--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin"], "root lacks CAP_SYS_ADMIN"),
        (["--bounding-set", "-net_admin,-mknod", "--inh-caps", "-net_admin,-mknod"], "root lacks CAP_MKNOD, CAP_NET_ADMIN"),
    ],
)
def test_a_machine_that_cannot_run_containers_is_refused(lab, before, lost, said):
    result = lab.run("setpriv", *lost, "make", "lab", "LAB=" + lab.name)
    assert result.rc != 0
    assert "LXC cannot work here (capabilities): " + said in result.text
    assert "Next: run on a machine" in result.text
    assert conftest.observe() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user without asking")
@pytest.mark.parametrize("arguments, make, said", [
    (["-e", "ansible_become=false"], "", ["lab hosts need root (uid 65534)", "or as a user who may use sudo"]),
    (["-e", "ansible_become_exe=/nowhere/sudo"], "", ["You are not root, and sudo does not make you so: ", "/nowhere/sudo", "the same command with -K"]),
    (["-e", "ansible_become_exe=/nowhere/sudo"], "labtest", ["make lab LAB=labtest LAB_ARGS=-K"])])
def test_without_root_it_says_so(lab, before, tmp_path, arguments, make, said):
    # The tools may lie where only root can read.
    reading = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    result = lab.run(
        "setpriv", "--reuid=65534", "--clear-groups", *reading, "ansible-playbook", "playbooks/lab.yml", "-e", "lab_host_name=labtest", *arguments,
        environment={"HOME": str(tmp_path), "ANSIBLE_LOCAL_TEMP": str(tmp_path), "ANSIBLE_REMOTE_TEMP": str(tmp_path),
                     "OSA_CEPH_AIO_MAKE": make})
    assert result.rc != 0
    for piece in said:
        assert piece in result.text
    assert conftest.observe() == before


def test_destroying_wants_the_name(lab, before):
    result = lab.run("ansible-playbook", "playbooks/lab_destroy.yml", "-e", "lab_host_name=labtest")
    assert result.rc != 0
    assert "-e lab_destroy_confirm=labtest" in result.text


@pytest.mark.parametrize("playbook", ["site", "status", "bundle", "snapshot", "teardown"])
def test_an_inventory_without_lab_hosts_is_a_failure(lab, before, playbook):
    result = lab.run("ansible-playbook", "-i", "elsewhere,", "playbooks/%s.yml" % playbook)
    assert result.rc != 0
    assert "The inventory has no lab host: there is no host in the group lab_hosts" in result.text and "Inventory: elsewhere,." in result.text
    assert conftest.observe() == before


def test_other_lab_hosts_are_not_built_on(lab, before, tmp_path):
    """An inventory that is everybody's, as ANSIBLE_INVENTORY or ansible.cfg may name it."""
    (tmp_path / "fleet.yml").write_text("lab_hosts: {hosts: {prod1: {}, prod2: {}}}\n")
    result = lab.run("make", "lab", "LAB=" + lab.name, environment={"ANSIBLE_INVENTORY": str(tmp_path / "fleet.yml")})
    assert result.rc != 0
    assert "would build on them: prod1, prod2" in result.text and "Next: leave that inventory out" in result.text
    assert conftest.observe() == before


def test_one_file_for_several_lab_hosts(lab, before, tmp_path):
    (tmp_path / "fleet.yml").write_text("lab_hosts: {hosts: {one: {}, two: {}}, vars: {ansible_connection: local}}\n")
    result = lab.run("ansible-playbook", "-i", str(tmp_path / "fleet.yml"), "playbooks/status.yml", "-e", "report_path=status.json")
    assert result.rc != 0
    assert "status.json (report_path) is one file for one, two" in result.text and "put inventory_hostname" in result.text
    assert conftest.observe() == before


def test_check_mode_says_what_would_be_made(lab, before):
    result = lab.make("lab", "--check")
    assert result.rc == 0, result.raw
    assert "The lab host labtest would be made" in result.text
    assert conftest.observe() == before


def test_status_without_a_lab_host_says_what_to_do(lab):
    result = lab.make("status")
    assert result.rc != 0
    assert "There is no lab host labtest" in result.text
    assert "Next: make lab" in result.text
