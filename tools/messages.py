# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""messages.py: what the plugins say when something is wrong, read from their code, as a page of the documentation."""

import ast
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIELDS = ("what", "where", "why", "remedy")
HEAD = """# Every message

What the modules and plugins say, as their code has it. A message is `WHAT (WHERE): WHY. Next: REMEDY.`; … stands for what
only a run knows. What the states and the most frequent messages mean: [when it fails](../docs/when-it-fails.md).

| what | where | why | next | in |
| --- | --- | --- | --- | --- |
"""


def text(node):
    """The constant part of an expression, with … for what is not; None where there is none of it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        form = text(node.left)
        return None if form is None else _filled(form)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return "".join(text(side) or "…" for side in (node.left, node.right))
    if isinstance(node, ast.IfExp):
        sides = [text(side) for side in (node.body, node.orelse)]
        return " / ".join(sides) if all(sides) else None
    return None


def _filled(form):
    out, rest = "", form
    while "%" in rest:
        before, rest = rest.split("%", 1)
        out += before
        if rest.startswith("%"):
            out, rest = out + "%", rest[1:]
        else:
            rest = rest.lstrip("#0- +.123456789")[1:]
            out += "…"
    return out + rest


def messages(root=ROOT):
    """(what, where, why, remedy, file) of each error that a user can run into, by its first words."""
    trees = {path.relative_to(root / "plugins").with_suffix("").as_posix(): ast.parse(path.read_text(encoding="utf-8"))
             for path in sorted((root / "plugins").rglob("*.py"))}
    kinds = {"AioError": FIELDS}
    kinds.update((node.name, _parameters(node)) for tree in trees.values() for node in ast.walk(tree)
                 if isinstance(node, ast.ClassDef) and "AioError" in map(_name, node.bases))
    found = set()
    for name, tree in trees.items():
        for node in ast.walk(tree):
            parameters = _called_with(node, kinds) if isinstance(node, ast.Call) else None
            if parameters:
                given = dict(zip(parameters, node.args), **{word.arg: word.value for word in node.keywords})
                fields = [text(given[field]) or "…" if field in given else "" for field in FIELDS]
                if fields[0].strip("…"):
                    found.add((*fields, name))
    return sorted(found, key=lambda entry: (entry[0].lower(), entry))


def _parameters(kind):
    """What an error of this kind is made with: some have a state before the words."""
    for part in kind.body:
        if isinstance(part, ast.FunctionDef) and part.name == "__init__":
            own = tuple(argument.arg for argument in part.args.args[1:])
            return own + FIELDS if part.args.vararg else own
    return FIELDS


def _called_with(call, kinds):
    """What this call's arguments are: it makes an error, or is what makes one of an error's own."""
    if _name(call.func) == "__init__" and isinstance(call.func.value, ast.Call) and _name(call.func.value.func) == "super":
        return FIELDS if {_name(node) for node in call.func.value.args} & set(kinds) else None
    return kinds.get(_name(call.func))


def _name(node):
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _cell(words):
    for sign in "\\|<>*_`[]":
        words = words.replace(sign, "\\" + sign)
    return " ".join(words.split())


def page():
    return HEAD + "".join("| %s |\n" % " | ".join([*map(_cell, entry[:4]), "`%s`" % entry[4]]) for entry in messages())
