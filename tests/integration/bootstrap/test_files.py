# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that the bootstrap wants, put there by Ansible itself."""
import base64
import json
import os
import pathlib
import re
import stat
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture
def put(tmp_path):
    """Put files there, once for each list of them, and count what was changed each time."""
    def run(*rounds):
        plays = [{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [{
            "ansible.builtin.include_tasks": str(ROOT / "roles/bootstrap/tasks/files.yml"),
            "loop": files, "loop_control": {"loop_var": "__bootstrap_file"}}]} for files in rounds]
        (tmp_path / "play.yml").write_text(json.dumps(plays))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        environment["ANSIBLE_PIPELINING"] = "true"
        done = subprocess.run(
            [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-e", "ansible_python_interpreter=" + sys.executable,
             str(tmp_path / "play.yml")],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=str(tmp_path), env=environment, timeout=120, check=False)
        said = done.stdout.decode()
        assert done.returncode == 0, said
        return [len(re.findall(r"^changed: ", play, re.M)) for play in said.split("\nPLAY [")[1:]]
    return run


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_files(put, tmp_path):
    image, home, new = tmp_path / "image", tmp_path / "home", tmp_path / "cache" / "default"
    image.mkdir()
    (image / "rootfs").write_text("image")
    (image / "rootfs").chmod(0o600)
    home.mkdir(0o700)
    files = [{"dest": "%s/" % new, "src": "%s/" % image, "remote_src": True},
             {"dest": str(home / ".settings"), "content": "a = b\n", "mode": "0640"}]
    assert put(files, files) == [3, 0]
    assert ((new / "rootfs").read_text(), mode(new / "rootfs"), mode(new)) == ("image", 0o600, 0o755)
    assert ((home / ".settings").read_text(), mode(home / ".settings")) == ("a = b\n", 0o640)
    assert mode(home) == 0o700, "a folder that is there keeps its permissions"


def test_what_is_there_stays_where_it_is_not_forced(put, tmp_path):
    image, there = tmp_path / "image", tmp_path / "there"
    image.mkdir()
    (image / "rootfs").write_text("image")
    kept = {"dest": "%s/" % there, "src": "%s/" % image, "remote_src": True, "force": False}
    assert put([kept]) == [2]
    (there / "rootfs").write_text("made of it")
    assert (put([kept]), (there / "rootfs").read_text()) == ([0], "made of it")
    assert (put([dict(kept, force=True)]), (there / "rootfs").read_text()) == ([1], "image")


def test_options_of_the_script(tmp_path):
    """It splits them at spaces, and what it makes of each piece is JSON or YAML to Ansible."""
    given = {"data_disk_min_size": 20, "loopback": False, "name": 'b c "d"', "none": None, "list": [1, "x y"]}
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": {"bootstrap_opts": given},
            "vars_files": [str(ROOT / "roles/bootstrap/vars/main.yml")],
            "tasks": [{"ansible.builtin.command": {"argv": ["printenv", "BOOTSTRAP_OPTS"]}, "environment": {"BOOTSTRAP_OPTS": "{{ __bootstrap_opts }}"},
                       "register": "said"},
                      {"ansible.builtin.copy": {"content": "{{ said.stdout | b64encode }}", "dest": str(tmp_path / "said")}}]}
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-e", "ansible_python_interpreter=" + sys.executable, str(tmp_path / "play.yml")],
        cwd=str(tmp_path), timeout=120, check=True, env={name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")})
    said = base64.b64decode((tmp_path / "said").read_text()).decode()
    assert len(said.split()) == 1
    assert json.loads(said) == given
