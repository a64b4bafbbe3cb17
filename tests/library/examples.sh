# SPDX-License-Identifier: MIT
# The examples are short, and do what they say on a virtual device.
set -u
. "$SOURCE/tests/command/lib.sh"
examples=$BUILD/library/pkg-shared
export LD_LIBRARY_PATH=$BUILD/library/prefix/$LIBDIR
WATCHER=
trap '[ -n "$WATCHER" ] && kill "$WATCHER" 2>/dev/null; cleanup' EXIT

for name in list write read watch; do
    lines=$(wc -l <"$SOURCE/examples/$name.c")
    check "$name.c has $lines lines, fewer than 80" [ "$lines" -lt 80 ]
done

example() { # CODE NAME ARGUMENT...
    local wanted=$1 name=$2 code
    shift 2
    timeout -s KILL 30 "$examples/$name" "$@" >out 2>err </dev/null
    code=$?
    if [ "$code" = "$wanted" ]; then
        ok "$name $(quoted "$@")"
    else
        fail "exit code $code, not $wanted; replay: $examples/$name $(quoted "$@")"
        cat out err
    fi
}

soon() { # WHAT PATTERN: the watcher says so within 10 s
    local i
    for i in $(seq 100); do
        grep -q -e "$2" watched && break
        sleep 0.1
    done
    check "$1" grep -q -e "$2" watched
}

head -c 100000 /dev/urandom >firmware.bin
serve micro --timing fast
"$examples/watch" "$ON" >watched 2>watched.err &
WATCHER=$!
soon "watch sees the device that is there" '^+ 1-1  1209:0001  run-time  Micro$'

example 0 list "$ON"
check "has the device" grep -q '^1209:0001  1-1       run-time  DFU 1.1  Micro$' out
check "has its serial number" grep -q 'serial number MICRO-0001' out
example 0 write firmware.bin "$ON"
check "was verified" grep -q 'done, verified' err
check "tells how far it is" grep -q 'transfer *100 %' err
soon "watch sees it leave" '^- 1-1$'
soon "watch sees it return" '^+ .*run-time  Micro$'
check "after it has left" sh -c '[ "$(grep -c "^+ " watched)" -ge 2 ]'
example 0 read copy.bin "$ON"
check "reads what was written" cmp firmware.bin copy.bin
example 1 read copy.bin "$ON"
check "does not write over a file" cmp firmware.bin copy.bin
example 1 read "$FOLDER/missing/copy.bin" "$ON"
example 2 write
check "says how it is used" grep -q "usage: write FILE" err
example 1 write nothing.bin "$ON"
: >empty.bin
example 1 write empty.bin "$ON"
check "there is nothing to write" grep -q 'nothing to write' err
example 1 list "usbip://"
example 2 list "$ON" more
check "watch goes on as long as the server" kill -0 "$WATCHER"
stop
for i in $(seq 100); do
    kill -0 "$WATCHER" 2>/dev/null || break
    sleep 0.1
done
wait "$WATCHER"
check "watch ends with the server" [ $? = 1 ]
WATCHER=
check "and says why" grep -q 'watch: the server cannot be reached' watched.err

serve micro tomu --timing fast
example 1 write firmware.bin "$ON"
check "more than one device is not guessed" grep -q 'more than one device' err
stop

serve stm32f407-rom --timing fast
example 0 list "$ON"
check "has its memory map" grep -q '^ *0x08000000  4 \* 16384 bytes$' out
stop

serve micro --timing fast --fault vanish-upload=3
example 1 read gone.bin "$ON"
check "leaves no half of a file behind" [ ! -e gone.bin ]
stop
finish
