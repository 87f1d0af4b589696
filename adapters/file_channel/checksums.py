"""Checksums of messages, each in a file of its own beside its message: `NAME.sm3` or `NAME.sha256`.

In: bytes, the message's path. Out: a line as `sha256sum` writes it (digest, two spaces, name), and whether a message
fits the first word of such a line. SM3 after GB/T 32905, SHA-256 after FIPS 180-4.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from adapters.file_channel.reading import content_of

KINDS = ("sha256", "sm3")
_LONGEST = 4_096


def ending(kind: str) -> str:
    """How files with checksums of a kind end. Raises ValueError for a kind that is none, or that this machine lacks."""
    if kind not in KINDS or kind not in hashlib.algorithms_available:
        raise ValueError(f"{kind}: no checksum that is known here")
    return f".{kind}"


def line(kind: str, body: bytes, name: str) -> bytes:
    """What stands in the file beside a message."""
    return f"{hashlib.new(kind, body).hexdigest()}  {name}\n".encode()


def fits(kind: str, body: bytes, path: Path) -> bool | None:
    """Whether a message fits the checksum beside it; None where there is none yet, or it cannot be read."""
    try:
        words = content_of(path.with_name(path.name + ending(kind)), _LONGEST).split()
    except OSError:
        return None
    return bool(words) and words[0].lower() == hashlib.new(kind, body).hexdigest().encode()
