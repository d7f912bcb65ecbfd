# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upstream's repositories below OSA_UPSTREAM, and what a tree of openstack-ansible says of itself at a ref."""

import copy
import functools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import jinja2
import pytest
import yaml
from upstream_jinja import Variables

# What DIR has to hold; bare, or with a work tree.
REPOSITORIES = ("opendev.org/openstack/openstack-ansible", "opendev.org/openstack/openstack-ansible-plugins",
                "github.com/ceph/ceph-ansible")
BOOTSTRAP = "tests/roles/bootstrap-host/"


def given():
    """OSA_UPSTREAM; without it the module that asks is skipped, and says what to give."""
    folder = os.environ.get("OSA_UPSTREAM")
    if not folder:
        pytest.skip("NOT HELD against upstream's trees: OSA_UPSTREAM is not given. Next: give make OSA_UPSTREAM=DIR, with clones or mirrors "
                    "at %s (docs/series.md)" % ", ".join("DIR/" + name for name in REPOSITORIES), allow_module_level=True)
    return folder


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML with Ansible's tags, as fast as it can be had."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: loader.construct_scalar(node))


def load(text):
    return copy.deepcopy(_load(text))


@functools.lru_cache(maxsize=65536)
def _load(text):
    return yaml.load(text, Loader=_Loader)


class Missing(Exception):
    """DIR lacks something; it says what."""


class Repository:
    def __init__(self, folder, name):
        found = [path for path in (pathlib.Path(folder, name + ".git"), pathlib.Path(folder, name)) if path.is_dir()]
        if not found:
            raise Missing("there is no %s below OSA_UPSTREAM (%s)" % (name, folder))
        self.name = name
        self.path = found[0]
        self._reader = None

    def git(self, *words, text=True):
        result = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", str(self.path), *words], capture_output=True, text=text, check=False, timeout=120)
        if result.returncode:
            raise Missing("%s: git %s: %s" % (self.name, " ".join(words), result.stderr.strip() if text else result.stderr))
        return result.stdout

    @functools.lru_cache(maxsize=65536)
    def commit(self, ref):
        """The commit of a branch, a tag or itself. In a clone, branches are those of its origin."""
        for candidate in ("refs/tags/" + ref, "refs/remotes/origin/" + ref, "refs/heads/" + ref, ref):
            try:
                return self.git("rev-parse", "--verify", "--quiet", candidate + "^{commit}").strip()
            except Missing:
                continue
        raise Missing("%s has no %s" % (self.name, ref))

    @functools.lru_cache(maxsize=65536)
    def tags(self):
        return self.git("tag", "--list").split()

    @functools.lru_cache(maxsize=65536)
    def names(self, commit):
        """Mode and path of each file."""
        entries = (entry.split(maxsplit=3) for entry in self.git("ls-tree", "-r", "-z", commit).split("\0") if entry)
        return {path: mode for mode, _kind, _hash, path in entries}

    def follow(self, commit, path):
        """The path with the symbolic links in it followed."""
        names = self.names(commit)
        for _round in range(8):
            link = next((prefix for prefix in _prefixes(path) if names.get(prefix) == "120000"), None)
            if link is None:
                return path
            target = self.git("cat-file", "blob", "%s:%s" % (commit, link))
            path = os.path.normpath(os.path.join(os.path.dirname(link), target, path[len(link):].lstrip("/")))
        raise Missing("%s: %s is a circle of links" % (self.name, path))

    @functools.lru_cache(maxsize=65536)
    def read(self, commit, path):
        """The text of a file. One git answers for all files."""
        if self._reader is None:
            self._reader = subprocess.Popen(
                ["git", "-c", "safe.directory=*", "-C", str(self.path), "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._reader.stdin.write(("%s:%s\n" % (commit, self.follow(commit, path))).encode())
        self._reader.stdin.flush()
        kind, size = self._reader.stdout.readline().decode().split()[-2:]
        if not size.isdigit():
            raise Missing("%s has no %s at %s" % (self.name, path, commit))
        text = self._reader.stdout.read(int(size) + 1)[:-1].decode()
        if kind != "blob":
            raise Missing("%s: %s is no file at %s" % (self.name, path, commit))
        return text

    def close(self):
        if self._reader is not None:
            self._reader.stdin.close()
            self._reader.wait(timeout=30)
            self._reader.stdout.close()

    def has(self, commit, path):
        return self.follow(commit, path) in self.names(commit)

    def export(self, commit, folder, *paths):
        """The files of a commit, or those below some paths of it, in a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["tar", "-x", "-C", str(folder)], input=self.git("archive", commit, *paths, text=False), check=True, timeout=120)


def _prefixes(path):
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


class Upstream:
    def __init__(self, folder):
        self.folder = folder
        self.osa, self.plugins, self.ceph = (Repository(folder, name) for name in REPOSITORIES)
        self._work = tempfile.TemporaryDirectory()

    def close(self):
        for repository in (self.osa, self.plugins, self.ceph):
            repository.close()
        self._work.cleanup()

    def folder_for(self, commit, name):
        return pathlib.Path(tempfile.mkdtemp(prefix="%s-%s-" % (commit, name), dir=self._work.name))

    def optional(self, name):
        """A repository that answers more, where it is there."""
        try:
            return Repository(self.folder, name)
        except Missing:
            return None


class Tree:
    """openstack-ansible at the ref of a series' facts."""

    def __init__(self, upstream, facts):
        self.upstream = upstream
        self.facts = facts
        self.repository = upstream.osa
        self.ref = facts["ref"]
        self.commit = self.repository.commit(self.ref)

    def read(self, path):
        return self.repository.read(self.commit, path)

    def has(self, path):
        return self.repository.has(self.commit, path)

    def names(self, pattern="."):
        return sorted(name for name in self.repository.names(self.commit) if re.search(pattern, name))

    def yaml(self, path):
        return load(self.read(path))

    # What it pins.

    @functools.cached_property
    def roles(self):
        return {entry["name"]: entry for entry in self.yaml("ansible-role-requirements.yml")}

    @functools.cached_property
    def collections(self):
        if not self.has("ansible-collection-requirements.yml"):
            return {}
        listed = self.yaml("ansible-collection-requirements.yml")["collections"]
        return {entry.get("source") if entry.get("type") == "git" and "/" not in entry["name"] else entry["name"]: entry
                for entry in listed}

    @functools.cached_property
    def plugins_commit(self):
        """The commit of the collection openstack.osa; where a pin names a branch that is no more, the series' tag that stays."""
        entry = next((entry for address, entry in self.collections.items() if str(address).endswith("/openstack-ansible-plugins")), None)
        entry = entry or self.roles["plugins"]
        try:
            return self.upstream.plugins.commit(entry["version"])
        except Missing:
            return self.upstream.plugins.commit("%s-eol" % self.facts["series"])

    def requirement_of(self, path):
        """The requirement that brings a path below /etc/ansible/roles, and the path in its repository."""
        name, _slash, inside = path.removeprefix("/etc/ansible/roles/").partition("/")
        return self.roles.get(name), inside

    @functools.cached_property
    def ceph_commit(self):
        """The commit of ceph-ansible. Its roles had repositories of their own once, with the same versions."""
        entry = self.roles.get("ceph-ansible") or self.roles.get("ceph.ceph-common") or self.roles.get("ceph-mon")
        return self.upstream.ceph.commit(entry["version"])

    @functools.cached_property
    def has_ceph(self):
        """Is the pin of Ceph's roles in ceph-ansible? A commit of a repository of their own is not."""
        try:
            return bool(self.ceph_commit)
        except Missing:
            return False

    def ceph_read(self, path):
        return self.upstream.ceph.read(self.ceph_commit, path)

    def ceph_names(self, pattern="."):
        return sorted(name for name in self.upstream.ceph.names(self.ceph_commit) if re.search(pattern, name))

    @functools.cached_property
    def ceph_defaults(self):
        """The defaults of all of ceph-ansible's roles."""
        merged = {}
        for name in self.ceph_names(r"^roles/ceph-[a-z-]+/defaults/main\.yml$"):
            merged.update(load(self.ceph_read(name)) or {})
        return merged

    # What its inventory says.

    @functools.cached_property
    def group_vars(self):
        """The variables of each group, by group."""
        groups = {}
        for name in self.names(r"^(playbooks/inventory|inventory|)/?group_vars/.*\.yml$"):
            group = re.search(r"group_vars/([^/]+?)(\.yml)?(/|$)", name).group(1)
            groups.setdefault(group, {}).update(self.yaml(name) or {})
        return groups

    # What its bootstrap does.

    @functools.cached_property
    def bootstrap(self):
        """The variables of the role that makes the all-in-one, on a host of the first system that the series supports."""
        return self.bootstrap_with(self.facts["bootstrap"]["scenario"])

    def bootstrap_with(self, scenario):
        play = self.yaml("tests/bootstrap-aio.yml")[0]
        layers = [self.yaml(BOOTSTRAP + "defaults/main.yml"), FACTS, FOUND]
        layers += [self.yaml("tests/" + name) for name in play.get("vars_files", []) if "{{" not in name]
        layers.append(play.get("vars", {}))
        if self.has(BOOTSTRAP + "vars/main.yml"):
            layers.append(self.yaml(BOOTSTRAP + "vars/main.yml"))
        return Variables(*layers, {"playbook_dir": "/checkout/tests"}, environment={"SCENARIO": scenario},
                         templates=lambda name: self.read(BOOTSTRAP + "templates/" + name))

    def tasks(self, name):
        found = []

        def collect(entries):
            for entry in entries:
                found.append(entry)
                if "block" in entry:
                    collect(entry["block"])

        collect(self.yaml(BOOTSTRAP + "tasks/" + name))
        return found

    @functools.cached_property
    def written(self):
        """What its bootstrap writes below /etc/openstack_deploy: source in the tree by path."""
        return self.written_with(self.facts["bootstrap"]["scenario"])

    def written_with(self, scenario):
        variables = self.bootstrap_with(scenario)
        files = {}
        for task in self.tasks("prepare_aio_config.yml"):
            module, arguments = next(((key, value) for key, value in task.items() if isinstance(value, dict) and key != "vars"), (None, {}))
            if module is None or not ({"src", "path"} & set(arguments)):
                continue
            rows = _loop(task, variables)
            results = []
            for row in rows:
                scope = variables.with_(item=row)
                if module.endswith("stat"):
                    results.append({"item": row, "stat": {"exists": self._in_tree(scope.resolve(arguments["path"])) is not None}})
                elif "src" in arguments and "dest" in arguments and _holds(scope, task):
                    source = self._in_tree(scope.resolve(arguments["src"]))
                    files[scope.resolve(arguments["dest"])] = source
            if module.endswith("stat"):
                one = "with_items" not in task and "loop" not in task
                variables = variables.with_(**{task["register"]: results[0] if one else {"results": results}})
        return files

    def _in_tree(self, path):
        """The name in the tree of a file that a task names, or None."""
        if path.startswith("/checkout"):
            name = os.path.normpath(path)[len("/checkout/"):]
            return name if self.has(name) else None
        for folder in ("templates/", "files/"):
            if self.has(BOOTSTRAP + folder + path):
                return BOOTSTRAP + folder + path
        return None

    @functools.cached_property
    def rendered(self):
        """What is written, as text: by path."""
        return {path: self.bootstrap.render(self.read(source)) for path, source in self.written.items() if source}

    def images(self):
        """The sparse files that stand for disks."""
        name = next(name for name in ("prepare_ceph.yml", "prepare_loopback.yml") if self.has(BOOTSTRAP + "tasks/" + name))
        paths = []
        for task in self.tasks(name):
            command = task.get("command") or task.get("ansible.builtin.command") or ""
            if command.startswith("truncate "):
                paths += [self.bootstrap.with_(item=row).resolve(command).split()[-1] for row in _loop(task, self.bootstrap)]
        return [path for path in paths if "/ceph" in path]

    def folder(self, name):
        """A folder for files of this tree."""
        return self.upstream.folder_for(self.commit, name)

    def lay_out(self, folder):
        """The tree in `tree`, and in `deploy` what its bootstrap writes, without the secrets."""
        self.repository.export(self.commit, folder / "tree")
        for path, text in self.rendered.items():
            target = folder / "deploy" / path.removeprefix("/etc/openstack_deploy/")
            if target.name != "user_secrets.yml":
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
        if self.has("lib/generate.py"):
            _port(folder / "tree" / "lib")

    def inventory(self, folder):
        """What the tree's own inventory program makes of what lay_out() put into a folder."""
        program = next(name for name in ("inventory/dynamic_inventory.py", "playbooks/inventory/dynamic_inventory.py") if self.has(name))
        result = subprocess.run(
            [sys.executable, str(folder / "tree" / program), "--config", str(folder / "deploy")],
            capture_output=True, text=True, check=False, timeout=120, env=dict(os.environ, PYTHONPATH=str(folder / "tree")))
        if result.returncode:
            raise Missing("%s of %s does not run here: %s" % (program, self.ref, result.stderr))
        return json.loads(result.stdout)

    # What its playbooks do.

    def playbook(self, name):
        """The text of a playbook, by file or by the name in its collection."""
        if name.startswith("openstack.osa."):
            path = "playbooks/%s.yml" % name.removesuffix(".yml").rpartition(".")[2]
            if not self.upstream.plugins.has(self.plugins_commit, path):
                path = path.replace(".yml", ".yaml")
            return self.upstream.plugins.read(self.plugins_commit, path)
        return self.read("%s/%s" % (self.facts["install"]["folder"], name))

    def plays(self, name, seen=None):
        """The plays of a playbook and of all that it imports."""
        seen = set() if seen is None else seen
        if name in seen:
            return []
        seen.add(name)
        plays = []
        for play in load(self.playbook(name)) or []:
            imported = play.get("include") or play.get("import_playbook") or play.get("ansible.builtin.import_playbook")
            if imported is None:
                plays.append(play)
            else:
                plays += self.plays(Variables({}).resolve(imported).split()[0], seen)
        return plays

    @staticmethod
    def roles_of(play):
        roles = [role["role"] if isinstance(role, dict) else role for role in play.get("roles") or []]
        return [role.replace("ceph.ceph-", "ceph-") for role in roles]

    def wrapper(self):
        """The line that runs a playbook with the user's files, and in which order they and the arguments come."""
        text = self.read("scripts/openstack-ansible.sh" if self.has("scripts/openstack-ansible.sh") else "scripts/bootstrap-ansible.sh")
        line = next(line.strip().replace("\\", "") for line in text.splitlines() if re.match(r"\s+(/opt/ansible-runtime/bin/)?ansible-playbook .*VAR1", line))
        return line.split()[1:]


def _port(folder):
    """Ocata's inventory program speaks Python 2; in a copy of it the few words that differ are put into today's."""
    for path in folder.glob("*.py"):
        text = path.read_text().replace("import Queue", "import queue as Queue").replace("'wb'", "'w'")
        text = re.sub(r"\.iter(items|values|keys)\(\)", r".\1()", text)
        path.write_text(re.sub(r"= ([\w\[\]']+\.(?:keys|values|items)\(\))$", r"= list(\1)", text, flags=re.M))


# Enough of a host for the bootstrap's templates.
FACTS = {
    "ansible_distribution": "Ubuntu", "ansible_distribution_release": "xenial", "ansible_distribution_version": "16.04",
    "ansible_os_family": "Debian", "ansible_pkg_mgr": "apt", "ansible_architecture": "x86_64", "ansible_python_version": "2.7.12",
    "ansible_default_ipv4": {"interface": "eth0", "address": "192.0.2.10"}, "ansible_eth0": {"ipv4": {"address": "192.0.2.10"}},
    "ansible_selinux": {"status": "disabled"}, "ansible_swaptotal_mb": 4096, "ansible_memtotal_mb": 16384,
    "ansible_processor_vcpus": 4, "ansible_memory_mb": {"real": {"total": 16384}}, "ansible_devices": {}, "ansible_kernel": "4.4.0-210-generic",
}
# What the bootstrap finds out itself.
FOUND = {"bootstrap_host_public_address": "192.0.2.10", "nodepool_dir": {"stat": {"exists": False}}, "inventory_hostname": "localhost",
         "hostvars": {"localhost": {"ansible_eth0": {"mtu": 1500}}}}
FACTS["ansible_facts"] = {name.removeprefix("ansible_"): value for name, value in FACTS.items()}


def _loop(task, variables):
    rows = task.get("with_items", task.get("loop", [None]))
    try:
        rows = variables.resolve(rows)
    except jinja2.UndefinedError:
        return []
    return rows if isinstance(rows, list) else [rows]


def _holds(scope, task):
    try:
        return scope.holds(task.get("when", []))
    except jinja2.UndefinedError:
        return False  # it asks what the host says, such as a CI's mirror
