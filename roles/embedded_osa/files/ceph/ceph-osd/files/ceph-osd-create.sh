#!/usr/bin/env bash
# ceph-osd-create.sh SECONDS DEVICE...: one bluestore OSD on each device that has none yet.
set -euo pipefail
umask 077
seconds="$1"; shift
bootstrap=/var/lib/ceph/bootstrap-osd/ceph.keyring

bounded() {
    timeout --kill-after=5 "$seconds" "$@"
}

# The number of the OSD that lives on the device, if one does.
osd_on() {
    local block
    for block in /var/lib/ceph/osd/ceph-*/block; do
        if [ -L "$block" ] && [ "$(readlink "$block")" = "$1" ] && [ -f "$(dirname "$block")/ready" ]; then
            basename "$(dirname "$block")" | sed 's/^ceph-//'
            return
        fi
    done
}

# What Ceph will know the device's new OSD by, until that is ready: asked for it again, it gives the same number.
draft_of() {
    echo "/var/lib/ceph/osd/draft-$(basename "$1")"
}

# A number, a key and a folder for a new OSD: "ID UUID".
prepare() {
    local device="$1" draft uuid secret id folder
    draft="$(draft_of "$device")"
    if [ ! -s "$draft" ]; then
        uuid="$(cat /proc/sys/kernel/random/uuid)"
        secret="$(ceph-authtool --gen-print-key)"
        echo "$uuid $secret" > "$draft.new"
        mv "$draft.new" "$draft"
    fi
    read -r uuid secret < "$draft"
    id="$(printf '{"cephx_secret": "%s"}' "$secret" |
        bounded ceph --name client.bootstrap-osd --keyring "$bootstrap" osd new "$uuid" -i -)"
    folder="/var/lib/ceph/osd/ceph-$id"
    rm -rf "$folder"
    mkdir -p "$folder"
    ln -s "$device" "$folder/block"
    printf '[osd.%s]\n\tkey = %s\n' "$id" "$secret" > "$folder/keyring"
    echo bluestore > "$folder/type"
    # A device that held another cluster's OSD must not look like one.
    dd if=/dev/zero of="$device" bs=1M count=2 conv=fsync status=none
    chown ceph:ceph "$device"
    chown -R ceph:ceph "$folder"
    echo "$id $uuid"
}

create() {
    local device="$1" id="$2" uuid="$3"
    bounded ceph-osd --id "$id" --mkfs --osd-uuid "$uuid" --setuser ceph --setgroup ceph
    touch "/var/lib/ceph/osd/ceph-$id/ready"
    rm -f "$(draft_of "$device")"
    echo "created osd.$id on $device"
}

# The device is there before the daemon, at each start of the host.
unit() {
    local device="$1" id="$2" folder
    folder="/etc/systemd/system/ceph-osd@$id.service.d"
    mkdir -p -m 0755 "$folder"
    cat > "$folder/openstack-loop.conf" <<END
[Unit]
Requires=openstack-loop@$(basename "$device").service
After=openstack-loop@$(basename "$device").service

[Service]
ExecStartPre=+/bin/chown ceph:ceph $device
END
    chmod 0644 "$folder/openstack-loop.conf"
}

mkdir -p /var/lib/ceph/osd
# One number after the other, so that they are in the devices' order; the stores are made at the same time.
making=()
for device in "$@"; do
    if [ -z "$(osd_on "$device")" ]; then
        new="$(prepare "$device")"
        create "$device" $new &
        making+=("$!")
    fi
done
failed=0
for pid in "${making[@]}"; do
    wait "$pid" || failed="$?"
done
[ "$failed" -eq 0 ] || exit "$failed"

for device in "$@"; do
    unit "$device" "$(osd_on "$device")"
done
systemctl daemon-reload
units=()
for device in "$@"; do
    units+=("ceph-osd@$(osd_on "$device").service")
done
systemctl enable --quiet --now "${units[@]}"
