# SPDX-License-Identifier: MIT
# The examples of docs/DESCRIPTORS.md compile as they stand there. $CC is the compiler, $SOURCE the tree.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wundef -Werror"

# A fence that names a file begins one.
awk -v to="$work" '
    /^```c [a-z]+\.[ch]$/ { file = to "/" $2; next }
    /^```/ { file = ""; next }
    file != "" { print > file }' "$SOURCE/docs/DESCRIPTORS.md"

for name in pad.h loader.c application.c spliced.c; do
    [ -s "$work/$name" ] || { echo "docs/DESCRIPTORS.md has no $name"; exit 1; }
done
for example in "$work"/*.c; do
    "$CC" $flags -I "$SOURCE/include" -I "$work" -c -o "${example%.c}.o" "$example"
done
