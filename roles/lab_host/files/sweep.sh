#!/usr/bin/env bash
# sweep.sh DIR [IMAGE]: remove the base images that no lab host was made of, and what a build of IMAGE that was interrupted has left.
# Under the lock with which claim.sh writes lab hosts down: one that begins meanwhile has its image still, or makes it anew.
set -euo pipefail
dir="$1"; own="${2-}"
[ -d "$dir/images" ] || exit 0
exec 9< "$dir"
flock --timeout 60 9
in_use() {
    grep --quiet --fixed-strings "\"image\": \"$1\"" "$dir"/hosts/*/record.json 2> /dev/null
}
for mark in "$dir"/images/*/osa_ceph_aio.image "$dir/images/$own.new"; do
    image="$(basename "${mark%/osa_ceph_aio.image}" .new)"
    if [ -n "$image" ] && [ -e "$mark" ] && ! in_use "$image"; then
        rm -rf --one-file-system "$dir/images/$image" "$dir/images/$image.new"
        echo "removed $image"
    fi
done
