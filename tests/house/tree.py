# SPDX-License-Identifier: MIT
"""The project's own text files: everything in the tree but what was built and what git keeps."""
import os

NOT_OURS = {".git", "build", "__pycache__"}


def source_files(tree):
    """(name within the tree, text), sorted."""
    for folder, folders, names in os.walk(tree):
        folders[:] = sorted(f for f in folders if f not in NOT_OURS)
        for name in sorted(set(names) - NOT_OURS):
            path = os.path.join(folder, name)
            if os.path.islink(path):
                continue
            with open(path, "rb") as file:
                content = file.read()
            if b"\0" not in content:
                yield os.path.relpath(path, tree), content.decode("utf-8", "replace")
