#!/bin/bash
# SPDX-License-Identifier: MIT
# Which device is meant: IDs as they are shown now, paths where serial numbers are the same, one
# device for all its alternate settings.
. "$(dirname "$0")/lib.sh"
need_package jq jq
need_package $FIRMWARE/toboot.bin firmware-tomu

# Four devices: two loaders of one kind with the same serial number, and two with run-time modes.
serve stm32f107-rom stm32f107-rom micro tomu
run 0 list --json --on "$ON"
check "four devices, alternate settings inside" test "$(wc -l <out)" = 4
check "two have the same serial number" \
    test "$(jq -r 'select(.serial == "STM32") | .path' out | wc -l)" = 2

run 4 info --on "$ON"
check "shows four choices" test "$(grep -c '^ *-p 1-' err)" = 4
run 4 info -d 0483:df11 --on "$ON"
check "by path" eval "grep -q -- '-p 1-1 ' err && grep -q -- '-p 1-2 ' err"
refuse "not by a serial number that both have" grep -q -- '-S STM32' err
run 4 info -S STM32 --on "$ON"
run 0 info -S STM32 -p 1-2 --on "$ON"
run 0 info -p 1-1 --on "$ON"
check "one device with two alternate settings" test "$(grep -c 'x 2 KiB\|x 16 bytes' out)" = 2
run 4 write $FIRMWARE/toboot.bin --at 0x08000000 -d 0483:df11 --on "$ON"

# One pair: what the device shows now, and never another device that happens to be in DFU mode.
run 0 info -d 1209:0001 --on "$ON"
check "in run-time mode" grep -q 'mode  *run-time' out
run 3 info -d 1209:8001 --on "$ON"
check "says what was asked for" grep -q 'with ID 1209:8001' err
run 3 write $FIRMWARE/toboot.bin -d 1209:8001 --on "$ON"
run 0 detach -d 1209:0001 --on "$ON"
run 0 info -d 1209:8001 --on "$ON"
check "in DFU mode" grep -q 'mode  *dfu' out
run 3 info -d 1209:0001 --on "$ON"
run 3 write $FIRMWARE/toboot.bin -d 1234:5678 --on "$ON"
refuse "nothing was sent" grep -q '^transfer' err
# Two pairs: run-time, DFU mode.
run 0 info -d 1209:0001,1209:8001 --on "$ON"
run 3 info -d 1209:8001,1209:0001 --on "$ON"
run 0 write $FIRMWARE/toboot.bin -d 1209:0001,1209:8001 --on "$ON"
run 0 info -d '*:0001' --on "$ON"
run 4 info -d '1209:*' --on "$ON"

# An alternate setting that there is not.
run 2 write $FIRMWARE/toboot.bin --at 0x08000000 -a 7 -p 1-1 --on "$ON"
check "says so" grep -q 'no such alternate setting' err
run 2 write $FIRMWARE/toboot.bin --at 0x08000000 -a 'No Such' -p 1-1 --on "$ON"
for alt in 0 'Internal Flash' '@Internal Flash  /0x08000000/128*002Kg'; do
    run 0 write $FIRMWARE/toboot.bin --at 0x08000000 -a "$alt" -p 1-1 --dry-run --on "$ON"
    check "that memory" grep -q 'write .* of Internal Flash' out
done

# Waiting ends: by its own limit, or by that of the whole.
run 3 info -S nobody --wait=0.3 --on "$ON"
run 8 info -S nobody --wait --timeout 0.3 --on "$ON"
check "says which limit" grep -q -- '--timeout' err
run 8 info -S nobody --wait=20 --timeout 0.3 --on "$ON"
stop

# Several memories, and none or a wrong one named: the message lists them, a plan refuses likewise.
unclear() { # ARGUMENT...
    run 2 write $FIRMWARE/toboot.bin "$@"
    check "lists them" grep -q '^ *-a 1  ' err
}
unclear --on virtual:openmoko-freerunner
check "by name" grep -q '^ *-a 3  kernel$' err
unclear -a 7 --on virtual:openmoko-freerunner
unclear -a 3 --on virtual:simtrace
unclear -a 3 --on virtual:simtrace --dry-run
unclear --on virtual:simtrace --dry-run
unclear -a Nothing --on virtual:simtrace --dry-run
run 0 write $FIRMWARE/toboot.bin -a 2 --on virtual:simtrace --dry-run

# What is there can neither be read nor written: it is passed over, and not denied.
run 3 info --on virtual:laptop-camera
check "says what is missing" grep -q 'no DFU device that can be' err
run 0 info -d 0bda:5517 --on virtual:laptop-camera
finish
