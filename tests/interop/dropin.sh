# SPDX-License-Identifier: MIT
# Debian's dfu-util and our front end of that name, on the same bus: the same lines and exit codes
# for the same options, in any order of the alternate settings.
. "$(dirname "$0")/lib.sh"

if ! command -v dfu-util >/dev/null; then
    [ "${DFUKIT_CI:-}" = 1 ] && { echo "FAILED: needs the package dfu-util"; exit 1; }
    echo "skipped: needs the package dfu-util"
    exit 77
fi
theirs=$(command -v dfu-util)
ours=$(dirname "$DFU")/dropin/dfu-util

# found PROGRAM ARGUMENT...: the lines that scripts parse, sorted; then the exit code.
found() {
    plugged dfuse-board micro tomu -- "$@" 2>/dev/null >"$work/text"
    code=$?
    grep '^Found ' "$work/text" | sort
    echo "exit code $code"
}

while read -r options; do
    # shellcheck disable=SC2086
    found "$theirs" $options >"$work/theirs"
    # shellcheck disable=SC2086
    found "$ours" $options >"$work/ours"
    cmp -s "$work/theirs" "$work/ours" || {
        fail "dfu-util $options"
        diff "$work/theirs" "$work/ours" | sed 's/^/    /'
    }
done <<'TABLE'
-l
-l -d 1209:0001,1209:0021
-l -d ,1209:0021
-l -d ,
-l -d *,-
-l -d 1209:70b0,-
-l -d 0x1209:,-
-l -a 1
-l -S DFUSE-0001
-l -S ,DFUSE-0001
-l -S MICRO-0001,
-l -p 1-2.2
-l -c 1
-l -c 2
-l --cfg=1
-l --inter 0
-l -i 1
-lv -d 1209:,
-l -n 4
-V -l
-V
-l -D nothing
-D nothing
-h
-x
-l extra
--list --bogus
TABLE

# The IDs that a single pair keeps away are what differs on purpose.
found "$theirs" -l -d 1209:0001 | grep -q 1209:0021 || fail "theirs: one pair keeps devices away"
finish
