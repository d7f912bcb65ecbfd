# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An environment that is broken on purpose, by scripts on its lab host and by killing what works on it."""

import re
import shlex

STATE = "/var/lib/osa_ceph_aio"
SNAPSHOTS = "/openstack/snapshots"


class Environment:
    def __init__(self, lab):
        self.lab = lab
        self.mon = lab.mon()

    def script(self, text, check=True):
        """What a script on the lab host says."""
        text = re.sub(r"\bCEPH\b", "INSIDE timeout 30 ceph", text)
        text = re.sub(r"\bINSIDE\b", "lxc-attach -n NAME --", text)
        text = text.replace("NAME", self.mon).replace("ID", self.mon.replace("_", "-"))
        return self.lab.ssh("bash -euc %s" % shlex.quote("set -o pipefail; " + text), check)

    def reset(self, *arguments):
        return self.lab.playbook("reset", *arguments)

    def snapshot(self, *arguments):
        return self.lab.playbook("snapshot", *arguments)

    def listed(self):
        return [line.split()[-1] for line in self.script("ls -l %s 2> /dev/null || true" % SNAPSHOTS).splitlines()[1:]]

    def healthy(self):
        return "HEALTH_OK" in self.script("CEPH health", check=False)

    def started(self):
        """When each daemon was started."""
        return self.script("ps -eo lstart,args | grep -E '[c]eph-(mon|mgr|osd) '")


def kill_while(it, marker, verb, *arguments, after=0.3, take_back=None):
    """Kill the module on the lab host while it has something under way, so many seconds after it has begun; sooner where it is faster.

    :param take_back: what makes it work anew where it was faster.
    """
    tries = 10
    while True:
        with it.lab.begun("ansible-playbook", "-i", it.lab.access / "inventory.yml", "playbooks/%s.yml" % verb, *arguments) as begun:
            # Ansible hands its modules to the interpreter's standard input.
            left = it.script(
                "for try in $(seq 9000); do [ -e {0} ] && break; sleep 0.003; done; sleep {1}; pkill -KILL -x -f /usr/bin/python3 || true;"
                " ls {0} 2> /dev/null || true".format("%s/%s" % (STATE, marker), after))
            code = begun.process.wait(120)
        if left:
            assert code != 0
            return
        tries -= 1
        assert tries, "it is never under way"
        if take_back:
            take_back()
        after = after / 2 if tries > 5 else 0
