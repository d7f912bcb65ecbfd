#!/usr/bin/env bash
# lxc-container-base.sh TARGET SECONDS PACKAGE,PACKAGE: a root file system of this host's own
# release, from the archives that this host's apt uses.
set -euo pipefail
target="$1"; seconds="$2"; packages="$3"
suite="$(. /etc/os-release && echo "$VERSION_CODENAME")"

options=()
while IFS= read -r line; do
    options+=("--aptopt=$line")
done < <(apt-config dump | grep -E '^Acquire::(http|https)::(Proxy|CaInfo|Verify)')

mkdir -p "$(dirname "$target")"
rm -rf --one-file-system "$target.new"
apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u |
    timeout --kill-after=10 "$seconds" mmdebstrap --mode=root --variant=minbase "${options[@]}" \
        --include="$packages" \
        --customize-hook='echo "USE_LXC_BRIDGE=\"false\"" > "$1/etc/default/lxc-net"' \
        --customize-hook='rm -f "$1"/etc/ssh/ssh_host_*' \
        "$suite" "$target.new" -
mv "$target.new" "$target"
