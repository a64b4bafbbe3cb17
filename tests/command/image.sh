#!/bin/bash
# SPDX-License-Identifier: MIT
# `dfu image`: real files from format to format and back, suffixes, prefixes, DfuSe files packed and
# taken apart; foreign tools read what it writes, and the other way round.
. "$(dirname "$0")/lib.sh"
need_package $FIRMWARE/toboot.bin firmware-tomu
need_package objcopy binutils
need_package dfu-suffix dfu-util
need_package dfuse-pack dfu-util
need_package jq jq
need_package python3 python3
cp $FIRMWARE/toboot.bin $FIRMWARE/toboot.ihex $FIRMWARE/toboot.elf .
cp $FIRMWARE/toboot-booster.bin $FIRMWARE/toboot-booster.dfu .
bin=toboot.bin

same() { check "the same payload" cmp "$1" $bin; }

# Each of the three into every format, and back to raw binary.
for from in bin ihex elf; do
    for to in bin hex ihex srec s19 mot elf uf2 dfu; do
        run 0 image convert toboot.$from $from.$to --force
        run 0 image convert $from.$to back.bin --force
        if [ $to = uf2 ]; then
            check "the payload, and the rest of a page" cmp -n 5664 back.bin $bin
            check "in whole pages" test "$(stat -c %s back.bin)" = 5888
        else
            same back.bin
        fi
    done
done
check "no temporary files" eval "! ls | grep -E '\.[A-Za-z0-9]{6}$'"
for file in elf.ihex elf.srec elf.mot elf.elf; do
    check "the entry point is kept" eval "'$DFU' image info --json $file | jq -e '.entry == 847'"
done
run 0 image convert toboot.elf - -q
same out
run 2 image convert toboot.elf - --json
run 2 image convert toboot.bin x.foo
run 5 image convert missing.bin x.hex
check "nothing was written" eval "! ls x.*"

# Binutils: what they write is read, what is written they read.
for format in srec ihex; do
    objcopy -O $format toboot.elf theirs.$format
    run 0 image convert theirs.$format ours.bin --force
    same ours.bin
    objcopy -I $format -O binary elf.$format theirs.bin
    check "objcopy reads our $format" cmp theirs.bin $bin
    objcopy -I binary -O $format --change-addresses 0x12345678 $bin theirs.$format
    run 0 image convert $bin ours.$format --at 0x12345678
    for file in ours theirs; do
        run 0 image convert $file.$format $file.$format.bin
        check "the address of $file.$format" eval \
            "'$DFU' image info --json $file.$format | jq -e '.segments == [{\"alternate\": null,
             \"address\": 305419896, \"size\": 5664}]'"
    done
    check "both are the same" cmp ours.$format.bin theirs.$format.bin
done

objcopy -I elf32-little -O binary ihex.elf theirs.bin
check "objcopy reads our ELF" cmp theirs.bin $bin

# Where things lie.
run 2 image convert toboot.ihex y.bin --at 0x1000
check "says why" grep -q 'addresses of its own' err
run 2 image convert $bin y.hex --at 0xffffffff
run 0 image convert ours.ihex part.bin --range 0x12345688:0x12345698
check "sixteen bytes" eval "cmp part.bin <(tail -c +17 $bin | head -c 16)"
run 5 image convert ours.ihex y.bin --range 0:5
printf ':0400000001020304F2\n:020000040800F2\n:04000000AABBCCDDEE\n:00000001FF\n' >far.hex
run 5 image convert far.hex y.bin
check "names both sides" grep -q '0x08000000 (4 bytes).*ends at 0x00000004' err
check "says what can be done" grep -q '^remedy: .*--range 0x0:0x4' err
run 0 image convert far.hex y.bin --range 0:4
check "the first part" test "$(stat -c %s y.bin)" = 4
run 0 image convert far.hex far.srec
run 0 image convert far.srec far2.hex
check "both parts" eval "'$DFU' image info --json far2.hex | jq -e '.payload == 8'"
printf ':0400000001020304F2\n:040100000A0B0C0DCD\n:00000001FF\n' >near.hex
run 0 image convert near.hex near.bin
check "the gap is filled" eval "cmp near.bin <(printf '\1\2\3\4'; head -c 252 /dev/zero |
                                tr '\0' '\377'; printf '\12\13\14\15')"

# Nothing is overwritten by accident.
printf old >old.bin
run 10 image convert toboot.ihex old.bin
check "the old file is untouched" test "$(cat old.bin)" = old
run 0 image convert toboot.ihex old.bin --force
same old.bin
run 10 image convert toboot.ihex no/such/folder/x.bin
ln -s /dev/full full.bin
run 10 image convert toboot.ihex full.bin

# Suffixes, in place and into another file; dfu-suffix agrees.
run 0 image suffix check toboot-booster.dfu
check "shows it" grep -q 'vendor 0x1209, product 0x70b1' out
run 0 image suffix check --json toboot-booster.dfu
check "in JSON" jq -e '.suffix.vid == "1209" and .suffix.bcd_device == null' out
run 0 image suffix strip toboot-booster.dfu stripped.bin
check "is the .bin" cmp stripped.bin toboot-booster.bin
check "the .dfu is untouched" cmp toboot-booster.dfu $FIRMWARE/toboot-booster.dfu
run 10 image suffix strip toboot-booster.dfu stripped.bin
chmod 640 toboot-booster.dfu
run 0 image suffix strip toboot-booster.dfu
check "in place" cmp toboot-booster.dfu toboot-booster.bin
check "with its permissions" test "$(stat -c %a toboot-booster.dfu)" = 640
run 5 image suffix strip toboot-booster.dfu
run 5 image suffix check toboot-booster.dfu
ln -s toboot-booster.dfu link.dfu
run 0 image suffix add link.dfu --vid 1209 --pid 0x70b1
check "a link stays one" test -L link.dfu
check "and is what was shipped" cmp toboot-booster.dfu $FIRMWARE/toboot-booster.dfu
run 5 image suffix add toboot-booster.dfu --pid 1
check "says what can be done" grep -q -- '--force' err
run 0 image suffix add toboot-booster.dfu --vid 1 --pid 2 --did 3 --spec 0110 --force
dfu-suffix -c toboot-booster.dfu >theirs.txt 2>&1
for line in 'Vendor ID:.*0x0001' 'Product ID:.*0x0002' 'BCD device:.*0x0003' 'BCD DFU:.*0x0110'; do
    check "dfu-suffix reads $line" grep -q "$line" theirs.txt
done
check "one suffix, not two" test "$(stat -c %s toboot-booster.dfu)" = \
    "$(stat -c %s $FIRMWARE/toboot-booster.dfu)"
run 5 image suffix add stripped.bin --spec 011a
: >empty
run 5 image suffix add empty
{ head -c 100 $FIRMWARE/toboot-booster.dfu; printf x; tail -c +102 $FIRMWARE/toboot-booster.dfu; } \
    >damaged.dfu
for verb in check strip add; do
    run 5 image suffix $verb damaged.dfu --force
done

# A suffix of more than sixteen bytes.
python3 - <<'P'
import struct, zlib
start = open("toboot.bin", "rb").read() + b"more" + struct.pack(
    "<HHHH3sB", 0xFFFF, 0x70B1, 0x1209, 0x0100, b"UFD", 20)
open("long.dfu", "wb").write(start + struct.pack("<I", ~zlib.crc32(start) & 0xFFFFFFFF))
P
run 0 image suffix strip long.dfu long.bin
same long.bin
run 0 image convert long.dfu long.ihex
run 0 image convert long.ihex long2.bin
same long2.bin

# Prefixes; dfu-prefix agrees.
for type in stellaris lpc; do
    cp $bin ours.bin
    cp $bin theirs.bin
    at=
    [ $type = stellaris ] && at='--at 0x1800'
    # shellcheck disable=SC2086
    run 0 image prefix add --type $type $at ours.bin
    if [ $type = stellaris ]; then dfu-prefix -s 0x1800 -a theirs.bin; else dfu-prefix -L -a theirs.bin
    fi >/dev/null 2>&1
    check "is what dfu-prefix makes" cmp ours.bin theirs.bin
    run 0 image prefix check ours.bin --json
    check "is known again" jq -e ".prefix.type == \"$type\" and .prefix.size == 5664" out
    run 0 image prefix check --type $type ours.bin
    run 0 image info ours.bin
    check "image info knows it" grep -qi "prefix *$type" out
    # shellcheck disable=SC2086
    run 5 image prefix add --type $type $at ours.bin
    run 0 image prefix strip ours.bin
    same ours.bin
    run 5 image prefix check ours.bin
    run 5 image prefix strip ours.bin
done
cp $FIRMWARE/toboot-booster.dfu p.dfu
run 0 image prefix add --type lpc p.dfu
run 0 image suffix check p.dfu
check "the suffix stays" grep -q 'product 0x70b1' out
run 5 image prefix check --type stellaris p.dfu
run 0 image prefix strip --type lpc p.dfu
check "as before" cmp p.dfu $FIRMWARE/toboot-booster.dfu
run 2 image prefix add --type stellaris --at 1000 ours.bin
run 2 image prefix add --type lpc --at 1024 ours.bin
run 5 image prefix add --type lpc toboot.ihex
check "says why" grep -q 'Intel HEX' err

# DfuSe: three elements over two alternate settings, one of them ending like a DFU suffix.
head -c 3000 /dev/urandom >a.bin
head -c 7 /dev/urandom >b.bin
cp $FIRMWARE/toboot-booster.dfu c.bin
run 0 image pack x.dfu 1:0x1FFFF800:b.bin 0:0x08000000:a.bin 0:0x08010000:c.bin --vid 0483 --pid df11
check "a note on the suffix inside" grep -q '^note: c.bin ends with a DFU suffix' err
run 0 image info x.dfu
check "three elements" grep -q 'in 3 elements' out
check "and two alternate settings" test "$(grep -c '^  alternate' out)" = 2
run 0 image unpack x.dfu parts
cp out manifest
check "byte for byte, 1" cmp parts/alt0-0x08000000.bin a.bin
check "byte for byte, 2" cmp parts/alt0-0x08010000.bin c.bin
check "byte for byte, 3" cmp parts/alt1-0x1ffff800.bin b.bin
check "no other files" test "$(ls parts | wc -l)" = 3
# shellcheck disable=SC2046
run 0 image pack again.dfu $(cat manifest) --vid 0483 --pid df11
check "what was unpacked packs into the same file" cmp x.dfu again.dfu
run 10 image unpack x.dfu parts
run 0 image unpack x.dfu parts --force --json
check "an event for each" test "$(jq -c 'select(.event == "element")' out | wc -l)" = 3
check "and a result" eval "tail -1 out | jq -e '.event == \"result\" and .ok and .bytes == 9683'"
mkdir theirs
(cd theirs && dfuse-pack -d ../x.dfu >dump.txt 2>&1)
check "dfuse-pack reads it, 1" cmp x.dfu.target0.image0.bin a.bin
check "dfuse-pack reads it, 2" cmp x.dfu.target0.image1.bin c.bin
check "dfuse-pack reads it, 3" cmp x.dfu.target1.image0.bin b.bin
dfuse-pack -b 0x08000000:a.bin -b 0x08010000@1:b.bin -D 0x1209:0x0001 theirs.dfu >/dev/null 2>&1
run 0 image unpack theirs.dfu theirs
check "theirs is read, 1" cmp theirs/alt0-0x08000000.bin a.bin
check "theirs is read, 2" cmp "$(ls theirs/alt*-0x08010000.bin)" b.bin
run 5 image convert x.dfu y.hex
check "says what can be done" grep -q '^remedy: choose one: -a 0' err
run 0 image convert x.dfu y.hex -a 1
run 0 image convert y.hex y.dfu -a 1
run 0 image info y.dfu --json
check "one element of alternate setting 1" jq -e '.segments == [{"alternate": 1,
    "address": 536868864, "size": 7}] and .targets[0].alternate == 1' out
run 0 image suffix strip x.dfu bare
run 5 image info bare
check "says what is missing" grep -q 'DFU suffix' err
run 0 image suffix add bare --vid 0483 --pid df11
check "as before" cmp bare x.dfu
run 5 image pack o.dfu 0:0x100:a.bin 0:0x200:b.bin
check "says what overlaps" grep -q 'begins at 0x00000200 overlaps' err
run 5 image pack o.dfu 0::x.dfu
run 2 image pack o.dfu 0::a.bin
run 2 image pack o.dfu 0:1:toboot.ihex
run 2 image pack o.dfu 256:0:a.bin
run 5 image pack o.dfu 0:0:empty.bin
run 0 image pack o.dfu 0::toboot.ihex 2:0x100:a.bin
run 10 image pack o.dfu 0::toboot.ihex
run 5 image unpack $bin parts
run 10 image unpack o.dfu $bin
for cut in 5 100 300 3000; do
    head -c $cut x.dfu >cut.dfu
    run 5 image unpack cut.dfu cut
done
refuse "nothing was made" test -e cut

# Standard input and output: nothing but the file.
head -c 5000 /dev/urandom >plain
"$DFU" image suffix add - --vid 1209 --pid 1 <plain >both 2>err
check "a suffix, and nothing behind it" test "$(stat -c %s both)" = 5016
check "it is said elsewhere" grep -q 'suffix added' err
"$DFU" image suffix strip - <both >again 2>err
check "and taken off" cmp plain again
"$DFU" image prefix add - --type lpc <plain >both 2>err
check "a prefix, and nothing behind it" test "$(stat -c %s both)" = 5016
run 2 image suffix strip y.dfu - --json
echo kept >./-
"$DFU" image suffix add - <plain >both 2>err
check "a file of that name is not meant" grep -q kept ./-
finish
