# SPDX-License-Identifier: MIT
# Install into an empty folder, move that, and build the examples with what it holds: by pkg-config
# and by CMake, shared and static. Each must run, with the library it was meant to.
set -eu
top=$BUILD/library
prefix=$top/prefix
rm -rf "$top"
mkdir -p "$top"

die() {
    echo "FAIL  $*; replay: BUILD=$BUILD SOURCE=$SOURCE bash $0"
    exit 1
}
quietly() { "$@" >"$top/log" 2>&1 || { cat "$top/log"; die "$@"; }; }

quietly "$CMAKE" --install "$BUILD" --prefix "$top/elsewhere"
mv "$top/elsewhere" "$prefix"
lib=$prefix/$LIBDIR
export PKG_CONFIG_PATH=$lib/pkgconfig

# Exactly what is meant to be there.
(cd "$prefix" && find . -type f -o -type l | sed 's,^\./,,' | grep -v '^bin/\|^libexec/\|^share/' | sort) \
    >"$top/installed"
{
    for h in bus dfuse error host image protocol session transport version; do
        echo "include/dfukit/$h.h"
    done
    for file in cmake/dfukit/dfukitConfig.cmake cmake/dfukit/dfukitConfigVersion.cmake \
        cmake/dfukit/dfukitStaticTargets-relwithdebinfo.cmake \
        cmake/dfukit/dfukitStaticTargets.cmake cmake/dfukit/dfukitTargets-relwithdebinfo.cmake \
        cmake/dfukit/dfukitTargets.cmake libdfukit.a libdfukit.so libdfukit.so.0 \
        "libdfukit.so.0.$VERSION" pkgconfig/dfukit.pc; do
        echo "$LIBDIR/$file"
    done
} | sort >"$top/wanted"
diff "$top/wanted" "$top/installed" || die "other files are installed than those"
[ "$(pkg-config --modversion dfukit)" = "$VERSION" ] || die "dfukit.pc has another version"

# runs KIND shared|static: what was built in $top/KIND; `list` without a bus must say so.
runs() {
    for name in list write read watch; do
        program=$top/$1/$name
        [ -x "$program" ] || die "$1: $name was not built"
        needs=static
        readelf -d "$program" | grep -q 'NEEDED.*libdfukit\.so\.0\]' && needs=shared
        [ "$needs" = "$2" ] || die "$1: $name is linked $needs"
    done
    code=0
    LD_LIBRARY_PATH=$lib "$top/$1/list" usbip://127.0.0.1:1 >"$top/log" 2>&1 || code=$?
    [ "$code" = 1 ] && grep -q 'the server cannot be reached' "$top/log" ||
        { cat "$top/log"; die "$1: list ends with $code"; }
    echo "ok    $1"
}

strict="-std=c11 -Wall -Wextra -Wpedantic -Werror"
with_pkg_config() { # KIND FLAGS...
    kind=$1
    shift
    mkdir "$top/$kind"
    for name in list write read watch; do
        quietly "$CC" $strict -o "$top/$kind/$name" "$SOURCE/examples/$name.c" "$@"
    done
}
with_pkg_config pkg-shared $(pkg-config --cflags --libs dfukit)
runs pkg-shared shared
# All of it static wants libusb's own static library and what that needs; as a rule only ours is.
libusb=
if [ "$LIBUSB" = 1 ]; then
    libusb=$(pkg-config --libs libusb-1.0)
    pkg-config --static --libs dfukit | grep -q -e -lusb-1.0 || die "dfukit.pc hides libusb"
fi
with_pkg_config pkg-static $(pkg-config --cflags --libs-only-L dfukit) -l:libdfukit.a $libusb
runs pkg-static static

with_cmake() { # KIND LINK
    quietly "$CMAKE" -S "$SOURCE/tests/library/consumer" -B "$top/$1" -DCMAKE_C_COMPILER="$CC" \
        -DCMAKE_PREFIX_PATH="$prefix" -DLINK="$2" -DEXAMPLES="$SOURCE/examples" \
        -DVERSION="${VERSION%.*}"
    quietly "$CMAKE" --build "$top/$1"
}
with_cmake cmake-shared dfukit
runs cmake-shared shared
with_cmake cmake-static dfukit_static
runs cmake-static static

# A program for another version is turned away when it is configured.
for other in 0.0 1.0 99; do
    ! "$CMAKE" -S "$SOURCE/tests/library/consumer" -B "$top/other" -DCMAKE_PREFIX_PATH="$prefix" \
        -DLINK=dfukit -DEXAMPLES="$SOURCE/examples" -DVERSION=$other >"$top/log" 2>&1 ||
        die "find_package(dfukit $other) is content with $VERSION"
done
