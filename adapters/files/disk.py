"""Bytes kept once under their SHA-256, in a folder outside the web root.

In: bytes. Out: files `<folder>/ab/cd/abcd…`, two levels of 256 folders each, so that no folder grows large. A file is
written beside its place, forced to the disk and renamed: whoever sees the name sees the whole content, and what `put`
has returned survives a power cut. With a cipher the content is sealed, bound to its digest: scans and exports hold what
fields hide; a large one block by block. Names and media types stay with the documents that refer to the file.
"""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from adapters.files import blocks
from engine.model.values import StoredFile
from engine.ports import ContentCipher

_DIGEST = re.compile(r"[0-9a-f]{64}")
_HEAD, _BUFFER = 16, 1 << 16


class DiskFiles:
    """A folder of files by digest. Several processes may share it."""

    def __init__(self, folder: Path, cipher: ContentCipher | None = None) -> None:
        """`folder` is made when it is missing, readable by its owner alone."""
        self._folder = folder
        self._cipher = cipher
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, content: bytes, name: str, media: str) -> StoredFile:
        return self._take(io.BytesIO(content), sha256(content).hexdigest(), len(content), name, media)

    def take(self, source: BinaryIO, name: str, media: str) -> StoredFile:
        source.seek(0)
        digest = _digest(source)
        return self._take(source, digest, source.seek(0, io.SEEK_END), name, media)

    def _take(self, source: BinaryIO, digest: str, size: int, name: str, media: str) -> StoredFile:
        if not self._holds(digest):
            source.seek(0)
            self._write(self._place(digest), self._laid(source, size, digest))
        return StoredFile(digest, name, size, media)

    def _laid(self, source: BinaryIO, size: int, digest: str) -> Iterator[bytes]:
        """A content as it lies on the disk."""
        if self._cipher is None:
            return iter(lambda: source.read(blocks.BLOCK), b"")
        if size <= blocks.BLOCK:
            return iter((self._cipher.seal(source.read(), digest),))
        return blocks.sealed(source, size, digest, self._cipher)

    def get(self, file_hash: str) -> bytes:
        """The bytes. Raises KeyError for unknown and for altered ones: what is damaged is not handed out as whole."""
        try:
            with self.open(file_hash) as found:
                content = found.read()
        except OSError:
            raise KeyError(f"{file_hash} is damaged") from None
        if sha256(content).hexdigest() != file_hash:
            raise KeyError(f"{file_hash} is damaged")
        return content

    def open(self, file_hash: str) -> BinaryIO:
        """The bytes as a stream. Raises KeyError as `get` does; what lies in blocks is judged block by block, and
        reading a damaged one raises OSError."""
        if _DIGEST.fullmatch(file_hash) is None:
            raise KeyError(file_hash)
        try:
            file = self._place(file_hash).open("rb")
        except FileNotFoundError:
            raise KeyError(file_hash) from None
        try:
            return self._opened(file, file_hash)
        except ValueError:
            file.close()
            raise KeyError(f"{file_hash} is damaged") from None

    def _opened(self, file: BinaryIO, digest: str) -> BinaryIO:
        """Raises ValueError for what is damaged."""
        if self._cipher is None:
            if _digest(file) != digest:
                raise ValueError(digest)
            file.seek(0)
            return file
        head = file.read(_HEAD)
        file.seek(0)
        if blocks.is_in_blocks(head):
            return io.BufferedReader(blocks.Opened(file, digest, self._cipher), _BUFFER)
        with file:  # small, or sealed before there were blocks
            content = self._cipher.unseal(file.read(), digest)
        if sha256(content).hexdigest() != digest:
            raise ValueError(digest)
        return io.BytesIO(content)

    def drop(self, file_hash: str) -> None:
        """Take the bytes away; whoever calls it knows that nothing needs them."""
        if _DIGEST.fullmatch(file_hash) is not None:
            self._place(file_hash).unlink(missing_ok=True)

    def _holds(self, digest: str) -> bool:
        """Whether the content is there and whole."""
        try:
            with self.open(digest) as found:
                return _digest(found) == digest
        except (KeyError, OSError):
            return False

    def _place(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest[2:4] / digest

    def _write(self, place: Path, parts: Iterable[bytes]) -> None:
        for folder in (place.parent.parent, place.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".new-", dir=place.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(parts)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(place)  # the same bytes written twice at once: either is right
        except BaseException:
            with suppress(FileNotFoundError):
                Path(temporary).unlink()
            raise
        for folder in (place.parent, place.parent.parent, self._folder):
            _force(folder)


def _digest(source: BinaryIO) -> str:
    """The SHA-256 of what is left of a stream."""
    found = sha256()
    while part := source.read(blocks.BLOCK):
        found.update(part)
    return found.hexdigest()


def _force(folder: Path) -> None:
    """Bring a folder's list of names to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
