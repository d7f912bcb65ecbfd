#!/usr/bin/env bash
# ask-one-by-one.sh MON: what ceph_info asks for all subsets, as one would type it.
set -euo pipefail
while IFS= read -r question; do
    # shellcheck disable=SC2086
    lxc-attach -n "$1" -- ceph $question --format json < /dev/null > /dev/null
done <<'QUESTIONS'
status
version
health detail
quorum_status
mgr dump
osd tree
osd pool ls detail
osd lspools
df
versions
osd crush rule dump
QUESTIONS
