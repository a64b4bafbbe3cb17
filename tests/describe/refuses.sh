# SPDX-License-Identifier: MIT
# Tables that cannot be are refused when they are compiled, each with the words that say why; those just
# inside the limits compile without a warning. $CC is the compiler, $SOURCE the tree.
set -u
flags="-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wundef -Werror -fsyntax-only"
failed=0
count=0

compile() { # -D... : the compiler's words
    "$CC" $flags -I "$SOURCE/include" "$@" "$SOURCE/tests/describe/table.c" 2>&1
}

accepts() { # -D...
    count=$((count + 1))
    words=$(compile "$@") || { echo "FAILED: refused $*"; echo "$words" | head -5; failed=1; }
}

refuses() { # the words that are to be among the errors, -D...
    count=$((count + 1))
    wanted=$1
    shift
    if words=$(compile "$@"); then
        echo "FAILED: accepted $*"
        failed=1
    elif ! printf '%s\n' "$words" | grep -F 'error:' | grep -qF -- "$wanted"; then
        echo "FAILED: $*: no error says: $wanted"
        echo "$words" | grep -F 'error:' | head -5
        failed=1
    fi
}

D=-DDFUKIT_
accepts

refuses 'neither download nor upload' ${D}bmAttributes=4
refuses 'bmAttributes has it' ${D}bmAttributes=11 ${D}bitWillDetach=0
accepts ${D}bmAttributes=3 ${D}bitWillDetach=0
refuses 'wLANGID: 1 to 0xFFFF' ${D}wLANGID=0
refuses 'wLANGID: 1 to 0xFFFF' ${D}wLANGID=0x10409
accepts ${D}wLANGID=0x0407
refuses 'idVendor: 0x0000 to 0xFFFE' ${D}idVendor=0xFFFF
refuses 'idVendor: 0x0000 to 0xFFFE' ${D}idVendor=-1
accepts ${D}idVendor=0xFFFE
accepts ${D}idVendor=0
refuses 'idProduct: 0x0000 to 0xFFFE' ${D}idProduct=0xFFFF
refuses 'idProduct_dfu: 0x0000 to 0xFFFE' ${D}idProduct_dfu=0x10000
refuses 'the table needs' -DWITHOUT_idVendor
refuses 'for DFU mode' -DWITHOUT_idProduct_dfu
refuses 'for run-time mode' -DWITHOUT_idProduct
refuses 'one idProduct for both modes' ${D}idProduct_dfu=0x0001
refuses 'one idProduct for both modes' ${D}idProduct_dfu=0x0001 ${D}bcdDevice_dfu=0x0100
accepts ${D}idProduct_dfu=0x0001 ${D}bcdDevice_dfu=0x0101

for wrong in 0x010A 0x01A0 0x0A00 0xA000 0x10000 -1; do
    refuses 'bcdDevice: four decimal digits' ${D}bcdDevice=$wrong
    refuses 'bcdDevice: four decimal digits' ${D}bcdDevice_dfu=$wrong
done
accepts ${D}bcdDevice=0x9999

for wrong in 0 4 12 48 128 512; do
    refuses 'bMaxPacketSize0: 8, 16, 32 or 64' ${D}bMaxPacketSize0=$wrong
done
for right in 8 16 32 64; do
    accepts ${D}bMaxPacketSize0=$right ${D}wTransferSize=$right
    refuses 'wTransferSize: bMaxPacketSize0 to 65535' ${D}bMaxPacketSize0=$right \
        ${D}wTransferSize=$((right - 1))
done
refuses 'wTransferSize: bMaxPacketSize0 to 65535' ${D}wTransferSize=65536
refuses 'wTransferSize: bMaxPacketSize0 to 65535' ${D}wTransferSize=0
accepts ${D}wTransferSize=65535
refuses 'wDetachTimeOut: 0 to 65535' ${D}wDetachTimeOut=65536
refuses 'wDetachTimeOut: 0 to 65535' ${D}wDetachTimeOut=-1
accepts ${D}wDetachTimeOut=65535

for wrong in 0x0101 0x0120 0x0200 0 DFUKIT_AN_ENUMERATOR; do
    refuses 'bcdDFUVersion must be a number' ${D}bcdDFUVersion=$wrong
done
for right in 0x0100 0x0110 0x011A DFUKIT_VERSION_DFUSE; do
    accepts ${D}bcdDFUVersion=$right -include dfukit/protocol.h
done
refuses 'bitWillDetach: not in DFU 1.0' ${D}bcdDFUVersion=0x0100 ${D}bitWillDetach=1
refuses 'bitWillDetach: not in DFU 1.0' ${D}bcdDFUVersion=0x0100 ${D}bmAttributes=0x09
accepts ${D}bcdDFUVersion=0x0100 ${D}bitWillDetach=0
accepts ${D}bitWillDetach=1
accepts ${D}bitWillDetach=0
for wrong in 0x10 0x20 0x40 0x100 -1; do
    refuses 'bmAttributes: bits that are reserved' ${D}bmAttributes=$wrong
done
refuses 'DFUKIT_CAN_ACCELERATE is of DfuSe only' ${D}bmAttributes=0x80
accepts ${D}bmAttributes=0x8F ${D}bcdDFUVersion=0x011A

refuses 'milliamperes: 500 at most' ${D}milliamperes=501
refuses 'milliamperes: 500 at most' ${D}milliamperes=-1
accepts ${D}milliamperes=500
accepts ${D}milliamperes=0
refuses 'selfPowered: 0, 1' ${D}selfPowered=2
accepts ${D}selfPowered=1

refuses 'a text is longer than the 126 characters' -DTEXT_127
accepts -DTEXT_126
refuses 'a text is empty: leave it out' '-DDFUKIT_iProduct=""'
refuses 'landingPage is empty: leave it out' '-DDFUKIT_landingPage=""'
refuses 'either a text or made of' '-DDFUKIT_iSerialNumber="1"' ${D}serialBytes=12
refuses 'serialBytes: 1 to 63' ${D}serialBytes=64
refuses 'serialBytes: 1 to 63' ${D}serialBytes=0
accepts ${D}serialBytes=63
refuses 'there are more than 254 texts' -DSTRINGS_255
refuses 'ALTERNATES: 1 to 255' -DALTERNATES_256
refuses 'ALTERNATES: 1 to 255' -DALTERNATES_NONE

refuses 'belong together' ${D}APPLICATION=9,4,0,0,0,255,0,0,0
refuses 'belong together' ${D}APPLICATION_INTERFACES=1
for wrong in 0 255 -1; do
    refuses 'APPLICATION_INTERFACES: 1 to 254' ${D}APPLICATION=9,4,0,0,0,255,0,0,0 \
        ${D}APPLICATION_INTERFACES=$wrong
done
accepts ${D}APPLICATION=9,4,0,0,0,255,0,0,0 ${D}APPLICATION_INTERFACES=1
refuses 'APPLICATION_CLASS: three numbers' -DSEVEN_CLASSES

guid='01234567-89AB-CDEF-0123-456789ABCDEF'
accepts "-DDFUKIT_GUID=\"{$guid}\""
refuses 'GUID: 38 characters' "-DDFUKIT_GUID=\"$guid\""
refuses 'GUID: 38 characters' "-DDFUKIT_GUID=\"{$guid}}\""
refuses 'landingPage: 252 bytes at most' -DURL_253
accepts -DURL_252
refuses 'bScheme: 0, 1 or 255' '-DDFUKIT_landingPage="x"' ${D}bScheme=2
accepts '-DDFUKIT_landingPage="x"' ${D}bScheme=255
refuses 'bVendorCode: 0 to 255' ${D}bVendorCode=256
accepts ${D}bVendorCode=255

accepts -DSPLICED
accepts -DSPLICED_10 ${D}bcdDFUVersion=0x0100
refuses 'DFU 1.0 wants DFUKIT_RUNTIME_BYTES_10' -DSPLICED ${D}bcdDFUVersion=0x0100
refuses 'DFUKIT_RUNTIME_BYTES_10 is for DFU 1.0' -DSPLICED_10
accepts ${D}bcdDFUVersion=0x0100 "-DDFUKIT_GUID=\"{$guid}\""

refuses 'tables are described in a C file' -x c++ -std=c++17
refuses 'little endian only' -U__BYTE_ORDER__ -D__BYTE_ORDER__=__ORDER_BIG_ENDIAN__

echo "$count tables"
exit "$failed"
