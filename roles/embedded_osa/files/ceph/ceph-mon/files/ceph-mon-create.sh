#!/bin/sh
# ceph-mon-create.sh ID FSID ADDRESS: keys, monitor map and store of a first monitor.
set -eu
umask 077
id="$1"; fsid="$2"; address="$3"
store="/var/lib/ceph/mon/ceph-$id"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# The folder is a mount of its own: what the package made of it is not there.
mkdir -p /var/lib/ceph/mon /var/lib/ceph/mgr /var/lib/ceph/osd /var/lib/ceph/tmp \
    /var/lib/ceph/crash/posted /var/lib/ceph/bootstrap-osd

admin=/etc/ceph/ceph.client.admin.keyring
bootstrap=/var/lib/ceph/bootstrap-osd/ceph.keyring
[ -s "$admin" ] || ceph-authtool --create-keyring "$admin" --gen-key --name client.admin \
    --cap mon 'allow *' --cap osd 'allow *' --cap mds 'allow *' --cap mgr 'allow *' >/dev/null
[ -s "$bootstrap" ] || ceph-authtool --create-keyring "$bootstrap" --gen-key --name client.bootstrap-osd \
    --cap mon 'profile bootstrap-osd' --cap mgr 'allow r' >/dev/null

ceph-authtool --create-keyring "$work/keyring" --gen-key --name mon. --cap mon 'allow *' >/dev/null
ceph-authtool "$work/keyring" --import-keyring "$admin" >/dev/null
ceph-authtool "$work/keyring" --import-keyring "$bootstrap" >/dev/null
monmaptool --create --addv "$id" "[v2:$address:3300,v1:$address:6789]" --fsid "$fsid" "$work/monmap" >/dev/null

rm -rf "$store"
ceph-mon --mkfs -i "$id" --monmap "$work/monmap" --keyring "$work/keyring"
chown -R ceph:ceph /var/lib/ceph
touch "$store/done"
