# SPDX-License-Identifier: MIT
# Nothing in the tree is marked as unfinished or names a place on somebody's computer.
set -eu
here=$(dirname "$0")
python3 -B "$here/words.py" --self-test
python3 -B "$here/words.py" "$SOURCE"
