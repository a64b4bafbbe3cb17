#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Configure, build and test. tools/test.sh [PRESET...]: host, asan, tsan, arm-m0, arm-m3; all by default.
# Ends with "N passed, N failed". A test that skips itself has failed: what it needs was installed.
set -u
cd "$(dirname "$0")/.." || exit 1
export DFUKIT_CI=1
passed=0
failed=0
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

say() { echo "== $*"; }

# quietly COMMAND...: show what it says only when it fails.
quietly() {
    local log
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    echo "FAILED: $*"
    grep -v '^\[[0-9]*/[0-9]*\] ' "$log" | tail -n 100
    rm -f "$log"
    return 1
}

build() { # PRESET
    say "$1: configure and build"
    quietly cmake --preset "$1" && quietly cmake --build --preset "$1" -- -k 0
}

# The preset's tests, counted from the report that ctest writes.
test_host() { # PRESET
    local report="$PWD/build/$1/tests.xml" counts
    rm -f "$report"
    say "$1: test"
    ctest --preset "$1" --parallel "$jobs" --no-tests=error --output-junit "$report" \
        --test-output-size-passed 65536 |
        grep -v -e '^ *Start ' -e '^Label Time Summary' -e 'sec\*proc'
    python3 -B tools/figures.py "$report"
    counts=$(python3 -B tools/count.py "$report") || counts="0 1"
    passed=$((passed + ${counts% *}))
    failed=$((failed + ${counts#* }))
}

one() { # WHAT COMMAND...: a command that is a test by itself
    local what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        echo "FAILED: $what"
        failed=$((failed + 1))
    fi
}

freestanding() { build "$1" && tools/freestanding.sh "build/$1"; }

[ $# -gt 0 ] || set -- host asan tsan arm-m0 arm-m3
for preset; do
    case $preset in
    arm-*) one "$preset" freestanding "$preset" ;;
    *)
        if build "$preset"; then
            test_host "$preset"
        else
            one "$preset does not build" false
        fi
        ;;
    esac
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
