# SPDX-License-Identifier: MIT
# `dfu list` through libusb: a composite device with a run-time DFU function, and two personas.
. "$(dirname "$0")/lib.sh"

plugged scripted tomu micro -- "$DFU" list >"$work/text" 2>"$work/messages"
expect "exit code" 0 $?
for text in 1209:0001 1209:70b0 SCRIPT-0001 1-2.1 1-2.2 1-2.3; do
    expect_in "dfu list" "$text" "$work/text"
done

plugged scripted tomu micro -- "$DFU" list --json >"$work/json" 2>"$work/messages"
expect "exit code with --json" 0 $?
expect "objects" 3 "$(jq -s length "$work/json")"

# field PATH EXPRESSION
field() { jq -r "select(.path == \"$1\") | $2" "$work/json"; }
expect vid 1209 "$(field 1-2.1 .vid)"
expect pid 0001 "$(field 1-2.1 .pid)"
expect mode run-time "$(field 1-2.1 .mode)"
expect serial SCRIPT-0001 "$(field 1-2.1 .serial)"
expect manufacturer "dfukit tests" "$(field 1-2.1 .manufacturer)"
expect product "Scripted device" "$(field 1-2.1 .product)"
expect transfer_size 1024 "$(field 1-2.1 .transfer_size)"
expect dfu_version 1.1 "$(field 1-2.1 .dfu_version)"
expect alts '[{"alt":0,"name":"DFU run-time"}]' "$(field 1-2.1 '.alts | tojson')"
expect "attributes" 4 "$(field 1-2.1 '.attributes | length')"
expect "tomu's pid" 70b0 "$(field 1-2.2 .pid)"
expect "tomu's mode" run-time "$(field 1-2.2 .mode)"
expect "micro's pid" 0001 "$(field 1-2.3 .pid)"

# A bus with nothing on it but hubs would show nothing: the device is what made the difference.
plugged scripted -- "$DFU" list --json >"$work/json" 2>"$work/messages"
expect "objects, one device" 1 "$(jq -s length "$work/json")"
finish
