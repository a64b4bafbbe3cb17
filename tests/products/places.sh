#!/bin/sh
# SPDX-License-Identifier: MIT
# places.sh PROGRAM SOURCE: what docs/QUIRKS.md says is done in a place of the code is there still.
bad=0
rows=0
places=$("$1" --places) || exit 1
while read -r file function; do
    rows=$((rows + 1))
    if ! grep -qw -- "$function" "$2/$file"; then
        echo "docs/QUIRKS.md: no $function in $file"
        bad=1
    fi
done <<EOF
$places
EOF
[ "$rows" -ge 10 ] || { echo "only $rows places"; bad=1; }
exit $bad
