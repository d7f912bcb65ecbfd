# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bug report needs, from a real lab host, and no secret in it, whatever state the lab host is in."""

import json
import pathlib
import re
import stat
import tarfile

import pytest

# What gets into a journal stays there, so it is none of the cluster's own: a password and a key for this alone, which are gone again
# before another test looks for those that count.
PLANT = """
set -e
secret=$(head -c 24 /dev/urandom | base64 | tr -d '/+=')
sed -i "\\$ a planted_service_password: $secret" /etc/openstack_deploy/user_secrets.yml
key=$(timeout 30 lxc-attach -n {mon} -- ceph auth get-or-create-key client.planted)
echo 'my_service_password: "planted in a variable"' > /etc/openstack_deploy/user_zzz_extra.yml
chmod 600 /etc/openstack_deploy/user_zzz_extra.yml
echo "connecting to mysql://nova:$secret@db/nova with $key, planted in a variable" >> /var/lib/osa_ceph_aio/logs/setup-openstack.log
echo "proxy http://ann:planted-login@proxy:3128/" >> /var/lib/osa_ceph_aio/logs/setup-openstack.log
logger -t planted "the daemon says $secret and $key"
lxc-attach -n {mon} -- logger -t planted "the container says $secret and $key"
ssh-keygen -q -t ed25519 -N '' -f /root/planted
cat /root/planted >> /var/lib/osa_ceph_aio/logs/setup-openstack.log
"""
UNPLANT = """
rm -f /etc/openstack_deploy/user_zzz_extra.yml /root/planted /root/planted.pub
sed -i '/planted/d; /BEGIN/,$d' /var/lib/osa_ceph_aio/logs/setup-openstack.log
sed -i '/^planted/d' /etc/openstack_deploy/user_secrets.yml
timeout 30 lxc-attach -n {mon} -- ceph auth rm client.planted
"""


class Bundle:
    def __init__(self, path):
        self.path = path
        with tarfile.open(path) as archive:
            self.files = {member.name.partition("/")[2]: archive.extractfile(member).read() for member in archive.getmembers()}
        self.manifest = json.loads(self.files["manifest.json"])

    def text(self, ending):
        """The one file of which the name ends so."""
        (found,) = [data for name, data in self.files.items() if name.endswith(ending)]
        return found.decode()

    def reason(self, source):
        return next(entry["problem"] for entry in self.manifest["entries"] if entry["source"].startswith(source))


@pytest.fixture
def make(ready, tmp_path):
    """make bundle: the bundle and what was said; nothing is left on the lab host."""
    def run(arguments=""):
        result = ready.make("bundle", "-e bundle_dest=%s/new %s" % (tmp_path, arguments))
        assert result.rc == 0, result.raw
        (path,) = (tmp_path / "new").iterdir()
        assert "%s: %s, " % (ready.name, path) in result.stdout
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert re.match(r"osa-ceph-aio-%s-\d{8}T\d{6}Z\.tar\.gz$" % ready.name, path.name)
        assert ready.ssh("ls /var/tmp | grep osa-ceph || true") == ""
        return Bundle(path), result
    return run


def test_what_is_in_it(ready, make):
    bundle, result = make()
    assert result.seconds < 60
    mon = ready.mon()
    assert json.loads(bundle.text("ceph/observed.json"))["state"] == "ok"
    assert json.loads(bundle.text("ceph/osd-dump.json"))["osds"][2]["up"] == 1
    assert json.loads(bundle.text("ceph/osd-df.json"))["summary"]
    assert "setup-openstack" in json.loads(bundle.text("state/state.json"))["steps"]
    assert "PLAY RECAP" in bundle.text("state/logs/setup-infrastructure.log")
    assert "lxc.uts.name" in bundle.text("containers/%s/config" % mon)
    assert "ceph-mon" in bundle.text("containers/%s/journal.txt" % mon)
    assert "osd pool default pg num = 8" in bundle.text("containers/%s/ceph.conf" % mon)
    assert "mon." in bundle.text("containers/%s/ceph-logs.txt" % mon)
    assert "ceph-osd@0" in bundle.text("host/units.txt")
    assert "/openstack/ceph1.img" in bundle.text("host/loop-devices.txt")
    assert re.search(r"^[0-9a-f]{40} ", bundle.text("checkout/commit.txt"))
    assert (bundle.manifest["host"], bundle.manifest["series"]) == (ready.name, "embedded")
    assert [name for name in bundle.files if "keyring" in name] == []


def test_no_secret_is_in_it(ready, make):
    mon = ready.mon()
    ready.ssh(PLANT.format(mon=mon))
    try:
        keys = [entry["key"] for entry in json.loads(ready.ceph("auth ls -f json"))["auth_dump"]]
        passwords = re.findall(r"^\w+:\s*(\S{12,})\s*$", ready.ssh("cat /etc/openstack_deploy/user_secrets.yml"), re.M)
        assert len(keys) > 5 and len(passwords) > 1
        private = ready.ssh("cat /root/planted").splitlines()[1:-1]
        bundle, result = make("-vvv --diff")
        secrets = [*keys, *passwords, *private, "planted in a variable", "planted-login"]
        shown = [secret[:6] for secret in secrets for name, data in bundle.files.items()
                 if secret.encode() in data or secret in name or secret in result.raw]
        assert shown == []
    finally:
        ready.ssh(UNPLANT.format(mon=mon))
    # What they were in is there.
    assert "the daemon says <secret> and <key>" in bundle.text("host/journal.txt")
    assert "the container says <secret> and <key>" in bundle.text("%s/journal.txt" % mon)
    assert "connecting to mysql://nova:<secret>@db/nova with <key>, <secret>" in bundle.text("state/logs/setup-openstack.log")
    assert set(re.findall(r": (.*)$", bundle.text("user_secrets.yml"), re.M)) == {"<secret>"}


def test_container_that_is_frozen(ready, make):
    """Whoever does not answer is not waited for long."""
    mon = ready.mon()
    ready.ssh("lxc-freeze -n " + mon)
    try:
        bundle, result = make("-e bundle_timeout=3")
    finally:
        ready.ssh("lxc-unfreeze -n " + mon)
    assert result.seconds < 60
    assert json.loads(bundle.text("ceph/observed.json"))["state"] == "container_stopped"
    assert re.match("it was not asked, as .* LXC says it is FROZEN", bundle.reason("ceph report"))
    assert "ceph-osd@0" in bundle.text("host/units.txt")


def test_mon_that_hangs(ready, make):
    mon = ready.mon()
    ready.ssh("lxc-attach -n %s -- pkill -STOP -x ceph-mon" % mon)
    try:
        bundle, result = make("-e bundle_timeout=5")
    finally:
        ready.ssh("lxc-attach -n %s -- pkill -CONT -x ceph-mon" % mon)
    assert result.seconds < 60
    assert json.loads(bundle.text("ceph/observed.json"))["state"] in ("mon_unreachable", "timed_out")
    assert "ceph-mon" in bundle.text("containers/%s/journal.txt" % mon)


FAILS = """
- hosts: lab_hosts
  gather_facts: false
  become: true
  tasks:
    - block:
        - name: Do what does not work
          ansible.builtin.fail:
            msg: it does not
      rescue:
        - ansible.builtin.import_role:
            name: osa_lab.ceph_aio.bundle
            tasks_from: failed
        - ansible.builtin.debug:
            msg: "bundle: <{{ bundle_path }}>"
"""


def test_in_a_rescue(ready, tmp_path):
    """The reason of the failure goes with it; where there is no bundle, the rescue goes on all the same."""
    playbook = tmp_path / "fails.yml"
    playbook.write_text(FAILS)
    result = ready.ansible_playbook(playbook, "-e", "bundle_dest=%s/new" % tmp_path)
    bundle = Bundle(pathlib.Path(re.search(r"bundle: <(/[^>]+)>", result.stdout).group(1)))
    assert bundle.manifest["failed"] == {"task": "Do what does not work", "action": "ansible.builtin.fail", "message": "it does not"}

    result = ready.ansible_playbook(playbook, "-e", "bundle_timeout=-1")
    assert result.rc == 0 and "bundle: <>" in result.stdout, result.raw
    unreachable = ready.ansible_playbook(playbook, "-e", "ansible_host=127.0.0.1 ansible_port=9", "-e", "bundle_dest=%s/new" % tmp_path)
    assert "bundle: <>" in unreachable.stdout, unreachable.raw
