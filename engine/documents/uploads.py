"""What an uploaded file is: told by its first bytes, held against its name and against what a field takes. Pure.

In: bytes, a name, a field. Out: media type and kind; whether they agree. Signatures as in the formats' standards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.model.documents import Field
from engine.model.values import StoredFile

_OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SIGNATURES = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"GIF8", "image/gif", "gif"),
    (b"PK\x03\x04", _OFFICE, "xlsx"),
)
MOST_PIXELS = 60_000_000
"""An A3 sheet at 400 dots to the inch has half as many."""
_ALIASES = {"jpeg": "jpg", "docx": "xlsx", "ofd": "xlsx", "zip": "xlsx"}
_USUAL = frozenset({"pdf", "jpg", "png", "xlsx", "txt", "csv"})


def sniffed(content: bytes) -> tuple[str, str]:
    """Media type and kind of bytes; `unknown` for what no field takes, anything that a browser could run among it."""
    for magic, media, kind in _SIGNATURES:
        if content.startswith(magic):
            return media, kind
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "application/octet-stream", "unknown"
    if b"<" in content[:512] or b"\0" in content:
        return "application/octet-stream", "unknown"
    return "text/plain", "txt"


def accepted(field: Field) -> frozenset[str]:
    """The kinds that a field takes."""
    return frozenset(_kind(one) for one in field.accept) or _USUAL


def agrees(field: Field, kind: str, name: str) -> bool:
    """Whether a field takes files of a kind under a name."""
    suffix, wanted = _kind(name.rpartition(".")[2]) if "." in name else "", accepted(field)
    same = kind == suffix or (kind == "txt" and suffix == "csv")
    return same and suffix in wanted


def fits(field: Field, file: StoredFile) -> bool:
    """Whether a field takes a file that was sniffed before, perhaps for another field."""
    kinds = {media: kind for _, media, kind in _SIGNATURES} | {"text/plain": "txt"}
    return agrees(field, kinds.get(file.media, "unknown"), file.name)


def is_huge(content: bytes, kind: str) -> bool:
    """Whether a picture is larger, once unpacked, than anybody's scanner makes: a small file can hold a huge one."""
    size = _SIZES[kind](content) if kind in _SIZES else None
    return size is not None and size[0] * size[1] > MOST_PIXELS


def _png_size(content: bytes) -> tuple[int, int] | None:
    return (_whole(content[16:20]), _whole(content[20:24])) if content[12:16] == b"IHDR" else None


def _gif_size(content: bytes) -> tuple[int, int]:
    return int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little")


def _jpg_size(content: bytes) -> tuple[int, int] | None:
    """From the first frame header; segments are skipped by their lengths (ISO/IEC 10918-1, B.1.1.4)."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        if at + 9 >= len(content) or content[at] != 0xFF:
            break
        if content[at + 1] in _JPG_FRAMES:
            return _whole(content[at + 7 : at + 9]), _whole(content[at + 5 : at + 7])
        at += 2 + max(2, _whole(content[at + 2 : at + 4]))
    return None


def _whole(part: bytes) -> int:
    return int.from_bytes(part, "big")


_MOST_SEGMENTS = 1000  # before the frame: a picture has some dozens
_JPG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SIZES: Mapping[str, Callable[[bytes], tuple[int, int] | None]] = {
    "png": _png_size,
    "gif": _gif_size,
    "jpg": _jpg_size,
}


def _kind(suffix: str) -> str:
    low = suffix.lower().removeprefix(".")
    return _ALIASES.get(low, low)
