#!/bin/sh
# osa-lab-loop attach|detach NAME: /openstack/NAME.img has one loop device; DEVICE in the environment, unless another has that.
set -eu
image="/openstack/$2.img"
lock="${LOCK:-/run/osa-lab-loop.lock}"

bound() {
    # In two steps: of a pipe only the end's status counts, and where losetup fails, nothing is known.
    found="$(losetup --associated "$image")" || return 1
    printf '%s' "$found" | sed 's/:.*//'
}

give() {
    # A container's /dev does not follow the kernel's.
    [ -b "$1" ] || mknod -m 0660 "$1" b 7 "${1#/dev/loop}"
    # OSDs of the older series are found by their partitions.
    losetup --partscan "$1" "$image"
}

attach() {
    devices="$(bound)" || return 1
    [ -z "$devices" ] || return 0
    if [ -n "${DEVICE:-}" ]; then
        give "$DEVICE" && return 0
        echo "osa-lab-loop: $image does not get $DEVICE as before, so it gets another" >&2
    fi
    tries=0
    while [ "$tries" -lt 10 ]; do
        # Another may take the same free device at the same moment.
        give "$(losetup --find)" && return 0
        tries=$((tries + 1))
    done
    echo "osa-lab-loop: there is no loop device for $image" >&2
    return 1
}

detach() {
    devices="$(bound)" || return 1
    for device in $devices; do
        losetup --detach "$device"
    done
}

case "$1" in
    attach|detach)
        # One after another: each looks first.
        exec 9> "$lock"
        flock -w 30 9
        "$1"
        ;;
    *)
        echo "usage: osa-lab-loop attach|detach NAME" >&2
        exit 2
        ;;
esac
