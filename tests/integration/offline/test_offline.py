# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Built once with a network, and again without one, from a mirror and the lockfile.

The second build is on a new lab host of the same name and image: its network is cut before OpenStack-Ansible is
there, and the repositories of the first were never on it.
"""

import subprocess

import pytest
import yaml

LAB = "laboffline"
MIRROR = "/srv/mirror"
BELOW = "localhost/var/lib/osa_ceph_aio_embedded"
# What a run would have changed before it is refused.
TRACES = "ls -d /opt/openstack-ansible /var/lib/osa_ceph_aio/config /etc/ansible/roles /etc/openstack_deploy 2>/dev/null; true"


def copy(argv, **options):
    subprocess.run(argv, check=True, timeout=300, **options)


@pytest.fixture(scope="module")
def built(make_lab, tmp_path_factory):
    """What the first build leaves behind: its mirror, its lockfile, and what was said."""
    folder = tmp_path_factory.mktemp("built")
    lock, archive = folder / "lock.yml", folder / "mirror.tar"
    with make_lab(LAB) as lab:
        said = {"lab": lab.make("lab", "-e source_lockfile=%s" % lock)}
        assert said["lab"].rc == 0, said["lab"].raw[-4000:]
        fill = ("mirror", "-e", "mirror_hosts=" + LAB, "-e", "source_mirror_dir=" + MIRROR, "-e", "@%s" % lock)
        said["mirror"] = lab.playbook(*fill)
        said["mirror again"] = lab.playbook(*fill)
        said["no ref"] = lab.playbook("site", "-e", "release_ref=nowhere")
        # Cut short: what is there of a repository that is not whole must not count.
        lab.ssh("cd %s/%s && mv ansible-ceph-osd.git ansible-ceph-osd.git.partial && rm -r ansible-ceph-osd.git.partial/objects" % (
            MIRROR, BELOW))
        said["mirror after a break"] = lab.playbook(*fill)
        with archive.open("wb") as stream:
            copy([*lab.ssh_argv(), "tar -C %s -cf - ." % MIRROR], stdout=stream)
    return {"archive": archive, "lock": lock, "said": said, "pins": yaml.safe_load(lock.read_text())}


@pytest.fixture(scope="module")
def cut(built, make_lab):
    """A new lab host with the mirror on it and no network but the way to this machine."""
    with make_lab(LAB) as lab:
        result = lab.run("ansible-playbook", "tests/integration/offline/host.yml", "-e", "lab_host_name=" + LAB)
        assert result.rc == 0, result.raw[-4000:]
        with built["archive"].open("rb") as stream:
            copy([*lab.ssh_argv(), "mkdir {0} && tar -C {0} -xf -".format(MIRROR)], stdin=stream)
        lab.ssh("ip route del default && echo 'nameserver 127.0.0.1' > /etc/resolv.conf && rm -f /etc/apt/apt.conf.d/*proxy*")
        yield lab


def site(lab, built, *arguments):
    return lab.playbook("site", "-e", "@%s" % built["lock"], "-e", "source_mirror=" + MIRROR, *arguments)


def other_lock(built, tmp_path, **changes):
    """The lockfile with something else in it."""
    content = yaml.safe_load(built["lock"].read_text())
    content["source_lock"].update(changes)
    (tmp_path / "lock.yml").write_text(yaml.safe_dump(content))
    return "@%s" % (tmp_path / "lock.yml")


def test_the_mirror_is_filled_and_again_nothing_is_new(built):
    for name in ("mirror", "mirror again", "mirror after a break"):
        assert built["said"][name].rc == 0, built["said"][name].raw[-3000:]
        assert "has all 9 repositories that embedded at %s is made of" % built["pins"]["release_ref"] in built["said"][name].text
    assert [built["said"][name].changed(LAB) > 0 for name in ("mirror", "mirror again", "mirror after a break")] == [True, False, True]


def test_the_lockfile_names_all_that_was_built(built):
    pins = built["pins"]
    assert pins["release_series"] == pins["source_lock"]["series"] == "embedded"
    assert pins["release_ref"] == pins["source_lock"]["osa"]
    assert len(pins["source_lock"]["roles"]) == 8
    assert all(len(commit) == 40 for commit in pins["source_lock"]["roles"].values())
    assert set(pins["source_lock"]["packages"]) == {"host", "mon"}
    assert "ceph-osd" in pins["source_lock"]["packages"]["host"]
    assert "ceph-mon" in pins["source_lock"]["packages"]["mon"]


def test_a_ref_that_the_repository_lacks_is_refused(built):
    assert built["said"]["no ref"].rc != 0
    assert "the OSA repository has no such ref (nowhere in file:///var/lib/osa_ceph_aio_embedded" in built["said"]["no ref"].text


def test_the_network_is_cut(cut):
    assert "Network is unreachable" in cut.ssh("bash -c 'echo > /dev/tcp/192.0.2.1/443' 2>&1", check=False)
    said = cut.ssh("apt-get update -o Acquire::Retries=0 2>&1", check=False)
    assert "Err:1" in said and "Get:" not in said, said
    assert cut.ssh("ls -d /var/lib/osa_ceph_aio_embedded 2>/dev/null; true") == ""


def test_a_mirror_without_pins_is_refused_with_all_that_it_lacks(cut, built):
    cut.ssh("cp -r {0} /srv/less && cd /srv/less/{1} && rm -r ansible-ceph-mon.git openstack-ansible-lxc_hosts.git"
            " && git init --quiet --bare openstack-ansible-lxc_hosts.git".format(MIRROR, BELOW))
    result = site(cut, built, "-e", "source_mirror=/srv/less")
    assert result.rc != 0
    roles = built["pins"]["source_lock"]["roles"]
    for piece in (
        "Nothing was changed. The mirror /srv/less (source_mirror) lacks what embedded at %s is made of" % built["pins"]["release_ref"],
        "%s/ansible-ceph-mon: there is no such repository; wanted %s" % (BELOW, roles["ceph-mon"]),
        "%s/openstack-ansible-lxc_hosts: it has no %s" % (BELOW, roles["lxc_hosts"]),
        "Next: fill it with the playbook osa_lab.ceph_aio.mirror",
        "source_leave_out, of these: [ceph-mon, lxc_hosts]",
    ):
        assert piece in result.text
    assert cut.ssh(TRACES) == ""


def test_a_mirror_of_nothing_is_refused(cut, built):
    result = site(cut, built, "-e", "source_mirror=/srv/nothing")
    assert result.rc != 0
    assert "%s/openstack-ansible: there is no such repository" % BELOW in result.text
    assert cut.ssh(TRACES) == ""


def test_a_ref_that_the_mirror_lacks_is_refused(cut):
    result = cut.playbook("site", "-e", "release_ref=nowhere", "-e", "source_mirror=" + MIRROR)
    assert result.rc != 0
    assert "%s/openstack-ansible: it has no nowhere" % BELOW in result.text
    assert cut.ssh(TRACES) == ""


@pytest.mark.parametrize("changes, said", [
    ({"series": "pike"}, "The lockfile is of pike, not of embedded (source_lock.series, release_series)"),
    ({"format": 2}, "The lockfile has format 2, this version of the collection knows 1 (source_lock.format)"),
    ({"osa": "0" * 40}, "The lockfile is of commit %s, not of" % ("0" * 40)),
    ({"roles": None}, "The lockfile is damaged: its roles are no mapping"),
])
def test_a_lockfile_that_does_not_fit_is_refused(cut, built, tmp_path, changes, said):
    result = site(cut, built, "-e", other_lock(built, tmp_path, **changes))
    assert result.rc != 0
    assert said in result.text
    assert cut.ssh(TRACES) == ""


def test_it_is_built_again_without_a_network(cut, built, tmp_path):
    again = tmp_path / "again.yml"
    result = site(cut, built, "-e", "source_lockfile=%s" % again)
    assert result.rc == 0, result.raw[-4000:]
    assert "health: HEALTH_OK" in result.stdout
    assert "pgs         40: 40 active+clean" in result.stdout
    assert "could not be had" not in result.text
    assert yaml.safe_load(again.read_text()) == built["pins"]
    assert cut.ssh("cat /var/lib/osa_ceph_aio/lockfile.yml") == again.read_text().strip()
    for name, commit in built["pins"]["source_lock"]["roles"].items():
        assert cut.ssh("git -C /etc/ansible/roles/%s rev-parse HEAD" % name) == commit
    assert "Network is unreachable" in cut.ssh("bash -c 'echo > /dev/tcp/192.0.2.1/443' 2>&1", check=False)


def test_again_nothing_changes_and_what_could_not_be_had_is_said(cut, built, tmp_path):
    packages = {place: dict(found) for place, found in built["pins"]["source_lock"]["packages"].items()}
    has, packages["host"]["ceph-osd"] = packages["host"]["ceph-osd"], "1.2.3"
    result = site(cut, built, "-e", other_lock(built, tmp_path, packages=packages))
    assert result.rc == 0, result.raw[-4000:]
    assert "Warning: ceph-osd (host): 1.2.3 could not be had, it is %s" % has in result.text
    assert result.changed(LAB) == 0
