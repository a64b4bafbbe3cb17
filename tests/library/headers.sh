# SPDX-License-Identifier: MIT
# Every installed header compiles by itself, with nothing but the installed ones beside it, in C99,
# in C11 and in C++17. (tests/house/headers.sh does more for those in the tree.)
set -eu
include=$BUILD/library/prefix/include
count=0
for path in "$include"/dfukit/*.h; do
    name=dfukit/${path##*/}
    for language in "c -std=c99" "c -std=c11" "c++ -std=c++17"; do
        echo "#include <$name>" |
            "$CC" -x $language -Wall -Wextra -Wpedantic -Werror -I "$include" -fsyntax-only - ||
            { echo "FAIL  $name as $language"; exit 1; }
        count=$((count + 1))
    done
done
echo "$count compiled"
[ "$count" -ge 27 ]
