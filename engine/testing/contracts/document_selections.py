"""What every store of documents answers: conditions, order, pages, counts, words."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from itertools import product

from engine.model.criteria import (
    ALWAYS,
    NEVER,
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
from engine.testing.contracts.expecting import raises
from engine.testing.contracts.samples import EVERY_KIND, MORNING, found, id_of, record, stored

UNKNOWN = Compare(("count",), "<", None)
ANSWERS: tuple[tuple[Criterion, list[int]], ...] = (
    (ALWAYS, [1, 2, 3, 4]),
    (NEVER, []),
    (Compare(("count",), "==", 2), [2]),
    (Compare(("count",), "!=", 2), [1, 4]),
    (Compare(("count",), ">", Decimal("1.5")), [2, 4]),
    (Compare(("count",), "==", Decimal("1.5")), []),
    (Not(Compare(("count",), "==", Decimal("1.5"))), [1, 2, 4]),
    (Compare(("count",), "<", 10**30), [1, 2, 4]),
    (Compare(("amount",), ">=", Decimal("0.505")), [1]),
    (Compare(("amount",), "<", Decimal("0.505")), [2]),
    (Compare(("count",), "==", None), [3]),
    (Compare(("count",), "!=", None), [1, 2, 4]),
    (Not(Compare(("count",), "==", 2)), [1, 4]),
    (UNKNOWN, []),
    (Not(UNKNOWN), []),
    (Some((UNKNOWN, Compare(("count",), "==", 1))), [1]),
    (Not(Every((UNKNOWN, Compare(("count",), "==", 1)))), [2, 4]),
    (Compare(("done",), "==", True), [1]),
    (Compare(("marks",), "==", ()), [2]),
    (Compare(("marks",), "==", ("a", "b")), [1]),
    (Compare(("day",), "<", datetime(2024, 3, 1, 0, 0, 1)), [3]),
    (Compare(("moment",), ">", date(2024, 3, 1)), [4]),
    (Compare(("created_at",), ">", datetime(2024, 3, 1, 8, 32)), [3, 4]),
    (CompareFields(("count",), "==", ("amount",)), [1]),
    (CompareFields(("count",), "==", ("rate",)), [4]),
    (CompareFields(("count",), ">", ("amount",)), [2]),
    (Among(("count",), (1, 4, 9)), [1, 4]),
    (Among(("count",), ()), []),
    (Not(Among(("count",), ())), [1, 2, 3, 4]),
    (Among(("count",), (1, None)), [1]),
    (Not(Among(("count",), (1, None))), []),
    (Among(("count",), tuple(range(2, 500))), [2, 4]),
    (Among(("amount",), tuple(Decimal(n) / 2 for n in range(200))), [1, 2]),
    (Holds(("marks",), "a"), [1]),
    (Not(Holds(("marks",), "a")), [2]),
    (Like(("title",), "AB"), [1, 2]),
    (Like(("title",), "bc"), [1]),
    (Like(("title",), "0%_"), [3]),
    (Like(("title",), "_"), [3]),
    (Like(("title",), "b", start=True), []),
    (Like(("title",), "ab", start=True), [1, 2]),
    (Not(Like(("title",), "zz")), [1, 2, 3]),
    (Compare(("owner", "rank"), "==", 1), [1]),
    (Compare(("owner", "boss", "name"), "==", "Zoe"), [1]),
    (Compare(("owner", "rank"), "==", None), [3, 4]),
    (Not(Compare(("owner", "rank"), ">", 5)), [1]),
    (HasRow("lines", Compare(("qty",), ">", 3)), [4]),
    (Not(HasRow("lines", Compare(("qty",), ">", 3))), [1, 2, 3]),
    (HasRow("lines", CompareFields(("qty",), "==", ("parent", "count"))), [4]),
    (HasRow("lines", Compare(("parent", "owner", "rank"), "==", None)), [4]),
)
ORDERS: tuple[tuple[Order, ...], ...] = (
    (),
    (Order("amount"),),
    (Order("amount", descending=True),),
    (Order("done"), Order("amount", descending=True)),
    (Order("done", descending=True), Order("code"), Order("created_at")),
    (Order("created_at", descending=True), Order("version", descending=True)),
    (Order("owner.rank", descending=True), Order("code")),
)
SEARCHES: tuple[tuple[str, list[int]], ...] = (
    ("海事", [1, 2]),
    ("海", [1, 2, 3]),
    ("署", [1]),
    ("事总", [1]),
    ("总海", []),
    ("海事总署", [1]),
    ("事海", []),
    ("上海", [3]),
    ("海事 总署", [1]),
    ("总署 海事", [1]),
    ("海事 上海", []),
    ("harbour", [1]),
    ("HARB", [1]),
    ("arbour", []),
    ("ＨＡＲＢ", [1]),
    ("AB-2024", [2]),
    ("ab2024", [2]),
    ("2024", [2]),
    ("20", [2]),
    ("024", []),
    ("2024-0001", [2]),
    ("𠮷", [3]),
    ("𠮷田", [3]),
    ("海事 AB", [2]),
    ("沪A1", [4]),
    ("A12", [4]),
    ("", [1, 2, 3, 4]),
    ("，。", [1, 2, 3, 4]),
    ('\' OR "x" *', []),
)


def _numbers(ids: list[str]) -> list[int]:
    return [int(one, 16) for one in ids]


class SelectionContract:
    """Criteria in three-valued logic, paging by key, capped counts, full-text search."""

    def _people(self, store: DocumentStore) -> None:
        stored(
            store,
            record("owner", "owner-0", name="Zoe", rank=9),
            record("owner", "owner-1", name="Ann", rank=1, boss="owner-0"),
            record(
                "item", 1, title="Abc", count=1, amount=Decimal("1.00"), owner="owner-1", marks=("a", "b"), done=True
            ),
            record("item", 2, title="abd", count=2, amount=Decimal("0.50"), owner="owner-0", marks=(), done=False),
            record("item", 3, title="50%_x", count=None, owner="gone", marks=None, day=date(2024, 3, 1)),
            record("item", 4, title=None, count=4, rate=Decimal(4), moment=MORNING, lines=[{"id": "r", "qty": 4}]),
        )

    def test_criteria(self, store: DocumentStore) -> None:
        self._people(store)
        for where, expected in ANSWERS:
            assert _numbers(found(store, where)) == expected, where
            with store.begin(write=False) as unit:
                assert unit.count("item", where, 3) == min(3, len(expected)), where

    def test_what_cannot_be_asked_is_refused(self, store: DocumentStore) -> None:
        for where in (
            Compare(("nothing",), "==", 1),
            Compare(("title", "name"), "==", 1),
            Compare(("marks",), "<", ("a",)),
            HasRow("nowhere", ALWAYS),
        ):
            with raises(ValueError):
                found(store, where)

    def test_what_has_no_order_cannot_be_sorted_by(self, store: DocumentStore) -> None:
        for name in ("marks", "picture", "data", "length"):
            with raises(ValueError, words=name):
                found(store, order=(Order(name),))

    def test_deleted_rows_are_left_out_unless_asked_for(self, store: DocumentStore) -> None:
        stored(store, record("item", 1), record("item", 2, deleted=True))
        assert (_numbers(found(store)), _numbers(found(store, deleted=True))) == ([1], [1, 2])
        with store.begin(write=False) as unit:
            assert unit.count("item", ALWAYS, 10) == 1
            assert unit.fetch("item", id_of(2)) is not None

    def test_child_tables_come_when_asked_for(self, store: DocumentStore) -> None:
        stored(store, record("item", 1, **EVERY_KIND), record("item", 2))
        with store.begin(write=False) as unit:
            none, lines, everything = (
                unit.select(Selection("item", tables=tables)) for tables in ((), ("lines",), None)
            )
        assert "lines" not in none[0].values
        assert "notes" not in lines[0].values
        assert [one.values["lines"] for one in lines] == [EVERY_KIND["lines"], []]
        assert everything[0].values == record("item", 1, **EVERY_KIND).values

    def test_pages_walk_through_everything_both_ways(self, store: DocumentStore) -> None:
        stored(store, record("owner", "o1", rank=1), record("owner", "o2", rank=2), *_mixed())
        for order, size in product(ORDERS, (1, 3, 7)):
            whole = found(store, order=order, limit=100)
            assert len(whole) == len(set(whole)) == 24
            assert self._walk(store, order, size, backwards=False) == whole, (order, size)
            assert self._walk(store, order, size, backwards=True) == whole[::-1], (order, size)

    def _walk(self, store: DocumentStore, order: tuple[Order, ...], size: int, *, backwards: bool) -> list[str]:
        seen: list[str] = []
        after: tuple[object, ...] | None = None
        while True:
            with store.begin(write=False) as unit:
                page = unit.select(Selection("item", ALWAYS, order, after, size, backwards=backwards))
                if not page:
                    return seen
                edge = page[0 if backwards else -1]
                after = (
                    *(_value(unit.fetch_many("owner", [str(edge.values["owner"])]), edge, o) for o in order),
                    edge.id,
                )
            seen += [one.id for one in (reversed(page) if backwards else page)]

    def test_nulls_come_last_and_ids_break_ties(self, store: DocumentStore) -> None:
        stored(store, *(record("item", n, count=c) for n, c in enumerate([None, 2, 1, 2, None], 1)))
        assert _numbers(found(store, order=(Order("count"),))) == [3, 2, 4, 1, 5]
        assert _numbers(found(store, order=(Order("count", descending=True),))) == [4, 2, 3, 5, 1]

    def test_text_is_ordered_by_code_points(self, store: DocumentStore) -> None:
        words = ["b", "B", "a", "é", "中", "𠀀", "", "Z", "～"]
        stored(store, *(record("item", n, title=word) for n, word in enumerate(words)))
        assert _numbers(found(store, order=(Order("title"),))) == sorted(range(len(words)), key=words.__getitem__)

    def test_numbers_are_ordered_as_numbers(self, store: DocumentStore) -> None:
        numbers = [Decimal(text) for text in ("-10.5", "-9", "-0.01", "0", "0.00999", "0.01", "9", "10", "100.00001")]
        for name in ("rate", "free"):
            values = [record("item", f"{name}-{n:02}", **{name: number}) for n, number in enumerate(numbers)]
            stored(store, *values[::-1])
            where = Compare((name,), "!=", None)
            assert found(store, where, order=(Order(name),)) == [one.id for one in values]
            assert found(store, Compare((name,), "<", Decimal("-0.01"))) == [one.id for one in values[:2]]


class WordsContract:
    """Full-text search."""

    def test_words_are_found(self, store: DocumentStore) -> None:
        stored(
            store,
            record("item", 1, title="海事总署 Harbour"),
            record("item", 2, title="关于海事", code="AB-2024-0001"),
            record("item", 3, title="上海", 姓名="𠮷田"),
            record("item", 4, title="沪A12345"),
            record("item", 5, title="海事总署", deleted=True),
        )
        for text, expected in SEARCHES:
            assert _numbers(found(store, Matches(text))) == expected, text

    def test_words_follow_the_record(self, store: DocumentStore) -> None:
        stored(store, record("item", 1, title="海事"))
        with store.begin() as unit:
            unit.update(record("item", 1, title="口岸", version=2), 1)
            assert unit.count("item", Matches("海事"), 9) == 0
        assert found(store, Matches("口岸")) == [id_of(1)]

    def test_words_of_two_fields_are_no_phrase(self, store: DocumentStore) -> None:
        stored(store, record("item", 1, title="海", 姓名="关"))
        assert found(store, Matches("海事")) == []
        assert found(store, Matches("海 关")) == [id_of(1)]

    def test_documents_without_search_fields_refuse(self, store: DocumentStore) -> None:
        with raises(ValueError, words="owner"):
            found(store, Matches("a"), "owner")


def _mixed() -> list[Record]:
    """Rows with nulls and ties in every sort field."""
    values = product((True, False, None), (Decimal(1), Decimal(2), None, Decimal(2)), ("o1", None))
    return [
        record("item", n, done=done, amount=amount, owner=owner, code=(None, "a", "b")[n % 3])
        for n, (done, amount, owner) in enumerate(values, 1)
    ]


def _value(owners: dict[str, Record], edge: Record, order: Order) -> object:
    if order.field != "owner.rank":
        return edge.values[order.field]
    owner = owners.get(str(edge.values["owner"]))
    return None if owner is None else owner.values["rank"]
