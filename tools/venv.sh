#!/usr/bin/env bash
# venv.sh VENV PYTHON REQUIREMENTS...: the Python tools that files pin, in a virtual environment.
set -euo pipefail
venv="$1"; python="$2"; requirements=("${@:3}")
PATH="${PATH//"$venv/bin:"/}"  # it is about to be removed
here="$(cd "$(dirname "$0")/.." && pwd)"

is_ours() { [ -e "$venv/.ready" ] || [[ "$(realpath --canonicalize-missing "$venv")" == "$(realpath "$here")"/.cache/* ]]; }
if [ -n "$(ls -A "$venv" 2>/dev/null)" ] && ! is_ours; then
    echo "$venv is there, and was not made here: nothing was changed. Next: name a folder that is not there (VENV), or remove it yourself" >&2
    exit 1
fi
command -v "$python" >/dev/null || {
    echo "$python is not there. Next: install Python 3.10 or newer, or name one: make PYTHON=python3.11" >&2
    exit 1
}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
    echo "$("$python" --version) is too old, 3.10 is needed. Next: name a newer one: make PYTHON=python3.11" >&2
    exit 1
}
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "Installing on this machine: python3-venv"
    sudo=(); [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    "${sudo[@]}" apt-get -o DPkg::Lock::Timeout=600 update -q
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -q -y --no-install-recommends python3-venv
fi
echo "Installing the Python tools of ${requirements[*]} into ${venv#"$here"/}"
rm -rf "$venv"
"$python" -m venv "$venv"
touch "$venv/.ready"  # it is ours, and not ready
"$venv/bin/pip" install --quiet --disable-pip-version-check "${requirements[@]/#/--requirement=$here/}" || {
    echo "The Python tools could not be installed. Next: check that pip can reach its index, and run again." >&2
    exit 1
}
echo "$*" > "$venv/.ready"
