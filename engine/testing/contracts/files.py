"""The contract of `FileStore`. A test derives from the class and gives a fixture `files`: an empty store."""

from __future__ import annotations

import io
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

    def test_any_part_is_read_without_the_others(self, files: FileStore) -> None:
        content = bytes(range(251)) * 20_000
        for whole in (b"", b"x", content, content[: 4 << 20], content[: (4 << 20) + 1]):
            digest = files.put(whole, "x", "").hash
            with files.open(digest) as found:
                assert found.seek(0, io.SEEK_END) == len(whole)
                assert found.read(1) == b""
                for begin, length in ((0, 1), (4_000_000, 600_000), ((1 << 20) - 1, 2), (len(whole), 5), (7, 0)):
                    assert found.seek(begin) == begin
                    assert found.read(length) == whole[begin : begin + length]
                found.seek(0)
                assert found.read() == whole

    def test_what_streams_hold_is_kept_like_bytes(self, files: FileStore) -> None:
        for content in (b"", b"x", bytes(range(251)) * 20_000):
            source = io.BytesIO(content)
            source.seek(len(content))
            kept = files.take(source, "a.zip", "application/zip")
            assert kept == files.put(content, "a.zip", "application/zip")
            assert files.get(kept.hash) == content

    def test_unknown_bytes_are_not_opened(self, files: FileStore) -> None:
        for wrong in ("0" * 64, "", "../../etc/passwd", "A" * 64):
            with raises(KeyError):
                files.open(wrong)
