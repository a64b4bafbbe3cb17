# SPDX-License-Identifier: MIT
"""exports.py FILE NODE HEADER...: write the version script for what the headers declare into FILE.

The symbols of NODE are the functions and objects that the headers declare; everything else stays
inside the library. exports.py --self-test: check that.
"""
import re
import sys

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'')
NAME = re.compile(r"\b(dfukit_\w+)\s*(?=[(\[;])")


def strip(text):
    """The text as the compiler's parser would see it: no comments, directives, literals."""
    text = LITERAL.sub('""', COMMENT.sub(" ", text))
    text = DIRECTIVE.sub("", text)
    return re.sub(r'extern\s*""\s*\{', "", text)


def statements(code):
    """The declarations of the outermost level; what stands in braces is left out."""
    depth, piece = 0, ""
    for letter in code:
        if letter == "{":
            depth += 1
        elif letter == "}":
            depth = max(depth - 1, 0)
            piece += " {}"
            if depth == 0 and re.match(r"\s*static\b", piece):
                piece = ""  # an inline function ends without a semicolon
        elif depth == 0:
            piece += letter
            if letter == ";":
                yield " ".join(piece.split())
                piece = ""


def declared(text):
    """Names of functions and objects with external linkage that a header declares, in order."""
    for statement in statements(strip(text)):
        if re.match(r"(typedef|static)\b", statement) or "{}" in statement:
            continue
        match = NAME.search(statement)
        if match and "(" in statement:
            yield match.group(1)
        elif match and re.match(r"extern\b", statement):
            yield match.group(1)


def script(node, headers):
    names = []
    for header in headers:
        with open(header, encoding="utf-8") as file:
            names += declared(file.read())
    lines = "".join(f"        {name};\n" for name in sorted(set(names)))
    return f"{node} {{\n    global:\n{lines}    local:\n        *;\n}};\n"


def self_test():
    rows = [
        ("int dfukit_a(int x);", ["dfukit_a"]),
        ("/* int dfukit_no(void); */ // int dfukit_no2(void);\nvoid dfukit_b(void);", ["dfukit_b"]),
        ("#define dfukit_c(x) \\\n  dfukit_d(x);\nconst char *dfukit_e\n(unsigned n);", ["dfukit_e"]),
        ("static inline int dfukit_f(void)\n{ return dfukit_g(); }\nint dfukit_h(void);",
         ["dfukit_h"]),
        ("typedef struct dfukit_s { int (*f)(void); } dfukit_s;\nstruct dfukit_t;", []),
        ("typedef int dfukit_sink(void *self);\nextern const uint32_t dfukit_table[3];",
         ["dfukit_table"]),
        ('#ifdef __cplusplus\nextern "C" {\n#endif\nenum { DFUKIT_A = ";"[0] };\n'
         "dfukit_s *dfukit_i(const struct dfukit_s *s, int (*f)(int));\n"
         "#ifdef __cplusplus\n}\n#endif", ["dfukit_i"]),
        ("enum dfukit_e { A } dfukit_x;\nextern const dfukit_ops dfukit_o;", ["dfukit_o"]),
    ]
    for text, wanted in rows:
        got = list(declared(text))
        if got != wanted:
            yield f"self-test: {text!r}: wanted {wanted}, got {got}"


if __name__ == "__main__":
    if sys.argv[1] == "--self-test":
        wrong = list(self_test())
        print("\n".join(wrong), end="\n" if wrong else "")
        sys.exit(1 if wrong else 0)
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.write(script(sys.argv[2], sys.argv[3:]))
