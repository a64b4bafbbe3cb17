# SPDX-License-Identifier: MIT
# A whole upgrade through libusb: detach, return under another number and other IDs, download, read
# back, leave; then the same device read by its port.
. "$(dirname "$0")/lib.sh"

head -c 70001 /dev/urandom >"$work/firmware.bin"
plugged --flash "$work/flash" micro -- "$DFU" write --json "$work/firmware.bin" \
    >"$work/json" 2>"$work/messages"
expect "exit code of write" 0 $? || cat "$work/messages"
cmp -n 70001 "$work/firmware.bin" "$work/flash" || fail "the flash differs from the file"
[ "$failures" -eq 0 ] || cat "$work/messages" "$work/json"

cat >"$work/both" <<'END'
"$1" write "$2" -p 1-2.1 && "$1" read "$3" -p 1-2.1 && "$1" verify "$2" -p 1-2.1
END
plugged micro tomu -- sh "$work/both" "$DFU" "$work/firmware.bin" "$work/back.bin" \
    >"$work/text" 2>"$work/messages"
expect "exit code of write, read and verify" 0 $?
cmp -n 70001 "$work/firmware.bin" "$work/back.bin" || fail "what was read differs from the file"
[ "$failures" -eq 0 ] || cat "$work/messages"
finish
