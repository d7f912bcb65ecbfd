# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages list is what the code has, and the checks of the site can fail."""

import ast
import importlib.util
import re
import sys

import commands
import pytest
import yaml

FAILS = commands.ROOT / "docs" / "when-it-fails.md"


def table(title):
    """The first cells of the table below a heading of when-it-fails.md, without their quotes."""
    section = FAILS.read_text(encoding="utf-8").split("\n## %s\n" % title)[1].split("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.M)


def states():
    """Each state of a cluster that the code gives."""
    found = set()

    def add(node):
        found.update(part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))

    for path in (commands.ROOT / "plugins" / "module_utils").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("CephProblem", "ContainerProblem"):
                add(node.args[0].body if isinstance(node.args[0], ast.IfExp) else node.args[0])
                if isinstance(node.args[0], ast.IfExp):
                    add(node.args[0].orelse)
            elif path.name == "observation.py" and isinstance(node, ast.keyword) and node.arg == "state":
                add(node.value)
            elif path.name == "observation.py" and isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "seen['state']":
                found.update([node.value.value] if isinstance(node.value, ast.Constant) else [])
            elif path.name == "ceph_shape.py" and isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "STATES":
                found.update(ast.literal_eval(node.value).values())
    return found


def test_every_state_has_a_row():
    assert sorted(table("The states of a cluster")) == sorted(states())
    assert len(states()) == 9


def test_every_finding_of_preflight_has_a_row():
    names = yaml.safe_load((commands.ROOT / "roles/preflight/vars/main.yml").read_text())["__preflight_names"]
    assert table("What preflight finds") == names


def said():
    """All that plugins, roles, playbooks and the data of the series can say, in one line."""
    folders = [commands.ROOT / name for name in ("plugins", "roles", "playbooks")]
    texts = [path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".yml", ".sh")]
    return re.sub(r"\s+", " ", re.sub(r"'\s*\n\s*'", "", "\n".join(texts)))


@pytest.mark.parametrize("message", table("What is met most"))
def test_the_message_is_one_of_ours(message):
    assert message in said()


@pytest.fixture(scope="module")
def tools():
    """tools/docs.py, and messages.py beside it."""
    sys.path.insert(0, str(commands.ROOT / "tools"))
    spec = importlib.util.spec_from_file_location("docs_tool", commands.ROOT / "tools" / "docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.path.pop(0)
    return module


def test_every_message_is_read_from_the_code(tools, tmp_path):
    folder = tmp_path / "plugins" / "modules"
    folder.mkdir(parents=True)
    (folder / "it.py").write_text('''
class Problem(AioError):
    def __init__(self, state, *args):
        super(Problem, self).__init__(*args)

class Taken(AioError):
    def __init__(self, who):
        super(Taken, self).__init__('it is taken by %s' % who, '/x', remedy='ask %d times, 100%%' % 2)

raise AioError('no %s' % name, where, 'it is ' + why, remedy if x else 'ask')
raise Problem('denied', 'not you', 'a', 'b' if x else 'c', 'd')
raise Taken(me)
''')
    assert tools.messages.messages(tmp_path) == [
        ("it is taken by …", "/x", "", "ask … times, 100%", "modules/it"),
        ("no …", "…", "it is …", "…", "modules/it"),
        ("not you", "a", "b / c", "d", "modules/it")]
    everything = tools.messages.messages()
    assert len(everything) > 150
    assert "the lab host is leased to …" in [entry[0] for entry in everything]
    assert not {"denied", "timed_out"} & {entry[0] for entry in everything}


@pytest.mark.parametrize("link, why", [
    ("other.html#there", ""), ("other.html", ""), ("#here", ""), ("sub/", "there is no such file"), ("https://example.com/x?y#z", ""),
    ("gone.html", "there is no such file"), ("other.html#gone", "there is no such place in it"), ("#gone", "there is no such place in it"),
    ("http://example.com/", "not https"), ("https://exam ple/", "no name of a host"), ("https:///x", "no name of a host"),
])
def test_a_link_that_leads_nowhere_is_found(tools, tmp_path, link, why):
    (tmp_path / "page.html").write_text('<a href="%s">x</a><p id="here">' % link)
    (tmp_path / "other.html").write_text('<h1 id="there">x</h1>')
    found, pages, outside = tools.wrong_links(tmp_path)
    assert found == (["page.html: %s: %s" % (link, why)] if why else [])
    assert (pages, outside) == (2, int(link.startswith("http")))
