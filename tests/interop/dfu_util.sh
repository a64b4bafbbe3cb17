# SPDX-License-Identifier: MIT
# Debian's dfu-util on boards of our device end: DfuSe with its layout strings, commands, addresses
# and leave; plain DFU with two block buffers.
. "$(dirname "$0")/lib.sh"

if ! command -v dfu-util >/dev/null; then
    [ "${DFUKIT_CI:-}" = 1 ] && { echo "FAILED: needs the package dfu-util"; exit 1; }
    echo "skipped: needs the package dfu-util"
    exit 77
fi

# try WHAT WANTED_EXIT DEVICE ARGUMENT...: dfu-util on a board; its flash is then in $work/flash.
try() {
    what=$1 wanted=$2 device=$3
    shift 3
    plugged --flash "$work/flash" "$device" -- dfu-util "$@" >"$work/text" 2>&1
    expect "$what: exit code" "$wanted" $? || sed 's/^/    /' "$work/text"
}

# holds WHAT OFFSET FILE LENGTH
holds() { cmp -s -n "$4" "$3" "$work/flash" 0 "$2" || fail "$1: the flash holds something else"; }

# untouched WHAT FROM TO: cells keep what they held, 0x77
untouched() {
    tail -c +$(($2 + 1)) "$work/flash" | head -c $(($3 - $2)) | tr -d '\167' | grep -q . &&
        fail "$1: cells from $2 to $3 have changed"
}

head -c 3001 /dev/urandom >"$work/firmware"

# ---- DfuSe ----
try "list" 0 dfuse-board -l
expect_in "list" 'alt=0, name="@Internal Flash  /0x08000000/04*001Kg,02*002Kg"' "$work/text"
expect_in "list" 'alt=1, name="@Settings  /0x08001000/02*002Kg"' "$work/text"

try "write" 0 dfuse-board -a 0 -s 0x08000000 -D "$work/firmware"
holds "write" 0 "$work/firmware" 3001
untouched "write" 3072 8192

# A DfuSe file of ours: three elements over two alternate settings.
for part in a b c; do head -c 700 /dev/urandom >"$work/$part.bin"; done
"$DFU" image pack "$work/three.dfu" "0:0x08000000:$work/a.bin" "0:0x08000800:$work/b.bin" \
    "1:0x08001000:$work/c.bin" >/dev/null || fail "dfu image pack"
try "DfuSe file" 0 dfuse-board -D "$work/three.dfu"
holds "element 1" 0 "$work/a.bin" 700
holds "element 2" 2048 "$work/b.bin" 700
holds "element 3" 4096 "$work/c.bin" 700

try "write and leave" 0 dfuse-board -a 0 -s 0x08000000:leave -D "$work/firmware"
expect_in "write and leave" "Submitting leave request" "$work/text"
holds "write and leave" 0 "$work/firmware" 3001

try "write at an odd address" 0 dfuse-board -a 0 -s 0x08000403 -D "$work/firmware"
holds "write at an odd address" 1027 "$work/firmware" 3001
untouched "write at an odd address" 0 1024
untouched "write at an odd address" 4096 8192

try "write the second setting" 0 dfuse-board -a 1 -s 0x08001000 -D "$work/firmware"
holds "write the second setting" 4096 "$work/firmware" 3001
untouched "write the second setting" 0 4096

try "mass erase and write" 0 dfuse-board -a 0 -s 0x08000800:mass-erase:force -D "$work/firmware"
holds "mass erase and write" 2048 "$work/firmware" 3001
head -c 2048 /dev/zero | tr '\0' '\377' >"$work/blank"
holds "mass erase and write" 0 "$work/blank" 2048
holds "mass erase and write" 5056 "$work/blank" 2048

try "an address outside" 64 dfuse-board -a 0 -s 0x09000000 -D "$work/firmware"
untouched "an address outside" 0 8192

printf 'w' >"$work/one"
try "one byte" 0 dfuse-board -a 0 -s 0x08000000 -D "$work/one"
holds "one byte" 0 "$work/one" 1

try "read" 0 dfuse-board -a 0 -s 0x08000000:8192 -U "$work/back"
expect "read: bytes" 8192 "$(wc -c <"$work/back")"
holds "read" 0 "$work/back" 8192

# ---- Personas that speak DfuSe; their flash is that of the first zone that may be written ----
head -c 9000 /dev/urandom >"$work/image"
for persona in stm32f107-rom:0x08000000 stm32f407-rom:0x08000000 dsonano:0x08003000; do
    address=${persona#*:} persona=${persona%:*}
    try "$persona: write" 0 "$persona" -a 0 -s "$address" -D "$work/image"
    holds "$persona: write" 0 "$work/image" 9000
    try "$persona: leave" 0 "$persona" -a 0 -s "$address:leave" -D "$work/image"
    holds "$persona: leave" 0 "$work/image" 9000
done
# It writes at addresses of its own, whatever the map says oddly.
for n in 2 6 7; do
    try "layout $n" 0 "stm32f407-rom,layout=$n" -a 0 -s 0x08000000 -D "$work/image"
    holds "layout $n" 0 "$work/image" 9000
done
try "read protected" 76 stm32f107-rom,read-protected -a 0 -s 0x08000000 -D "$work/image"
cmp -s -n 9000 "$work/image" "$work/flash" && fail "read protected: written all the same"
try "GETSTATUS stalls" 0 stm32f107-rom,stall-erase -a 0 -s 0x08000000 -D "$work/image"
holds "GETSTATUS stalls" 0 "$work/image" 9000

# ---- Plain DFU, two buffers ----
head -c 8192 /dev/urandom >"$work/firmware"
try "two buffers: write" 0 double-board -D "$work/firmware"
holds "two buffers: write" 0 "$work/firmware" 8192
head -c 5555 "$work/firmware" >"$work/odd"
try "two buffers: write an odd length" 0 double-board -D "$work/odd"
holds "two buffers: write an odd length" 0 "$work/odd" 5555
try "two buffers: read" 0 double-board -U "$work/back2"
expect "two buffers: read: bytes" 8192 "$(wc -c <"$work/back2")"

# ---- The same boards by our own command ----
plugged --flash "$work/flash" double-board -- "$DFU" write "$work/odd" >"$work/text" 2>&1
expect "our own write: exit code" 0 $? || sed 's/^/    /' "$work/text"
holds "our own write" 0 "$work/odd" 5555
finish
