#!/usr/bin/env bash
# plain.sh FOLDER FILES PACKAGES: what make lab does, as one would type it: a lab host below FOLDER, of PACKAGES, and the embedded
# OSA of FILES on it. Nothing is looked at first, nothing can be gone on with. plain.sh --remove FOLDER takes it back.
set -euo pipefail
name=labplain; bridge="br-$name"; net=10.194.77; table=osa_ceph_aio_labplain

enter() {
    lxc-attach -P "$folder/hosts" -n "$name" --clear-env -v HOME=/root -v TERM=dumb \
        -v PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin -- bash -euo pipefail -c "$1"
}

if [ "$1" = --remove ]; then
    folder="$2"; home="$folder/hosts/$name"
    [ -d "$home" ] || exit 0
    lxc-stop -P "$folder/hosts" -n "$name" --kill || true
    for image in "$home"/openstack/*.img; do
        for device in $(losetup --noheadings --output NAME --associated "$image"); do losetup --detach "$device"; done
    done
    ip link delete "$bridge" || true
    nft delete table ip "$table" || true
    if grep -q " $folder/" /proc/self/mountinfo; then echo "something is mounted below $folder" >&2; exit 1; fi
    rm -rf --one-file-system "$folder"
    exit
fi
folder="$1"; files="$2"; packages="$3"; home="$folder/hosts/$name"; image="$folder/image"
suite=bookworm

# The lab host's root file system.
mkdir -p "$folder" "$home"/delta/etc/tmpfiles.d "$home/openstack" "$home/lxc"
apt-get indextargets --format 'deb $(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
    sort -u | grep " $suite main" > "$folder/sources"
mmdebstrap --mode=root --variant=minbase --include="$packages" --aptopt='Apt::Install-Recommends "false"' \
    "$suite" "$image" "$folder/sources"
rm -f "$image"/etc/ssh/ssh_host_*; : > "$image/etc/machine-id"
echo 'USE_LXC_BRIDGE="false"' > "$image/etc/default/lxc-net"
for unit in systemd-sysctl nvmf-autoconnect lvm2-monitor blk-availability e2scrub_reap systemd-udevd systemd-udev-trigger \
    systemd-modules-load systemd-networkd-wait-online lxc-monitord; do
    ln -sf /dev/null "$image/etc/systemd/system/$unit.service"
done
ln -sf /dev/null "$image/etc/systemd/system/apt-daily.timer"
ln -sf /dev/null "$image/etc/systemd/system/apt-daily-upgrade.timer"

# Its network, and the container.
ip link add name "$bridge" type bridge
ip addr add "$net.1/24" dev "$bridge"; ip link set dev "$bridge" up
nft add table ip "$table"
nft "add chain ip $table post { type nat hook postrouting priority 100; }"
nft add rule ip "$table" post ip saddr "$net.0/24" masquerade
cat > "$home/config" <<END
lxc.uts.name = $name
lxc.rootfs.path = overlay:$image:$home/delta
lxc.apparmor.profile = unconfined
lxc.cap.drop =
lxc.autodev = 1
lxc.mount.auto = proc:rw sys:rw
lxc.mount.entry = cgroup2 sys/fs/cgroup cgroup2 rw 0 0
lxc.mount.entry = $home/openstack openstack none bind,create=dir 0 0
lxc.mount.entry = $home/lxc var/lib/lxc none bind,create=dir 0 0
lxc.mount.entry = $image var/cache/lxc/openstack-base none bind,ro,create=dir 0 0
lxc.net.0.type = veth
lxc.net.0.link = $bridge
lxc.net.0.name = eth0
lxc.net.0.flags = up
lxc.net.0.ipv4.address = $net.10/24
lxc.net.0.ipv4.gateway = $net.1
END
echo "$name" > "$home/delta/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$name" > "$home/delta/etc/hosts"
cp /etc/resolv.conf "$home/delta/etc/resolv.conf"
{
    echo 'c! /dev/loop-control 0660 root disk - 10:237'
    for number in $(seq 0 63); do echo "b! /dev/loop$number 0660 root disk - 7:$number"; done
} > "$home/delta/etc/tmpfiles.d/loop.conf"

# OSA in miniature, as repositories.
repositories="$home/delta/var/lib/osa_ceph_aio_embedded"
mkdir -p "$folder/trees" "$repositories"
cp -r "$files"/common/. "$folder/trees/"
mkdir -p "$folder/trees/openstack-ansible/playbooks/inventory"
cp -r "$files"/inventory/. "$folder/trees/openstack-ansible/playbooks/inventory/"
for role in "$files"/ceph/*; do
    mkdir -p "$folder/trees/ansible-$(basename "$role")"
    cp -r "$role"/. "$folder/trees/ansible-$(basename "$role")/"
done
cp -r "$files"/ocata/. "$folder/trees/"
for repository in "$folder"/trees/*; do
    git -C "$repository" init --quiet --initial-branch ocata
    git -C "$repository" add --all
    git -C "$repository" -c user.name=plain -c user.email=plain@localhost commit --quiet --message plain
    git clone --quiet --bare "$repository" "$repositories/$(basename "$repository")"
done

lxc-start -P "$folder/hosts" -n "$name" --daemon
until enter 'systemctl is-system-running --wait | grep -qE "running|degraded"' 2> /dev/null; do sleep 0.2; done

# The way that Ocata's documentation tells.
enter '
chown -R root: /var/lib/osa_ceph_aio_embedded
git clone --quiet --branch ocata file:///var/lib/osa_ceph_aio_embedded/openstack-ansible /opt/openstack-ansible
cd /opt/openstack-ansible
scripts/bootstrap-ansible.sh
SCENARIO=ceph scripts/bootstrap-aio.sh
printf "ceph_conf_overrides:\n  global:\n    osd_pool_default_pg_num: 8\n" > /tmp/override
sed -i -e "/^ceph_conf_overrides: {}/{r /tmp/override" -e "d}" /etc/ansible/roles/ceph.ceph-common/defaults/main.yml
cd playbooks
for playbook in setup-hosts setup-infrastructure setup-openstack; do openstack-ansible $playbook.yml; done
mon="$(lxc-ls -1 | grep ceph-mon)"
until lxc-attach -n "$mon" -- ceph health | grep HEALTH_OK; do sleep 0.5; done
lxc-attach -n "$mon" -- ceph -s
lxc-attach -n "$mon" -- ceph osd tree
'
