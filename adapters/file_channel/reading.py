"""Bytes of files that somebody else put into a folder: plain files alone, never a link, a pipe or an endless one.

In: a path, the most that is read. Out: bytes; OSError for whatever is no such file.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path


def content_of(path: Path, most: int) -> bytes:
    """The bytes of a plain file. Raises OSError for a link, a pipe, a larger one."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_size > most:
            raise OSError("no plain file, or too large")
        return file.read(most)
