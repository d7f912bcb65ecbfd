# Shared by the bootstrap scripts; sourced, never run.

info_block() {
    printf '\n=== %s ===\n' "$*"
}

exit_fail() {
    printf 'ERROR: %s\n' "$*" >&2
    exit 1
}

# Install the Debian or Ubuntu packages that are missing, and only those.
ensure_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "${package}" 2>/dev/null | grep -q ' installed$' || missing+=("${package}")
    done
    if [ "${#missing[@]}" -gt 0 ]; then
        info_block "Installing ${missing[*]}"
        apt-get update
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
    fi
}
