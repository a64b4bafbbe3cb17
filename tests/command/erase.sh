#!/bin/bash
# SPDX-License-Identifier: MIT
# dfu erase, dfu unlock, and interrupting an erasure.
. "$(dirname "$0")/lib.sh"
need_package jq jq
head -c 90000 /dev/urandom >fw.bin

blank() { # FILE: nothing but 0xFF
    test "$(tr -d '\377' <"$1" | wc -c)" = 0
}
serve stm32f107-rom --timing fast
run 0 write fw.bin --at 0x08000000 --on "$ON"
run 0 erase --at 0x08001000 --size 4096 --on "$ON"
check "two pages" grep -q '^erased: 4,096 bytes' out
run 0 read x.bin --at 0x08001000 --size 4096 --on "$ON"
check "blank" blank x.bin
run 0 verify fw.bin --at 0x08000000 --range 0x08000000:0x08001000 --on "$ON"
run 0 verify fw.bin --at 0x08000000 --range 0x08002000:0x08015f90 --on "$ON"

# Whole pages go, whatever part of them is named; the plan says so first.
run 0 erase --at 0x080027ff --size 2 --dry-run --on "$ON"
check "two pages in the plan" grep -q 'erase .*0x08002000 to 0x08002fff, 4,096 bytes in 2 pages' out
run 0 verify fw.bin --at 0x08000000 --range 0x08002000:0x08003000 --on "$ON"
run 0 erase --at 0x080027ff --size 2 --json --on "$ON"
check "in JSON" jq -se '.[-1].ok and .[-1].verb == "erase"' out
run 0 read y.bin --at 0x08002000 --size 4096 --on "$ON"
check "blank" blank y.bin

run 5 erase --at 0x08040000 --size 1 --on "$ON"
check "no such address" grep -q 0x08040000 err
run 5 erase --at 0x0803ffff --size 2 --on "$ON"
run 9 erase --at 0x1ffff800 --size 16 --on "$ON"
run 9 erase --all -a 1 --on "$ON"
check "not of option bytes" grep -q 'cannot be erased as a whole' err
refuse "nothing was sent" grep -q '^erasure' err
run 0 erase --all --dry-run --on "$ON"
check "mass erase" grep -q 'mass erase' out
run 0 erase --all --on "$ON"
check "says so" grep -q '^erased: the whole memory' out
run 0 read z.bin --on "$ON" -a 0
check "blank" blank z.bin

# Unlocking erases.
run 0 write fw.bin --at 0x08000000 --on "$ON"
run 0 unlock --force --on "$ON"
check "says what happens" grep -q 'erases its whole flash' err
sleep 1
run 0 read u.bin --at 0x08000000 --size 90000 --on "$ON"
check "blank" blank u.bin
stop

# Option bytes: erased ones may protect the chip.
run 9 erase -a 1 --at 0x1fffc000 --size 16 --on virtual:stm32f407-rom
check "says why" grep -q 'protect' err
run 0 erase -a 1 --at 0x1fffc000 --size 16 --force --on virtual:stm32f407-rom

# Memory without erasing rights.
run 9 erase --at 0x08000000 --size 1024 --on virtual:dsonano
check "says why" grep -q 'cannot be erased' err
run 9 write fw.bin --at 0x08000000 --on virtual:dsonano
check "the same for writing" grep -q 'cannot be' err

# Ctrl-C while it erases: the device can be written again.
serve stm32f407-rom --timing real
"$DFU" erase --at 0x08000000 --size 512k --on "$ON" >out 2>err &
eraser=$!
for i in $(seq 100); do
    grep -q '^erasure' err && break
    sleep 0.05
done
sleep 0.3
kill -INT $eraser
wait $eraser
check "ends with 130" test $? = 130
check "says so" grep -q '^dfu: interrupted' err
head -c 4000 fw.bin >small.bin
run 0 write small.bin --at 0x08000000 --on "$ON"
check "written and verified" grep -q '^written and verified' out

# The whole is bounded, whatever the device asks for.
began=$(date +%s)
run 8 erase --all --timeout 1 --on "$ON"
check "says that time ran out" grep -qi 'time' err
check "in time" test $(($(date +%s) - began)) -le 6
stop
finish
