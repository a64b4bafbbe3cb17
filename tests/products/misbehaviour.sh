#!/bin/bash
# SPDX-License-Identifier: MIT
# misbehaviour.sh LETTER: what the user sees of a device that misbehaves in that way, and that the
# exit code is the one which docs/PERSONAS.md promises. $TOOL prints that document and its codes.
. "$SOURCE/tests/command/lib.sh"
letter=$1
code=$("$TOOL" --code "$letter") && persona=$("$TOOL" --persona "$letter") ||
    { echo "FAIL  $letter: no such misbehaviour"; exit 1; }
flash=0x08000000
head -c 5000 /dev/urandom >image.bin
printf '\xff\xaa\x00\x55\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00' >option.bin

# Milliseconds of the last `timed`.
timed() {
    local began
    began=$(date +%s%N)
    "$@"
    took=$((($(date +%s%N) - began) / 1000000))
}

writes() { # OPTIONS...: image.bin to the persona with the fault
    timed run "$code" write image.bin --on "virtual:$persona,fault=$letter$argument" "$@"
}
argument=

case $letter in
a)
    argument=,timing=real
    writes --at $flash
    check "verified" grep -q '^written and verified' out
    check "fast: $took ms" test "$took" -lt 1000
    ;;
b)
    argument=,timing=real
    writes --at $flash
    check "verified" grep -q '^written and verified' out
    check "not before it may be asked: $took ms" test "$took" -ge 400 # an erase, three writes
    check "nor much later: $took ms" test "$took" -lt 5000
    ;;
c)
    timed run "$code" erase --all --on "virtual:$persona,timing=real,fault=$letter=1500"
    check "erased" grep -q '^erased' out
    check "waited for: $took ms" test "$took" -ge 1500
    run 8 erase --all --on "virtual:$persona,timing=real,fault=$letter=60000" --timeout 1
    check "the time that is allowed counts" grep -q 'time' err
    ;;
d)
    for n in 1 2 3; do
        argument==$n
        writes --at $flash
        check "verified" grep -q '^written and verified' out
    done
    ;;
e)
    for n in 0 1 2; do
        argument==$n
        writes --at $flash
        check "verified" grep -q '^written and verified' out
    done
    ;;
f)
    argument=,timing=real
    writes -a 1
    check "verified" grep -q '^written and verified' out
    check "took its time: $took ms" test "$took" -ge 5500
    # Within the transfer it is not busy: a DfuSe device known to hang has not hung yet.
    run "$code" write image.bin --at $flash --on "virtual:stm32f407-rom,fault=$letter"
    check "the same with DfuSe" grep -q '^written and verified' out
    ;;
g)
    for n in 1 2 3; do
        argument==$n
        writes
        check "runs its new firmware" grep -q '^written.* runs its new firmware' out
    done
    run 0 write image.bin --on "virtual:dfu10,fault=$letter=2"
    printf '\x1a\x3f' | cat - image.bin >prefixed.bin
    run 0 write prefixed.bin --on virtual:hackrf
    run 8 write image.bin --on "virtual:dapboot,fault=$letter=1"
    ;;
h)
    run "$code" write option.bin --at 0x1FFFC000 -a 'Option Bytes' --on "virtual:$persona,fault=$letter"
    check "written" grep -q '^written' out
    check "says why it was not verified" grep -q 'not verified (the device has reset itself' out
    run 9 write option.bin --at 0x1FFFC000 --on "virtual:$persona,fault=$letter"
    check "asks for -a" grep -q -e '-a' err
    serve "$persona" --timing fast
    run 0 write option.bin --at 0x1FFFC000 -a 1 --on "$ON"
    run 0 read got.bin --at 0x1FFFC000 --size 16 -a 1 --on "$ON" --wait=10
    check "they are there" cmp got.bin option.bin
    stop
    ;;
i)
    writes
    check "the device's own status" grep -q errVERIFY err
    refuse "not done" grep -q '^written' out
    run "$code" write image.bin --at $flash --on "virtual:stm32f407-rom,fault=$letter"
    check "the same with DfuSe" grep -q errVERIFY err
    ;;
j)
    writes
    check "runs its new firmware" grep -q '^written.* runs its new firmware' out
    run 0 write image.bin --on "virtual:lpc-link,fault=$letter"
    run 0 write image.bin --at $flash --then reset --on "virtual:stm32f407-rom,fault=$letter"
    ;;
k)
    for p in $("$DFU" virtual --list | sed 's/ .*//'); do
        run "$code" write image.bin --on "virtual:$p,fault=$letter"
    done
    check "says why" grep -q FLIP err
    run "$code" virtual "$persona" --fault "$letter"
    ;;
l)
    argument=
    writes --at $flash
    check "says that it is protected" grep -q 'read protected' err
    check "names the remedy" grep -q 'dfu unlock' err
    serve "$persona" --timing fast --fault "$letter"
    run "$code" read nothing.bin --at $flash --size 16 --on "$ON"
    run 9 unlock --on "$ON"
    check "says what is lost" grep -q 'erases' err
    run 0 unlock --force --on "$ON" --wait=10
    run 0 write image.bin --at $flash --on "$ON" --wait=10
    check "verified" grep -q '^written and verified' out
    stop
    ;;
m)
    serve "$persona" --count 2 --timing fast --fault "$letter"
    run "$code" write image.bin --at $flash --on "$ON" -S STM32
    check "names both" eval "grep -q 1-1 err && grep -q 1-2 err"
    run 0 write image.bin --at $flash --on "$ON" -p 1-2
    check "verified" grep -q '^written and verified' out
    run 6 verify image.bin --at $flash --on "$ON" -p 1-1 --wait=10
    run 0 verify image.bin --at $flash --on "$ON" -p 1-2 --wait=10
    stop
    ;;
n)
    for n in 0 1 2 3 4 5 6 7 8 9 10 11; do
        argument==$n
        writes --at $flash
        check "$n: verified" grep -q '^written and verified' out
    done
    run 0 info --on "virtual:$persona,fault=$letter=1"
    check "notes what is odd" grep -q 'note: a blank' out
    run 0 info --on "virtual:$persona,fault=$letter=0"
    check "notes what is behind" grep -q 'note: ' out
    ;;
o)
    writes --transfer-size 2048
    check "written" grep -q '^written' out
    run "$code" write image.bin --at $flash --transfer-size 4096 --on "virtual:stm32f407-rom,fault=$letter"
    check "verified" grep -q '^written and verified' out
    run "$code" write image.bin --on "virtual:dfu10,fault=$letter" --verify always
    check "verified, in blocks of 256 bytes" grep -q '^written and verified' out
    ;;
p)
    head -c 600000 /dev/urandom >image.bin
    writes
    check "verified" grep -q '^written and verified: 600,000 bytes' out
    run "$code" write image.bin --at $flash --on "virtual:stm32f407-rom,fault=$letter"
    check "verified, DfuSe" grep -q '^written and verified: 600,000 bytes' out
    ;;
esac
finish
