"""The folder of attachments keeps the contract, and its promises about the disk."""

import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from adapters.crypto.fields import Sm4FieldCipher
from adapters.crypto.keys import KeyRing
from adapters.files.disk import DiskFiles
from engine.testing.contracts.files import FileStoreContract


class TestDiskFiles(FileStoreContract):
    @pytest.fixture
    def files(self, tmp_path: Path) -> DiskFiles:
        return DiskFiles(tmp_path / "files")


class TestSealedFiles(FileStoreContract):
    @pytest.fixture
    def files(self, tmp_path: Path) -> DiskFiles:
        return DiskFiles(tmp_path / "files", Sm4FieldCipher(KeyRing.fresh()))


class Counted(Sm4FieldCipher):
    """Counts the bytes that it unseals."""

    unsealed = 0

    def unseal(self, sealed: bytes, context: str) -> bytes:
        self.unsealed += len(sealed)
        return super().unseal(sealed, context)


def test_a_part_of_a_large_sealed_file_is_read_alone(tmp_path: Path) -> None:
    cipher = Counted(KeyRing.fresh())
    files = DiskFiles(tmp_path, cipher)
    content = os.urandom(9 << 20)
    digest = files.put(content, "x", "").hash
    assert content[:64] not in only(tmp_path).read_bytes()
    cipher.unsealed = 0
    with files.open(digest) as found:
        found.seek(5_000_000)
        assert found.read(1_000) == content[5_000_000:5_001_000]
    assert cipher.unsealed < 3 << 20


@pytest.mark.parametrize("number", range(7))
def test_a_large_sealed_file_that_was_altered_is_damaged(tmp_path: Path, number: int) -> None:
    files = DiskFiles(tmp_path, Sm4FieldCipher(KeyRing.fresh()))
    content = os.urandom((3 << 20) + 5)
    digest = files.put(content, "x", "").hash
    place = only(tmp_path)
    laid = place.read_bytes()
    length = int.from_bytes(laid[12:16], "little")
    first, second, third = (laid[16 + at * length : 16 + (at + 1) * length] for at in range(3))
    last = laid[16 + 3 * length :]
    shorter = laid[:4] + (len(content) - 5).to_bytes(8, "little") + laid[12:16] + first + second + third
    place.write_bytes(
        (
            laid[:-1],  # cut off
            laid[: -len(last)],  # the last block left out
            shorter,  # and the size made to fit
            laid[:16] + second + first + third + last,
            laid[:16] + first + first + third + last,
            laid[: 16 + length + 40] + b"\0\0" + laid[16 + length + 42 :],
            laid[:12] + b"\xff\xff\xff\xff" + laid[16:],
        )[number]
    )
    with pytest.raises(KeyError, match="damaged"):
        files.get(digest)
    files.put(content, "x", "")
    assert files.get(digest) == content


def test_large_files_that_were_sealed_whole_are_read(tmp_path: Path) -> None:
    cipher = Sm4FieldCipher(KeyRing.fresh())
    files = DiskFiles(tmp_path, cipher)
    content = os.urandom(2 << 20)
    digest = files.put(content, "x", "").hash
    only(tmp_path).write_bytes(cipher.seal(content, digest))
    assert files.get(digest) == content
    with files.open(digest) as found:
        found.seek(1 << 20)
        assert found.read(10) == content[1 << 20 : (1 << 20) + 10]


def only(folder: Path) -> Path:
    (found,) = [path for path in folder.rglob("*") if path.is_file()]
    return found


def test_sealed_files_say_nothing_and_are_bound_to_their_place(tmp_path: Path) -> None:
    ring = KeyRing.fresh()
    files = DiskFiles(tmp_path / "a", Sm4FieldCipher(ring))
    said = "护照号码".encode() * 1_000
    digest = files.put(said, "scan.pdf", "application/pdf").hash
    sealed = only(tmp_path).read_bytes()
    assert said[:12] not in sealed
    files.put(said, "again.pdf", "application/pdf")
    assert only(tmp_path).read_bytes() == sealed
    assert DiskFiles(tmp_path / "a", Sm4FieldCipher(ring.rotated())).get(digest) == said
    other = files.put(b"other", "x", "").hash
    (tmp_path / "a" / other[:2] / other[2:4] / other).write_bytes(sealed)
    with pytest.raises(KeyError, match="damaged"):
        files.get(other)


@pytest.mark.parametrize(
    "wrong", [b"", b"\0GJ1", b"\0GJ1k1", b"\0GJ1k1.", b"\0GJ1k9.x", b"plain", b"\0GJ1" + b"\xff" * 40]
)
def test_what_is_not_sealed_with_a_key_of_ours_is_damaged(tmp_path: Path, wrong: bytes) -> None:
    files = DiskFiles(tmp_path, Sm4FieldCipher(KeyRing.fresh()))
    digest = files.put(b"whole", "x", "text/plain").hash
    only(tmp_path).write_bytes(wrong)
    with pytest.raises(KeyError, match="damaged"):
        files.get(digest)
    files.put(b"whole", "x", "text/plain")
    assert files.get(digest) == b"whole"


def test_folders_are_sharded_and_private(tmp_path: Path) -> None:
    digest = DiskFiles(tmp_path / "f").put(b"x", "x", "text/plain").hash
    place = tmp_path / "f" / digest[:2] / digest[2:4] / digest
    assert place.read_bytes() == b"x"
    assert {oct(path.stat().st_mode & 0o777) for path in (tmp_path / "f").rglob("*") if path.is_dir()} == {"0o700"}
    assert oct(place.stat().st_mode & 0o777) == "0o600"


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = DiskFiles(tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        files.put(b"x", "x", "text/plain")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_damaged_file_is_not_handed_out(tmp_path: Path) -> None:
    files = DiskFiles(tmp_path)
    digest = files.put(b"whole", "x", "text/plain").hash
    next(path for path in tmp_path.rglob(digest)).write_bytes(b"half")
    with pytest.raises(KeyError, match="damaged"):
        files.get(digest)


def test_a_file_cut_short_is_written_again(tmp_path: Path) -> None:
    files = DiskFiles(tmp_path)
    digest = files.put(b"whole", "x", "text/plain").hash
    next(path for path in tmp_path.rglob(digest)).write_bytes(b"")
    files.put(b"whole", "x", "text/plain")
    assert files.get(digest) == b"whole"


def test_many_may_write_the_same_bytes_at_once(tmp_path: Path) -> None:
    files = DiskFiles(tmp_path)
    content = os.urandom(200_000)
    with ThreadPoolExecutor(8) as pool:
        digests = {kept.hash for kept in pool.map(lambda n: files.put(content, str(n), ""), range(32))}
    assert digests == {sha256(content).hexdigest()}
    assert files.get(digests.pop()) == content
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
