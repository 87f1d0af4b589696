"""Bytes kept once under their SHA-256, in a folder outside the web root.

In: bytes. Out: files `<folder>/ab/cd/abcd…`, two levels of 256 folders each, so that no folder grows large. A file is
written beside its place, forced to the disk and renamed: whoever sees the name sees the whole content, and what `put`
has returned survives a power cut. With a cipher the content is sealed, bound to its digest: scans and exports hold what
fields hide. Names and media types stay with the documents that refer to the file.
"""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from engine.model.values import StoredFile
from engine.ports import ContentCipher

_DIGEST = re.compile(r"[0-9a-f]{64}")


class DiskFiles:
    """A folder of files by digest. Several processes may share it."""

    def __init__(self, folder: Path, cipher: ContentCipher | None = None) -> None:
        """`folder` is made when it is missing, readable by its owner alone."""
        self._folder = folder
        self._cipher = cipher
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, content: bytes, name: str, media: str) -> StoredFile:
        digest = sha256(content).hexdigest()
        if not self._holds(digest):
            self._write(self._place(digest), content if self._cipher is None else self._cipher.seal(content, digest))
        return StoredFile(digest, name, len(content), media)

    def get(self, file_hash: str) -> bytes:
        """The bytes. Raises KeyError for unknown and for altered ones: what is damaged is not handed out as whole."""
        if _DIGEST.fullmatch(file_hash) is None:
            raise KeyError(file_hash)
        try:
            content = self._place(file_hash).read_bytes()
            if self._cipher is not None:
                content = self._cipher.unseal(content, file_hash)
        except FileNotFoundError:
            raise KeyError(file_hash) from None
        except ValueError:
            raise KeyError(f"{file_hash} is damaged") from None
        if sha256(content).hexdigest() != file_hash:
            raise KeyError(f"{file_hash} is damaged")
        return content

    def drop(self, file_hash: str) -> None:
        """Take the bytes away; whoever calls it knows that nothing needs them."""
        if _DIGEST.fullmatch(file_hash) is not None:
            self._place(file_hash).unlink(missing_ok=True)

    def _holds(self, digest: str) -> bool:
        """Whether the content is there and whole."""
        try:
            self.get(digest)
        except KeyError:
            return False
        return True

    def _place(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest[2:4] / digest

    def _write(self, place: Path, content: bytes) -> None:
        for folder in (place.parent.parent, place.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".new-", dir=place.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(place)  # the same bytes written twice at once: either is right
        except BaseException:
            with suppress(FileNotFoundError):
                Path(temporary).unlink()
            raise
        for folder in (place.parent, place.parent.parent, self._folder):
            _force(folder)


def _force(folder: Path) -> None:
    """Bring a folder's list of names to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
