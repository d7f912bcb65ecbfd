# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules in the containers of a lab host: the inventory plugin finds them, the connection plugin enters them."""

import json
import pathlib
import re
import shutil
import socket
import tempfile

import pytest
import yaml

FIXTURE = pathlib.Path(__file__).resolve().parents[2] / "unit/fixtures/ocata-15.1.2/openstack_inventory.json"
BOTH_WAYS = pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "files"])


@pytest.fixture(scope="module")
def mon(ready):
    return ready.mon()


@pytest.fixture
def source(ready):
    """The inventory that the lab host left beside its key."""
    return ready.access / (ready.name + ".osa.yml")


@pytest.fixture
def write_source(ready, tmp_path):
    """An inventory of a lab host that is given by its address: write_source(option=value...)."""

    def write(**options):
        known = yaml.safe_load((ready.access / "inventory.yml").read_text())["lab_hosts"]["hosts"][ready.name]
        path = tmp_path / "given.osa.yml"
        path.write_text(yaml.safe_dump(dict({
            "plugin": "osa_lab.ceph_aio.osa", "host": known["ansible_host"], "user": "root",
            "private_key_file": known["ansible_ssh_private_key_file"],
            "ssh_common_args": known["ansible_ssh_common_args"]}, **options)))
        return path

    return write


@pytest.fixture
def ansible(ready, source):
    """Run one module: ansible(pattern, module, argument of the command...)."""

    def run(pattern, module, *arguments, inventory=source, pipelining=True):
        return ready.run("ansible", "-i", inventory, pattern, "-m", module, *arguments,
                         environment={"ANSIBLE_PIPELINING": str(pipelining)})

    return run


@pytest.fixture
def play(ready, source, tmp_path):
    """Run tasks in the mon container: play(tasks as text, pipelining)."""

    def run(tasks, pipelining):
        playbook = tmp_path / "play.yml"
        playbook.write_text(yaml.safe_dump([{"hosts": "ceph-mon", "gather_facts": False, "tasks": yaml.safe_load(tasks)}]))
        return ready.run("ansible-playbook", "-i", source, playbook, environment={"ANSIBLE_PIPELINING": str(pipelining)})

    return run


def listed(lab, inventory):
    result = lab.run("ansible-inventory", "-i", inventory, "--list")
    assert result.rc == 0, result.raw
    assert "Invalid characters" not in result.stderr
    return json.loads(result.stdout)


def test_inventory_of_a_lab_host(ready, source, mon):
    inventory = listed(ready, source)
    assert inventory["ceph-mon"]["hosts"] == inventory["osa_running"]["hosts"] == [mon]
    assert inventory["ceph_all"]["children"] == ["ceph-mon", "ceph-osd"]
    known = yaml.safe_load((ready.access / "inventory.yml").read_text())["lab_hosts"]["hosts"][ready.name]
    container, host = (inventory["_meta"]["hostvars"][name] for name in (mon, "aio1"))
    for variables in (container, host):
        assert variables["ansible_host"] == known["ansible_host"]
        assert variables["ansible_ssh_private_key_file"] == known["ansible_ssh_private_key_file"]
    assert (container["osa_container"], container["osa_state"]) == (mon, "RUNNING")
    assert container["osa_address"] == container["container_address"]
    assert container["ansible_connection"] == "osa_lab.ceph_aio.lxc_ssh"
    assert host["ansible_connection"] == "ansible.builtin.ssh"


def test_inventory_of_a_copy(ready, tmp_path):
    path = tmp_path / "copy.osa.yml"
    path.write_text(yaml.safe_dump({
        "plugin": "osa_lab.ceph_aio.osa", "file": str(FIXTURE),
        "keyed_groups": [{"key": "properties.service_name", "prefix": "service"}]}))
    inventory = listed(ready, path)
    assert inventory["ceph-mon"]["hosts"] == inventory["service_ceph"]["hosts"] == ["aio1_ceph-mon_container-82a1d5fc"]
    assert len(inventory["_meta"]["hostvars"]) == 23
    assert "osa_running" not in inventory


def test_no_secret_is_read(ready, source):
    secrets = ready.ssh("sed -n 's/^[a-z_]*: //p' /etc/openstack_deploy/user_secrets.yml").split()
    text = json.dumps(listed(ready, source))
    assert len(secrets) == 5
    assert not [secret for secret in secrets if secret in text]


@BOTH_WAYS
def test_ping(ansible, mon, pipelining):
    result = ansible("ceph-mon:aio1", "ping", pipelining=pipelining)
    assert result.rc == 0, result.raw
    assert result.text.count("SUCCESS") == 2
    assert mon + " | SUCCESS" in result.text


MODULES = """
- setup: {gather_subset: [min]}
- assert:
    that: ansible_facts.hostname == inventory_hostname | replace('_', '-')
- command: sh -c 'echo out; echo err >&2; pwd; echo $HOME $PATH; exit 7'
  register: answer
  failed_when: answer.rc != 7
- assert:
    that:
      - answer.stdout_lines == ['out', '/root', '/root /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']
      - answer.stderr == 'err'
- raw: seq 1 50000; exit 9
  register: answer
  failed_when: answer.rc != 9
- assert:
    that: answer.stdout_lines == range(1, 50001) | map('string') | list
- copy: {content: "it's $HOME", dest: "/root/a file", mode: "0640"}
- slurp: {src: /root/a file}
  register: answer
- assert:
    that: answer.content | b64decode == "it's $HOME"
- copy: {content: "", dest: /root/empty, mode: "0600"}
- command: id -un
  become: true
  become_user: "{{ item.user }}"
  become_method: "{{ item.method }}"
  become_flags: "{{ item.flags }}"
  register: answer
  failed_when: answer.stdout != item.user
  loop:
    - {user: root, method: sudo, flags: -H -S -n}
    - {user: ceph, method: sudo, flags: -H -S -n}
    - {user: ceph, method: su, flags: -s /bin/sh}
# What a command says as it ends, Ansible's run_command may miss, whatever the connection; so it speaks first.
- command: sh -c 'echo done; sleep 2'
  async: 30
  poll: 1
  register: answer
  failed_when: answer.stdout != 'done'
- meta: reset_connection
- wait_for_connection: {timeout: 10}
"""


@BOTH_WAYS
def test_modules(play, pipelining):
    result = play(MODULES, pipelining)
    assert result.rc == 0, result.raw


@BOTH_WAYS
def test_a_large_file_comes_back_unchanged(play, tmp_path, pipelining):
    given, back = tmp_path / "given", tmp_path / "back"
    with open("/dev/urandom", "rb") as stream:
        given.write_bytes(stream.read(10 * 1024 * 1024))
    result = play("""
      - copy: {src: %s, dest: /root/large, mode: "0600"}
      - stat: {path: /root/large, checksum_algorithm: sha256}
      - fetch: {src: /root/large, dest: %s, flat: true}
      - file: {path: /root/large, state: absent}
    """ % (given, back), pipelining)
    assert result.rc == 0, result.raw
    assert back.read_bytes() == given.read_bytes()


def test_a_file_that_cannot_be_written(play, mon, tmp_path):
    (tmp_path / "given").write_text("content")
    result = play("""
      - command: mkdir -p /root/.ansible/tmp
      - copy: {src: %s/given, dest: /proc/none, mode: "0600"}
    """ % tmp_path, False)
    assert result.rc == 2, result.raw
    assert "unreachable=0 failed=1" in result.text


@pytest.mark.parametrize("stop, start, state, remedy", [
    ("lxc-stop", "lxc-start", "STOPPED", "lxc-start"), ("lxc-freeze", "lxc-unfreeze", "FROZEN", "lxc-unfreeze")])
def test_a_container_that_does_not_run(healthy, ready, source, ansible, mon, stop, start, state, remedy):
    ready.ssh("%s -n %s" % (stop, mon))
    try:
        results = [ansible("ceph-mon", "ping", pipelining=pipelining) for pipelining in (True, False)]
        inventory = listed(ready, source)
    finally:
        ready.ssh("%s -n %s" % (start, mon))
    for result in results:
        assert result.rc == 4, result.raw
        assert result.seconds < 20
        assert mon + " | UNREACHABLE!" in result.text
        assert "LXC says it is %s. Next: on the lab host: %s -n %s" % (state, remedy, mon) in result.text
    assert inventory["osa_stopped"]["hosts"] == [mon]
    assert inventory["_meta"]["hostvars"][mon]["osa_state"] == state


def test_a_container_that_is_not_there(ready, source, ansible, mon):
    path = "/etc/openstack_deploy/openstack_inventory.json"
    ready.ssh("cp %s /root/inventory.json && sed -i s/%s/aio1_ceph-mon_container-00000000/ %s" % (path, mon, path))
    try:
        inventory = listed(ready, source)
        result = ansible("ceph-mon", "ping")
    finally:
        ready.ssh("mv /root/inventory.json %s" % path)
    assert inventory["osa_absent"]["hosts"] == ["aio1_ceph-mon_container-00000000"]
    assert result.rc == 4, result.raw
    assert "LXC has no container of this name" in result.text


def test_a_name_that_could_be_something_else(ready, source, ansible):
    result = ansible("ceph-mon", "ping", "-e", json.dumps({"osa_container": "a; touch /root/odd"}))
    assert result.rc == 2, result.raw
    assert "is no name of a container" in result.text
    assert ready.ssh("ls /root/odd", check=False) == ""


def test_a_container_of_a_lab_host_that_cannot_be_reached(ansible):
    result = ansible("ceph-mon", "ping", "-e", "ansible_port=1")
    assert result.rc == 4, result.raw
    assert "Connection refused" in result.text


def test_containers_and_lab_host_share_a_connection(ansible):
    folder = tempfile.mkdtemp(prefix="cp")  # the path of a socket has to be short
    try:
        result = ansible("ceph-mon:aio1", "ping", "-vvv", "-e", "ansible_control_path_dir=" + folder)
        assert result.rc == 0, result.raw
        paths = set(re.findall(r'ControlPath="(%s/\w+)"' % folder, result.raw))
    finally:
        shutil.rmtree(folder)
    assert len(paths) == 1


@pytest.fixture
def user(ready):
    """A user of the lab host, with the same key."""
    ready.ssh(
        "useradd -m -s /bin/bash deploy && cp -r /root/.ssh /home/deploy/ && chown -R deploy: /home/deploy/.ssh"
        " && echo 'deploy ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/deploy")
    yield "deploy"
    ready.ssh("rm -f /etc/sudoers.d/deploy; pkill -9 -u deploy; sleep 1; userdel -r deploy", check=False)


@BOTH_WAYS
def test_a_user_who_may_use_sudo(ansible, write_source, user, mon, pipelining):
    inventory = write_source(user=user)
    result = ansible("ceph-mon", "command", "-a", "id -un", inventory=inventory, pipelining=pipelining)
    assert result.rc == 0, result.raw
    assert mon + " | CHANGED | rc=0 >> root" in result.text
    result = ansible("ceph-mon", "command", "-a", "find / -xdev -name *%s*" % user, inventory=inventory, pipelining=pipelining)
    assert mon + " | CHANGED | rc=0 >>" in result.text
    assert "~" + user not in result.text


def test_a_user_who_may_not_use_sudo(ready, ansible, write_source, user):
    inventory = write_source(user=user)
    ready.ssh("rm /etc/sudoers.d/" + user)
    result = ansible("ceph-mon", "ping", inventory=inventory)
    assert "one cannot become root on the lab host" in result.text
    assert "Next: connect as root" in result.text


@pytest.mark.parametrize("options, said", [
    ({"inventory_path": "/etc/none.json"}, "OSA's inventory is not there (/etc/none.json on"),
    ({"inventory_path": "/etc/hostname"}, "OSA's inventory is damaged (/etc/hostname on"),
    ({"inventory_path": "/etc"}, "OSA's inventory cannot be read (/etc on"),
    ({"inventory_path": "/etc/a; touch /root/odd"}, "OSA's inventory is not there (/etc/a; touch /root/odd on"),
    ({"port": 1}, "Connection refused. Next: check its address, user and key with ssh"),
    ({"private_key_file": "/dev/null"}, "Permission denied"),
    ({"timeout": 0}, "is no number of seconds to wait"),
    ({"lab_host": "labnone"}, "it is not clear which lab host is meant"),
])
def test_an_inventory_that_cannot_be_read(ready, ansible, write_source, options, said):
    result = ansible("ceph-mon", "ping", inventory=write_source(**options))
    assert said in result.text
    assert "Next: " in result.text
    assert ready.ssh("ls /root/odd", check=False) == ""


def test_an_unknown_lab_host(ready, ansible, tmp_path):
    path = tmp_path / "none.osa.yml"
    path.write_text(yaml.safe_dump({"plugin": "osa_lab.ceph_aio.osa", "lab_host": "labnone"}))
    result = ansible("ceph-mon", "ping", inventory=path)
    assert "there is no lab host labnone" in result.text
    assert "there are: " + ready.name in result.text


def test_an_inventory_has_a_deadline(ansible, write_source):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        inventory = write_source(host="127.0.0.1", port=silent.getsockname()[1], timeout=2)
        result = ansible("ceph-mon", "ping", inventory=inventory)
    assert "the lab host does not answer (127.0.0.1): it took more than 2 s" in result.text
    assert result.seconds < 10
