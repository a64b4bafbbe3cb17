# SPDX-License-Identifier: MIT
"""words.py TREE: look for words that must not be in it. words.py --self-test: check that."""
import re
import sys

from tree import source_files

# Written so that this file does not contain them itself.
MARKS = ["TO" "DO", "FIX" "ME", "X" "XX"]
PLACES = ["/wo" "rk", "/ho" "me/[a-z][a-z0-9_-]*", "/ro" "ot", "/Us" "ers/[A-Za-z]+"]
FORBIDDEN = re.compile(
    r"\b(" + "|".join(MARKS) + r")\b" r"|(?<![\w.$}*>/-])(" + "|".join(PLACES) + ")/")


def check(files):
    seen = 0
    for name, text in files:
        seen += 1
        for number, line in enumerate(text.split("\n"), 1):
            match = FORBIDDEN.search(line)
            if match:
                yield f"{name}:{number}: {match.group()}"
    if seen == 0:
        yield "nothing to check"


def self_test():
    rows = [
        ("// TO" "DO: later", True),
        ("/* FIX" "ME */", True),
        ("X" "XX: broken", True),
        ("mktemp name.X" "XXXXX", False),
        ("TO" "DOS and methods", False),
        ("open(\"/wo" "rk/file\")", True),
        ("see /ho" "me/jane/notes", True),
        ("cd /ro" "ot/tree", True),
        ("\"$dir/wo" "rk/file\" and src/wo" "rk/file", False),
        ("build/host/dfu", False),
    ]
    for line, wrong in rows:
        got = list(check([("file", "first\n" + line)]))
        if bool(got) != wrong or (wrong and not got[0].startswith("file:2: ")):
            yield f"self-test: {line!r}: {got}"
    if list(check([])) == []:
        yield "self-test: an empty tree passed"


if __name__ == "__main__":
    own = sys.argv[1] == "--self-test"
    result = list(self_test() if own else check(source_files(sys.argv[1])))
    print("\n".join(result), end="\n" if result else "")
    sys.exit(1 if result else 0)
