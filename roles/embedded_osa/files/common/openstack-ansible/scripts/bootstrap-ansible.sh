#!/usr/bin/env bash
# Lays down /opt/ansible-runtime, the openstack-ansible wrapper and the roles.
set -euo pipefail

cd "$(dirname "${0}")/.."
OSA_CLONE_DIR="$(pwd)"
source scripts/scripts-library.sh
source scripts/contract.sh

ANSIBLE_ROLE_FILE="${ANSIBLE_ROLE_FILE:-ansible-role-requirements.yml}"
ANSIBLE_ROLE_FETCH_MODE="${ANSIBLE_ROLE_FETCH_MODE:-git-clone}"

[ "$(id -u)" -eq 0 ] || exit_fail "this script must be run as root"
[ -f "${ANSIBLE_ROLE_FILE}" ] || exit_fail "role file ${ANSIBLE_ROLE_FILE} not found"
[ "${ANSIBLE_ROLE_FETCH_MODE}" = "git-clone" ] || exit_fail \
    "ANSIBLE_ROLE_FETCH_MODE=${ANSIBLE_ROLE_FETCH_MODE}: this miniature knows git-clone only"

info_block "Bootstrapping the system with Ansible"
# What suites call ansible-core, where they call it otherwise.
declare -A packages=([bullseye]=ansible)
suite="$(. /etc/os-release && echo "${VERSION_CODENAME}")"
ensure_packages "${packages[${suite}]:-ansible-core}" git python3-venv

# The runtime is a virtual environment of its own over the distribution's Ansible.
python3 -m venv --clear --without-pip --system-site-packages /opt/ansible-runtime
for tool in /usr/bin/ansible*; do
    name="$(basename "${tool}")"
    printf '#!/bin/sh\nexec /opt/ansible-runtime/bin/python %s "$@"\n' "${tool}" > "/opt/ansible-runtime/bin/${name}"
    chmod 0755 "/opt/ansible-runtime/bin/${name}"
    case "${name}" in
        ansible|ansible-playbook) ln -sfn openstack-ansible "/usr/local/bin/${name}" ;;
        *) ln -sfn "/opt/ansible-runtime/bin/${name}" "/usr/local/bin/${name}" ;;
    esac
done

sed -e "s|OSA_INVENTORY_PATH|${OSA_CLONE_DIR}/${OSA_INVENTORY}|g" -e "s|OSA_PLAYBOOK_PATH|${OSA_CLONE_DIR}/playbooks|g" \
    scripts/openstack-ansible.rc > /usr/local/bin/openstack-ansible.rc
sed -e "s|OSA_CLONE_DIR|${OSA_CLONE_DIR}|g" -e "s|OSA_ARGUMENTS|${OSA_ARGUMENTS}|g" \
    scripts/openstack-ansible.sh > /usr/local/bin/openstack-ansible
chmod 0755 /usr/local/bin/openstack-ansible

info_block "Fetching the roles named in ${ANSIBLE_ROLE_FILE}"
/opt/ansible-runtime/bin/python scripts/get-ansible-roles.py "${ANSIBLE_ROLE_FILE}" /etc/ansible/roles

info_block "System is bootstrapped and ready for use"
