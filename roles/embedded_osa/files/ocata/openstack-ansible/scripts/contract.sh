# Sourced by bootstrap-ansible.sh: where this contract has its inventory, and what ansible-playbook
# is given: the caller's arguments, then the user files, which win.
OSA_INVENTORY="playbooks/inventory"
OSA_ARGUMENTS='"${@}" "${USER_VARS[@]}"'
