#!/bin/sh
# image-customize.sh ROOTFS: what a container of this image must not bring along or do.
set -eu
root="$1"

# Nor the haste with which it was made.
rm -f "$root/etc/dpkg/dpkg.cfg.d/99mmdebstrap"

# Keys and ids belong to one host.
rm -f "$root"/etc/ssh/ssh_host_*
: > "$root/etc/machine-id"

# Containers have a bridge of their own; LXC's would be waited for at each start.
echo 'USE_LXC_BRIDGE="false"' > "$root/etc/default/lxc-net"

# A container's kernel settings, disks and devices are the machine's: leave them alone. Nor does
# it need the network by itself.
for unit in systemd-sysctl.service nvmf-autoconnect.service lvm2-monitor.service blk-availability.service \
    e2scrub_reap.service e2scrub_all.timer apt-daily.timer apt-daily-upgrade.timer \
    systemd-udevd.service systemd-udev-trigger.service systemd-modules-load.service \
    systemd-networkd-wait-online.service lxc-monitord.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
