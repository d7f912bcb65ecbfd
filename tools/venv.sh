#!/usr/bin/env bash
# venv.sh PYTHON VENV REQUIREMENTS...: the Python tools that files pin, in a virtual environment.
set -euo pipefail
venv="$2"; requirements=("${@:3}")
PATH="${PATH//"$venv/bin:"/}"  # it is about to be removed
python="$1"
here="$(cd "$(dirname "$0")/.." && pwd)"

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
"$venv/bin/pip" install --quiet --disable-pip-version-check "${requirements[@]/#/--requirement=$here/}" || {
    echo "The Python tools could not be installed. Next: check that pip can reach its index, and run again." >&2
    exit 1
}
echo "$venv" > "$venv/.ready"  # elsewhere it does not work
