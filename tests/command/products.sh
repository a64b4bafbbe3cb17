#!/bin/bash
# SPDX-License-Identifier: MIT
# Products as the user meets them: that there are enough, what each is called and shows, what cannot
# be done with them, and what a quirk changes. docs/PERSONAS.md and docs/QUIRKS.md list them.
. "$(dirname "$0")/lib.sh"
head -c 5000 /dev/urandom >image.bin
printf '\x1a\x3f' | cat - image.bin >prefixed.bin

run 0 virtual --list
check "forty or more" test "$(wc -l <out)" -ge 40
cp out personas
check "each has a name of its own" test "$(sed 's/ .*//' personas | sort -u | wc -l)" = "$(wc -l <personas)"

# Every one of them can be listed and looked at.
while read -r name _; do
    run 0 list --on "virtual:$name"
    case $name in
    laptop-camera | macbook-bluetooth) run 3 info --on "virtual:$name" ;;
    *) run 0 info --on "virtual:$name" ;;
    esac
done <personas

# What they are, as scripts see it.
if command -v jq >/dev/null; then
    shows() { # PERSONA, and an expression for jq
        "$DFU" list --json --on "virtual:$1" >out
        check "$1: $2" jq -e "$2" out
    }
    shows gd32vf103-rom '.serial == "3CBJ" and .mode == "dfu"'
    shows opc20 '.dfu_version == "1.1a"'
    shows maple '.dfu_version == "1.1"'
    shows lpc-link2 '.mode == "dfu" and .dfu_version == "1.0"'
    shows lpc-link '.serial == null and .product == null and .mode == "dfu"'
    shows openmoko-freerunner '.mode == "run-time" and .transfer_size == 4096'
    shows stm32h743-rom '.vid == "0483" and .pid == "df11" and .transfer_size == 1024'
    shows stm32f407-rom '.alts[3].name == "@Device Feature/0xFFFF0000/01*004 g"'
    shows sboot-stm32 '.dfu_version == "1.1" and .alts[0].name == "Internal Flash"'
    shows laptop-camera '.attributes == ["will-detach"]'
fi

# Bystanders are chosen by name only, and then can do nothing.
for bystander in laptop-camera:0bda:5517 macbook-bluetooth:05ac:8290; do
    on=virtual:${bystander%%:*}
    run 3 write image.bin --on "$on"
    run 9 write image.bin --on "$on" -d "${bystander#*:}"
    run 9 read "no-${bystander%%:*}.bin" --on "$on" -d "${bystander#*:}"
done

# No upload: not verified, and not read.
for persona in tomu lpc-link pico-ice orangecrab kiibohd; do
    run 9 read nothing.bin --on "virtual:$persona"
    refuse "no file" test -e nothing.bin
done

# A loader that wants its vendor's prefix says so.
run 1 write image.bin --on virtual:hackrf
check "names the remedy" grep -q 'dfu image prefix' err
run 0 write prefixed.bin --on virtual:hackrf
run 0 image prefix add image.bin --type lpc
run 0 write image.bin --on virtual:lpc-link2
head -c 5000 /dev/urandom >image.bin

# An application that knows less of its loader than that does.
run 0 write image.bin --at 0x08002000 --on virtual:blackmagic
check "verified" grep -q '^written and verified' out
run 0 read probe.bin --at 0x08002000 --size 5000 --on virtual:blackmagic
check "as much as was asked for" test "$(stat -c %s probe.bin)" = 5000

# A map that is wrong, corrected.
run 9 write image.bin --at 0x08000000 --dry-run --on virtual:dsonano
run 5 write image.bin --at 0x08020000 --on virtual:gd32vf103-rom
run 0 write image.bin --at 0x0801EC00 --on virtual:gd32vf103-rom
check "verified" grep -q '^written and verified' out

# A bogus poll time is not kept to.
began=$(date +%s)
run 0 write image.bin -a kernel --on virtual:openmoko-freerunner,timing=real
check "in seconds, not minutes" test $(($(date +%s) - began)) -lt 20
check "verified" grep -q '^written and verified' out
finish
