#!/bin/bash
# SPDX-License-Identifier: MIT
# A whole conversation over USB/IP: a server with virtual devices, and everything one does with them.
. "$(dirname "$0")/lib.sh"
need_package $FIRMWARE/toboot-booster.dfu firmware-tomu
need_package jq jq

serve tomu micro --timing fast
check "says where tomu is" grep -q '^1-1  tomu  1209:70b0' server.out
check "says where micro is" grep -q '^1-2  micro  1209:0001' server.out

# What is there.
run 0 list --on "$ON"
check "shows tomu in run-time mode" grep -Eq '1209:70b0 +run-time +1-1' out
check "shows micro in run-time mode" grep -Eq '1209:0001 +run-time +1-2' out
run 0 list --json --on "$ON"
check "two objects" test "$(jq -s length out)" = 2
keys='["vid","pid","mode","serial","path","alts","dfu_version","transfer_size","attributes","manufacturer","product"]'
check "every field is there" jq -es --argjson keys "$keys" 'all(. as $o | $keys - ($o | keys) == [])' out
check "tomu cannot upload" jq -es '.[0].attributes | index("upload") == null' out
run 0 list --json --on "$ON" -d 1209:0001
check "one object" test "$(jq -s length out)" = 1
run 0 info --on "$ON" -p 1-1
check "shows its state" grep -q 'appIDLE' out

# Choosing.
run 4 info --on "$ON"
check "names the option for tomu" grep -q -- '-p 1-1' err
check "names the option for micro" grep -q -- '-p 1-2' err
run 3 info --on "$ON" -d dead:beef
check "says what was looked for" grep -q 'dead:beef' err
run 3 info --on "$ON" -d dead:beef --wait=0.2
run 0 info --on "$ON" -S TOMU-0001
run 0 info --on "$ON" -d '1209:*' -p 1-2
run 0 info --on "$ON/1-2"
run 0 info --on "$ON" --wait=5 -p 1-1

# tomu: detaches by itself, cannot be read.
before=$(field 1-1 bcd_device)
check "as shipped" test "$before" = 0100
run 0 write $FIRMWARE/toboot-booster.dfu --on "$ON" -p 1-1
check "says that it is not verified" grep -q 'written, not verified' out
check "a line for each phase" grep -q '^transfer: 6,660 bytes' err
after=$(field 1-1 bcd_device)
check "its version has changed: $before, $after" test "$after" != "$before"
crc=$(python3 - "$FIRMWARE/toboot-booster.bin" <<'P' 2>/dev/null
import sys, zlib
print("%04x" % (0x8000 | zlib.crc32(open(sys.argv[1], "rb").read()) & 0x7FFF))
P
)
[ -n "$crc" ] && check "from the firmware's CRC-32: $crc" test "$after" = "$crc"
run 9 read t.bin --on "$ON" -p 1-1
check "leaves no file" test ! -e t.bin
run 9 verify $FIRMWARE/toboot-booster.dfu --on "$ON" -p 1-1
run 9 write $FIRMWARE/toboot-booster.dfu --verify always --on "$ON" -p 1-1
check "and is in run-time mode still" test "$(field 1-1 mode)" = run-time

# micro: needs a bus reset, can be read.
run 0 write $FIRMWARE/toboot.bin --on "$ON" -p 1-2
check "verified" grep -q 'written and verified: 5,664 bytes' out
run 0 read back.bin --on "$ON" -p 1-2
check "gives the bytes back" cmp back.bin $FIRMWARE/toboot.bin
run 0 verify $FIRMWARE/toboot.bin --on "$ON" -p 1-2
run 6 verify $FIRMWARE/toboot-booster.bin --on "$ON" -p 1-2
check "says where it differs" grep -q 'first at 0x0000' err
check "is sent back to its firmware" test "$(field 1-2 mode)" = run-time
run 0 write $FIRMWARE/toboot.elf --on "$ON" -p 1-2 --verify never
check "says so" grep -q 'not verified (--verify never)' out
run 0 download $FIRMWARE/toboot.ihex --on "$ON" -p 1-2 --transfer-size 512 -v

# The device is left where it is asked to be.
run 0 detach --on "$ON" -p 1-2
check "in DFU mode" test "$(field 1-2 mode)" = dfu
check "with its other ID" test "$(field 1-2 pid)" = 8001
check "its memory has a name" test "$(field 1-2 'alts[0].name')" != null
run 0 detach --on "$ON" -p 1-2
check "twice is no harm" grep -q 'already' out
run 0 read again.bin --on "$ON" -d 1209:0001,1209:8001
check "found in DFU mode, left in it" test "$(field 1-2 mode)" = dfu
check "the same bytes" cmp again.bin $FIRMWARE/toboot.bin
run 5 write $FIRMWARE/toboot-booster.dfu --dry-run --on "$ON" -p 1-2
check "names the IDs" grep -q 'another product, 1209:70b1' err
run 0 leave --on "$ON" -p 1-2
check "in run-time mode" test "$(field 1-2 mode)" = run-time
run 0 write $FIRMWARE/toboot.bin --then stay --on "$ON" -p 1-2
check "stays in DFU mode" test "$(field 1-2 mode)" = dfu
run 0 write $FIRMWARE/toboot.bin --then reset --on "$ON" -p 1-2
check "was reset" test "$(field 1-2 mode)" = run-time
run 5 write $FIRMWARE/toboot.bin -a 0 -p 1-2 --on "$ON" --range 0x100000:0x100001
run 2 write $FIRMWARE/toboot.bin -a 7 -p 1-2 --on "$ON"
run 2 write $FIRMWARE/toboot.bin -a nonsense -p 1-2 --on "$ON"
check "and still runs" test "$(field 1-2 mode)" = run-time

# A damaged file changes nothing.
before=$(field 1-1 bcd_device)
{ head -c 100 $FIRMWARE/toboot-booster.dfu; printf x; tail -c +102 $FIRMWARE/toboot-booster.dfu; } >bad.dfu
run 5 write bad.dfu --on "$ON" -p 1-1
check "names the file" grep -q 'bad.dfu' err
check "nothing has changed" test "$(field 1-1 bcd_device)" = "$before"

# A dry run changes nothing either.
before=$(field 1-2 bcd_device)
run 0 write $FIRMWARE/toboot-booster.bin --dry-run --on "$ON" -p 1-2
check "shows the blocks" grep -q '2 blocks of up to 4,096 bytes' out
check "nothing has changed" test "$(field 1-2 bcd_device)" = "$before"
check "nothing was detached" test "$(field 1-2 mode)" = run-time

# JSON: one object a line, and the last is the result.
run 0 write $FIRMWARE/toboot.bin --json --on "$ON" -p 1-2
check "every line is JSON" jq -es 'all(type == "object")' out
check "verified" jq -es '.[-1] | .event == "result" and .ok and .verified and .confirmed' out
check "bytes" jq -es '.[-1] | .bytes == 5664 and .exit == 0 and .error == null' out
check "all phases" jq -es '[.[] | select(.event == "phase").phase] | contains(["enumeration", "reconfiguration", "transfer", "manifestation"])' out
run 0 write $FIRMWARE/toboot-booster.dfu --json --on "$ON" -p 1-1
check "not verified" jq -es '.[-1] | .ok and (.verified | not)' out
run 6 verify $FIRMWARE/toboot-booster.bin --json --on "$ON" -p 1-2
check "differs" jq -es '.[-1] | .exit == 6 and .error == "ERR_DIFFERS" and .differences > 0' out
run 9 read t.bin --json --on "$ON" -p 1-1
check "refused" jq -es '.[-1] | .exit == 9 and .error == "ERR_REFUSED"' out
run 3 info --json --on "$ON" -S nobody
check "no device" jq -es '.[-1] | .exit == 3' out
stop

# Nobody listens there any more.
run 8 list --on "$ON"
check "says what to do" grep -q '^remedy:' err
run 8 write $FIRMWARE/toboot.bin --on "$ON"

# The flash outlives the server when it has a file.
serve micro --flash flash.img --serial ABC --timing fast
run 0 write $FIRMWARE/toboot.bin --on "$ON" -S ABC
version=$(field 1-1 bcd_device)
check "saved after the write" test -s flash.img
stop
serve micro --flash flash.img --timing fast
check "runs the same firmware" test "$(field 1-1 bcd_device)" = "$version"
run 0 verify $FIRMWARE/toboot.bin --on "$ON"
stop
printf 'no flash' >junk.img
run 5 virtual micro --flash junk.img --listen 127.0.0.1:0

check "says that its size is wrong" grep -q 'junk.img: not the flash of a virtual micro (its size is wrong)' err
head -c 524308 /dev/zero >zeros.img
run 5 virtual micro --flash zeros.img --listen 127.0.0.1:0
check "says that it is damaged" grep -q '(it is damaged)' err
run 10 virtual micro --flash no/such/flash.img --listen 127.0.0.1:0
check "names the file and the reason" grep -q 'no/such/flash.img: .*No such file' err
refuse "before it listens" grep -q listening out
run 10 virtual micro --flash . --listen 127.0.0.1:0

# A save that fails later is told once, and nobody loses the device.
mkdir shelf
serve micro --flash shelf/flash.img --timing fast
rm -r shelf
run 0 write $FIRMWARE/toboot.bin --on "$ON"
run 0 write $FIRMWARE/toboot-booster.bin --on "$ON"
sleep 0.3
check "told once" test "$(grep -c 'shelf/flash.img: .*No such file' server.err)" = 1
kill -INT "$SERVER"
wait "$SERVER"
check "ends with 10" test $? = 10
SERVER=
check "still told once" test "$(wc -l <server.err)" = 1

# A file longer than what the device holds.
serve micro --timing fast
run 0 write $FIRMWARE/toboot.bin --on "$ON"
{ cat $FIRMWARE/toboot.bin; head -c 1000 /dev/zero; } >longer.bin
run 6 verify longer.bin --on "$ON"
check "says where it ends" grep -q 'ends at 0x00001620, 1,000 bytes before the file; up to there' err
{ printf x; tail -c +2 longer.bin; } >other.bin
run 6 verify other.bin --on "$ON"
check "and where it differs" grep -q '1 byte, the first at 0x00000000; the device ends at 0x00001620' err
stop

# A device whose descriptors cannot be read, because somebody else has it, shows what is known.
head -c 400000 /dev/urandom >long.bin
serve micro --timing real
"$DFU" write long.bin -q --on "$ON" >writer.out 2>writer.err &
writer=$!
sleep 1
run 0 list --on "$ON"
check "says why" grep -q 'another program uses the device' out
for line in 'info' 'read busy.bin' 'write long.bin' 'write long.bin --dry-run'; do
    # shellcheck disable=SC2086
    run 7 $line --on "$ON"
    check "says why" grep -q 'another program uses the device' err
done
kill -INT $writer
wait $writer
stop
run 0 list --on virtual:micro,fault=short-descriptor
refuse "invents nothing" grep -qE '0x0000|0000:0000|transfer size|DFU version' out
run 1 info --on virtual:micro,fault=short-descriptor
refuse "invents nothing" grep -qE '0x0000|0000:0000|transfer size|interface|unknown *$' out

# The choices stand in columns, however long their options are.
serve tomu tomu micro --timing fast
run 4 info --on "$ON"
check "names three" test "$(grep -c '^ .*-p 1-' err)" = 3
check "with options of several lengths" test "$(sed -n 's/^ *\(-p .*[^ ]\)  *[0-9a-f]\{4\}:.*/\1/p' err | awk '{print length}' | sort -u | wc -l)" -gt 1
check "in columns" test "$(sed -n 's/\(^ .*-p .* \)[0-9a-f]\{4\}:[0-9a-f]\{4\}, .*/\1/p' err | awk '{print length}' | sort -u | wc -l)" = 1
stop

# Several of a kind.
serve tomu --count 2 --serial T --flash many.img
run 0 list --json --on "$ON"
check "two serial numbers" test "$(jq -r .serial out | sort | tr '\n' ' ')" = 'T-1 T-2 '
run 4 write $FIRMWARE/toboot-booster.dfu --on "$ON"
run 0 write $FIRMWARE/toboot-booster.dfu --on "$ON" -S T-2
check "only that one" test "$(field 1-1 bcd_device) $(field 1-2 bcd_device)" != "$(field 1-1 bcd_device) $(field 1-1 bcd_device)"
stop
check "a flash file each" test -s many.img.1 -a -s many.img.2

# A port in use.
serve tomu
run 10 virtual tomu --listen "${ON#usbip://}"
stop

# -w waits for a server, too.
serve tomu --timing fast
where=$ON
stop
"$DFU" write $FIRMWARE/toboot-booster.dfu --on "$where" --wait=20 -q >out 2>err &
writer=$!
sleep 0.3
"$DFU" virtual tomu --timing fast --listen "${where#usbip://}" >server.out 2>server.err &
SERVER=$!
wait $writer
check "waited and wrote" test $? = 0
ON=$where
stop
finish
