"""A shelf of pictures in the folder of files: what cameras gave, the oldest first to go.

In: pictures. Out: their places among the files of the node. Beside them lies a list, a line for each in the order in
which they came; a picture is taken away only where it is the last line of its digest, so that nothing that came again
is lost. Files that are no pictures of the shelf are never touched, whatever room is short.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from adapters.files.disk import DiskFiles
from engine.model.values import StoredFile

ROOM_FOR = 64
"""How many at most go to make room for one."""


class PictureFolder:
    """See `engine.ports.watching.PictureShelf`; may be used by several threads of one process."""

    def __init__(self, files: DiskFiles, listed: Path, free: int, room: Callable[[Path], int] | None = None) -> None:
        """`listed`: where the list lies; `free`: bytes of the disk that stay free; `room`: how many there are."""
        self._files, self._listed, self._free, self._room = files, listed, free, room or room_of
        self._turn = Lock()

    def keep(self, content: bytes, name: str, media: str) -> StoredFile:
        """Keep one; where room is short, the oldest go first. Raises OSError where there is none even so."""
        with self._turn:
            self._make_room(len(content))
            kept = self._files.put(content, name, media)
            with self._listed.open("a", encoding="ascii") as lines:
                lines.write(f"{int(time.time())} {kept.hash} {kept.size}\n")
            return kept

    def _make_room(self, wanted: int) -> None:
        if self._has_room(wanted):
            return
        lines = self._listed.read_text("ascii").splitlines() if self._listed.exists() else []
        gone = 0
        while gone < len(lines) and gone < ROOM_FOR and not self._has_room(wanted):
            digest = lines[gone].split()[1]
            gone += 1
            if all(line.split()[1] != digest for line in lines[gone:]):
                self._files.drop(digest)
        fresh = self._listed.with_suffix(".new")
        fresh.write_text("".join(f"{line}\n" for line in lines[gone:]), "ascii")
        fresh.replace(self._listed)
        if not self._has_room(wanted):
            raise OSError(f"{self._listed.parent}: no room for pictures")

    def _has_room(self, wanted: int) -> bool:
        return self._room(self._listed.parent) - wanted >= self._free


def room_of(folder: Path) -> int:
    """Bytes that are left where a folder lies."""
    told = os.statvfs(folder)
    return told.f_bavail * told.f_frsize
