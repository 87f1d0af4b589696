"""Wrappings of a value that need no key: base64, hexadecimal digits, gzip (RFC 1952), deflate as in zlib (RFC 1950).

In: bytes or text and the words that say how, the first innermost. Out: text or bytes. What is unpacked is bounded.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Mapping, Sequence

from engine.mappings.scalars import Misread

MOST_UNPACKED = 64 << 20


def wrapped(content: bytes, wrap: Sequence[str]) -> str:
    """Bytes wrapped, the first wrapping innermost, as text."""
    for one in wrap:
        content = WRAP[one](content)
    return content.decode("ascii", "strict") if is_text(wrap) else content.decode("latin-1")


def is_text(wrap: Sequence[str]) -> bool:
    return bool(wrap) and wrap[-1] in ("base64", "hex")


def unwrapped(text: str, wrap: Sequence[str]) -> bytes:
    """What was wrapped. Raises Misread."""
    content = text.encode("utf-8", "surrogatepass")
    try:
        for one in reversed(wrap):
            content = UNWRAP[one](content)
    except (binascii.Error, ValueError, zlib.error) as error:
        if isinstance(error, Misread):
            raise
        raise Misread(f"不是有效的{wrap[-1]}内容", f"is no valid {wrap[-1]}") from error
    return content


def _unpacked(content: bytes, window: int) -> bytes:
    stream = zlib.decompressobj(window)
    made = stream.decompress(content, MOST_UNPACKED)
    if stream.unconsumed_tail or not stream.eof:
        raise Misread("解压后过大或不完整", "is too large when unpacked, or cut off")
    return made


def _packed(content: bytes, window: int) -> bytes:
    stream = zlib.compressobj(wbits=window)
    return stream.compress(content) + stream.flush()


_GZIP, _ZLIB = 31, 15
WRAP: Mapping[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "hex": lambda content: content.hex().encode(),
    "gzip": lambda content: _packed(content, _GZIP),
    "deflate": lambda content: _packed(content, _ZLIB),
}
UNWRAP: Mapping[str, Callable[[bytes], bytes]] = {
    "base64": lambda content: base64.b64decode(b"".join(content.split()), validate=True),
    "hex": lambda content: bytes.fromhex(content.decode("ascii")),
    "gzip": lambda content: _unpacked(content, _GZIP),
    "deflate": lambda content: _unpacked(content, _ZLIB),
}
