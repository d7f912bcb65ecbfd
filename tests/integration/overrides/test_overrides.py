# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For each series a small tree as its bootstrap lays it down, our role applied to it, and Ansible's word for what a mon host sees."""

import json
import subprocess
import sys

import conftest
import pytest
import yaml

sys.path.insert(0, str(conftest.ROOT))
from plugins.plugin_utils import series as series_data  # noqa: E402

KNOWN = [yaml.safe_load(path.read_text())["release_data"] for path in sorted((conftest.ROOT / "roles/release/vars/series").glob("*.yml"))]
FACTS = {data["series"]: series_data.facts(KNOWN, data["series"]) for data in KNOWN}
# Series whose facts of it are the same have the same tree, and are tested once: the first of them, by all their names.
ALIKE = {}
for _name, _facts in FACTS.items():
    _bears = [_facts["overrides"], {key: value for key, value in _facts["ceph"].items() if key != "release"}]
    ALIKE.setdefault(json.dumps(_bears, sort_keys=True), []).append(_name)
# What group_vars make of the hash for users from rocky on.
SHADOW = {"ceph_conf_overrides_rgw": {"client.rgw": {"rgw_keystone_api_version": 3}},
          "ceph_conf_overrides": "{{ ceph_conf_overrides_rgw | combine(ceph_conf_overrides_custom | default({}), recursive=True) }}"}


class Tree:
    """The files of one series that bear on the override, below a folder of the test's."""

    def __init__(self, folder, facts):
        self.folder = folder
        self.facts = facts
        self.overrides = facts["overrides"]
        self.role_default = folder / "roles" / "ceph-role" / "defaults" / "main.yml"
        self.deploy = folder / "deploy"
        self.custom = self.overrides["strategy"] == "custom_hash"
        self.file = self.deploy / self.overrides["file"].rpartition("/")[2] if self.custom else self.role_default
        self._write(self.role_default, "---\n# Defaults\nceph_conf_overrides: {}\nother: 1\n")
        self._write(self.deploy / "user_variables.yml", "---\ndebug: false\n")
        self._write(folder / "inventory", "[ceph_all]\nmon ansible_connection=local ansible_python_interpreter=%s\n" % sys.executable)
        if self.custom:
            self._write(folder / "group_vars" / "ceph_all.yml", yaml.safe_dump(SHADOW))
        if self.overrides["keep"]:
            self._write(self.file, "---\n# the all-in-one's own\n" + yaml.safe_dump({self.overrides["name"]: self.overrides["keep"]}))

    @staticmethod
    def _write(path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def _play(self, name, play, *arguments):
        path = self.folder / name
        path.write_text(yaml.safe_dump([play]))
        return subprocess.run(
            ["ansible-playbook", "-i", self.folder / "inventory", path, *arguments], capture_output=True, text=True, check=False,
            timeout=120)

    def _runner(self):
        """What openstack-ansible is to the role: it passes the user's files, with the inventory of the tree."""
        path = self.folder / "openstack-ansible"
        path.write_text('#!/bin/bash\nset -- "$@" -i %s/inventory\nfor file in %s/user_*.yml; do set -- "$@" -e "@$file"; done\n'
                        'exec ansible-playbook "$@"\n' % (self.folder, self.deploy))
        path.chmod(0o755)
        return str(path)

    def apply(self, **variables):
        facts = dict(
            self.facts, overrides=dict(self.overrides, file=str(self.file)), checkout=str(self.folder),
            install=dict(self.facts["install"], runner=self._runner(), folder="."),
            containers=dict(self.facts["containers"], mon_group="ceph_all"))
        return self._play("apply.yml", {
            "hosts": "mon", "gather_facts": False, "vars": dict(variables, release_facts=facts),
            "roles": ["osa_lab.ceph_aio.ceph_overrides"]})

    def seen(self):
        return self.sees("ceph_conf_overrides")

    def sees(self, expression):
        """What Ansible says a mon host sees, with the user's files passed as openstack-ansible passes them."""
        answer = self.folder / "answer.json"
        user_files = [word for path in sorted(self.deploy.glob("user_*.yml")) for word in ("-e", "@%s" % path)]
        result = self._play("ask.yml", {
            "hosts": "ceph_all", "gather_facts": False, "roles": ["ceph-role"],
            "tasks": [{"copy": {"content": "{{ %s | to_json }}" % expression, "dest": str(answer)}}]}, *user_files)
        assert result.returncode == 0, result.stdout + result.stderr
        return json.loads(answer.read_text())


@pytest.fixture(params=[pytest.param(names[0], id=" ".join(names)) for names in ALIKE.values()])
def tree(request, tmp_path):
    return Tree(tmp_path, FACTS[request.param])


def test_the_mon_sees_it_and_all_that_was_there(tree):
    result = tree.apply()
    assert result.returncode == 0, result.stdout + result.stderr
    expected = dict({"global": {"osd_pool_default_pg_num": 8}}, **tree.facts["ceph"]["options"])
    expected["global"].update(tree.overrides["keep"].get("global", {}))
    expected.update(SHADOW["ceph_conf_overrides_rgw"] if tree.custom else {})
    assert tree.seen() == expected
    assert tree.role_default.read_text().endswith("other: 1\n")
    again = tree.apply()
    assert "changed=0" in again.stdout, again.stdout


@pytest.mark.parametrize("tree", ["queens", "2025.2"], indirect=True)
def test_the_other_strategy_is_refused(tree):
    before = {path: path.read_text() for path in tree.folder.rglob("*.yml")}
    result = tree.apply(ceph_overrides_strategy="role_default" if tree.custom else "custom_hash")
    assert result.returncode != 0
    assert "does not honour the strategy" in result.stdout + result.stderr
    assert {path: path.read_text() for path in before} == before


@pytest.mark.parametrize("tree", ["rocky", "2025.2"], indirect=True)
def test_the_users_own_file_is_the_one_that_counts(tree):
    """A file that sorts later sets the hash whole, so it is the one to edit."""
    own = tree.deploy / "user_zzz_mine.yml"
    own.write_text("ceph_conf_overrides_custom:\n  osd:\n    osd_max_backfills: 1  # mine\n")
    assert tree.apply().returncode == 0
    assert own.read_text() == (
        "ceph_conf_overrides_custom:\n  osd:\n    osd_max_backfills: 1  # mine\n  global:\n    osd_pool_default_pg_num: 8\n"
        + (yaml.safe_dump({"ceph": tree.facts["ceph"]["options"]}, indent=2).partition("\n")[2] if tree.facts["ceph"]["options"] else ""))
    assert tree.seen()["global"] == {"osd_pool_default_pg_num": 8}


@pytest.mark.parametrize("tree", ["ocata", "rocky", "2025.2"], indirect=True)
def test_taken_back(tree):
    """Also an option that the all-in-one had set, too, is again as it was."""
    before, extra = tree.seen(), {"global": {"mon_max_pg_per_osd": 300}}
    assert tree.apply(ceph_overrides_extra=extra).returncode == 0
    assert tree.seen()["global"]["mon_max_pg_per_osd"] == 300
    assert tree.apply(ceph_overrides_extra=extra, ceph_overrides_enabled=False).returncode == 0
    assert tree.seen() == before
    again = tree.apply(ceph_overrides_extra=extra, ceph_overrides_enabled=False)
    assert "changed=0" in again.stdout, again.stdout


@pytest.mark.parametrize("tree", ["ocata", "2025.2"], indirect=True)
def test_the_users_own_overrides(tree):
    extra = {"osd": {"osd_max_backfills": 4}, "global": {"osd_recovery_sleep": 0.5, "log_to_stderr": True}}
    result = tree.apply(ceph_overrides_extra=extra)
    assert result.returncode == 0, result.stdout + result.stderr
    seen = tree.seen()
    assert seen["osd"] == {"osd_max_backfills": 4}
    assert seen["global"] == dict(tree.overrides["keep"].get("global", {}), osd_pool_default_pg_num=8, osd_recovery_sleep=0.5, log_to_stderr=True)
    assert "changed=0" in tree.apply(ceph_overrides_extra=extra).stdout


@pytest.mark.parametrize("tree", ["embedded_modern", "victoria", "2025.2"], indirect=True)
def test_no_autoscaler_undoes_it(tree):
    assert tree.apply(ceph_overrides_pg_num=16).returncode == 0
    variables = tree.facts["ceph"]["pool_variables"]
    seen = tree.sees("{%s}" % ", ".join("'%s': %s" % (name, name) for name in variables))
    assert seen == {name: dict(pool, pg_num=16, pg_autoscale_mode="off") for name, pool in variables.items()}
    assert tree.apply(ceph_overrides_enabled=False).returncode == 0
    assert not (tree.deploy / "user_zz_ceph_dev.yml").exists()


@pytest.mark.parametrize("tree, shadow", [
    ("ocata", ("group_vars/ceph_all.yml", "ceph_conf_overrides: {global: {osd_pool_default_pg_num: 64}}")),
    ("2025.2", ("group_vars/ceph_all.yml", "ceph_conf_overrides: {global: {osd_pool_default_pg_num: 64}}")),
    ("queens", ("deploy/user_zzz_mine.yml", "ceph_conf_overrides: {global: {osd_pool_default_pg_num: 64}}")),
    ("victoria", ("deploy/user_zzz_mine.yml", "openstack_glance_pool: {name: images, application: rbd}")),
], indirect=["tree"])
def test_an_override_without_effect_stops_with_both_values(tree, shadow):
    """Something that we do not know of sets it, too."""
    path = tree.folder / shadow[0]
    path.parent.mkdir(exist_ok=True)
    path.write_text(shadow[1] + "\n")
    result = tree.apply()
    assert result.returncode != 0
    said = " ".join(result.stdout.split())
    assert "overrides will have no effect" in said
    if "64" in shadow[1]:
        assert "global.osd_pool_default_pg_num on mon: wanted is 8, and the host sees 64" in said
    else:
        assert "openstack_glance_pool.pg_autoscale_mode on mon: wanted is off, and the host sees nothing" in said
