"""The fullest record that a document type allows: every text as long as it may be, every table with all its rows.

In: document types and code lists. Out: a view as templates see it, made as it is read, for references lead on without
end; of a whole template with `today`, `user` and signatures of every step. What has no limit gets a generous one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from typing import Any

from engine.model.documents import Document, Field
from engine.model.machines import Approval, Step
from engine.model.system import CodeList, Definitions
from engine.model.types import SYSTEM_FIELDS
from engine.printing.views import CodesView, CodeView, FileView, RefView, RowView
from engine.printing.vocabulary import AGREE

ROWS = 30
"""Rows of a table that has no limit; of one with a higher limit as well."""
LENGTH, LONG = 60, 600
"""Signs of a text that has no limit, of a long one."""
_NAME, _OPINION = 30, 100
"""Signs of a title or name, of what a signer says."""
_RARE = "䶮"
"""A sign of personal names that small fonts lack."""
_WIDE = "永"
_DAY, _MOMENT = date(2026, 12, 28), datetime(2026, 12, 28, 23, 59)
_LINE = 40
_DOT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)


class WorstRecord(Mapping[str, Any]):
    """A record of a document type with the longest value in every field."""

    def __init__(self, definitions: Definitions, document: Document) -> None:
        self._definitions, self._document = definitions, document

    def __iter__(self) -> Iterator[str]:
        return iter((*SYSTEM_FIELDS, *self._document.fields))

    def __len__(self) -> int:
        return len(SYSTEM_FIELDS) + len(self._document.fields)

    def __contains__(self, name: object) -> bool:
        return name in self._document.fields or name in SYSTEM_FIELDS

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise KeyError(name)
        field = self._document.fields.get(name)
        if field is None:
            return _SYSTEM.get(name, "8" * 32)
        return self._value(field)

    def _value(self, field: Field) -> object:
        if field.is_table:
            row = RowView({name: self._value(inner) for name, inner in field.fields.items()})
            return (row,) * min(field.rows_max or ROWS, ROWS)
        of = field.type.of
        if field.kind in ("ref", "refs"):
            one = RefView("0" * 32, _wide(_NAME), self._record(of))
            return one if field.kind == "ref" else (one,) * 3
        if field.kind in ("code", "codes"):
            return _codes(self._definitions.codes[of], several=field.kind == "codes")
        make = _VALUES.get(field.kind, _text)
        return make(field)

    def _record(self, document: str) -> Mapping[str, Any]:
        declared = self._definitions.documents.get(document)
        return {} if declared is None else WorstRecord(self._definitions, declared)


class WorstFront(Mapping[str, Any]):
    """What a whole template sees of the fullest record, with its surroundings. A field of the same name comes first."""

    def __init__(self, definitions: Definitions, document: Document) -> None:
        self._record = WorstRecord(definitions, document)
        accounts, machine = definitions.accounts_of(document.system), definitions.machines.get(document.id)
        people = definitions.documents.get(accounts.document) if accounts is not None else None
        account = RefView("0" * 32, _wide(_NAME), {} if people is None else WorstRecord(definitions, people))
        approvals = machine.approvals.values() if machine is not None else ()
        signed = (_signed(one, step, account) for one in approvals for step in one.steps for _ in range(_signers(step)))
        self._beside = {"today": _DAY, "user": account, "signatures": tuple(signed)}

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._record, *self._beside)))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        return name in self._record or name in self._beside

    def __getitem__(self, name: str) -> Any:
        return self._record[name] if name in self._record else self._beside[name]


def _signers(step: Step) -> int:
    return 1 if step.sign in ("one", "any") else 3


def _signed(approval: Approval, step: Step, account: RefView) -> RowView:
    return RowView(
        {
            "approval": CodeView(approval.id, approval.title.zh),
            "step": CodeView(step.id, step.title.zh),
            "signer": account,
            "on_behalf": account,
            "decision": CodeView(AGREE, "不同意"),
            "opinion": _wide(_OPINION),
            "at": _MOMENT,
        }
    )


def _wide(count: int) -> str:
    return (_RARE + _WIDE * count)[: max(1, count)]


def _text(field: Field) -> str:
    return _wide(_most(field, LENGTH))


def _long(field: Field) -> str:
    text = _wide(_most(field, LONG))
    return "\n".join(text[start : start + _LINE] for start in range(0, len(text), _LINE))


def _most(field: Field, otherwise: int) -> int:
    return int(field.maximum) if isinstance(field.maximum, int | Decimal) else otherwise


def _codes(codes: CodeList, *, several: bool) -> object:
    views = _entries(codes)
    longest = max(views, key=lambda view: len(view.title), default=CodeView("", _wide(8)))
    return CodesView(views, views) if several else longest


def _entries(codes: CodeList) -> tuple[CodeView, ...]:
    every = partial(_entries, codes)
    return tuple(
        CodeView(one.code, str(one.columns.get("title") or one.code), one.columns, every) for one in codes.entries
    )


def _number(field: Field) -> object:
    return Decimal(_most(field, 999_999_999_999)) if field.kind != "integer" else _most(field, 999_999_999)


_SYSTEM: Mapping[str, object] = {
    "number": "SP" + "8" * 34,
    "state": _WIDE * 6,
    "version": 9999,
    "created_at": _MOMENT,
    "changed_at": _MOMENT,
}
_VALUES: Mapping[str, Callable[[Field], object]] = {
    "long_text": _long,
    "rich_text": _long,
    "integer": _number,
    "decimal": _number,
    "money": _number,
    "boolean": lambda field: True,
    "date": lambda field: _DAY,
    "datetime": lambda field: _MOMENT,
    "time": lambda field: time(23, 59),
    "citizen_id": lambda field: "990101199012280017",
    "credit_code": lambda field: "9" * 17 + "X",
    "mobile": lambda field: "1" + "9" * 10,
    "hs_code": lambda field: "8" * 10,
    "file": lambda field: FileView(_wide(60) + ".pdf"),
    "image": lambda field: FileView("w.png", _DOT),
    "password": lambda field: None,
}
