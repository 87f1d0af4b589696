"""What a print may show of a document: its values as views of `engine.printing`, after the projection.

A reference leads on to the fields of the other document that the same actor may read; nothing is looked up before the
template asks for it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from engine.access.masks import masked
from engine.access.rights import RecordRights
from engine.model.documents import Document, Field
from engine.model.system import CodeList
from engine.model.types import SYSTEM_FIELDS
from engine.model.values import StoredFile
from engine.printing.views import CodesView, CodeView, FileView, RefView, RowView
from engine.usecases import sights
from engine.usecases.presenting import Presenter, label_field
from engine.usecases.sights import Sights

Row = Mapping[str, object]


class Paper(Mapping[str, Any]):
    """A record as a template sees it; values are made when they are asked for, and what was seen is noted.

    What is hidden is empty, so that one template serves everybody.
    """

    def __init__(self, sheet: Sheet, document: Document, values: Row, rights: RecordRights) -> None:
        self._sheet, self._document = sheet, document
        self._values, self._rights = values, rights

    def __iter__(self) -> Iterator[str]:
        return iter((*SYSTEM_FIELDS, *self._document.fields))

    def __len__(self) -> int:
        return len(SYSTEM_FIELDS) + len(self._document.fields)

    def __contains__(self, name: object) -> bool:
        return name in self._document.fields or name in SYSTEM_FIELDS

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise KeyError(name)
        field, value = self._document.fields.get(name), self._values.get(name)
        seen = sights.note(self._sheet.sights, self._document.id, str(self._values["id"]), name, self._rights)
        if field is None:
            return value if seen == sights.CLEAR else None
        if seen == sights.CLEAR:
            return self._shown(field, value)
        if field.is_table or field.kind == "codes":
            return () if field.is_table else CodesView(())
        text = self._sheet.presenter.text(field, value) if seen == sights.MASKED else ""
        hidden = masked(text, field.mask) if text else ""
        if field.kind == "code":
            columns = self._sheet.presenter.definitions.codes[field.type.of].columns
            return CodeView("", hidden, dict.fromkeys(columns))
        return hidden or None

    def _shown(self, field: Field, value: object) -> object:
        if field.is_table:
            rows = value if isinstance(value, list) else []
            return tuple(RowView({n: self._shown(f, row.get(n)) for n, f in field.fields.items()}) for row in rows)
        if value is None and field.kind not in ("code", "codes"):
            return None
        show = _SHOWN.get(field.kind)
        return value if show is None else show(self._sheet, field, value)


class Front(Mapping[str, Any]):
    """What a whole template sees: the record, and beside it `today`, `user` (whoever asks for the paper) and
    `signatures`, who has signed its approvals.

    A field of the same name comes first, as in expressions. Paper that names its reader is the reader's own.
    """

    _BESIDE = ("today", "user", "signatures")

    def __init__(self, sheet: Sheet, paper: Paper, signed: Callable[[], tuple[RowView, ...]]) -> None:
        self._sheet, self._paper, self._signed = sheet, paper, signed

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._paper, *self._BESIDE)))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        return name in self._paper or name in self._BESIDE

    def __getitem__(self, name: str) -> Any:
        if name in self._paper or name not in self._BESIDE:
            return self._paper[name]
        if name == "signatures":
            return self._signed()
        presenter = self._sheet.presenter
        return presenter.world.today if name == "today" else self._reader(presenter)

    def _reader(self, presenter: Presenter) -> RefView | None:
        actor, accounts = presenter.world.actor, presenter.world.runtime.node.accounts
        if accounts is None or not actor.values:
            return None
        self._sheet.sights[sights.reader(actor.id)] = sights.CLEAR
        return account(self._sheet, actor.id, actor.name, actor.values)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One print in the making: who words its values, and what was seen so far."""

    presenter: Presenter
    sights: Sights = field(default_factory=dict)


def account(sheet: Sheet, user: str, name: str, values: Row | None = None) -> RefView:
    """An account under its name, as the page of a document tells it; what is behind it follows access."""
    presenter = sheet.presenter
    accounts = presenter.world.runtime.node.accounts
    row = values if accounts is None else presenter.world.follow(accounts.document, user) or values
    if accounts is None or not row:
        return RefView(user, name)
    declared = presenter.definitions.documents[accounts.document]
    return RefView(user, name, Paper(sheet, declared, row, presenter.rights(accounts.document, row)))


def _code(sheet: Sheet, field: Field, value: object) -> CodeView:
    presenter = sheet.presenter
    codes = presenter.definitions.codes[field.type.of]
    every = partial(_entries, presenter, codes)
    if value is None:
        return CodeView("", "", dict.fromkeys(codes.columns), every)
    columns = {name: presenter.world.code(codes.id, str(value), name) for name in codes.columns}
    return CodeView(str(value), str(columns.get("title") or value), columns, every)


def _codes(sheet: Sheet, field: Field, value: object) -> CodesView:
    chosen = value if isinstance(value, tuple) else ()
    every = _entries(sheet.presenter, sheet.presenter.definitions.codes[field.type.of])
    return CodesView(tuple(_code(sheet, field, one) for one in chosen), every)


def _entries(presenter: Presenter, codes: CodeList) -> tuple[CodeView, ...]:
    """What could be chosen on the day that the paper speaks of, in order."""
    iso, every = presenter.world.day.isoformat(), partial(_entries, presenter, codes)
    entries = (entry for entry in codes.entries if entry.dated.holds_on(iso))
    return tuple(CodeView(e.code, str(e.columns.get("title") or e.code), e.columns, every) for e in entries)


def _reference(sheet: Sheet, field: Field, value: object) -> RefView | None:
    presenter = sheet.presenter
    document, record_id = field.type.of, str(value)
    if not document:
        document, _, record_id = record_id.partition(":")
    row = presenter.world.follow(document, record_id)
    if row is None:
        return None
    rights, declared = presenter.rights(document, row), presenter.definitions.documents[document]
    seen = sights.note(sheet.sights, document, record_id, label_field(declared), rights)
    title = presenter.label(document, row, rights) if seen != sights.HIDDEN else ""
    return RefView(record_id, title, Paper(sheet, declared, row, rights))


def _references(sheet: Sheet, field: Field, value: object) -> tuple[RefView, ...]:
    several = value if isinstance(value, tuple) else (value,)
    return tuple(view for one in several if (view := _reference(sheet, field, one)) is not None)


def _file(sheet: Sheet, field: Field, value: object) -> object:
    if isinstance(value, tuple):
        return tuple(_file(sheet, field, one) for one in value)
    if not isinstance(value, StoredFile):
        return None
    if not value.media.startswith("image/"):
        return FileView(value.name)
    content = b64encode(sheet.presenter.world.runtime.files.get(value.hash)).decode()
    return FileView(value.name, f"data:{value.media};base64,{content}")


def _nothing(sheet: Sheet, field: Field, value: object) -> None:
    return None


_SHOWN: Mapping[str, Callable[[Sheet, Field, object], object]] = {
    "code": _code,
    "codes": _codes,
    "ref": _reference,
    "refs": _references,
    "file": _file,
    "image": _file,
    "password": _nothing,
}
