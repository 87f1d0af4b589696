"""Bytes kept once under their SHA-256, in a folder sharded by the first digits.

A file appears whole or not at all: written beside its place, forced to disk, then renamed. The same bytes twice are one
file; several processes may share the folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path

from engine.model.values import StoredFile

_HASH = re.compile(r"[0-9a-f]{64}")


class FolderFileStore:
    """See `engine.ports.FileStore` for what each method promises."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, content: bytes, name: str, media: str) -> StoredFile:
        """Keep the bytes."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write(path, content)
        return StoredFile(digest, name, len(content), media)

    def get(self, file_hash: str) -> bytes:
        """The bytes. Raises KeyError when there is no such file, or it was altered."""
        if not _HASH.fullmatch(file_hash):
            raise KeyError(file_hash)
        try:
            content = self._path(file_hash).read_bytes()
        except FileNotFoundError:
            raise KeyError(file_hash) from None
        if hashlib.sha256(content).hexdigest() != file_hash:
            raise KeyError(file_hash)
        return content

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest[2:4] / digest

    def _write(self, path: Path, content: bytes) -> None:
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
