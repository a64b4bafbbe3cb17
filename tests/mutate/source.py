# SPDX-License-Identifier: MIT
"""Mutants of C source in the house's style: everything that the operators of the list `mutants` can
do to a file, found token by token, so that no list has to follow the code when it changes."""
import collections
import re

TOKEN = re.compile(
    r"(?P<comment>/\*.*?\*/|//[^\n]*)"
    r"|(?P<directive>^[ \t]*\#(?:\\\n|[^\n])*)"
    r'|(?P<literal>"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')'
    r"|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<number>\d\w*)"
    r"|(?P<op>\.\.\.|->|\+\+|--|<<=|>>=|<=|>=|==|!=|&&|\|\||<<|>>|[-+*/%&|^]=|[^\s\w])",
    re.S | re.M)
Token = collections.namedtuple("Token", "kind text at")
# `what` says what was done; with file, function and line text it names a mutant.
Mutant = collections.namedtuple("Mutant", "file function line text what at end new")
KEYWORDS = {"if", "while", "for", "switch", "else", "do", "return", "break", "continue", "case",
            "default", "goto", "sizeof"}
TYPES = {"const", "static", "struct", "enum", "unsigned", "int", "bool", "void", "char", "long"}


def read_operators(text):
    """[(kind, from, to)]"""
    rows = []
    for line in text.split("\n"):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        rows.append((words[0], words[1] if len(words) > 2 else None, words[-1]))
    return rows


def tokens_of(text):
    """Code only; of a #define what stands behind the name it defines."""
    found = []
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "directive":
            body = re.match(r"\s*#\s*define\s+\w+(\([^)]*\))?", match.group())
            if body:
                for inner in TOKEN.finditer(match.group(), body.end()):
                    if inner.lastgroup in ("word", "number", "op"):
                        found.append(Token(inner.lastgroup, inner.group(),
                                           match.start() + inner.start()))
                found.append(Token("end", "", match.end()))
        elif kind != "comment":
            found.append(Token(kind, match.group(), match.start()))
    return found


def functions_of(text):
    """(start, end, name) of every function body: braces in the first column."""
    bodies = []
    for match in re.finditer(r"^\{\n.*?^\}$", text, re.S | re.M):
        head = text[:match.start()].rstrip().split("\n\n")[-1]
        name = re.search(r"(\w+)\s*\(", re.sub(r"/\*.*?\*/", "", head, flags=re.S))
        if name:
            bodies.append((match.start(), match.end(), name.group(1)))
    return bodies


def is_operand(token):
    """Does it end an operand, so that an operator behind it has two?"""
    return token.kind in ("number", "literal") or token.text in (")", "]", "++", "--") or (
        token.kind == "word" and token.text not in KEYWORDS)


def matching(tokens, i):
    """The position of the parenthesis that closes the one at `i`."""
    depth = 0
    for k in range(i, len(tokens)):
        depth += (tokens[k].text == "(") - (tokens[k].text == ")")
        if depth == 0:
            return k
    return len(tokens) - 1


def is_declaration(words):
    texts = [t.text for t in words]
    if texts[0] in TYPES or texts[0].endswith("_t"):
        return True
    if words[0].kind != "word" or texts[0] in KEYWORDS or len(words) < 2:
        return False
    return words[1].kind == "word" or (texts[1] == "*" and len(words) > 3 and
                                       words[2].kind == "word" and texts[3] in ("=", ";"))


def statements(tokens):
    """(first, last) of the simple statements of a function body, its semicolon included."""
    i, start = 0, 0
    while i < len(tokens):
        text = tokens[i].text
        if i == start and text in ("if", "while", "for", "switch"):
            i = start = matching(tokens, i + 1) + 1
        elif i == start and text in ("else", "do", "{", "}"):
            i = start = i + 1
        elif i == start and text in ("case", "default"):
            while tokens[i].text != ":":
                i += 1
            i = start = i + 1
        elif text == ";":
            if i > start:
                yield start, i
            i = start = i + 1
        else:
            i += 1


def drops(tokens):
    """Statements that may go: no declarations, and no return that the function ends with."""
    for first, last in statements(tokens):
        words = tokens[first:last + 1]
        if is_declaration(words):
            continue
        if words[0].text == "return" and len(words) > 2 and last + 2 >= len(tokens):
            continue
        yield tokens[first].at, tokens[last].at + 1, ";"


def conditions(tokens):
    for i, token in enumerate(tokens):
        if token.text in ("if", "while") and tokens[i + 1].text == "(":
            end = matching(tokens, i + 1)
            yield tokens[i + 1].at, tokens[end].at + 1, None


def changed_number(text, by):
    match = re.fullmatch(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)", text)
    value = int(match.group(1), 0) + by
    if value < 0:
        return None
    return (hex(value) if match.group(1)[:2] in ("0x", "0X") else str(value)) + match.group(2)


def token_changes(tokens, kind, old, new):
    """(at, end, replacement)"""
    for i, token in enumerate(tokens):
        end = token.at + len(token.text)
        before = tokens[i - 1] if i > 0 else Token("end", "", 0)
        if kind == "number" and token.kind == "number":
            replacement = changed_number(token.text, int(new))
            if replacement is not None:
                yield token.at, end, replacement
        elif kind == "word" and token.kind == "word" and token.text == old:
            yield token.at, end, new
        elif kind == "binary" and token.text == old and is_operand(before):
            yield token.at, end, new
        elif kind == "unary" and token.kind == "op" and token.text == old:
            yield token.at, end, "" if new == "none" else new


def mutants_of(name, text, operators):
    """Every mutant of a file, in the order of the text."""
    tokens = tokens_of(text)
    bodies = functions_of(text)
    found = []
    for kind, old, new in operators:
        if kind in ("condition", "statement"):
            changes = []
            for start, end, _ in bodies:
                inner = [t for t in tokens if start < t.at < end]
                changes += conditions(inner) if kind == "condition" else drops(inner)
        else:
            changes = list(token_changes(tokens, kind, old, new))
        for at, end, replacement in changes:
            old_text = " ".join(text[at:end].split())
            if replacement is None:
                replacement = "(!" + text[at:end] + ")"
                what = "not " + old_text
            elif kind == "statement":
                what = "drop " + old_text
            else:
                what = f"{old_text} -> {replacement or 'nothing'}"
            found.append((at, end, replacement, what))
    return named(name, text, bodies, sorted(found))


def named(name, text, bodies, changes):
    """With a number where a line offers the same change more than once."""
    seen = collections.Counter()
    result = []
    for at, end, new, what in changes:
        line_start = text.rfind("\n", 0, at) + 1
        line = text[line_start:text.find("\n", at)].strip()
        function = next((f for start, stop, f in bodies if start <= at < stop), "-")
        place = (line_start, what)
        seen[place] += 1
        if seen[place] > 1:
            what += f" #{seen[place]}"
        result.append(Mutant(name, function, text.count("\n", 0, at) + 1, line, what, at, end, new))
    return result


def apply(text, mutant):
    return text[:mutant.at] + mutant.new + text[mutant.end:]
