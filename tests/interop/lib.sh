# SPDX-License-Identifier: MIT
# For the scripts of this folder: a computer with devices plugged in, and checks that say what they
# saw. In the environment: DFU (the command), PLUGGED, UMOCKDEV_WRAPPER.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# plugged [--flash FILE] DEVICE... -- COMMAND...
plugged() { "$UMOCKDEV_WRAPPER" "$PLUGGED" "$@"; }

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# expect WHAT WANTED GOT
expect() { [ "$2" = "$3" ] || fail "$1: wanted \"$2\", got \"$3\""; }

# expect_in WHAT TEXT FILE
expect_in() { grep -qF -- "$2" "$3" || { fail "$1: no \"$2\" in:"; sed 's/^/    /' "$3"; }; }

finish() {
    [ "$failures" -eq 0 ] || exit 1
    exit 0
}
