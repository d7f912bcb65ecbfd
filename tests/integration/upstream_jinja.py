# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables and templates of a tree, evaluated as Ansible does, whatever age they are.

Today's Ansible refuses much of what its forebears took; Jinja2 with Ansible's own filters does not.
"""

import ast
import ipaddress

import jinja2
import jinja2.meta
import jinja2.nativetypes
from ansible.plugins.filter import core as core_filters
from ansible.plugins.filter import mathstuff
from ansible.plugins.test import core as core_tests


class _Context(jinja2.runtime.Context):
    def resolve_or_missing(self, key):
        value = super().resolve_or_missing(key)
        return self.environment.variables.resolve(value) if isinstance(value, (str, list, dict)) else value


def _ipaddr(value, query="", *_more):
    """What trees ask of it."""
    interface = ipaddress.ip_interface(value)
    if query == "net":
        return str(interface.network)
    if query == "address":
        return str(interface.ip)
    if query == "prefix":
        return interface.network.prefixlen
    if query == "netmask":
        return str(interface.netmask)
    if str(query).lstrip("-").isdigit():
        return "%s/%d" % (interface.network[int(query)], interface.network.prefixlen)
    raise jinja2.TemplateRuntimeError("ipaddr(%r) is not known here" % query)


def _nthhost(value, number):
    return str(ipaddress.ip_network(value)[int(number)])


class Variables(dict):
    """Variables by name, whose values may be templates of one another."""

    def __init__(self, *layers, environment=None, templates=None):
        super().__init__()
        self._templates = templates
        for layer in layers:
            self.update(layer)
        self._process = environment or {}
        self._text = self._make(jinja2.Environment)
        self._native = self._make(jinja2.nativetypes.NativeEnvironment)

    def _make(self, kind):
        env = kind(undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True, extensions=["jinja2.ext.do"])
        env.loader = jinja2.FunctionLoader(self._templates) if self._templates else None
        env.context_class = _Context
        env.variables = self
        filters = {**core_filters.FilterModule().filters(), **mathstuff.FilterModule().filters(), "ipaddr": _ipaddr, "nthhost": _nthhost}
        for name in filters:
            env.filters.setdefault(name, filters[name])
            env.filters["ansible.builtin." + name] = filters[name]
            env.filters["ansible.utils." + name] = filters[name]
        tests = core_tests.TestModule().tests()
        env.tests.update(tests)
        # Old trees ask a test as a filter.
        env.filters.update({name: tests[name] for name in ("search", "match", "version_compare")})
        env.globals["lookup"] = self._lookup
        return env

    def _lookup(self, kind, name, *_more, default="", **_options):
        if kind.rpartition(".")[2] != "env":
            raise jinja2.TemplateRuntimeError("lookup of %s is not known here" % kind)
        return self._process.get(name, default)

    def resolve(self, value):
        """A value with all templates in it evaluated."""
        if isinstance(value, dict):
            return {key: self.resolve(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [self.resolve(entry) for entry in value]
        if not isinstance(value, str) or ("{{" not in value and "{%" not in value):
            return value
        result = self._native.from_string(value.strip()).render(self)
        if isinstance(result, jinja2.Undefined):
            result._fail_with_undefined_error()
        if isinstance(result, str) and result.strip()[:1] in ("[", "{"):
            try:
                return ast.literal_eval(result.strip())
            except (SyntaxError, ValueError):
                return result
        return result.strip() if isinstance(result, str) else result

    def value(self, name):
        return self.resolve(self[name])

    def holds(self, conditions, **more):
        """Do all of a when: or that: hold?"""
        scope = Variables(self, more, environment=self._process)
        for condition in conditions if isinstance(conditions, list) else [conditions]:
            if isinstance(condition, str):
                condition = scope.resolve("{{ %s }}" % condition.strip().removeprefix("{{").removesuffix("}}"))
            if isinstance(condition, str):
                condition = condition.strip().lower() in ("true", "yes", "1")
            if not condition:
                return False
        return True

    def with_(self, **more):
        return Variables(self, more, environment=self._process)

    def render(self, text):
        """A template's text."""
        return self._text.from_string(text).render(self)

    def names_in(self, text):
        """The variables that a template refers to."""
        return jinja2.meta.find_undeclared_variables(self._text.parse(text))
