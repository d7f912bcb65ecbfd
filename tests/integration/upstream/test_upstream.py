# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of each series, asked of upstream's tree at its ref, and at each point release that differs.

Each question yields facts: (what it is, what our data say, what the tree says).
"""

import copy
import importlib.util
import re
import sys
import types

import conftest
import jinja2
import pytest
import upstream_trees as trees
import yaml
from upstream_jinja import Variables

sys.path.insert(0, str(conftest.ROOT))
from plugins.plugin_utils import series as series_data  # noqa: E402

FOLDER = trees.given()
KNOWN = [yaml.safe_load(path.read_text())["release_data"] for path in sorted((conftest.ROOT / "roles/release/vars/series").glob("*.yml"))]
SERIES = sorted((data for data in KNOWN if not data["series"].startswith("embedded")), key=lambda data: data["major"] or sys.maxsize)
RELEASE = re.compile(r"\d+\.\d+\.\d+\Z")
# A point release of each kind that the data have: the newest that is one.
POINT_RELEASES = {"ocata": ["15.1.28", "15.1.2"], "pike": ["16.0.24", "16.0.2", "16.0.0"],
                  "rocky": ["18.1.0"], "stein": ["19.0.5"], "wallaby": ["wallaby-eol", "wallaby-eom"]}
VISITS = [(data["series"], ref) for data in SERIES for ref in [""] + POINT_RELEASES.get(data["series"], [])]

SYSTEMS = {"debian": {"9": "stretch", "10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie"},
           "ubuntu": {"14.04": "trusty", "16.04": "xenial", "18.04": "bionic", "20.04": "focal", "22.04": "jammy", "24.04": "noble",
                      "26.04": "resolute"},
           "centos": {"6": "Final", "7": "Core", "8": "Core", "9": "Stream", "10": "Stream"},
           "opensuse-leap": {"42.3": "", "15.1": ""}}
NAMES = {"debian": ("Debian", "Debian"), "ubuntu": ("Ubuntu", "Debian"), "centos": ("CentOS", "RedHat"),
         "opensuse-leap": ("openSUSE Leap", "Suse")}


@pytest.fixture(scope="session")
def upstream():
    found = trees.Upstream(FOLDER)
    yield found
    found.close()


@pytest.fixture(scope="session")
def known_trees(upstream):
    made = {}

    def make(series, ref=""):
        if (series, ref) not in made:
            made[series, ref] = trees.Tree(upstream, series_data.facts(KNOWN, series, ref))
        return made[series, ref]

    return make


@pytest.fixture
def tree(visit, known_trees):
    return known_trees(*visit)


QUESTIONS = []


def question(function):
    QUESTIONS.append(function)
    return function


@question
def scripts(tree):
    """The scripts of the bootstrap are there, and may be run."""
    for step in ("ansible", "aio"):
        script = tree.facts["bootstrap"][step]["script"]
        yield script, "100755", tree.repository.names(tree.commit).get(script)


@question
def scenario(tree):
    """Its own templates take SCENARIO as one that has Ceph, and not as one of those that exclude one another."""
    name = tree.facts["bootstrap"]["scenario"]
    yield "bootstrap_host_scenario", name, tree.bootstrap.value("bootstrap_host_scenario")
    yield "bootstrap_host_ceph", True, bool(tree.bootstrap.holds("bootstrap_host_ceph"))
    yield "conf.d/ceph.yml is written", True, "/etc/openstack_deploy/conf.d/ceph.yml" in tree.written
    without = name.replace("ceph", "").strip("_") or "aio"
    yield "SCENARIO=%s has no Ceph" % without, False, "/etc/openstack_deploy/conf.d/ceph.yml" in tree.written_with(without)
    for task in tree.tasks("check-requirements.yml"):
        if "mutually exclusive" in task["name"]:
            for row in task["with_items"]:
                yield row["msg"], False, tree.bootstrap.holds(row["conditional"])


@question
def evidence_of_aio(tree):
    """What bootstrap-aio is said to leave behind is written by it."""
    written = set(tree.written) | set(tree.images())
    for path in tree.facts["bootstrap"]["aio"]["evidence"]:
        yield path, True, path in written


@question
def evidence_of_ansible(tree):
    """What bootstrap-ansible is said to leave behind is in its scripts."""
    text = "".join(tree.read(name) for name in tree.names(r"^(scripts|tests)/[^/]+\.(sh|rc|yml)$"))
    # ansible-galaxy puts collections below the folder that it is given.
    collections = re.search(r"collection install -r \S+ -p /etc/ansible\b|collection_path_default: '/etc/ansible/?'", text)
    evidence = tree.facts["bootstrap"]["ansible"]["evidence"]
    for path in evidence:
        if path == "/etc/ansible/ansible_collections":
            yield path, True, collections is not None and tree.has("ansible-collection-requirements.yml")
        else:
            yield path, True, path.replace("/bin/ansible-playbook", "") in text
    yield "fetches collections", "/etc/ansible/ansible_collections" in evidence, tree.has("ansible-collection-requirements.yml")


@question
def environment(tree):
    """What is set in place of addresses that are gone is read, and the constraints are those of the tree's pin."""
    data = tree.facts["bootstrap"]
    text = tree.read(data["ansible"]["script"]) + tree.read("scripts/scripts-library.sh")
    for name in data["environment"]:
        yield name, True, re.search(r"\$\{?%s\b" % name, text) is not None
    # Files of git.openstack.org cannot be had from there any more; its repositories are rewritten.
    yield "takes constraints from cgit", "UPPER_CONSTRAINTS_FILE" in data["environment"], "git.openstack.org/cgit" in text
    yield "takes get-pip.py from /3.3", "GET_PIP_URL" in data["environment"], "get-pip.py" in text
    named = data["environment"].get("UPPER_CONSTRAINTS_FILE")
    if named and tree.ref == series_data.resolve(KNOWN, tree.facts["series"])["ref"]:
        services = trees.load(tree.read("playbooks/defaults/repo_packages/openstack_services.yml"))
        pin = services["requirements_git_install_branch"]
        yield "constraints", "https://opendev.org/openstack/requirements/raw/%s/upper-constraints.txt" % pin, named
        pins = "https://opendev.org/openstack/openstack-ansible/raw/%s/global-requirement-pins.txt" % tree.ref
        yield "pins", True, tree.has("global-requirement-pins.txt")
        yield "constraints of pip_install", "%s --constraint %s" % (pins, named), data["user_variables"]["pip_install_upper_constraints"]


@question
def user_variables(tree):
    """The user variables that are set are some of the tree's, or of a role's that it pins."""
    text = "".join(tree.read(name) for name in tree.names(r"^(playbooks|inventory|group_vars|tests)/.*\.yml$"))
    for name in tree.facts["bootstrap"]["user_variables"]:
        found = re.search(r"\b%s\b" % name, text) is not None
        for role in ("lxc_hosts", "pip_install"):
            repository = tree.upstream.optional("opendev.org/openstack/openstack-ansible-" + role)
            if not found and repository and _has(repository, tree.roles[role]["version"]):
                found = name in trees.load(repository.read(repository.commit(tree.roles[role]["version"]), "defaults/main.yml"))
        if not found and name in ("lxc_image_cache_primary_keyserver", "pip_fallback_url"):
            continue  # a role's own, and DIR does not have the role
        yield name, True, found


def _has(repository, ref):
    try:
        return bool(repository.commit(ref))
    except trees.Missing:
        return False


@question
def addresses(tree):
    """Galaxy is named as an obstacle where collections are taken from there."""
    said = any("Galaxy" in entry["address"] for entry in tree.facts["addresses"])
    yield "galaxy.ansible.com", said, any(
        entry.get("type") == "galaxy" or "galaxy.ansible.com" in str(entry.get("source")) for entry in tree.collections.values())


@question
def pins(tree):
    """Roles and collections are pinned, and ceph-ansible's pin is there."""
    yield "ceph-ansible", 40, len(tree.ceph_commit)
    yield "roles without a version", [], [name for name, entry in tree.roles.items() if not entry.get("version")]
    yield "role ceph_client", True, "ceph_client" in tree.roles


@question
def loop_devices(tree):
    """OSDs' images, and whether a second run attaches them again."""
    yield "images", tree.facts["ceph"]["osds"], len(tree.images())
    name = next((name for name in ("prepare_ceph.yml", "prepare_loopback.yml") if tree.has(trees.BOOTSTRAP + "tasks/" + name)), "")
    plain = [task["name"] for task in tree.tasks(name) if str(task.get("command", "")).startswith("losetup ")]
    units = [task["name"] for task in tree.tasks(name) if "systemd_services" in task.get("vars", {})]
    yield "attaches again", tree.facts["bootstrap"]["aio"]["attaches_again"], bool(plain)
    yield "attaches by units", not tree.facts["bootstrap"]["aio"]["attaches_again"], bool(units)
    text = tree.read(trees.BOOTSTRAP + "tasks/" + name)
    fixed = re.search(r"losetup '\s*~\s*device", tree.read(trees.BOOTSTRAP + "vars/main.yml")) if tree.has(trees.BOOTSTRAP + "vars/main.yml") else None
    after_a_restart = "rc_local" if 'line: "losetup -f /openstack/{{ item }}.img"' in text else "units" if "$(/sbin/losetup -f)" in text \
        else "tree" if fixed else ""
    yield "attaches after a restart", tree.facts["boot"]["loops"], after_a_restart
    if after_a_restart == "units":
        yield "units", True, 'service_name: "loop-{{ loopback_var }}"' in text


@question
def playbooks(tree):
    """The playbooks are there with all that they import; those that read no override have no role of Ceph's."""
    install = tree.facts["install"]
    for entry in install["playbooks"] + install["ceph_playbooks"]:
        plays = tree.plays(entry["playbook"])
        yield entry["playbook"], True, bool(plays)
        ceph = {name for play in plays for name in tree.roles_of(play) if name.startswith("ceph")}
        if not entry["overrides"]:
            yield "%s has no role of Ceph's" % entry["playbook"], set(), ceph
        elif entry["name"] in ("setup-infrastructure", "ceph-install"):
            yield "%s makes mons and OSDs" % entry["playbook"], {"ceph-mon", "ceph-osd"}, ceph & {"ceph-mon", "ceph-osd"}


@question
def container_group(tree):
    """With the arguments of the ceph scope no container is made but the mon's."""
    for entry in tree.facts["install"]["ceph_playbooks"]:
        for word in entry.get("arguments", []):
            name, equals, value = word.partition("=")
            if not equals:
                continue
            hosts = [play["hosts"] for play in tree.plays(entry["playbook"]) if name in str(play.get("hosts"))]
            yield "%s is read" % name, True, bool(hosts)
            for template in hosts:
                for text in template if isinstance(template, list) else [template]:
                    if name in text:
                        yield text, value, Variables({name: value}).resolve(text)
                        yield "without: " + text, "all_containers", Variables({}).resolve(text)
            yield value, tree.facts["containers"]["mon_group"], value


@question
def who_makes_pools(tree):
    """The playbooks of the ceph scope make the OpenStack pools, with the series' own roles or in a playbook of their own."""
    in_roles = any("openstack_pools" in tree.ceph_read(name) for name in tree.ceph_names(r"^roles/ceph-(mon|osd)/tasks/.*\.yml$"))
    listed = [entry["playbook"] for entry in tree.facts["install"]["ceph_playbooks"]]
    in_playbooks = [name for name in listed if "openstack_pools" in tree.playbook(name)]
    yield "made by roles", not any(name.endswith("ceph_pools") for name in listed), in_roles
    yield "made in the ceph scope", True, in_roles or bool(in_playbooks)


@question
def wrapper(tree):
    """The runner passes all of the user's files, in the order of their names."""
    text = tree.read("scripts/openstack-ansible.sh" if tree.has("scripts/openstack-ansible.sh") else "scripts/bootstrap-ansible.sh")
    yield "user files", True, re.search(r"for i in \\?\$\(ls \S+/user_\*\.yml\)", text) is not None
    yield "arguments", {"${VAR1}", '"${@}"'}, set(tree.wrapper())
    major = tree.facts["major"] or sys.maxsize
    yield "the command line counts more than the files", major >= 19, tree.wrapper()[-1] == '"${@}"'
    yield "runner", True, "/usr/local/bin/" + tree.facts["install"]["runner"] in tree.read(tree.facts["bootstrap"]["ansible"]["script"])


@question
def ceph(tree):
    """Ceph's release, a manager, and the limit of PGs that the all-in-one sets."""
    release = [values["ceph_stable_release"] for values in tree.group_vars.values() if "ceph_stable_release" in values]
    yield "ceph_stable_release", [tree.facts["ceph"]["release"]], release
    roles = {name for play in tree.plays(tree.facts["install"]["ceph_playbooks"][1]["playbook"]) for name in tree.roles_of(play)}
    yield "ceph-mgr", tree.facts["ceph"]["mgr"], "ceph-mgr" in roles
    limit = tree.facts["overrides"]["keep"].get("global", {}).get("mon_max_pg_per_osd")
    if limit:
        yield "mon_max_pg_per_osd", tree.facts["ceph"]["pg_limit"], limit


@question
def overrides(tree):
    """Where ceph_conf_overrides comes from: a role's default, or group_vars that are made of a hash for users."""
    data = tree.facts["overrides"]
    shadows = {group: values["ceph_conf_overrides"] for group, values in tree.group_vars.items() if "ceph_conf_overrides" in values}
    files = tree.rendered
    users = {path: trees.load(text) or {} for path, text in files.items() if re.match(r"/etc/openstack_deploy/user_.*\.yml$", path)}
    yield "files set ceph_conf_overrides", [], [path for path, values in users.items() if "ceph_conf_overrides" in values]
    setting = {path: values[data["name"]] for path, values in users.items() if data["name"] in values}
    if data["strategy"] == "role_default":
        yield "group_vars shadow it", {}, shadows
        entry, inside = tree.requirement_of(data["file"])
        yield "role of " + data["file"], True, entry is not None
        yield "default of " + data["file"], {}, trees.load(tree.ceph_read(_role_path(tree, entry, inside))).get(data["name"])
        yield "files set it", {}, setting
    else:
        yield "group_vars shadow it", ["ceph_all"], list(shadows)
        yield "group_vars are made of it", True, data["name"] in tree.bootstrap.names_in(shadows["ceph_all"])
        yield "default of it", {}, tree.group_vars["ceph_all"].get(data["name"])
        yield "what the all-in-one sets", {data["file"]: data["keep"]} if data["keep"] else {}, setting
        if not data["keep"]:
            yield "sorts after all files", [], [path for path in users if path >= data["file"]]
        yield "an override takes effect", 8, _effect(tree, data)


def _role_path(tree, entry, inside):
    """The path of a role's file in ceph-ansible. A role that had a repository of its own is the one of that name there."""
    if entry["name"] == "ceph-ansible":
        return inside
    return "roles/ceph-%s/%s" % (re.search(r"ceph-(\w+)$", entry["name"]).group(1), inside)


def _effect(tree, data):
    values = copy.deepcopy(tree.group_vars["ceph_all"])
    values[data["name"]] = {"global": {"osd_pool_default_pg_num": 8}}
    return Variables(values, {"groups": {}}).value("ceph_conf_overrides")["global"]["osd_pool_default_pg_num"]


@question
def pools(tree):
    """The pools, and how many PGs they are given."""
    data = tree.facts["ceph"]
    settings = trees.load(tree.rendered["/etc/openstack_deploy/user_variables_ceph.yml"]) \
        if "/etc/openstack_deploy/user_variables_ceph.yml" in tree.rendered else _all_settings(tree)
    yield "openstack_config", True, settings.get("openstack_config")
    hostvars = {"mon": {"osd_pool_default_pg_num": 8}}
    values = Variables(tree.ceph_defaults, *(tree.group_vars.get(name, {}) for name in ("all", "ceph_all")), settings, {
        "osd_pool_default_pg_num": 8, "osd_pool_default_size": 3, "osd_pool_default_min_size": 0, "hostvars": hostvars,
        "groups": {"mon": ["mon"]}, "mon_group_name": "mon"})
    made = values.value("openstack_pools")
    # Jewel makes the pool rbd by itself.
    yield "names", [name for name in data["pools"] if name != "rbd"], [pool["name"] for pool in made]
    if data["autoscaler"]:
        yield "variables", data["pool_variables"], {
            name: values.value(name) for name in values if re.match(r"openstack_\w+_pool$", name)}
        yield "made of them", list(data["pool_variables"].values()), made
    else:
        yield "PGs", ["8"] * len(made), [str(pool.get("pg_num")) for pool in made]
        yield "autoscaled", [], [pool["name"] for pool in made if pool.get("pg_autoscale_mode")]


def _all_settings(tree):
    merged = {}
    for path, text in tree.rendered.items():
        if "/user_variables" in path:
            merged.update(trees.load(text))
    return merged


@question
def pool_module(tree):
    """What ceph-ansible's own module says to Ceph: PGs that are fixed only where the autoscaler is off."""
    if not tree.facts["ceph"]["autoscaler"]:
        return
    module = _import(tree, "library/ceph_pool.py")
    text = tree.ceph_read("library/ceph_pool.py")
    default = re.search(r"pg_autoscale_mode=dict\(.*?default='(\w+)'", text).group(1)
    yield "autoscaler by default", "on", default
    for mode, fixed in ((default, []), ("off", ["--pg_num", "8", "--pgp_num", "8"])):
        words = _create(module, mode)
        yield "PGs with the autoscaler %s" % mode, fixed, [
            word for place, word in enumerate(words) if word in ("--pg_num", "--pgp_num") or words[place - 1] in ("--pg_num", "--pgp_num")]
        yield "autoscaler %s is said" % mode, mode, words[words.index("--autoscale-mode") + 1]


def _create(module, mode):
    config = {name: {"value": value} for name, value in {
        "pool_name": "images", "type": "replicated", "pg_autoscale_mode": mode, "pg_num": "8", "pgp_num": None,
        "target_size_ratio": None, "crush_rule": "replicated_rule", "expected_num_objects": "0", "size": None,
        "erasure_profile": "default"}.items()}
    arguments = {"cluster": "ceph", "name": "images", "user": "client.admin", "user_key": "key", "user_pool_config": config}
    wanted = module.create_pool.__code__.co_varnames[:module.create_pool.__code__.co_argcount]
    return module.create_pool(**{name: value for name, value in arguments.items() if name in wanted})


def _import(tree, name):
    """A module of ceph-ansible's at the pin, with the helpers that it has beside it."""
    helpers = types.ModuleType("module_utils")
    if tree.ceph_names(r"^module_utils/ca_common\.py$"):
        helpers.ca_common = types.ModuleType("module_utils.ca_common")
        exec(compile(tree.ceph_read("module_utils/ca_common.py"), "ca_common.py", "exec"), helpers.ca_common.__dict__)
        sys.modules["module_utils"], sys.modules["module_utils.ca_common"] = helpers, helpers.ca_common
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("ceph_pool", loader=None))
    try:
        exec(compile(tree.ceph_read(name), name, "exec"), module.__dict__)
    finally:
        sys.modules.pop("module_utils.ca_common", None)
        sys.modules.pop("module_utils", None)
    return module


@question
def host_systems(tree):
    """The systems that the bootstrap takes, and the disk that it wants."""
    conditions = _system_conditions(tree)
    accepted = set()
    for family, versions in SYSTEMS.items():
        for version, release in versions.items():
            facts = {"distribution": NAMES[family][0], "distribution_release": release, "distribution_version": version,
                     "distribution_major_version": version.partition(".")[0], "os_family": NAMES[family][1]}
            more = {"ansible_" + name: value for name, value in facts.items()}
            if tree.bootstrap.holds(conditions, ansible_facts=facts, **more):
                accepted.add("%s-%s" % (family, version))
    said = set()
    for system in tree.facts["host"]["systems"]:
        family, _dash, version = system.rpartition("-")
        family = "centos" if family == "el" else family
        said |= {"%s-%s" % (family, known) for known in SYSTEMS[family]
                 if known == version or (version.endswith(".x") and known.startswith(version[:-1]))}
    yield "systems", said, accepted
    yield "GB of disk", tree.facts["host"]["min_disk_gb"], int(tree.bootstrap.value("bootstrap_host_data_disk_min_size"))


def _system_conditions(tree):
    for task in tree.tasks("check-requirements.yml"):
        if "Operating System" in task["name"] and "assert" in task:
            return task["assert"]["that"]
        if "Operating System" in task["name"] and "ansible.builtin.assert" in task:
            return task["ansible.builtin.assert"]["that"]
    text = tree.upstream.plugins.read(tree.plugins_commit, "roles/platform_check/tasks/main.yml")
    return next(task["ansible.builtin.assert"]["that"] for task in trees.load(text) if "ansible.builtin.assert" in task)


@question
def inventory(tree):
    """What the tree's own inventory program makes of the all-in-one's configuration."""
    data = tree.facts["containers"]
    folder = tree.folder("inventory")
    tree.lay_out(folder)
    made = tree.inventory(folder)
    mons = made[data["mon_group"]]["hosts"]
    yield "mons", 1, len(mons)
    yield "name of the mon's container", True, re.match(data["name_pattern"], mons[0]) is not None
    yield "other group of mons", False, data["mon_group"].replace("-", "_").replace("_", "-" if "_" in data["mon_group"] else "_") in made
    yield "container of", "aio1", made["_meta"]["hostvars"][mons[0]]["physical_host"]
    yield "OSDs on", ["aio1"], made[data["mon_group"].replace("mon", "osd")]["hosts"]
    yield "is read back from", [data["inventory"].rpartition("/")[2]], [
        path.name for path in (folder / "deploy").glob("*inventory*.json")]
    configuration = trees.load(tree.rendered["/etc/openstack_deploy/openstack_user_config.yml"])
    yield "network", True, tree.facts["host"]["network"] in configuration["cidr_networks"].values()
    bridges = [entry["network"]["container_bridge"] for entry in configuration["global_overrides"]["provider_networks"]]
    yield "bridge", tree.facts["host"]["bridge"], bridges[0]


# These ask the roles of ceph-ansible.
OF_CEPH_ANSIBLE = (pins, who_makes_pools, overrides, pools, pool_module)


@pytest.mark.parametrize("ask", QUESTIONS, ids=lambda function: function.__name__)
@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: "@".join(part for part in visit if part))
def test_as_the_tree_says(tree, ask, record_property):
    if ask in OF_CEPH_ANSIBLE and not tree.has_ceph:
        pytest.skip("NOT ASKED: ceph-ansible has no commit of the roles' own repositories, which are no more")
    facts = list(ask(tree))
    wrong = ["%s: our data say %r, the tree says %r" % fact for fact in facts if fact[1] != fact[2]]
    record_property("series", tree.facts["series"])
    record_property("facts", len(facts))
    record_property("wrong", len(wrong))
    assert not wrong, "%s at %s, %s\n%s" % (tree.facts["series"], tree.ref, ask.__doc__, "\n".join(wrong))


@pytest.mark.parametrize("series, ask, change", [
    ("2025.2", scripts, {"bootstrap": {"aio": {"script": "scripts/bootstrap-all.sh"}}}),
    ("ocata", scenario, {"bootstrap": {"scenario": "aio"}}), ("2025.2", scenario, {"bootstrap": {"scenario": "aio_metal"}}),
    ("2025.2", evidence_of_aio, {"bootstrap": {"aio": {"evidence": ["/openstack/ceph4.img"]}}}),
    ("train", evidence_of_ansible, {"bootstrap": {"ansible": {"evidence": ["/etc/ansible/ansible_collections"]}}}),
    ("stein", environment, {"bootstrap": {"environment": {"GET_PIP_URL": "x"}}}),
    ("ocata", user_variables, {"bootstrap": {"user_variables": {"pip_upstream_address": "x"}}}),
    ("zed", addresses, {"addresses": []}), ("queens", loop_devices, {"bootstrap": {"aio": {"attaches_again": False}}}),
    ("2025.1", loop_devices, {"boot": {"loops": "tree"}}),
    ("2025.2", container_group, {"containers": {"mon_group": "ceph_mon"}}),
    ("2025.2", who_makes_pools, {"install": {"ceph_playbooks": [{"playbook": "openstack.osa.setup_hosts"}]}}),
    ("stein", wrapper, {"major": 18}), ("rocky", ceph, {"ceph": {"release": "mimic"}}), ("ocata", ceph, {"ceph": {"mgr": True}}),
    ("2025.2", overrides, {"overrides": {"keep": {"global": {"mon_max_pg_per_osd": 200}}}}),
    ("queens", overrides, {"overrides": {"name": "ceph_conf_overrides_custom"}}),
    ("rocky", pools, {"ceph": {"pools": ["images"]}}), ("xena", pools, {"ceph": {"pool_variables": {}}}),
    ("train", pools, {"ceph": {"autoscaler": True}}), ("2025.2", host_systems, {"host": {"systems": ["debian-12"]}}),
    ("2024.1", inventory, {"containers": {"name_pattern": "^aio1_ceph-mon_container-"}}),
])
def test_questions_can_fail(upstream, series, ask, change):
    tree = trees.Tree(upstream, series_data.merge(series_data.facts(KNOWN, series), change))
    assert [fact for fact in ask(tree) if fact[1] != fact[2]]


@pytest.mark.parametrize("series", [data["series"] for data in SERIES if data["major"]])
def test_every_release(series, upstream, known_trees, record_property):
    """At each tag of a series what a build depends on is as the data say for that tag."""
    major = series_data.resolve(KNOWN, series)["major"]
    tags = [tag for tag in upstream.osa.tags() if RELEASE.match(tag) and int(tag.split(".")[0]) == major]
    wrong, count = [], 0
    for tag in tags:
        tree = known_trees(series, tag)
        for ask in (scripts, scenario, evidence_of_aio, loop_devices, host_systems, playbooks, who_makes_pools, ceph, overrides, pools):
            if ask in OF_CEPH_ANSIBLE and not tree.has_ceph:
                continue
            facts = list(ask(tree))
            count += len(facts)
            wrong += ["%s, %s: our data say %r, the tree says %r" % ((tag,) + fact) for fact in facts if fact[1] != fact[2]]
    record_property("series", series)
    record_property("facts", count)
    record_property("wrong", len(wrong))
    assert tags and not wrong, "\n".join(wrong)


def test_point_releases_are_those_that_differ(upstream):
    """Each expression of the data matches a ref that is visited, and no visit is without one."""
    for data in SERIES:
        named = POINT_RELEASES.get(data["series"], [])
        patterns = [point["refs"] for point in data.get("point_releases", [])]
        assert all(any(re.match(pattern, ref) for ref in named) for pattern in patterns)
        assert all(any(re.match(pattern, ref) for pattern in patterns) for ref in named)
        tags = set(upstream.osa.tags())
        assert set(named) <= tags
        for pattern in patterns:
            matched = {tag for tag in tags if re.match(pattern, tag)}
            assert all(series_data.other_series(KNOWN, data["series"], tag) == "" for tag in matched)


@pytest.mark.parametrize("tag", ["15.1.0", "15.1.1", "15.1.2"])
def test_ocata_fails_without_the_key(known_trees, tag):
    """The condition of the real role, with an empty hash and with our override: the failure that the data know by its message."""
    tree = known_trees("ocata", tag)
    tasks = trees.load(tree.ceph_read("roles/ceph-mon/tasks/ceph_keys.yml"))
    conditions = [line for task in tasks for line in ([task["when"]] if isinstance(task.get("when"), str) else task.get("when") or [])
                  if "ceph_conf_overrides.global" in line]
    assert conditions
    pattern = next(entry["pattern"] for entry in tree.facts["install"]["failures"] if "global" in entry["pattern"])
    for condition in conditions:
        with pytest.raises(jinja2.UndefinedError, match=pattern):
            Variables({"ceph_conf_overrides": {}}).resolve("{{ %s }}" % condition)
        given = {"ceph_conf_overrides": {"global": {"osd_pool_default_pg_num": 8}}}
        Variables(given).resolve("{{ %s }}" % condition)
