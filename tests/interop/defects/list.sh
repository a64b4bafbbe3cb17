#!/bin/bash
# SPDX-License-Identifier: MIT
# docs/DEFECTS.md, defects.sh and the tests name the same defects. Arguments: the tests' names.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '%s\n' "$@" | sort >"$work/tests"
grep -o '`interop\.defects\.D[0-9]*`' "$SOURCE/docs/DEFECTS.md" | tr -d '`' | sort >"$work/docs"
sed -n 's/^\(D[0-9]*\)() {.*/interop.defects.\1/p' "$SOURCE/tests/interop/defects/defects.sh" |
    sort >"$work/script"
[ -s "$work/tests" ] || { echo "FAIL  no tests"; exit 1; }
cmp "$work/tests" "$work/docs" && cmp "$work/tests" "$work/script"
