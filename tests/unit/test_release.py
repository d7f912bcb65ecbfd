# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checklist of a release, on a small repository of its own; nothing is published."""

import importlib.util
import os
import subprocess
import sys

import pytest

READY = {"version": "1.2.0", "releases": ["1.1.0", "1.2.0"], "fragments": [], "text": "v1.2.0\n======\n"}


@pytest.fixture
def release(root):
    spec = importlib.util.spec_from_file_location("release", os.path.join(root, "tools", "release.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("version, released, problem", [
    ("1.2.0", [], None), ("1.10.0", ["1.9.0", "stable"], None), ("1.2", [], "write three numbers"), ("1.2.0-dev1", [], "write three numbers"),
    ("1.02.0", [], "write three numbers"), ("1.9.0", ["1.10.0", "1.0.0"], "but 1.10.0 is released")])
def test_version(release, version, released, problem):
    found = release.version_problem(version, released)
    assert problem in found if problem else found is None


@pytest.mark.parametrize("change, problem", [
    ({}, None), ({"releases": []}, "its newest release is none"), ({"releases": ["1.1.0"]}, "its newest release is 1.1.0, galaxy.yml has 1.2.0"),
    ({"releases": ["1.2.0", "1.10.0"]}, "its newest release is 1.10.0"), ({"fragments": ["a.yml"]}, "a.yml not in it"),
    ({"text": "v1.1.0"}, "CHANGELOG.rst has no v1.2.0")])
def test_changelog(release, change, problem):
    found = release.changelog_problem(**dict(READY, **change))
    assert problem in found if problem else found is None


@pytest.mark.parametrize("there, wanted, problem", [
    (False, False, None), (True, True, None), (True, False, "v1 is there already"), (False, True, "there is no tag v1")])
def test_tag(release, there, wanted, problem):
    found = release.tag_problem("v1", there, wanted)
    assert problem in found if problem else found is None


@pytest.fixture
def checkout(release, tmp_path, monkeypatch):
    """A repository that is ready, in which the stages succeed, and the commands that were run for their effect."""
    (tmp_path / "changelogs" / "fragments").mkdir(parents=True)
    (tmp_path / "galaxy.yml").write_text("version: 1.2.0\n")
    (tmp_path / "CHANGELOG.rst").write_text(READY["text"])
    (tmp_path / "changelogs" / "changelog.yaml").write_text("releases: {1.2.0: {}}\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "x")
    monkeypatch.setattr(release, "ROOT", tmp_path)
    release.ran = []
    monkeypatch.setattr(release, "succeeds", lambda *argv: release.ran.append(argv) or True)
    return tmp_path


def git(folder, *words):
    return subprocess.run(["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@localhost", *words], check=True, capture_output=True, text=True)


def outcome(release, monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["release.py", *words])
    release.ran.clear()
    try:
        release.main()
    except SystemExit as end:
        return end.code
    return 0


STAGES = [(sys.executable, "tests/run.py", "lint"), (sys.executable, "tests/run.py", "galaxy")]


def test_nothing_happens_without_a_word(release, checkout, monkeypatch, capsys):
    assert outcome(release, monkeypatch) == 0
    assert release.ran == STAGES
    assert "v1.2.0 is ready; nothing was changed. Next: make release RELEASE_ARGS=--tag" in capsys.readouterr().out


def test_tag_first_then_publish(release, checkout, monkeypatch, capsys):
    assert "nothing was changed" in outcome(release, monkeypatch, "--publish")
    assert release.ran == STAGES, "there is no tag yet"
    assert outcome(release, monkeypatch, "--tag") == 0
    assert release.ran[2:] == [("git", "tag", "--annotate", "v1.2.0", "--message", "v1.2.0")]
    git(checkout, "tag", "--annotate", "v1.2.0", "--message", "v1.2.0")
    assert "nothing was changed" in outcome(release, monkeypatch, "--tag"), "it is there"
    assert outcome(release, monkeypatch, "--publish") == 0
    assert [argv[:3] for argv in release.ran[2:]] == [("ansible-galaxy", "collection", "build"), ("ansible-galaxy", "collection", "publish")]
    git(checkout, "commit", "--quiet", "--allow-empty", "--message", "y")
    assert "nothing was changed" in outcome(release, monkeypatch, "--publish")
    assert "v1.2.0 is another commit than this" in capsys.readouterr().out


@pytest.mark.parametrize("name, text, said", [
    ("new", "", "there are changes"), ("galaxy.yml", "version: 1.3.0\n", "galaxy.yml has 1.3.0"),
    ("changelogs/fragments/a.yml", "", "a.yml not in it")])
def test_not_ready(release, checkout, monkeypatch, capsys, name, text, said):
    (checkout / name).write_text(text)
    for words in ([], ["--tag"], ["--publish"]):
        assert "v1" in outcome(release, monkeypatch, *words)
        assert release.ran == STAGES
        assert said in capsys.readouterr().out


def test_a_stage_that_fails(release, checkout, monkeypatch, capsys):
    monkeypatch.setattr(release, "succeeds", lambda *argv: "galaxy" not in argv)
    assert "not ready" in outcome(release, monkeypatch, "--tag")
    assert "not yet  make galaxy" in capsys.readouterr().out
