"""What the engine gives: defaults, copied, found, computed and filled fields, in the order that the checker worked out.

In: a working record (a dictionary with every field) and the record before. Out: the same dictionary, filled. Reads
other records only through the environment's world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from engine.documents.field_kinds import unit_of
from engine.documents.lookup import found
from engine.expressions.environment import Env, Row, World
from engine.expressions.limits import CONTEXT, MAX_DIGITS
from engine.model.documents import Document, Field
from engine.model.formula import Formula, Given, RowSource
from engine.model.program import DocumentProgram
from engine.model.types import Kind
from engine.problems import Finding, Refused
from engine.sources.ordering import in_order

Values = dict[str, object]
Rows = list[Values]
NewId = Callable[[], str]
MOST_WHOLE_DIGITS = 18
"""Digits of a whole number that every store keeps."""
_LARGE = 10**MOST_WHOLE_DIGITS


def blank(fields: Mapping[str, Field]) -> Values:
    """Every field of a document or row, empty."""
    return {name: [] if field.is_table else None for name, field in fields.items()}


def give_defaults(fields: Mapping[str, Field], values: Values, env: Env, given: Iterable[str] = ()) -> None:
    """Fill fields that have a default, are empty and were not given on purpose. What is copied has its turn first."""
    kept = set(given)
    for name, field in fields.items():
        if field.default is not None and field.copied is None and values.get(name) is None and name not in kept:
            values[name] = fitted(field, field.default.value(env))


def rows_of(values: Row, table: str) -> Rows:
    """The rows of a child table."""
    rows = values.get(table) or []
    assert isinstance(rows, list)
    return rows


def snapshot(document: Document, values: Row) -> Values:
    """The values with rows of their own, to compare later ones with."""
    tables = {name: [dict(row) for row in rows_of(values, name)] for name, f in document.fields.items() if f.is_table}
    return {**values, **tables}


def row_envs(rows: Iterable[Row], this: Row, world: World) -> Iterator[Env]:
    """The environments of child rows; rows count from 0."""
    up = Env(this, world, this=this)
    for index, row in enumerate(rows):
        yield Env(row, world, this=this, parent=this, up=up, index=index)


def fitted(field: Field, value: object) -> object:
    """A computed value in the form that the field stores: scale of decimals, whole numbers, records as their ids.

    Raises Refused for a number with more digits than the field can hold.
    """
    if isinstance(value, Decimal):
        return _fitted_number(field, value)
    if isinstance(value, int) and not -_LARGE < value < _LARGE:
        return _fitted_number(field, Decimal(value))
    if isinstance(value, Mapping) and field.kind == "ref":
        return value["id"]
    if isinstance(value, list | tuple) and field.kind in {"codes", "refs"}:
        return tuple(str(one["id"]) if isinstance(one, Mapping) else str(one) for one in value) or None
    return value


def _fitted_number(field: Field, value: Decimal) -> object:
    whole = field.type.kind is Kind.INTEGER
    scale = 0 if whole else field.scale if field.scale is not None else 2 if field.kind == "money" else None
    most = MOST_WHOLE_DIGITS if whole else field.digits or MAX_DIGITS
    fits = not value or value.adjusted() < most - (scale or 0)
    if fits and scale is not None:
        value = value.quantize(unit_of(scale), ROUND_HALF_UP, context=CONTEXT)
        fits = not value or value.adjusted() < most - scale  # 99.995 has become 100.00
    if not fits:
        text = {"zh": f"{field.title.zh}的数值过大", "en": f"{field.title.worded('en')}: the number is too large"}
        raise Refused((Finding("too_large", text, (field.name,), where=field.where),))
    return int(value) if whole else value


def given_value(field: Field, given: Given, env: Env, new_id: NewId) -> object:
    """What a key gives to a field: a value, or for a child table its rows, written out or from a source."""
    if not field.is_table:
        return fitted(field, given.value(env))
    if given.rows is not None:
        return filled_rows(field, given.rows, env, (), new_id)
    listed = given.value(env) or []
    assert isinstance(listed, list | tuple)
    return [_written_row(field, one, env, new_id) for one in listed]


def _written_row(table: Field, one: object, env: Env, new_id: NewId) -> Values:
    written = one.literal if isinstance(one, Given) else one
    assert isinstance(written, Mapping)
    row = blank(table.fields) | {"id": new_id()}
    for name, cell in written.items():
        value = cell.value(env) if isinstance(cell, Given) else cell
        if name in table.fields:
            row[name] = fitted(table.fields[name], value)
    return row


def filled_rows(table: Field, source: RowSource, env: Env, old: Iterable[Values], new_id: NewId) -> Rows:
    """Rows that a source gives; a row keeps the id of the row that stood in its place."""
    read = source.each(env) or []
    assert isinstance(read, list | tuple)
    inners = [env.inner(row, index=index) for index, row in enumerate(read)]
    if source.where is not None:
        inners = [inner for inner in inners if source.where.holds(inner)]
    inners = in_order(inners, source.sort)
    if source.per:
        inners = _grouped(source, inners, env)
    ids = [str(row["id"]) for row in old]
    return [
        _filled_row(table, source, inner, ids[index] if index < len(ids) else new_id())
        for index, inner in enumerate(inners[: source.most])
    ]


def _filled_row(table: Field, source: RowSource, inner: Env, row_id: str) -> Values:
    row = blank(table.fields) | {"id": row_id}
    if source.same:
        row.update({name: inner.row[name] for name in table.fields if name in inner.row})
    row.update({name: value for name, value in inner.locals.items() if name in table.fields})
    row.update({name: fitted(table.fields[name], given.value(inner)) for name, given in source.given.items()})
    return row


def _grouped(source: RowSource, inners: list[Env], env: Env) -> list[Env]:
    groups: dict[tuple[object, ...], list[Row]] = {}
    for inner in inners:
        groups.setdefault(tuple(formula(inner) for formula in source.per.values()), []).append(inner.row)
    return [
        env.inner(rows[0], index=index, names={**dict(zip(source.per, key, strict=True)), "rows": rows})
        for index, (key, rows) in enumerate(groups.items())
    ]


@dataclass(frozen=True, slots=True)
class Computation:
    """One computing of a record: what it was before, what the person gave, and which fields were just changed."""

    document: Document
    program: DocumentProgram
    world: World
    new_id: NewId
    before: Row | None = None
    given: frozenset[str] = frozenset()
    renewed: frozenset[str] = frozenset()
    emptied: frozenset[tuple[str, ...]] = frozenset()
    """What was left empty on purpose: `(field,)`, or `(id of the row, column)`."""

    def fill(self, values: Values) -> None:
        """Fill everything derived, each after all that it reads. A frozen record keeps what its definition freezes."""
        frozen = self._frozen(values)
        env = Env(values, self.world, this=values)
        for path in self.program.order:
            field = self.document.field_at(path)
            if field is None or path[0] in frozen:
                continue
            if len(path) > 1:
                self._column(path[0], field, values)
            else:
                self._field(field, values, env)

    def _frozen(self, values: Row) -> frozenset[str]:
        if not values.get("frozen"):
            return frozenset()
        fields = self.document.fields.items()
        derived = (name for name, field in fields if field.is_derived or field.copied is not None)
        return frozenset(self.document.freeze.fields or derived)

    def _field(self, field: Field, values: Values, env: Env) -> None:
        if field.filled is not None:
            old = rows_of(values, field.name)
            if not (field.filled.keep and old):
                values[field.name] = filled_rows(field, field.filled, env, old, self.new_id)
        elif field.listed:
            old = rows_of(values, field.name)
            rows = [_written_row(field, cells, env, self.new_id) for cells in field.listed]
            values[field.name] = [row | {"id": kept["id"]} for row, kept in zip(rows, old, strict=False)] + rows[
                len(old) :
            ]
        elif field.copied is not None:
            source = _source(field.copied)
            if (field.name,) not in self.emptied and (
                source in self.renewed or not _stays(field, source, values, self.before, field.name in self.given)
            ):
                values[field.name] = _copy(field, field.copied, env)
        else:
            self._give(field, values, env, field.name in self.given)

    def _column(self, table: str, field: Field, values: Values) -> None:
        stored = {row["id"]: row for row in rows_of(self.before or {}, table)} if field.copied is not None else {}
        rows = rows_of(values, table)
        for row, env in zip(rows, row_envs(rows, values, self.world), strict=True):
            if field.copied is not None:
                source, typed = _source(field.copied), row.get(field.name) is not None
                if (row["id"], field.name) not in self.emptied and not _stays(
                    field, source, row, stored.get(row["id"]), typed
                ):
                    row[field.name] = _copy(field, field.copied, env)
            else:
                self._give(field, row, env, row.get(field.name) is not None)

    def _give(self, field: Field, row: Values, env: Env, was_given: bool) -> None:
        if field.value is not None:
            if not (field.edit not in (None, False) and was_given):
                row[field.name] = fitted(field, field.value(env))
        elif field.find is not None:
            row[field.name] = found(field, env)


def _copy(field: Field, copied: Formula, env: Env) -> object:
    """What a field copies; its default where there is nothing to copy."""
    value = copied(env)
    return fitted(field, field.default.value(env) if value is None and field.default is not None else value)


def _source(copied: Formula) -> str:
    """The field that a copy follows: it is copied anew when that is chosen anew."""
    return copied.text.split(".", 1)[0].strip()


def _stays(field: Field, source: str, row: Row, before: Row | None, was_given: bool) -> bool:
    """Whether a copy is kept: what a person may change stays as it is, empty too, until its source is chosen anew."""
    is_open = field.edit not in (None, False)
    if is_open and was_given:
        return True
    same = before is not None and before.get(source) == row.get(source)
    return same and (is_open or row.get(field.name) is not None)
