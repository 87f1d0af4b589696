"""Whatever is asked of whatever rows: memory, SQLite and PostgreSQL give the same ids in the same order."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.database.store import DatabaseStore
from engine.model.criteria import (
    Among,
    Compare,
    CompareFields,
    Criterion,
    Every,
    HasRow,
    Holds,
    Like,
    Matches,
    Not,
    Order,
    Selection,
    Some,
)
from engine.model.records import Record
from engine.ports import DocumentStore
from engine.testing.contracts.samples import ITEM, OWNER, record
from engine.testing.memory import MemoryStore
from tests.adapters.database.toy_cipher import ToyCipher

WORDS = ["", "a", "A", "ab", "aB_", "100%", "海", "海关", "关海", "海关总署", "é", "É", "x\\y", "沪A1", "'\"", "B 海"]
NUMBERS = [Decimal(text) for text in ("-1000000.01", "-2", "-1.5", "0", "0.5", "1", "1.50", "2", "999999.99")]
DAYS = [date(1999, 12, 31), date(2024, 2, 29), date(2024, 3, 1)]
MOMENTS = [datetime(2024, 2, 29), datetime(2024, 2, 29, 0, 0, 0, 1), datetime(2024, 3, 1, 12)]
OWNERS = ["o1", "o2", "o3", "gone"]


def maybe(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "title": maybe(WORDS),
    "姓名": maybe(WORDS),
    "code": maybe(["a", "b", "01"]),
    "owner": maybe(OWNERS),
    "count": maybe([-2, 0, 1, 2, 2**62]),
    "amount": maybe(NUMBERS),
    "rate": maybe(NUMBERS),
    "free": maybe([*NUMBERS, Decimal("1.500001"), Decimal("-1e-20")]),
    "done": maybe([True, False]),
    "day": maybe(DAYS),
    "moment": maybe(MOMENTS),
}
SEVERAL = maybe([(), ("a",), ("b", "a"), ('a"b', "x,y")])
ROWS = st.lists(st.fixed_dictionaries({"what": maybe(WORDS), "qty": maybe([0, 1, 2]), "tags": SEVERAL}), max_size=3)


@st.composite
def records(draw: st.DrawFn) -> list[Record]:
    found = [
        record("owner", "o1", name="a", rank=1, boss="o2"),
        record("owner", "o2", name="海关", rank=None, boss=None),
        record("owner", "o3", name=None, rank=2, boss="o3", deleted=True),
    ]
    for number in range(draw(st.integers(1, 12))):
        values = draw(st.fixed_dictionaries(FIELDS))
        lines = [{**row, "id": f"r{place}"} for place, row in enumerate(draw(ROWS))]
        several = {"marks": draw(SEVERAL), "lines": lines, "deleted": draw(st.integers(0, 5)) == 0}
        found.append(record("item", number, **values, **several))
    return found


OPERATORS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
OPERANDS: dict[tuple[str, ...], st.SearchStrategy[Any]] = {
    **{(name,): values for name, values in FIELDS.items()},
    ("count",): maybe([-2, 0, 1, Decimal("0.5"), Decimal(-10) ** 30, 2**70]),
    ("amount",): maybe([*NUMBERS, Decimal("0.505"), Decimal("3333333333333333333333333333333333333333.3"), -7]),
    ("rate",): maybe([*NUMBERS, 1, Decimal("1.500001")]),
    ("day",): maybe([*DAYS, *MOMENTS]),
    ("moment",): maybe([*DAYS, *MOMENTS]),
    ("created_at",): maybe([datetime(2024, 3, 1, 8, 33), date(2024, 3, 1)]),
    ("owner", "name"): maybe(WORDS),
    ("owner", "rank"): maybe([1, 2]),
    ("owner", "boss", "rank"): maybe([1, 2]),
}
ROW_OPERANDS: dict[tuple[str, ...], st.SearchStrategy[Any]] = {
    ("qty",): maybe([0, 1, Decimal("0.5")]),
    ("what",): maybe(WORDS),
    ("parent", "count"): maybe([0, 1]),
    ("parent", "owner", "rank"): maybe([1, 2]),
}
PAIRS = [
    ("count", "amount"),
    ("amount", "rate"),
    ("rate", "free"),
    ("title", "姓名"),
    ("day", "moment"),
    ("count", "free"),
]


def compare(operands: dict[tuple[str, ...], st.SearchStrategy[Any]]) -> st.SearchStrategy[Criterion]:
    return st.sampled_from(sorted(operands)).flatmap(
        lambda path: (
            st.builds(Compare, st.just(path), OPERATORS, operands[path])
            | st.builds(Among, st.just(path), st.lists(operands[path], max_size=5).map(tuple))
        )
    )


def joined(leaves: st.SearchStrategy[Criterion]) -> st.SearchStrategy[Criterion]:
    return st.recursive(
        leaves,
        lambda part: (
            st.builds(Not, part)
            | st.builds(Every, st.lists(part, max_size=3).map(tuple))
            | st.builds(Some, st.lists(part, max_size=3).map(tuple))
        ),
        max_leaves=6,
    )


ROW_CRITERIA = joined(
    compare(ROW_OPERANDS)
    | st.builds(CompareFields, st.just(("qty",)), OPERATORS, st.just(("parent", "amount")))
    | st.builds(Holds, st.just(("tags",)), st.sampled_from(["a", 'a"b', "y"]))
)
CRITERIA = joined(
    compare(OPERANDS)
    | st.sampled_from(PAIRS).flatmap(lambda p: st.builds(CompareFields, st.just(p[:1]), OPERATORS, st.just(p[1:])))
    | st.builds(Holds, st.just(("marks",)), st.sampled_from(["a", "b", 'a"b', "x", ""]))
    | st.builds(Like, st.sampled_from([("title",), ("owner", "name")]), st.sampled_from(WORDS), st.booleans())
    | st.builds(Matches, st.sampled_from(WORDS))
    | st.builds(HasRow, st.just("lines"), ROW_CRITERIA)
)
ORDERS = st.lists(
    st.builds(Order, st.sampled_from(["title", "amount", "free", "done", "day", "owner.rank"]), st.booleans()),
    max_size=3,
    unique_by=lambda order: order.field,
).map(tuple)


class Undone(Exception):
    """Takes everything back."""


def answers(store: DocumentStore, rows: list[Record], selections: list[Selection]) -> list[list[str]]:
    """The ids of each selection among these rows alone."""
    found: list[list[str]] = []
    with suppress(Undone), store.begin() as unit:
        unit.insert_many(rows)
        for selection in selections:
            found.append([one.id for one in unit.select(selection)])
            assert unit.count("item", selection.where, 100) == len(
                unit.select(Selection("item", selection.where, limit=100))
            )
        raise Undone
    return found


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[list[MemoryStore | DatabaseStore]]:
    path: Path = tmp_path_factory.mktemp("same")
    lite = DatabaseStore(f"sqlite:///{path}/guiju.db", cipher=ToyCipher())
    server = DatabaseStore(postgres_url, cipher=ToyCipher())
    found: list[MemoryStore | DatabaseStore] = [MemoryStore(), lite, server]
    for store in found:
        store.apply([replace(ITEM, uniques=()), OWNER])
    yield found
    lite.close()
    server.close()


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    rows=records(),
    wheres=st.lists(CRITERIA, min_size=1, max_size=4),
    order=ORDERS,
    limit=st.integers(1, 5),
    shift=st.integers(0, 11),
    backwards=st.booleans(),
)
def test_same_answers(
    stores: list[MemoryStore | DatabaseStore],
    rows: list[Record],
    wheres: list[Criterion],
    order: tuple[Order, ...],
    limit: int,
    shift: int,
    backwards: bool,
) -> None:
    items = [row for row in rows if row.document == "item"]
    edge = items[shift % len(items)]
    owners = {row.id: row for row in rows if row.document == "owner"}
    after = (*(_value(edge, owners, one.field) for one in order), edge.id)
    selections = [Selection("item", where, order, None, 100) for where in wheres]
    selections += [Selection("item", where, order, after, limit, backwards=backwards) for where in wheres]
    expected, *others = (answers(store, rows, selections) for store in stores)
    for other in others:
        assert other == expected


def _value(edge: Record, owners: dict[str, Record], field: str) -> object:
    if field != "owner.rank":
        return edge.values[field]
    owner = owners.get(str(edge.values["owner"]))
    return owner and owner.values["rank"]


def test_moments_have_no_offset(stores: list[MemoryStore | DatabaseStore]) -> None:
    from datetime import timezone

    aware = datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=8)))
    for store in stores:
        with pytest.raises(ValueError, match="offset"), store.begin() as unit:
            unit.insert(record("item", 1, moment=aware))
