# SPDX-License-Identifier: MIT
# Helpers for the command tests. Source it first. Gives each script an empty folder of its own,
# counts cases, and ends what it started.
#
#   run CODE ARGUMENT...      run `dfu ARGUMENT...`: its exit code must be CODE. Standard output and
#                             error are in the files `out` and `err`.
#   check WHAT COMMAND...     COMMAND must succeed
#   serve ARGUMENT...         start `dfu virtual ARGUMENT...`; $ON is where, $SERVER its process
#   stop                      end that server as a person would (SIGINT); it must exit 0
#   finish                    the last line of every script

set -u
DFU=${DFU:-${BUILD:-build/host}/dfu}
DFU=$(readlink -f "$DFU")
SOURCE=$(readlink -f "${SOURCE:-$(dirname "$0")/../..}")
FIRMWARE=/usr/lib/firmware-tomu
MICROPYTHON=/usr/share/firmware-microbit-micropython/firmware.hex
SERVER=
ON=
cases=0
failures=0

[ -x "$DFU" ] || { echo "FAIL  no program to test: set DFU or BUILD"; exit 1; }
FOLDER=$(mktemp -d "${TMPDIR:-/tmp}/dfukit-command-XXXXXX") || exit 1
cd "$FOLDER" || exit 1

cleanup() {
    [ -n "$SERVER" ] && kill -KILL "$SERVER" 2>/dev/null
    rm -rf "$FOLDER"
}
trap cleanup EXIT

# Something is missing that a package would bring: skip, but never where everything was installed.
need_package() { # FILE PACKAGE
    [ -e "$1" ] || command -v "$1" >/dev/null && return
    if [ "${DFUKIT_CI:-}" = 1 ]; then
        echo "FAIL  $1 is missing: apt install $2"
        exit 1
    fi
    echo "skipped: $1 is missing: apt install $2"
    exit 77
}

ok() {
    cases=$((cases + 1))
    echo "ok    $*"
}

# The command that failed, as it can be typed again, and what it said.
fail() {
    cases=$((cases + 1))
    failures=$((failures + 1))
    echo "FAIL  $*"
}

quoted() {
    local word text=
    for word in "$@"; do
        text="$text $(printf '%q' "$word")"
    done
    echo "${text# }"
}

run() {
    local wanted=$1 code
    shift
    timeout -s KILL 30 "$DFU" "$@" >out 2>err </dev/null
    code=$?
    if [ "$code" = "$wanted" ]; then
        ok "dfu $(quoted "$@")"
        return 0
    fi
    fail "exit code $code, not $wanted; replay: cd $FOLDER && $DFU $(quoted "$@")"
    sed 's/^/      out: /' out | head -5
    sed 's/^/      err: /' err | head -5
    return 1
}

check() {
    local what=$1
    shift
    if "$@" >/dev/null 2>&1; then
        ok "  $what"
    else
        fail "$what; replay: $(quoted "$@")"
        sed 's/^/      out: /' out 2>/dev/null | head -5
        sed 's/^/      err: /' err 2>/dev/null | head -5
    fi
}

refuse() { # the opposite of check
    local what=$1
    shift
    check "$what" eval "! $(quoted "$@")"
}

one_line() { [ "$(wc -l <"$1")" = 1 ]; }

serve() {
    rm -f server.out server.err
    "$DFU" virtual --listen 127.0.0.1:0 "$@" >server.out 2>server.err &
    SERVER=$!
    local i port=
    for i in $(seq 200); do
        port=$(sed -n 's/^listening on 127\.0\.0\.1:\([0-9]*\)$/\1/p' server.out 2>/dev/null)
        [ -n "$port" ] && break
        kill -0 "$SERVER" 2>/dev/null || break
        sleep 0.05
    done
    if [ -z "$port" ]; then
        fail "the server did not start; replay: $DFU virtual --listen 127.0.0.1:0 $(quoted "$@")"
        cat server.out server.err
        exit 1
    fi
    ON=usbip://127.0.0.1:$port
    ok "dfu virtual $(quoted "$@")"
}

stop() {
    local code
    kill -INT "$SERVER"
    wait "$SERVER"
    code=$?
    SERVER=
    if [ "$code" = 0 ]; then ok "  the server ends"; else fail "the server ends with $code"; fi
}

# One field of the device that `dfu list --json` shows at a path.
field() { # PATH FIELD
    "$DFU" list --json --on "$ON" -p "$1" 2>/dev/null | jq -r ".$2"
}

finish() {
    echo "$cases cases, $failures failed"
    [ "$cases" != 0 ] && [ "$failures" = 0 ]
    exit
}
