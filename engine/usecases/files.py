"""Uploads: sniffed, limited in size and kind, kept by content hash before the form that names them is stored."""

from __future__ import annotations

from io import SEEK_END
from typing import BinaryIO

from engine.documents.uploads import accepted, agrees, is_huge, sniffed
from engine.model.criteria import Compare, Every, Order, Selection
from engine.model.documents import Field
from engine.model.records import Record
from engine.model.values import StoredFile
from engine.problems import Finding, Refused
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.internal import UPLOAD
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work

LARGEST = 20 * 1024 * 1024
"""Bytes of a file where its field says nothing."""
MOST = 1 << 30
"""Bytes of a file whatever its field says."""


def take_upload(
    runtime: Runtime,
    actor: Actor,
    document: str,
    path: tuple[str, ...],
    source: BinaryIO,
    name: str,
    event: str = "",
) -> StoredFile:
    """Keep an uploaded file, a seekable stream, for a field. Raises Refused: no such field, empty, too large, not what
    its name says.

    With `event`, the path names a field that the event asks for.
    """
    field = taking(runtime, actor, document, path, event)
    most, size = largest(field), source.seek(0, SEEK_END)
    if not size or size > most:
        wanted = f"{most // 1024} KB"
        raise _refused(path, f"文件为空或超过{wanted}", f"the file is empty or larger than {wanted}")
    source.seek(0)
    content = source.read(LARGEST)  # of what is larger the beginning tells what it is
    media, kind = sniffed(content)
    if not agrees(field, kind, name):
        listed = "、".join(sorted(field.accept or accepted(field)))
        raise _refused(
            path,
            f"只接受{listed}文件，且内容须与扩展名相符",
            f"only {listed}, and the content must be what the name says",
        )
    if is_huge(content, kind):
        raise _refused(path, "图像尺寸过大", "the picture is too large once it is unpacked")
    stored = runtime.files.take(source, clean_name(name), media)
    in_work(runtime, actor, lambda work: _note(work, stored))
    return stored


def taking(runtime: Runtime, actor: Actor, document: str, path: tuple[str, ...], event: str = "") -> Field:
    """The field that somebody may bring a file for. Raises Refused(not_found), Refused(forbidden)."""
    declared = runtime.definitions.documents.get(document)
    if event:
        asking = runtime.definitions.machines[document].events.get(event) if declared is not None else None
        field = asking.ask.get(path[0]) if asking is not None and len(path) == 1 else None
    else:
        field = declared.field_at(path) if declared is not None else None
    if declared is None or field is None or field.kind not in ("file", "image"):
        raise Refused((), kind="not_found")
    general = runtime.rights(document, actor).in_general()
    if not (general.raises(event) if event else general.create or general.edits(path[0])):
        raise Refused((), kind="forbidden")
    return field


def content_of(runtime: Runtime, file: StoredFile) -> BinaryIO:
    """The bytes of a file that somebody may have, as a stream. Raises Refused(not_found) where it is there no more."""
    try:
        return runtime.files.open(file.hash)
    except KeyError:
        raise Refused((), kind="not_found") from None


def open_upload(runtime: Runtime, actor: Actor, file_hash: str) -> tuple[StoredFile, BinaryIO]:
    """A file that the actor brought, before the form that names it is stored. Raises Refused(not_found)."""
    mine = Every((Compare(("owner",), "==", actor.id), Compare(("hash",), "==", file_hash)))
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(UPLOAD, mine, (Order("created_at", descending=True),), limit=1))
    file = found[0].values["file"] if found else None
    if not isinstance(file, StoredFile):
        raise Refused((), kind="not_found")
    return file, content_of(runtime, file)


def largest(field: Field) -> int:
    """How many bytes a file of a field may have."""
    return min(field.max_size or LARGEST, MOST)


def _note(work: Work, file: StoredFile) -> None:
    """Keep who brought the file: nobody else may put it into a document."""
    about = {"owner": work.actor.id, "hash": file.hash, "file": file}
    work.unit.insert(Record(UPLOAD, {**system_values(work), **about}))


def clean_name(name: str) -> str:
    """The last step of a path, without what file systems dislike."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable() and c not in '<>:"|?*')[-200:] or "file"


def _refused(path: tuple[str, ...], zh: str, en: str) -> Refused:
    return Refused((Finding("file", {"zh": zh, "en": en}, path),))
