# SPDX-License-Identifier: MIT
"""The deepest stack from gcc's call graphs (-fcallgraph-info=su): VCG files with a frame for each function."""
import re
import sys

NODE = re.compile(r'^node: \{ title: "([^"]*)" label: "([^"]*)"')
EDGE = re.compile(r'^edge: \{ sourcename: "([^"]*)" targetname: "([^"]*)"')
FRAME = re.compile(r"(\d+) bytes \((static|dynamic(?:,bounded)?)\)")
INDIRECT = "__indirect_call"


def bare(title):
    return title.rsplit(":", 1)[-1]


def read(files):
    """{function: its frame}, {function: functions it calls}"""
    frames, calls = {}, {}
    for name in files:
        with open(name, encoding="utf-8") as file:
            for line in file:
                node, edge = NODE.match(line), EDGE.match(line)
                if node and (frame := FRAME.search(node.group(2))):
                    frames[bare(node.group(1))] = int(frame.group(1))
                elif edge:
                    calls.setdefault(bare(edge.group(1)), set()).add(bare(edge.group(2)))
    return frames, calls


def depth(function, frames, calls, above=()):
    if function in above:
        raise ValueError(f"recursion: {' -> '.join(above + (function,))}")
    beneath = [depth(callee, frames, calls, above + (function,)) for callee in calls.get(function, ())]
    return frames.get(function, 0) + max(beneath, default=0)


def resolve(calls, frames):
    """A call through a pointer: from the class to whatever store is there, from a store to the flash, which
    is not ours."""
    stores = {name for name in frames if re.match(r"(slot|dfuse)_\w+$", name)}
    for function, callees in calls.items():
        if INDIRECT in callees:
            callees.discard(INDIRECT)
            if function.startswith("dfukit_dfu_") or function == "start_block":
                callees |= stores


def deepest(files):
    frames, calls = read(files)
    resolve(calls, frames)
    return max((depth(function, frames, calls) for function in frames), default=0)


def self_test():
    frames, calls = {"dfukit_dfu_a": 8, "b": 24, "slot_c": 100, "d": 40}, \
                    {"dfukit_dfu_a": {"b", INDIRECT}, "slot_c": {INDIRECT}, "d": {"b"}}
    resolve(calls, frames)
    got = [depth(name, frames, calls) for name in ("dfukit_dfu_a", "b", "slot_c", "d")]
    if got != [108, 24, 100, 64]:
        sys.exit(f"self-test: {got}")
