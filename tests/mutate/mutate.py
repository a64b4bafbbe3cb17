# SPDX-License-Identifier: MIT
"""mutate.py TREE BUILD [--every N] [--seed K] [--seconds S] [--file F]... [--list]

Break the device engine in every way the list `mutants` knows, and see whether a test notices. BUILD
is a folder to work in. A mutant that no test notices must stand in survivors.txt, with the reason.
  --every N    only each N-th mutant, beginning with number K (a sample)
  --seconds S  stop then; what was not tried is said
  --file F     only this source (src/device/class.c); may be repeated
  --list       print the mutants and do nothing
"""
import argparse
import collections
import concurrent.futures
import os
import queue
import sys
import time

import bench
import source
import survivors

HERE = os.path.dirname(os.path.abspath(__file__))
ROOM = os.path.join("src", "device")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("tree")
    parser.add_argument("build")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--file", action="append", default=[])
    parser.add_argument("--list", action="store_true")
    return parser.parse_args()


def all_mutants(tree, files):
    operators = source.read_operators(read(os.path.join(HERE, "mutants")))
    found = []
    for name in sorted(os.listdir(os.path.join(tree, ROOM))):
        path = os.path.join(ROOM, name)
        if name.endswith(".c") and (not files or path in files):
            found += source.mutants_of(path, read(os.path.join(tree, path)), operators)
    return found


class Trial:
    """Tries mutants, and remembers which test killed mutants of a file: it goes first."""

    def __init__(self, tests_bench, texts):
        self.bench, self.texts = tests_bench, texts
        self.kills = collections.Counter()
        self.results = []
        self.folders = queue.Queue()
        for folder in tests_bench.folders:
            self.folders.put(folder)
        self.stop_at = None

    def order(self, file):
        return sorted(self.bench.tests, key=lambda t: (-self.kills[file, t.name], t.seconds))

    def outcome(self, mutant, folder):
        text = source.apply(self.texts[mutant.file], mutant)
        how = self.bench.put(mutant.file, text, folder)
        if how != "ready":
            return how
        for test in self.order(mutant.file):
            if not test.passes(folder):
                self.kills[mutant.file, test.name] += 1
                return "killed"
        return "survived"

    def __call__(self, mutant):
        if self.stop_at is not None and time.monotonic() > self.stop_at:
            return mutant, "not tried"
        folder = self.folders.get()
        try:
            return mutant, self.outcome(mutant, folder)
        finally:
            self.folders.put(folder)


def report(results, kills):
    files = sorted({m.file for m, _ in results})
    kinds = ["killed", "survived", "same", "broken", "not tried"]
    for file in files + [None]:
        counts = collections.Counter(how for m, how in results if file in (None, m.file))
        print(f"{file or 'all':24}" + ", ".join(f"{counts[k]} {k}" for k in kinds))
    for (file, test), n in sorted(kills.items()):
        print(f"    {file}: {n} killed by {test}")


def main():
    options = arguments()
    mutants = all_mutants(options.tree, options.file)
    chosen = mutants[options.seed % options.every::options.every]
    if options.list:
        for m in chosen:
            print(f"{m.file}:{m.line}: {m.function}: {m.what}")
        return 0
    entries, complaints = survivors.read(read(os.path.join(HERE, "survivors.txt")))
    entries = {k: e for k, e in entries.items() if not options.file or e.file in options.file}
    workers = len(os.sched_getaffinity(0))
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        start = time.monotonic()
        tests_bench = bench.Bench(options.tree, options.build, pool)
        while len(tests_bench.folders) < workers:
            tests_bench.worker()
        tests_bench.check_original()
        trial = Trial(tests_bench, {m.file: read(os.path.join(options.tree, m.file))
                                    for m in mutants})
        if options.seconds:
            trial.stop_at = start + options.seconds
        results = list(pool.map(trial, chosen))
    report(results, trial.kills)
    tried = [m for m, how in results if how != "not tried"]
    print(f"{len(tried)} of {len(mutants)} mutants tried: each {options.every}. from number "
          f"{options.seed % options.every}, {time.monotonic() - start:.0f} s")
    alive = [m for m, how in results if how == "survived"]
    complaints += survivors.judge(entries, alive, tried, mutants)
    print("\n".join(complaints), end="\n" if complaints else "")
    return 1 if complaints or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
