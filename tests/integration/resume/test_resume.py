# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A build that is killed at any moment goes on with one plain run.

KILLS is the number of builds in which ansible-playbook is killed, and the number of those in which the step on the lab host is killed
with its supervisor. SEED repeats a run's moments. In some tasks a killed step leaves half of a thing behind: it is killed in each of them.
"""

import concurrent.futures
import dataclasses
import os
import random
import re
import signal
import subprocess
import time

import pytest

KILLS = int(os.environ.get("KILLS") or 20)
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
AT_ONCE = 3
WHOLE = 600  # seconds that a build may take
# What is killed, and until when there is something to be killed, in parts of the time until the last half: behind the last step there is no step.
TRIALS = [("ansible", 1.1), ("step", 1)]
if os.environ.get("SHORT"):  # where all is tested one of them, by the dice
    TRIALS = random.Random(SEED).sample(TRIALS, 1)
# A task of the playbook that makes the cluster, and seconds since it began.
HALVES = {
    "OSDs that have a number and no store": ("ceph-osd : Make and run the OSDs", 2),
    "pools of which some do not say what they are for": ("ceph-mon : Say what each pool is for", 0.5),
}
AWAIT_TASK = """timeout 300 sh -c 'until grep -qsF "[%s]" /var/lib/osa_ceph_aio/logs/setup-infrastructure.log; do sleep 0.1; done; sleep %s'"""
# Kills the step's program with all that descends from it, and its supervisor, at once. Says which step it was.
KILL_STEP = r"""
import json, os, signal, sys
sys.path.insert(0, '/var/lib/osa_ceph_aio/supervised')
import supervisor
folder = '/var/lib/osa_ceph_aio/supervised'
job, child = (supervisor.read(os.path.join(folder, name)) for name in ('job.json', 'child.json'))
members = supervisor.tree(child['pid'])
supervisor.send([supervisor.processes()[child['pid']][0]] + sorted(members), signal.SIGKILL)
print(job['step'])
"""


class Build:
    """One build on a lab host of its own, which goes on in the background."""

    def __init__(self, lab, begun):
        self.lab = lab
        self.process = begun.process
        self.since = begun.start
        self.said = begun.said

    def wait_until(self, moment):
        try:
            self.process.wait(max(0, moment - (time.monotonic() - self.since)))
        except subprocess.TimeoutExpired:
            pass

    def kill_ansible(self, moment):
        """Kill ansible-playbook and nothing else, once it is there. What it was doing, or an empty text where it had ended."""
        self.wait_until(moment)
        while self.goes_on():
            found = subprocess.run(["pgrep", "--parent", str(self.process.pid), "--full", "ansible-playbook"], capture_output=True, text=True, check=False)
            if found.stdout.split():
                os.kill(int(found.stdout.split()[0]), signal.SIGKILL)
                return "ansible-playbook, in: " + (self.tasks() or ["its beginning"])[-1]
            time.sleep(0.02)
        return ""

    def kill_step(self, moment):
        """Kill the step that runs at that moment, or else the next one. Its name, or an empty text where none came."""
        self.wait_until(moment)
        step = self.once_it_succeeds("python3 -", KILL_STEP)
        return step and "step " + step

    def kill_in_task(self, half):
        """Kill the step that makes the cluster while it is at the task that makes this half of a thing."""
        self.once_it_succeeds(AWAIT_TASK % HALVES[half])
        return self.kill_step(0)

    def once_it_succeeds(self, command, input=""):
        """What a command on the lab host says, tried until it succeeds; an empty text where the build ends before."""
        while self.goes_on():
            if self.lab.access.joinpath("inventory.yml").exists():
                result = self.lab.run(*self.lab.ssh_argv(), command, input=input)
                if result.rc == 0:
                    return result.stdout.strip()
            time.sleep(0.1)
        return ""

    def goes_on(self):
        """Whether the build still goes on; no build takes longer than WHOLE."""
        assert time.monotonic() - self.since < WHOLE
        return self.process.poll() is None

    def tasks(self):
        self.process.wait(WHOLE)
        return re.findall(r"^TASK \[(.*)\] \*", self.said(), re.M)


def trial(make_lab, name, what, moment):
    """Build, kill, run again, and once more: (when and what was killed, seconds of the plain run)."""
    with make_lab(name) as lab:
        while True:
            with lab.begun(*lab.make_argv("lab")) as begun:
                killed = getattr(Build(lab, begun), "kill_" + what)(moment)
                begun.process.wait(WHOLE)
            if killed:
                break
            # This machine had more to do when the time was taken: once more, and sooner.
            moment *= 0.7
            assert moment > 1 and lab.destroy().rc == 0
        return moment, killed, goes_on(lab, "killed after %.1f s (%s)" % (moment, killed))


def goes_on(lab, killed):
    """The seconds of the plain run that makes the cluster whole; the run after it has nothing to do."""
    again = lab.make("lab")
    assert again.rc == 0, "%s:\n%s" % (killed, again.raw[-6000:])
    assert "health: HEALTH_OK" in again.stdout
    assert lab.ceph("osd ls").split() == ["0", "1", "2"], "%s:\n%s" % (killed, lab.ceph("osd tree"))
    after = lab.make("lab")
    assert after.rc == 0, "%s, the run after:\n%s" % (killed, after.raw[-6000:])
    assert (after.changed(lab.name), after.changed("localhost")) == (0, 0), "%s:\n%s" % (killed, after.raw[-20000:])
    return again.seconds


@dataclasses.dataclass
class Half:
    """A build that was killed where half of a thing is left: seconds until then, and of the plain run that went on."""

    seconds: float
    again: float


@pytest.fixture(scope="module")
def halves(make_lab):
    """What came of the builds that are killed where half of a thing is left, which go on beside each other."""

    def half(number, what):
        with make_lab("labhalf%d" % number) as lab:
            with lab.begun(*lab.make_argv("lab")) as begun:
                assert Build(lab, begun).kill_in_task(what) == "step setup-infrastructure"
                seconds = time.monotonic() - begun.start
                begun.process.wait(WHOLE)
            return Half(seconds, goes_on(lab, what))

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        yield {what: pool.submit(half, number, what) for number, what in enumerate(HALVES)}


@pytest.mark.parametrize("what, until", TRIALS)
def test_killed_at_any_moment_it_goes_on_with_one_run(make_lab, halves, what, until, capsys):
    last = max(half.result().seconds for half in halves.values())
    dice = random.Random("%s %s" % (SEED, what))
    moments = sorted(dice.uniform(0, until * last) for _number in range(KILLS))
    dice.shuffle(moments)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        began = {number: pool.submit(trial, make_lab, "labk%s%d" % (what[0], number), what, moment) for number, moment in enumerate(moments)}
    rows, failures = [], []
    for future in began.values():
        try:
            rows.append("%5.1f s  %-60s again %5.1f s" % future.result())
        except BaseException as error:  # each trial is counted
            failures.append(str(error))
    with capsys.disabled():
        print("\nSEED=%d, pools made after %.1f s, %s killed, %d of %d in HEALTH_OK with one run, nothing to do after:" % (
            SEED, last, what, len(rows), KILLS))
        print("\n".join(rows))
    assert not failures, "\n\n".join(failures)
    assert len(rows) == KILLS


@pytest.mark.parametrize("what", HALVES)
def test_a_half_that_is_left_is_made_whole(halves, what):
    assert halves[what].result().again > 0
