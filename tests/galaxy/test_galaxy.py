# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as Galaxy gets it: built, judged, installed into an empty folder, and used from there."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = pathlib.Path(os.environ["GALAXY_TOOLS"])  # of requirements-dev.txt; tests/run.py has them made
HERE = pathlib.Path(sys.executable).parent
NAME = "osa_lab.ceph_aio"
PLAYBOOKS = sorted(path.stem for path in ROOT.glob("playbooks/*.yml"))
PLUGINS = {kind: sorted(path.stem for path in (ROOT / "plugins" / folder).glob("*.py") if path.stem != "__init__") for kind, folder in (
    ("callback", "callback"), ("connection", "connection"), ("filter", "filter"), ("inventory", "inventory"), ("module", "modules"))}
PLUGINS["role"] = sorted(path.name for path in (ROOT / "roles").iterdir())


class Away:
    """A folder that knows nothing of the checkout, and a user who has no settings."""

    def __init__(self, folder):
        self.folder = folder
        self.collections = folder / "collections"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "GALAXY_"))}
        self.environment.update(
            HOME=str(folder / "home"), ANSIBLE_COLLECTIONS_PATH=str(self.collections), ANSIBLE_LOCALHOST_WARNING="false",
            ANSIBLE_INVENTORY_UNPARSED_WARNING="false", PATH="%s:%s" % (HERE, os.environ["PATH"]))
        (folder / "home").mkdir()

    def run(self, program, *arguments, fails=False, stderr=subprocess.STDOUT, **more):
        """What it prints; it must succeed, or fail."""
        done = subprocess.run([str(program), *map(str, arguments)], cwd=self.folder, env=dict(self.environment, **more), check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, text=True)
        assert bool(done.returncode) == fails, done.stdout
        return done.stdout


@pytest.fixture(scope="session")
def away(tmp_path_factory):
    return Away(tmp_path_factory.mktemp("away"))


@pytest.fixture(scope="session")
def archive(away):
    """The file for Galaxy."""
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    away.run(HERE / "ansible-galaxy", "collection", "build", ROOT, "--output-path", away.folder)
    return away.folder / "{namespace}-{name}-{version}.tar.gz".format(**galaxy)


@pytest.fixture(scope="session")
def installed(away, archive):
    away.run(HERE / "ansible-galaxy", "collection", "install", archive, "--collections-path", away.collections, "--offline")
    return away.collections / "ansible_collections" / "osa_lab" / "ceph_aio"


@pytest.fixture
def playbook(away, installed):
    """Run a play of these settings on this machine, or a playbook: what it prints."""

    def run(play, *arguments, **options):
        if isinstance(play, dict):
            path = away.folder / "play.yml"
            path.write_text(json.dumps([dict({"hosts": "localhost", "gather_facts": False}, **play)]))
            play = path
        return away.run(HERE / "ansible-playbook", play, "-e", "ansible_python_interpreter=" + sys.executable, *arguments, **options)

    return run


def test_the_archive_has_what_git_knows(archive):
    """All of it but for what galaxy.yml leaves out, and nothing that the tools made."""
    with tarfile.open(archive) as opened:
        there = {member.name for member in opened.getmembers() if member.isfile()} - {"MANIFEST.json", "FILES.json"}
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True)
    known = {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}
    left_out = yaml.safe_load((ROOT / "galaxy.yml").read_text())["build_ignore"]
    assert there == {name for name in known if name.split("/")[0] not in left_out} - {"galaxy.yml"}


def test_the_importer_has_nothing_to_say(away, archive, installed):
    """Galaxy's own checks, among them ansible-lint, and the documentation of all that is in it."""
    said = away.run(TOOLS / "python", "-m", "galaxy_importer.main", archive, PATH="%s:%s" % (TOOLS, os.environ["PATH"]))
    assert "Importer processing completed successfully" in said
    assert "ansible-lint run complete" in said
    assert not re.findall(r"^(?:WARNING|ERROR).*", said, re.M)


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_playbook_by_its_full_name(playbook, installed, name):
    said = playbook("%s.%s" % (NAME, name), "--syntax-check")
    assert re.search(r"^playbook: .*", said, re.M).group(0) == "playbook: %s" % (installed / "playbooks" / (name + ".yml"))


def test_playbooks_that_need_no_lab_host(playbook, away):
    """In check mode: what lab would make on this machine, and that mirror would only fetch; neither makes anything."""
    why = why_no_lab_host(playbook)
    said = playbook(NAME + ".lab", "--check", "-e", "lab_host_name=galaxytest", fails=bool(why))
    assert (why or "The lab host galaxytest would be made") in " ".join(said.split())
    assert "changed=0" in said
    said = playbook(NAME + ".mirror", "--check", "-e", "release_series=2025.2", "-e", "source_mirror_dir=%s" % (away.folder / "mirror"), fails=True)
    assert "What a mirror lacks is known by fetching" in said
    assert "changed=0" in said
    assert not (away.folder / "mirror").exists()


def why_no_lab_host(playbook):
    """What this machine lacks for a lab host, as the module says it; an empty text where nothing."""
    said = playbook({"tasks": [
        {NAME + ".lab_host_info": {"name": "galaxytest", "dir": "/var/lib/osa_ceph_aio_lab"}, "register": "looked"},
        {"ansible.builtin.debug": {"msg": "ERRORS {{ looked.errors | to_json }} END"}}]})
    return " ".join(json.loads(re.search(r"ERRORS (\[.*\]) END", said).group(1))[:1])


@pytest.mark.parametrize("kind", sorted(PLUGINS))
def test_all_is_documented(away, installed, kind):
    """Each one by its full name, from where it was installed."""
    names = ["%s.%s" % (NAME, name) for name in PLUGINS[kind]]
    documented = json.loads(away.run(HERE / "ansible-doc", "--json", "--type", kind, *names, stderr=None))
    assert sorted(documented) == names
    for name in names:
        entry = documented[name]
        assert not entry.get("error"), entry
        described = [point["short_description"] for point in entry["entry_points"].values()] if kind == "role" else [entry["doc"]["short_description"]]
        assert described and all(described)
        path = entry["path"] if kind == "role" else entry["doc"]["filename"]
        assert pathlib.Path(path).is_relative_to(installed)


def test_group_of_module_defaults(playbook):
    """What the group says counts for its modules, and the modules of the other group know nothing of it."""
    said = playbook({
        "module_defaults": {"group/%s.ceph" % NAME: {"via": "host", "conf": "/nonexistent/ceph.conf", "timeout": 1.0},
                            "group/%s.osa" % NAME: {"state_dir": "/nonexistent/state"}},
        "tasks": [{"%s.ceph_info" % NAME: {}}, {"%s.osa_state_info" % NAME: {}}]}, "-vvv")
    asked, known = re.findall(r"^ok: .*?^}", said, re.M | re.S)
    assert '"conf": "/nonexistent/ceph.conf"' in asked and '"via": "host"' in asked and "state_dir" not in asked
    assert '"state_dir": "/nonexistent/state"' in known and '"conf"' not in known


def test_execution_environment(away, installed, archive):
    """ansible-builder takes the definition, and finds in the collection what it wants of the system."""
    definition = yaml.safe_load((ROOT / "execution-environment.yml").read_text())
    wanted, pinned = definition["dependencies"], (ROOT / "requirements.txt").read_text()
    assert wanted["galaxy"]["collections"] == [{"name": "osa_lab.ceph_aio", "version": yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]}]
    assert wanted["ansible_core"]["package_pip"] in re.findall(r"^\S+==[^;\s]+", pinned, re.M)
    context = away.folder / "context"
    away.run(TOOLS / "ansible-builder", "create", "--file", ROOT / "execution-environment.yml", "--context", context, "--output-filename", "Containerfile")
    assert 'EE_BASE_IMAGE="%s"' % definition["images"]["base_image"]["name"] in (context / "Containerfile").read_text()
    assert yaml.safe_load((context / "_build" / "requirements.yml").read_text()) == definition["dependencies"]["galaxy"]
    wanted = yaml.safe_load(away.run(TOOLS / "ansible-builder", "introspect", away.collections))
    assert {line.split()[0] for line in wanted["system"]} == {"git", "openssh-client", "openssh-clients"}
    assert all("# from collection %s" % NAME in line for line in wanted["system"])
