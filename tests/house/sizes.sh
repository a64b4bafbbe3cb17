# SPDX-License-Identifier: MIT
# No file is longer than 500 lines, no function in src/ longer than 60.
set -eu
here=$(dirname "$0")
python3 -B "$here/sizes.py" --self-test
python3 -B "$here/sizes.py" "$SOURCE"
