# SPDX-License-Identifier: MIT
"""sizes.py TREE: look for what is too long. sizes.py --self-test: check that."""
import os
import sys

from tree import source_files

FILE_MAX = 500
FUNCTION_MAX = 60
SOURCES = (".c", ".h", ".S", ".ld", ".py", ".sh", ".cmake", ".js", "CMakeLists.txt", "Makefile")


def functions(lines):
    """(line, length, first line) of every function, by the house's style: its braces stand in the
    first column, its opening brace alone on a line."""
    start = 0
    opened = False
    for number, line in enumerate(lines):
        if line == "{":
            opened = True
        elif line.startswith("}"):
            if opened and line == "}":
                yield start + 1, number - start + 1, lines[start].strip()
            opened = False
            start = number + 1
        elif not opened and (line == "" or line.startswith(("#", "/*", " *", "//"))
                             or line.endswith(";")):
            start = number + 1


def check(files):
    seen = 0
    for name, text in files:
        if not name.endswith(SOURCES):
            continue
        lines = text.split("\n")
        length = len(lines) - (lines[-1] == "")
        if length > FILE_MAX:
            yield f"{name}: {length} lines, {FILE_MAX} at most"
        if name.startswith("src" + os.sep) and name.endswith((".c", ".h")):
            for line, size, head in functions(lines):
                seen += 1
                if size > FUNCTION_MAX:
                    yield f"{name}:{line}: {size} lines, {FUNCTION_MAX} at most: {head}"
    if seen == 0:
        yield "no functions found"


def self_test():
    def function(head, lines):
        return head + "\n{\n" + "    x();\n" * (lines - 2 - head.count("\n") - 1) + "}\n"

    short = "int a;\n\n/* What it does. */\n" + function("static int f(void)", 60)
    table = "static const int t[] = {\n" + "    1,\n" * 80 + "};\n\n"
    rows = [
        ("src/x/a.c", short, []),
        ("src/x/a.c", table + short, []),
        ("src/x/a.c", short + "\n" + function("static int g(int a,\n             int b)", 61),
         ["src/x/a.c:65: 61 lines, 60 at most: static int g(int a,"]),
        ("src/x/a.h", "#define X 1\n" + function("static inline void h(void)", 99),
         ["src/x/a.h:2: 99 lines, 60 at most: static inline void h(void)"]),
        ("src/x/a.c", short + "\n" * 437, []),
        ("src/x/a.c", short + "\n" * 438, ["src/x/a.c: 501 lines, 500 at most"]),
        ("src/x/a.c", "", ["no functions found"]),
    ]
    for number, (name, text, expected) in enumerate(rows):
        got = list(check([(name, text)]))
        if got != expected:
            yield f"self-test, row {number}: wanted {expected}, got {got}"


if __name__ == "__main__":
    own = sys.argv[1] == "--self-test"
    result = list(self_test() if own else check(source_files(sys.argv[1])))
    print("\n".join(result), end="\n" if result else "")
    sys.exit(1 if result else 0)
