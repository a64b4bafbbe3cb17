#!/bin/bash
# SPDX-License-Identifier: MIT
# The drop-in front ends as scripts use them: options, lines on standard output, exit codes, and
# where they are installed.
. "$(dirname "$0")/lib.sh"
need_package $FIRMWARE/toboot.bin firmware-tomu
DROPIN=$(dirname "$DFU")/dropin
cp $FIRMWARE/toboot.bin firmware
export DFUKIT_ON=virtual:micro

# tool CODE NAME ARGUMENT...
tool() {
    local wanted=$1 name=$2 code
    shift 2
    timeout -s KILL 60 "$DROPIN/$name" "$@" >out 2>err </dev/null
    code=$?
    if [ "$code" = "$wanted" ]; then
        ok "$name $(quoted "$@")"
        return 0
    fi
    fail "exit code $code, not $wanted; replay: cd $FOLDER && DFUKIT_ON=$DFUKIT_ON" \
        "$DROPIN/$name $(quoted "$@")"
    sed 's/^/      out: /' out | head -5
    sed 's/^/      err: /' err | head -5
    return 1
}
wrong() { # NAME ARGUMENT...: usage, in one line, nothing on standard output
    tool 64 "$@"
    check "in one line" one_line err
    check "from $1" grep -q "^$1: " err
    check "nothing on standard output" test ! -s out
}

# ---- Versions and help ----
for name in dfu-util dfu-suffix dfu-prefix; do
    tool 0 $name --version
    check "a version that scripts understand" grep -qE "^$name (\(dfu-util\) )?0\.11 \(dfukit " out
    tool 0 $name -V
    tool 0 $name -h
    check "names itself" grep -q "^Usage: $name " out
    # Options of the help and of the manual page are the same.
    grep -o -- '--[a-z-]*' out | sort -u >help.options
    grep -o '\\-\\-[a-z\\-]*' "$SOURCE/docs/$name.1" | tr -d '\\' | sort -u >page.options
    check "its page has all options" eval "! comm -23 help.options page.options | grep -q ."
done

# ---- dfu-util: the command line ----
wrong dfu-util
wrong dfu-util firmware
wrong dfu-util -D
wrong dfu-util -l -x
wrong dfu-util --list=yes
wrong dfu-util --de -D firmware
wrong dfu-util -D firmware -t 0
wrong dfu-util -D firmware -t 70000
wrong dfu-util -D firmware -t 12x
wrong dfu-util -D firmware -d zz:1
wrong dfu-util -D firmware -i 256
wrong dfu-util -D firmware -a 256
wrong dfu-util -D firmware -n x
wrong dfu-util -U back -Z much
wrong dfu-util -E soon -D firmware
wrong dfu-util -s 08000000 -D firmware
wrong dfu-util -s 0x08000000:mass-erase
wrong dfu-util -s :unprotect
wrong dfu-util -s 0x08000000
DFUKIT_ON=virtual:none wrong dfu-util -l

# ---- Listing ----
tool 0 dfu-util -l
line='Found Runtime: [1209:0001] ver=0100, devnum=1, cfg=1, intf=1, path="0-1", alt=0,'
check "the line that scripts parse" grep -qxF "$line name=\"UNKNOWN\", serial=\"MICRO-0001\"" out
check "nothing else" one_line out
# Filters: those that leave it, and those that do not.
for filter in '-d 1209:1' '-d 1209:0001,1209:8001' '-p 0-1' '-n 1' '-n 0x1' '-c 1' '-c 0' '--cfg=1' \
    '-i 1' '--intf 1' '-S MICRO-0001' '-S MICRO-0001,other' '-S ,' '-a 7' '-vl' '--lis'; do
    # shellcheck disable=SC2086
    tool 0 dfu-util -l $filter && check "is listed" test -s out
done
for filter in '-d 1209:2' '-d ,1209:1' '-d -:-' '-p 0-2' '-n 2' '-c 2' '-i 0' '-S other' \
    '-S other,MICRO-0001'; do
    # shellcheck disable=SC2086
    tool 0 dfu-util -l $filter && check "is not listed" test ! -s out
done

# ---- Writing and reading ----
tool 0 dfu-util -D firmware
check "is verified" grep -q '^Written and verified: 5,664 bytes' out
check "ends with Done!" eval "tail -1 out | grep -qx 'Done!'"
tool 0 dfu-util --download firmware --reset -E 2 --wait
tool 66 dfu-util -D nothing
: >empty
tool 65 dfu-util -D empty
tool 0 dfu-util -U back
check "all of it" test "$(wc -c <back)" = 524288
tool 73 dfu-util -U back
check "is not replaced" test "$(wc -c <back)" = 524288
tool 73 dfu-util -U no-folder/back
tool 0 dfu-util -U back.dfu -Z 1000
check "raw, whatever its name" test "$(wc -c <back.dfu)" = 524288
check "the other size is told" grep -q '1000 bytes were expected, 524288 have come' err
"$DROPIN/dfu-util" -D - <firmware >out 2>err
check "from standard input" grep -qx 'Done!' out
tool 74 dfu-util -D firmware -d 1209:2
tool 0 dfu-util -e
check "in DFU mode" grep -q '^In DFU mode: ' out

# A suffix says which device is meant; force goes past another one's.
cp firmware right.dfu
cp firmware other.dfu
cp firmware plain.dfu
tool 0 dfu-suffix -v 1209 -p 0001 -a right.dfu
tool 0 dfu-suffix -v 1209 -p 2 -a other.dfu
tool 0 dfu-util -D right.dfu
tool 74 dfu-util -D other.dfu
check "says where the IDs are from" grep -q "of the file's suffix" err
tool 65 dfu-util -D other.dfu -d 1209:
check "says whose it is" grep -q 'the file is for 1209:0002' err
tool 0 dfu-util -D plain.dfu
printf 'x' | dd of=right.dfu bs=1 seek=100 conv=notrunc 2>/dev/null
tool 65 dfu-util -D right.dfu

# Exit codes by what goes wrong.
while read -r code fault; do
    DFUKIT_ON=virtual:micro,fault=$fault tool "$code" dfu-util -D firmware
done <<'TABLE'
76 stall-detach
76 returns-runtime
74 vanish-detach
76 error-dnload=1
0  firmware-bad
74 hang-dnload=1
74 vanish-dnload=1
74 corrupt-flash
74 vanish-upload
0  vanish-manifest
0  stall-getstatus
TABLE
DFUKIT_ON=virtual:tomu tool 76 dfu-util -U nothing
check "no file" test ! -e nothing
DFUKIT_ON=usbip://127.0.0.1:1 tool 74 dfu-util -l

# A device that is back early costs no pause, however long -E is.
serve micro --timing real
begun=$(date +%s%N)
DFUKIT_ON=$ON tool 0 dfu-util -e -E 30
took=$((($(date +%s%N) - begun) / 1000000))
check "in $took ms, less than 2 s" test $took -lt 2000
DFUKIT_ON=$ON tool 0 dfu-util -l
check "is in DFU mode" grep -q '^Found DFU: \[1209:8001\]' out
DFUKIT_ON=$ON tool 0 dfu-util -e
check "runs its firmware" grep -q '^Runs its firmware: ' out
stop
serve micro --fault vanish-detach
begun=$(date +%s%N)
DFUKIT_ON=$ON tool 74 dfu-util -D firmware -E 2
took=$((($(date +%s%N) - begun) / 1000000))
check "given up after $took ms: 2 s behind a reset of 5" test $took -ge 1900 -a $took -lt 9000
stop
serve micro micro
DFUKIT_ON=$ON tool 74 dfu-util -D firmware
check "says how to choose" grep -q '  -p 1-2' err
DFUKIT_ON=$ON tool 0 dfu-util -D firmware -p 1-2
stop

# ---- DfuSe ----
export DFUKIT_ON=virtual:stm32f407-rom
flash=0x08000000
tool 0 dfu-util -l
check "four alternate settings" test "$(grep -c '^Found DFU: \[0483:df11\]' out)" = 4
check "their maps" grep -qF 'alt=1, name="@Option Bytes  /0x1FFFC000/01*016 g"' out
tool 0 dfu-util -l -a '@Option Bytes  /0x1FFFC000/01*016 g'
check "one of them" one_line out
tool 64 dfu-util -a 0 -D firmware
check "suggests an address" grep -q -- '-s 0x08000000 puts it' err
tool 0 dfu-util -a 0 -s $flash -D firmware
check "says what scripts look for" grep -qx 'File downloaded successfully' out
check "is verified" grep -q '^Written and verified: 5,664 bytes' out
tool 0 dfu-util -s $flash -D firmware # one memory holds the address: -a is not needed
tool 0 dfu-util -a 0 -s $flash:leave -D firmware
tool 0 dfu-util -a 0 -s $flash:mass-erase:force:leave -D firmware
tool 0 dfu-util -a 0 -s :mass-erase:force
DFUKIT_ON=virtual:stm32f407-rom,fault=l tool 76 dfu-util -a 0 -s 0x08000000 -D firmware
check "the remedy in its own words" grep -q '^remedy: -s :unprotect:force ' err
tool 0 dfu-util -a 0 -s :unprotect:force
tool 0 dfu-util -a 0 -s $flash:leave
tool 65 dfu-util -s 0x20000000 -D firmware
head -c 16 firmware >sixteen
tool 0 dfu-util -a 1 -s 0x1fffc000:will-reset -D sixteen
tool 76 dfu-util -a 2 -s 0x1fff7800 -D sixteen
check "asks for force" grep -q 'if that is what you want: force' err
tool 76 dfu-util -a 2 -s 0x1fff7800:force -D sixteen
check "wants somebody to ask" grep -q 'run it on a terminal' err
serve stm32f407-rom --timing fast
DFUKIT_ON=$ON tool 0 dfu-util -a 0 -s $flash -D firmware
DFUKIT_ON=$ON tool 0 dfu-util -a 0 -s $flash:5664 -U read.bin
check "reads back what was written" cmp read.bin firmware
begun=$(date +%s%N)
DFUKIT_ON=$ON tool 0 dfu-util -a 0 -s $flash:leave -D firmware
took=$((($(date +%s%N) - begun) / 1000000))
check "in $took ms, less than 3 s" test $took -lt 3000
stop
export DFUKIT_ON=virtual:micro
tool 0 dfu-util -s $flash:leave -D firmware # plain DFU: the address means nothing
tool 76 dfu-util -s :mass-erase:force
tool 0 dfu-util -s :100 -U hundred
check "a length counts all the same" test "$(wc -c <hundred)" = 100

# ---- dfu-suffix ----
cp firmware file
chmod 640 file
ln -s file link
wrong dfu-suffix
wrong dfu-suffix -a file extra
wrong dfu-suffix -a file -S 0200
wrong dfu-suffix -a file -p 12345
wrong dfu-suffix -a file -v 12g
tool 66 dfu-suffix -c nothing
tool 65 dfu-suffix -c file
tool 65 dfu-suffix -D file
tool 65 dfu-suffix -a empty
check "is as it was" cmp file firmware
tool 0 dfu-suffix -a link -v 0x1209 -p 70b1 -d 0100 -S 011a
check "the link is one still" test -L link
check "the permissions are the same" test "$(stat -c %a file)" = 640
tool 65 dfu-suffix -a file
tool 0 dfu-suffix -c file
printf 'BCD device:\t0x0100\nProduct ID:\t0x70B1\nVendor ID:\t0x1209\nBCD DFU:\t0x011A\nLength:\t\t16\n' >wanted
check "the lines that scripts parse" eval "sed -n 2,6p out | cmp - wanted"
check "and the checksum" grep -qE '^CRC:'$'\t\t''0x[0-9A-F]{8}$' out
tool 0 dfu-suffix -D file
check "is as it was" cmp file firmware
for spec in 0100 0110; do
    tool 0 dfu-suffix -a file -S $spec
    tool 0 dfu-suffix -c file
    check "version $spec" grep -q "^BCD DFU:.*0x$spec" out
    tool 0 dfu-suffix -D file
done
check "nothing is left behind" test "$(find . -name 'file.*' | wc -l)" = 0

# ---- dfu-prefix ----
wrong dfu-prefix
wrong dfu-prefix -a file
wrong dfu-prefix -a file -s here
tool 66 dfu-prefix -c nothing
tool 65 dfu-prefix -c file
tool 65 dfu-prefix -D file
tool 65 dfu-prefix -L -a empty
tool 0 dfu-suffix -a file -v 1209
tool 0 dfu-prefix -s 0x2000 -a file
tool 0 dfu-suffix -c file
check "the suffix stays, and is right" grep -q '0x1209' out
tool 0 dfu-prefix -c file
check "its address" grep -qx 'Address:'$'\t''0x00002000' out
check "eight bytes" test "$(head -c 8 file | od -An -tx1 | tr -d ' \n')" = 0100080020160000
tool 65 dfu-prefix -L -c file
tool 65 dfu-prefix -L -a file
tool 65 dfu-prefix -L -D file
tool 0 dfu-prefix -T -D file
tool 0 dfu-suffix -D file
check "is as it was" cmp file firmware
tool 0 dfu-prefix -L -a file
tool 0 dfu-prefix -L -c file
tool 65 dfu-prefix -T -c file
check "sixteen bytes" \
    test "$(head -c 16 file | od -An -tx1 | tr -d ' \n')" = 1a3f0c000000000000000000ffffffff
tool 0 dfu-prefix -D file
check "is as it was" cmp file firmware
"$DROPIN/dfu-suffix" -a - <firmware >file 2>err
check "standard output is the file alone" test $(($(stat -c %s firmware) + 16)) = "$(stat -c %s file)"

# ---- Its own exit codes for what shows at the end, too ----
DFUKIT_ON=virtual:micro DFUKIT_TRACE=/dev/full tool 74 dfu-util -l
DFUKIT_ON=virtual:micro DFUKIT_TRACE=seen.trace tool 0 dfu-util -U seen
DFUKIT_ON=virtual:replay=seen.trace tool 0 dfu-util -l
DFUKIT_ON=virtual:replay=seen.trace tool 76 dfu-util -e

# ---- Installed: in a folder of their own ----
if [ -f "$BUILD/cmake_install.cmake" ]; then
    DESTDIR=$FOLDER/stage cmake --install "$BUILD" --prefix /usr >install.out 2>&1
    check "installs" test -x stage/usr/bin/dfu
    check "nothing of another package's names in usr/bin" \
        eval "! ls stage/usr/bin stage/usr/share/man/man1 | grep -qE 'dfu-(util|suffix|prefix)'"
    tool=stage/usr/libexec/dfukit/bin/dfu-util
    check "a link that leads to dfu" test "$(readlink -f $tool)" = "$(readlink -f stage/usr/bin/dfu)"
    check "it is dfu-util" eval "$tool -V | grep -q '^dfu-util 0.11'"
    check "its page is beside it" test -f stage/usr/libexec/dfukit/share/man/man1/dfu-util.1
fi
finish
