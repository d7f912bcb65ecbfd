#!/usr/bin/env bash
# ssh.sh ACCESS [COMMAND]: enter the lab host with the key made for it, or have its shell run COMMAND.
set -euo pipefail
access="$1"; command="${2-}"
read -r address _ < "$access/known_hosts"
exec ssh -i "$access/id_ed25519" -o IdentitiesOnly=yes -o UserKnownHostsFile="$access/known_hosts" \
    -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes -o ServerAliveInterval=15 "root@$address" ${command:+"$command"}
