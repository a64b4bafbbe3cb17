# SPDX-License-Identifier: MIT
"""Sizes of the device end: flash, static RAM and deepest stack of products built for Cortex-M0 and M3.

sizes.py WORK                  print the tables
sizes.py WORK --write FILE     and put them into FILE, between its marks
sizes.py WORK --check FILE     and fail where one has grown by more than 2 % over what FILE says, or the
                               smallest product is beyond its goal
WORK is a folder to build in. With another compiler than FILE's nothing but the goal is checked.
"""
import os
import re
import subprocess
import sys

import stack

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
CC = "arm-none-eabi-gcc"
CPUS = ("cortex-m0", "cortex-m3")
GOAL = 1200  # bytes of the smallest product on Cortex-M3, with link-time optimisation
GROWTH = 1.02
MARKS = ("<!-- sizes.py: begin -->", "<!-- sizes.py: end -->")

FLAGS = ["-mthumb", "-Os", "-std=c11", "-ffreestanding", "-nostdlib", "-ffunction-sections",
         "-fdata-sections", "-I" + os.path.join(TREE, "include"), "-I" + HERE]
CLASS = ["class", "events"]
PIPE = CLASS + ["pipe", "chapter9"]
SLOT = PIPE + ["slot", "writer", "region"]
DFUSE = PIPE + ["dfuse", "writer", "region", "zones"]
LENIENT = ["-DSIZES_STRICT=false"]
RUNTIME = LENIENT + ["-DSIZES_LOADER_ONLY=false", "-DSIZES_REATTACHES"]
PLATFORMS = ['-DDFUKIT_GUID="{3D0F5A6C-94C0-4C2B-9E0F-6C1B7C9B52A1}"',
             '-DDFUKIT_landingPage="example.com/pad"']

# What is built: name, files of src/device, settings of product.c.
ROWS = [
    ("class alone, hosted by another stack: strict, a loader", CLASS, ["-DSIZES_CLASS"]),
    ("class alone: lenient, with run-time mode", CLASS, ["-DSIZES_CLASS"] + RUNTIME),
    ("**class, endpoint 0, chapter 9, descriptors: strict, a loader**", PIPE, []),
    ("… lenient", PIPE, LENIENT),
    ("… lenient, manifestation tolerant", PIPE, LENIENT + [
        "-DSIZES_ATTRIBUTES=(DFUKIT_CAN_DNLOAD|DFUKIT_CAN_UPLOAD|DFUKIT_MANIFESTATION_TOLERANT)"]),
    ("… lenient, without upload", PIPE, LENIENT + ["-DSIZES_ATTRIBUTES=DFUKIT_CAN_DNLOAD"]),
    ("… lenient, with run-time mode", PIPE, RUNTIME),
    ("… lenient, three alternate settings with names", PIPE, LENIENT + [
        "-DDFUKIT_ALTERNATES(ALT)=ALT(A,\"Firmware\")ALT(B,\"Settings\")ALT(C,\"Keys\")"]),
    ("… lenient, two block buffers", PIPE, LENIENT + ["-DSIZES_DOUBLE_BUFFER=true"]),
    ("… lenient, Microsoft OS 2.0 and WebUSB", PIPE, LENIENT + PLATFORMS),
    ("… lenient, DfuSe's rules", PIPE, LENIENT + ["-DSIZES_DFUSE"]),
    ("whole: lenient, with the firmware slot", SLOT, LENIENT + ["-DSIZES_SLOT"]),
    ("whole: lenient, with the DfuSe store", DFUSE, LENIENT + ["-DSIZES_DFUSE", "-DSIZES_DFUSE_STORE"]),
]
GOAL_ROW = 2
OBJECTS = ["class", "events", "pipe", "chapter9", "slot", "writer", "region", "dfuse", "zones", "layout",
           "serial"]


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{result.stderr}")
    return result.stdout


def sections(file):
    """{section: bytes}"""
    found = {}
    for line in run("arm-none-eabi-size", "-A", file).split("\n"):
        words = line.split()
        if len(words) == 3 and words[0].startswith("."):
            found[words[0]] = int(words[1])
    return found


def symbol_size(file, name):
    for line in run("arm-none-eabi-nm", "-S", file).split("\n"):
        words = line.split()
        if len(words) == 4 and words[3] == name:
            return int(words[1], 16)
    return 0


def source(room, name):
    return os.path.join(TREE, "src", room, name + ".c")


def build(work, cpu, lto, files, settings):
    """Build one product. Returns (flash, static RAM, deepest stack)."""
    flags = [CC, "-mcpu=" + cpu] + FLAGS + settings
    optimised = flags + ["-DDFUKIT_PRODUCT=the_product", "-fcallgraph-info=su"] + (["-flto"] if lto else [])
    for name in os.listdir(work):
        os.remove(os.path.join(work, name))
    # The port does not know the product; without DFUKIT_PRODUCT nor does the library, unless by link-time
    # optimisation: so it is given in either case.
    opaque = os.path.join(work, "opaque.o")
    run(*flags, "-c", os.path.join(HERE, "opaque.c"), "-o", opaque)
    objects = []
    for path in [source("device", name) for name in files] + \
            [source("protocol", name) for name in ("transitions", "control")] + \
            [os.path.join(HERE, "product.c")]:
        out = os.path.join(work, os.path.basename(path)[:-2] + ".o")
        run(*optimised, "-I" + os.path.join(TREE, "src", "device"), "-c", path, "-o", out)
        objects.append(out)
    elf = os.path.join(work, "product.elf")
    run(*optimised, "-Wl,--gc-sections", "-Wl,-T," + os.path.join(HERE, "sizes.ld"), opaque, *objects,
        "-lgcc", "-o", elf)
    size = sections(elf)
    ram = size.get(".data", 0) + size.get(".bss", 0) + symbol_size(opaque, "function")
    if "-DSIZES_CLASS" not in settings:
        ram += symbol_size(opaque, "pipe")
    graphs = [name for name in os.listdir(work) if name.endswith(".ci") and ("ltrans" in name) == lto]
    deepest = stack.deepest([os.path.join(work, name) for name in graphs])
    return size[".text"] + size.get(".data", 0), ram, deepest


def measure(work):
    """[(name, {(cpu, lto): (flash, ram, stack)})]"""
    return [(name, {(cpu, lto): build(work, cpu, lto, files, settings)
                    for cpu in CPUS for lto in (True, False)})
            for name, files, settings in ROWS]


def measure_objects(work):
    rows = []
    for name in OBJECTS:
        sizes = []
        for cpu in CPUS:
            out = os.path.join(work, name + ".o")
            run(CC, "-mcpu=" + cpu, *FLAGS, "-c", source("device", name), "-o", out)
            found = sections(out)
            sizes.append(sum(n for s, n in found.items() if s.startswith((".text", ".rodata", ".data"))))
        rows.append((name, sizes))
    return rows


def report(rows, objects):
    lines = [f"Compiler: {run(CC, '-dumpfullversion').strip()}, `-Os`. Flash / static RAM / deepest stack, "
             "in bytes.", "",
             "| product | M3, LTO | M3 | M0, LTO | M0 |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, sizes in rows:
        cells = [" / ".join(f"{n:,}" for n in sizes[(cpu, lto)])
                 for cpu in reversed(CPUS) for lto in (True, False)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", "| file of `src/device/`, alone, nothing left out | M3 | M0 |", "| --- | ---: | ---: |"]
    lines += [f"| `{name}.c` | {m3:,} | {m0:,} |" for name, (m0, m3) in objects]
    return lines


def told(lines):
    """{(row name, column): flash} of a report, and its compiler."""
    found, compiler = {}, None
    for line in lines:
        match = re.match(r"Compiler: ([0-9.]+),", line)
        compiler = match.group(1) if match else compiler
        cells = [cell.strip() for cell in line.strip("| \n").split(" | ")]
        for column, cell in enumerate(cells[1:]):
            number = cell.split(" / ")[0].replace(",", "")
            if number.isdigit():
                found[(cells[0], column)] = int(number)
    return found, compiler


def between_marks(text):
    begin, end = text.index(MARKS[0]) + len(MARKS[0]), text.index(MARKS[1])
    return begin, end


def complaints(now, before, goal):
    """What is wrong with sizes `now`, where `before` is what was told; both {(row, column): bytes}."""
    for key, size in now.items():
        if key not in before:
            yield f"{key[0]}, column {key[1] + 1}: not in the file"
        elif size > before[key] * GROWTH:
            yield f"{key[0]}, column {key[1] + 1}: {size} bytes, the file says {before[key]}"
    if goal > GOAL:
        yield f"the smallest product takes {goal} bytes, {GOAL} at most"


def self_test():
    before = {("a", 0): 1000, ("b", 0): 50}
    rows = [({("a", 0): 1020, ("b", 0): 51}, 1200, 0), ({("a", 0): 1021, ("b", 0): 1}, 1200, 1),
            ({("c", 0): 1}, 1200, 1), ({("a", 0): 1}, 1201, 1), ({("a", 0): 2000, ("b", 0): 99}, 0, 2)]
    for now, goal, expected in rows:
        if len(list(complaints(now, before, goal))) != expected:
            sys.exit(f"self-test: {now}, {goal}: not {expected} complaints")
    sample = ["Compiler: 1.2.3, `-Os`.", "| x | 1,234 / 5 / 6 | 77 / 1 / 1 |", "| --- | ---: | ---: |"]
    if told(sample) != ({("x", 0): 1234, ("x", 1): 77}, "1.2.3"):
        sys.exit(f"self-test: {told(sample)}")
    stack.self_test()


def main():
    work = sys.argv[1]
    os.makedirs(work, exist_ok=True)
    self_test()
    rows = measure(work)
    lines = report(rows, measure_objects(work))
    print("\n".join(lines))
    if len(sys.argv) < 4:
        return
    with open(sys.argv[3], encoding="utf-8") as file:
        text = file.read()
    begin, end = between_marks(text)
    if sys.argv[2] == "--write":
        with open(sys.argv[3] + ".new", "w", encoding="utf-8") as file:
            file.write(text[:begin] + "\n" + "\n".join(lines) + "\n" + text[end:])
        os.replace(sys.argv[3] + ".new", sys.argv[3])
        return
    now, compiler = told(lines)
    before, told_compiler = told(text[begin:end].split("\n"))
    goal = rows[GOAL_ROW][1][("cortex-m3", True)][0]
    if compiler != told_compiler:
        print(f"compiler {compiler}, the file's is {told_compiler}: growth cannot be told")
        before = now
    wrong = list(complaints(now, before, goal))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
