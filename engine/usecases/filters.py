"""Filters of lists: raw texts become criteria, only over what the actor may read in the clear."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from engine.access.rights import RecordRights, Rights
from engine.documents.field_kinds import is_kept, parse
from engine.documents.malformed import Malformed
from engine.model.criteria import NEVER, Among, Compare, Criterion, Every, Holds, Like, Some
from engine.model.documents import Document, Field
from engine.model.formula import Title
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.problems import Finding, Refused
from engine.usecases.needles import found_by_text
from engine.usecases.views import ListRequest
from engine.usecases.work import Work

LONGEST = 1000
"""Characters of one filter; stores refuse patterns of some length."""
_PARTS = {"", "from", "to"}
_ENDLESS = {Kind.TEXT}
"""Kinds with too many values to try them all: of others, a filter for whole values would tell what a mask hides."""


def criteria_of(work: Work, document: Document, request: ListRequest, rights: Rights) -> Iterator[Criterion]:
    """One criterion a filter: equality for choices, a stretch for dates and numbers, containing for texts.

    Each looks only at records whose field the actor may see. A text that is seen only masked can be asked for whole
    values, not for parts. Raises Refused for a field that may not be seen or a value that is none.
    """
    if request.text.strip():
        yield found_by_text(work, document, request.text)
    general = rights.in_general()
    for key, raw in request.filters.items():
        name, _, part = key.partition(".")
        if not raw.strip():
            continue
        field = _filtered(document, general, name)
        if field is None or part not in _PARTS or len(raw) > LONGEST or not is_kept(raw):
            raise Refused((_finding(key, "不能按此项筛选", "cannot be filtered by"),))
        if name == "state":
            yield Among(("state",), tuple(raw.split(",")))
            continue
        if rights.sees_everywhere(name):
            yield _criterion(field, name, part, raw, masked=False)
            continue
        shown = rights.rows_showing(work.world, name, clear=False)
        ways: list[Criterion] = [Every((shown, _criterion(field, name, part, raw, masked=True)))]
        if name not in general.masked:
            clear = rights.rows_showing(work.world, name, clear=True)
            ways.append(Every((clear, _criterion(field, name, part, raw, masked=False))))
        yield Some(tuple(ways))


def _filtered(document: Document, rights: RecordRights, name: str) -> Field | None:
    """The field of a filter, where there is one that may be asked for."""
    if not rights.reads(name):
        return None
    if name in SYSTEM_FIELDS:
        return Field(name, Title(name), _kind(name), SYSTEM_FIELDS[name])
    field = document.fields.get(name)
    return None if field is None or field.type.kind in UNASKED or field.kind == "password" else field


UNASKED = {Kind.ROWS, Kind.FILE, Kind.FILES, Kind.JSON, Kind.DURATION}


def _kind(name: str) -> str:
    return {Kind.DATETIME: "datetime", Kind.INTEGER: "integer"}.get(SYSTEM_FIELDS[name].kind, "text")


def _criterion(field: Field, name: str, part: str, raw: str, *, masked: bool) -> Criterion:
    path, kind = (name,), field.type.kind
    if masked and (part or kind not in _ENDLESS):
        return NEVER
    if field.kind in ("text", "long_text") and not field.protect and not masked:
        return Like(path, raw.strip())
    value = _parsed(field, raw)
    if kind in (Kind.CODES, Kind.REFS):
        several = value if isinstance(value, tuple) else (value,)
        return Every(tuple(Holds(path, str(one)) for one in several))
    if part and (field.protect or kind not in STRETCHES):
        raise Refused((_finding(name, "不能按范围筛选", "has no order to filter by"),))
    if part == "from":
        return Compare(path, ">=", value)
    if part == "to":
        return _until(path, value)
    if kind in (Kind.CODE, Kind.REF) and "," in raw:
        return Among(path, tuple(raw.split(",")))
    return Compare(path, "==", value)


STRETCHES = {Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.TIME}


def _parsed(field: Field, raw: str) -> object:
    try:
        return parse(_day(raw) if field.kind == "datetime" else raw, field)
    except Malformed as fault:
        raise Refused((Finding(fault.code, fault.text, (field.name,)),)) from None


def _until(path: tuple[str, ...], value: object) -> Criterion:
    """A day is meant with all its hours; behind the last day there is none."""
    if isinstance(value, datetime) and value.date() < date.max:
        return Compare(path, "<", value + timedelta(days=1))
    return Compare(path, "<=", value)


def _day(raw: str) -> str:
    try:
        return datetime.combine(date.fromisoformat(raw.strip()), time()).isoformat()
    except ValueError:
        return raw


def _finding(key: str, zh: str, en: str) -> Finding:
    return Finding("filter", {"zh": f"{key}：{zh}", "en": f"{key}: {en}"}, (key,))
