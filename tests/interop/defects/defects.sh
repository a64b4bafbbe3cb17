#!/bin/bash
# SPDX-License-Identifier: MIT
# defects.sh D1: what our dfu-util (and `dfu`) does where docs/DEFECTS.md tells of a defect of
# another. One function for each; no argument: all of them.
LENT=$(readlink -f "$LENT")
. "$SOURCE/tests/command/lib.sh"
HERE=$SOURCE/tests/interop/defects
export PATH=$FOLDER/bin:$PATH
mkdir bin
for name in dfu dfu-util dfu-suffix; do ln -s "$DFU" "bin/$name"; done
base=0x08000000
head -c 3000 /dev/urandom >firmware

# try CODE COMMAND...: its exit code must be CODE; `out` and `err` hold what it said.
try() {
    local wanted=$1 code
    rm -f flash log
    shift
    timeout -s KILL 60 "$@" >out 2>err </dev/null
    code=$?
    if [ "$code" = "$wanted" ]; then
        ok "$(quoted "$@")"
        return 0
    fi
    fail "exit code $code, not $wanted; replay: DFUKIT_ON=${DFUKIT_ON:-} $(quoted "$@")"
    sed 's/^/      out: /' out | head -5
    sed 's/^/      err: /' err | head -5
    return 1
}

# lent CODE DEVICE COMMAND...: the same with a device of bench.c; `flash` and `log` are left.
lent() {
    local code=$1 device=$2
    shift 2
    try "$code" "$LENT" --flash flash --log log "$device" -- "$@"
}

on() { export DFUKIT_ON=$1; }
says() { check "says: $1" grep -qE -- "$1" out err; }
silent() { check "does not say: $1" eval "! cat out err | grep -qE -- '$1'"; }
# holds WHAT OFFSET FILE: the flash holds the file there.
holds() { check "$1" cmp -n "$(wc -c <"$3")" "$3" flash 0 "$2"; }
# pack OUT ALT:ADDRESS:FILE...
pack() { check "a DfuSe file" python3 "$HERE/dfuse_file.py" "$@"; }
# How many requests of the log match.
requests() { grep -cE -- "$1" log; }
# The device was asked nothing but its descriptors.
unasked() { check "no request" test "$(requests '^(21|a1|01)')" = 0; }
downloads='^21 01 value=[0-9]* index=[0-9]* length=[1-9]'

D1() { # an error in the manifestation is no success
    on virtual:micro,fault=error-manifest
    try 76 dfu-util -D firmware
    says errVERIFY
    silent 'Done!'
    try 1 dfu write firmware
}

D2() { # a device that is there anew after the reset it waited for is the normal case
    on virtual:dfu10
    try 0 dfu-util -D firmware
    says 'Done!'
    try 0 dfu write firmware
}

D3() { # the same with -R
    on virtual:micro
    try 0 dfu-util -R -D firmware
    says 'Done!'
    on virtual:dfu10
    try 0 dfu-util -R -D firmware
    try 0 dfu write --then reset firmware
}

D4() { # gone behind the end of the download: legal, and told as what was seen
    on virtual:tomu,fault=vanish-manifest-forever
    try 0 dfu-util -D firmware
    says 'could not be seen'
    on virtual:micro,fault=vanish-manifest
    try 0 dfu-util -D firmware
    says 'not verified'
}

D5() { # two elements in one page: it is erased once, before the first of them is written
    head -c 300 firmware >a
    tail -c 200 firmware >b
    pack two.dfu "0:$base:a" "0:$((base + 512)):b"
    lent 0 pages dfu-util -D two.dfu
    holds "the first element is there" 0 a
    holds "the second element is there" 512 b
    check "the page was erased once" test "$(requests "$downloads.* data=41")" = 1
    lent 0 pages dfu write two.dfu --then stay
    holds "dfu: the first element is there" 0 a
    holds "dfu: the second element is there" 512 b
}

D6() { # the same address in another alternate setting is another page
    head -c 700 firmware >a
    tail -c 700 firmware >b
    pack both.dfu "0:$base:a" "1:$base:b"
    lent 0 twins dfu-util -D both.dfu
    holds "the left memory" 0 a
    holds "the right memory" 4096 b
    check "both pages were erased" test "$(requests "$downloads.* data=41")" = 2
}

# The address of the last Set Address before the empty download.
start_address() {
    grep -E '^21 01' log | grep -B1000 'length=0' | grep 'data=21' | tail -1 | sed 's/.*data=21//'
}

D7() { # the firmware is started at the image's start, not where the last block went
    head -c 1500 firmware >a
    pack far.dfu "0:$base:a" "0:$((base + 0x1000)):a"
    lent 0 pages dfu-util -s :leave -D far.dfu
    check "started at the image's first address" test "$(start_address)" = 00000008
    lent 0 pages dfu-util -s $((base + 1024)):leave -D a
    check "a raw file: where it was put" test "$(start_address)" = 00040008
    lent 0 pages dfu write far.dfu
    check "dfu: at the image's first address" test "$(start_address)" = 00000008
}

D8() { # --wait takes nothing; a modifier is a whole word, and nothing is read behind it
    on virtual:micro
    try 0 dfu-util --wait -D firmware
    try 0 dfu-util -w -D firmware
    for text in :fo :l :leav "$base:f" ":leave:x"; do
        lent 64 pages dfu-util -s "$text" -U secret
        unasked
        silent secret
    done
    lent 0 pages dfu-util -s "$base:leave"
}

D9() { # -d says which device, in DFU mode as well
    for ids in 1209:0001 4617:1 -:- ,1209:1 1209:106,1209:1; do
        lent 74 plain dfu-util -d "$ids" -D firmware
        check "nothing was sent" test "$(requests "$downloads")" = 0
    done
    for ids in zz:1 1209:106x 12345:1; do
        lent 64 plain dfu-util -d "$ids" -D firmware
        unasked
    done
    for ids in 1209:0106 1209: :0x106 '*:106' ,1209:106 , 1:1,1209:106 1:1,:106; do
        lent 0 plain dfu-util -d "$ids" -l
        [ "$ids" = 1:1,:106 ] || check "is listed" grep -q 'Found DFU: \[1209:0106\]' out
    done
    lent 3 plain dfu write -d 1209:0001 firmware
}

D10() { # read back; capabilities; an end to all waiting
    on virtual:micro,fault=corrupt-flash=5
    try 74 dfu-util -D firmware
    says '1 byte, the first at 0x00000005'
    lent 76 deaf dfu-util -D firmware
    says bitCanDnload
    check "nothing was sent" test "$(requests "$downloads")" = 0
    lent 76 mute dfu-util -U back
    says bitCanUpload
    check "no file" test ! -e back
    for fault in stuck-busy stuck-manifest; do
        on virtual:micro,fault=$fault
        try 74 dfu-util -D firmware
        silent 'Done!'
    done
}

D11() { # an alternate setting is selected only where there are several
    lent 0 plain dfu-util -D firmware
    check "SET_INTERFACE was not sent" test "$(requests '^01 0b')" = 0
    lent 0 twins dfu-util -a 1 -s "$base" -D firmware
    check "SET_INTERFACE was sent for setting 1" eval "grep '^01 0b' log | grep -q 'value=1 '"
    check "setting 0 was never selected" eval "! grep '^01 0b' log | grep -q 'value=0 '"
}

D12() { # block numbers count in the device's wTransferSize, whatever was asked for in one block
    for size in 100 512 4096; do
        rm -f back
        lent 0 pages dfu-util -t $size -s "$base:8000" -U back
        check "8000 bytes" test "$(wc -c <back)" = 8000
        holds "they are the device's" 0 back
    done
    lent 0 pages dfu-util -t 100 -s "$base" -D firmware
    holds "written in small blocks" 0 firmware
}

D13() { # more blocks than block numbers
    rm -f back
    lent 0 many dfu-util -s "$base" -U back
    check "all of it" test "$(wc -c <back)" = 614400
    holds "it is the device's" 0 back
}

D14() { # an upload goes on where one zone follows another
    rm -f back
    lent 0 pages dfu-util -s "$base" -U back
    check "both zones" test "$(wc -c <back)" = 8192
    holds "they are the device's" 0 back
    rm -f back
    lent 0 pages dfu-util -s "$((base + 3000)):3000" -U back
    holds "over the boundary" 3000 back
}

D15() { # an empty file is an error, and nothing is sent for it
    : >empty
    for device in plain pages; do
        lent 65 $device dfu-util -s "$base" -D empty
        unasked
    done
    lent 5 plain dfu write empty
}

D16() { # standard output is for results
    lent 0 plain dfu-util -D firmware
    check "no carriage returns" eval "! grep -q $'\r' out"
    check "three lines" test "$(wc -l <out)" = 3
    check "nothing on standard error: no banner, no warning" test ! -s err
    lent 0 plain dfu-util -l
    check "one line" one_line out
    lent 0 plain dfu-util -U -
    check "an upload to standard output is nothing else" cmp out flash
}

D17() { # pages of any size, anywhere; a run that goes on among pages of another size
    cp firmware old
    lent 0 odd dfu-util -s "$base" -l # what the memory holds as shipped
    cp flash old
    lent 0 odd dfu-util -s "$((base + 256 + 768 + 100))" -D firmware
    holds "written" 1124 firmware
    check "the page before is untouched" cmp -n 1024 old flash
    check "the pages behind are untouched" cmp old flash 5376 5376
    check "three small pages and one large were erased" \
        test "$(requests "$downloads.* data=41")" = 5
}

D18() { # what the device itself says of its error
    lent 76 vendor dfu-util -D firmware
    says errVENDOR
    says 'signature of another vendor'
    lent 1 vendor dfu write firmware
    says 'signature of another vendor'
}

for name in ${*:-$(seq -f D%g 18)}; do
    echo "$name"
    "$name"
done
finish
