#!/bin/bash
# SPDX-License-Identifier: MIT
# Help, versions, and command lines that are wrong: exit 2 with one helpful line, nothing on
# standard output.
. "$(dirname "$0")/lib.sh"

verbs="list info detach write read verify erase unlock leave virtual demo"

run 0 --help
images="info convert pack unpack"
for part in suffix prefix; do
    images="$images $part+add $part+check $part+strip"
done
for verb in $images; do
    check "names image ${verb/+/ }" grep -q "^  image ${verb/+/ } " out
done
for verb in $images; do
    # shellcheck disable=SC2086
    run 0 image ${verb/+/ } --help
    check "shows how it is used" grep -q "^Usage: dfu image ${verb/+/ } " out
    cp out "help.image-$verb"
done
run 0 --help
for verb in $verbs "image info"; do
    check "names $verb" grep -q "^  $verb" out
done
for missing in gang fuse lock; do
    refuse "does not name $missing" grep -qw "$missing" out
done
check "lists the exit codes" grep -q '^  130  ' out
check "nothing on standard error" test ! -s err

for verb in $verbs "image info"; do
    # shellcheck disable=SC2086
    run 0 $verb --help
    check "shows how it is used" grep -q "^Usage: dfu $verb" out
    cp out "help.$verb"
    # shellcheck disable=SC2086
    run 0 --help $verb
    check "is the same before the verb" cmp "help.$verb" out
done
run 0 download --help
check "is that of write" cmp out help.write
run 0 upload -h
check "is that of read" cmp out help.read

run 0 --version
version=$(sed -n 's/^#define DFUKIT_VERSION  *"\(.*\)"$/\1/p' "$SOURCE/include/dfukit/version.h")
check "is the header's: $version" grep -qx "dfu ${version:?}" out

# A family of verbs has help of its own.
for family in image 'image suffix'; do
    # shellcheck disable=SC2086
    run 0 $family --help
    check "its verbs" grep -q "^  image suffix check" out
    refuse "no others" grep -q '^  write' out
    refuse "no option that they do not have" grep -q -- --trace out
    mv out "help.family-${family##* }"
    # shellcheck disable=SC2086
    run 0 help $family
    check "the same" cmp "help.family-${family##* }" out
done
run 0 --help
cp out help.all
check "at most 79 columns" test -z "$(cat help.* | awk 'length > 79')"

# The manual page knows every option and verb that the help shows.
page=$SOURCE/docs/dfu.1
for option in $(cat help.* | grep -o '^ .*--[a-z-]*' | grep -o -- '--[a-z-]*' | sort -u); do
    check "dfu(1) has $option" grep -qF -- "$(echo "$option" | sed 's/-/\\-/g')" "$page"
done
for verb in $verbs; do
    check "dfu(1) has $verb" grep -q "^\.SS .*\b$verb\b" "$page"
done
for verb in $images; do
    check "dfu(1) has image ${verb/+/ }" grep -q "^\.SS image ${verb/+/ } " "$page"
done

wrong() { # PART-OF-MESSAGE ARGUMENT...
    local part=$1
    shift
    run 2 "$@"
    check "says: $part" grep -qF -- "$part" err
    check "in one line" one_line err
    check "nothing on standard output" test ! -s out
}
touch x.bin
wrong 'See `dfu --help`'
wrong 'did you mean `dfu list`'          lits
wrong 'did you mean `dfu write`'         wriet x.bin
wrong 'wants --at ADDR --size N, or --all' erase
wrong 'wants --at ADDR --size N, or --all' erase --at 0x08000000
wrong 'leave out --at'                   erase --all --at 0x08000000 --size 1
wrong 'pages, all or none'               write x.bin --erase some
wrong 'number of bytes'                  read y.bin --size 0
wrong '--like does not go with'          write x.bin --like y.dfu
wrong '--all does not go with'           write x.bin --all
wrong '--size does not go with'          leave --size 1
wrong 'unknown verb "gang"'              gang x.bin
wrong 'unknown verb "fuse"'              fuse
wrong 'unknown verb "lock"'              lock
wrong 'unknown verb "image convrt"'      image convrt x.bin y.hex
wrong 'did you mean `dfu image suffix add`' image suffix ad x.bin
wrong 'wants a verb of its own'          image suffix
wrong 'wants IN OUT'                     image convert x.bin
wrong 'wants an ID in hexadecimal'       image suffix add x.bin --vid 12345
wrong 'wants 0100, 0110 or 011a'         image suffix add x.bin --spec 0101
wrong 'wants stellaris or lpc'           image prefix add x.bin --type nxp
wrong '--type stellaris or --type lpc'   image prefix add x.bin
wrong 'wants --at ADDR'                  image prefix add x.bin --type stellaris
wrong 'ALT:ADDR:FILE'                    image pack y.dfu x.bin
wrong 'ends in .dfu'                     image pack y.bin 0:0:x.bin
wrong 'wants FILE'                       write
wrong 'wants PERSONA'                    virtual
wrong '"y.bin"'                          write x.bin y.bin
wrong '"x"'                              list x
wrong 'did you mean --verify'            write x.bin --verifiy
wrong 'unknown option -Z'                list -Z
wrong '--verify does not go with'        list --verify never
wrong 'takes no argument'                list --json=yes
wrong 'wants an argument'                list -d
wrong 'VID:PID'                          list -d 1209
wrong 'FROM:TO'                          write x.bin --range 1
wrong '1 to 65535'                       write x.bin --transfer-size 65536
wrong 'usbip://HOST'                     list --on usbip://
wrong 'did you mean tomu'                list --on virtual:tomuu
wrong 'known are'                        list --on virtual:tomu,fault=none-such
wrong 'known are'                        virtual tomu --fault none-such
wrong 'did you mean read-protected'      virtual tomu --fault read-protect
wrong 'did you mean micro'               virtual mikro
wrong 'ADDR:PORT'                        virtual tomu --listen nowhere

run 2 read - --json --on virtual:micro
check "says why" grep -q 'standard output' err
run 2 write --json
check "the failure is JSON too" grep -q '"exit":2' out

run 0 list --on virtual:tomu --color always
check "has colours" grep -q "$(printf '\033')" out
NO_COLOR=1 run 0 list --on virtual:tomu --color auto
refuse "has none" grep -q "$(printf '\033')" out

run 0 virtual --list
for persona in tomu micro dfu10; do
    check "names $persona" grep -q "^$persona  *[A-Z]" out
done

# `dfu help` is --help; a line that is wrong is JSON where --json stands behind the mistake.
run 0 --help
cp out help.general
run 0 help
check "is --help" cmp out help.general
run 0 help write
check "is that of write" cmp out help.write
run 0 help image info
check "is that of image info" cmp out "help.image info"
wrong 'did you mean `dfu write`'         help wrte
for line in 'lits --json' 'write --bogus --json' 'write x.bin --range 1 --json'; do
    # shellcheck disable=SC2086
    run 2 $line
    check "is JSON, too" grep -q '^{"event":"result".*"exit":2' out
done

# The faults and personas of the help are those that there are, and those of dfu(1).
sed -n '/^Faults:/,$s/^  \([a-z][a-z-]*\).*/\1/p' help.virtual | sort >faults.help
check "more than twenty faults" test "$(wc -l <faults.help)" -gt 20
run 2 list --on virtual:tomu,fault=none-such
sed 's/.*known are//; s/,//g' err | tr ' ' '\n' | grep . | sort >faults.known
check "the help knows every fault" cmp faults.help faults.known
sed -n '/^\.SS Faults/,/^\.SH/s/^\.B \([a-z][a-z\\-]*\).*/\1/p' "$page" | sed 's/\\//g' |
    grep -v '^--fault' | sort >faults.page
check "dfu(1) knows every fault" cmp faults.help faults.page
run 0 virtual --list
sed 's/ .*//' out | sort >personas.list
sed -n '/^Personas:/,/^$/s/^  \([a-z][^ ]*\)$/\1/p' help.virtual | sort >personas.help
check "the help knows every persona" cmp personas.list personas.help
sed -n '/^\.SS Personas/,/^\.SS/s/^\.B \(.*\)/\1/p' "$page" | sed 's/\\//g' | sort >personas.page
check "dfu(1) knows every persona" cmp personas.list personas.page

# Advice fits what was asked.
run 3 info -S nobody --on virtual:micro
check "lists at the same place" grep -qF '`dfu list --on virtual:micro`' err
finish
