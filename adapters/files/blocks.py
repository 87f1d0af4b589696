"""Large contents sealed block by block, so that any part is opened without the rest.

In: a cipher, a content, its digest. Out: bytes for the disk, and a stream that opens the blocks it is asked for. Before
the blocks stand a mark, the size of the content and the length of a whole sealed block. Each block is bound to the
digest, to its place and to the size of the content: one that is altered, moved, left out or cut off is noticed. Knows
no folder.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

from engine.ports import ContentCipher

BLOCK = 1 << 20
"""Bytes of a block; what is no larger is sealed as a whole."""
_MARK = b"\x00GJB"
_HEAD = struct.Struct("<4sQI")
_MOST_BEYOND = 1024
"""How much longer a block can be once it is sealed."""


def is_in_blocks(head: bytes) -> bool:
    """Whether a file that begins so was sealed in blocks."""
    return head.startswith(_MARK)


def sealed(source: BinaryIO, size: int, digest: str, cipher: ContentCipher) -> Iterator[bytes]:
    """What is written of a content that stands at its beginning. Raises OSError where it holds less than `size`."""
    for number in range(max(1, -(-size // BLOCK))):
        plain = source.read(BLOCK)
        if len(plain) != min(BLOCK, size - number * BLOCK):
            raise OSError("the content changed while it was read")
        block = cipher.seal(plain, _context(digest, number, size))
        if not number:
            yield _HEAD.pack(_MARK, size, len(block))
        yield block


class Opened(io.RawIOBase):
    """The content of a file that was sealed in blocks; one block is in memory. Reading raises OSError where it was
    altered."""

    def __init__(self, file: BinaryIO, digest: str, cipher: ContentCipher) -> None:
        """Closes `file` with itself. Raises ValueError where it is none of ours."""
        super().__init__()
        head = file.read(_HEAD.size)
        if len(head) != _HEAD.size or not is_in_blocks(head):
            raise ValueError("no content in blocks")
        _, self._size, self._length = _HEAD.unpack(head)
        if self._length > BLOCK + _MOST_BEYOND:
            raise ValueError("no content in blocks")
        self._file, self._digest, self._cipher = file, digest, cipher
        self._at, self._number, self._block = 0, -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if begin + offset < 0:
            raise ValueError("before the beginning")
        self._at = begin + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._at >= self._size:
            return 0
        number, within = divmod(self._at, BLOCK)
        part = self._opened(number)[within : within + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def readall(self) -> bytes:
        parts = []
        while self._at < self._size:
            number, within = divmod(self._at, BLOCK)
            parts.append(self._opened(number)[within:])
            self._at += len(parts[-1])
        return b"".join(parts)

    def _opened(self, number: int) -> bytes:
        if number != self._number:
            self._file.seek(_HEAD.size + number * self._length)
            try:
                plain = self._cipher.unseal(self._file.read(self._length), _context(self._digest, number, self._size))
            except ValueError:
                raise OSError(f"{self._digest} is damaged") from None
            if len(plain) != min(BLOCK, self._size - number * BLOCK):
                raise OSError(f"{self._digest} is damaged")
            self._number, self._block = number, plain
        return self._block

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _context(digest: str, number: int, size: int) -> str:
    return f"{digest}:{number}:{size}"
