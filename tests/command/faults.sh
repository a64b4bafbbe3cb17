#!/bin/bash
# SPDX-License-Identifier: MIT
# Devices that misbehave: the exit code says what kind of failure it was, never that it went well
# when it did not; and where the device survives, the next write works.
. "$(dirname "$0")/lib.sh"
need_package $FIRMWARE/toboot.bin firmware-tomu
image=$FIRMWARE/toboot.bin

# Exit code of a write, persona, fault, words that must be said (a regular expression).
while read -r code persona fault words; do
    run "$code" write $image --on "virtual:$persona,fault=$fault" &&
        check "says: $words" eval "cat out err | grep -qE -- $(printf '%q' "$words")"
done <<'TABLE'
1   micro stall-detach             run-time mode still
1   micro ignore-detach            run-time mode still
1   micro returns-runtime          run-time mode still
8   micro vanish-detach            has not come back
1   micro stall-dnload=1           errSTALLEDPKT
8   micro hang-dnload=1            block 1.: no answer in time
8   micro vanish-dnload=1          block 1.: the device was lost
1   micro error-dnload=1           errPROG
1   micro flash-fail=1             errERASE
1   micro flash-fail=2             errPROG
8   micro power-cut=2              the device was lost
8   micro stuck-busy               busy
8   micro stuck-manifest           manifestation
1   micro error-manifest           errVERIFY
1   micro firmware-bad             errFIRMWARE
6   micro corrupt-flash=5          1 byte, the first at 0x00000005
1   micro stall-upload             errSTALLEDPKT
1   micro error-upload             errADDRESS
8   micro vanish-upload            the device was lost
0   micro vanish-manifest          written, not verified
0   micro vanish-manifest-forever  could not be seen
0   tomu  vanish-manifest-forever  could not be seen
0   micro stall-getstatus          written and verified
0   micro hang-getstatus           written and verified
8   micro hang-getstatus=1         no answer in time
1   micro short-getstatus          broke the protocol
1   micro short-descriptor         descriptors could not be read
0   micro config-truncated         written
0   micro poll=300                 written and verified
0   micro other-ids                written and verified
0   micro transfer-size=0          written
0   micro transfer-size=65535      written and verified
0   micro functional-length=5      written
0   micro escape-strings           written and verified
0   tomu  stall-getstatus          written, not verified
1   tomu  error-manifest           errVERIFY
8   tomu  vanish-dnload=2          the device was lost
0   dfu10 vanish-manifest          written, not verified
1   dfu10 stall-dnload             errSTALLEDPKT
1   dfu10 firmware-bad             errFIRMWARE
TABLE
run 6 write $image --verify always --on virtual:dfu10,fault=corrupt-flash
run 8 write $image --on virtual:micro,timing=real,fault=poll=16777215 --timeout 1.5

# Nothing that a device says reaches the terminal as a command.
for arguments in 'list' 'info' 'detach' 'list --json' 'write --json'; do
    # shellcheck disable=SC2086
    "$DFU" $arguments $([ "$arguments" = 'write --json' ] && echo $image) \
        --on virtual:micro,fault=escape-strings >out 2>err
    check "dfu $arguments: no escape sequences" test -z "$(cat out err | tr -d '\n' | tr -d ' -~')"
done
if command -v jq >/dev/null; then
    "$DFU" info --json --on virtual:micro,fault=escape-strings >out
    check "is JSON" jq -e .product out
fi

# Faults that happen once: afterwards the same device can be written.
again() { # CODE FAULT
    serve micro --timing fast --fault "$2"
    run "$1" write $image --on "$ON"
    run 0 write $image --on "$ON" --wait=10
    check "verified" grep -q 'written and verified' out
    stop
}
again 1 stall-detach
again 1 stall-dnload=1
again 1 error-dnload=1
again 1 flash-fail=1
again 8 vanish-dnload=1
again 8 power-cut=2
again 1 error-manifest
again 1 firmware-bad
again 6 corrupt-flash=5
again 1 error-upload
again 0 vanish-manifest
again 1 returns-runtime
finish
