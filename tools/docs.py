# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs.py: make the documentation site below .cache/docs. A warning is an error, and so is a link that leads nowhere.

The pages are those of docs/ and of the repository's root, in the same order of folders, so that the links which GitHub follows
are the ones that are checked; the plugins' and roles' own documentation; and what is read from the code.
"""

import html.parser
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse

import messages
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
SITE = ROOT / ".cache" / "docs"
SOURCE, HTML = SITE / "source", SITE / "html"
COLLECTION = "osa_lab.ceph_aio"
HOST = re.compile(r"^(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\Z")


def lay_out():
    """The pages at the places that they have here, and what is generated."""
    shutil.rmtree(SITE, ignore_errors=True)
    (SOURCE / "docs").mkdir(parents=True)
    for page in [*ROOT.glob("*.md"), *ROOT.glob("*.rst"), *ROOT.glob("docs/*.md")]:
        shutil.copyfile(page, SOURCE / page.relative_to(ROOT))
    (SOURCE / "docs" / "index.md").rename(SOURCE / "index.md")
    generated = SOURCE / "generated"
    generated.mkdir()
    (generated / "messages.md").write_text(messages.page())
    (generated / "action_groups.md").write_text(action_groups())
    reference = SOURCE / "reference"
    reference.mkdir(mode=0o700)  # antsibull-docs wants it closed to others
    run("antsibull-docs", "--config-file", ROOT / "docs" / "antsibull-docs.cfg", "collection", "--use-current", "--squash-hierarchy",
        "--fail-on-error", "--dest-dir", reference, COLLECTION)


def action_groups():
    groups = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"]
    lines = ["# Action groups", "", "`module_defaults` of a group are the defaults of all its modules:", "", "```yaml", "module_defaults:",
             "  group/%s.ceph: {timeout: 30}" % COLLECTION, "```", "", "| group | modules |", "| --- | --- |"]
    for name, modules in sorted(groups.items()):
        lines.append("| `%s.%s` | %s |" % (
            COLLECTION, name, ", ".join("[%s](../reference/%s_module.rst)" % (module, module) for module in modules)))
    return "\n".join(lines) + "\n"


class Page(html.parser.HTMLParser):
    """Where a page leads, and where in it one can be led."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors = set(), set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.anchors.update(values[name] for name in ("id", "name") if values.get(name))
        self.links.update(values[name] for name in ("href", "src") if values.get(name))


def wrong_links(folder):
    """Of each page the links that lead nowhere; of one to another site only the form is looked at."""
    pages = {path.resolve(): Page(path) for path in folder.rglob("*.html")}
    found, outside = [], set()
    for path, page in sorted(pages.items()):
        for link in sorted(page.links):
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                outside.add(link)
                why = wrong_form(parts)
            else:
                why = wrong_place(pages, path, parts)
            if why:
                found.append("%s: %s: %s" % (path.relative_to(folder.resolve()), link, why))
    return found, len(pages), len(outside)


def wrong_form(parts):
    if parts.scheme not in ("https", "mailto", "data") and parts.scheme + parts.netloc:
        return "not https"
    return "no name of a host" if parts.scheme == "https" and not HOST.match(parts.netloc) else ""


def wrong_place(pages, path, parts):
    target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return "there is no such file"
    anchor = urllib.parse.unquote(parts.fragment)
    return "there is no such place in it" if anchor and target in pages and anchor not in pages[target].anchors else ""


def run(*argv):
    done = subprocess.run([str(word) for word in argv], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit("%s ended with %d" % (argv[0], done.returncode))


def main():
    run("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs", "self", "--skip-rstcheck",
        ROOT / ".cache" / "ansible_collections" / "osa_lab" / "ceph_aio")
    lay_out()
    run("sphinx-build", "-q", "-W", "--keep-going", "-n", "-b", "html", "-c", ROOT / "docs", "-d", SITE / "doctrees", SOURCE, HTML)
    wrong, pages, outside = wrong_links(HTML)
    if wrong:
        sys.exit("\n".join(wrong))
    print("%d pages, every link within them leads somewhere; of %d links to other sites only the form was looked at" % (pages, outside))
    print((HTML / "index.html").relative_to(ROOT))


if __name__ == "__main__":
    main()
