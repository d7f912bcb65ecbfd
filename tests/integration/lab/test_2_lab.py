# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a lab host, in the order of this file: refused by Ceph, mended, used, broken, rebooted, removed."""

import json
import re
import subprocess
import types

import conftest
import pytest
import yaml

DEFAULTS = "/etc/ansible/roles/ceph.ceph-common/defaults/main.yml"


@pytest.fixture(scope="module")
def seen():
    """What one test leaves for the next."""
    return {}


def test_without_the_override_ceph_refuses_and_the_remedy_is_named(lab, seen):
    result = lab.make("lab", "-e ceph_overrides_enabled=false")
    assert result.rc != 0
    assert "Error ERANGE: pg_num 256 size 3 would mean 768 total pgs, which exceeds max 750" in result.text
    assert "leave ceph_overrides_enabled at true" in result.text
    assert "Run setup-openstack" not in result.text
    seen["mon"], seen["fsid"] = lab.mon(), lab.ceph("fsid")
    seen["original"] = lab.ssh("cat " + DEFAULTS)


def test_diff_is_the_upstream_authors_change_and_nothing_is_changed(lab, seen):
    result = lab.make("diff")
    assert result.rc == 0, result.raw
    body = result.stdout[result.stdout.index("+++ after"):]
    changes = [line for line in body.splitlines() if re.match(r"[-+](?!\+\+|--)", line)]
    assert changes == [
        "-ceph_conf_overrides: {}",
        "+ceph_conf_overrides:",
        "+  global:",
        "+    osd_pool_default_pg_num: 8",
        "-ceph_osd_up_timeout: 180",
        "+ceph_osd_up_timeout: 180",
    ]
    assert "\\ No newline at end of file" in body
    assert lab.ssh("cat " + DEFAULTS) == seen["original"]


def test_plain_lab_goes_on_and_reaches_health_ok(lab, seen):
    result = lab.make("lab")
    assert result.rc == 0, result.raw
    assert (lab.mon(), lab.ceph("fsid")) == (seen["mon"], seen["fsid"]), "it started over"
    assert "health: HEALTH_OK" in result.stdout
    assert "osds        3: 3 up, 3 in" in result.stdout
    assert "pools       5: rbd 8, images 8, volumes 8, vms 8, backups 8" in result.stdout
    assert "pgs         40: 40 active+clean" in result.stdout
    assert "container   " + seen["mon"] in result.stdout
    assert json.loads(lab.ceph("health detail -f json"))["mutes"] == []
    assert [line.split()[0] for line in result.stdout[result.stdout.index("\nstage "):].splitlines() if re.match(r"\w+ +[0-9.]+$", line)] == [
        "release", "preflight", "lab_host", "lock", "embedded_osa", "ledger", "source", "bootstrap", "boot",
        "ceph_overrides", "install", "verify", "report"]


def daemons(lab):
    """When each daemon was started."""
    show = "systemctl show -p Id -p ActiveEnterTimestamp 'ceph-%s@*'"
    said = [lab.ssh(show % "osd"), lab.ssh("lxc-attach -n %s -- %s" % (lab.mon(), show % "m*"))]
    return {unit: when for text in said for unit, when in re.findall(r"Id=(.*)\nActiveEnterTimestamp=(.*)", text)}


@pytest.fixture(scope="module")
def again(lab):
    """A run where nothing is to be done, and the daemons before and after it."""
    started = daemons(lab)
    return types.SimpleNamespace(started=started, result=lab.make("lab"), now=daemons(lab))


def test_again_changes_nothing_and_restarts_nothing(again):
    assert again.result.rc == 0, again.result.raw
    assert again.result.changed("labtest") == 0
    assert again.result.changed("localhost") == 0
    assert again.now == again.started


def test_the_last_on_the_screen_is_how_it_is_and_what_is_next(lab, seen, again):
    end = again.result.stdout[-700:]
    page = lab.access / "labtest.html"
    command = "make ssh LAB=labtest COMMAND='lxc-attach -n %s -- ceph -s'" % seen["mon"]
    assert re.search(r"\nlabtest: ok\n +3 of 3 OSDs up, 40 of 40 PGs active\+clean\npage +%s\nnext +ask Ceph: %s\n" % (page, command), end)
    text = page.read_text()
    for piece in ("<h1>labtest ", "40 of 40 active+clean", seen["mon"], seen["fsid"], "bootstrap-aio"):
        assert piece in text


def test_status_as_text(lab, seen):
    result = lab.make("status")
    assert result.rc == 0, result.raw
    for piece in ("labtest: ok", "root@%s:/# ceph osd tree" % seen["mon"], "host labtest", "osd.2", "40 active+clean"):
        assert piece in result.stdout


def test_status_as_one_json_document(lab, seen):
    result = lab.make("status", STATUS_FORMAT="json")
    assert result.rc == 0, result.raw
    document = json.loads(result.stdout)
    assert document["ceph"]["state"] == "ok"
    assert document["ceph"]["container"] == seen["mon"]
    assert document["ceph"]["osds"] == {"total": 3, "up": 3, "in": 3}
    commit = lab.ssh("git -C /opt/openstack-ansible rev-parse HEAD")
    assert document["steps"]["source"]["evidence"] == {"commit": commit}


@pytest.fixture(scope="module")
def anew(lab):
    """The playbooks run anew, by force and with all that can be said on the screen, over daemons that are older than their configuration, as
    where a run was killed between the writing of it and their restart. Meanwhile somebody else begins a run.
    """
    started = daemons(lab)
    lab.ssh("touch /etc/ceph/ceph.conf; lxc-attach -n %s -- touch /etc/ceph/ceph.conf" % lab.mon())
    with lab.begun(*lab.make_argv("lab", "-vvv --diff -e install_rerun=true")) as first:
        first.await_text("TASK [osa_lab.ceph_aio.install", 120)
        playbook = conftest.processes.below(first.process.pid)[0]  # the one thing that make has begun
        second = lab.playbook("site")
        result = first.result(300)
    assert result.rc == 0, result.raw[-3000:]
    return types.SimpleNamespace(started=started, result=result, playbook=playbook, second=second, now=daemons(lab))


def test_a_second_run_at_once_fails_and_names_the_first(anew):
    assert anew.second.rc != 0
    assert "another run is changing this lab host" in anew.second.text
    assert "process %d of " % anew.playbook in anew.second.text
    assert anew.second.seconds < 10


def test_daemons_that_are_older_than_their_configuration_are_restarted(anew):
    restarted = [unit.partition("@")[0] for unit, when in anew.now.items() if when != anew.started[unit]]
    assert sorted(restarted) == ["ceph-mon"] + ["ceph-osd"] * 3


def test_no_key_is_in_any_output(lab, anew):
    key = lab.ssh("lxc-attach -n %s -- ceph auth get-key client.admin" % lab.mon())
    secrets = re.findall(r"^\w+: (\S+)$", lab.ssh("cat /etc/openstack_deploy/user_secrets.yml"), re.M)
    logs = lab.ssh("cat /var/lib/osa_ceph_aio/logs/* /openstack/log/ansible-logging/ansible.log")
    assert len(key) == 40 and len(secrets) == 5
    for secret in [key, *secrets]:
        assert secret not in anew.result.raw
        assert secret not in logs


BAD_FILES = {
    "empty": ("", "it has no key"),
    "not-yaml": ("foo: [1, 2\nceph_conf_overrides: {}\n", "is not closed"),
    "twice": ("ceph_conf_overrides: {}\nceph_conf_overrides: {}\n", "2 times, on lines 1, 2"),
    "jinja": ('ceph_conf_overrides: "{{ other | combine({}) }}"\n', "Jinja expression"),
    "anchor": ("ceph_conf_overrides: &here\n  global:\n    a: 1\n", "an anchor, an alias or a tag"),
    "absent": (None, "run OSA's bootstrap first"),
}


@pytest.fixture(scope="module")
def bad_files(lab):
    """The paths of files that cannot be edited safely, and what they are before anybody tries."""
    paths = {kind: "/root/%s.yml" % kind for kind in BAD_FILES}
    for kind, (content, _reason) in BAD_FILES.items():
        if content is not None:
            lab.ssh("cat > %s <<'END'\n%sEND" % (paths[kind], content))
    return paths, sums(lab, paths)


def sums(lab, paths):
    return lab.ssh("cksum %s; true" % " ".join(paths.values()))


def test_a_file_that_cannot_be_edited_safely_ends_the_run(lab, bad_files):
    paths, before = bad_files
    result = lab.playbook("site", "--tags", "ceph_overrides", "-e", "ceph_overrides_file=" + paths["twice"])
    assert result.rc != 0
    for piece in (paths["twice"], BAD_FILES["twice"][1], "Next:"):
        assert piece in result.text
    assert sums(lab, paths) == before


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_cannot_be_edited_safely_is_left_alone(lab, bad_files, kind):
    paths, before = bad_files
    result = lab.ansible("ceph_conf_overrides", path=paths[kind], overrides={"global": {"osd_pool_default_pg_num": 8}})
    assert result.rc != 0
    for piece in (paths[kind], BAD_FILES[kind][1], "Next:"):
        assert piece in result.text
    assert sums(lab, paths) == before


def test_a_source_that_cannot_be_reached_is_named(lab):
    result = lab.playbook("site", "-e", "source_repo_url=file:///nowhere/osa", "--tags", "preflight,source")
    assert result.rc != 0
    for piece in ("Nothing was changed", "the OSA repository cannot be reached (file:///nowhere/osa)", "source_repo_url"):
        assert piece in result.text


def test_a_ref_that_is_not_there_is_named(lab):
    result = lab.playbook("site", "-e", "release_ref=15.9.9", "--tags", "preflight,source")
    assert result.rc != 0
    assert "has no such ref (15.9.9 in " in result.text


def test_all_that_a_host_lacks_is_said_at_once(lab):
    result = lab.playbook("site", "-e", "release_series=ocata", "-e", "source_repo_url=file:///nowhere/osa", "--tags", "preflight")
    assert result.rc != 0
    for piece in ("it is debian-12; supported: ubuntu-16.04, centos-7", "cannot be reached (file:///nowhere/osa)"):
        assert piece in result.text


def test_a_number_that_is_no_power_of_two_is_a_warning(lab):
    result = lab.playbook("site", "-e", "ceph_overrides_pg_num=12", "-e", "preflight_ignore=pg_num,memory", "--tags", "preflight")
    assert result.rc == 0, result.raw
    assert "12 is not a power of two" in result.text
    assert "set ceph_overrides_pg_num to 8" in result.text


def test_a_lab_host_that_cannot_be_reached(lab, tmp_path):
    inventory = tmp_path / "inventory.yml"
    inventory.write_text("lab_hosts:\n  hosts:\n    gone:\n      ansible_host: 127.0.0.1\n      ansible_port: 1\n")
    result = lab.playbook("site", inventory=inventory)
    assert result.rc != 0
    for piece in ("The lab host gone (127.0.0.1) cannot be reached", "Connection refused", "Next: check its address"):
        assert piece in result.text


def test_a_killed_run_does_not_block_the_next(lab):
    words = ["ansible-playbook", "-i", str(lab.access / "inventory.yml"), "playbooks/site.yml"]
    with lab.begun(*words) as first:
        first.await_text("TASK [osa_lab.ceph_aio.preflight")
        first.process.kill()
        first.process.wait(20)
    assert lab.ssh("cat /var/lib/osa_ceph_aio/lock")
    assert lab.playbook("site").rc == 0


def test_a_stopped_container_is_said_to_be_stopped(lab, seen):
    lab.ssh("lxc-stop -n %s" % seen["mon"])
    try:
        status = lab.make("status", STATUS_FORMAT="json")
        verify = lab.playbook("site", "--tags", "verify")
    finally:
        lab.ssh("lxc-start -n %s" % seen["mon"])
    assert status.rc != 0
    assert json.loads(status.stdout)["ceph"]["state"] == "container_stopped"
    assert verify.rc != 0
    for piece in (seen["mon"], "LXC says it is STOPPED", "Next: on the lab host: lxc-start -n"):
        assert piece in verify.text


def test_a_cluster_that_does_not_stay_as_it_was_verified_is_a_failure(lab, seen, tmp_path):
    way, outcome = yaml.safe_load((lab.root / "playbooks/site.yml").read_text())
    rooms = way["tasks"][0]["block"]
    last = next(place for place, room in enumerate(rooms) if room["name"] == "Show it")
    rooms.insert(last, {"name": "Between the two", "ansible.builtin.command": "lxc-stop -k -n " + seen["mon"], "tags": "report"})
    outcome["ansible.builtin.import_playbook"] = str(lab.root / "playbooks/outcome.yml")
    (tmp_path / "site.yml").write_text(yaml.safe_dump([way, outcome]))
    try:
        result = lab.ansible_playbook(tmp_path / "site.yml", "--tags", "verify,report")
    finally:
        lab.ssh("lxc-start -n " + seen["mon"])
    assert result.rc != 0
    for piece in ("The cluster does not stay as it was: %s was ok a moment ago in this run, and is container_stopped now" % lab.name,
                  "LXC says it is STOPPED", "For a bug report: "):
        assert piece in result.text


def test_what_verify_accepts_is_no_failure_of_the_report(lab):
    lab.ceph("osd set noout")
    try:
        result = lab.playbook("site", "--tags", "verify,report", "-e", '{"verify_accept": ["OSDMAP_FLAGS"]}')
        again = lab.playbook("site", "--tags", "verify,report", "-e", 'verify_accept="OSD_DOWN, OSDMAP_FLAGS"')
        status = lab.make("status", "-e verify_accept=OSDMAP_FLAGS")
        strict = lab.make("status")
    finally:
        lab.ceph("osd unset noout")
    assert (result.rc, again.rc, status.rc) == (0, 0, 0), result.raw[-3000:] + again.raw[-3000:] + status.raw[-3000:]
    assert "health: HEALTH_WARN" in result.stdout and "health: HEALTH_WARN" in status.stdout
    assert strict.rc != 0 and "is warn" in strict.text


def test_an_absent_container_is_said_to_be_absent(lab):
    inventory = "/etc/openstack_deploy/openstack_inventory.json"
    lab.ssh("cp %s /root/inventory.json && sed -i s/aio1_ceph-mon_container-......../aio1_ceph-mon_container-00000000/ %s" % (
        inventory, inventory))
    try:
        result = lab.playbook("site", "--tags", "verify")
    finally:
        lab.ssh("cp /root/inventory.json %s" % inventory)
    assert result.rc != 0
    assert "LXC has no container of this name" in result.text


def test_the_environment_comes_back_after_a_reboot(lab, seen):
    lab.reboot()
    lab.await_health(seen["mon"])
    assert lab.ceph("fsid") == seen["fsid"]
    result = lab.make("lab")
    assert result.rc == 0, result.raw
    assert result.changed("labtest") == 0


def test_a_run_right_after_a_reboot_waits_and_installs_nothing(lab):
    lab.reboot()
    result = lab.make("lab")
    assert result.rc == 0, result.raw
    assert result.changed("labtest") == 0


def test_another_number_for_pools_that_are_there_is_refused_at_once(lab):
    result = lab.playbook("site", "-e", "ceph_overrides_pg_num=16")
    assert result.rc != 0
    assert "Nothing was changed." in result.text
    assert "8 each when they were last verified, 16 are asked for" in result.text
    assert "run again with 8, or build the environment anew with 16 (rebuild)" in result.text


def test_another_number_for_pools_that_are_there_is_seen(lab):
    """Whatever was verified before, the pools are asked."""
    result = lab.playbook("site", "-e", "ceph_overrides_pg_num=16", "--tags", "verify")
    assert result.rc != 0
    assert "pools rbd, images, volumes, vms, backups have 8 PGs, not 16 (a default counts for new pools only)" in result.text
    assert "Next: build the environment anew with that number" in result.text
    assert result.seconds < 30


def test_an_override_without_effect_is_seen(lab):
    """The mon is asked what it goes by, whatever the files say."""
    lab.ceph("daemon mon.%s config set osd_pool_default_pg_num 32" % lab.mon().replace("_", "-"))
    result = lab.playbook("site", "--tags", "verify")
    lab.ceph("daemon mon.%s config set osd_pool_default_pg_num 8" % lab.mon().replace("_", "-"))
    assert result.rc != 0
    assert "goes by osd_pool_default_pg_num = 32, not 8 (ceph_overrides_pg_num)" in result.text


def test_ssh_enters_the_lab_host(lab):
    assert lab.make("ssh", COMMAND="hostname; echo '$HOSTNAME  ' | tr -d ' '; echo \"a  b\"").stdout.splitlines() == ["labtest", "$HOSTNAME", "a  b"]


def test_the_built_collection_works_without_the_checkout(lab, tmp_path):
    assert lab.run("ansible-galaxy", "collection", "build", "--output-path", tmp_path).rc == 0
    (archive,) = tmp_path.glob("*.tar.gz")
    result = lab.run("ansible-galaxy", "collection", "install", "--offline", "--force", "-p", tmp_path / "installed", archive)
    assert result.rc == 0, result.raw
    environment = dict(lab.environment, ANSIBLE_COLLECTIONS_PATH=str(tmp_path / "installed"))
    environment.pop("ANSIBLE_CONFIG", None)
    completed = subprocess.run(
        ["ansible-playbook", "osa_lab.ceph_aio.lab", "-e", "lab_host_name=labtest"], cwd=tmp_path, check=False,
        env=environment, capture_output=True, text=True, timeout=300)
    assert completed.returncode == 0, completed.stdout + completed.stderr
    assert "health: HEALTH_OK" in completed.stdout


def test_destroy_leaves_nothing_and_can_be_said_twice(lab, before):
    assert lab.destroy().rc == 0
    assert conftest.observe() == before
    assert not lab.access.exists()
    result = lab.destroy()
    assert result.rc == 0, result.raw
    assert conftest.observe() == before
