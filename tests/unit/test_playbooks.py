# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for each playbook."""

import pathlib

import pytest
import yaml

PLAYBOOKS = pathlib.Path(__file__).resolve().parents[2] / "playbooks"
# These judge all that was asked for, by the role preflight; rebuild and outcome have no play for it.
JUDGE_MORE = ("lab", "site", "rebuild", "outcome")


@pytest.mark.parametrize("name", sorted(path.stem for path in PLAYBOOKS.glob("*.yml") if path.stem not in JUDGE_MORE))
def test_what_was_asked_for_is_looked_at_first(name):
    """A variable that is misspelt would count for nothing, and another lab host or snapshot be meant."""
    play = yaml.safe_load((PLAYBOOKS / (name + ".yml")).read_text())[0]
    first = play["tasks"][0] if "tasks" in play else play["pre_tasks"][-1]
    first = first["block"][0] if "block" in first else first
    assert first["ansible.builtin.import_role"] == {"name": "osa_lab.ceph_aio.preflight", "tasks_from": "names"}


@pytest.mark.parametrize("name", ["site", "status", "snapshot", "reset", "drill", "lease", "bundle", "teardown"])
def test_it_ends_with_how_each_ended(name):
    assert yaml.safe_load((PLAYBOOKS / (name + ".yml")).read_text())[-1]["ansible.builtin.import_playbook"] == "outcome.yml"
