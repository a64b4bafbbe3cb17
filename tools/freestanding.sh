#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/freestanding.sh BUILD: the device end, built for a bare ARM, wants nothing from outside but
# what the compiler itself may call: the mem* functions, and integer arithmetic of its own library.
set -eu
build=$1
# No float (__aeabi_f*, __aeabi_d*): there is none in the device end.
from_compiler='^(mem(cpy|move|set|cmp)|__aeabi_(mem(cpy|move|set|clr)[48]?|u?idiv(mod)?|u?ldivmod|lmul|llsl|llsr|lasr|u?lcmp)|__gnu_thumb1_case_(uqi|sqi|uhi|shi|si))$'

shopt -s nullglob
archives=("$build"/libdfukit_*.a)
[ ${#archives[@]} -gt 0 ] || { echo "no archives in $build"; exit 1; }
symbols() { arm-none-eabi-nm "$@" "${archives[@]}" | awk 'NF >= 2 { print $NF }' | sort -u; }
defined=$(symbols --defined-only --extern-only)
[ -n "$defined" ] || { echo "nothing is defined in ${archives[*]}"; exit 1; }
wanted=$(symbols --undefined-only | grep -vxF -e "$defined" | grep -vE "$from_compiler" || true)
if [ -n "$wanted" ]; then
    echo "undefined in $build:"
    echo "$wanted"
    exit 1
fi
