# SPDX-License-Identifier: MIT
"""Run a command on a terminal of its own, type an answer when it asks, and pass on what it says.

    terminal.py ANSWER COMMAND...

The answer is typed once the words "go on: " have appeared. Exits with the command's exit code.
"""
import os
import pty
import select
import signal
import sys
import time


def main():
    answer, command = sys.argv[1], sys.argv[2:]
    child, terminal = pty.fork()
    if child == 0:
        os.execv(command[0], command)
    said = b""
    typed = False
    end = time.monotonic() + 30
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 0.5)
        if not ready:
            continue
        try:
            more = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            break
        if not more:
            break
        said += more
        if not typed and b"go on: " in said:
            typed = True
            os.write(terminal, b"\x03" if answer == "^C" else answer.encode() + b"\n")
    sys.stdout.buffer.write(said.replace(b"\r\n", b"\n"))
    if time.monotonic() >= end:
        os.kill(child, signal.SIGKILL)
        print("terminal.py: no end in 30 s")
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
