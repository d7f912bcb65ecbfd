#!/bin/sh
# openstack-loop attach|detach NAME: binds /openstack/NAME.img to a loop device and gives it the
# name /dev/osa/NAME, which stays the same when the loop device's number does not.
set -eu
image="/openstack/$2.img"
link="/dev/osa/$2"

attached() {
    losetup --noheadings --output NAME --associated "$image" | head -n 1
}

case "$1" in
    attach)
        device="$(attached)"
        tries=0
        while [ -z "$device" ]; do
            device="$(losetup --find)"
            # A container's /dev does not follow the kernel's.
            [ -b "$device" ] || mknod -m 0660 "$device" b 7 "${device#/dev/loop}"
            # Another may take the same free device at the same moment.
            losetup "$device" "$image" || device=
            tries=$((tries + 1))
            [ -n "$device" ] || [ "$tries" -lt 10 ] || exit 1
        done
        mkdir -p /dev/osa
        ln -sfn "$device" "$link"
        ;;
    detach)
        device="$(attached)"
        [ -z "$device" ] || losetup --detach "$device"
        rm -f "$link"
        ;;
    *)
        echo "usage: openstack-loop attach|detach NAME" >&2
        exit 2
        ;;
esac
