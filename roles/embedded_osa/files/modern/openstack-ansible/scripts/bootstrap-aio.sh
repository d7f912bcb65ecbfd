#!/usr/bin/env bash
# Configures this host as an all-in-one. SCENARIO chooses what is deployed; each word of
# BOOTSTRAP_OPTS is passed to ansible-playbook as one -e.
set -euo pipefail

cd "$(dirname "${0}")/../tests"
export ANSIBLE_INVENTORY="${PWD}/test-inventory.ini"

options=()
for word in ${BOOTSTRAP_OPTS:-}; do
    options+=(-e "${word}")
done
openstack-ansible bootstrap-aio.yml "${options[@]}"
