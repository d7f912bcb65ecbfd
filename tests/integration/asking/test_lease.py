# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people and one lab host: whoever has the lease, status says so, and nobody else destroys."""

import json

import pytest

PATH = "/var/lib/osa_ceph_aio/lease.json"


@pytest.fixture(autouse=True)
def nobodys(ready):
    yield
    ready.ssh("rm -rf " + PATH)


@pytest.fixture
def destroy(ready, tmp_path):
    """What each playbook that destroys does first."""
    playbook = tmp_path / "destroy.yml"
    playbook.write_text(json.dumps([{"hosts": "lab_hosts", "gather_facts": False, "become": True, "tasks": [
        {"ansible.builtin.import_role": {"name": "osa_lab.ceph_aio.lease", "tasks_from": "check"}},
        {"ansible.builtin.debug": {"msg": "everything is gone"}}]}]))
    return lambda *arguments: ready.ansible_playbook(playbook, *arguments)


def lease(ready):
    return json.loads(ready.make("status", STATUS_FORMAT="json").stdout)["lease"]


def test_take_show_refuse_override_give_back(ready, destroy):
    assert lease(ready) is None
    taken = ready.make("lease", "-e lease_owner=ann@desk -e lease_purpose=upgrade -e lease_expires=2099-01-01T00:00:00Z")
    assert (taken.rc, taken.changed(ready.name)) == (0, 1), taken.raw
    assert {**lease(ready), "since": ""} == {
        "owner": "ann@desk", "purpose": "upgrade", "since": "", "expires": "2099-01-01T00:00:00Z", "expired": False}
    assert "lease       ann@desk has it until 2099-01-01T00:00:00Z, for upgrade" in ready.make("status").stdout

    for arguments in ((), ("-e", "lease_override=bob@desk")):
        refused = destroy(*arguments)
        assert refused.rc != 0 and "everything is gone" not in refused.raw
        assert "leased to ann@desk (%s): until 2099-01-01T00:00:00Z, for upgrade" % PATH in refused.text, refused.raw
        assert "run again with -e lease_override=ann@desk" in refused.text
    for arguments in ("", "-e lease_state=absent"):
        assert "leased to ann@desk" in ready.make("lease", arguments).text
    assert "everything is gone" in destroy("-e", "lease_override=ann@desk").stdout
    assert "everything is gone" in destroy("-e", "lease_owner=ann@desk").stdout

    given = ready.make("lease", "-e lease_owner=ann@desk -e lease_state=absent")
    assert (given.rc, given.changed(ready.name)) == (0, 1), given.raw
    assert lease(ready) is None


def test_expired(ready, destroy):
    ready.make("lease", "-e lease_owner=ann@desk -e lease_expires=2099-01-01T00:00:00Z")
    ready.ssh("sed -i s/2099-/2020-/ " + PATH)
    assert "lease       ann@desk had it until 2020-01-01T00:00:00Z (expired)" in ready.make("status").stdout
    assert "everything is gone" in destroy().stdout


def test_own(ready, destroy):
    """Without a name it is the user's on this machine."""
    assert ready.make("lease").rc == 0
    assert "@" in lease(ready)["owner"]
    assert "everything is gone" in destroy().stdout


@pytest.mark.parametrize("arguments, said", [
    ("-e lease_expires=tomorrow", "'tomorrow' is no time at which a lease can end (lease_expires): it takes a UTC time such as"),
    ("-e lease_expires=2020-01-01T00:00:00Z", "the lease would have ended already"),
    ("-e lease_owner=", "'' is no name of an owner (lease_owner)"),
])
def test_bad_input(ready, arguments, said):
    result = ready.make("lease", arguments)
    assert result.rc != 0
    assert said in result.text, result.raw
    assert ready.ssh("ls %s 2>&1" % PATH, check=False).endswith("No such file or directory")


@pytest.mark.parametrize("spoil, said", [
    ("echo '{\"version\": 1, \"lease\": {\"owner\"' > {path}", "the lease of the lab host is damaged"),
    ("echo '{\"version\": 99, \"lease\": {}}' > {path}", "the lease of the lab host was written by a newer version of this collection"),
    ("sed -i s/2099-01-01T/soon/ {path}", "the lease of the lab host is damaged"),
    ("mkdir {path}.d; mv {path} {path}.d/; mv {path}.d {path}", "the lease of the lab host cannot be read"),
])
def test_record_that_cannot_be_understood(ready, destroy, spoil, said):
    """It may be another's, so it keeps everybody out."""
    ready.make("lease", "-e lease_expires=2099-01-01T00:00:00Z")
    ready.ssh(spoil.replace("{path}", PATH))
    for result in (destroy(), ready.make("lease"), ready.make("lease", "-e lease_state=absent")):
        assert result.rc != 0 and "everything is gone" not in result.raw
        assert said in result.text, result.raw
