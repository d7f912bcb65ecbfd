# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real clusters of several releases, one after another: what the modules say is what the ceph command says.

Numbers that move by themselves (usage, states of placement groups) are held against what ceph_info itself was told in
the same round, all else against the ceph command.
"""

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
    assert ceph["mons"]["members"] == [
        {"name": mon["name"], "rank": mon["rank"],
         "address": next(address["addr"] for address in mon["public_addrs"]["addrvec"] if address["type"] == "v1")}
        for mon in release.cli("mon dump")["mons"]]
    assert ceph["mgr"] == {"available": managers["available"], "active": managers["active_name"],
                           "standbys": [standby["name"] for standby in managers["standbys"]]}


def test_osds(release, ceph):
    dump, tree = release.cli("osd dump")["osds"], release.cli("osd tree")["nodes"]
    assert ceph["osds"] == {"total": len(dump), "up": sum(osd["up"] for osd in dump), "in": sum(osd["in"] for osd in dump)}
    above = {child: node["name"] for node in tree for child in node.get("children", [])}
    assert sorted((node["id"], node["name"], node["type"], node["parent"]) for node in ceph["osd_tree"]) == sorted(
        (node["id"], node["name"], node["type"], above.get(node["id"])) for node in tree)
    weights = {node["id"]: node["crush_weight"] for node in tree if node["type"] == "osd"}
    assert {node["id"]: node["weight"] for node in ceph["osd_tree"] if node["type"] == "osd"} == pytest.approx(weights, abs=1e-5)
    for bucket in (node for node in ceph["osd_tree"] if node["type"] != "osd"):
        below = [node for node in ceph["osd_tree"] if node["type"] == "osd" and node["path"].startswith(bucket["path"] + "/")]
        assert bucket["weight"] == pytest.approx(sum(weights[node["id"]] for node in below), abs=1e-5)
    assert {node["id"]: (node["status"], node["reweight"], node["device_class"]) for node in ceph["osd_tree"] if node["type"] == "osd"} == {
        node["id"]: (node["status"], node["reweight"], node["device_class"]) for node in tree if node["type"] == "osd"}


def test_pools_and_pgs(release, ceph):
    said = release.cli("osd dump")["pools"]
    assert [(pool["id"], pool["name"], pool["size"], pool["min_size"], pool["pg_num"], pool["pgp_num"]) for pool in ceph["pools"]] == [
        (pool["pool"], pool["pool_name"], pool["size"], pool["min_size"], pool["pg_num"], pool["pg_placement_num"]) for pool in said]
    assert [pool["autoscale_mode"] for pool in ceph["pools"]] == [pool["pg_autoscale_mode"] for pool in said]
    assert [pool["applications"] for pool in ceph["pools"]] == [sorted(pool["application_metadata"]) for pool in said]
    assert ceph["pgs"]["total"] == release.cli("status")["pgmap"]["num_pgs"] == sum(pool["pg_num"] for pool in said)
    assert [pool["internal"] for pool in ceph["pools"]] == [
        bool({"mgr", "mgr_devicehealth"} & set(pool["application_metadata"])) for pool in said]
    # What ceph_wait has waited for; one that is scrubbed meanwhile is clean, too.
    assert ceph["pgs"]["clean"] == ceph["pgs"]["total"]
    states = ceph["raw"]["ceph status"]["pgmap"]["pgs_by_state"]
    assert ceph["pgs"]["states"] == {entry["state_name"]: entry["count"] for entry in states}


def test_usage(release, ceph):
    told, said = ceph["raw"]["ceph df"], release.cli("df")
    assert ceph["usage"] == {
        "total_bytes": told["stats"]["total_bytes"], "used_bytes": told["stats"]["total_used_raw_bytes"],
        "available_bytes": told["stats"]["total_avail_bytes"],
        "pools": [{"id": pool["id"], "name": pool["name"], "objects": pool["stats"]["objects"],
                   "stored_bytes": pool["stats"]["stored"], "used_bytes": pool["stats"]["bytes_used"],
                   "available_bytes": pool["stats"]["max_avail"]} for pool in told["pools"]]}
    assert ceph["usage"]["total_bytes"] == said["stats"]["total_bytes"] == (
        ceph["usage"]["used_bytes"] + ceph["usage"]["available_bytes"])
    internal = {pool["name"] for pool in ceph["pools"] if pool["internal"]}  # the manager writes into its own
    assert [(pool["id"], pool["name"], pool["objects"]) for pool in ceph["usage"]["pools"] if pool["name"] not in internal] == [
        (pool["id"], pool["name"], pool["stats"]["objects"]) for pool in said["pools"] if pool["name"] not in internal]


def test_versions_and_rules(release, ceph):
    said = release.cli("versions")
    assert sorted((entry["daemon"], entry["version"], entry["release"], entry["count"]) for entry in ceph["versions"]) == sorted(
        (daemon, text.split()[2], release.name, count)
        for daemon, counts in said.items() if daemon != "overall" for text, count in counts.items())

    def steps(rule, key):
        """What the rule's steps have under this key: those that take have item_name, those that choose have type."""
        return [step[key] for step in rule["steps"] if key in step]

    assert ceph["crush_rules"] == [
        {"id": rule["rule_id"], "name": rule["rule_name"], "type": {1: "replicated", 3: "erasure"}[rule["type"]],
         "root": steps(rule, "item_name")[0], "failure_domain": steps(rule, "type")[-1]}
        for rule in release.cli("osd crush rule dump")]


def test_config(release, ceph):
    assert ceph["config"]["settings"] == {"osd_pool_default_pg_num": "8"}
    other = release.module("ceph_info", gather_subset=["status"], config=["osd_pool_default_size"], config_of="osd.0")["ceph"]
    assert other["config"] == {"daemon": "osd.0", "settings": {
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
