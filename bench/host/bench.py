# SPDX-License-Identifier: MIT
"""bench.py BUILD [--write FILE]: what a write of 128 KiB costs this host, and what it costs dfu-util.

Two kinds of figures. Those of bench_host are exact: devices made of software, a clock that only
waiting advances. The others are runs of whole programs through the real libusb on a bus that
umockdev makes up, where a transfer takes next to no time: requests as the device counts them, and
seconds, which are the waits. Nothing here passes or fails.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

PAYLOAD = 128 * 1024
# goal: requests, round trips, milliseconds from DETACH to the first block
GOALS = {"dfuse": ("at most 400", "at most 270", ""), "back-in-100": ("", "", "at most 200")}
CASES = {
    "dfuse": "DfuSe, pages and transfers of 2 KiB, as in ST's ROM (104 ms a block, 100 ms a page)",
    "plain-1024": "plain DFU, transfers of 1 KiB",
    "plain-2048": "plain DFU, transfers of 2 KiB",
    "plain-4096": "plain DFU, transfers of 4 KiB",
    "back-in-100": "from run-time mode, a device that is back after 100 ms and works in no time",
}
# name, bytes, plugged's arguments, arguments of dfu-util, arguments of dfu
PEERS = [
    ("DfuSe 128 KiB, leave included", PAYLOAD, ["--timed", "stm32f107-rom"],
     ["-a", "0", "-s", "0x08000000:leave", "-D"],
     ["--at", "0x08000000", "-a", "0", "--transfer-size", "2048"]),
    ("plain DFU 60 KiB from run-time mode (Tomu), transfers of 1 KiB", 60 * 1024, ["tomu"],
     ["-D"], []),
]


def exact(build):
    """{case: [requests, round trips, ms, ms from DETACH to the first block]}"""
    run = subprocess.run([os.path.join(build, "bench/bench_host")], capture_output=True, text=True)
    sys.stderr.write(run.stderr)
    rows = {}
    for line in run.stdout.splitlines():
        name, *figures = line.split()
        rows[name] = [int(f) for f in figures]
    return rows


def plugged(build, work, ports, command):
    """(requests, seconds, ms from DETACH to the first block), or None: it failed."""
    count = os.path.join(work, "count")
    begun = time.monotonic()
    run = subprocess.run(["umockdev-wrapper", os.path.join(build, "tests/interop/plugged"),
                          "--count", count, *ports, "--", *command],
                         capture_output=True, text=True, timeout=120)
    took = time.monotonic() - begun
    # dfu-util ends with 74 when a device has left at the end of a download, which a Tomu does.
    if run.returncode != 0 and (command[0], run.returncode) != ("dfu-util", 74):
        print(f"{' '.join(command)}: exit code {run.returncode}\n{run.stderr}", file=sys.stderr)
        return None
    with open(count, encoding="utf-8") as file:
        requests, back = file.read().split()
    return int(requests), took, int(back)


def side_by_side(build):
    """[(name, dfu-util's figures or None, ours or None)]; None where nothing can be run."""
    ready = shutil.which("umockdev-wrapper") and shutil.which("dfu-util") and os.path.exists(
        os.path.join(build, "tests/interop/plugged"))
    if not ready:
        return None
    rows = []
    with tempfile.TemporaryDirectory() as work:
        firmware = os.path.join(work, "firmware.bin")
        for name, size, device, theirs, ours in PEERS:
            with open(firmware, "wb") as file:
                file.write(bytes((i * 7919 >> 5) & 0xFF for i in range(size)))
            peer = plugged(build, work, device, ["dfu-util", *theirs, firmware])
            own = plugged(build, work, device,
                          [os.path.join(build, "dfu"), "write", firmware, "--verify", "never", "-q",
                           *ours])
            rows.append((name, peer, own))
    return rows


def table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" + " ---: |" * (len(head) - 1)
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"


def with_goal(value, goal):
    return f"{value:,} ({goal})" if goal else f"{value:,}"


def exact_rows(rows):
    for name, text in CASES.items():
        goals = GOALS.get(name, ("", "", ""))
        if name not in rows:
            yield [text, "–", "–", "–", "–"]
            continue
        requests, trips, took, back = rows[name]
        yield [text, with_goal(requests, goals[0]), with_goal(trips, goals[1]),
               f"{took / 1000:.2f} s", with_goal(back, goals[2]) if back else "–"]


def ratio(peer, own, format_):
    if peer is None or own is None:
        return [format_(peer) if peer is not None else "failed",
                format_(own) if own is not None else "failed", "–"]
    return [format_(peer), format_(own), f"{own / peer:.2f}" if peer else "–"]


def peer_rows(rows):
    for name, peer, own in rows:
        def pick(i):
            return peer[i] if peer else None, own[i] if own else None
        yield [f"{name}: class requests", *ratio(*pick(0), lambda v: f"{v:,}")]
        yield [f"{name}: seconds in all", *ratio(*pick(1), lambda v: f"{v:.2f}")]
        if any(x and x[2] for x in (peer, own)):
            yield [f"{name}: ms from DETACH to the first block",
                   *ratio(*pick(2), lambda v: f"{v:,}")]


def report(build):
    yield "# What a write costs"
    yield ""
    yield "Printed by `make bench`. 128 KiB are written and the device sent back to its firmware, without"
    yield "reading back. Goals stand in brackets."
    yield ""
    yield "Exact: devices made of software, a clock that only waiting advances. Requests are those of the DFU"
    yield "class, counted at the device; round trips, what they cost on a carrier that queues. Erases and programs"
    yield "take their recorded times, but for the last line."
    yield ""
    yield from table(["", "requests", "round trips", "waits in all", "ms from DETACH to the first block"],
                     exact_rows(exact(build)))
    yield ""
    rows = side_by_side(build)
    if rows is None:
        yield "dfu-util was not run: that needs the packages dfu-util, umockdev and libumockdev-dev."
        return
    version = subprocess.run(["dfu-util", "--version"], capture_output=True, text=True).stdout
    yield f"Side by side: {version.splitlines()[0]} and `dfu`, whole programs, through the real libusb on a made-up bus"
    yield "where a transfer takes next to no time: the seconds are waits. (What libusb carries is not queued. After DfuSe's"
    yield "leave `dfu` looks half a second longer whether the device is back.)"
    yield ""
    yield from table(["", "dfu-util", "dfu", "ratio"], peer_rows(rows))


if __name__ == "__main__":
    text = "\n".join(report(sys.argv[1])) + "\n"
    print(text, end="")
    if len(sys.argv) > 3 and sys.argv[2] == "--write":
        with open(sys.argv[3], "w", encoding="utf-8") as out:
            out.write(text)
