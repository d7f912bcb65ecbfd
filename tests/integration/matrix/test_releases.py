# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real clusters of several releases, one after another: what the modules say is what the ceph command says."""

import json
import re

import pytest

RELEASES = {
    "nautilus": ("bullseye", []),
    "pacific": ("bookworm", []),
    # Debian's manager modules cannot be loaded there.
    "reef": ("trixie", ["MGR_MODULE_DEPENDENCY"]),
    "tentacle": ("forky", []),
}


class Release:
    def __init__(self, name, lab, accept):
        self.name = name
        self.lab = lab
        self.accept = accept

    def cli(self, question):
        return json.loads(self.lab.ceph(question + " -f json"))

    def module(self, module, **options):
        """What a module returns on the lab host."""
        result = self.lab.ansible(module, **options)
        return json.loads(re.search(r"=> (\{.*\})", result.stdout, re.S).group(1))


@pytest.fixture(scope="module", params=RELEASES)
def release(request, make_lab):
    suite, accept = RELEASES[request.param]
    with make_lab("labmatrix") as lab:
        built = lab.make("lab", "-e lab_host_suite=%s -e '%s'" % (suite, json.dumps({"verify_accept": accept})))
        assert built.rc == 0, built.raw[-4000:]
        yield Release(request.param, lab, accept)


@pytest.fixture(scope="module")
def ceph(release):
    # What the manager tells of usage comes some seconds late.
    settled = release.module("ceph_wait", osds=3, accept=release.accept, stable_for=12, deadline=120)
    assert settled["unmet"] == []
    seen = release.module("ceph_info", raw=True, config=["osd_pool_default_pg_num"])["ceph"]
    assert seen["missing"] == []
    return seen


def test_who_it_is(release, ceph):
    assert ceph["release"] == release.name
    assert ceph["version"] in release.cli("version")["version"]
    assert ceph["fsid"] == release.cli("fsid")["fsid"]


def test_health(release, ceph):
    said = release.cli("health detail")
    assert ceph["health"]["status"] == said["status"]
    assert ceph["state"] == {"HEALTH_OK": "ok", "HEALTH_WARN": "warn"}[said["status"]]
    assert [(check["code"], check["severity"], check["summary"], check["detail"]) for check in ceph["health"]["checks"]] == [
        (code, check["severity"], check["summary"]["message"], [line["message"] for line in check["detail"]])
        for code, check in sorted(said["checks"].items())]


def test_mons_and_mgr(release, ceph):
    said, managers = release.cli("quorum_status"), release.cli("mgr dump")
    assert (ceph["mons"]["total"], ceph["mons"]["quorum"], ceph["mons"]["leader"]) == (
        len(said["monmap"]["mons"]), said["quorum_names"], said["quorum_leader_name"])
    assert [(mon["name"], mon["rank"]) for mon in ceph["mons"]["members"]] == [
        (mon["name"], mon["rank"]) for mon in release.cli("mon dump")["mons"]]
    assert (ceph["mgr"]["available"], ceph["mgr"]["active"]) == (managers["available"], managers["active_name"])


def test_osds(release, ceph):
    dump, tree = release.cli("osd dump")["osds"], release.cli("osd tree")["nodes"]
    assert ceph["osds"] == {"total": len(dump), "up": sum(osd["up"] for osd in dump), "in": sum(osd["in"] for osd in dump)}
    assert sorted((node["id"], node["name"], node["type"]) for node in ceph["osd_tree"]) == sorted(
        (node["id"], node["name"], node["type"]) for node in tree)
    weights = {node["id"]: node["crush_weight"] for node in tree if node["type"] == "osd"}
    assert {node["id"]: node["weight"] for node in ceph["osd_tree"] if node["type"] == "osd"} == pytest.approx(weights, abs=1e-4)
    assert ceph["osd_tree"][0]["weight"] == pytest.approx(sum(weights.values()), abs=1e-4)


def test_pools_and_pgs(release, ceph):
    said = release.cli("osd dump")["pools"]
    assert [(pool["id"], pool["name"], pool["size"], pool["min_size"], pool["pg_num"], pool["pgp_num"]) for pool in ceph["pools"]] == [
        (pool["pool"], pool["pool_name"], pool["size"], pool["min_size"], pool["pg_num"], pool["pg_placement_num"]) for pool in said]
    assert [pool["autoscale_mode"] for pool in ceph["pools"]] == [pool["pg_autoscale_mode"] for pool in said]
    assert [pool["applications"] for pool in ceph["pools"]] == [sorted(pool["application_metadata"]) for pool in said]
    pgmap = release.cli("status")["pgmap"]
    assert (ceph["pgs"]["total"], ceph["pgs"]["states"]) == (
        pgmap["num_pgs"], {entry["state_name"]: entry["count"] for entry in pgmap["pgs_by_state"]})


def test_usage(release, ceph):
    said = release.cli("df")
    assert ceph["usage"]["total_bytes"] == said["stats"]["total_bytes"]
    assert ceph["usage"]["used_bytes"] == pytest.approx(said["stats"]["total_used_raw_bytes"], rel=0.05)
    assert [(pool["id"], pool["name"], pool["objects"], pool["stored_bytes"], pool["used_bytes"]) for pool in ceph["usage"]["pools"]] == [
        (pool["id"], pool["name"], pool["stats"]["objects"], pool["stats"]["stored"], pool["stats"]["bytes_used"])
        for pool in said["pools"]]


def test_versions_and_rules(release, ceph):
    said = release.cli("versions")
    assert {entry["daemon"]: entry["count"] for entry in ceph["versions"]} == {
        daemon: sum(counts.values()) for daemon, counts in said.items() if daemon != "overall" and counts}
    assert all(entry["release"] == release.name for entry in ceph["versions"])
    assert [(rule["id"], rule["name"]) for rule in ceph["crush_rules"]] == [
        (rule["rule_id"], rule["rule_name"]) for rule in release.cli("osd crush rule dump")]


def test_config(release, ceph):
    assert ceph["config"]["values"] == {"osd_pool_default_pg_num": "8"}
    other = release.module("ceph_info", gather_subset=["status"], config=["osd_pool_default_size"], config_of="osd.0")["ceph"]
    assert other["config"] == {"daemon": "osd.0", "values": {
        "osd_pool_default_size": release.lab.ceph("config show osd.0 osd_pool_default_size")}}


def test_raw_is_what_ceph_said(release, ceph):
    assert ceph["raw"]["ceph osd lspools"] == release.cli("osd lspools")
    assert ceph["raw"]["ceph mgr dump"]["active_name"] == ceph["mgr"]["active"]


def test_wait(release):
    waited = release.module("ceph_wait", osds=3, quorum=1, accept=release.accept, pools=[{"name": "rbd", "pg_num": 8}], deadline=60)
    assert waited["unmet"] == []
    missed = release.module("ceph_wait", health="", pgs_clean=False, osds_up=4, deadline=2)
    assert missed["unmet"] == ["3 OSDs are up, not 4"]
    release.lab.ssh("systemctl stop ceph-osd@1")
    down = release.module("ceph_wait", health="", pgs_clean=False, osds_up=2, osds_in=3, deadline=60)
    release.lab.ssh("systemctl start ceph-osd@1")
    back = release.module("ceph_wait", osds=3, accept=release.accept, stable_for=2, deadline=120)
    assert (down["unmet"], back["unmet"]) == ([], [])


def test_command(release):
    for argv in (["osd", "df"], ["osd", "dump"], ["mon", "dump"]):
        assert set(release.module("ceph_command", argv=argv)["answer"]) == set(release.cli(" ".join(argv)))
    asked = release.module("ceph_command", command={"prefix": "osd pool get", "pool": "rbd", "var": "pg_num"})
    assert asked["only_reads"] and asked["answer"]["pg_num"] == 8
    assert not release.module("ceph_command", argv=["osd", "set", "noout"])["only_reads"]
    assert "noout" in release.cli("osd dump")["flags"]
    release.module("ceph_command", command={"prefix": "osd unset", "key": "noout"})
    refused = release.module("ceph_command", argv=["osd", "pool", "get", "nope", "size"])
    assert refused["rc"] == -2 and "unrecognized pool" in refused["msg"]


def test_key(release):
    assert release.module("ceph_key", name="client.matrix", caps={"mon": "allow r"})["changed"]
    assert not release.module("ceph_key", name="client.matrix", caps={"mon": "allow r"})["changed"]
    denied = release.module("ceph_command", argv=["auth", "ls"], client_name="client.matrix", keyring="/root/none")
    assert denied["state"] == "denied"
    assert release.module("ceph_key", name="client.matrix", state="absent")["changed"]
