#!/bin/sh
# ceph-mgr-create.sh ID SECONDS: the manager's key, and settings that have to be there before
# its first start: the module that would make a pool of its own stays idle.
set -eu
umask 077
id="$1"; seconds="$2"
folder="/var/lib/ceph/mgr/ceph-$id"
mkdir -p "$folder"
timeout --kill-after=5 "$seconds" ceph config set mgr mgr/devicehealth/enable_monitoring false --force
timeout --kill-after=5 "$seconds" ceph auth get-or-create "mgr.$id" \
    mon 'allow profile mgr' osd 'allow *' mds 'allow *' -o "$folder/keyring.new"
chown -R ceph:ceph "$folder"
mv "$folder/keyring.new" "$folder/keyring"
