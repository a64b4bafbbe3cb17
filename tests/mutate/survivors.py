# SPDX-License-Identifier: MIT
"""The mutants that no test can kill, each with the reason: survivors.txt.

An entry is four lines, and is found again by file, function, the text of the line and the mutation,
never by a line number:
    src/device/x.c: function
      text of the line
      mutation
      reason: why nothing can tell the difference
"""
import collections

Entry = collections.namedtuple("Entry", "file function text what reason")


def read(text):
    """@return ({key: Entry}, [complaints])"""
    entries, wrong = {}, []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith("#")]
        if not lines:
            continue
        if len(lines) < 4 or ": " not in lines[0] or not lines[3].strip().startswith("reason: "):
            wrong.append("survivors.txt: not an entry: " + lines[0])
            continue
        file, function = lines[0].split(": ", 1)
        reason = " ".join(line.strip() for line in lines[3:])[len("reason: "):]
        entry = Entry(file, function, lines[1].strip(), lines[2].strip(), reason)
        if key(entry) in entries:
            wrong.append("survivors.txt: twice: " + lines[0] + ": " + entry.what)
        if len(reason) < 10:
            wrong.append("survivors.txt: no reason: " + lines[0])
        entries[key(entry)] = entry
    return entries, wrong


def key(mutant):
    return (mutant.file, mutant.function, mutant.text, mutant.what)


def judge(entries, survivors, tried, all_mutants):
    """Complaints: survivors without an entry, entries without a survivor.
    `tried`: the mutants that were run; of the others an entry must at least exist."""
    alive = {key(m) for m in survivors}
    ran = {key(m) for m in tried}
    exist = {key(m) for m in all_mutants}
    for mutant in survivors:
        if key(mutant) not in entries:
            yield (f"{mutant.file}:{mutant.line}: survives, in {mutant.function}: {mutant.what}\n"
                   f"    {mutant.text}")
    for k, entry in entries.items():
        if k not in exist or (k in ran and k not in alive):
            yield (f"survivors.txt: stale: {entry.file}: {entry.function}: {entry.what}\n"
                   f"    {entry.text}")
