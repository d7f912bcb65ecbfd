# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a process has started on this machine."""

import contextlib
import os
import subprocess


def below(pid):
    """All that a process has started, and those. Ansible has a session of its own, so a group is not enough."""
    rows = [line.split() for line in subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.splitlines()]
    found = [pid]
    for parent in found:
        found += [int(child) for child, of in rows if int(of) == parent]
    return found[1:]


def send(pids, number):
    """A signal to each that is still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
