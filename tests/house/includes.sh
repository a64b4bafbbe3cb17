# SPDX-License-Identifier: MIT
# Who may include whom: the rooms' arrows, as CMakeLists.txt draws them, against the #include lines.
set -eu
here=$(dirname "$0")
python3 -B "$here/includes.py" --self-test
python3 -B "$here/includes.py" "$SOURCE"
