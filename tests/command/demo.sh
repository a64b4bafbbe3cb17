#!/bin/bash
# SPDX-License-Identifier: MIT
# `dfu demo`: the four phases, and checks that can fail.
. "$(dirname "$0")/lib.sh"

run 0 demo
for phase in Enumeration Reconfiguration Transfer Manifestation; do
    check "names $phase" grep -Eq "^[1-4]\. $phase" out
done
check "in lower case, too" grep -q 'enumeration, reconfiguration, transfer, manifestation' out
check "the new idProduct" grep -q '1209:70b1  DFU mode' out
check "a bar" grep -q '\[####*\] 100%' out
check "checks" test "$(grep -c '^   ok ' out)" -ge 5
refuse "none of which failed" grep -q FAIL out
check "no colours" test -z "$(tr -d -c '\033' <out)"

head -c 3001 /dev/urandom >own.bin
run 0 demo own.bin
check "its size" grep -q '3,001 of 3,001 bytes equal' out

head -c 70000 /dev/urandom >large.bin
run 1 demo large.bin
check "the device's words" grep -q errADDRESS err

: >empty.bin
run 5 demo empty.bin
run 5 demo missing.bin
if command -v jq >/dev/null; then
    run 0 demo --json
    check "JSON" jq -es '(map(select(.event == "check")) | length >= 5 and all(.ok)) and .[-1].ok' out
fi
if [ -e $FIRMWARE/toboot-booster.dfu ]; then
    run 0 demo $FIRMWARE/toboot-booster.dfu
    check "its size" grep -q '6,660 of 6,660 bytes equal' out
fi
finish
