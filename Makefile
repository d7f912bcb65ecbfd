# Every target in a line: make help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
LAB ?= labosa
LAB_ARGS ?=
STATUS_FORMAT ?= text
COMMAND ?=
NAME ?= golden
DRILL ?= osd_down
RELEASE_ARGS ?=
# A folder with clones or mirrors of openstack-ansible and others, see docs/series.md.
export OSA_UPSTREAM

# Ansible and pytest want the collection at ansible_collections/osa_lab/ceph_aio, whatever this folder is called.
COLLECTIONS := $(CURDIR)/.cache
VENV := $(COLLECTIONS)/venv
REQUIREMENTS := requirements.txt
TESTS_WANT := tests/requirements.txt tests/unit/requirements.txt
DOCS_VENV := $(COLLECTIONS)/docs-venv
STATE := $(or $(XDG_STATE_HOME),$(HOME)/.local/state)/osa_ceph_aio
ACCESS := $(STATE)/$(LAB)
LABS = $(patsubst $(STATE)/%/inventory.yml,%,$(wildcard $(STATE)/*/inventory.yml))
PLAYBOOK := $(VENV)/bin/ansible-playbook
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export ANSIBLE_COLLECTIONS_PATH := $(COLLECTIONS)
export PATH := $(VENV)/bin:$(PATH)
# Who came by make is told of its targets, not of playbooks.
export OSA_CEPH_AIO_MAKE := $(LAB)

#: Use it. LAB=other is another lab host than labosa, LAB_ARGS="-e ..." more variables.

.PHONY: help
help: ## show the targets
	@awk -F ':.*## ' '/^#: / { print substr($$0, 4) } /^[a-z0-9-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' Makefile

# What an environment was made of: itself, since a checkout that was moved has tools that look for themselves elsewhere, the Python and the lists.
MADE := $(shell cat $(VENV)/.ready 2>/dev/null)
WANTED := $(VENV) $(if $(filter file,$(origin PYTHON)),$(or $(word 2,$(MADE)),$(PYTHON)),$(PYTHON)) $(REQUIREMENTS)
ifneq ($(MADE),$(WANTED))
.PHONY: $(VENV)/.ready
endif
# Some lists name others.
$(VENV)/.ready: $(REQUIREMENTS) requirements.txt tools/venv.sh $(if $(filter %dev.txt docs/%,$(REQUIREMENTS)),requirements-dev.txt tests/requirements.txt)
	@tools/venv.sh $(WANTED)
	@mkdir -p $(COLLECTIONS)/ansible_collections/osa_lab
	@ln -sfn ../../.. $(COLLECTIONS)/ansible_collections/osa_lab/ceph_aio

$(VENV)/.tests: $(VENV)/.ready $(TESTS_WANT)
	@echo "Installing what the tests want, $(TESTS_WANT)"
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check $(REQUIREMENTS:%=--constraint=%) $(TESTS_WANT:%=--requirement=%)
	@touch $@

.PHONY: ansible
ansible: $(VENV)/.ready ## Ansible, pinned in requirements.txt, below .cache

.PHONY: lab
lab: ansible ## a lab host on this machine and a Ceph cluster on it; again: go on, or nothing to do
	@$(PLAYBOOK) playbooks/lab.yml -e lab_host_name=$(LAB) $(LAB_ARGS)

.PHONY: lab-destroy
lab-destroy: ansible ## remove the lab host and all that was made for it
	@$(PLAYBOOK) playbooks/lab_destroy.yml -e lab_host_name=$(LAB) -e lab_destroy_confirm=$(LAB) $(LAB_ARGS)

$(ACCESS)/inventory.yml:
	@echo "There is no lab host $(LAB) (no $@). There are: $(or $(LABS),none). Next: make lab LAB=$(LAB)" >&2; exit 1

.PHONY: status
status: ansible $(ACCESS)/inventory.yml ## how is it? STATUS_FORMAT=json: one JSON document; html: a page
ifeq ($(filter text json html,$(STATUS_FORMAT)),)
	@echo "STATUS_FORMAT is $(STATUS_FORMAT). Next: make it text, json or html" >&2; exit 1
else ifeq ($(STATUS_FORMAT),json)
	@tools/status-json.sh $(ACCESS)/inventory.yml $(LAB_ARGS)
else
	@ANSIBLE_DISPLAY_OK_HOSTS=false $(PLAYBOOK) -i $(ACCESS)/inventory.yml playbooks/status.yml -e report_format=$(STATUS_FORMAT) -e report_strict=true $(LAB_ARGS)
endif

.PHONY: bundle
bundle: ansible $(ACCESS)/inventory.yml ## what a bug report needs, in one file here, known secrets taken out
	@$(PLAYBOOK) -i $(ACCESS)/inventory.yml playbooks/bundle.yml $(LAB_ARGS)

.PHONY: lease
lease: ansible $(ACCESS)/inventory.yml ## say whose the lab host is: LAB_ARGS="-e lease_purpose=... -e lease_expires=8h"; lease_state=absent gives it back
	@$(PLAYBOOK) -i $(ACCESS)/inventory.yml playbooks/lease.yml $(LAB_ARGS)

.PHONY: snapshot
snapshot: ansible $(ACCESS)/inventory.yml ## remember how the cluster is, NAME=golden; LAB_ARGS="-e snapshot_state=listed" says what there is
	@$(PLAYBOOK) -i $(ACCESS)/inventory.yml playbooks/snapshot.yml -e snapshot_name=$(NAME) $(LAB_ARGS)

.PHONY: reset
reset: ansible $(ACCESS)/inventory.yml ## bring the cluster back to a snapshot, NAME=golden, in seconds
	@$(PLAYBOOK) -i $(ACCESS)/inventory.yml playbooks/reset.yml -e reset_name=$(NAME) $(LAB_ARGS)

.PHONY: drill
drill: ansible $(ACCESS)/inventory.yml ## break one thing on purpose and watch it recover, DRILL=osd_down
	@$(PLAYBOOK) -i $(ACCESS)/inventory.yml playbooks/drill.yml -e drill_name=$(DRILL) $(LAB_ARGS)

.PHONY: ssh
ssh: override export COMMAND := $(value COMMAND)
ssh: ansible $(ACCESS)/inventory.yml ## a shell on the lab host, or COMMAND there
	@tools/ssh.sh $(ACCESS) "$$COMMAND"

.PHONY: diff
diff: ansible $(ACCESS)/inventory.yml ## what the override would change, in check and diff mode
	@$(PLAYBOOK) -i $(ACCESS)/inventory.yml playbooks/site.yml --check --diff --skip-tags install,verify,report $(LAB_ARGS)

.PHONY: teardown
teardown: ansible $(ACCESS)/inventory.yml ## take the environment off the lab host; what was there before stays
	@$(PLAYBOOK) -i $(ACCESS)/inventory.yml playbooks/teardown.yml -e teardown_confirm=$(LAB) $(LAB_ARGS)

.PHONY: rebuild
rebuild: ansible $(ACCESS)/inventory.yml ## teardown that keeps the caches, and the build anew
	@$(PLAYBOOK) -i $(ACCESS)/inventory.yml playbooks/rebuild.yml -e teardown_confirm=$(LAB) $(LAB_ARGS)

#: Change it.

.PHONY: venv
venv: $(VENV)/.tests ## Ansible and what the tests want, pinned in tests/requirements.txt, below .cache

.PHONY: test
test: venv ## the tests, about an hour, with a count of passed, failed and skipped at the end
	@python tests/run.py

.PHONY: test-unit
test-unit: venv ## unit tests on this Python; the other Pythons are in test and test-matrix
	@python tests/run.py unit

.PHONY: test-lint
test-lint: venv ## ansible-lint, yamllint, antsibull-changelog, antsibull-docs, actionlint
	@python tests/run.py lint

.PHONY: test-sanity
test-sanity: venv ## ansible-test sanity
	@python tests/run.py sanity

.PHONY: report-test
report-test: venv ## the page of a lab host in a real browser; screenshots go to tests/output/report
	@python tests/run.py report

.PHONY: test-matrix
test-matrix: venv ## sanity and unit tests on ansible-core 2.16, 2.19 and the newest, modules on Python 2.7; not a part of test
	@python tests/run.py matrix

.PHONY: galaxy
galaxy: venv ## build, Galaxy's own checks, an install into an empty folder, and every playbook, plugin and role from there; not a part of test
	@python tests/run.py galaxy

.PHONY: test-molecule
test-molecule: venv ## molecule on a real lab host: create, converge, idempotence, verify, destroy
	@python tests/run.py molecule

.PHONY: test-lab
test-lab: venv ## what the README promises, and bad input, on a real lab host
	@python tests/run.py lab

.PHONY: test-modern
test-modern: venv ## the other contract of the embedded OSA, that of newer series, on a real lab host
	@python tests/run.py modern

.PHONY: test-asking
test-asking: venv ## all that asks a real cluster: faults, inventory, connection, client, secrets
	@python tests/run.py asking

.PHONY: test-faults-query
test-faults-query: venv ## a part of test-asking: something is wrong with the environment
	@python tests/run.py faults-query

.PHONY: test-inventory
test-inventory: venv ## a part of test-asking: the inventory and connection plugins against a real lab host
	@python tests/run.py inventory

.PHONY: test-bootstrap
test-bootstrap: venv ## what the role bootstrap does with files
	@python tests/run.py bootstrap

.PHONY: test-overrides
test-overrides: venv ## for each series a small tree, and upstream's (OSA_UPSTREAM=DIR): what a mon host sees of the override
	@python tests/run.py overrides

.PHONY: test-offline
test-offline: venv ## a build without a network, from a mirror and a lockfile, on a real lab host
	@python tests/run.py offline

.PHONY: test-teardown
test-teardown: venv ## nothing is left of an environment, and all of others is: TEARDOWN_KILLS builds are killed half way
	@TEARDOWN_KILLS="$(TEARDOWN_KILLS)" python tests/run.py teardown

.PHONY: test-reset
test-reset: venv ## snapshots, six ways to lose a cluster's state, and the way back in seconds, on a real lab host
	@python tests/run.py reset

.PHONY: test-drills
test-drills: venv ## every drill on a real lab host: noticed, mended, healthy; interrupted: still mended
	@python tests/run.py drills

.PHONY: test-resume
test-resume: venv ## KILLS builds of which ansible-playbook is killed, and as many of which the step is: each goes on with one run
	@KILLS="$(KILLS)" python tests/run.py resume

.PHONY: test-fleet
test-fleet: venv ## three lab hosts in one run, one of them broken on purpose
	@python tests/run.py fleet

.PHONY: test-reboot
test-reboot: venv ## a real lab host is restarted five times (RESTARTS), once while it is built
	@RESTARTS="$(RESTARTS)" python tests/run.py reboot

.PHONY: test-upstream
test-upstream: venv ## each series' facts against upstream's trees: OSA_UPSTREAM=DIR; not a part of test
	@python tests/run.py upstream

.PHONY: test-reproduce
test-reproduce: venv ## the failure that the override prevents, with the real Ansible and roles of the time: OSA_UPSTREAM=DIR; not a part of test
	@python tests/run.py reproduce

.PHONY: test-py27-host
test-py27-host: venv ## a lab host with Python 2.7, managed by ansible-core 2.16
	@python tests/run.py py27-host

.PHONY: test-ceph-matrix
test-ceph-matrix: venv ## real clusters of nautilus, pacific, reef and tentacle; not a part of test
	@python tests/run.py ceph-matrix

.PHONY: test-real-osa
test-real-osa: venv ## the real OSA: MIRROR=DIR SERIES=2025.2, or SERIES=... INVENTORY=FILE; not a part of test
	@REAL_MIRROR="$(MIRROR)" SERIES="$(SERIES)" INVENTORY="$(INVENTORY)" BASELINE="$(BASELINE)" python tests/run.py real-osa

.PHONY: bench-query
bench-query: venv $(ACCESS)/inventory.yml ## how fast the cluster of make lab is asked, beside other ways
	@python tests/bench/query.py $(ACCESS)/inventory.yml

.PHONY: bench-lab
bench-lab: venv ## how long it takes to build, build again, rebuild and reset, beside a plain shell script
	@python tests/bench/lab.py

.PHONY: bench
bench: venv ## all benches, and docs/benchmarks.md of what they measured
	@python tests/bench/report.py

.PHONY: support-table
support-table: venv ## write the tables of the series in README.md and docs/series.md
	@python tools/support-table.py

.PHONY: role-readmes
role-readmes: venv ## write README.md and meta/main.yml of the roles, from their argument specs
	@python tools/role-readmes.py

.PHONY: hooks
hooks: venv ## have git run the quick checks before each commit (pre-commit)
	@$(MAKE) --no-print-directory ansible VENV=$(COLLECTIONS)/dev-venv REQUIREMENTS=requirements-dev.txt
	@$(COLLECTIONS)/dev-venv/bin/pre-commit install

.PHONY: release
release: venv ## the checklist of a release, which changes nothing; RELEASE_ARGS=--tag or --publish does
	@python tools/release.py $(RELEASE_ARGS)

.PHONY: docs
docs: venv ## the documentation as a site below .cache/docs; a warning is an error, and links are checked
	@$(MAKE) --no-print-directory ansible VENV=$(DOCS_VENV) REQUIREMENTS=docs/requirements.txt
	@PATH="$(DOCS_VENV)/bin:$$PATH" python tools/docs.py

.PHONY: docs-check
docs-check: venv ## every command that README and docs show, on a real lab host where it wants one
	@python tests/run.py docs docs-check

.PHONY: build
build: ansible ## the collection as a file for Galaxy
	@ansible-galaxy collection build --force

.PHONY: clean
clean: ## remove what the tools made in this folder; the lab host stays
	@rm -rf .cache .ansible .pytest_cache tests/output osa_lab-ceph_aio-*.tar.gz osa-ceph-aio-*.tar.gz
