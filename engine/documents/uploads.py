"""What an uploaded file is: told by its first bytes, held against its name and against what a field takes. Pure.

In: bytes, a name, a field. Out: media type and kind; whether they agree. Signatures as in the formats' standards.
"""

from __future__ import annotations

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


def _kind(suffix: str) -> str:
    low = suffix.lower().removeprefix(".")
    return _ALIASES.get(low, low)
