#!/bin/bash
# SPDX-License-Identifier: MIT
# Ctrl-C in the middle of things: exit 130, and the device can be written again.
. "$(dirname "$0")/lib.sh"
need_package $FIRMWARE/toboot.bin firmware-tomu
head -c 400000 /dev/urandom >large.bin

# Start `dfu ARGUMENT...`, send it a signal as soon as it has said WORDS.
interrupted() { # SIGNAL WORDS ARGUMENT...
    local signal=$1 words=$2 pid code i
    shift 2
    "$DFU" "$@" >out 2>err &
    pid=$!
    for i in $(seq 200); do
        cat out err 2>/dev/null | grep -q "$words" && break
        sleep 0.05
    done
    sleep 0.3
    kill "-$signal" $pid
    wait $pid
    code=$?
    if [ $code = 130 ]; then
        ok "SIG$signal at \"$words\": dfu $(quoted "$@")"
    else
        fail "SIG$signal at \"$words\": exit code $code, not 130; replay: $DFU $(quoted "$@")"
        head -5 out err
    fi
}

serve micro --timing real
for signal in INT TERM; do
    interrupted $signal '^transfer' write large.bin --on "$ON"
    check "says so" grep -q '^dfu: interrupted' err
    run 0 write $FIRMWARE/toboot.bin --on "$ON"
    check "verified" grep -q 'written and verified' out
done
interrupted INT '"phase":"transfer"' write large.bin --json --on "$ON"
check "the result is the last line" eval "tail -n 1 out | grep -q '\"exit\":130'"
interrupted INT 'waiting' write large.bin --on "$ON" -S nobody --wait
interrupted TERM 'waiting' info --on "$ON" -S nobody --wait=30
run 0 write $FIRMWARE/toboot.bin --on "$ON"

# A read that is interrupted leaves no file, and the device goes back to its firmware.
run 0 write large.bin --on "$ON" --verify never
"$DFU" read whole.bin --on "$ON" >out 2>err &
reader=$!
sleep 0.35
kill -INT $reader 2>/dev/null
wait $reader
code=$?
# It may have been quicker than the signal.
check "a read ends with 130 or 0" test $code = 130 -o $code = 0
check "and a file or none" test \( $code = 0 -a -e whole.bin \) -o \( $code = 130 -a ! -e whole.bin \)
check "nothing else" test -z "$(ls | grep whole.bin.)"
run 0 info --on "$ON"
check "in run-time mode" grep -q 'run-time' out
stop

# In this process, too.
interrupted INT '^transfer' write large.bin --on virtual:micro,timing=real

# Closing the terminal is one of them; a second, at once, ends it there, and leaves no file behind.
interrupted HUP '^transfer' write large.bin --on virtual:micro,timing=real
for i in 1 2 3; do
    "$DFU" read twice.bin --on virtual:micro,timing=real >out 2>err &
    reader=$!
    for j in $(seq 100); do
        ls twice.bin.?????? >/dev/null 2>&1 && break
        sleep 0.02
    done
    kill -INT $reader 2>/dev/null
    kill -TERM $reader 2>/dev/null
    wait $reader
    check "no file, ended twice" test -z "$(ls | grep twice.bin)"
done

# The server ends on SIGTERM as it does on SIGINT.
serve tomu
kill -TERM "$SERVER"
wait "$SERVER"
check "the server ends with 0" test $? = 0
SERVER=
finish
