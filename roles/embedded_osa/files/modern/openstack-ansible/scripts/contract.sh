# Sourced by bootstrap-ansible.sh: where this contract has its inventory, and what ansible-playbook
# is given: the user files, then the caller's arguments, which win.
OSA_INVENTORY="inventory"
OSA_ARGUMENTS='"${USER_VARS[@]}" "${@}"'
