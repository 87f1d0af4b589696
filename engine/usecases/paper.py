"""What a print may show of a document: its values as views of `engine.printing`, after the projection.

A reference leads on to the fields of the other document that the same actor may read; nothing is looked up before the
template asks for it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.access.masks import masked
from engine.access.rights import RecordRights
from engine.model.documents import Document, Field
from engine.model.types import SYSTEM_FIELDS
from engine.model.values import StoredFile
from engine.printing.views import CodesView, CodeView, FileView, RefView, RowView
from engine.usecases.presenting import Presenter, label_field
from engine.usecases.world import RecordWorld

Row = Mapping[str, object]


class Paper(Mapping[str, Any]):
    """A record as a template sees it; values are made when they are asked for."""

    def __init__(self, presenter: Presenter, document: Document, values: Row, rights: RecordRights) -> None:
        self._presenter, self._document = presenter, document
        self._values, self._rights = values, rights
        system = [name for name in SYSTEM_FIELDS if rights.reads(name)]
        self._names = [*system, *(name for name in document.fields if rights.reads(name))]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        field = self._document.fields.get(name)
        value = self._values.get(name)
        if field is None:
            return value
        if name in self._rights.masked and field.is_table:
            return ()
        if name in self._rights.masked:
            text = self._presenter.text(field, value)
            return masked(text, field.mask) if text else None
        return self._shown(field, value)

    def _shown(self, field: Field, value: object) -> object:
        if field.is_table:
            rows = value if isinstance(value, list) else []
            return tuple(RowView({n: self._shown(f, row.get(n)) for n, f in field.fields.items()}) for row in rows)
        if value is None and field.kind != "codes":
            return None
        show = _SHOWN.get(field.kind)
        return value if show is None else show(self._presenter, field, value)


def paper_of(world: RecordWorld, document: Document, values: Row, rights: RecordRights) -> Paper:
    """The view of one record for its prints."""
    return Paper(Presenter(world), document, values, rights)


def _code(presenter: Presenter, field: Field, value: object) -> CodeView:
    codes = presenter.definitions.codes[field.type.of]
    columns = {name: presenter.world.code(codes.id, str(value), name) for name in codes.columns}
    return CodeView(str(value), str(columns.get("title") or value), columns)


def _codes(presenter: Presenter, field: Field, value: object) -> CodesView:
    chosen = value if isinstance(value, tuple) else ()
    iso = presenter.world.day.isoformat()
    entries = [entry for entry in presenter.definitions.codes[field.type.of].entries if entry.dated.holds_on(iso)]
    every = tuple(CodeView(e.code, str(e.columns.get("title") or e.code), e.columns) for e in entries)
    return CodesView(tuple(_code(presenter, field, one) for one in chosen), every)


def _reference(presenter: Presenter, field: Field, value: object) -> RefView | None:
    document, record_id = field.type.of, str(value)
    if not document:
        document, _, record_id = record_id.partition(":")
    row = presenter.world.follow(document, record_id)
    if row is None:
        return None
    rights, declared = presenter.rights(document, row), presenter.definitions.documents[document]
    title = presenter.label(document, row, rights) if rights.reads(label_field(declared)) else ""
    return RefView(record_id, title, Paper(presenter, declared, row, rights))


def _references(presenter: Presenter, field: Field, value: object) -> tuple[RefView, ...]:
    several = value if isinstance(value, tuple) else (value,)
    return tuple(view for one in several if (view := _reference(presenter, field, one)) is not None)


def _file(presenter: Presenter, field: Field, value: object) -> object:
    if isinstance(value, tuple):
        return tuple(_file(presenter, field, one) for one in value)
    if not isinstance(value, StoredFile):
        return None
    if not value.media.startswith("image/"):
        return FileView(value.name)
    content = b64encode(presenter.world.runtime.files.get(value.hash)).decode()
    return FileView(value.name, f"data:{value.media};base64,{content}")


def _nothing(presenter: Presenter, field: Field, value: object) -> None:
    return None


_SHOWN: Mapping[str, Callable[[Presenter, Field, object], object]] = {
    "code": _code,
    "codes": _codes,
    "ref": _reference,
    "refs": _references,
    "file": _file,
    "image": _file,
    "password": _nothing,
}
