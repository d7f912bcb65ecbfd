#!/usr/bin/env bash
# release.sh DIR: put this machine back as it was before the first lab host, unless there is one.
set -euo pipefail
dir="$1"
[ -d "$dir" ] || exit 0
exec 9< "$dir"
flock --timeout 60 9
compgen -G "$dir/hosts/*/record.json" > /dev/null && exit 0
# Somebody else may want packets forwarded by now.
rules="$(timeout 20 nft list ruleset 2> /dev/null || true)"
if grep -q '"ip_forward": false' "$dir/machine.json" 2> /dev/null && [[ $rules != *masquerade* ]]; then
    sysctl -q -w net.ipv4.ip_forward=0
fi
[ ! -e "$dir/machine.json" ] || echo "put back"
rm -f "$dir/machine.json"
for folder in "$dir/hosts" "$dir/images" "$dir"; do
    [ ! -d "$folder" ] || rmdir --ignore-fail-on-non-empty "$folder"
done
