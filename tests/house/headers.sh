# SPDX-License-Identifier: MIT
# Every public header compiles by itself, twice in a row, in C11 and in C++17; and what it declares
# is documented.
set -eu
python3 -B "$SOURCE/tests/house/headers.py" --self-test
python3 -B "$SOURCE/tests/house/headers.py" "$SOURCE/include/dfukit"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-pedantic -Wall -Wextra -Werror -c -o /dev/null"

# compiles INCLUDE_FOLDER HEADER: prints the compiler's complaints; fails if there are any.
compiles() {
    printf '#include "dfukit/%s"\n#include "dfukit/%s"\n' "$2" "$2" >"$work/unit.c"
    gcc -std=c11 $flags -I "$1" "$work/unit.c" &&
        g++ -std=c++17 $flags -I "$1" -x c++ "$work/unit.c"
}

# The check itself: a sound header passes; these do not.
mkdir -p "$work/include/dfukit"
header="$work/include/dfukit/fixture.h"
expect() { # pass|fail, the header's text
    printf '%s\n' "$2" >"$header"
    result=fail
    compiles "$work/include" fixture.h >"$work/out" 2>&1 && result=pass
    [ "$result" = "$1" ] || { echo "self-test: wanted $1 of: $2"; cat "$work/out"; exit 1; }
}
guarded() { printf '#ifndef H\n#define H\n%s\n#endif' "$1"; }
expect pass "$(guarded '#include <stdint.h>
typedef struct t { uint8_t x; } t;')"
expect fail "$(guarded 'typedef struct t { uint8_t x; } t;')"        # an include is missing
expect fail 'typedef struct t { int x; } t;'                          # no guard
expect fail "$(guarded 'typedef struct t { int class; } t;')"         # no C++
expect fail "$(guarded 'static int f(void) { return 1; }')"           # unused

failed=0
count=0
for path in "$SOURCE"/include/dfukit/*.h; do
    count=$((count + 1))
    compiles "$SOURCE/include" "$(basename "$path")" || { echo "FAILED: $path"; failed=1; }
done
[ "$count" -gt 0 ] || { echo "no headers"; exit 1; }
exit "$failed"
