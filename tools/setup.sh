#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Install what packages.txt lists, as far as it is missing. tools/setup.sh [FILE]
set -eu
cd "$(dirname "$0")/.."
list=${1:-packages.txt}

say() { echo "setup: $*"; }

needed=()   # without these it does not work
optional=() # and these are done without
while read -r line; do
    package=${line%%#*}
    package=${package//[[:space:]]/}
    case $package in
    "") ;;
    "?"*) optional+=("${package#?}") ;;
    *) needed+=("$package") ;;
    esac
done <"$list"

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "this system has no apt; please install what these Debian packages contain:"
    say "  needed: ${needed[*]}"
    say "  if they can be had: ${optional[*]:-none}"
    exit 0
fi

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=()
for package in "${needed[@]}"; do
    is_installed "$package" || missing+=("$package")
done
missing_optional=()
for package in ${optional[@]+"${optional[@]}"}; do
    is_installed "$package" || missing_optional+=("$package")
done
if [ ${#missing[@]} -eq 0 ] && [ ${#missing_optional[@]} -eq 0 ]; then
    say "all packages of $list are installed"
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        say "needs root, and there is no sudo: apt-get install ${missing[*]} ${missing_optional[*]}"
        [ ${#missing[@]} -eq 0 ] || exit 1
        exit 0
    fi
    as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get "$@" >"$log" 2>&1; }

updated=false
# install PACKAGE...: a fresh machine knows no packages, or old ones: ask once for the lists.
install() {
    say "installing $*"
    apt install -y --no-install-recommends "$@" && return
    "$updated" && return 1
    updated=true
    say "asking for the lists of packages"
    apt update || true
    apt install -y --no-install-recommends "$@"
}

if [ ${#missing[@]} -gt 0 ] && ! install "${missing[@]}"; then
    cat "$log"
    say "could not install ${missing[*]}"
    exit 1
fi
for package in ${missing_optional[@]+"${missing_optional[@]}"}; do
    install "$package" || say "$package cannot be had; going on without it"
done
