# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that README and docs show, and what is known of each: commands.yml."""

import pathlib
import re

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.M | re.S)
# What is a command in the middle of a sentence or in a table: one of these with a word behind it.
INLINE = re.compile(r"`((?:make|ansible(?:-[a-z]+)?|ceph|lxc-[a-z]+|molecule|pip|rados|ssh|systemctl) [^`\n]+)`")
COMMENT = re.compile(r"\s+#\s.*$")


def in_console(block):
    """The commands of a console block: what is behind "$ ", without a comment, gone on with after a backslash."""
    found = []
    for line in re.sub(r" *\\\n\s*", " ", block).splitlines():
        if line.strip().startswith("$ "):
            found.append(COMMENT.sub("", line.strip()[2:]).strip())
    return found


def in_page(text):
    """All commands of a page, in their order."""
    found = []
    for number, piece in enumerate(re.split(r"(^ *```\w*\n.*?^ *```$)", text, flags=re.M | re.S)):
        if number % 2 == 0:
            found += [match.replace("\\|", "|") for match in INLINE.findall(piece)]
        elif FENCE.match(piece).group(2) == "console":
            found += in_console(FENCE.match(piece).group(3))
    return found


def shown():
    """Each command, with the names of the pages that show it."""
    found = {}
    for page in PAGES:
        for command in in_page(page.read_text(encoding="utf-8")):
            found.setdefault(command, set()).add(page.name)
    return found


def rows():
    """commands.yml: a list, in the order in which the commands are run."""
    return yaml.safe_load((HERE / "commands.yml").read_text(encoding="utf-8"))


def files_of(page):
    """The files that a page shows: YAML whose first line is a comment with its path."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = [match.group(3) for match in FENCE.finditer(text) if match.group(2) == "yaml"]
    return {block.split("\n", 1)[0][2:]: "---\n" + block for block in blocks if re.match(r"# \S+\.yml\n", block)}
