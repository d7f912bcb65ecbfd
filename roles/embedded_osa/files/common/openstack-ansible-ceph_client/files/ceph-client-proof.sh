#!/bin/sh
# ceph-client-proof.sh SECONDS CLIENT POOL: the client can make, see and remove an RBD image.
set -eu
seconds="$1"; client="$2"; pool="$3"
image="osa-proof-$(cat /proc/sys/kernel/random/uuid)"
keyring="/etc/ceph/ceph.$client.keyring"

rbd() {
    timeout --kill-after=5 "$seconds" rbd --name "$client" --keyring "$keyring" --pool "$pool" "$@"
}

rbd create --size 8 "$image"
rbd info "$image" >/dev/null
rbd rm --no-progress "$image"
