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
run 0 read d.srec --on $on
run 0 verify d.srec --on $on
check "the same size" grep -q "524,288 bytes" out
rm d.srec
run 0 read d.elf --on $on
run 0 verify d.elf --on $on
check "the same size" grep -q "524,288 bytes" out
rm d.elf

run 0 read - --on $on
check "is the firmware" cmp out a.bin
check "the message is on standard error" grep -q '524,288 bytes' err
run 0 upload - -q --on $on
check "quiet" test ! -s err

# As much as is wanted, and just what a file covers.
run 0 read f.bin --size 1000 --on $on
check "a thousand bytes" cmp -n 1000 f.bin a.bin
check "no more" test "$(stat -c %s f.bin)" = 1000
printf ':10010000000102030405060708090A0B0C0D0E0F77\n:02020000AABB97\n:00000001FF\n' >like.hex
run 0 read f.hex --like like.hex --on $on
check "the file's addresses" eval "grep -q '^:10010000' f.hex && grep -q '^:02020000' f.hex"
check "and no others" test "$(wc -l <f.hex)" = 3
run 2 read f.hex --like like.hex --size 5 --on $on
run 9 read g.bin --at 0x100 --on $on
check "no addresses" grep -q 'no addresses' err
rm f.bin f.hex like.hex
run 10 read no/such/folder/x.bin --on $on
run 10 read /dev/full --on $on
run 0 read /dev/null --on $on
"$DFU" read - --on $on >/dev/full 2>err
check "standard output that is full: exit 10" test $? = 10
check "by its name" grep -q 'standard output: No space' err
run 9 read e.bin --on virtual:tomu
check "a failed read leaves nothing" test ! -e e.bin
check "no temporary files" test -z "$(ls | grep -v -x -E 'a.bin|b.dfu|c.hex|out|err')"
finish
