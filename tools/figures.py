# SPDX-License-Identifier: MIT
"""figures.py REPORT: print what tests have counted, from a JUnit report of ctest's."""
import re
import sys
import xml.etree.ElementTree

# Tests, and the lines of their output that tell.
FIGURES = [(re.compile(test), re.compile(line)) for test, line in (
    (r"table\.complete", r"(requests|events): \d+ rows"),
    (r"table\.engine", r"\w+, (class alone|through endpoint 0): .*deviations"),
    (r"table\.mutation", r"table: \d+ mutants"),
    (r"mutate\.sample", r"all .*killed|\d+ of \d+ mutants tried"),
    (r"explore\.bounded", r"explore \w+: \d+ configurations"),
    (r"hostile\..*", r"hostile cases: \d+|deepest stack"),
    (r"fuzz\.seeds\..*", r"\d+ inputs run"),
    (r"conformance\.list", r"figure: "),
    (r"sizes\.check", r"\| \*\*"),
)]


def figures(report):
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        name = case.get("name") or ""
        wanted = [line for test, line in FIGURES if test.fullmatch(name)]
        for line in (case.findtext("system-out") or "").split("\n") if wanted else ():
            if any(pattern.match(line) for pattern in wanted):
                yield f"{name}: {line.removeprefix('figure: ').strip()}"


if __name__ == "__main__":
    print("\n".join(f"   {line}" for line in figures(sys.argv[1])))
