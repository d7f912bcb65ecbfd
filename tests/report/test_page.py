# Copyright: osa_lab contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a lab host, and that of several, in a real browser.

The documents are what the status playbook said with report_format=json of real lab hosts: one that is well, and one of each
of some faults. The hostile one is the first with names that are markup.
"""

import copy
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHOTS = ROOT / "tests" / "output" / "report"
AXE = ROOT / ".cache" / "report" / "node_modules" / "axe-core" / "axe.min.js"
DOCUMENTS = {path.stem: json.loads(path.read_text()) for path in sorted((HERE / "documents").glob("*.json"))}
HOSTILE = "<img src=x onerror=document.title='taken'>"
NAMES = [*DOCUMENTS, "hostile", "running", "index"]
WIDTHS = {"wide": 1200, "phone": 390}
SEVERAL = 3  # sections that a page of a cluster that answers has at least


def hostile():
    """Each text of the document that is well is markup, but for those that the page chooses by."""
    def spoil(value, key=""):
        if isinstance(value, dict):
            return {HOSTILE if inside == "a hostile name" else inside: spoil(part, inside) for inside, part in value.items()}
        if isinstance(value, list):
            return [spoil(part, key) for part in value]
        keep = key in ("state", "status", "type", "path", "started", "finished", "taken", "severity", "host")
        return value if keep or not isinstance(value, str) else HOSTILE + value

    document = copy.deepcopy(DOCUMENTS["ok"])
    document["ceph"]["pgs"]["states"]["a hostile name"] = 1
    document["ceph"]["health"]["checks"] = [{"code": "OSD_DOWN", "severity": "HEALTH_WARN", "summary": "x", "detail": ["x"], "muted": False}]
    document["ceph"]["reason"] = document["ceph"]["remedy"] = "x"
    document["lease"] = {"owner": "x", "purpose": "x", "expires": "x", "expired": False}
    return dict(spoil(document), host="hostile")


def running():
    """A step goes on: its record has no end, and nobody knows how long it usually takes."""
    document = copy.deepcopy(DOCUMENTS["ok"])
    document["running"] = {"id": "x", "step": "setup-infrastructure", "expected": {"seconds": None, "tasks": None}, "seconds": 46.2,
                           "offset": 1, "tasks": 35, "play": "Install Ceph", "task": "ceph-mon : Create the pools"}
    step = document["steps"]["setup-infrastructure"]
    document["steps"]["setup-infrastructure"] = {"inputs": step["inputs"], "started": step["started"], "rc": None, "log": step["log"]}
    return document


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """The pages, written by the role: name → path."""
    folder, documents = tmp_path_factory.mktemp("pages"), tmp_path_factory.mktemp("documents")
    for name, document in dict(DOCUMENTS, hostile=hostile(), running=running()).items():
        (documents / (name + ".json")).write_text(json.dumps(dict(document, host=name)))
    written = subprocess.run(
        ["ansible-playbook", HERE / "write.yml", "-e", json.dumps({"documents": str(documents), "report_dir": str(folder)})],
        cwd=ROOT, env=dict(os.environ, ANSIBLE_FORCE_COLOR="0"), capture_output=True, text=True, timeout=300, check=False)
    assert written.returncode == 0, written.stdout + written.stderr
    return {name: folder / (name + ".html") for name in NAMES}


@pytest.fixture(scope="session")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for word in ("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
                 "disable-component-update", "disable-sync", "hide-scrollbars", "force-device-scale-factor=1"):
        options.add_argument("--" + word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    driver.set_page_load_timeout(60)
    driver.set_script_timeout(120)
    yield driver
    driver.quit()


@pytest.fixture
def show(browser, pages):
    def run(name, theme="light", width=WIDTHS["wide"]):
        for kind in ("browser", "performance"):
            browser.get_log(kind)  # what was said before
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]})
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
        browser.get(pages[name].as_uri())
        return browser
    return run


def requests(browser):
    """What the page asked for."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_readable(show, name, theme, width):
    """In both themes, on a desk and on a phone: all is on the page's width, nothing is said on the console, nothing is loaded."""
    page = show(name, theme, WIDTHS[width])
    height = page.execute_script("return document.documentElement.scrollHeight")
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": WIDTHS[width], "height": height, "deviceScaleFactor": 1, "mobile": False})
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.save_screenshot(str(SHOTS / ("%s-%s-%s.png" % (name, theme, width))))
    assert page.execute_script("return document.documentElement.scrollWidth") <= WIDTHS[width]
    assert [entry for entry in page.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []
    assert requests(page) == [page.current_url]
    back = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", back)[:3])) > 384) == (theme == "light"), back


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_accessible(show, name, theme):
    """By the checker axe: contrast, landmarks, headings, tables, names."""
    page = show(name, theme)
    page.execute_script(AXE.read_text())
    found = page.execute_async_script("const done = arguments[0]; axe.run().then(done, error => done({error: String(error)}))")
    assert "error" not in found, found
    assert [(violation["id"], [node["html"] for node in violation["nodes"]]) for violation in found["violations"]] == []
    checked = {rule["id"] for rule in found["passes"]}
    assert {"color-contrast", "landmark-one-main", "page-has-heading-one", "html-has-lang"} <= checked


@pytest.mark.parametrize("name", NAMES)
def test_nothing_outside_and_no_script(pages, name):
    text = pages[name].read_text()
    assert not re.search(r"<script|<link|@import|url\(|https?://", text.replace("https://ceph", ""))
    assert "None\n" not in text and "{{" not in text


def words(page):
    return " ".join(page.find_element(By.TAG_NAME, "body").text.split())


def test_what_is_said_of_a_cluster_that_is_well(show):
    page, document = show("ok"), DOCUMENTS["ok"]
    text = words(page)
    assert page.title == "ok: ok"
    assert len(page.find_elements(By.CSS_SELECTOR, "main > section")) > SEVERAL
    for piece in ("HEALTH_OK", "3: 3 up, 3 in", "40 of 40 active+clean", "1 of 1 in quorum", document["ceph"]["container"],
                  "osd_pool_default_pg_num 8 8", "lxc-attach -n %s -- ceph -s" % document["ceph"]["container"], "golden",
                  document["made_of"]["source_lock"]["osa"], "ann@lab has it until"):
        assert piece in text
    rows = [row.text.split()[:2] for row in page.find_elements(By.CSS_SELECTOR, "section[aria-labelledby=pools] tbody tr")]
    assert rows == [[pool["name"], str(pool["pg_num"])] for pool in document["ceph"]["pools"]]
    tree = page.find_elements(By.CSS_SELECTOR, "ul.tree ul ul > li")
    assert [item.text.split()[1:4] for item in tree] == [["osd.%d" % number, "up", "in"] for number in range(3)]
    steps = [row.text for row in page.find_elements(By.CSS_SELECTOR, "section[aria-labelledby=steps] tbody th")]
    assert steps == sorted(document["steps"], key=lambda name: (document["steps"][name]["started"], name))


@pytest.mark.parametrize("name, pieces", [
    ("osd_down", ["warn", "OSD_DOWN", "1 osds down", "osd.1", "down", "ceph health detail", "osa_lab.ceph_aio.bundle"]),
    ("mon_unreachable", ["mon_unreachable", "Next: ", "osa_lab.ceph_aio.site"]),
    ("no_container", ["no_container", "Next: ", "build the environment, or go on with it"]),
])
def test_what_is_said_of_faults(show, name, pieces):
    text = words(show(name))
    for piece in pieces:
        assert piece in text


def test_markup_in_names_is_text(show):
    page = show("hostile")
    assert page.title == "hostile: ok"
    assert page.find_elements(By.TAG_NAME, "img") == []
    assert words(page).count(HOSTILE) > 20


def test_printed(show, pages):
    """Black on white, and all of it."""
    page = show("ok", "dark")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    colors = page.execute_script("const style = getComputedStyle(document.body); return [style.color, style.backgroundColor]")
    assert colors == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_page_of_all_leads_to_each(show):
    page = show("index")
    links = {link.text: link.get_attribute("href").rpartition("/")[2] for link in page.find_elements(By.CSS_SELECTOR, "tbody a")}
    assert links == {name: name + ".html" for name in NAMES if name != "index"}
    page.find_element(By.LINK_TEXT, "osd_down").click()
    assert page.title == "osd_down: warn"


@pytest.mark.parametrize("name, lines", [
    ("ok", ["ok: ok", "pgs 40: 40 active+clean"]),
    ("osd_down", ["osd_down: warn - "]),
    ("no_container", ["no_container: no_container - "]),
    ("running", ["running setup-infrastructure since 46 s, task 35: Install Ceph: ceph-mon : Create the pools", "setup-infrastructure runs"])])
def test_text(pages, name, lines):
    """The same document as people read it on a terminal."""
    text = (pages["ok"].parent / (name + ".txt")).read_text()
    shown = "\n".join(" ".join(line.split()) for line in text.splitlines())
    for line in lines:
        assert line in shown
