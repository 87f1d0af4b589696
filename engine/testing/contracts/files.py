"""The contract of `FileStore`. A test derives from the class and gives a fixture `files`: an empty store."""

from __future__ import annotations

from hashlib import sha256

from engine.model.values import StoredFile
from engine.ports import FileStore
from engine.testing.contracts.expecting import raises


class FileStoreContract:
    """Bytes are kept once under their SHA-256."""

    def test_bytes_come_back(self, files: FileStore) -> None:
        for content in (b"", b"x", bytes(range(256)) * 5000):
            kept = files.put(content, "图.bin", "application/octet-stream")
            digest = sha256(content).hexdigest()
            assert kept == StoredFile(digest, "图.bin", len(content), "application/octet-stream")
            assert files.get(digest) == content

    def test_the_same_bytes_are_one_file_whatever_their_name(self, files: FileStore) -> None:
        one, other = files.put(b"x", "a.txt", "text/plain"), files.put(b"x", "../b", "text/html")
        assert (one.hash, other.name, other.media) == (other.hash, "../b", "text/html")

    def test_unknown_bytes_raise(self, files: FileStore) -> None:
        files.put(b"x", "x", "text/plain")
        for wrong in ("0" * 64, "", "x", "../../etc/passwd", "A" * 64, "0" * 63 + "/"):
            with raises(KeyError):
                files.get(wrong)
