#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fuzz: tools/fuzz.sh SECONDS [NAME...]. Each target tests/fuzz/fuzz_NAME.c is built by
# clang with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, and runs that long on all
# cores, beginning with its seeds. What it has found interesting stays in build/fuzz/NAME.corpus for
# the next time; an input that breaks something in build/fuzz/, as bytes and as text to replay.
set -u
cd "$(dirname "$0")/.." || exit 1
seconds=${1:?usage: tools/fuzz.sh SECONDS [NAME...]}
shift
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
out=build/fuzz
failed=0

need() {
    echo "fuzzing needs the Debian packages clang and libclang-rt-14-dev (of the version that clang"
    echo "has, $1): make setup installs them"
    exit 1
}
command -v clang >/dev/null || need "and there is no clang"
mkdir -p "$out"
# The sanitizers and libFuzzer are a package of their own: better found out now.
if ! echo 'int LLVMFuzzerTestOneInput(const char *b, unsigned long n) { return !b && n; }' |
    clang -fsanitize=fuzzer,address,undefined -x c - -o "$out/.probe" 2>"$out/probe.log"; then
    cat "$out/probe.log"
    need "$(clang -dumpversion)"
fi
victim=(src/device/*.c src/protocol/*.c)
for file in tests/hostile/*.c; do
    case $file in *_test.c) ;; *) victim+=("$file") ;; esac
done
flags=(-D_POSIX_C_SOURCE=200809L -std=c11 -g -O1 -fno-omit-frame-pointer -Iinclude -Itests -Wno-unused-function)

# What a target needs stands in its line "fuzz: rooms=... input=... internal=... wrap=...", see
# tests/fuzz/CMakeLists.txt.
sources() { # NAME: sets `files` and `extra`
    local spec word room symbol
    spec=$(sed -n 's|^/\* fuzz: \(.*\) \*/$|\1|p' "tests/fuzz/fuzz_$1.c")
    files=()
    extra=()
    for word in $spec; do
        case $word in
        rooms=*)
            word=${word#*=}
            for room in ${word//,/ }; do files+=(src/"$room"/*.c); done
            ;;
        input=plain) files+=(tests/fuzz/plain.c) ;;
        internal=*) extra+=("-Isrc/${word#*=}") ;;
        wrap=*)
            word=${word#*=}
            for symbol in ${word//,/ }; do extra+=("-Wl,--wrap=$symbol"); done
            ;;
        esac
    done
    [ -n "$spec" ] || files=("${victim[@]}" tests/fuzz/script.c)
}

build() { # NAME
    local files extra
    sources "$1"
    clang "${flags[@]}" "${extra[@]}" -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
        "${files[@]}" "tests/fuzz/fuzz_$1.c" -o "$out/$1" &&
        clang "${flags[@]}" "${extra[@]}" -fsanitize=address,undefined -fno-sanitize-recover=all \
            "${files[@]}" "tests/fuzz/fuzz_$1.c" tests/fuzz/run.c -o "$out/$1-replay"
}

# One target. What breaks is left as $out/NAME-crash-*, -timeout-*, -leak-*, -oom-*.
fuzz() { # NAME
    local name=$1 corpus="$out/$1.corpus" log="$out/$1.log" seed found
    mkdir -p "$corpus"
    for seed in tests/fuzz/seeds/"$name"/*.txt; do
        "$out/$name-replay" --bytes "$seed" "$corpus/seed-$(basename "$seed" .txt)" || return 1
    done
    rm -f "$out/$name"-{crash,timeout,leak,oom}-*
    # In fork mode a finding ends the run, and its file is where the prefix says.
    "$out/$name" -fork="$jobs" -max_total_time="$seconds" -max_len=4096 -timeout=10 \
        -artifact_prefix="$out/$name-" -print_final_stats=1 "$corpus" >"$log" 2>&1
    local status=$?
    echo "$name: $(grep -ao '#[0-9]*: cov: [0-9]* ft: [0-9]* corp: [0-9]* exec/s:* [0-9]*' "$log" | tail -n 1)"
    [ "$status" -eq 0 ] && return 0
    tail -n 40 "$log"
    for found in "$out/$name"-{crash,timeout,leak,oom}-*; do
        [ -e "$found" ] || continue
        "$out/$name-replay" --text "$found" >"$found.txt"
        echo "FOUND $found; replay: $out/$name-replay $found.txt"
    done
    return 1
}

if [ $# -eq 0 ]; then
    for file in tests/fuzz/fuzz_*.c; do
        name=${file##*/fuzz_}
        set -- "$@" "${name%.c}"
    done
fi
for name; do
    echo "== fuzz $name for $seconds s"
    if ! build "$name" || ! fuzz "$name"; then
        echo "FAILED: fuzz $name"
        failed=$((failed + 1))
    fi
done
echo "$failed targets failed"
[ "$failed" -eq 0 ]
