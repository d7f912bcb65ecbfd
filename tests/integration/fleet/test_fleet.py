# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three lab hosts in one run, one of them broken on purpose."""

import contextlib
import os
import re

import pytest
import yaml

NAMES = ("labfleet1", "labfleet2", "labfleet3")
BROKEN = NAMES[1]


@pytest.fixture(scope="module")
def fleet(make_lab, tmp_path_factory):
    """Three lab hosts without an environment, and one inventory of all."""
    with contextlib.ExitStack() as stack:
        labs = {}
        for name in NAMES:
            labs[name] = stack.enter_context(make_lab(name))
            result = labs[name].make("lab", "--tags always")  # the lab host, and nothing on it
            assert result.rc == 0, result.raw[-3000:]
        path = tmp_path_factory.mktemp("fleet") / "inventory.yml"
        path.write_text(yaml.safe_dump({"lab_hosts": {"hosts": {name: lab.values() for name, lab in labs.items()}}}))
        yield labs, path


def rows(result):
    """The table at the end: name → (state, text)."""
    table = result.stdout[result.stdout.rindex("\nlab host "):]
    return {match[0]: match[1:] for match in re.findall(r"^(labfleet\d) +(\w+) +(.*)$", table, re.M)}


def test_one_that_is_broken_does_not_stop_the_others(fleet):
    labs, inventory = fleet
    labs[BROKEN].ssh("mkdir -p /opt/openstack-ansible && touch /opt/openstack-ansible/mine")
    result = labs[BROKEN].playbook("site", inventory=inventory)
    assert result.rc != 0
    table = rows(result)
    assert {name: state for name, (state, _text) in table.items()} == {NAMES[0]: "ok", BROKEN: "failed", NAMES[2]: "ok"}
    assert table[NAMES[0]][1] == "3 of 3 OSDs up, 40 of 40 PGs active+clean"
    assert "destination path '/opt/openstack-ansible' already exists and is not an empty directory" in table[BROKEN][1]
    for name in (NAMES[0], NAMES[2]):
        assert labs[name].ceph("health") == "HEALTH_OK"
    index = labs[NAMES[0]].access / "index.html"
    links = re.findall(r'href="([^"]+)"', index.read_text())
    assert links == [NAMES[0] + ".html", os.path.relpath(labs[NAMES[2]].access / (NAMES[2] + ".html"), index.parent)]
    assert all("HEALTH_OK" in (index.parent / link).read_text() for link in links)
    assert "no_container" in labs[BROKEN].make("status").text


def test_the_broken_one_is_mended_and_the_others_stay_as_they_are(fleet):
    labs, inventory = fleet
    labs[BROKEN].ssh("rm -r /opt/openstack-ansible")
    result = labs[BROKEN].playbook("site", inventory=inventory)
    assert result.rc == 0, result.raw[-3000:]
    assert {name: state for name, (state, _text) in rows(result).items()} == dict.fromkeys(NAMES, "ok")
    assert (result.changed(NAMES[0]), result.changed(NAMES[2])) == (0, 0)


def test_one_that_cannot_be_reached_is_in_the_table(fleet, tmp_path):
    labs, inventory = fleet
    hosts = yaml.safe_load(inventory.read_text())
    hosts["lab_hosts"]["hosts"][BROKEN]["ansible_port"] = 1
    path = tmp_path / "inventory.yml"
    path.write_text(yaml.safe_dump(hosts))
    result = labs[BROKEN].playbook("site", "--tags", "preflight", inventory=path)
    assert result.rc != 0
    assert rows(result)[BROKEN][0] == "failed" and "cannot be reached" in rows(result)[BROKEN][1]
    index = labs[NAMES[0]].access / "index.html"
    index.unlink()
    result = labs[BROKEN].playbook("status", "-e", "report_format=html", inventory=path)
    assert result.rc != 0
    assert {name: state for name, (state, _text) in rows(result).items()} == {NAMES[0]: "ok", BROKEN: "failed", NAMES[2]: "ok"}
    page = index.read_text()
    assert "cannot be reached" in page and len(re.findall(r'href="([^"]+)"', page)) == 2


def test_status_tells_how_each_is_and_ends_as_they_are(fleet):
    labs, inventory = fleet
    container = labs[BROKEN].mon()
    labs[BROKEN].ssh("lxc-stop -k -n " + container)
    result = labs[BROKEN].playbook("status", inventory=inventory)
    assert result.rc == 0, result.raw[-3000:]
    assert rows(result)[BROKEN][0] == "container_stopped"
    strict = labs[BROKEN].playbook("status", "-e", "report_strict=true", inventory=inventory)
    assert strict.rc != 0 and "%s is container_stopped: " % BROKEN in strict.text
    labs[BROKEN].ssh("lxc-start -n " + container)
    documents = labs[BROKEN].playbook("status", "-e", "report_format=json", inventory=inventory)
    assert documents.rc == 0 and "\nlab host " not in documents.stdout
