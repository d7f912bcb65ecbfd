# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests/run.py makes of what a machine lacks."""

import importlib.util
import os

import pytest


@pytest.fixture
def runner(root, monkeypatch):
    spec = importlib.util.spec_from_file_location("run", os.path.join(root, "tests", "run.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "find_python", lambda version: None)
    monkeypatch.setattr(module, "why_no_lab", lambda: "no LXC")
    return module


@pytest.mark.parametrize("environment, failed, skipped", [("true", 1, 0), ("", 0, 1)])
@pytest.mark.parametrize("stage, note", [
    (lambda runner: runner.unit_on("2.7"), "there is no python2.7 with pip"),
    (lambda runner: runner.lab(), "this machine cannot run LXC: no LXC")], ids=["python", "lab"])
def test_what_is_lacking(runner, monkeypatch, stage, note, environment, failed, skipped):
    """In CI it is a failure."""
    monkeypatch.setenv("CI", environment)
    count = stage(runner)
    assert (count.passed, count.failed, count.skipped) == (0, failed, skipped)
    assert note in count.notes[0]
