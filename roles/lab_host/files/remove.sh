#!/usr/bin/env bash
# remove.sh HOSTS NAME: stop the lab host NAME, give back its loop devices, remove HOSTS/NAME.
set -euo pipefail
hosts="$1"; name="$2"; home="$1/$2"
case "$name" in */* | "" | .*) echo "$name is no name of a lab host" >&2; exit 2 ;; esac
[ -d "$home" ] || exit 0

if [ -f "$home/config" ] && command -v lxc-info > /dev/null; then
    if ! state="$(timeout --kill-after=5 20 lxc-info -P "$hosts" -n "$name" --state --no-humanize)"; then
        echo "LXC does not say whether the lab host $name runs; nothing was removed." \
            "Next: run again; where it surely does not run, remove $home/config before" >&2
        exit 1
    fi
    if [ "$state" != STOPPED ]; then
        timeout --kill-after=5 60 lxc-stop -P "$hosts" -n "$name" --kill
    fi
fi

# A loop device knows its file by device and inode, whatever path it was attached by.
for image in "$home"/openstack/*.img; do
    [ -f "$image" ] || continue
    losetup --noheadings --output NAME --associated "$image" | while read -r device; do
        losetup --detach "$device"
    done
done

# With something mounted below, removing would reach into it. The deepest comes first.
mounts_below() {
    awk -v home="$home/" 'index($5, home) == 1 { print $5 }' /proc/self/mountinfo | sort -r
}
mounts_below | while read -r point; do
    umount "$point"
done
if [ -n "$(mounts_below)" ]; then
    echo "something is still mounted below $home: $(mounts_below)" >&2
    exit 1
fi
rm -rf --one-file-system "$home"
