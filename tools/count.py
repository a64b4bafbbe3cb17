# SPDX-License-Identifier: MIT
"""count.py REPORT: print "PASSED FAILED" for a JUnit report of ctest's, and name what was skipped.

A skipped or disabled test, and a report without tests, count as failed.
"""
import sys
import xml.etree.ElementTree


def main(report):
    passed = failed = 0
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        if case.get("status") == "run":
            passed += 1
            continue
        failed += 1
        if case.get("status") != "fail":
            output = (case.findtext("system-out") or "").strip()
            print(f"FAILED: {case.get('name')} was not run: {output}", file=sys.stderr)
    print(passed, failed if passed + failed > 0 else 1)


if __name__ == "__main__":
    main(sys.argv[1])
