"""Raw input becomes typed values: every fault is collected, nothing is stored here.

In: the fields, a raw mapping (text, JSON scalars, lists of row mappings), which fields may be set. Out: typed values of
the fields that came, and findings. Codes and references are looked up by the caller's `exists`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial

from engine.documents.field_kinds import parse
from engine.documents.malformed import Malformed
from engine.model.documents import Field
from engine.problems import Finding

_LONGEST_NAME = 60
_MOST_ROWS = 20_000  # of a table without a bound of its own
_PLAIN = frozenset({str, int, Decimal, date})
_ANEW = frozenset({"ref", "refs", "json"})
"""Kinds that are read each time: what is referred to may be gone meanwhile, JSON is changed by whoever holds it."""
_NEW = object()
Exists = Callable[[Field, str], bool]
NewId = Callable[[], str]
Typed = dict[tuple[int, type, object], object]
"""What raw values of fields were read as, by the field's identity, the kind of the raw value and the value."""


@dataclass(slots=True)
class Bound:
    """Typed values by field name, and what was wrong.

    `emptied` is what came as null and not as an empty text, left empty on purpose: `(field,)` or `(row id, column)`.
    """

    values: dict[str, object] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    emptied: set[tuple[str, ...]] = field(default_factory=set)


def bind(
    fields: Mapping[str, Field],
    raw: Mapping[str, object],
    *,
    may_set: Callable[[tuple[str, ...]], bool],
    exists: Exists,
    new_id: NewId,
    rows_before: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
    typed: Typed | None = None,
) -> Bound:
    """Bind the fields that are present in `raw`. A field that may not be set, or is unknown, is a finding.

    Whoever binds many documents within one transaction keeps `typed`, so that what comes again and again is read once.
    """
    bound = Bound()
    cell_of = partial(_bind_cell, bound.findings, exists, {} if typed is None else typed)
    for name, value in raw.items():
        declared = fields.get(name)
        if declared is None:
            bound.findings.append(_unknown((name,), "没有字段", "no field"))
        elif not may_set((name,)):
            bound.findings.append(_finding("not_editable", (name,), "不能修改此项", "this field may not be changed"))
        elif declared.is_table:
            before = (rows_before or {}).get(name, ())
            bound.values[name] = _bind_rows(declared, value, before, bound, may_set, cell_of, new_id)
        else:
            if value is None:
                bound.emptied.add((name,))
            bound.values[name] = cell_of(declared, value, (name,))
    return bound


def _finding(code: str, at: tuple[str, ...], zh: str, en: str) -> Finding:
    return Finding(code, {"zh": zh, "en": en}, at)


def _unknown(at: tuple[str, ...], zh: str, en: str) -> Finding:
    """A name that nobody declared, told as far as it can be written."""
    name = str(at[-1])[:_LONGEST_NAME].encode(errors="replace").decode()
    return _finding("unknown_field", (*at[:-1], name), f"{zh}“{name}”", f"{en} {name!r}")


def _bind_cell(
    findings: list[Finding], exists: Exists, typed: Typed, declared: Field, raw: object, at: tuple[str, ...]
) -> object:
    if type(raw) not in _PLAIN or declared.kind in _ANEW:
        return _read(findings, exists, declared, raw, at)
    key = (id(declared), type(raw), raw)
    value = typed.get(key, _NEW)
    if value is _NEW:
        told = len(findings)
        value = _read(findings, exists, declared, raw, at)
        if len(findings) == told:  # a fault is told at each place
            typed[key] = value
    return value


def _read(findings: list[Finding], exists: Exists, declared: Field, raw: object, at: tuple[str, ...]) -> object:
    try:
        value = parse(raw, declared)
        within(declared, value)
    except Malformed as fault:
        findings.append(Finding(fault.code, fault.text, at))
        return None
    for one in value if isinstance(value, tuple) else (value,):
        if one is not None and declared.kind in {"code", "codes", "ref", "refs"} and not exists(declared, str(one)):
            wanted = (
                ("没有这个选项", "no such choice")
                if declared.kind.startswith("code")
                else ("没有这条记录", "no such record")
            )
            findings.append(_finding("unknown_choice", at, *wanted))
            return None
    return value


def within(declared: Field, value: object) -> None:
    """Bounds that are numbers. Raises Malformed beyond them."""
    lowest, highest = declared.minimum, declared.maximum
    if lowest is None and highest is None:
        return
    if isinstance(value, str) and isinstance(highest, Decimal) and len(value) > highest:
        raise Malformed(
            "too_long", f"最多{highest}个字，现有{len(value)}个", f"at most {highest} characters, has {len(value)}"
        )
    if isinstance(value, str) and isinstance(lowest, Decimal) and len(value) < lowest:
        raise Malformed("too_short", f"至少{lowest}个字", f"at least {lowest} characters")
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        if isinstance(highest, Decimal) and value > highest:
            raise Malformed("too_large", f"不能大于{highest}", f"must not be above {highest}")
        if isinstance(lowest, Decimal) and value < lowest:
            raise Malformed("too_small", f"不能小于{lowest}", f"must not be below {lowest}")


def _bind_rows(
    table: Field,
    raw: object,
    before: Sequence[Mapping[str, object]],
    bound: Bound,
    may_set: Callable[[tuple[str, ...]], bool],
    cell_of: Callable[[Field, object, tuple[str, ...]], object],
    new_id: NewId,
) -> list[dict[str, object]]:
    findings = bound.findings
    if raw is None or raw == "":
        return []
    if not isinstance(raw, list | tuple) or not all(isinstance(row, Mapping) for row in raw):
        findings.append(_finding("rows", (table.name,), "应为多行数据", "must be a list of rows"))
        return []
    most = max(table.rows_max or _MOST_ROWS, len(before))
    if len(raw) > most:  # before any work is done for them
        findings.append(_finding("rows_max", (table.name,), f"最多{most}行", f"at most {most} rows"))
        return []
    stored = {row["id"]: row for row in before}
    rows: list[dict[str, object]] = []
    for index, given in enumerate(raw):
        known = given.get("id")
        old = stored.pop(known, None) if isinstance(known, str) else None  # a row that is named twice is a new one
        row = dict(old) if old is not None else {"id": new_id(), **dict.fromkeys(table.fields)}
        for name, cell in given.items():
            at = (table.name, str(index), name)
            if name == "id":
                continue
            declared = table.fields.get(name)
            if declared is None:
                findings.append(_unknown(at, "没有列", "no column"))
            elif not may_set((table.name, name)):
                findings.append(_finding("not_editable", at, "不能修改此项", "this field may not be changed"))
            else:
                row[name] = cell_of(declared, cell, at)
                if cell is None:
                    bound.emptied.add((str(row["id"]), name))
        rows.append(row)
    return rows
