#!/usr/bin/env bash
# real-lab prepare LOOPS | bootstrapped: what a lab host without a kernel of its own needs for the real OpenStack-Ansible.
# Its loop devices are the machine's from number LOOPS on. Again: nothing to do.
set -euo pipefail

# node NAME NUMBER: /dev/loopNAME is the machine's loop device NUMBER.
node() {
    [ "$(stat -c %Lr:%Hr "/dev/loop$1" 2> /dev/null)" != "$2:7" ] || return 0
    python3 - "$2" <<'PYTHON'
import fcntl
import sys
LOOP_CTL_ADD = 0x4C80
try:
    fcntl.ioctl(open("/dev/loop-control"), LOOP_CTL_ADD, int(sys.argv[1]))
except FileExistsError:
    pass
PYTHON
    rm -f "/dev/loop$1"
    mknod -m 0660 "/dev/loop$1" b 7 "$2"
    chgrp disk "/dev/loop$1"
}

case "$1" in
prepare)
    loops="$2"
    mkdir -p /var/lib/real-lab
    echo "$loops" > /var/lib/real-lab/loops
    # With /sys read-only systemd-networkd does not wait for a udev that is not there, and nothing starts one.
    findmnt -n -o OPTIONS /sys | grep -qw ro || mount -o remount,bind,ro /sys
    for part in vm fs kernel; do
        mountpoint -q "/proc/sys/$part" && continue
        mount --bind "/proc/sys/$part" "/proc/sys/$part"
        mount -o remount,bind,ro "/proc/sys/$part"
    done
    # ceph-ansible sets this one and cannot be told not to: a plain file takes it.
    if ! mountpoint -q /proc/sys/fs/aio-max-nr; then
        cat /proc/sys/fs/aio-max-nr > /var/lib/real-lab/aio-max-nr
        mount --bind /var/lib/real-lab/aio-max-nr /proc/sys/fs/aio-max-nr
    fi
    # The all-in-one's numbers are fixed, and other lab hosts of the machine take them, too.
    for number in 6 11 12 13; do node "$number" $((loops + number)); done
    for number in 41 42 43; do node $((loops + number)) $((loops + number)); done
    ;;
bootstrapped)
    loops="$(cat /var/lib/real-lab/loops)"
    # The kernel has no dummy; an ifb is as good for a bridge that leads nowhere.
    sed -i 's/Kind: dummy$/Kind: ifb/' /etc/openstack_deploy/host_vars/aio1/networks.yml
    # No device-mapper: a logical volume is in LVM's metadata only. A loop device at its offset and of its size stands for it.
    for n in 1 2 3; do
        device="/dev/loop$((loops + 40 + n))"
        lv="vg-ceph$n/lv-ceph$n"
        if ! losetup "$device" > /dev/null 2>&1; then
            size="$(lvs --noheadings --nosuffix --units b -o lv_size "$lv" | tr -d ' ')"
            start="$(pvs --noheadings --nosuffix --units b -o pe_start "/dev/loop$((10 + n))" | tr -d ' ')"
            losetup --offset "$start" --sizelimit "$size" "$device" "/openstack/ceph$n.img"
        fi
        mkdir -p "/dev/${lv%/*}"
        ln -sfn "$device" "/dev/$lv"
    done
    ;;
esac
