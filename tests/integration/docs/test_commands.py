# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that README and docs show do what they say: typed one after another, on one lab host, as commands.yml has them."""

import contextlib
import re
import shlex
import time

import commands
import pytest
import yaml

ROWS = [row for row in commands.rows() if "covered" not in row]
CLIENT = "client1"


class Desk:
    """Where somebody sits who follows the documentation: this checkout, a folder outside of it, and the lab host."""

    def __init__(self, lab, project, opened):
        self.lab = lab
        self.project = project
        self.opened = opened
        self.client = None
        self.state = lab.access.parent.parent
        lab.environment["LAB"] = lab.name  # in the place of labosa
        # As on a machine on which the collection is installed, and not as in this checkout.
        self.outside = dict(ANSIBLE_COLLECTIONS_PATH=str(project / "collections"),
                            MOLECULE_EPHEMERAL_DIRECTORY=str(project / "ephemeral"))
        for path, text in [*commands.files_of("docs/ci.md").items(), *commands.files_of("README.md").items()]:
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).write_text(text.replace("labci", lab.name))

    def values(self):
        later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))
        return {"root": commands.ROOT, "project": self.project, "state": self.state, "later": later}

    def typed(self, row, words):
        """What is typed, for what is shown."""
        text = row[words]
        if words == "command":
            for old, new in row.get("with", {}).items():
                text = text.replace(old, new)
        values = self.values()
        if "{mon}" in text:
            values["mon"] = self.lab.mon()
        return re.sub(r"\{(%s)\}" % "|".join(values), lambda match: str(values[match.group(1)]), text)

    def run(self, row, words):
        text, place = self.typed(row, words), row.get("in", "checkout")
        if place in ("lab_host", "mon", "client"):
            inside = {"mon": self.lab.mon, "client": lambda: CLIENT}.get(place)
            argv = [*self.lab.ssh_argv(), "lxc-attach -n %s -- sh -c %s" % (inside(), shlex.quote(text)) if inside else text]
            return self.lab.run(*argv, input=row.get("input", ""))
        folder = commands.ROOT if place == "checkout" else self.project
        script = "cd %s\n%s\n%s" % (shlex.quote(str(folder)), "" if place == "checkout" else "unset ANSIBLE_CONFIG", text)
        return self.lab.run("bash", "-ec", script, input=row.get("input", ""), environment=None if place == "checkout" else self.outside)

    def prepare(self, row):
        """The inventories outside of the checkout, and the client while it is needed."""
        if (self.lab.access / "inventory.yml").exists():
            inventory = {"lab_hosts": {"hosts": {"mylab": self.lab.values()}}}
            (self.project / "inventory.yml").write_text(yaml.safe_dump(inventory))
        if row.get("needs") == "client" and not self.client:
            self.client = self.opened.enter_context(contextlib.ExitStack())
            self.client.enter_context(self.lab.client(CLIENT, self.project))
        elif row.get("needs") != "client" and self.client:
            self.client.close()
            self.client = None


@pytest.fixture(scope="module")
def desk(make_lab, tmp_path_factory):
    with make_lab("labdocs") as lab, contextlib.ExitStack() as opened:
        yield Desk(lab, tmp_path_factory.mktemp("project"), opened)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["command"])
def test_command(desk, row):
    desk.prepare(row)
    if "before" in row:
        before = desk.run(row, "before")
        assert before.rc == 0, before.raw[-3000:]
    result = desk.run(row, "command")
    assert (result.rc != 0) == row.get("fails", False), result.raw[-4000:]
    for piece in row.get("says", []):
        assert " ".join(piece.split()) in result.text, result.raw[-4000:]
