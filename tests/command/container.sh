#!/bin/bash
# SPDX-License-Identifier: MIT
# A DfuSe file of three elements over two alternate settings, packed, written to a device, read from
# it and taken apart: byte for byte. And files with addresses of every format, straight to a device.
. "$(dirname "$0")/lib.sh"
need_package $FIRMWARE/toboot.bin firmware-tomu
need_package python3 python3
bin=$FIRMWARE/toboot.bin

head -c 40000 /dev/urandom >a.bin
head -c 100 /dev/urandom >b.bin
cp $FIRMWARE/toboot-booster.dfu c.bin # ends like a DFU suffix
run 0 image pack x.dfu 0:0x08004000:a.bin 1:0x10000:b.bin 0:0x08010000:c.bin --vid 0483 --pid df11
serve dsonano
run 0 write x.dfu --on "$ON"
check "verified" grep -q 'written and verified: 46,776 bytes' out
run 0 read --like x.dfu y.dfu --on "$ON"
run 0 image unpack y.dfu parts
cp out manifest
check "three elements" test "$(wc -l <manifest)" = 3
check "byte for byte, 1" cmp parts/alt0-0x08004000.bin a.bin
check "byte for byte, 2" cmp parts/alt0-0x08010000.bin c.bin
check "byte for byte, 3" cmp parts/alt1-0x00010000.bin b.bin
# shellcheck disable=SC2046
run 0 image pack z.dfu $(cat manifest) --vid 0483 --pid df11
check "the same file again" cmp x.dfu z.dfu
run 0 verify x.dfu --on "$ON"

# Another product's file, and one that does not fit, change nothing.
run 0 image pack other.dfu 0:0x08004000:b.bin --vid 1234 --pid 5678
run 5 write other.dfu --on "$ON"
run 0 verify x.dfu --on "$ON"
stop

# Each format with addresses, and what it says at 0x08004000.
serve stm32f107-rom
head -c 5000 /dev/urandom >t.bin
run 0 image convert t.bin t.hex --at 0x08004000
for to in srec uf2 dfu; do
    run 0 image convert t.hex t.$to
done
python3 - <<'P'
import struct
data = open("t.bin", "rb").read()
for name, order, wide in (("le32", "<", 0), ("be32", ">", 0), ("le64", "<", 1), ("be64", ">", 1)):
    word, size = ("Q", (64, 56)) if wide else ("I", (52, 32))
    ident = b"\x7fELF" + bytes([1 + wide, 1 if order == "<" else 2, 1]) + bytes(9)
    head = ident + struct.pack(order + "HHI3" + word + "I6H", 2, 40, 1, 0x08004001, size[0], 0, 0,
                               size[0], size[1], 1, 0, 0, 0)
    place = (sum(size), 0x20000000, 0x08004000, len(data), len(data) + 64)  # in RAM, from flash
    load = (struct.pack(order + "II5QQ", 1, 5, *place, 4) if wide else
            struct.pack(order + "I5III", 1, *place, 5, 4))
    open(name + ".elf", "wb").write(head + load + data)
P
for file in t.hex t.srec t.uf2 t.dfu le32.elf be32.elf le64.elf be64.elf; do
    head -c 6000 /dev/zero >blank.bin
    run 0 write blank.bin --at 0x08004000 --on "$ON"
    run 0 write $file --on "$ON"
    run 0 read back.bin --at 0x08004000 --size 5000 --force --on "$ON"
    check "what $file said" cmp back.bin t.bin
done
run 2 write $bin --on "$ON"
check "suggests an address" grep -q -- '--at 0x08000000' err
stop
finish
