# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Pythons of this machine, and the environments that the stages of the tests have on them, below .cache."""

import os
import pathlib
import re
import shutil
import subprocess

from counting import CACHE, Count, lacking, run

# Each ansible-core, the Python that it runs on here, and where it is pinned; the newest of requirements.txt is that of the newest Python.
CORES = {
    "2.16": ("3.11", "tests/integration/py27/requirements.txt"),
    "2.19": ("3.11", "requirements.txt"),
    "newest": ("3.13", "requirements.txt"),
}
PYTHONS_OF_PY27 = ("3.12", "3.11", "3.10")  # on which the last ansible-core runs that manages Python 2.7
DEV = CACHE / "dev-venv"


def find_python(version):
    """A Python of this version that has pip, or None."""
    name = "python" + version
    candidates = [shutil.which(name)]
    candidates += sorted(map(str, pathlib.Path(os.environ.get("PYENV_ROOT", "/nonexistent")).glob("versions/%s.*/bin/%s" % (version, name))))
    for candidate in candidates:
        if candidate and subprocess.run([candidate, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0:
            return candidate
    return None


def environment_of(core):
    """(the Python of an ansible-core's own environment, None), or (None, what a stage is worth without it)."""
    version, wanted = CORES[core]
    python = find_python(version)
    if not python:
        return None, lacking("ansible-core " + core, "there is no python%s with pip" % version)
    venv = CACHE / ("ansible-core-" + core)
    if tools(venv, [wanted, "tests/unit/requirements.txt"], python).returncode:
        return None, Count.one("ansible-core " + core, False, "its tools could not be installed")
    return venv / "bin" / "python", None


def tools(venv, wanted, python="python3"):
    return run("make", "--no-print-directory", "ansible", "VENV=%s" % venv, "REQUIREMENTS=" + " ".join(wanted), "PYTHON=" + python)


def py27_tools(name):
    """Have the last ansible-core that manages Python 2.7. What a stage is worth without it, else None."""
    python = next(filter(None, map(find_python, PYTHONS_OF_PY27)), None)
    if not python:
        return lacking(name, "there is none of python%s with pip" % ", python".join(PYTHONS_OF_PY27))
    made = tools(CACHE / "ansible-py27", ["tests/integration/py27/requirements.txt"], python)
    return Count.one(name, False, "its tools could not be installed") if made.returncode else None


def offer_pip(home, python):
    """ansible-test fetches a get-pip.py for its environments; Python's own ensurepip does the same without a network."""
    found = subprocess.run(
        [python, "-c", "import ansible_test; print(ansible_test.__path__[0])"], check=True, capture_output=True)
    source = pathlib.Path(found.stdout.decode().strip()) / "_internal" / "python_requirements.py"
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in re.findall(r"pip='([0-9.]+)'", source.read_text()):
        (cache / ("get_pip_%s.py" % version.replace(".", "_"))).write_text(
            "import ensurepip\nensurepip.bootstrap(default_pip=True)\n")


def user_pip_config():
    """The user's pip configuration, which counts although HOME is another."""
    for path in (pathlib.Path.home() / ".config/pip/pip.conf", pathlib.Path.home() / ".pip/pip.conf"):
        if path.exists():
            return str(path)
    return os.devnull
