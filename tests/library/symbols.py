# SPDX-License-Identifier: MIT
"""symbols.py BUILD: what libdfukit exports, and what it keeps.

- The shared library exports what the installed headers declare, under one version node, and nothing
  else; so does the static one, beside names for its own use, which all begin with dfukit_.
- The library has no state of its own: nothing in it can be written to once it is loaded.
- No two rooms define the same name.
- Of the C library it uses nothing that prints, ends the program, touches signals, or keeps state
  that threads would share.
It begins by checking itself on a library that does it all wrong.
"""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "tools"))
import exports  # noqa: E402

TREE = os.path.join(os.path.dirname(__file__), "..", "..")
HEADERS = ("version", "error", "protocol", "bus", "dfuse", "image", "host", "transport", "session")
NODE = "DFUKIT_0"
# Sections that programs may write to: .data.rel.ro is for the loader only, and so are the tables of
# addresses, constructors and the compiler's own mark.
WRITABLE = (".data", ".bss", ".tdata", ".tbss", "COMMON")


UNWANTED = set("""
    printf fprintf vprintf vfprintf puts putchar fputs fputc putc fwrite perror stdout stderr
    exit _exit abort atexit signal sigaction raise system fork getenv setenv setlocale
    strtok strerror rand srand random localtime gmtime ctime asctime gethostbyname getservbyname
    inet_ntoa readdir getpwuid __assert_fail __printf_chk __fprintf_chk
""".split())


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def declared(folder):
    names = set()
    for header in HEADERS:
        with open(os.path.join(folder, header + ".h"), encoding="utf-8") as file:
            names |= set(exports.declared(file.read()))
    return names


def shared(path, wanted):
    found = set()
    for line in run("nm", "-D", "--defined-only", path).splitlines():
        name, _, node = line.split()[-1].partition("@@")
        if line.split()[-2] == "A" and name == NODE:
            continue
        found.add(name)
        if not name.startswith("dfukit_"):
            yield f"exports {name}"
        elif name not in wanted:
            yield f"exports {name}, which no installed header declares"
        if node != NODE:
            yield f"{name} has the version {node or '(none)'}, not {NODE}"
    for name in sorted(wanted - found):
        yield f"{name} is declared, but not exported"
    if not found:
        yield "exports nothing"


def static(path, wanted):
    found = set()
    for line in run("nm", "-g", "--defined-only", path).splitlines():
        words = line.split()
        if len(words) != 3:
            continue
        name = words[2]
        if not name.startswith("dfukit_"):
            yield f"defines {name}"
        if name in found:
            yield f"defines {name} twice"
        found.add(name)
    for name in sorted(wanted - found):
        yield f"{name} is declared, but not defined"


def uses(path):
    for line in run("nm", "-D", "--undefined-only", path).splitlines():
        name = line.split()[-1].partition("@")[0]
        if name in UNWANTED:
            yield f"uses {name}"


def state(path):
    """Objects in the archive that can be written to."""
    member = ""
    for line in run("objdump", "-t", path).splitlines():
        if ": " in line and "file format" in line:
            member = line.split(":")[0]
        words = line.split()
        if len(words) < 5:
            continue
        section = words[-3]
        size = int(words[-2], 16) if all(c in "0123456789abcdef" for c in words[-2]) else 0
        if section == "*COM*" or (size and any(
                section == w or (section.startswith(w + ".") and not section.startswith(".data.rel"))
                for w in WRITABLE)):
            yield f"{member}: {words[-1]} in {section} can be written to"


def check(build):
    wanted = declared(os.path.join(TREE, "include", "dfukit"))
    library, archive = os.path.join(build, "libdfukit.so"), os.path.join(build, "libdfukit.a")
    yield from (f"libdfukit.so: {c}" for c in shared(library, wanted))
    yield from (f"libdfukit.so: {c}" for c in uses(library))
    yield from (f"libdfukit.a: {c}" for c in static(archive, wanted))
    yield from (f"libdfukit.a: {c}" for c in state(archive))


def self_test():
    source = """
        #include <threads.h>
        int dfukit_good(void) { static int calls; return ++calls; }
        char *strerror(int error);
        int dfukit_extra(void) { return *strerror(1); }
        int stray = 5;
        static thread_local int kept;
        int *dfukit_kept(void) { return &kept; }
        const char *const dfukit_names[] = {"a", "b"};
    """
    with tempfile.TemporaryDirectory() as folder:
        unit = os.path.join(folder, "unit")
        with open(unit + ".c", "w", encoding="utf-8") as file:
            file.write(source)
        run("cc", "-fPIC", "-c", "-o", unit + ".o", unit + ".c")
        run("ar", "rcs", unit + ".a", unit + ".o", unit + ".o")
        run("ar", "qc", unit + ".a", unit + ".o")
        run("cc", "-shared", "-o", unit + ".so", unit + ".o")
        wanted = {"dfukit_good", "dfukit_names", "dfukit_kept", "dfukit_missing"}
        got = list(shared(unit + ".so", wanted)) + list(static(unit + ".a", wanted))
        got += list(state(unit + ".a")) + list(uses(unit + ".so"))
    for needle in ("exports stray", "exports dfukit_extra, which", "dfukit_good has the version",
                   "dfukit_missing is declared, but not exported", "defines stray",
                   "defines dfukit_extra twice", "dfukit_missing is declared, but not defined",
                   "uses strerror", "calls", "stray in .data", "kept in .tbss"):
        if not any(needle in complaint for complaint in got):
            yield f"self-test: nobody said \"{needle}\""
    yield from (f"self-test: {c}" for c in got if "dfukit_names" in c and "version" not in c
                and "twice" not in c)


if __name__ == "__main__":
    result = list(exports.self_test()) + list(self_test()) + list(check(sys.argv[-1]))
    print("\n".join(result), end="\n" if result else "")
    sys.exit(1 if result else 0)
