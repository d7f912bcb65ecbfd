# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded OSA's contract modern, in the order of this file: refused, mended, run again, rebooted."""

import json
import re

import conftest
import pytest

SERIES = "-e release_series=embedded_modern "
SCOPE = "-e install_scope=ceph "  # a step runs again where the scope before had other arguments for it
DEFAULTS = "/etc/ansible/roles/ceph-ansible/roles/ceph-defaults/defaults/main.yml"


@pytest.fixture(scope="module")
def lab(make_lab):
    with make_lab("labmodern") as lab:
        yield lab


@pytest.fixture(scope="module")
def seen():
    """What one test leaves for the next."""
    return {}


def config(lab):
    """What the mon goes by."""
    return json.loads(lab.ceph("daemon mon.%s config show" % lab.mon()))


def test_a_role_default_is_refused_with_the_reason(lab):
    result = lab.make("lab", SERIES + "-e ceph_overrides_strategy=role_default")
    assert result.rc != 0
    for piece in ("Nothing was changed", "embedded_modern does not honour the strategy role_default", "shadow the role's default",
                  "ceph_conf_overrides_custom is the one for users", "Next: leave it at auto"):
        assert piece in result.text
    assert not lab.access.exists()
    assert conftest.traces("labmodern") == []


def test_without_the_override_ceph_refuses(lab, seen):
    result = lab.make("lab", SERIES + "-e ceph_overrides_enabled=false")
    assert result.rc != 0
    assert "pg_num 512 size 3 would mean 1536 total pgs, which exceeds max 1500 (mon_max_pg_per_osd 500" in result.text
    assert "leave ceph_overrides_enabled at true" in result.text
    seen["mon"], seen["fsid"] = lab.mon(), lab.ceph("fsid")
    assert re.match(r"aio1-ceph-mon-container-[0-9a-f]{8}$", seen["mon"])


def test_with_it_the_run_goes_on_to_health_ok(lab, seen):
    result = lab.make("lab", SERIES)
    assert result.rc == 0, result.raw
    assert (lab.mon(), lab.ceph("fsid")) == (seen["mon"], seen["fsid"]), "it started over"
    for piece in ("health: HEALTH_OK", "osds        3: 3 up, 3 in", "pgs         40: 40 active+clean",
                  "pools       5: rbd 8, images 8, volumes 8, vms 8, backups 8"):
        assert piece in result.stdout
    shown = config(lab)
    assert shown["osd_pool_default_pg_num"] == "8"
    assert (shown["mon_max_pg_per_osd"], shown["osd_crush_chooseleaf_type"]) == ("500", "0"), "what the all-in-one set is gone"
    pools = json.loads(lab.ceph("osd pool ls detail -f json"))
    assert {pool["pg_autoscale_mode"] for pool in pools} == {"off"}


def test_again_changes_nothing(lab):
    """What the lab host was made for is known."""
    result = lab.make("lab")
    assert result.rc == 0, result.raw
    assert (result.changed("labmodern"), result.changed("localhost")) == (0, 0)
    assert "series      embedded_modern (modern)" in result.stdout


@pytest.mark.parametrize("arguments", [
    pytest.param("-e release_series=embedded", id="asked for"),
    pytest.param("-e lab_host_access_dir={elsewhere}", id="another user, who knows nothing of it")])
def test_the_other_contract_is_refused(lab, tmp_path, arguments):
    result = lab.make("lab", arguments.format(elsewhere=tmp_path))
    assert result.rc != 0
    for piece in ("labmodern was made for embedded_modern, not for embedded (release_series)", "Nothing was changed",
                  "Next: ask for that one, -e release_series=embedded_modern"):
        assert piece in result.text
    assert list(tmp_path.iterdir()) == []


def test_a_role_default_that_says_otherwise_does_not_count(lab):
    lab.ssh("sed -i 's/^ceph_conf_overrides: {}$/ceph_conf_overrides: {global: {osd_pool_default_pg_num: 64}}/' " + DEFAULTS)
    assert "osd_pool_default_pg_num: 64" in lab.ssh("cat " + DEFAULTS)
    result = lab.make("lab", SCOPE + "-e install_rerun=true")
    assert result.rc == 0, result.raw
    assert "pools       5: rbd 8, images 8, volumes 8, vms 8, backups 8" in result.stdout
    assert config(lab)["osd_pool_default_pg_num"] == "8"


def test_the_environment_comes_back_after_a_reboot(lab, seen):
    lab.reboot()
    lab.await_health(seen["mon"])
    result = lab.make("lab", SCOPE)
    assert result.rc == 0, result.raw
    assert result.changed("labmodern") == 0, result.raw
