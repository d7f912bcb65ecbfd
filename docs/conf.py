# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation site, for Sphinx. tools/docs.py lays out what it is made of."""

project = "osa_lab.ceph_aio"
author = copyright = "osa_lab contributors"
html_title = html_short_title = "osa_lab.ceph_aio: a Ceph cluster to develop against"

extensions = ["myst_parser", "sphinx_antsibull_ext"]

# Headings can be linked to by the names that GitHub gives them.
myst_heading_anchors = 4
# These are described at ansible-core's own site, which is not asked while this one is built.
CORE_PAGES = r"ansible_collections\.ansible\.builtin\..*|action_plugins|ansible_configuration_settings|callback_plugins|common_return_values"
CORE_VARIABLES = "CACHE_PLUGIN|CACHE_PLUGIN_CONNECTION|CACHE_PLUGIN_PREFIX|CACHE_PLUGIN_TIMEOUT|HOST_KEY_CHECKING|PIPELINING|" \
    "PRIVATE_KEY_FILE|REMOTE_PORT|REMOTE_USER|TIMEOUT"
nitpick_ignore_regex = [("std:ref", CORE_PAGES), ("std:envvar", "ANSIBLE_(%s)" % CORE_VARIABLES)]

html_theme = "sphinx_ansible_theme"
html_theme_options = {"documentation_home_url": "https://github.com/osa-lab/ceph_aio", "topbar_links": {}}
html_show_sphinx = False
html_use_index = False
html_copy_source = False
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
