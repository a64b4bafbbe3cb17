# SPDX-License-Identifier: MIT
"""headers.py FOLDER: is everything documented that the headers in it declare?
headers.py --self-test: check that.

- A header begins with a comment that says what it is about and, where it declares functions, which
  thread may call them.
- A function, an object and a type has a comment directly before it. Declarations that follow each
  other without a blank line share one.
- What a function returns is told: @return, or for a pointer at least whether it may be NULL or who
  owns it; for a truth value or a number the comment that says what is asked will do.
- @param names a parameter. Errors that are named exist.
"""
import os
import re
import sys

ERRORS = re.compile(r"^\s*X\((OK|ERR_\w+),", re.M)
NAMED = re.compile(r"\bDFUKIT_(ERR_[A-Z_]+)\b")
PARAM = re.compile(r"@param\s+((?:\w+)(?:\s*,\s*\w+)*)")
TOLD_POINTER = re.compile(r"@return|\bNULL\b|constant|\bown(?:ed|s)?\b|\bvalid\b|\blast[s]?\b")
PARTS = re.compile(r"describe_")  # of describe.h: tables made by macros, included nowhere else
WORDS = 3  # fewer than that say nothing


class Declaration:
    def __init__(self, line, text, comment):
        self.line, self.text, self.comment = line, text, comment


def pieces(text):
    """("comment" | "blank" | "directive" | "code", line, text) in order; code is what stands
    between two semicolons or behind the last brace of an outermost block."""
    at, line = 0, 1
    while at < len(text):
        rest = text[at:]
        if match := re.match(r"[ \t]*\n", rest):
            kind = "blank"
        elif match := re.match(r"\s*/\*.*?\*/[ \t]*\n?", rest, re.S):
            kind = "comment"
        elif match := re.match(r"\s*//[^\n]*\n?", rest):
            kind = "comment"
        elif match := re.match(r"[ \t]*#(?:[^\n]*\\\n)*[^\n]*\n?", rest):
            kind = "directive"
        elif match := re.match(r"\s*(extern \"C\" \{|\})[ \t]*\n", rest):
            kind = "directive"
        else:
            yield "code", line, (code := statement(rest))
            at += len(code)
            line += code.count("\n")
            continue
        yield kind, line, match.group()
        at += match.end()
        line += match.group().count("\n")


def statement(text):
    """The first declaration of the text with what stands behind it on its last line."""
    depth, at = 0, 0
    while at < len(text):
        if text.startswith("/*", at):
            at = text.index("*/", at) + 2
            continue
        letter = text[at]
        depth += (letter in "{(") - (letter in "})")
        at += 1
        if depth == 0 and (letter == ";" or letter == "}" and text[at:at + 1] == "\n"):
            break
    end = text.find("\n", at)
    tail = text[at:] if end < 0 else text[at:end + 1]
    if re.fullmatch(r"\s*(/\*\*<.*?\*/)?\s*", tail, re.S):
        at += len(tail)
    elif tail.lstrip().startswith("/**<"):
        at = text.index("*/", at) + 2
        at = text.find("\n", at) + 1 or len(text)
    return text[:at]


def declarations(text):
    comment, shared = "", ""
    for kind, line, piece in pieces(text):
        if kind == "comment":
            comment = piece if piece.lstrip().startswith("/**") else comment
        elif kind == "blank":
            comment = shared = ""
        elif kind == "directive" and not re.match(r"\s*#\s*define", piece):
            comment = shared = ""
        elif kind == "code":
            shared = comment or shared
            inline = "".join(re.findall(r"/\*\*<.*?\*/", piece, re.S)) if "(" not in piece else ""
            yield Declaration(line + len(piece) - len(piece.lstrip("\n")), piece,
                              shared or (inline if "{" not in piece else ""))
            comment = ""


def plain(code):
    return " ".join(re.sub(r"/\*.*?\*/|//[^\n]*", " ", code, flags=re.S).split())


def name_of(code):
    head = code.split("{")[0] if "(" in code.split("{")[0] else code
    match = (re.search(r"\b(dfukit_\w+)\s*\(", head) or re.search(r"\}\s*(\w+)\s*;", code)
             or re.search(r"(\w+)\s*(?:\[[^\]]*\])?\s*;", code))
    return match.group(1) if match else code[:40]


def check_function(name, code, comment, errors):
    head, _, parameters = code.split("{")[0].partition("(")
    returned = head[:head.rindex(name)].replace("static inline", "").strip()
    names = set(re.findall(r"(\w+)\s*(?:\[[^\]]*\])?\s*(?:[,)]|\)\()", parameters))
    names |= set(re.findall(r"\(\*(\w+)\)", parameters))
    for group in PARAM.findall(comment):
        for word in re.split(r"\s*,\s*", group):
            if word not in names:
                yield f"{name}: @param {word} is none of its parameters"
    if "*" in returned and not TOLD_POINTER.search(comment):
        yield f"{name}: may what it returns be NULL, and who owns it?"
    elif returned in ("int", "int32_t") and "@return" not in comment:
        yield f"{name}: no @return"
    for word in NAMED.findall(comment):
        if word not in errors:
            yield f"{name}: there is no DFUKIT_{word}"


def check(name, text, errors):
    body = re.sub(r"\A/\* SPDX[^\n]*\n", "", text)
    about = re.match(r"/\*\*(?!<).*?\*/(?=\s*#ifndef)", body, re.S)
    if not about:
        yield f"{name}: does not begin by saying what it is about"
    before = ""
    threads = about is not None and re.search(r"\bthread|[Rr]e-entrant", about.group())
    for d in declarations(text):
        code = plain(d.text)
        if re.fullmatch(r"\}?;?|(struct|union) \w+;", code):
            continue
        what = name_of(code)
        where = f"{name}:{d.line}: "
        comment = d.comment
        is_function = re.match(r"[^{=]*\b" + re.escape(what) + r"\s*\(", code) is not None \
            and not code.startswith("typedef")
        # A type that is only named, before the function that makes it.
        if not comment and re.fullmatch(r"typedef (struct|union) \w+ \w+;", code):
            continue
        if len(re.findall(r"\w+", comment)) < WORDS:
            yield f"{where}{what} is not documented"
        elif is_function:
            if not threads and not re.match(r"static\b", code):
                yield f"{where}{what}: which thread may call it?"
                threads = True
            yield from (where + c for c in check_function(what, code, comment, errors)
                        if comment != before or "@param" not in c)
        before = comment


def check_folder(folder):
    names = sorted(n for n in os.listdir(folder) if n.endswith(".h") and not PARTS.match(n))
    texts = {}
    for name in names:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            texts[name] = file.read()
    errors = set(ERRORS.findall(texts.get("error.h", "")))
    if not errors or sum(1 for t in texts.values() for _ in declarations(t)) < 100:
        yield f"{folder}: nothing to check"
    for name in names:
        yield from check(name, texts[name], errors)


TOP = "/* SPDX-License-Identifier: MIT */\n/** What this is about; for any thread. */\n#ifndef H\n"


def self_test():
    rows = [  # text, what is complained about
        ("/** Say what it is. @return DFUKIT_OK. */\nint dfukit_a(int x);\n", ""),
        ("/** Say what it is. */\nint dfukit_a(int x);\n", "dfukit_a: no @return"),
        ("/** Say what it is. */\nbool dfukit_a(int x);\n", ""),
        ("int dfukit_a(int x);\n", "dfukit_a is not documented"),
        ("/** A. */\nvoid dfukit_a(int x);\n", "dfukit_a is not documented"),
        ("/** Say what it is. */\n\nvoid dfukit_a(int x);\n", "dfukit_a is not documented"),
        ("/* Say what it is. */\nvoid dfukit_a(int x);\n", "dfukit_a is not documented"),
        ("/** Say what they are. */\nvoid dfukit_a(int x);\nvoid dfukit_b(int x);\n", ""),
        ("/** Say what it is. */\nvoid dfukit_a(int x);\n\nvoid dfukit_b(int x);\n",
         "dfukit_b is not documented"),
        ("/** Say what it is. @param y No. */\nvoid dfukit_a(int x);\n",
         "dfukit_a: @param y is none"),
        ("/** Say what it is. @param x, f Yes. */\nvoid dfukit_a(char x[2], int (*f)(int));\n", ""),
        ("/** Say what it is. */\nconst char *dfukit_a(int x);\n", "dfukit_a: may what it returns"),
        ("/** Say what it is; never NULL. */\nconst char *dfukit_a(int x);\n", ""),
        ("/** Say what it is. @return DFUKIT_ERR_NONE. */\nint dfukit_a(int x);\n",
         "dfukit_a: there is no DFUKIT_ERR_NONE"),
        ("typedef struct dfukit_s {\n    int a; /**< what it is for */\n} dfukit_s;\n",
         "dfukit_s is not documented"),
        ("/** What it is for. */\ntypedef struct dfukit_s {\n    int a;\n} dfukit_s;\n", ""),
        ("typedef struct dfukit_s dfukit_s;\n/** What it is for. */\nvoid dfukit_a(dfukit_s *s);\n",
         ""),
        ("enum { DFUKIT_A = 1 };\n", "is not documented"),
        ("/** What it is for. */\nstatic inline int dfukit_a(void)\n{\n    return 1;\n}\n"
         "void dfukit_b(void);\n", "dfukit_a: no @return"),
        ("extern const int dfukit_t[3];\n", "dfukit_t is not documented"),
    ]
    errors = {"OK", "ERR_STALL"}
    for text, wanted in rows:
        got = list(check("h", TOP + text, errors))
        if len(got) != (wanted != "") or (wanted and wanted not in got[0]):
            yield f"self-test: {text!r}: wanted [{wanted}], got {got}"
    two = "".join(f"/** Say what it is. */\nvoid dfukit_{x}(int x);\n" for x in "ab")
    got = list(check("h", TOP.replace("thread", "one") + two, errors))
    if len(got) != 1 or "which thread" not in got[0]:
        yield f"self-test: a header without a word about threads: {got}"
    if not list(check("h", "/* SPDX */\n#ifndef H\n", errors)):
        yield "self-test: a header without a word about itself passed"
    if not list(check_folder(os.path.dirname(os.path.abspath(__file__)))):
        yield "self-test: a folder without headers passed"


if __name__ == "__main__":
    result = list(self_test() if sys.argv[1] == "--self-test" else check_folder(sys.argv[1]))
    print("\n".join(result), end="\n" if result else "")
    sys.exit(1 if result else 0)
