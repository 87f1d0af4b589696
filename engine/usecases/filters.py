"""Filters of lists: raw texts become criteria, only over what the actor may read in the clear."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from engine.access.rights import RecordRights
from engine.documents.field_kinds import parse
from engine.documents.malformed import Malformed
from engine.model.criteria import NEVER, Among, Compare, Criterion, Every, Holds, Like, Matches
from engine.model.documents import Document, Field
from engine.model.formula import Title
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.problems import Finding, Refused
from engine.usecases.views import ListRequest
from engine.usecases.work import Work


def criteria_of(work: Work, document: Document, request: ListRequest, rights: RecordRights) -> Iterator[Criterion]:
    """One criterion a filter: equality for choices, a stretch for dates and numbers, containing for texts.

    A field that the actor sees only masked can be asked for whole values, not for parts. Raises Refused for a field
    that may not be seen or a value that is none.
    """
    if request.text.strip():
        yield Matches(request.text.strip())
    for key, raw in request.filters.items():
        name, _, part = key.partition(".")
        if not raw.strip():
            continue
        if not rights.reads(name) or (name not in document.fields and name not in SYSTEM_FIELDS):
            raise Refused((_finding(key, "不能按此项筛选", "cannot be filtered by"),))
        if name == "state":
            yield Among(("state",), tuple(raw.split(",")))
            continue
        field = document.fields.get(name) or Field(name, Title(name), _kind(name), SYSTEM_FIELDS[name])
        yield _criterion(field, name, part, raw, masked=name in rights.masked)


def _kind(name: str) -> str:
    return {Kind.DATETIME: "datetime", Kind.INTEGER: "integer"}.get(SYSTEM_FIELDS[name].kind, "text")


def _criterion(field: Field, name: str, part: str, raw: str, *, masked: bool) -> Criterion:
    path = (name,)
    if field.kind in ("text", "long_text") and not field.protect:
        return Like(path, raw.strip())
    if part in ("from", "to") and masked:
        return NEVER
    try:
        value = parse(_day(raw) if field.kind == "datetime" else raw, field)
    except Malformed as fault:
        raise Refused((Finding(fault.code, fault.text, (name,)),)) from None
    if field.kind in ("codes", "refs"):
        several = value if isinstance(value, tuple) else (value,)
        return Every(tuple(Holds(path, str(one)) for one in several))
    if part == "from":
        return Compare(path, ">=", value)
    if part == "to":
        return (
            Compare(path, "<", value + timedelta(days=1)) if isinstance(value, datetime) else Compare(path, "<=", value)
        )
    if field.kind in ("code", "ref") and "," in raw:
        return Among(path, tuple(raw.split(",")))
    return Compare(path, "==", value)


def _day(raw: str) -> str:
    try:
        return datetime.combine(date.fromisoformat(raw.strip()), time()).isoformat()
    except ValueError:
        return raw


def _finding(key: str, zh: str, en: str) -> Finding:
    return Finding("filter", {"zh": f"{key}：{zh}", "en": f"{key}: {en}"}, (key,))
