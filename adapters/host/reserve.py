"""Room that is kept back on a disk, so that what must be written is written when it is full.

In: a file that takes the room, how large. Out: whether the disk is full; then the room has been given back, so that the
records of the last minutes find a place, until there is enough again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

SIZE = 32 << 20


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class Reserve:
    """The room kept back on the disk of a folder."""

    def __init__(self, file: Path, size: int = SIZE, free: Callable[[Path], int] = _free) -> None:
        self._file, self._size, self._free = file, size, free

    def look(self) -> bool:
        """Whether the disk is full: less is free than is kept back, what is kept back not counted."""
        free = self._free(self._file.parent)
        if free < self._size:
            self._file.unlink(missing_ok=True)
            return True
        if not self._file.exists():
            if free < 3 * self._size:
                return True  # it would be given back at once
            self._take()
        return False

    def _take(self) -> None:
        fresh = self._file.with_name(f".{self._file.name}-{os.getpid()}")
        with suppress(OSError):
            with fresh.open("wb") as out:
                os.posix_fallocate(out.fileno(), 0, self._size)
            fresh.replace(self._file)
        fresh.unlink(missing_ok=True)
