#!/usr/bin/env bash
# claim.sh DIR NAME: write down the lab host NAME, as standard input describes it, and how this machine was before the first one.
# Under the lock that release.sh takes, too: the last one's end must not put this machine back while another begins.
set -euo pipefail
dir="$1"; home="$1/hosts/$2"
mkdir -p "$dir"
exec 9< "$dir"
flock --timeout 60 9
mkdir -p "$dir/images" "$dir/hosts"
chmod 0700 "$dir/hosts" # the OSDs' data and the addresses of archives are nobody else's
mkdir -p "$home"
cat > "$home/record.json.new"
mv "$home/record.json.new" "$home/record.json"
if [ ! -e "$dir/machine.json" ]; then
    forwards=false
    [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 0 ] || forwards=true
    echo "{\"ip_forward\": $forwards}" > "$dir/machine.json.new"
    mv "$dir/machine.json.new" "$dir/machine.json"
fi
