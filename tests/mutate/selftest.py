# SPDX-License-Identifier: MIT
"""The mutation machine's own check: what it finds in a source, and how it judges survivors."""
import os
import sys

import source
import survivors

HERE = os.path.dirname(os.path.abspath(__file__))

FIXTURE = """\
/* a < b in a comment, "x == y" in a string */
#include <stdint.h>
#define LATE 5u
static const char *s = "a == b";

static bool f(const thing *t, uint8_t n)
{
    uint8_t x = 0;

    if (n < 0x10 && !t->on) /* n == 3 */
        x = (uint8_t)(n - 1u);
    for (const row *r = t->rows; r->n != 0; r++)
        x += r->n;
    switch (x) {
    case 2:
        g(t,
          x);
        break;
    default:
        return false;
    }
    while (n-- > 0)
        h(-x, &x);
    return x & 1u;
}
"""
# Every mutant of it: line, function, what.
EXPECTED = """\
3 - 5u -> 6u
3 - 5u -> 4u
8 f 0 -> 1
10 f not (n < 0x10 && !t->on)
10 f < -> <=
10 f 0x10 -> 0x11
10 f 0x10 -> 0xf
10 f && -> ||
10 f ! -> nothing
11 f drop x = (uint8_t)(n - 1u);
11 f - -> +
11 f 1u -> 2u
11 f 1u -> 0u
12 f != -> ==
12 f 0 -> 1
12 f ++ -> --
13 f drop x += r->n;
13 f += -> -=
15 f 2 -> 3
15 f 2 -> 1
16 f drop g(t, x);
18 f drop break;
20 f drop return false;
20 f false -> true
22 f not (n-- > 0)
22 f -- -> ++
22 f > -> >=
22 f 0 -> 1
23 f drop h(-x, &x);
24 f & -> |
24 f 1u -> 2u
24 f 1u -> 0u
"""


def found():
    with open(os.path.join(HERE, "mutants"), encoding="utf-8") as file:
        operators = source.read_operators(file.read())
    return source.mutants_of("f.c", FIXTURE, operators)


def check_mutants():
    got = sorted(f"{m.line} {m.function} {m.what}" for m in found())
    wanted = sorted(EXPECTED.strip().split("\n"))
    yield from ("found, not expected: " + g for g in got if g not in wanted)
    yield from ("expected, not found: " + w for w in wanted if w not in got)
    if len(got) != len(set(got)):
        yield "two mutants have the same name"
    for m in found():
        changed = source.apply(FIXTURE, m)
        if changed == FIXTURE or changed.count("\n") not in (FIXTURE.count("\n"),
                                                             FIXTURE.count("\n") - 1):
            yield "no change, or too much of one: " + m.what
    dropped = [source.apply(FIXTURE, m) for m in found() if m.what.startswith("drop g(")]
    if len(dropped) != 1 or "case 2:\n        ;\n        break;" not in dropped[0]:
        yield "a statement of two lines is not dropped whole"


def check_judgement():
    a, b = found()[:2]
    text = "# heading\n\n" + "\n".join(
        [f"{a.file}: {a.function}", "  " + a.text, "  " + a.what, "  reason: nobody looks at it"])
    entries, wrong = survivors.read(text)
    if wrong or list(entries) != [survivors.key(a)]:
        yield f"survivors.txt is not read: {wrong} {list(entries)}"
    rows = [  # survivors, tried, complaints
        ([a], [a, b], 0),
        ([], [b], 0),       # a was not tried: the entry may stand
        ([], [a, b], 1),    # it does not survive any more
        ([a, b], [a, b], 1),
        ([b], [a, b], 2),
    ]
    for number, (alive, tried, count) in enumerate(rows):
        got = list(survivors.judge(entries, alive, tried, [a, b]))
        if len(got) != count:
            yield f"judgement {number}: {count} complaints wanted: {got}"
    if len(list(survivors.judge(entries, [], [b], [b]))) != 1:
        yield "an entry whose mutant does not exist any more must be stale"
    for broken in ("f.c: f\n  text\n  what", "f.c: f\n  text\n  what\n  reason: so",
                   text + "\n\n" + text.split("\n\n")[1]):
        if not survivors.read(broken)[1]:
            yield "a faulty survivors.txt is taken: " + broken


if __name__ == "__main__":
    result = list(check_mutants()) + list(check_judgement())
    print("\n".join(result), end="\n" if result else "")
    sys.exit(1 if result else 0)
