#!/bin/bash
# SPDX-License-Identifier: MIT
# Nothing is destroyed by accident: what is refused, what has to be named, and what has to be typed.
. "$(dirname "$0")/lib.sh"
need_package jq jq
need_package python3 python3
on=virtual:stm32f407-rom
terminal=$SOURCE/tests/command/terminal.py
head -c 20000 /dev/urandom >fw.bin
printf '\357\252\377\377' >level0.bin
printf '\357\125\377\377' >level1.bin
printf '\357\314\377\377' >level2.bin
printf 'once' >otp.bin

# Like run, on a terminal, with an answer typed.
typed() { # CODE ANSWER ARGUMENT...
    local wanted=$1 answer=$2 code
    shift 2
    NO_COLOR=1 python3 "$terminal" "$answer" "$DFU" "$@" >out
    code=$?
    : >err
    if [ "$code" = "$wanted" ]; then
        ok "dfu $(quoted "$@") < $answer"
    else
        fail "exit code $code, not $wanted; replay: python3 $terminal $(quoted "$answer" "$DFU" "$@")"
        sed 's/^/      out: /' out | tail -5
    fi
}
untouched() { refuse "nothing was sent" grep -q '^transfer\|^erasure' err; }

# A raw file goes nowhere by itself; the address is suggested.
run 2 write fw.bin --on $on
check "suggests an address" grep -q -- '--at 0x08000000' err
untouched
run 2 verify fw.bin --on $on
check "here, too" grep -q -- '--at 0x08000000' err

# Addresses that the device does not have, or that lie in memory of another kind.
run 5 write fw.bin --at 0x080ff000 --on $on
check "the first that is missing" grep -q 0x08100000 err
untouched
run 5 write fw.bin --at 0x20000000 --on $on
run 9 write level0.bin --at 0x1fffc000 --on $on
check "asks for -a" grep -q -- '-a' err
run 9 write otp.bin --at 0x1fff7800 --on $on
run 9 write otp.bin --at 0xffff0000 --on $on
run 9 write otp.bin --at 0x1fff7800 --force --on $on
untouched

# Named: option bytes are shown in words.
run 0 write level1.bin --at 0x1fffc000 -a 'Option Bytes' --dry-run --on $on
check "read protection in words" grep -q 'RDP .*0x55: level 1' out
check "no page is erased for them" grep -q 'erase  *nothing' out
check "cannot be read back" grep -q 'verify  *no: the device resets itself' out
check "nor are they started" grep -q 'then  *reset by itself' out
run 0 write level1.bin --at 0x1fffc000 -a 1 --dry-run --json --on $on
check "in JSON, too" jq -se '.[0].write[0].options.RDP | startswith("0x55")' out
check "nothing for ever" jq -se '.[0].forever == null' out
# The F4's OTP memory lies where other families have their option bytes.
run 0 write otp.bin --at 0x1fff7800 -a 2 --dry-run --on $on
refuse "OTP is no option bytes" grep -q 'RDP' out
run 0 write otp.bin --at 0x1fff7800 -a 2 --dry-run --json --on $on
check "nor in JSON" jq -se '.[0].write[0].options == {}' out

# Read protection level 2, and OTP: --force, and a word on a terminal.
for line in 'level2.bin --at 0x1fffc000 -a 1' 'otp.bin --at 0x1fff7800 -a 2'; do
    # shellcheck disable=SC2086
    run 0 write $line --dry-run --on $on
    check "shown, with what it takes" eval "grep -q '^  forever' out && grep -q -- --force out"
    # shellcheck disable=SC2086
    run 9 write $line --on $on
    check "--force is not there" grep -q '^remedy: .*--force' err
    untouched
    # shellcheck disable=SC2086
    run 9 write $line --force --on $on
    check "nobody to ask" grep -q '^remedy: .*terminal' err
    untouched
    # shellcheck disable=SC2086
    typed 9 yes write $line --force --on $on
    check "told what it means" grep -q '^warning: .*for ever\|^warning: .*never again' out
    check "told which word" grep -q 'cannot be undone. Type [a-z-]* to go on' out
    check "not confirmed" grep -q 'not confirmed' out
    refuse "nothing was sent" grep -q 'transfer' out
    # shellcheck disable=SC2086
    typed 130 ^C write $line --force --on $on
    refuse "nothing was sent" grep -q 'transfer' out
done
run 0 write level2.bin --at 0x1fffc000 -a 1 --dry-run --json --on $on
check "in JSON" jq -se '.[0].forever | test("level 2")' out

# The right word is enough.
typed 0 write-once write otp.bin --at 0x1fff7800 -a 2 --force --on $on
check "written" grep -q 'written' out

# Unlocking erases everything.
run 9 unlock --on $on
check "says so" grep -q 'erases the whole flash' err
check "says how" grep -q '^remedy: .*--force' err
untouched

# A plain DFU device has nothing of this.
serve micro
run 0 detach --on "$ON"
run 9 erase --all --on "$ON"
check "says why" grep -q 'plain DFU' err
run 9 unlock --force --on "$ON"
run 9 read x.bin --at 0x100 --on "$ON"
stop
finish
