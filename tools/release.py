# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""release.py [--tag] [--publish]: the checklist of a release. Without a word it changes nothing outside .cache and tests/output.

--tag: where all is well, make the tag. --publish: where all is well and the tag is there, hand the file to Galaxy (ANSIBLE_GALAXY_SERVER_LIST
and its token are the user's own settings). Neither pushes.
"""

import argparse
import pathlib
import re
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
ANTSIBULL = ".cache/dev-venv/bin/antsibull-changelog"
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)\Z")


def said(*argv):
    """What a command prints; None where it fails."""
    done = subprocess.run(argv, cwd=ROOT, check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def succeeds(*argv):
    return subprocess.run(argv, cwd=ROOT, check=False).returncode == 0


def numbers(version):
    return tuple(int(number) for number in version.split("."))


def version_problem(version, released):
    """Why this is no version to release after those, or None."""
    if not VERSION.match(version):
        return "galaxy.yml has %s. Next: write three numbers, such as 1.0.0" % version
    newer = [other for other in released if VERSION.match(other) and numbers(other) > numbers(version)]
    if newer:
        return "galaxy.yml has %s, but %s is released. Next: raise it" % (version, max(newer, key=numbers))
    return None


def changelog_problem(version, releases, fragments, text):
    """Why the changelog is not that of this version, or None. Its newest release is the version, and no fragment is left over."""
    known = sorted((name for name in releases if VERSION.match(name)), key=numbers)
    if not known or known[-1] != version:
        return "its newest release is %s, galaxy.yml has %s. Next: %s release" % (
            known[-1] if known else "none", version, ANTSIBULL)
    if fragments:
        return "%s not in it. Next: raise the version, or take them along" % ", ".join(fragments)
    if "v" + version not in text:
        return "CHANGELOG.rst has no v%s. Next: %s generate" % (version, ANTSIBULL)
    return None


def tag_problem(tag, there, wanted):
    """Whether a tag is as it must be: absent before a release, there before it is published."""
    if wanted == there:
        return None
    return "there is no tag %s. Next: make release RELEASE_ARGS=--tag" % tag if wanted else "%s is there already. Next: raise the version" % tag


def checklist(tagged):
    """(title, problem or None) of each point, in order."""
    version = str(yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"])
    changelog = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))
    fragments = sorted(path.name for path in (ROOT / "changelogs" / "fragments").glob("*.y*ml"))
    tag = "v" + version
    tags = (said("git", "tag", "--list") or "").splitlines()
    yield "version", version_problem(version, [name[1:] for name in tags if name.startswith("v")])
    yield "changelog", changelog_problem(version, changelog["releases"], fragments, (ROOT / "CHANGELOG.rst").read_text(encoding="utf-8"))
    yield "clean tree", "there are changes. Next: commit them" if said("git", "status", "--porcelain") != "" else None
    yield "tag", tag_problem(tag, tag in tags, tagged)
    if tagged:
        head = said("git", "rev-parse", "HEAD")
        yield "tag is here", None if said("git", "rev-parse", tag + "^{commit}") == head else "%s is another commit than this" % tag
    for stage in ("lint", "galaxy"):
        yield "make test-lint" if stage == "lint" else "make galaxy", (
            None if succeeds(sys.executable, "tests/run.py", stage) else "it failed, see above")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tag", action="store_true", help="make the tag where all is well")
    parser.add_argument("--publish", action="store_true", help="hand the file to Galaxy where all is well")
    options = parser.parse_args()
    if options.tag and options.publish:
        parser.error("one after the other: the tag is looked at before it is published")
    version = str(yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"])
    points = list(checklist(tagged=options.publish))
    for title, problem in points:
        print("%-8s %-15s %s" % ("not yet" if problem else "ok", title, problem or ""))
    if any(problem for _title, problem in points):
        sys.exit("v%s is not ready; nothing was changed" % version)
    if options.tag:
        sys.exit(not succeeds("git", "tag", "--annotate", "v" + version, "--message", "v" + version))
    if options.publish:
        archive = "osa_lab-ceph_aio-%s.tar.gz" % version
        sys.exit(not (succeeds("ansible-galaxy", "collection", "build", "--force") and succeeds("ansible-galaxy", "collection", "publish", archive)))
    print("v%s is ready; nothing was changed. Next: make release RELEASE_ARGS=--tag, push it, make test on a lab host's machine, "
          "make release RELEASE_ARGS=--publish" % version)


if __name__ == "__main__":
    main()
