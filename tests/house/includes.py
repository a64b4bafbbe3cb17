# SPDX-License-Identifier: MIT
"""includes.py TREE: check the dependency rule of the rooms. includes.py --self-test: check that.

The rooms and what each may use stand in CMakeLists.txt: dfukit_room(NAME [...] [USES ROOM...]).
"""
import os
import re
import sys
import tempfile

# Public headers that do not bear the name of their room.
HEADER_ROOMS = {"error": "protocol", "bus": "protocol", "flash": "device", "describe": "device",
                "describe_table": "device", "describe_set": "device", "dfuse": "protocol",
                "version": "session"}
FREESTANDING = {"stdbool.h", "stddef.h", "stdint.h"}
# What a room may have of the C library where that is not everything.
LIBC = {
    "protocol": FREESTANDING,
    "device": FREESTANDING,
    "image": FREESTANDING | {"string.h"},
    "host": FREESTANDING | {"string.h"},
}
LIBUSB_ROOM = "transport"
TALKING_ROOM = "cli"  # the only one that prints and exits
TALK = re.compile(
    r"\b(stdout|stderr)\b"
    r"|\b(v?printf|puts|putchar|perror|exit|_exit|_Exit|quick_exit)\s*\("
    r"|(?<![.>\w])(abort)\s*\(")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]*)"|<([^>]*)>)', re.M)
ROOM = re.compile(r"^\s*dfukit_room\(\s*(\w+)([^)]*)\)", re.M)
NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def read_rooms(tree):
    """{room: every room it uses, directly or not, itself included}"""
    uses = {}
    for name, rest in ROOM.findall(read(tree, "CMakeLists.txt")):
        words = rest.split()
        uses[name] = words[words.index("USES") + 1:] if "USES" in words else []
    closed = {}
    for room in uses:
        seen, waiting = set(), [room]
        while waiting:
            at = waiting.pop()
            if at not in seen:
                seen.add(at)
                waiting += uses.get(at, [])
        closed[room] = seen
    return closed


def room_of_header(header):
    stem = header.removesuffix(".h")
    return HEADER_ROOMS.get(stem, stem)


def code_of(text):
    """The text without comments and literals; lines stay where they are."""
    return NOT_CODE.sub(lambda m: "\n" * m.group().count("\n"), text)


def check_includes(where, text, room, may_use, siblings):
    public = siblings is None
    libc = FREESTANDING if public else LIBC.get(room)
    for match in INCLUDE.finditer(text):
        place = f"{where}:{text.count(chr(10), 0, match.start()) + 1}"
        quoted, angled = match.groups()
        if quoted is not None and quoted.startswith("dfukit/"):
            other = room_of_header(quoted.removeprefix("dfukit/"))
            if other not in may_use:
                yield f"{place}: {room} does not use {other}"
        elif quoted is not None:
            if public or quoted not in siblings:
                yield f"{place}: \"{quoted}\" is not of this folder"
        elif angled.startswith("dfukit/"):
            yield f"{place}: <{angled}> wants quotation marks"
        elif os.path.basename(angled) == "libusb.h":
            if public or room != LIBUSB_ROOM:
                yield f"{place}: only {LIBUSB_ROOM} knows libusb"
        elif libc is not None and angled not in libc:
            yield f"{place}: {room} does without <{angled}>"


def check_talk(where, text, room):
    for number, line in enumerate(code_of(text).split("\n"), 1):
        match = TALK.search(line)
        if match and match.group(3) and room in LIBC:
            continue  # without <stdlib.h> it is a function of the room's own: DFU has an ABORT
        if match:
            word = match.group().strip("( ")
            yield f"{where}:{number}: only {TALKING_ROOM} prints and exits: {word}"


def check(tree):
    rooms = read_rooms(tree)
    if not rooms:
        yield "CMakeLists.txt: no rooms"
    files = 0
    for room in sorted(os.listdir(os.path.join(tree, "src"))):
        if room not in rooms:
            yield f"src/{room}: not a room of CMakeLists.txt"
            continue
        siblings = set(os.listdir(os.path.join(tree, "src", room)))
        for name in sorted(siblings):
            if not name.endswith((".c", ".h")):
                continue
            files += 1
            where = f"src/{room}/{name}"
            text = read(tree, where)
            yield from check_includes(where, text, room, rooms[room], siblings)
            if room != TALKING_ROOM:
                yield from check_talk(where, text, room)
    for name in sorted(os.listdir(os.path.join(tree, "include", "dfukit"))):
        room = room_of_header(name)
        if room not in rooms:
            yield f"include/dfukit/{name}: of no room"
            continue
        files += 1
        where = f"include/dfukit/{name}"
        yield from check_includes(where, read(tree, where), room, rooms[room], None)
    if files == 0:
        yield "nothing to check"


# ---- The checker's own check: a sound tree, and what each of these files would break in it --------

SOUND = {
    "CMakeLists.txt":
        "dfukit_room(protocol FREESTANDING)\ndfukit_room(device FREESTANDING USES protocol)\n"
        "dfukit_room(image USES protocol)\ndfukit_room(host USES protocol image)\n"
        "dfukit_room(transport USES protocol)\ndfukit_room(session USES host transport)\n"
        "dfukit_room(cli USES session)\n",
    "include/dfukit/error.h": "",
    "include/dfukit/protocol.h": "#include <stdint.h>\n#include \"dfukit/error.h\"\n",
    "include/dfukit/image.h": "#include \"dfukit/protocol.h\"\n",
    "include/dfukit/host.h": "#include \"dfukit/image.h\"\n",
    "src/protocol/a.c": "#include \"dfukit/protocol.h\"\n",
    "src/device/a.c": "#include \"dfukit/bus.h\"\nint abort(void) { return o->abort(); }\n",
    "src/image/a.c": "#include <string.h>\n/* stdout, exit() */ const char *s = \"printf(\";\n",
    "src/host/engine.h": "",
    "src/host/a.c": "#include \"engine.h\"\n#include \"dfukit/image.h\"\n",
    "src/transport/a.c": "#include <libusb.h>\n#include <stdio.h>\nint f = snprintf(b, 1, x);\n",
    "src/session/a.c": "#include \"dfukit/image.h\"\n",
    "src/cli/a.c": "#include <stdio.h>\nint main(void) { printf(s); exit(1); }\n",
}
BREAKS = [  # the file, its text, the complaint: ":LINE: ..." about that file, or all of it
    ("src/device/b.c", '#include "dfukit/host.h"', ":1: device does not use host"),
    ("src/protocol/b.c", '\n#include "dfukit/image.h"', ":2: protocol does not use image"),
    ("src/host/b.c", '#include "dfukit/transport.h"', ":1: host does not use transport"),
    ("src/protocol/b.h", "#include <string.h>", ":1: protocol does without <string.h>"),
    ("src/device/b.c", "#  include <string.h>", ":1: device does without <string.h>"),
    ("src/image/b.c", "#include <stdlib.h>", ":1: image does without <stdlib.h>"),
    ("src/session/b.c", '#include "engine.h"', ':1: "engine.h" is not of this folder'),
    ("src/session/b.c", '#include "../a.h"', ':1: "../a.h" is not of this folder'),
    ("src/session/b.c", "#include <libusb.h>", ":1: only transport knows libusb"),
    ("src/cli/b.c", "#include <libusb-1.0/libusb.h>", ":1: only transport knows libusb"),
    ("src/cli/b.c", "#include <dfukit/host.h>", ":1: <dfukit/host.h> wants quotation marks"),
    ("src/transport/b.c", 'int f = printf("x");', ":1: only cli prints and exits: printf"),
    ("src/session/b.c", "\n\nvoid f(void) { exit(2); }", ":3: only cli prints and exits: exit"),
    ("src/session/b.c", "void f(void) { abort(); }", ":1: only cli prints and exits: abort"),
    ("src/session/b.c", "int f = fputs(s, stderr);", ":1: only cli prints and exits: stderr"),
    ("include/dfukit/image.h", '#include "dfukit/host.h"', ":1: image does not use host"),
    ("include/dfukit/host.h", "#include <stdio.h>", ":1: host does without <stdio.h>"),
    ("include/dfukit/other.h", "", ": of no room"),
    ("src/attic/b.c", "", "src/attic: not a room of CMakeLists.txt"),
]


def complaints_about(files):
    with tempfile.TemporaryDirectory() as tree:
        for name, text in files.items():
            path = os.path.join(tree, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return list(check(tree))


def self_test():
    wrong = [f"sound tree: {c}" for c in complaints_about(SOUND)]
    for name, text, expected in BREAKS:
        if expected.startswith(":"):
            expected = name + expected
        got = complaints_about({**SOUND, name: text + "\n"})
        if got != [expected]:
            wrong.append(f"{name} with {text!r}: wanted [{expected}], got {got}")
    return wrong


if __name__ == "__main__":
    result = self_test() if sys.argv[1] == "--self-test" else list(check(sys.argv[1]))
    print("\n".join(result), end="\n" if result else "")
    sys.exit(1 if result else 0)
