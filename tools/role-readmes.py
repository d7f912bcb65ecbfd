# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""role-readmes.py [--check]: write README.md and meta/main.yml of each role, which Galaxy wants, from its argument specs."""

import json
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
WRITTEN = "written by make role-readmes from meta/argument_specs.yml"
META = """---
# {written}
galaxy_info:
  author: osa_lab contributors
  description: {description}
  license: GPL-3.0-or-later
  min_ansible_version: "{core}"
dependencies: []
"""


def plain(text):
    """Ansible's markup as Markdown's."""
    text = text.replace("<", "\\<")
    text = re.sub(r"\bL\(([^,()]*), *([^()]*)\)", r"[\1](\2)", text)
    text = re.sub(r"\b(?:[CEMOPV]|RV)\(((?:[^()]|\([^()]*\))*)\)", lambda match: "`%s`" % match.group(1).replace("\\<", "<"), text)
    return re.sub(r"\b[BIU]\(([^()]*)\)", r"\1", text)


def sentences(description):
    return [plain(" ".join(line.split())) for line in ([description] if isinstance(description, str) else description)]


def default(option):
    if option.get("required"):
        return "required"
    return "`%s`" % json.dumps(option["default"]) if "default" in option else ""


def cell(text):
    return text.replace("|", "\\|")


def entry_point(name, spec):
    lines = ["## %s" % name, "", plain(spec["short_description"]) + ".", ""]
    lines += [line for sentence in sentences(spec.get("description", [])) for line in (sentence, "")]
    options = spec.get("options", {})
    if options:
        lines += ["| variable | type | default | |", "| --- | --- | --- | --- |"]
        lines += ["| `%s` | %s | %s | %s |" % (
            key, option.get("type", "str"), cell(default(option)), cell(sentences(option["description"])[0]))
            for key, option in sorted(options.items())]
        lines.append("")
    return lines


def readme(role, specs):
    lines = ["<!-- %s -->" % WRITTEN, "", "# osa_lab.ceph_aio.%s" % role, "",
             "All of it, with what is below the variables: `ansible-doc -t role osa_lab.ceph_aio.%s`" % role, ""]
    for name, spec in specs.items():
        lines += entry_point(name, spec)
    return "\n".join(lines)


def meta(specs, core):
    return META.format(written=WRITTEN, description=json.dumps(plain(next(iter(specs.values()))["short_description"]), ensure_ascii=False), core=core)


def files():
    """What is to be where: (path, text)."""
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    core = ".".join(re.search(r"[0-9.]+", runtime["requires_ansible"]).group(0).split(".")[:2])
    for path in sorted(ROOT.glob("roles/*/meta/argument_specs.yml")):
        specs = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
        yield path.parent.parent / "README.md", readme(path.parent.parent.name, specs)
        yield path.parent / "main.yml", meta(specs, core)


def main():
    stale = False
    for path, text in files():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in sys.argv[1:]:
            stale = True
            print("%s is not what the argument specs say. Next: make role-readmes" % path.relative_to(ROOT))
        else:
            path.write_text(text, encoding="utf-8")
    sys.exit(stale)


if __name__ == "__main__":
    main()
