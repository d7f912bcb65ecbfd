#!/usr/bin/env bash
# Configures this host as an all-in-one. SCENARIO chooses what is deployed; BOOTSTRAP_OPTS is
# passed to ansible-playbook as one -e.
set -euo pipefail

cd "$(dirname "${0}")/../tests"
export BOOTSTRAP_OPTS="${BOOTSTRAP_OPTS:-}"
export ANSIBLE_INVENTORY="${PWD}/test-inventory.ini"

if [ -z "${BOOTSTRAP_OPTS}" ]; then
    openstack-ansible bootstrap-aio.yml
else
    openstack-ansible bootstrap-aio.yml -e "${BOOTSTRAP_OPTS}"
fi
