"""What the engine gives: defaults, copied, found, computed and filled fields, in the order that the checker worked out.

In: a working record (a dictionary with every field) and the record before. Out: the same dictionary, filled. Reads
other records only through the environment's world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from engine.expressions.environment import Env, World
from engine.model.documents import Document, Field, RowSource
from engine.model.program import DocumentProgram

Values = dict[str, object]
NewId = Callable[[], str]


def blank(fields: Mapping[str, Field]) -> Values:
    """Every field of a document or row, empty."""
    return {name: [] if field.is_table else None for name, field in fields.items()}


def give_defaults(fields: Mapping[str, Field], values: Values, world: World, given: Iterable[str] = ()) -> None:
    """Fill fields that have a default, are empty and were not given on purpose."""
    env = Env(row=values, this=values, world=world)
    kept = set(given)
    for name, field in fields.items():
        if field.default is not None and values.get(name) is None and name not in kept:
            values[name] = fitted(field, field.default.value(env))


def default_rows(table: Field, rows: list[Values], this: Values, world: World) -> None:
    """Defaults of rows that were just added."""
    for index, row in enumerate(rows):
        env = row_env(row, this, index, world)
        for name, field in table.fields.items():
            if field.default is not None and row.get(name) is None:
                row[name] = fitted(field, field.default.value(env))


def row_env(row: Values, this: Values, index: int, world: World) -> Env:
    """The environment of a child row."""
    outer = Env(row=this, this=this, world=world)
    return Env(row=row, this=this, parent=this, up=outer, index=index, world=world)


def fitted(field: Field, value: object) -> object:
    """A computed value in the form that the field stores: scale of decimals, whole numbers, plain records as ids."""
    if isinstance(value, Decimal):
        if field.type.kind.value == "integer":
            return int(value.to_integral_value(ROUND_HALF_UP))
        scale = field.scale if field.scale is not None else (2 if field.kind == "money" else None)
        return value if scale is None else value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    if isinstance(value, Mapping) and field.kind == "ref":
        return value["id"]
    if isinstance(value, list) and field.kind in {"codes", "refs"}:
        return tuple(value) or None
    return value


def compute(
    document: Document,
    program: DocumentProgram,
    values: Values,
    *,
    world: World,
    before: Mapping[str, object] | None,
    given: frozenset[str] = frozenset(),
    renewed: frozenset[str] = frozenset(),
    new_id: NewId,
) -> None:
    """Fill everything derived. `given` are fields that the person gave a value for; `renewed` those just changed.

    A frozen record keeps what its definition freezes.
    """
    frozen = _frozen_fields(document, values)
    for path in program.order:
        field = document.field_at(path)
        if field is None or path[0] in frozen:
            continue
        if len(path) == 2:
            _compute_column(document, path, field, values, world, before)
        elif field.filled is not None:
            _fill_rows(field, values, world, before, new_id)
        elif field.copied is not None:
            _copy(field, values, Env(row=values, this=values, world=world), before, given, renewed)
        else:
            _give(field, values, Env(row=values, this=values, world=world), field.name in given)


def _frozen_fields(document: Document, values: Mapping[str, object]) -> frozenset[str]:
    if not values.get("frozen"):
        return frozenset()
    derived = (name for name, field in document.fields.items() if field.is_derived or field.copied is not None)
    return frozenset(document.freeze.fields or derived)


def _compute_column(
    document: Document, path: tuple[str, ...], field: Field, values: Values, world: World, before: Mapping[str, object] | None
) -> None:
    rows = values.get(path[0]) or []
    assert isinstance(rows, list)
    stored = {row["id"]: row for row in (before or {}).get(path[0]) or []} if field.copied else {}  # type: ignore[attr-defined]
    for index, row in enumerate(rows):
        env = row_env(row, values, index, world)
        if field.copied is not None:
            _copy(field, row, env, stored.get(row["id"]), frozenset(n for n, v in row.items() if v is not None), frozenset())
        else:
            _give(field, row, env, False)


def _give(field: Field, row: Values, env: Env, was_given: bool) -> None:
    if field.value is not None:
        if field.edit is not None and field.edit is not False and was_given:
            return
        row[field.name] = fitted(field, field.value(env))
    elif field.find is not None:
        row[field.name] = field.find(env)


def _copy(
    field: Field,
    row: Values,
    env: Env,
    before: Mapping[str, object] | None,
    given: frozenset[str],
    renewed: frozenset[str],
) -> None:
    """Copy when the source was set anew; what was copied stays, and what the person changed wins where `edit` lets."""
    assert field.copied is not None
    source = field.copied.text.split(".", 1)[0].strip()
    may_differ = field.edit is not None and field.edit is not False
    if source in renewed:
        row[field.name] = fitted(field, field.copied(env))
        return
    if may_differ and field.name in given:
        return
    if before is None or before.get(source) != row.get(source) or row.get(field.name) is None:
        row[field.name] = fitted(field, field.copied(env))


def _fill_rows(field: Field, values: Values, world: World, before: Mapping[str, object] | None, new_id: NewId) -> None:
    source = field.filled
    assert source is not None
    if source.keep and values.get(field.name):
        return
    env = Env(row=values, this=values, world=world)
    found = source.each(env) or []
    assert isinstance(found, list)
    rows = _grouped(source, found, values, world) if source.per else [({}, one) for one in found]
    old = values.get(field.name) or []
    assert isinstance(old, list)
    made: list[Values] = []
    for index, (keys, one) in enumerate(rows):
        row = blank(field.fields)
        row["id"] = old[index]["id"] if index < len(old) else new_id()
        if source.same:
            row.update({name: one[name] for name in field.fields if name in one})
        inner = Env(row=one, this=values, up=env, world=world, index=index, names=keys)
        row.update({name: value for name, value in keys.items() if name in field.fields})
        row.update({name: fitted(field.fields[name], given.value(inner)) for name, given in source.given.items()})
        made.append(row)
    values[field.name] = made


def _grouped(
    source: RowSource, found: list[Mapping[str, object]], values: Values, world: World
) -> list[tuple[Values, Mapping[str, object]]]:
    groups: dict[tuple[object, ...], list[Mapping[str, object]]] = {}
    for one in found:
        env = Env(row=one, this=values, world=world)
        groups.setdefault(tuple(formula(env) for formula in source.per.values()), []).append(one)
    return [({**dict(zip(source.per, key, strict=True)), "rows": rows}, rows[0]) for key, rows in groups.items()]
