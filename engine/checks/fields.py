"""Checks of fields: what they refer to, and whether what they say of themselves goes together.

In: fields of documents, child tables, questions and parameters. Out: problems. Formulas are checked by linking.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from engine.checks.literals import Misfit, misfit
from engine.checks.subject import Subject, problem, unknown, warning
from engine.model.documents import Field
from engine.model.formula import Given, RowSource
from engine.model.types import Kind
from engine.problems import Problem, Span

RESERVED = frozenset({"this", "self", "up", "event", "values"})
"""Words of the scope that no field may take; others (`org`, `row`, `parent`) may be, the field then hides the word."""

_MASK = re.compile(r"\d*\*+\d*")
_TEXTS = frozenset({Kind.TEXT})
_SIZED = frozenset({Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.TIME, Kind.DURATION})
_REFERENCES = frozenset({Kind.REF, Kind.REFS})
_LISTED = frozenset({Kind.CODE, Kind.CODES})


def check_fields(
    subject: Subject, fields: Mapping[str, Field], system: str, *, asked: bool = False
) -> Iterator[Problem]:
    """Fields by name; `asked` ones belong to an event or to parameters and may bear any name."""
    for field in fields.values():
        if not asked:
            yield from _name(subject, field)
        yield from check_target(subject, field, system)
        yield from _origins(subject, field)
        yield from _limits(subject, field)
        yield from _protection(subject, field)
        yield from _default(subject, field)
        yield from _english(subject, field, fields)
        if field.is_table:
            yield from _table(subject, field)
            yield from check_fields(subject, field.fields, system)
            if field.filled is not None:
                yield from check_columns(subject, field.filled, field, field.where)


def _name(subject: Subject, field: Field) -> Iterator[Problem]:
    if field.name in RESERVED:
        yield problem("DOC014", subject.name_of(field.where, field.name), name=field.name)


def check_target(subject: Subject, field: Field, system: str) -> Iterator[Problem]:
    """The document type or code list that a field names."""
    of = field.type.of
    if not of:
        return
    if field.type.kind in _REFERENCES and subject.shared.shape(of) is None:
        yield unknown("REF001", of, subject.known("document", system), _named(subject, field.where, "to", of))
    elif field.type.kind in _LISTED and of not in subject.definitions.codes:
        yield unknown("REF003", of, subject.known("code", system), _named(subject, field.where, "in", of))
    if field.newest and field.type.kind is Kind.REF and of in subject.definitions.documents:
        shape = subject.shared.shape(of)
        if shape is not None and field.newest not in shape.fields:
            where = subject.places.value(field.where, "newest")
            yield unknown("REF002", field.newest, shape.fields, where, owner=of)


def _named(subject: Subject, where: Span, key: str, name: str) -> Span:
    """The place of a name under its key, or inside a type that is written as one phrase."""
    found = subject.places.value(where, key)
    return subject.word_in(where, name) if found == where else found


def _origins(subject: Subject, field: Field) -> Iterator[Problem]:
    """A value comes from one place."""
    ways = {"value": field.value, "from": field.copied, "find": field.find}
    said = [key for key, formula in ways.items() if formula is not None]
    if len(said) > 1:
        yield problem(
            "DOC017", subject.places.key(field.where, said[1]), name=field.name, first=said[0], second=said[1]
        )
    if said and said[0] != "from" and field.default is not None:
        where = subject.places.key(field.where, "default")
        yield problem("DOC017", where, name=field.name, first=said[0], second="default")
    if field.find is not None and field.type.kind not in _REFERENCES:
        yield problem("DOC011", subject.places.key(field.where, "find"), key="find", name=field.name)
    for key, given in (("where", field.filter), ("back", field.back)):
        if given and field.type.kind not in _REFERENCES:
            yield problem("DOC011", subject.places.key(field.where, key), key=key, name=field.name)
    if field.newest and field.find is None:
        yield problem("DOC025", subject.places.key(field.where, "newest"), name=field.name)


def _limits(subject: Subject, field: Field) -> Iterator[Problem]:
    for key, limit in (("min", field.minimum), ("max", field.maximum)):
        if limit is not None and field.type.kind not in _SIZED:
            yield problem("DOC021", subject.places.key(field.where, key), key=key, name=field.name, type=field.kind)
    if isinstance(field.minimum, Decimal) and isinstance(field.maximum, Decimal) and field.minimum > field.maximum:
        where = subject.places.value(field.where, "min")
        yield problem("DOC003", where, name=field.name, low=str(field.minimum), high=str(field.maximum))
    if field.digits is not None and field.scale is not None and field.scale > field.digits:
        yield problem("DOC023", subject.places.value(field.where, "type"), name=field.name)
    if field.many and field.type.kind not in (Kind.FILE, Kind.FILES):
        yield problem("DOC026", subject.places.key(field.where, "many"), name=field.name, type=field.kind)


def _protection(subject: Subject, field: Field) -> Iterator[Problem]:
    if field.mask and not _MASK.fullmatch(field.mask):
        yield problem("DOC005", subject.places.value(field.where, "mask"), mask=field.mask)
    elif field.mask and field.type.kind not in _TEXTS:
        yield problem("DOC006", subject.places.key(field.where, "mask"), key="mask", name=field.name, type=field.kind)
    if field.protect and field.is_table:
        yield problem(
            "DOC006", subject.places.key(field.where, "protect"), key="protect", name=field.name, type=field.kind
        )


def _english(subject: Subject, field: Field, beside: Mapping[str, Field]) -> Iterator[Problem]:
    """The field that says the same in English: a text beside this one, which is a text too."""
    if not field.english:
        return
    place, twin = subject.places.value(field.where, "english"), beside.get(field.english)
    if twin is None:
        yield unknown("REF002", field.english, beside, place, owner=field.name)
    for one in (field, twin):
        if one is not None and one.type.kind is not Kind.TEXT:
            yield problem("DOC006", place, key="english", name=one.name, type=one.kind)


def _default(subject: Subject, field: Field) -> Iterator[Problem]:
    if field.default is not None and field.default.formula is None:
        yield from check_literal(subject, field, field.default, "DOC002")


def check_literal(subject: Subject, field: Field, given: Given, code: str) -> Iterator[Problem]:
    """A value that is written out for a field."""
    if given.formula is not None or given.rows is not None:
        return
    wrong = _no_record(field, given.literal) or misfit(subject, field, given.literal)
    if wrong is not None:
        reasons = {"reason_zh": wrong.zh, "reason_en": wrong.en}
        yield Problem(code, given.where, {"name": field.name, **reasons}, wrong.suggestion)


def _no_record(field: Field, literal: object) -> Misfit | None:
    """A reference written out: no text is a record, so a forgotten `=` is what it mostly is."""
    if field.kind not in ("ref", "refs") or not isinstance(literal, str):
        return None
    return Misfit("引用的单据不能直接写出", "a record cannot be written out", f"={literal}")


def _table(subject: Subject, field: Field) -> Iterator[Problem]:
    if not field.fields:
        yield problem("DOC024", subject.name_of(field.where, field.name), name=field.name)
    if field.rows_max is not None and field.rows_min > field.rows_max:
        where = subject.places.value(field.where, "rows", "min")
        yield problem("DOC004", where, name=field.name, low=str(field.rows_min), high=str(field.rows_max))
    for inner in field.fields.values():
        if inner.is_table:
            yield problem("DOC027", subject.name_of(inner.where, inner.name), name=inner.name)


def check_columns(subject: Subject, source: RowSource, table: Field, where: Span) -> Iterator[Problem]:
    """Columns that a filled table names."""
    for key, names in (("with", source.given), ("per", source.per)):
        for name, said in names.items():
            column = table.fields.get(name)
            if column is None and (key == "with" or not source.given):
                yield unknown("REF002", name, table.fields, said.where, owner=table.name)
            elif column is not None and isinstance(said, Given):
                yield from check_literal(subject, column, said, "DOC002")


def check_searched(
    subject: Subject, names: tuple[str, ...], fields: Mapping[str, Field], where: Span
) -> Iterator[Problem]:
    """Fields of full-text search: texts; protected ones are found by their full value alone."""
    for name, place in subject.listed(where, "search", names=names):
        field = fields.get(name)
        if field is None:
            continue
        if field.type.kind not in (Kind.TEXT, Kind.CODE):
            yield problem("DOC015", place, name=name, type=field.kind)
        elif field.protect:
            yield warning("DOC007", place, name=name)
