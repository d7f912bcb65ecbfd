# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests make of what a machine lacks, and in which order they run."""

import importlib
import os
import sys
import time

import pytest


@pytest.fixture
def runner(root, monkeypatch):
    """tests/run.py on a machine that lacks all."""
    monkeypatch.syspath_prepend(os.path.join(root, "tests"))
    for name in ("counting", "environments", "stages", "run"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    module = importlib.import_module("run")
    monkeypatch.setattr(module.stages.environments, "find_python", lambda version: None)
    monkeypatch.setattr(module.stages, "why_no_lab", lambda: "no LXC")
    yield module
    for name in ("counting", "environments", "stages", "run"):
        del sys.modules[name]


def test_a_machine_that_could_not_be_looked_at_is_no_skip(runner, monkeypatch):
    def unknown():
        raise runner.stages.Unknown("it broke")
    monkeypatch.setattr(runner.stages, "why_no_lab", unknown)
    monkeypatch.delenv("CI", raising=False)
    count = runner.stages.lab()
    assert (count.passed, count.failed, count.skipped) == (0, 1, 0)
    assert "it broke" in count.notes[0]


@pytest.mark.parametrize("environment, failed, skipped", [("true", 1, 0), ("", 0, 1)])
@pytest.mark.parametrize("stage, note", [
    (lambda runner: runner.stages.unit_on_27(), "there is no python2.7 with pip"),
    (lambda runner: runner.stages.unit_on("newest"), "there is no python3.13 with pip"),
    (lambda runner: runner.stages.lab(), "no lab host can be made on this machine: no LXC")], ids=["python", "core", "lab"])
def test_what_is_lacking(runner, monkeypatch, stage, note, environment, failed, skipped):
    """In CI it is a failure."""
    monkeypatch.setenv("CI", environment)
    count = stage(runner)
    assert (count.passed, count.failed, count.skipped) == (0, failed, skipped)
    assert note in count.notes[0]


def test_trees_are_not_given(runner, monkeypatch):
    """The skip says what to give, and where it has to be."""
    monkeypatch.delenv("OSA_UPSTREAM", raising=False)
    count = runner.stages.upstream()
    assert (count.passed, count.failed, count.skipped) == (0, 0, 1)
    assert "make test-upstream OSA_UPSTREAM=DIR" in count.notes[0]
    assert "DIR/opendev.org/openstack/openstack-ansible, " in count.notes[0]


def test_facts_by_series(runner, tmp_path):
    results = tmp_path / "results.xml"
    case = '<testcase><properties>%s</properties></testcase>'
    entry = '<property name="series" value="%s"/><property name="facts" value="%d"/><property name="wrong" value="%d"/>'
    results.write_text("<testsuite>%s<testcase/></testsuite>" % "".join(
        case % (entry % row) for row in [("pike", 3, 0), ("ocata", 4, 1), ("pike", 2, 0)]))
    assert [line.split() for line in runner.stages.facts_by_series(results)] == [
        [name, str(facts), "facts", "checked", str(wrong), "failed"] for name, facts, wrong in [
            ("ocata", 4, 1), ("pike", 5, 0), ("all", 9, 1)]]


def test_all_stages(runner, monkeypatch):
    """Each once; none with a lab host beside the one that watches the machine, and no more at once than there are lanes."""
    assert sorted(runner.MACHINE + runner.BESIDE + runner.LABS) == sorted(runner.STAGES)
    at_work, seen = [], []

    def apart(name):
        at_work.append(name)
        seen.append(list(at_work))
        time.sleep(0.02)
        at_work.remove(name)
        return runner.Count.one(name, name != "lint"), 1

    monkeypatch.setattr(runner, "apart", apart)
    rows = runner.all_stages()
    assert [name for name, _count, _seconds in rows] == list(runner.STAGES)
    assert [count.failed for _name, count, _seconds in rows] == [int(name == "lint") for name in runner.STAGES]
    assert max(map(len, seen)) == 2
    assert not [names for names in seen if "lab" in names and set(names) & set(runner.LABS)]


def test_a_stage_that_counts_nothing(runner, monkeypatch, tmp_path):
    """It has failed, whatever it ended with."""
    monkeypatch.setattr(runner, "OUTPUT", tmp_path)
    monkeypatch.setattr(runner, "__file__", str(tmp_path / "run.py"))
    (tmp_path / "run.py").write_text("print('no more')")
    count, _seconds = runner.apart("unit")
    assert (count.passed, count.failed) == (0, 1)
    assert "ended with 0 and counted nothing" in count.notes[0]
    (tmp_path / "run.py").write_text("import os\nassert os.environ['SHORT'] == '1'\nopen(%r, 'w').write(%r)" % (
        str(tmp_path / "unit.json"), '{"passed": 3, "failed": 1, "skipped": 0, "notes": ["failed   it"]}'))
    count, _seconds = runner.apart("unit")
    assert (count.passed, count.failed, count.notes) == (3, 1, ["failed   it"])
