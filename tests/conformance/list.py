# SPDX-License-Identifier: MIT
"""list.py TREE: is every requirement of docs/CONFORMANCE.md held by code and a test that exist?
list.py --self-test: does this script notice what is wrong?"""
import os
import re
import sys

LIST = os.path.join("docs", "CONFORMANCE.md")
HEAD = ["id", "requirement", "basis", "code", "test"]
BASES = ["verified", "unverified", "practice"]
ID = re.compile(r"([A-Z][A-Z0-9]*)-(?:([A-Z0-9][0-9]*(?:\.[0-9]+)*)-)?([1-9][0-9]*)$")


def rows(text):
    """(line number, cells) of every row in a table that begins with HEAD."""
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells == HEAD:
            inside = True
        elif inside and set(line) - set("|- "):
            yield number, cells


def section_key(section):
    """Sections in the order of a document: 4.1.2 before 4.1.10, annexes behind chapters."""
    return [(part.isalpha(), int(part) if part.isdigit() else 0, part)
            for part in section.split(".")] if section else []


def order(ids):
    """Complaints about ids: unique, documents and sections in order, numbered without a gap."""
    seen, documents, last = set(), [], None
    for line, name in ids:
        match = ID.match(name)
        if match is None:
            yield f"{line}: {name}: no id like DFU-6.1.1-3"
            continue
        document, section, number = match.group(1), match.group(2) or "", int(match.group(3))
        if name in seen:
            yield f"{line}: {name}: this id is there already"
            continue
        seen.add(name)
        if last is None or last[0] != document:
            if document in documents:
                yield f"{line}: {name}: {document} was left before"
            documents.append(document)
            wanted = 1
        elif section_key(section) < section_key(last[1]):
            yield f"{line}: {name}: behind section {last[1]}"
            wanted = number
        else:
            wanted = last[2] + 1 if section == last[1] else 1
        if number != wanted:
            yield f"{line}: {name}: the next number is {wanted}"
        last = (document, section, number)


def place(reference, kind):
    """(path in the tree, name in that file or "") of what stands in a cell."""
    path, _, name = reference.partition(":")
    if kind == "code":
        if "/" not in path:
            path = "src/device/" + path
        elif not path.startswith("include/"):
            path = "src/" + path
    else:
        path = "tests/" + (path if "/" in path else "unit/device/" + path)
    return path, name


def runs(name, path, text):
    """Is the name there? A function of a cmocka program has to be among its tests."""
    if path.startswith("tests/unit/"):
        return re.search(rf"\bcmocka_unit_test\w*\(\s*{re.escape(name)}\b", text) is not None
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def held(line, name, kind, cell, read):
    """Complaints about a cell that names code or tests. `read` gives a file's text, or None."""
    references = [reference.strip() for reference in cell.split(",") if reference.strip()]
    if not references:
        yield f"{line}: {name}: no {kind}"
    for reference in references:
        path, symbol = place(reference, kind)
        text = read(path)
        if text is None:
            yield f"{line}: {name}: there is no {path}"
        elif kind == "code" and not symbol:
            yield f"{line}: {name}: {reference}: where in that file?"
        elif symbol and kind == "code" and not re.search(rf"\b{re.escape(symbol)}\b", text):
            yield f"{line}: {name}: no {symbol} in {path}"
        elif symbol and kind == "test" and not runs(symbol, path, text):
            yield f"{line}: {name}: no test {symbol} in {path}"


def check(text, read):
    """(complaints, counts by basis)."""
    wrong, ids = [], []
    counts = dict.fromkeys(BASES, 0)
    for line, cells in rows(text):
        if len(cells) != len(HEAD):
            wrong.append(f"{line}: {len(cells)} cells, {len(HEAD)} wanted")
            continue
        name, requirement, basis, code, test = cells
        ids.append((line, name))
        if len(requirement) < 10:
            wrong.append(f"{line}: {name}: no requirement")
        if basis in counts:
            counts[basis] += 1
        else:
            wrong.append(f"{line}: {name}: the basis is one of {', '.join(BASES)}")
        wrong += held(line, name, "code", code, read)
        wrong += held(line, name, "test", test, read)
    wrong += order(ids)
    if not ids:
        wrong.append("no requirements found")
    return wrong, counts


def summary(counts):
    return f"requirements: {sum(counts.values())}, " + ", ".join(
        f"{basis} {count}" for basis, count in counts.items())


def told(text, counts):
    """A complaint if the document says other numbers than there are, or none."""
    if summary(counts) not in text.split("\n"):
        yield f"the document does not say: {summary(counts)}"


# ---- The script itself ----

FILES = {
    "src/device/a.c": "static void act(void)\n{\n}\n",
    "src/protocol/t.c": "[DFUKIT_ON_X] = 1,\n",
    "include/dfukit/x.h": "#define X_MOST 3\n",
    "tests/unit/device/a_test.c": "static void acts(void **s)\ncmocka_unit_test(acts),\n"
                                  "static void idle(void **s)\n",
    "tests/unit/device/b_test.c": "cmocka_unit_test_setup(\n    loads, x),\n",
    "tests/hostile/h_test.c": "",
    "tests/describe/r.sh": "refuses 'idVendor: wrong'\n",
}
GOOD = "| {} | what it has to do | verified | a.c:act | a_test.c:acts |"


def self_test_rows():
    """(lines of a table, complaints in their order)."""
    def one(*cells):
        return "| " + " | ".join(cells) + " |"

    words = "what it has to do"
    yield [GOOD.format("DFU-3-1"), GOOD.format("DFU-3-2"), GOOD.format("DFU-4.1.2-1"),
           GOOD.format("DFU-4.1.10-1"), GOOD.format("DFU-7-1"), GOOD.format("DFU-A.2.9-1"),
           GOOD.format("DFU-A.2.10-1"), GOOD.format("USB-9.4-1"), GOOD.format("OWN-1"),
           GOOD.format("OWN-2")], []
    yield [one("DFU-3-1", words, "practice", "protocol/t.c:DFUKIT_ON_X, include/dfukit/x.h:X_MOST",
               "b_test.c:loads, hostile/h_test.c, describe/r.sh:idVendor")], []
    yield [one("DFU-3-1", words, "verified", "", "a_test.c:acts")], ["no code"]
    yield [one("DFU-3-1", words, "verified", "a.c:act", "")], ["no test"]
    yield [one("DFU-3-1", words, "verified", "a.c", "a_test.c:acts")], ["where in that file?"]
    yield [one("DFU-3-1", words, "verified", "b.c:act", "a_test.c:acts")], ["no src/device/b.c"]
    yield [one("DFU-3-1", words, "verified", "a.c:ac", "a_test.c:acts")], ["no ac in"]
    yield [one("DFU-3-1", words, "verified", "a.c:act, protocol/t.c:NO", "a_test.c:acts")], ["no NO"]
    yield [one("DFU-3-1", words, "verified", "a.c:act", "c_test.c:acts")], ["no tests/unit/device/c"]
    yield [one("DFU-3-1", words, "verified", "a.c:act", "a_test.c:act")], ["no test act"]
    yield [one("DFU-3-1", words, "verified", "a.c:act", "a_test.c:idle")], ["no test idle"]
    yield [one("DFU-3-1", words, "verified", "a.c:act", "describe/r.sh:id")], ["no test id "]
    yield [one("DFU-3-1", words, "sure", "a.c:act", "a_test.c:acts")], ["the basis is one of"]
    yield [one("DFU-3-1", "", "verified", "a.c:act", "a_test.c:acts")], ["no requirement"]
    yield [one("DFU-3-1", words, "verified", "a.c:act")], ["4 cells", "no requirements found"]
    yield [GOOD.format("DFU-3-1"), GOOD.format("DFU-3-1")], ["there already"]
    yield [GOOD.format("DFU-3-1"), GOOD.format("DFU-3-3")], ["next number is 2"]
    yield [GOOD.format("DFU-3-2")], ["next number is 1"]
    yield [GOOD.format("DFU-4.1.10-1"), GOOD.format("DFU-4.1.9-1")], ["behind section 4.1.10"]
    yield [GOOD.format("DFU-A.1-1"), GOOD.format("DFU-7-1")], ["behind section A.1"]
    yield [GOOD.format("DFU-3-1"), GOOD.format("USB-9-1"), GOOD.format("DFU-4-1")], ["left before"]
    yield [GOOD.format("dfu-3-1")], ["no id like"]
    yield [GOOD.format("DFU-3.-1")], ["no id like"]
    yield [], ["no requirements found"]


def self_test():
    for number, (lines, expected) in enumerate(self_test_rows()):
        text = "\n".join(["# Head", "", "| id | other |", "| --- | --- |", "| x | y |", ""] +
                         ["| " + " | ".join(HEAD) + " |", "|" + " --- |" * len(HEAD)] + lines)
        got, counts = check(text, FILES.get)
        if len(got) != len(expected) or any(e not in g for g, e in zip(got, expected)):
            yield f"self-test, row {number}: wanted {expected}, got {got}"
        if not expected and sum(counts.values()) != len(lines):
            yield f"self-test, row {number}: {summary(counts)}"
    # The same with the number of each line, which is where somebody has to look.
    line = check("|".join([""] + HEAD + [""]) + "\n" + GOOD.format("x"), FILES.get)[0]
    if line != ["2: x: no id like DFU-6.1.1-3"]:
        yield f"self-test: a line of its own: {line}"
    counts = {"verified": 2, "unverified": 1, "practice": 0}
    for said, wrong in [("requirements: 3, verified 2, unverified 1, practice 0", 0),
                        ("requirements: 3, verified 1, unverified 2, practice 0", 1), ("", 1)]:
        if len(list(told(f"# Head\n{said}\nmore", counts))) != wrong:
            yield f"self-test: the document says {said!r}"


def main(tree):
    def read(path):
        try:
            with open(os.path.join(tree, path), encoding="utf-8") as file:
                return file.read()
        except (FileNotFoundError, IsADirectoryError):
            return None

    text = read(LIST)
    if text is None:
        return [f"there is no {LIST}"]
    wrong, counts = check(text, read)
    print(f"figure: {summary(counts)}")
    return [f"{LIST}:{complaint}" for complaint in wrong + list(told(text, counts))]


if __name__ == "__main__":
    own = sys.argv[1] == "--self-test"
    result = list(self_test() if own else main(sys.argv[1]))
    print("\n".join(result), end="\n" if result else "")
    sys.exit(1 if result else 0)
