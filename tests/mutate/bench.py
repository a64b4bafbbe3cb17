# SPDX-License-Identifier: MIT
"""Where mutants are tried: a shared library of the protocol and device rooms, one copy a worker,
and the tests that run on it, each an ordinary program that does not know which copy it gets."""
import os
import subprocess
import time

COMPILE = ["gcc", "-std=c11", "-O2", "-fPIC", "-w"]
SHORTEST_TIMEOUT = 3.0


def run(command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)


def must(command):
    done = run(command)
    if done.returncode != 0:
        raise SystemExit(" ".join(command) + "\n" + done.stdout.decode("utf-8", "replace"))


class Test:
    def __init__(self, name, sources):
        self.name, self.sources = name, sources
        self.program = None
        self.seconds = 0.0
        self.timeout = SHORTEST_TIMEOUT

    def passes(self, folder):
        """False also for a test that hangs or crashes."""
        try:
            done = run([self.program], timeout=self.timeout,
                       env={**os.environ, "LD_LIBRARY_PATH": folder})
            return done.returncode == 0
        except subprocess.TimeoutExpired:
            return False


class Bench:
    def __init__(self, tree, build, pool):
        self.tree, self.build = tree, build
        os.makedirs(build, exist_ok=True)
        self.objects = {}
        sources = [os.path.join("src", room, name) for room in ("protocol", "device")
                   for name in sorted(os.listdir(os.path.join(tree, "src", room)))
                   if name.endswith(".c")]
        for source, built in zip(sources, pool.map(self.compile_original, sources)):
            self.objects[source] = built
        self.original = {s: open(o, "rb").read() for s, o in self.objects.items()}
        self.folders = []
        self.tests = self.find_tests()
        self.worker()
        list(pool.map(self.build_test, self.tests))

    def includes(self, source):
        return ["-I" + os.path.join(self.tree, "include"),
                "-I" + os.path.join(self.tree, os.path.dirname(source))]

    def compile_original(self, source):
        built = os.path.join(self.build, source.replace(os.sep, "_") + ".o")
        must(COMPILE + self.includes(source) + ["-c", os.path.join(self.tree, source), "-o", built])
        return built

    def link(self, objects, folder):
        must(["gcc", "-shared", "-o", os.path.join(folder, "libdut.so")] + objects)

    def worker(self):
        """A folder with a library of its own; at first the original."""
        folder = os.path.join(self.build, f"worker{len(self.folders)}")
        os.makedirs(folder, exist_ok=True)
        self.link(list(self.objects.values()), folder)
        self.folders.append(folder)
        return folder

    def find_tests(self):
        """The unit tests of the device room, and the comparison with the transcription. What is about
        describe.h is left out: it makes constants, and none of the engine."""
        folder = os.path.join(self.tree, "tests", "unit", "device")
        tests = [Test("unit.device." + name[:-len("_test.c")], [os.path.join(folder, name)])
                 for name in sorted(os.listdir(folder))
                 if name.endswith("_test.c") and not name.startswith("describe")]
        folder = os.path.join(self.tree, "tests", "table")
        table = [os.path.join(folder, name) for name in sorted(os.listdir(folder))
                 if name.endswith(".c") and not name.endswith("_test.c")]
        tests.append(Test("table.engine", [os.path.join(folder, "engine_test.c")] + table))
        return tests

    def build_test(self, test):
        test.program = os.path.join(self.build, test.name)
        must(["gcc", "-std=c11", "-O1", "-w", "-D_POSIX_C_SOURCE=200809L",
              "-I" + os.path.join(self.tree, "include"), "-I" + os.path.join(self.tree, "tests"),
              "-o", test.program] + test.sources +
             ["-L" + self.folders[0], "-ldut", "-lcmocka"])

    def check_original(self):
        """The tests pass on what is not mutated; how long they take bounds how long they may."""
        for test in self.tests:
            start = time.monotonic()
            if not test.passes(self.folders[0]):
                raise SystemExit(test.name + " fails without any mutation")
            test.seconds = time.monotonic() - start
            test.timeout = max(SHORTEST_TIMEOUT, 20 * test.seconds)

    def put(self, source, text, folder):
        """The library with this text for the source. @return "same" when it is the same machine
        code, "broken" when it does not compile, else "ready"."""
        changed = os.path.join(folder, os.path.basename(source))
        built = changed + ".o"
        with open(changed, "w", encoding="utf-8") as file:
            file.write(text)
        if run(COMPILE + self.includes(source) + ["-c", changed, "-o", built]).returncode != 0:
            return "broken"
        with open(built, "rb") as file:
            if file.read() == self.original[source]:  # there is no debug information
                return "same"
        self.link([built] + [o for s, o in self.objects.items() if s != source], folder)
        return "ready"

