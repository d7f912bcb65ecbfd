# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab host whose Python is 2.7, as Ocata's, in the order of this file: built, asked, used, removed.

Only what is ours runs on it there: the embedded OSA, which stands for OSA, takes python3.
"""

import json
import os
import pathlib
import re

import conftest
import pytest

PYTHON = "/usr/bin/python2.7"
MODULES = {path.stem for path in (conftest.ROOT / "plugins/modules").glob("*.py")}
ON_THE_CONTROLLER = {"show_text", "html_page"}  # their action plugins do all
# What the playbooks have no need to call there.
CALLS = {
    "lab_host_info": {"name": "probe", "dir": "/var/lib/probe"},
    "osa_containers_info": {},
    "ceph_snapshot_info": {},
    "osa_job": {},
    "git_mirror": {"path": "/root/mirror", "repositories": []},
}
# What Ansible says above the command line of each module that it starts.
STARTED = re.compile(r"^Using module file \S*/ceph_aio/plugins/modules/(\w+)\.py$(.*?)^<(\S+)> (?:SSH: )?EXEC (.*?)$", re.M | re.S)
# In the mon's container: no Python 3 for the program that asks, and a note of Python 2.
NO_PYTHON3 = r"""
set -e; cd /usr/local/bin
printf "#!/bin/sh\nexit 127\n" > python3
printf "#!/bin/sh\ntouch /root/asked\nexec /usr/bin/python2.7 \"\$@\"\n" > python2.7
chmod 0755 python3 python2.7
"""


def started(result, lab):
    """The modules of ours that were started on the lab host or in its containers, each with the command lines."""
    assert result.rc == 0, result.raw[-4000:]
    found = {}
    for name, _between, address, command in STARTED.findall(result.raw):
        if address == lab.values()["ansible_host"]:
            found.setdefault(name, []).append(command)
    return found


@pytest.fixture(scope="module")
def seen():
    """What one test leaves for the others: all that was said, and by which modules."""
    return {"said": [], "modules": set()}


@pytest.fixture(scope="module")
def old(make_lab):
    with make_lab("labpy27", conftest.PY27) as lab:
        yield lab


@pytest.fixture
def watched(old, seen):
    """Note what a run at -vvv said: whatever of ours was started there, Python 2.7 was to run it."""

    def watch(result):
        seen["said"].append(result.raw)
        for name, commands in started(result, old).items():
            assert all(PYTHON + " && sleep 0" in command for command in commands), (name, commands)
            seen["modules"].add(name)
        return result

    return watch


@pytest.fixture
def call(old, watched):
    """What a module returns on the lab host."""

    def run(module, *arguments, inventory=None, pattern=old.name, **options):
        result = watched(old.run(
            "ansible", "-vvv", "-i", inventory or old.access / "inventory.yml", pattern, "-m", module,
            *(["-a", json.dumps(options)] if options else []), *arguments,
            environment={"ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}))
        return json.loads(re.search(r"=> (\{.*\})", result.stdout, re.S).group(1))

    return run


def test_site_reaches_health_ok(old, watched):
    result = watched(old.make("lab", "-vvv -e lab_host_suite=bullseye -e lab_host_python=python2.7"))
    assert "health: HEALTH_OK" in result.stdout
    assert "pgs         40: 40 active+clean" in result.stdout


def test_its_python_is_2_7_and_its_ansible_the_last_that_manages_it(old, call):
    facts = call("ansible.builtin.setup", gather_subset=["min"])["ansible_facts"]
    version = facts["ansible_python"]["version"]
    assert (version["major"], version["minor"], facts["ansible_python"]["executable"]) == (2, 7, PYTHON)
    assert "[core 2.16." in old.run("ansible", "--version").stdout


def test_again_changes_nothing(old, seen):
    result = old.make("lab")
    assert result.rc == 0, result.raw
    assert (result.changed(old.name), result.changed("localhost")) == (0, 0)
    seen["said"].append(result.raw)


def test_check_mode_changes_nothing(old, watched):
    result = watched(old.playbook("site", "--check", "--diff", "-vvv"))
    assert result.changed(old.name) == 0


def test_status(old, seen):
    text, document = old.make("status"), old.make("status", STATUS_FORMAT="json")
    assert (text.rc, document.rc) == (0, 0), text.raw + document.raw
    assert old.name + ": ok" in text.stdout
    assert json.loads(document.stdout)["ceph"]["osds"] == {"total": 3, "up": 3, "in": 3}
    seen["said"] += [text.raw, document.raw]


def test_what_asks_the_cluster(old, call):
    mon = old.mon()
    assert [entry["name"] for entry in call("osa_lab.ceph_aio.osa_containers_info")["containers"]] == [mon]
    answer = call("osa_lab.ceph_aio.ceph_info", config=["osd_pool_default_pg_num"], text=True)["ceph"]
    assert (answer["state"], answer["missing"], answer["container"], answer["release"]) == ("ok", [], mon, "nautilus")
    assert answer["config"]["settings"] == {"osd_pool_default_pg_num": "8"}
    assert call("osa_lab.ceph_aio.ceph_wait", osds=3, pools=[{"name": "rbd", "pg_num": 8}], deadline=60)["unmet"] == []


def test_the_program_that_asks_runs_on_python_2_7_too(old, call):
    """Where the mon is it takes the Python that has librados; there is none for this one, so it takes the ceph command."""
    mon = old.mon()
    old.ssh("lxc-attach -n %s -- sh -c '%s'" % (mon, NO_PYTHON3))
    try:
        answer = call("osa_lab.ceph_aio.ceph_info", config=["osd_pool_default_pg_num"])["ceph"]
        command = call("osa_lab.ceph_aio.ceph_command", argv=["osd", "dump"])
        asked = old.ssh("lxc-attach -n %s -- ls /root/asked" % mon)
    finally:
        old.ssh("lxc-attach -n %s -- rm -f /usr/local/bin/python3 /usr/local/bin/python2.7 /root/asked" % mon)
    assert asked == "/root/asked"
    assert (answer["state"], answer["missing"], answer["release"]) == ("ok", [], "nautilus")
    assert answer["osds"] == {"total": 3, "up": 3, "in": 3}
    assert answer["config"]["settings"] == {"osd_pool_default_pg_num": "8"}
    assert len(command["answer"]["pools"]) == 5


def test_inventory_and_connection(old, call, watched):
    source, mon = old.access / (old.name + ".osa.yml"), old.mon()
    result = old.run("ansible-inventory", "-i", source, "--list")
    assert json.loads(result.stdout)["osa_running"]["hosts"] == [mon]
    for pipelining in ("true", "false"):
        old.environment["ANSIBLE_PIPELINING"] = pipelining
        facts = call("ansible.builtin.setup", "-e", "ansible_python_interpreter=" + PYTHON,
                     inventory=source, pattern="ceph-mon", gather_subset=["min"])["ansible_facts"]
        assert (facts["ansible_hostname"], facts["ansible_python_version"][:3]) == (mon.replace("_", "-"), "2.7")
    del old.environment["ANSIBLE_PIPELINING"]


def test_another_host_uses_the_cluster_and_then_no_more(old, watched, tmp_path):
    with old.client("client1", tmp_path) as clients:
        result = watched(old.playbook("client", "-i", clients, "--diff", "-vvv"))
        status = old.ssh("lxc-attach -n client1 -- ceph --name client.client1 -s -f json")
        watched(old.playbook("client", "-i", clients, "-e", "client_state=absent", "-vvv"))
    assert result.changed("client1") > 0
    assert json.loads(status)["fsid"] == json.loads(old.ceph("status -f json"))["fsid"]


@pytest.mark.parametrize("verb, arguments", [
    ("snapshot", []), ("reset", []), ("drill", ["-e", "drill_name=osd_down"]), ("lease", []), ("bundle", ["-e", "bundle_dest="]),
], ids=lambda value: value if isinstance(value, str) else "")
def test_living_with_it(old, watched, tmp_path, verb, arguments):
    watched(old.playbook(verb, "-vvv", *[word + str(tmp_path) if word == "bundle_dest=" else word for word in arguments]))


def test_every_module_has_run_there(old, call, watched, seen):
    for name, options in CALLS.items():
        call("osa_lab.ceph_aio." + name, **options)
    watched(old.playbook("teardown", "-vvv", "-e", "teardown_confirm=" + old.name))
    assert MODULES - ON_THE_CONTROLLER - seen["modules"] == set()


def test_nothing_warns(seen):
    assert [line for said in seen["said"] for line in said.splitlines() if re.match(r"\[(DEPRECATION )?WARNING\]", line)] == []
    assert "Traceback" not in "".join(seen["said"])


def test_another_ansible_core_says_what_to_do(old):
    tools = pathlib.Path(os.environ["PATH"].partition(":")[0])
    result = old.run(tools / "ansible-playbook", "-i", old.access / "inventory.yml", "playbooks/site.yml")
    assert result.rc != 0
    for piece in ("this ansible-core cannot manage the lab host (%s)" % old.name, "on Python 2.7 (%s)" % PYTHON,
                  "Next: install on this machine ansible-core 2.16", "pip install 'ansible-core~=2.16.0'",
                  "or set ansible_python_interpreter to /usr/bin/python3.9 (Python 3.9), which is there"):
        assert piece in result.text.replace("''", "'")


def test_teardown_leaves_nothing(old):
    assert conftest.traces(old.name)
    result = old.destroy()
    assert result.rc == 0, result.raw
    assert conftest.traces(old.name) == []
    assert not old.access.exists()
