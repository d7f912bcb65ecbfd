#!/usr/bin/env bash
# upstream.sh REF PG_NUM: the real OpenStack-Ansible by its own scripts on a prepared lab host, as a person would. It prints
# "seconds STEP N" for each step. The user's variables are in /etc/openstack_deploy/user_zz_real.yml already.
set -euo pipefail
ref="$1" pg_num="$2" port=8099
osa=/opt/openstack-ansible
logs=/var/log/upstream
mkdir -p "$logs" /srv/xdg/git /srv/constraints
cat > /srv/xdg/git/config <<'GIT'
[url "file:///srv/mirror/opendev.org/"]
	insteadOf = https://opendev.org/
[url "file:///srv/mirror/github.com/"]
	insteadOf = https://github.com/
GIT
export XDG_CONFIG_HOME=/srv/xdg

# A name without src leaves a role out.
printf -- '---\n- name: frrouting\n- name: pacemaker_corosync\n' > /etc/openstack_deploy/user-role-requirements.yml

# step NAME SECONDS COMMAND
step() {
    local begin="$EPOCHREALTIME" rc=0
    setsid --wait timeout --kill-after=10 "$2" bash -euo pipefail -c "$3" < /dev/null > "$logs/$1.log" 2>&1 || rc=$?
    echo "seconds $1 $(echo "$begin $EPOCHREALTIME" | awk '{ printf "%.1f", $2 - $1 }')"
    [ "$rc" = 0 ] || { tail -n 40 "$logs/$1.log"; exit "$rc"; }
}

step source 300 "git clone -q -b $ref https://opendev.org/openstack/openstack-ansible $osa"
requirements="$(sed -n 's/^requirements_git_install_branch: *//p' "$osa/inventory/group_vars/all/source_git.yml" | awk '{ print $1 }')"
git -C /srv/mirror/opendev.org/openstack/requirements.git show "$requirements:upper-constraints.txt" > /srv/constraints/upper-constraints.txt
python3 -m http.server --bind 127.0.0.1 --directory /srv/constraints "$port" > /dev/null 2>&1 &
server=$!
trap 'kill "$server"' EXIT
step bootstrap-ansible 3600 "cd $osa; TOX_CONSTRAINTS_FILE=http://127.0.0.1:$port/upper-constraints.txt scripts/bootstrap-ansible.sh"
options="bootstrap_host_data_disk_min_size=20 bootstrap_host_loopback_cinder=false bootstrap_host_loopback_nova=false"
step bootstrap-aio 3600 "cd $osa; SCENARIO=aio_lxc_ceph BOOTSTRAP_OPTS='$options' scripts/bootstrap-aio.sh"
/usr/local/sbin/real-lab bootstrapped
step ceph_overrides 60 "python3 - <<'PYTHON'
import yaml
path = '/etc/openstack_deploy/user_variables_ceph.yml'
data = yaml.safe_load(open(path))
data['ceph_conf_overrides_custom']['global']['osd_pool_default_pg_num'] = $pg_num
data['ceph_conf_overrides_custom']['mon'] = {'auth_allow_insecure_global_id_reclaim': False, 'mon_data_avail_warn': 5}
yaml.safe_dump(data, open(path, 'w'))
PYTHON"
cd "$osa/playbooks"
step setup-hosts 7200 "openstack-ansible openstack.osa.setup_hosts -e container_group=ceph-mon"
step ceph-install 7200 "openstack-ansible openstack.osa.ceph_install"
step ceph-pools 3600 "openstack-ansible openstack.osa.ceph_pools"
