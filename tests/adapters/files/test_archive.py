"""The archive: sealed ZIP files that may be taken away."""

import pytest

from adapters.files.archive import DiskArchive


class Cipher:
    """Turns bytes round, bound to the context."""

    def seal(self, content, context):
        return context.encode() + content[::-1]

    def unseal(self, sealed, context):
        if not sealed.startswith(context.encode()):
            raise ValueError
        return sealed.removeprefix(context.encode())[::-1]


def test_parts_come_back_until_they_are_taken_away(tmp_path):
    archive = DiskArchive(tmp_path / "archive", Cipher())
    archive.keep("messages-1", {"a": b"x" * 1000, "b": b""})
    (file,) = (tmp_path / "archive").iterdir()
    assert b"xxxx" not in file.read_bytes()
    assert (archive.fetch("messages-1", "a"), archive.fetch("messages-1", "b")) == (b"x" * 1000, b"")
    file.rename(file.with_name("messages-2.zip"))
    for name, key in (("messages-1", "a"), ("messages-2", "a"), ("../x", "a"), ("", "a")):
        with pytest.raises(KeyError):
            archive.fetch(name, key)
    with pytest.raises(ValueError, match="no name"):
        archive.keep("../x", {})
