# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab host of the tests' own, driven by the same commands as the README's."""

import contextlib
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests"))
import processes  # noqa: E402

DIR = "/var/lib/osa_ceph_aio_lab"
SUDO = [] if os.geteuid() == 0 else ["sudo"]
NAME = "labtest"  # of the lab host that is made first
# What make wants for the last ansible-core that manages Python 2.7; tests/run.py has it made.
PY27 = {"VENV": ROOT / ".cache/ansible-py27", "REQUIREMENTS": "tests/integration/py27/requirements.txt"}
MAKE_CLIENT = """
set -e
mkdir -p /var/lib/lxc/{client}/delta/etc /openstack/{client}
sed 's/{mon}/{client}/g; s/{mon_id}/{client}/g; s/ipv4.address = .*/ipv4.address = 172.29.239.250\\/22/' \\
    /var/lib/lxc/{mon}/config > /var/lib/lxc/{client}/config
echo {client} > /var/lib/lxc/{client}/delta/etc/hostname
lxc-start -n {client}
timeout 60 lxc-attach -n {client} -- sh -c 'rm -rf /etc/ceph; until systemctl is-system-running | grep -qE "running|degraded"; do sleep 0.2; done'
"""
HEALTH = "for n in $(ceph osd ls); do timeout 5 ceph tell osd.$n version > /dev/null || exit 1; done; ceph health"
REMOVE_CLIENT = "lxc-stop -k -n {client}; rm -rf --one-file-system /var/lib/lxc/{client} /openstack/{client}"


def observe():
    """What of this machine a lab host could leave a trace in."""

    def lines(*argv):
        result = subprocess.run([*SUDO, *argv], check=False, capture_output=True, text=True)
        return sorted(result.stdout.splitlines())

    return {
        "links": [line.split()[0] for line in lines("ip", "-brief", "link")],
        "rules": lines("nft", "list", "ruleset"),
        "loops": lines("losetup", "--noheadings", "--output", "NAME,BACK-FILE"),
        "mounts": [line for line in lines("cat", "/proc/self/mountinfo") if "osa_ceph_aio" in line],
        "files": lines("find", DIR, "-mindepth", "1", "-maxdepth", "2", "-not", "-path", "*/images*"),
        "forward": lines("cat", "/proc/sys/net/ipv4/ip_forward"),
        "aio": lines("cat", "/proc/sys/fs/aio-max-nr", "/proc/sys/kernel/pid_max"),
        # By the program: its name may be a word of anybody's command.
        "processes": lines("ps", "-o", "args=", "-C", "ceph-mon,ceph-mgr,ceph-osd,lxc-start"),
    }


def traces(name):
    """What of that on this machine is a lab host's, by its name: others come and go meanwhile."""
    seen = observe()
    return [line for kind in ("links", "rules", "mounts", "files", "processes") for line in seen[kind] if name in line]


class Result:
    def __init__(self, completed, seconds):
        self.rc = completed.returncode
        self.stdout = completed.stdout
        self.stderr = completed.stderr
        self.text = re.sub(r"\s+", " ", completed.stdout + completed.stderr)
        self.raw = completed.stdout + completed.stderr
        self.seconds = seconds

    def changed(self, host):
        """The number of changes in the recap of a host."""
        return int(re.search(r"^%s\s+:.*?changed=(\d+)" % re.escape(host), self.stdout, re.M).group(1))


def kill(process):
    """End a process with all that it started on this machine."""
    if process.poll() is None:
        processes.send([process.pid, *processes.below(process.pid)], signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def ended(process):
    """However a test goes on, a process ends with all that it started."""
    try:
        yield process
    finally:
        kill(process)


class Begun:
    """A program in the background, and what it has said so far."""

    def __init__(self, process, story):
        self.process = process
        self.story = story
        self.start = time.monotonic()

    def said(self):
        # With a place of its own in the file: the program writes at that of the story.
        return pathlib.Path("/proc/self/fd/%d" % self.story.fileno()).read_text()

    def result(self, seconds):
        """What came of it, once it has ended, which it must within so many seconds."""
        code = self.process.wait(seconds)
        return Result(subprocess.CompletedProcess(self.process.args, code, self.said(), ""), time.monotonic() - self.start)

    def await_text(self, text, seconds=60):
        deadline = time.monotonic() + seconds
        while text not in self.said():
            assert self.process.poll() is None and time.monotonic() < deadline, "it did not say %r\n%s" % (text, self.said()[-3000:])
            time.sleep(0.02)


class Lab:
    """The lab host: make targets, playbooks, and commands on it by ssh."""

    def __init__(self, name, state, tools=None):
        self.name = name
        self.root = ROOT
        self.environment = dict(os.environ, XDG_STATE_HOME=str(state), ANSIBLE_FORCE_COLOR="0", NO_COLOR="1")
        self.access = state / "osa_ceph_aio" / name
        self.tools = tools or {}
        if tools:
            self.environment["PATH"] = "%s/bin:%s" % (tools["VENV"], os.environ["PATH"])

    def run(self, *argv, timeout=590, environment=None, input=""):
        start = time.monotonic()
        with ended(subprocess.Popen(
                [str(word) for word in argv], cwd=ROOT, env=dict(self.environment, **(environment or {})), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)) as process:
            stdout, stderr = process.communicate(input, timeout)
        return Result(subprocess.CompletedProcess(argv, process.returncode, stdout, stderr), time.monotonic() - start)

    @contextlib.contextmanager
    def begun(self, *argv):
        """A program that goes on beside the test, and ends with it: with lab.begun(word...) as begun."""
        with tempfile.TemporaryFile("w+") as story, ended(subprocess.Popen(
                [str(word) for word in argv], cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=story,
                stderr=subprocess.STDOUT)) as process:
            yield Begun(process, story)

    def make_argv(self, target, arguments="", **variables):
        words = dict(self.tools, LAB=self.name, LAB_ARGS=arguments, **variables)
        return ["make", "--no-print-directory", target] + ["%s=%s" % item for item in words.items()]

    def make(self, target, arguments="", **variables):
        return self.run(*self.make_argv(target, arguments, **variables))

    def destroy(self):
        return self.make("lab-destroy", "-e lab_host_keep_image=true")

    def playbook(self, name, *arguments, inventory=None):
        return self.run(
            "ansible-playbook", "-i", inventory or self.access / "inventory.yml", "playbooks/%s.yml" % name, *arguments)

    def ansible_playbook(self, playbook, *arguments):
        """A playbook of a test's own on the lab host."""
        return self.run("ansible-playbook", "-i", self.access / "inventory.yml", playbook, *arguments)

    def ansible(self, module, **options):
        """A module of the collection on the lab host."""
        return self.run(
            "ansible", "-i", self.access / "inventory.yml", self.name, "-m", "osa_lab.ceph_aio." + module, "-a", json.dumps(options),
            environment={"ANSIBLE_CALLBACK_RESULT_FORMAT": "json"})

    def values(self):
        """The lab host's variables in the inventory that was written for it."""
        return yaml.safe_load((self.access / "inventory.yml").read_text())["lab_hosts"]["hosts"][self.name]

    def ssh_argv(self):
        values = self.values()
        return ["ssh", *shlex.split(values["ansible_ssh_common_args"]), "-i", values["ansible_ssh_private_key_file"],
                "root@" + values["ansible_host"]]

    def ssh(self, command, check=True):
        """What a command on the lab host says, run as an operator would."""
        result = self.run(*self.ssh_argv(), command)
        assert not check or result.rc == 0, result.raw
        return result.stdout.strip()

    def reboot(self):
        """Reboot the lab host and wait until it can be reached."""
        booted = self.ssh("cat /proc/sys/kernel/random/boot_id")
        self.ssh("systemctl reboot", check=False)
        deadline = time.monotonic() + 120
        while self.ssh("cat /proc/sys/kernel/random/boot_id", check=False) in ("", booted):
            assert time.monotonic() < deadline
            time.sleep(1)

    def await_health(self, mon):
        """Wait for HEALTH_OK, which nobody but the lab host itself works for.

        A mon that has just started takes its OSDs for what they were before, so each has to answer first.
        """
        deadline = time.monotonic() + 120
        while "HEALTH_OK" not in self.ssh("timeout 20 lxc-attach -n %s -- sh -c '%s'" % (mon, HEALTH), check=False):
            assert time.monotonic() < deadline, self.ssh("systemctl --failed; losetup -a; lxc-ls -f")
            time.sleep(1)

    def mon(self):
        return self.ssh("lxc-ls -1 | grep 'ceph[-_]mon'")

    @contextlib.contextmanager
    def client(self, name, folder):
        """A container that is to be a client, made like the mon's: an inventory that reaches it by our own connection plugin."""
        mon = self.mon()
        self.ssh(MAKE_CLIENT.format(client=name, mon=mon, mon_id=mon.replace("_", "-")))
        values = dict(self.values(), ansible_connection="osa_lab.ceph_aio.lxc_ssh", osa_container=name)
        path = folder / "clients.yml"
        path.write_text(yaml.safe_dump({"clients": {"hosts": {name: values}}}))
        try:
            yield path
        finally:
            self.ssh(REMOVE_CLIENT.format(client=name))

    def ceph(self, arguments):
        return self.ssh("timeout 30 lxc-attach -n %s -- ceph %s" % (self.mon(), arguments))


@pytest.fixture(scope="session")
def before(tmp_path_factory):
    """How this machine was, without what a run of the tests that was killed may have left."""
    Lab(NAME, tmp_path_factory.mktemp("state")).destroy()
    return observe()


@pytest.fixture(scope="session")
def make_lab(tmp_path_factory):
    """A lab host's handle, with nothing there yet, and nothing left in the end: with make_lab(name) as lab.

    tools are make's VENV and REQUIREMENTS, where the Ansible is to be another one.
    """

    @contextlib.contextmanager
    def make(name, tools=None):
        lab = Lab(name, tmp_path_factory.mktemp("state"), tools)
        lab.destroy()
        try:
            yield lab
        finally:
            result = lab.destroy()
        assert result.rc == 0, result.raw

    return make


@pytest.fixture(scope="session")
def lab(before, make_lab):
    """The lab host of the tests of the way through."""
    with make_lab(NAME) as lab:
        yield lab


@pytest.fixture(scope="session")
def ready(make_lab):
    """A lab host with the environment on it. What it said while it was made, at -vvv, is in its story."""
    with make_lab("labask") as lab:
        result = lab.make("lab", "-vvv")
        assert result.rc == 0, result.raw[-4000:]
        lab.story = result.raw
        yield lab
