#!/usr/bin/env bash
# status-json.sh INVENTORY [ARGUMENT...]: the state as one JSON document on stdout, all else on stderr.
set -uo pipefail
inventory="$1"; shift
report="$(mktemp)"
trap 'rm -f "$report"' EXIT
ansible-playbook -i "$inventory" playbooks/status.yml \
    -e report_format=json -e report_path="$report" -e report_strict=true "$@" >&2
code=$?
cat "$report"
exit "$code"
