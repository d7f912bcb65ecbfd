# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For each series upstream's own tree: what its bootstrap writes, our role applied to it, and Ansible's word for what a mon host sees.

The inventory is made by the tree's own program, group_vars are the tree's, roles' defaults are those of ceph-ansible at the
tree's pin, and the user's files are passed in the order of the tree's own openstack-ansible.
"""

import base64
import copy
import json
import os
import re
import shutil
import subprocess
import sys

import conftest
import pytest
import upstream_trees as trees
import yaml

sys.path.insert(0, str(conftest.ROOT))
from plugins.plugin_utils import series as series_data  # noqa: E402

FOLDER = trees.given()
KNOWN = [yaml.safe_load(path.read_text())["release_data"] for path in sorted((conftest.ROOT / "roles/release/vars/series").glob("*.yml"))]
FACTS = {data["series"]: series_data.facts(KNOWN, data["series"]) for data in KNOWN if not data["series"].startswith("embedded")}
FIXED = {"pg_num": 8, "pg_autoscale_mode": "off"}


@pytest.fixture(scope="session")
def upstream():
    found = trees.Upstream(FOLDER)
    yield found
    found.close()


class Real:
    """A tree of upstream's, laid out below a folder as bootstrap-ansible and bootstrap-aio do."""

    def __init__(self, folder, tree):
        self.folder = folder
        self.tree = tree
        self.facts = copy.deepcopy(tree.facts)
        tree.lay_out(folder)
        self.deploy = folder / "deploy"
        made = tree.inventory(folder)
        self.group = self.facts["containers"]["mon_group"]
        self.mon = made[self.group]["hosts"][0]
        self._inventory(made)
        tree.upstream.ceph.export(tree.ceph_commit, folder / "roles" / "ceph-ansible", "roles")
        self._asked_roles()
        file = self.facts["overrides"]["file"]
        self.file = str(folder / "roles" / file.removeprefix("/etc/ansible/roles/")) if file.startswith("/etc/ansible") else str(
            self.deploy / file.removeprefix("/etc/openstack_deploy/"))
        self.facts["overrides"]["file"] = self.file
        self.facts["checkout"] = str(folder / "tree")
        self.facts["install"]["runner"] = self._runner()

    def _inventory(self, made):
        """What the program said, with the tree's group_vars beside it."""
        self.inventory = self.folder / "inventory"
        self.inventory.mkdir()
        (self.inventory / "made.json").write_text(json.dumps(made))
        script = self.inventory / "hosts.sh"
        script.write_text('#!/bin/bash\n[ "$1" = --list ] && cat %s/made.json || echo "{}"\n' % self.inventory)
        script.chmod(0o755)
        for name in ("group_vars", "host_vars"):
            for place in ("", "inventory", "playbooks/inventory"):
                found = self.folder / "tree" / place / name
                if found.is_dir():
                    shutil.copytree(found, self.inventory / name, dirs_exist_ok=True)

    def _asked_roles(self):
        """The roles of Ceph that the tree's playbook has for mons, with all but their tasks."""
        plays = self.tree.plays(self.facts["install"]["ceph_playbooks"][1]["playbook"])
        play = next(play for play in plays if play["hosts"] == self.group and "ceph-mon" in self.tree.roles_of(play))
        self.roles = [role for role in self.tree.roles_of(play) if role.startswith("ceph-")]
        for role in (self.folder / "roles" / "ceph-ansible" / "roles").iterdir():
            for part in ("defaults", "vars", "meta"):
                if (role / part).is_dir():
                    shutil.copytree(role.resolve() / part, self.folder / "asked" / role.name / part)

    def _runner(self):
        """openstack-ansible, as the tree has it: the same words in the same order."""
        path = self.folder / "openstack-ansible"
        path.write_text('#!/bin/bash\nVAR1="$(for i in $(ls %s/user_*.yml); do echo -ne "-e @$i "; done)"\n'
                        'exec ansible-playbook -i %s/hosts.sh %s\n' % (self.deploy, self.inventory, " ".join(self.tree.wrapper())))
        path.chmod(0o755)
        return str(path)

    def _run(self, *words):
        environment = dict(os.environ, ANSIBLE_ROLES_PATH=str(self.folder / "asked"), ANSIBLE_DEPRECATION_WARNINGS="0")
        return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=300, env=environment)

    def apply(self, **variables):
        path = self.folder / "apply.yml"
        path.write_text(yaml.safe_dump([{
            "hosts": "localhost", "connection": "local", "gather_facts": False, "roles": ["osa_lab.ceph_aio.ceph_overrides"],
            "vars": dict(variables, release_facts=self.facts, ansible_python_interpreter=sys.executable)}]))
        return self._run("ansible-playbook", "-i", "localhost,", path)

    def sees(self, *names):
        """What the role ceph-mon sees in the mon's container, asked with the tree's own order of files and arguments."""
        # The defaults that a role has now: the edited ones, where it is a role's that was edited.
        if self.facts["overrides"]["strategy"] == "role_default":
            role = os.path.basename(os.path.dirname(os.path.dirname(self.file)))
            shutil.copy(self.file, self.folder / "asked" / role / "defaults" / "main.yml")
        asked = ", ".join("'%s': %s" % (name, name) for name in names)
        tasks = self.folder / "asked" / "ceph-mon" / "tasks" / "main.yml"
        tasks.parent.mkdir(exist_ok=True)
        tasks.write_text(yaml.safe_dump([{"debug": {"msg": "ANSWER:{{ {%s} | to_json | b64encode }}:" % asked}}]))
        path = self.folder / "ask.yml"
        path.write_text(yaml.safe_dump([{"hosts": self.mon, "gather_facts": False, "roles": self.roles}]))
        result = self._run(self.facts["install"]["runner"], path, *self.facts["install"]["ceph_playbooks"][0]["arguments"])
        assert result.returncode == 0, result.stdout + result.stderr
        return json.loads(base64.b64decode(re.search(r"ANSWER:([\w+/=]+):", result.stdout).group(1)))


@pytest.fixture
def real(request, upstream, tmp_path):
    return Real(tmp_path, trees.Tree(upstream, FACTS[request.param]))


@pytest.mark.parametrize("real", list(FACTS), indirect=True)
def test_the_mon_sees_it_and_all_that_was_there(real):
    before = real.sees("ceph_conf_overrides")["ceph_conf_overrides"]
    assert "osd_pool_default_pg_num" not in json.dumps(before)
    kept = real.facts["overrides"]["keep"]
    assert {section: {option: before[section][option] for option in options} for section, options in kept.items()} == kept
    result = real.apply()
    assert result.returncode == 0, result.stdout + result.stderr
    expected = copy.deepcopy(before)
    expected.setdefault("global", {})["osd_pool_default_pg_num"] = 8
    for section, options in real.facts["ceph"]["options"].items():
        expected.setdefault(section, {}).update(options)
    names = ["ceph_conf_overrides"] + (["openstack_pools"] if real.facts["ceph"]["autoscaler"] else [])
    seen = real.sees(*names)
    assert seen["ceph_conf_overrides"] == expected
    if real.facts["ceph"]["autoscaler"]:
        assert seen["openstack_pools"] == [dict(pool, **FIXED) for pool in real.facts["ceph"]["pool_variables"].values()]
    again = real.apply()
    assert "changed=0" in again.stdout, again.stdout


@pytest.mark.parametrize("real", ["rocky", "stein", "2025.2"], indirect=True)
def test_a_role_default_is_shadowed(real):
    """Why the other strategy is refused: with the defaults of the real role edited, the mon sees nothing of it."""
    for path in (real.folder / "asked").glob("*/defaults/main.yml"):
        path.write_text(path.read_text().replace("\nceph_conf_overrides: {}", "\nceph_conf_overrides: {global: {osd_pool_default_pg_num: 8}}"))
    assert "osd_pool_default_pg_num: 8" in (real.folder / "asked/ceph-defaults/defaults/main.yml").read_text()
    assert "osd_pool_default_pg_num" not in json.dumps(real.sees("ceph_conf_overrides"))
    refused = real.apply(ceph_overrides_strategy="role_default")
    assert refused.returncode != 0 and "does not honour the strategy role_default" in " ".join(refused.stdout.split())
