#!/bin/bash
# SPDX-License-Identifier: MIT
# What `dfu read` writes: whole files in the format of their name, or none.
. "$(dirname "$0")/lib.sh"
need_package $FIRMWARE/toboot.bin firmware-tomu
on=virtual:micro
size=524288

run 0 read a.bin --on $on
check "the whole memory" test "$(stat -c %s a.bin)" = $size
check "says how much" grep -q '524,288 bytes into a.bin' out
run 10 read a.bin --on $on
check "says what to do" grep -q -- '--force' err
check "the device was not touched" eval "! grep -q reconfiguration err"
printf old >a.bin
run 10 read a.bin --on $on
check "the old file is untouched" test "$(cat a.bin)" = old
run 0 read a.bin --force --on $on
check "replaced" test "$(stat -c %s a.bin)" = $size

run 0 read b.dfu --on $on
check "sixteen bytes more" test "$(stat -c %s b.dfu)" = $((size + 16))
run 0 image info b.dfu
check "for this device in DFU mode" grep -q 'vendor 0x1209, product 0x8001' out
run 0 write b.dfu --on $on

run 0 read c.hex --on $on
run 0 write c.hex --on $on
check "the same size" grep -q "verified: 524,288 bytes" out
run 2 read d.srec --on $on
run 2 read d.elf --on $on
check "no file" test ! -e d.srec -a ! -e d.elf

run 0 read - --on $on
check "is the firmware" cmp out a.bin
check "the message is on standard error" grep -q '524,288 bytes' err
run 0 upload - -q --on $on
check "quiet" test ! -s err

run 10 read no/such/folder/x.bin --on $on
run 10 read /dev/full --on $on
run 0 read /dev/null --on $on
run 9 read e.bin --on virtual:tomu
check "a failed read leaves nothing" test ! -e e.bin
check "no temporary files" test -z "$(ls | grep -v -x -E 'a.bin|b.dfu|c.hex|out|err')"
finish
