# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of the tests. Each is a function that gives a Count. SHORT=1 has those do less that take long."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import environments
from counting import CACHE, OUTPUT, ROOT, Count, junit, lacking, pytest, run

TREE = CACHE / "sanity" / "ansible_collections" / "osa_lab" / "ceph_aio"

# Whether stages that take long do less, as they do where all is tested.
SHORT = os.environ.get("SHORT", "")


def how_many(name, whole, short):
    """How often a test is to do something: as it was told, or by whether it is to do less."""
    return {name: os.environ.get(name) or str(short if SHORT else whole)}


def unit_on_27():
    """The modules' unit tests on the oldest Python that they run on, with tools of its own."""
    name = "unit on Python 2.7"
    python = environments.find_python("2.7")
    if not python:
        return lacking(name, "there is no python2.7 with pip")
    library = CACHE / "python2.7"
    lists = ("requirements.txt", "tests/unit/requirements.txt")
    wanted = "".join((ROOT / path).read_text() for path in lists)
    stamp = library / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(library, ignore_errors=True)
        result = run(python, "-m", "pip", "install", "-q", "--target", library, *("--requirement=" + path for path in lists))
        if result.returncode:
            return Count.one(name, False, "its tools could not be installed")
        stamp.write_text(wanted)
    return pytest("unit-python2.7", "tests/unit", python=(python,), environment={"PYTHONPATH": str(library)})


def unit_on(core):
    """The unit tests on another ansible-core than that which runs this."""
    python, without = environments.environment_of(core)
    return without or unit_tests("unit-core-" + core, python)


MANY_FILES = "osa-ceph-aio-unit-"


def folder_of_many_files():
    """Where thousands of small files come and go a disk costs time: in memory, where programs may be run from there."""
    memory = pathlib.Path("/dev/shm")
    fits = memory.is_dir() and os.access(memory, os.W_OK) and not os.statvfs(memory).f_flag & os.ST_NOEXEC
    for left in memory.glob(MANY_FILES + "*"):  # by a run that was killed: memory is not emptied before the next boot
        if not pathlib.Path("/proc", left.name.split("-")[-2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    return tempfile.TemporaryDirectory(prefix="%s%d-" % (MANY_FILES, os.getpid()), dir=memory if fits else None)


def unit_tests(name, python=sys.executable):
    """More at a time than there are processors: they wait a lot. What pytest makes of them is kept, out of the tree, since that takes half of the time."""
    with folder_of_many_files() as folder:
        return pytest(name, "-n", str(2 * os.cpu_count() + 1), "--dist", "worksteal", "tests/unit", python=(python,), environment={
            "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(CACHE / "pycache"), "TMPDIR": folder})


def unit():
    """The unit tests, on this Python and its ansible-core."""
    return unit_tests("unit")


def pythons():
    """The unit tests on the oldest and on the newest Python that modules run on."""
    count = unit_on_27()
    count.add(unit_on("newest"))
    return count


def matrix():
    """Sanity and unit tests on every ansible-core, and modules on Python 2.7."""
    copy_tree()
    count = unit_on_27()
    for core, (version, _wanted) in environments.CORES.items():
        python, without = environments.environment_of(core)
        if without:
            count.add(without)
            continue
        count.add(sanity_on("ansible-core " + core, python, version))
        count.add(unit_tests("unit-core-" + core, python))
    return count


def lint():
    """What the linters say of the whole tree."""
    count = Count.one("yamllint", run("yamllint", "--strict", ".").returncode == 0)
    count.add(Count.one("ansible-lint", run("ansible-lint", "--nocolor", "-q").returncode == 0))
    if environments.tools(environments.DEV, ["requirements-dev.txt"]).returncode:
        count.add(Count.one("requirements-dev.txt", False, "its tools could not be installed"))
        return count
    count.add(Count.one("antsibull-changelog", run(environments.DEV / "bin/antsibull-changelog", "lint").returncode == 0))
    count.add(Count.one("antsibull-docs", run(
        environments.DEV / "bin/antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs", "self", ".",
        cwd=CACHE / "ansible_collections/osa_lab/ceph_aio").returncode == 0))
    count.add(Count.one("actionlint", run(environments.DEV / "bin/actionlint").returncode == 0))
    return count


def copy_tree():
    """A copy of the files that git knows at the path that ansible-test wants."""
    shutil.rmtree(CACHE / "sanity", ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True)
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).exists():
            (TREE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, TREE / name)
    subprocess.run(["git", "init", "-q"], cwd=TREE, check=True)
    subprocess.run(["git", "add", "-A"], cwd=TREE, check=True)


def sanity_on(name, python, version):
    """ansible-test sanity on the copy of the tree, with a Python of this version and its ansible-core."""
    home = CACHE / "home"
    environments.offer_pip(home, python)
    folder = pathlib.Path(python).parent
    environment = {"HOME": str(home), "PIP_CONFIG_FILE": os.environ.get("PIP_CONFIG_FILE", environments.user_pip_config()),
                   "PATH": "%s:%s" % (folder, os.environ["PATH"])}
    result = run(folder / "ansible-test", "sanity", "--python", version, "--color", "no", cwd=TREE, environment=environment)
    return Count.one("ansible-test sanity, " + name, result.returncode == 0)


def sanity():
    """ansible-test sanity, with the Python that runs this."""
    copy_tree()
    return sanity_on("this Python", sys.executable, "%d.%d" % sys.version_info[:2])


def galaxy():
    """Built, judged as Galaxy does, installed into an empty folder and used from there."""
    if environments.tools(environments.DEV, ["requirements-dev.txt"]).returncode:
        return Count.one("requirements-dev.txt", False, "its tools could not be installed")
    return pytest("galaxy", "-v", "tests/galaxy", environment={"GALAXY_TOOLS": str(environments.DEV / "bin")})


class Unknown(Exception):
    """It cannot be told whether a lab host can be made: a failure of ours."""


def why_no_lab():
    """Why no lab host can be made on this machine; an empty text where one can.

    :raises Unknown: the machine could not be looked at.
    """
    become = [] if os.geteuid() == 0 else ["--become"]
    if become and (not shutil.which("sudo") or run("sudo", "--non-interactive", "true").returncode):
        return "there is no sudo, or it asks for a password"
    result = run(
        "ansible", "localhost", "-m", "osa_lab.ceph_aio.lab_host_info", "-a", "name=probe dir=/var/lib/osa_ceph_aio_lab", *become,
        capture_output=True, environment={"ANSIBLE_CALLBACK_RESULT_FORMAT": "json"})
    text = result.stdout.decode()
    match = re.search(r"=> (\{.*\})", text, re.S)
    if result.returncode or not match:
        raise Unknown("this machine could not be looked at: %s" % (text + result.stderr.decode())[:1000])
    return " ".join(json.loads(match.group(1))["errors"])


def needs_lab(stage):
    """A stage that wants real containers."""

    def wrapped():
        try:
            reason = why_no_lab()
        except Unknown as unknown:
            return Count.one(stage.__name__, False, str(unknown))
        return lacking(stage.__name__, "no lab host can be made on this machine: " + reason) if reason else stage()

    wrapped.__doc__ = stage.__doc__
    return wrapped


BROWSER = ("chromium", "chromium-driver")  # as Debian calls them


def report():
    """The page of a lab host in a real browser, and its accessibility."""
    if not shutil.which("npm"):
        return lacking("report", "there is no npm to install the accessibility checker with")
    if not all(map(shutil.which, ("chromium", "chromedriver"))):
        become = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
        for words in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *BROWSER]):
            if run(*become, "apt-get", "-o", "DPkg::Lock::Timeout=600", *words, environment={"DEBIAN_FRONTEND": "noninteractive"}).returncode:
                return lacking("report", "%s cannot be installed" % " and ".join(BROWSER))
    tools = CACHE / "report"
    tools.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "tests/report/package.json", tools)
    if run("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", cwd=tools).returncode:
        return Count.one("report", False, "its tools could not be installed")
    return pytest("report", "tests/report")


@needs_lab
def molecule():
    """molecule/default on a real lab host."""
    ephemeral = CACHE / "molecule" / "default"
    results = OUTPUT / "molecule-default.xml"
    results.unlink(missing_ok=True)
    result = run("molecule", "test", "-s", "default", environment={"MOLECULE_EPHEMERAL_DIRECTORY": str(ephemeral)})
    count = Count.one("molecule default", result.returncode == 0, "ended with %d" % result.returncode)
    count.add(junit(results, "molecule", 0))
    return count


@needs_lab
def lab():
    """What the README promises, and bad input, on a real lab host."""
    return pytest("lab", "-x", "-v", "tests/integration/lab")


@needs_lab
def modern():
    """The embedded OSA's contract modern on a real lab host."""
    return pytest("modern", "-x", "-v", "tests/integration/modern")


@needs_lab
def asking():
    """All that asks a real cluster: faults, inventory, connection, client, secrets."""
    return pytest("asking", "-v", "tests/integration/asking")


@needs_lab
def reboot():
    """A lab host is restarted, once while it is built; five times where only this is asked for."""
    return pytest("reboot", "-x", "-v", "-s", "tests/integration/reboot", environment=how_many("RESTARTS", 5, 2))


def bootstrap():
    """What the role bootstrap does with files, on this very machine."""
    return pytest("bootstrap", "tests/integration/bootstrap")


def overrides():
    """For each series a tree (a small one, and upstream's where OSA_UPSTREAM has it), our role, and what a mon host sees."""
    return pytest("overrides", "tests/integration/overrides")


def upstream():
    """Each fact of each series, asked of upstream's tree below OSA_UPSTREAM."""
    if not os.environ.get("OSA_UPSTREAM"):
        return Count.skip("upstream", "OSA_UPSTREAM is not given, so that no fact was held against upstream's trees. Next: make test-upstream "
                          "OSA_UPSTREAM=DIR, with clones or mirrors at DIR/opendev.org/openstack/openstack-ansible, "
                          "DIR/opendev.org/openstack/openstack-ansible-plugins and DIR/github.com/ceph/ceph-ansible (docs/series.md)")
    count = pytest("upstream", "-o", "junit_family=xunit1", "tests/integration/upstream")
    results = OUTPUT / "upstream.xml"
    if results.exists():
        print("\n" + "\n".join(facts_by_series(results)))
    return count


def facts_by_series(results):
    """A table of what was asked of the trees: facts and those that are wrong, by series."""
    table = {}
    for case in xml.etree.ElementTree.parse(results).iter("testcase"):
        values = {entry.get("name"): entry.get("value") for entry in case.iter("property")}
        if "series" in values:
            row = table.setdefault(values["series"], [0, 0])
            row[0] += int(values["facts"])
            row[1] += int(values["wrong"])
    total = [sum(column) for column in zip(*table.values())] or [0, 0]
    lines = ["%-10s %6d facts checked %4d failed" % (name, *row) for name, row in sorted(table.items())]
    return lines + ["%-10s %6d facts checked %4d failed" % ("all", *total)]


@needs_lab
def offline():
    """Built with a network, and again without one, from a mirror and a lockfile."""
    return pytest("offline", "-x", "-v", "tests/integration/offline")


@needs_lab
def teardown():
    """Nothing is left of an environment, and all that others made is."""
    return pytest("teardown", "-x", "-v", "tests/integration/teardown", environment=how_many("TEARDOWN_KILLS", 5, 1))


@needs_lab
def reset():
    """Snapshots of a real cluster, six ways to lose one's state, and the way back; fewer interruptions where all is tested."""
    return pytest("reset", "-v", "-s", "tests/integration/reset")


@needs_lab
def drills():
    """Every drill on a real cluster: noticed, mended, healthy, and mended although it was interrupted; that less often where all is tested."""
    return pytest("drills", "-v", "-s", "tests/integration/drills")


@needs_lab
def resume():
    """A build that is killed at any moment goes on with one plain run."""
    return pytest("resume", "-v", "-s", "tests/integration/resume", environment=how_many("KILLS", 20, 1))


@needs_lab
def fleet():
    """Several lab hosts in one run."""
    return pytest("fleet", "-v", "tests/integration/fleet")


@needs_lab
def faults_query():
    """A part of asking: what is said of an environment with which something is wrong."""
    return pytest("faults-query", "-v", "tests/integration/asking/test_faults.py")


@needs_lab
def inventory():
    """A part of asking: the inventory and connection plugins against a real lab host."""
    return pytest("inventory", "-v", "tests/integration/asking/test_inventory.py")


def docs():
    """The documentation as a site, and what its pages say of the code."""
    made = run("make", "--no-print-directory", "docs")
    count = Count.one("make docs", made.returncode == 0, "ended with %d" % made.returncode)
    count.add(pytest("docs", "tests/integration/docs/test_known.py", "tests/integration/docs/test_pages.py"))
    return count


@needs_lab
def docs_check():
    """Every command that README and docs show, on a lab host where it wants one."""
    return pytest("docs-check", "-v", "tests/integration/docs/test_commands.py")


@needs_lab
def ceph_matrix():
    """Real clusters of four releases of Ceph, one after another."""
    return pytest("ceph-matrix", "-v", "tests/integration/matrix")


REAL = ROOT / "tests" / "integration" / "real"


def real_osa():
    """The real OpenStack-Ansible by the site playbook, from mirrors that somebody brought."""
    series = os.environ.get("SERIES") or "2025.2"
    if os.environ.get("INVENTORY"):
        return real_osa_given(os.environ["INVENTORY"])
    if not (REAL / series).is_dir():
        return Count.skip("real-osa", "for %s bring a lab host: make test-real-osa SERIES=%s INVENTORY=FILE (docs/real-osa.md)" % (series, series))
    if not os.path.isdir(os.environ.get("REAL_MIRROR", "")):
        return Count.skip("real-osa", "bring the repositories, a folder with <host>/<owner>/<repo>.git: "
                                      "make test-real-osa MIRROR=DIR SERIES=%s (docs/real-osa.md)" % series)
    return real_osa_nested()


def real_osa_given(inventory):
    """On a lab host that somebody brought, by the ansible-core that manages its Python."""
    listed = run("ansible-inventory", "-i", inventory, "--list", stdout=subprocess.PIPE, text=True)
    if listed.returncode:
        return Count.one("real-osa", False, "%s is no inventory" % inventory)
    hosts = json.loads(listed.stdout).get("_meta", {}).get("hostvars", {}).values()
    old = any("python2" in host.get("ansible_python_interpreter", "") for host in hosts)
    return (old and environments.py27_tools("real-osa")) or pytest("real-osa", "-v", "-s", REAL, environment={"REAL_TOOLS": "py27" if old else ""})


@needs_lab
def real_osa_nested():
    """On a lab host that the test makes."""
    return pytest("real-osa", "-v", "-s", REAL)


@needs_lab
def py27_host():
    """A lab host whose Python is 2.7, managed by the last ansible-core that does."""
    return environments.py27_tools("py27-host") or pytest("py27-host", "-v", "tests/integration/py27")


def reproduce():
    """The failure that the override prevents, with the Ansible and the roles of the time."""
    if not os.environ.get("OSA_UPSTREAM"):
        return Count.skip("reproduce", "OSA_UPSTREAM names no folder with github.com/ceph/ceph-ansible.git. "
                          "Next: make test-reproduce OSA_UPSTREAM=DIR")
    python = environments.find_python("2.7")
    if not python:
        return lacking("reproduce", "there is no python2.7 with pip")
    library = CACHE / "ansible-2.2"
    wanted = ROOT / "tests/integration/reproduce/requirements.txt"
    made = run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "--target", library, "-r", wanted)
    if made.returncode:
        return Count.one("reproduce", False, "the Ansible of the time could not be installed")
    return pytest("reproduce", "-v", "tests/integration/reproduce",
                  environment={"REPRODUCE_PYTHON": python, "REPRODUCE_LIBRARY": str(library)})
