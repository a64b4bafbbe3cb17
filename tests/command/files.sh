#!/bin/bash
# SPDX-License-Identifier: MIT
# Files that are no good, and files that are only partly meant for the device: refused before
# anything is sent, with the place in the file.
. "$(dirname "$0")/lib.sh"
need_package $FIRMWARE/toboot-booster.dfu firmware-tomu
need_package python3 python3
need_package $MICROPYTHON firmware-microbit-micropython
dfu=$FIRMWARE/toboot-booster.dfu
micro=virtual:micro

head -c 6670 $dfu >truncated.dfu
{ head -c 100 $dfu; printf x; tail -c +102 $dfu; } >damaged.dfu
head -c 4000 /dev/zero >bare.dfu
python3 - <<'P'
import struct, zlib
suffix = struct.pack("<HHHH3sB", 0xFFFF, 0xFFFF, 0xFFFF, 0x0100, b"UFD", 16)
open("onlysuffix.dfu", "wb").write(suffix + struct.pack("<I", ~zlib.crc32(suffix) & 0xFFFFFFFF))
P
: >empty.bin
: >empty.hex
: >empty.dfu
printf ':0400000001020304F2\n:0400020001020304F0\n:00000001FF\n' >overlap.hex
printf ':0400000001020304F3\n:00000001FF\n' >checksum.hex
printf ':0400000001020304F2\n' >noend.hex
printf ':040000000102\n:00000001FF\n' >short.hex
printf ':00000001FF\n' >nothing.hex
head -c 200 $FIRMWARE/toboot.elf >truncated.elf
head -c 600000 /dev/zero | tr '\0' 'A' >large.bin
printf 'DfuSe\001' >dfuse.bin
head -c 300 /dev/zero >>dfuse.bin

refused() { # WORDS FILE
    run 5 write "$2" --on $micro
    check "says: $1" grep -qE -- "$1" err
    check "names the file" grep -qF "$2" err
    check "nothing was sent" eval "! grep -q '^transfer' err"
}
refused 'suffix'                truncated.dfu
refused 'CRC'                   damaged.dfu
refused 'suffix is missing'     bare.dfu
check "says what to do" grep -q '^remedy: .*image suffix add' err
refused 'nothing but'           onlysuffix.dfu
refused 'empty'                 empty.bin
refused 'empty'                 empty.hex
refused 'empty'                 empty.dfu
refused 'line 2: .*overlap'     overlap.hex
refused 'line 1: .*checksum'    checksum.hex
refused 'end'                   noend.hex
refused 'line 1'                short.hex
refused 'nothing|no data|empty' nothing.hex
refused 'byte'                  truncated.elf
refused 'DfuSe'                 dfuse.bin
refused 'No such file'          missing.bin
refused 'directory'             /tmp
refused 'is for 1209:70b1'      $dfu
run 0 write $dfu --force --on $micro
check "says that it was forced" grep -q -- '--force' err
chmod 000 empty.bin
[ "$(id -u)" = 0 ] || run 5 write empty.bin --on $micro

# A file larger than the memory: the device says so.
run 1 write large.bin --on $micro
check "with the device's own words" grep -q 'errADDRESS' err
check "and what to do" grep -q '^remedy: .*larger' err

# Addresses far apart cannot be sent to a device without addresses; a part can.
run 5 write $MICROPYTHON --on $micro
check "names the far segment" grep -q 0x100010c0 err
check "suggests a range" grep -q -- '--range 0x0:0x' err
range=$(sed -n 's/^remedy: .*--range \([^ ]*\).*/\1/p' err)
run 0 write $MICROPYTHON --range "$range" --on $micro
run 0 write $MICROPYTHON --range 0:0x80000 --on $micro
check "verified" grep -q 'written and verified' out
run 5 write $MICROPYTHON --range 0x90000:0x90001 --on $micro
run 2 write $MICROPYTHON --range 5:1 --on $micro

# --at: where a raw file lies, where a file with addresses begins.
printf ':04100000AABBCCDDDE\n:00000001FF\n' >addressed.hex
run 0 image info addressed.hex
check "shows its address" grep -q 0x00001000 out
run 0 write addressed.hex --on $micro
check "four bytes" grep -q 'verified: 4 bytes' out
run 0 write addressed.hex --at 0xff0 --on $micro
check "and sixteen before them" grep -q 'verified: 20 bytes' out
run 0 write addressed.hex --at 0x1002 --on $micro
check "only the last two" grep -q 'verified: 2 bytes' out
run 5 write addressed.hex --at 0x2000 --on $micro
printf ':020000040800F2\n:04000000AABBCCDDEE\n:00000001FF\n' >high.hex
run 5 write high.hex --at 0 --on $micro
run 0 write $FIRMWARE/toboot.bin --at 0x08000000 --range 0x08000000:0x08000100 --on $micro
check "its first bytes" grep -q 'verified: 256 bytes' out
run 2 write $FIRMWARE/toboot.bin --at 0xffffffff --on $micro

# A name that promises what the content is not, or what is not read.
head -c 100 /dev/zero >zeros
unlike() { # WORDS EXTENSION
    cp zeros "x$2"
    for line in "write x$2 --on $micro" "verify x$2 --on $micro" "image info x$2"; do
        # shellcheck disable=SC2086
        run 5 $line
        check "says: $1" grep -qF "x$2: $1" err
    done
}
for extension in .hex .ihex .ihx .HEX; do
    unlike 'its name says Intel HEX, its content is not' $extension
done
unlike 'its name says ELF, its content is not' .elf
unlike 'its name says UF2, its content is not' .uf2
cp $FIRMWARE/toboot.elf elf.hex
run 5 write elf.hex --on $micro
for extension in .srec .s19 .s28 .s37 .mot .mhx; do
    unlike 'its name says S-record, its content is not' $extension
done
for extension in .gz .zip .xz; do
    unlike 'this version does not read' $extension
done

# --at says that it is no address of the device's.
run 0 write $FIRMWARE/toboot.bin --at 0x08000000 --on $micro
check "a note" grep -q '^note: a plain DFU device has no addresses' err
run 0 write $FIRMWARE/toboot.bin --at 0x08000000 --dry-run --on $micro
check "a note here, too" grep -q '^note: a plain DFU device has no addresses' err
refuse "no addresses" grep -q 0x08000000 out
run 0 write addressed.hex --at 0x1000 --dry-run --on $micro
check "the file's addresses" grep -q '0x00001000 to 0x00001003' out
refuse "no note" grep -q '^note:' err

# A dry run refuses what the write refuses before it begins.
for dry in '' --dry-run; do
    # shellcheck disable=SC2086
    run 9 write $FIRMWARE/toboot.bin --verify always $dry --on virtual:tomu
    check "says what to leave out" grep -q '^remedy: leave out --verify always' err
    # shellcheck disable=SC2086
    run 5 write $dfu $dry -d 1209:0001,1209:8001 --on $micro
    check "says --force" grep -q '^remedy: .*--force' err
done

# A device that leaves DFU mode by itself does not stay there.
run 0 write $FIRMWARE/toboot.bin --then stay --on virtual:tomu
check "says so" grep -q 'did not stay in DFU mode: it runs' out
run 0 write $FIRMWARE/toboot.bin --then stay --json --on virtual:tomu
check "in JSON, too" grep -q '"message":"[^"]*did not stay in DFU mode' out
run 0 write $FIRMWARE/toboot.bin --then stay --on $micro
check "one that can does" grep -q 'stays in DFU mode' out

# Advice never names an option that the verb does not have, nor an image when none is sent.
run 5 demo $MICROPYTHON
refuse "no remedy" grep -q remedy err
for line in "read e.bin" "verify $FIRMWARE/toboot.bin" "write $FIRMWARE/toboot.bin"; do
    # shellcheck disable=SC2086
    run 1 $line --on $micro,fault=error-upload
    check "says errADDRESS" grep -q errADDRESS err
    refuse "does not blame the image" grep -q 'image may be larger' err
done

printf x >one.bin
run 0 write one.bin --on $micro
check "one byte" grep -q 'verified: 1 byte;' out

# What is in a file.
run 0 image info $dfu
check "the suffix's IDs" grep -q 'vendor 0x1209, product 0x70b1' out
run 0 image info $FIRMWARE/toboot.elf
check "the format" grep -q 'ELF' out
run 5 image info damaged.dfu
if command -v jq >/dev/null; then
    run 0 image info $MICROPYTHON --json
    check "its segments" jq -e '.format == "Intel HEX" and (.segments | length) > 1' out
fi
finish
