# SPDX-License-Identifier: MIT
"""dfuse_file.py OUT ALT:ADDRESS:FILE...: a DfuSe file, written from its description (ST UM0391) and
from nothing of ours. Parts of one alternate setting that follow one another are its elements."""
import itertools
import struct
import sys
import zlib


def element(address, data):
    return struct.pack("<II", address, len(data)) + data


def target(alternate, elements):
    body = b"".join(elements)
    name = f"ALT{alternate}".encode().ljust(255, b"\0")
    return struct.pack("<6sBI255sII", b"Target", alternate, 1, name, len(body),
                       len(elements)) + body


def main(out, *parts):
    rows = []
    for part in parts:
        alternate, address, name = part.split(":", 2)
        with open(name, "rb") as file:
            rows.append((int(alternate), element(int(address, 0), file.read())))
    targets = [target(alternate, [e for _, e in group])
               for alternate, group in itertools.groupby(rows, key=lambda row: row[0])]
    body = b"".join(targets)
    whole = struct.pack("<5sBIB", b"DfuSe", 1, 11 + len(body), len(targets)) + body
    whole += struct.pack("<HHHH3sB", 0xFFFF, 0xFFFF, 0xFFFF, 0x011A, b"UFD", 16)
    whole += struct.pack("<I", zlib.crc32(whole) ^ 0xFFFFFFFF)
    with open(out, "wb") as file:
        file.write(whole)


if __name__ == "__main__":
    main(*sys.argv[1:])
