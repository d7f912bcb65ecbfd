# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an install of OSA 15.1.0 to 15.1.2 fails without the override: the real ceph-mon role of ceph-ansible v2.1.6 under the
real Ansible 2.2, and our module as the cure.

The roles are loaded whole, so that their defaults count. Run is the one file of tasks that decides on the placement groups,
with a ceph command that says nothing; no cluster is needed.
"""

import json
import os
import pathlib
import subprocess

import conftest
import pytest
import yaml

MESSAGE = "'dict object' has no attribute 'global'"
DEFAULTS = "roles/ceph.ceph-common/defaults/main.yml"
# A mon that has its key in its store, and no pool rbd.
CEPH = '#!/bin/sh\ncase "$*" in *"pool stats rbd"*) exit 2;; esac\n'
PLAY = [{
    "hosts": "ceph-mon", "gather_facts": False, "roles": ["ceph-mon"],  # and ceph.ceph-common, on which it depends
    "tasks": [{"include": "roles/ceph-mon/tasks/ceph_keys.yml", "tags": "ceph_keys"},
              {"debug": "var=osd_pool_default_pg_num", "tags": "ceph_keys"}],
    # As the all-in-one of 15.1.2 sets them; there are no keys, so no cephx.
    "vars": {"mon_group_name": "ceph-mon", "pool_default_pg_num": 32, "cephx": False, "openstack_config": False, "monitor_name": "mon1",
             "ansible_distribution_release": "xenial", "ansible_os_family": "Debian", "ansible_distribution": "Ubuntu",
             "ceph_stable_release": "jewel"},
}]


class Chain:
    """Roles of ceph-ansible at a ref, and the Ansible of the time."""

    def __init__(self, folder, python2, library):
        self.folder = folder
        self.python2, self.library = python2, library
        (folder / "bin").mkdir()
        (folder / "bin" / "ceph").write_text(CEPH)
        (folder / "bin" / "ceph").chmod(0o755)
        (folder / "inventory").write_text("[ceph-mon]\nmon1 ansible_connection=local ansible_python_interpreter=%s\n" % python2)
        (folder / "play.yml").write_text(yaml.safe_dump(PLAY))

    def take(self, upstream, ref):
        git = upstream / "github.com/ceph/ceph-ansible.git"
        archive = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", git, "archive", ref, "roles"], check=True, capture_output=True, timeout=60).stdout
        subprocess.run(["tar", "-C", self.folder, "-x"], input=archive, check=True, timeout=60)

    def play(self, overrides=None):
        """Run it: exit status and output. overrides are an extra variable."""
        extra = ["-e", json.dumps({"ceph_conf_overrides": overrides})] if overrides is not None else []
        result = subprocess.run(
            [self.python2, self.library / "bin/ansible-playbook", "-i", "inventory", "play.yml", "--tags", "ceph_keys", *extra],
            cwd=self.folder, capture_output=True, text=True, timeout=300, check=False, env={
                "HOME": str(self.folder), "PATH": "%s:/usr/bin:/bin" % (self.folder / "bin"), "LANG": "C.UTF-8",
                "PYTHONPATH": str(self.library), "PYTHONDONTWRITEBYTECODE": "1", "ANSIBLE_ROLES_PATH": str(self.folder / "roles"),
                "ANSIBLE_NOCOLOR": "1"})
        return result.returncode, " ".join((result.stdout + result.stderr).split())

    def module(self):
        """Our edit, as the role ceph_overrides makes it on a series whose role default is honoured."""
        options = {"path": str(self.folder / DEFAULTS), "roles_path": str(self.folder / "roles"),
                   "overrides": {"global": {"osd_pool_default_pg_num": 8}}}
        return subprocess.run(
            ["ansible", "localhost", "-m", "osa_lab.ceph_aio.ceph_conf_overrides", "-a", json.dumps(options)],
            cwd=conftest.ROOT, capture_output=True, text=True, timeout=120, check=True).stdout


@pytest.fixture
def chain(tmp_path):
    return Chain(tmp_path, os.environ["REPRODUCE_PYTHON"], pathlib.Path(os.environ["REPRODUCE_LIBRARY"]))


@pytest.fixture
def upstream():
    return pathlib.Path(os.environ["OSA_UPSTREAM"]).resolve()


def test_without_the_key_global_it_fails(chain, upstream):
    chain.take(upstream, "v2.1.6")
    assert "ceph_conf_overrides: {}\n" in (chain.folder / DEFAULTS).read_text()
    status, said = chain.play()
    assert status != 0
    assert "The conditional check 'ceph_conf_overrides.global.osd_pool_default_pg_num is defined' failed" in said
    assert MESSAGE in said


def test_our_edit_cures_it(chain, upstream):
    chain.take(upstream, "v2.1.6")
    assert "CHANGED" in chain.module()
    status, said = chain.play()
    assert status == 0, said
    assert '"osd_pool_default_pg_num": "8"' in said


@pytest.mark.parametrize("overrides, number", [({"global": {"osd_pool_default_pg_num": "8"}}, '"8"'), ({"global": {}}, "32")])
def test_any_hash_with_the_key_does(chain, upstream, overrides, number):
    chain.take(upstream, "v2.1.6")
    status, said = chain.play(overrides)
    assert status == 0, said
    assert '"osd_pool_default_pg_num": %s' % number in said


def test_a_later_role_asks_first(chain, upstream):
    """ceph-ansible v2.2.9, of ocata-eol."""
    chain.take(upstream, "v2.2.9")
    status, said = chain.play()
    assert status == 0, said
    assert '"osd_pool_default_pg_num": 32' in said
