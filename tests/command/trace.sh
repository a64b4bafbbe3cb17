# SPDX-License-Identifier: MIT
# --trace and --replay: a conversation is recorded, played back to the same command, and every
# departure is told with its line.
. "$(dirname "$0")/lib.sh"

head -c 5000 /dev/urandom >one.bin
cp one.bin two.bin
printf '\x5a\xa5\x5a' | dd of=two.bin bs=1 seek=4500 conv=notrunc 2>/dev/null

# In the same process.
for persona in micro tomu dfu10; do
    run 0 write one.bin --on "virtual:$persona" --trace "$persona.trace"
    cp out first.out
    run 0 write one.bin --on "virtual:replay=$persona.trace"
    check "$persona: the same result" cmp out first.out
    refuse "$persona: no departure" grep -q departed err
    check "$persona: the trace has its end" grep -q ' end$' "$persona.trace"
done

# DfuSe: another file departs where its bytes are.
dfuse=(-a 0 --at 0x08000000 --then leave)
run 0 write one.bin --on virtual:stm32f107-rom "${dfuse[@]}" --trace dfuse.trace
cp out first.out
run 0 write one.bin --on virtual:replay=dfuse.trace "${dfuse[@]}"
check "the same result" cmp out first.out
refuse "no departure" grep -q departed err
line=$(grep -n 'DFU_DNLOAD 21 01 [0-9a-f]* 0000 0388 ' dfuse.trace | cut -d: -f1)
run 6 write two.bin --on virtual:replay=dfuse.trace "${dfuse[@]}"
check "the line is told" grep -q "^dfuse.trace: line $line: the host departed" err

# Byte 4500 lies in the last block of `micro`, whose blocks are of 4,096 bytes.
line=$(grep -n 'DFU_DNLOAD 21 01 0001' micro.trace | cut -d: -f1)
run 6 write two.bin --on virtual:replay=micro.trace
check "the line is told" grep -q "^micro.trace: line $line: the host departed" err
check "the byte is told" grep -q 'byte 404 is 0x5a' err
line=$(grep -n 'DFU_DNLOAD 21 01 0004' tomu.trace | cut -d: -f1)
run 1 write two.bin --on virtual:replay=tomu.trace
check "the line is told" grep -q "^tomu.trace: line $line: the host departed" err

# Not played to its end, and looking is not playing.
run 1 leave --on virtual:replay=micro.trace
check "what nobody asked for is told" grep -q 'nobody asked for this' err
run 0 list --on virtual:replay=micro.trace
check "the product is listed" grep -q 'Micro' out

# A failure is played back as well.
run 1 write one.bin --on virtual:micro,fault=error-dnload=1 --trace failure.trace
cp err first.err
run 1 write one.bin --on virtual:replay=failure.trace
check "the same failure" eval "diff <(grep ^dfu: err) <(grep ^dfu: first.err)"
refuse "no departure" grep -q departed err

# Over USB/IP, recorded there too.
serve --replay micro.trace
run 0 write one.bin --on "$ON" --trace again.trace
check "written and verified" grep -q '^written and verified: 5,000 bytes' out
stop
serve --replay micro.trace
run 6 write two.bin --on "$ON"
kill -INT "$SERVER"
wait "$SERVER"
check "a departure: exit code 1" test $? = 1
SERVER=
check "told where" grep -q '^micro.trace: line [0-9]*: the host departed' server.err
run 0 write one.bin --on virtual:replay=again.trace
for verb in info list detach; do
    run 0 $verb --on virtual:micro --trace "$verb.trace"
    check "$verb is recorded" grep -q 'GET_DESCRIPTOR' "$verb.trace"
done

# Files that are there are kept, and files that cannot be written are told.
cp micro.trace kept
run 10 write one.bin --on virtual:micro --trace micro.trace
check "the trace is as it was" cmp micro.trace kept
run 10 list --on virtual:micro --trace micro.trace
run 0 list --on virtual:micro --trace micro.trace --force
refuse "replaced" cmp micro.trace kept
run 10 write one.bin --on virtual:micro --trace /nowhere/trace
run 10 write one.bin --on virtual:micro --trace /dev/full
check "said why" grep -q 'the trace is not whole' err
run 10 write one.bin --on virtual:micro --trace /dev/full --json
check "the result says what the program ends with" jq -e '.ok == false and .exit == 10' \
    <(tail -n 1 out)
run 2 write one.bin --on virtual:micro --trace=
run 2 image info one.bin --trace x

# Damaged traces. One that ends between two lines is played as far as it goes.
line=$(grep -n ' depart 1$' kept | cut -d: -f1)
head -n "$line" kept >half
run 8 write one.bin --on virtual:replay=half --timeout 2
head -c $(($(head -n 20 kept | wc -c) - 3)) kept >cut
run 5 write one.bin --on virtual:replay=cut
check "the line is told" grep -q 'cut: line 20: ' err
sed '20s/ [a-z]* / fly /' kept >damaged
refuse "line 20 is another" cmp damaged kept
run 5 write one.bin --on virtual:replay=damaged
check "the line is told" grep -q 'damaged: line 20: ' err
run 5 virtual --replay one.bin
run 5 virtual --replay missing
run 2 virtual --replay kept micro
run 2 list --on virtual:replay=
finish
