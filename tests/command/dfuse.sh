#!/bin/bash
# SPDX-License-Identifier: MIT
# Devices with addresses: every format of file straight to the device, read back and compared.
. "$(dirname "$0")/lib.sh"
need_package jq jq
need_package python3 python3
need_package $FIRMWARE/toboot.bin firmware-tomu
head -c 20001 /dev/urandom >fw.bin
head -c 3000 /dev/urandom >other.bin

serve stm32f407-rom --timing fast
run 0 write fw.bin --at 0x08000000 --on "$ON"
check "written and verified" grep -q '^written and verified: 20,001 bytes' out
check "phases in order" test "$(grep -v '^note' err | sed 's/:.*//' | tr '\n' ' ')" = \
    "enumeration erasure transfer verification leaving "
run 0 verify fw.bin --at 0x08000000 --on "$ON"
check "how much" grep -q 'equal: the device holds the 20,001 bytes' out
run 0 read back.bin --at 0x08000000 --size 20001 --on "$ON"
check "the same bytes" cmp back.bin fw.bin

# Formats with addresses.
for extension in hex srec uf2; do
    run 0 image convert fw.bin fw.$extension --at 0x08000000
    run 0 write fw.$extension --on "$ON"
    check "written and verified" grep -q '^written and verified' out
    run 0 verify fw.$extension --on "$ON"
    run 0 read back.$extension --like fw.$extension --on "$ON"
    check "reads back the same" cmp back.$extension fw.$extension
    refuse "and not plain DFU's" grep -q 'no addresses' err
done
python3 - <<'P'
import struct
payload = open("fw.bin", "rb").read()
head = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\x01\x01\x01", 2, 40, 1, 0x08020000, 52, 0, 0,
                   52, 32, 1, 0, 0, 0)
segment = struct.pack("<8I", 1, 84, 0x08020000, 0x08020000, len(payload), len(payload), 5, 4)
open("fw.elf", "wb").write(head + segment + payload)
P
run 0 write fw.elf --on "$ON"
run 0 verify fw.bin --at 0x08020000 --on "$ON"
run 0 verify fw.bin --at 0x08000000 --on "$ON"

# What differs.
run 6 verify other.bin --at 0x08000000 --on "$ON"
check "where" grep -q 'first at 0x0800' err
run 6 verify fw.bin --at 0x08000001 --json --on "$ON"
check "in JSON" jq -se '.[-1].differs_at >= 134217729 and .[-1].differences > 19000' out

# Part of a file; what else is in the pages is lost, what is in other pages is not.
run 0 write fw.hex --range 0x08000000:0x08001000 --on "$ON"
check "4,096 bytes" grep -q 'verified: 4,096 bytes' out
run 6 verify fw.hex --on "$ON"
check "lost beside it" grep -q 'first at 0x08001000' err
run 0 verify fw.hex --range 0x08004000:0x08004e21 --on "$ON"

# --erase.
run 0 erase --all --on "$ON"
run 0 write fw.hex --erase none --on "$ON"
refuse "no erasure" grep -q '^erasure' err
run 0 write other.bin --at 0x08020000 --erase all --on "$ON"
run 6 verify fw.hex --on "$ON"
run 0 verify other.bin --at 0x08020000 --on "$ON"

# An alternate setting by its number, its name, and its whole name.
for alt in 0 'Internal Flash' 'internal flash' '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg'; do
    case $alt in
    internal*) run 2 write fw.hex -a "$alt" --on "$ON" ;;
    *) run 0 write fw.hex -a "$alt" --on "$ON" ;;
    esac
done
run 0 read option.bin -a 1 --on "$ON"
check "sixteen bytes" test "$(stat -c %s option.bin)" = 16
run 2 write fw.bin --on "$ON"
run 0 read whole.bin -a 0 --on "$ON"
check "the whole memory" test "$(stat -c %s whole.bin)" = 1048576
run 0 leave --at 0x08000000 --on "$ON"
sleep 1
run 1 leave --at 0x20000000 --on "$ON"
refuse "does not blame a file" grep -q 'the file' err

# A suffix for another product.
cp fw.bin named.bin
run 0 image suffix add named.bin --vid 1234 --pid 5678
run 5 write named.bin --at 0x08000000 --on "$ON"
check "says which" grep -q 'is for 1234:5678' err
run 0 write named.bin --at 0x08000000 --force --on "$ON"
check "says that it was forced" grep -q -- '--force' err
stop

# DfuSe files: three elements over two alternate settings, there and back.
serve dsonano --timing fast
head -c 1500 /dev/urandom >a.bin
head -c 700 /dev/urandom >b.bin
head -c 70000 /dev/urandom >c.bin
run 0 image pack three.dfu 0:0x08003000:a.bin 0:0x08004000:b.bin 1:0x00010000:c.bin
run 5 write three.dfu --on virtual:micro
check "says for whom it is" grep -q 'DfuSe' err
run 0 write three.dfu --dry-run --on "$ON"
check "both memories" eval "grep -q 'of Internal Flash' out && grep -q 'of SPI Flash' out"
run 0 write three.dfu --on "$ON"
check "written and verified" grep -q '^written and verified: 72,200 bytes' out
run 0 verify three.dfu --on "$ON"
run 0 read back.dfu --like three.dfu --on "$ON"
check "byte for byte" cmp back.dfu three.dfu
run 2 read far.bin --like three.dfu --on "$ON"
check "not in raw binary" grep -q '^remedy: .*dfu' err
run 0 read one.dfu --at 0x08003000 --size 1500 --on "$ON"
run 0 image unpack one.dfu one
check "its bytes" cmp "$(find one -type f -name '*.bin' | head -1)" a.bin
run 10 read back.dfu --like three.dfu --on "$ON"
stop
finish
