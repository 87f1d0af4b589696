"""Files sealed piece by piece, so that none has to be in memory as a whole; and files brought to the disk for good.

In: a file, a key, a context. Out: pieces, each with its length in four bytes before it. A piece is bound to its place
and to being the last: pieces that are moved, left out or cut off are noticed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import BinaryIO

from engine.ports.backups import DataKey

_PIECE = 1 << 20
_LENGTH = 4
_MOST = _PIECE + 1024


def seal(source: Path, to: Path, key: DataKey, context: str) -> None:
    """Write `source` sealed into the new file `to`. Raises OSError."""
    with source.open("rb") as plain, to.open("xb") as out:
        number, piece = 0, plain.read(_PIECE)
        while True:
            following = plain.read(_PIECE)
            sealed = key.seal(piece, _context(context, number, last=not following))
            out.write(len(sealed).to_bytes(_LENGTH, "big") + sealed)
            if not following:
                break
            number, piece = number + 1, following
        _forced(out)


def unseal(source: Path, to: Path, key: DataKey, context: str) -> None:
    """Write what was sealed into the new file `to`. Raises OSError, ValueError for what was altered."""
    with source.open("rb") as sealed, to.open("xb") as out:
        number, piece = 0, _piece(sealed.read(_LENGTH), sealed)
        while True:
            head = sealed.read(_LENGTH)
            out.write(key.unseal(piece, _context(context, number, last=not head)))
            if not head:
                break
            number, piece = number + 1, _piece(head, sealed)
        _forced(out)


def _context(context: str, number: int, *, last: bool) -> str:
    return f"{context}:{number}:{'last' if last else 'more'}"


def _piece(head: bytes, sealed: BinaryIO) -> bytes:
    length = int.from_bytes(head, "big")
    if len(head) != _LENGTH or length > _MOST:
        raise ValueError("no sealed file")
    found = sealed.read(length)
    if len(found) != length:
        raise ValueError("a sealed file that was cut off")
    return found


def copy(source: Path, to: Path) -> None:
    """A file in one step: whoever sees the name sees all of it, on the disk. Raises OSError."""
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = to.with_name(f".new-{os.getpid()}-{to.name}")
    try:
        with source.open("rb") as plain, fresh.open("wb") as out:
            shutil.copyfileobj(plain, out, _PIECE)
            _forced(out)
        fresh.replace(to)
    finally:
        fresh.unlink(missing_ok=True)


def write(to: Path, content: bytes) -> None:
    """A small file in one step. Raises OSError."""
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = to.with_name(f".new-{os.getpid()}-{to.name}")
    with fresh.open("wb") as out:
        out.write(content)
        _forced(out)
    fresh.replace(to)
    force(to.parent)


def force(folder: Path) -> None:
    """Bring the names of a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forced(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())
