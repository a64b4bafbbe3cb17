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

# The code of the guide, too, block by block.
blocks=$BUILD/library/blocks
rm -rf "$blocks"
mkdir -p "$blocks"
awk -v folder="$blocks" '
    /^```c$/ { n++; inside = 1; next }
    /^```$/ { inside = 0 }
    inside { print > (folder "/" n ".c") }' "$SOURCE/docs/LIBRARY.md"
for path in "$blocks"/*.c; do
    "$CC" -std=c11 -Wall -Wextra -Wpedantic -Werror -I "$include" -fsyntax-only "$path" ||
        { echo "FAIL  block ${path##*/} of docs/LIBRARY.md"; exit 1; }
    count=$((count + 1))
done
echo "$count compiled"
[ "$count" -ge 31 ]
