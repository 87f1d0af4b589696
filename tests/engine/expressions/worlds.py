"""A small world for tests of expressions: shapes from phrases, a catalog, records in memory, code lists, a calendar."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.expressions.compiling.gathering import arranged
from engine.expressions.environment import Env, Row, RowsOf
from engine.expressions.expression import Checked, check_expression
from engine.expressions.names import NameKind, Scope, Signature
from engine.model.criteria import Criterion, Order
from engine.model.storage import Column, Storage, StoredTable
from engine.model.types import SYSTEM_FIELDS, Kind, Shape, Type
from engine.problems import Problem, Span
from engine.testing.matching import Matcher
from engine.testing.matching import Row as StoredRow

PLACE = Span("rules.yaml", 7, 11)
NOW = datetime(2026, 5, 6, 10, 30)
Fields = Mapping[str, Any]


def type_of(phrase: str) -> Type:
    """`number`, `code destinations`, `ref order`."""
    kind, _, of = phrase.partition(" ")
    return Type(Kind(kind), of=of)


def fields_of(phrases: Fields, owner: str) -> dict[str, Type]:
    """Types of fields; a mapping is a child table."""
    found: dict[str, Type] = {}
    for name, phrase in phrases.items():
        if isinstance(phrase, str):
            found[name] = type_of(phrase)
        else:
            shape = Shape(name, {"id": SYSTEM_FIELDS["id"], **fields_of(phrase, "")}, parent=owner)
            found[name] = Type(Kind.ROWS, optional=False, shape=shape)
    return found


def document(name: str, phrases: Fields) -> Shape:
    """The shape of a document type with its system fields."""
    return Shape(name, {**SYSTEM_FIELDS, **fields_of(phrases, name)}, document=name)


def value_of(plain: Any, type_: Type) -> Any:
    """A value written in JSON as the type wants it."""
    if plain is None:
        return None
    readers: dict[Kind, Any] = {
        Kind.NUMBER: Decimal,
        Kind.DATE: date.fromisoformat,
        Kind.DATETIME: datetime.fromisoformat,
        Kind.TIME: time.fromisoformat,
        Kind.CODES: tuple,
        Kind.REFS: tuple,
    }
    if type_.kind is Kind.ROWS and type_.shape is not None:
        return [row_of(row, type_.shape.fields) for row in plain]
    return readers[type_.kind](plain) if type_.kind in readers else plain


def row_of(plain: Fields, fields: Mapping[str, Type]) -> dict[str, Any]:
    """A row with a value for every field."""
    empty: dict[Kind, Any] = {Kind.ROWS: []}
    return {
        name: value_of(plain.get(name), type_) if plain.get(name) is not None else empty.get(type_.kind)
        for name, type_ in fields.items()
    }


@dataclass
class MemoryCatalog:
    """What the tests define."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    lists: dict[str, dict[str, Type]] = field(default_factory=dict)
    signatures: dict[str, Signature] = field(default_factory=dict)
    parameters: dict[str, Type] = field(default_factory=dict)
    backs: dict[tuple[str, str], str] = field(default_factory=dict)
    codes_of: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def shape(self, document: str) -> Shape | None:
        return self.shapes.get(document) or self.shapes.get(document.rpartition(".")[2] if "." in document else "")

    def code_columns(self, list_id: str) -> Mapping[str, Type] | None:
        return self.lists.get(list_id)

    def callable(self, name: str) -> Signature | None:
        return self.signatures.get(name)

    def parameter(self, name: str) -> Type | None:
        return self.parameters.get(name)

    def names(self, kind: NameKind) -> Sequence[str]:
        known: dict[str, Any] = {
            "document": self.shapes,
            "code": self.lists,
            "callable": self.signatures,
            "parameter": self.parameters,
        }
        return list(known[kind])

    def back_field(self, document: str, name: str) -> str | None:
        return self.backs.get((document, name))

    def code_exists(self, list_id: str, code: str) -> bool:
        return list_id not in self.codes_of or code in self.codes_of[list_id]

    def codes(self, list_id: str) -> Sequence[str]:
        return self.codes_of.get(list_id, ())


@dataclass
class MemoryWorld:
    """Records by document type; `asked` notes every selection."""

    catalog: MemoryCatalog = field(default_factory=MemoryCatalog)
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    codes: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    calls: dict[str, Any] = field(default_factory=dict)
    other_rows: dict[RowsOf, list[Row]] = field(default_factory=dict)
    user: Row | None = None
    org: Row | None = None
    device: Row | None = None
    caller: Row | None = None
    now: datetime = NOW
    asked: list[tuple[str, Criterion, tuple[Order, ...], int]] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.now.date()

    def follow(self, document: str, record_id: str) -> Row | None:
        return next((row for row in self.records.get(document, ()) if row["id"] == record_id), None)

    def code(self, list_id: str, code: str, column: str) -> object:
        return self.codes.get(list_id, {}).get(code, {}).get(column)

    def select(self, document: str, where: Criterion, order: Sequence[Order], limit: int) -> Sequence[Row]:
        self.asked.append((document, where, tuple(order), limit))
        storages = {name: storage_of(shape) for name, shape in self.catalog.shapes.items()}
        matcher = Matcher(storages, self.follow)
        storage = storages[document]
        found = [row for row in self.records.get(document, ()) if matcher.holds(where, StoredRow(storage, row)) is True]
        keys = tuple((lambda row, name=key.field: row[name], key.descending) for key in order)
        return arranged(found, keys)[:limit]

    def rows(self, source: RowsOf) -> Sequence[Row]:
        return self.other_rows.get(source, [])

    def history(self, document: str, record_id: str) -> Sequence[Row]:
        return self.other_rows.get(RowsOf("history", document=document, id=record_id), [])

    def parameter(self, name: str) -> object:
        return self.values[name]

    def call(self, name: str, arguments: Mapping[str, object]) -> object:
        found = self.calls[name]
        return found(**arguments) if callable(found) else found

    def below(self, document: str, ancestor: str) -> Collection[str]:
        return [row["id"] for row in self.records.get(document, ()) if self.under(document, row["id"], ancestor)]

    def under(self, document: str, record_id: str, ancestor: str) -> bool:
        current: str | None = record_id
        while current is not None and current != ancestor:
            row = self.follow(document, current)
            current = row["above"] if row is not None else None
        return current == ancestor

    def added_up(self, document: str, where: Criterion, field: str) -> None:
        """Nothing is worked out elsewhere."""

    def working_days_after(self, moment: date, days: int) -> date:
        step = timedelta(days=1 if days > 0 else -1)
        while days:
            moment += step
            days -= step.days if moment.isoweekday() < 6 else 0
        return moment

    def new_id(self) -> str:
        return "0123456789abcdef" * 2


def storage_of(shape: Shape) -> Storage:
    """What a store keeps of a shape."""
    plain = {name: type_ for name, type_ in shape.fields.items() if type_.kind is not Kind.ROWS}
    tables = [
        StoredTable(name, tuple(Column(inner, kind) for inner, kind in type_.shape.fields.items()))
        for name, type_ in shape.fields.items()
        if type_.kind is Kind.ROWS and type_.shape is not None and type_.shape.parent
    ]
    return Storage(shape.name, tuple(Column(name, type_) for name, type_ in plain.items()), tuple(tables))


def checked(text: str, scope: Scope, catalog: MemoryCatalog, expected: Type | None = None) -> Checked:
    """The checked expression; fails with its problems when there are any errors."""
    found, problems = check_expression(text, PLACE, scope, catalog, expected=expected)
    assert found is not None, [(problem.code, str(problem.where), problem.values) for problem in problems]
    return found


def problems_of(text: str, scope: Scope, catalog: MemoryCatalog, expected: Type | None = None) -> tuple[Problem, ...]:
    """The problems of an expression."""
    return check_expression(text, PLACE, scope, catalog, expected=expected)[1]


def env_of(row: Row, world: MemoryWorld, **kept: Any) -> Env:
    """The environment of a record."""
    return Env(row, world, this=kept.pop("this", row), **kept)
