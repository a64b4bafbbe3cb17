#!/bin/bash
# SPDX-License-Identifier: MIT
# dfu info: memories drawn to scale, what was tolerated, what is known; and device text that cannot
# do anything to a terminal, wherever it is printed.
. "$(dirname "$0")/lib.sh"
need_package jq jq
on=virtual:stm32f407-rom
escape=$(printf '\033')

run 0 info --on $on
check "the map of the flash" grep -qx '    0x08020000  *|##[|#]*  7 x 128 KiB  read, erase, write' out
check "its size" grep -q '0  Internal Flash: 1 MiB' out
check "what is written when named only" grep -q '1  Option Bytes: 16 bytes, .*-a' out
check "what can be written once" grep -q '2  OTP Memory: 528 bytes, .*once' out
check "what was tolerated" grep -q '^    note: a blank stands' out
check "what is known, and from where" grep -q 'quirks  *erase-stalls: .*dfu-util' out
check "at most 80 columns for maps" test -z "$(grep '^    0x' out | awk 'length > 80')"
run 0 info --json --on $on
check "four memories" jq -e '.memories | length == 4' out
check "sectors" jq -e '.memories[0].sectors[2] == {"address":134348800,"count":7,"size":131072,
    "permissions":["read","erase","write"]}' out
check "kinds" jq -e '[.memories[].kind] == ["flash","option bytes","OTP","device feature"]' out
check "warnings" jq -e '.memories[1].warnings | length == 1' out
check "quirks" jq -e '.quirks[0] | has("effect") and has("source") and has("product")' out
run 0 info --on virtual:stm32f107-rom
check "the commands it offers" grep -q '^  commands  *get commands, set address, erase' out
check "is in dfuIDLE as before" grep -q '^  state  *dfuIDLE' out
run 0 info --json --on virtual:stm32f107-rom
check "in JSON" jq -e '.commands | index("erase") != null' out
run 0 info --json --on virtual:micro
check "no commands" jq -e '.commands == []' out
check "no memories, no quirks" jq -e '.memories == [] and .quirks == []' out

# Every odd way to write a memory map: 256 KiB all the same.
for n in 0 1 2 3 4 5 6 7 8 9; do
    run 0 info --on "virtual:stm32f107-rom,fault=layout=$n"
    check "the same memory" grep -q '^    0x08000000  #*  128 x 2 KiB' out
done
for n in 0 1 2 3 4 5 7 9 10 11; do
    run 0 info --json --on "virtual:stm32f107-rom,fault=layout=$n"
    check "a warning" jq -e '.memories[0].warnings | length > 0' out
done

# Strings of the device with escape sequences, everywhere they are printed.
hostile=,fault=escape-strings
harmless() {
    refuse "no escape sequence" grep -q "$escape" out err
    refuse "no other control character" grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' out err
}
head -c 5000 /dev/urandom >fw.bin
for persona in micro stm32f107-rom; do
    for line in list info 'list --json' 'info --json' 'info -v'; do
        # shellcheck disable=SC2086
        run 0 $line --on virtual:$persona$hostile
        harmless
    done
done
run 1 write fw.bin --on virtual:micro$hostile,fault=error-dnload
check "the device's status" grep -q 'device: errPROG' err
harmless
run 1 write fw.bin --json --on virtual:micro$hostile,fault=error-dnload
harmless
run 0 write fw.bin --dry-run --on virtual:micro$hostile
harmless
run 9 write fw.bin --at 0x08000000 --on virtual:stm32f107-rom$hostile
harmless
serve micro micro --fault escape-strings
run 4 info --on "$ON"
harmless
stop
finish
