# SPDX-License-Identifier: MIT
"""figures.py REPORT: print what tests have counted, from a JUnit report of ctest's: their lines "figure: ..."."""
import sys
import xml.etree.ElementTree

MARK = "figure: "


def figures(report):
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        for line in (case.findtext("system-out") or "").split("\n"):
            if line.startswith(MARK):
                yield f"{case.get('name')}: {line.removeprefix(MARK).strip()}"


if __name__ == "__main__":
    print("\n".join(f"   {line}" for line in figures(sys.argv[1])))
