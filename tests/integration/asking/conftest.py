# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask the cluster of a lab host through real ssh, real LXC and real Ceph."""

import json

import pytest
import yaml

PROGRAM = "The small program that asks Ceph"


class Asked:
    """What a module returned, and how many seconds that took, the way to the lab host and back included."""

    def __init__(self, result, seconds):
        self.result = result
        self.seconds = seconds
        self.ceph = result.get("ceph", {})


@pytest.fixture
def ask(ready, tmp_path):
    """Run a module on the lab host: ask(module, option=value...)."""

    def run(module, **options):
        answer = tmp_path / "answer.json"
        play = {
            "hosts": "lab_hosts", "gather_facts": False, "tasks": [
                {"ansible.builtin.set_fact": {"started": "{{ now(utc=true).timestamp() }}"}},
                {"osa_lab.ceph_aio." + module: options, "register": "answer", "ignore_errors": True},
                {"ansible.builtin.set_fact": {"ended": "{{ now(utc=true).timestamp() }}"}},
                {"ansible.builtin.copy": {
                    "content": "{{ {'answer': answer, 'seconds': ended | float - started | float} | to_json }}", "dest": str(answer)},
                 "delegate_to": "localhost"}]}
        playbook = tmp_path / "ask.yml"
        playbook.write_text(yaml.safe_dump([play]))
        ran = ready.ansible_playbook(playbook)
        assert ran.rc == 0, ran.raw
        said = json.loads(answer.read_text())
        return Asked(said["answer"], said["seconds"])

    return run


@pytest.fixture
def left_over(ready):
    """The processes of a question that are still there on the lab host, in its containers too."""

    def look():
        return ready.ssh("ps -ww -eo pid,stat,args | grep -E '%s|[l]xc-attach|bin/[c]eph ' | grep -v grep || true" % PROGRAM)

    return look


@pytest.fixture
def healthy(ready):
    """The cluster is as planned before the test, and again after it."""

    def wait():
        result = ready.ansible(
            "ceph_wait", osds=3, deadline=120, accept=["RECENT_CRASH", "MON_DISK_LOW"])
        assert result.rc == 0, result.raw

    wait()
    yield ready
    wait()
