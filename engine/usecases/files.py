"""Uploads: sniffed, limited in size and kind, kept by content hash before the form that names them is stored."""

from __future__ import annotations

from engine.model.values import StoredFile
from engine.problems import Finding, Refused
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor

LARGEST = 20 * 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SIGNATURES = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"GIF8", "image/gif", "gif"),
    (b"PK\x03\x04", _OFFICE, "xlsx"),
)
_ALIASES = {"jpeg": "jpg", "docx": "xlsx", "ofd": "xlsx", "zip": "xlsx"}


def take_upload(
    runtime: Runtime, actor: Actor, document: str, path: tuple[str, ...], content: bytes, name: str
) -> StoredFile:
    """Keep an uploaded file for a field. Raises Refused: no such field, empty, too large, not what its name says."""
    declared = runtime.definitions.documents.get(document)
    field = declared.field_at(path) if declared is not None else None
    if declared is None or field is None or field.kind not in ("file", "image"):
        raise Refused((), kind="not_found")
    general = runtime.rights(document, actor).in_general()
    if not (general.create or general.edits(path[0])):
        raise Refused((), kind="forbidden")
    largest = min(field.max_size or LARGEST, LARGEST)
    if not content or len(content) > largest:
        wanted = f"{largest // 1024} KB"
        raise _refused(path, f"文件为空或超过{wanted}", f"the file is empty or larger than {wanted}")
    media, kind = _sniffed(content)
    suffix = name.rpartition(".")[2].lower()
    suffix = _ALIASES.get(suffix, suffix)
    accepted = {_ALIASES.get(one.lower(), one.lower()) for one in field.accept} or {
        "pdf",
        "jpg",
        "png",
        "xlsx",
        "txt",
        "csv",
    }
    if (
        kind not in accepted | ({"csv"} if kind == "txt" else set())
        or suffix not in accepted
        or not _agree(kind, suffix)
    ):
        listed = "、".join(sorted(field.accept or accepted))
        raise _refused(
            path,
            f"只接受{listed}文件，且内容须与扩展名相符",
            f"only {listed}, and the content must be what the name says",
        )
    return runtime.files.put(content, _clean(name), media)


def _agree(kind: str, suffix: str) -> bool:
    return kind == suffix or (kind == "txt" and suffix == "csv")


def _sniffed(content: bytes) -> tuple[str, str]:
    for magic, media, kind in _SIGNATURES:
        if content.startswith(magic):
            return media, kind
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "application/octet-stream", "unknown"
    return (
        ("application/octet-stream", "unknown") if b"<" in content[:512] or b"\0" in content else ("text/plain", "txt")
    )


def _clean(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable() and c not in '<>:"|?*')[:200] or "file"


def _refused(path: tuple[str, ...], zh: str, en: str) -> Refused:
    return Refused((Finding("file", {"zh": zh, "en": en}, path),))
