#!/usr/bin/env bash
# Runs Ansible with OSA's configuration and every /etc/openstack_deploy/user_*.yml, in name
# order. Whether a user file or an -e on the command line wins is the contract's.
export PATH="/opt/ansible-runtime/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${PATH}"

RUN_CMD="$(basename "${0}")"
USER_VARS=()

if [[ "${PWD}" == "OSA_CLONE_DIR"* ]] || [ "${RUN_CMD}" = "openstack-ansible" ]; then
    . /usr/local/bin/openstack-ansible.rc
    for file in /etc/openstack_deploy/user_*.yml; do
        [ -f "${file}" ] && USER_VARS+=(-e "@${file}")
    done
    echo "Variable files: \"${USER_VARS[*]}\""
fi

case "${RUN_CMD}" in
    openstack-ansible|ansible-playbook)
        exec /opt/ansible-runtime/bin/ansible-playbook OSA_ARGUMENTS ;;
    *)
        exec "/opt/ansible-runtime/bin/${RUN_CMD}" "${@}" ;;
esac
