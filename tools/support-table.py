# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""support-table.py [--check]: write what is known of the series into README.md and docs/series.md, between their markers."""

import difflib
import importlib.util
import pathlib
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- series: written by make support-table -->\n", "<!-- end of series -->\n"
EVIDENCE = {"driven": "driven for real here", "held": "held against upstream's tree", "read": "read only"}
CEPH = {"distribution": "the lab host's own"}


def load():
    """The data of all series, resolved, in the order of their releases."""
    source = ROOT / "plugins" / "plugin_utils" / "series.py"
    spec = importlib.util.spec_from_file_location("series", source)
    series = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(series)
    known = [yaml.safe_load(path.read_text(encoding="utf-8"))["release_data"]
             for path in sorted((ROOT / "roles" / "release" / "vars" / "series").glob("*.yml"))]
    resolved = [series.resolve(known, data["series"]) for data in known]
    return sorted(resolved, key=lambda data: data["major"] or sys.maxsize)


def effect(overrides):
    """How an override takes effect."""
    if overrides["strategy"] == "role_default":
        return "`%s` in the defaults of `%s`" % (overrides["name"], overrides["file"].split("/")[-3])
    return "`%s` in `%s`" % (overrides["name"], pathlib.PurePath(overrides["file"]).name)


def table(head, rows):
    lines = [head, ["---"] * len(head)] + rows
    return "".join("| %s |\n" % " | ".join(cells) for cells in lines)


def full(known):
    return table(
        ["series", "OSA ref", "status", "Ceph", "SCENARIO", "how the override takes effect", "lab host", "here"],
        [[
            data["series"], "`%s`" % data["ref"], data["status"], CEPH.get(data["ceph"]["release"], data["ceph"]["release"]),
            "`%s`" % data["bootstrap"]["scenario"], effect(data["overrides"]), ", ".join(data["host"]["systems"]).replace("*", "\\*"),
            EVIDENCE[data["evidence"]]
        ] for data in known])


def short(known):
    rows = []
    for evidence, words in EVIDENCE.items():
        names = ["`%s`" % data["series"] for data in known if data["evidence"] == evidence]
        if names:
            rows.append([words, ", ".join(names)])
    return table(["series of OSA", "[one by one](docs/series.md)"], rows)


def main():
    known = load()
    stale = False
    for name, text in (("README.md", short(known)), ("docs/series.md", full(known))):
        path = ROOT / name
        before = path.read_text(encoding="utf-8")
        head, begin, rest = before.partition(BEGIN)
        _old, end, tail = rest.partition(END)
        if not begin or not end:
            sys.exit("%s has no markers: %s and %s" % (name, BEGIN.strip(), END.strip()))
        after = head + BEGIN + text + END + tail
        if after == before:
            continue
        if "--check" in sys.argv[1:]:
            stale = True
            print("%s is not what the data say. Next: make support-table" % name)
            sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), after.splitlines(True), name, name))
        else:
            path.write_text(after, encoding="utf-8")
    sys.exit(stale)


if __name__ == "__main__":
    main()
