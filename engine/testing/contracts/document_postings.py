"""What every store does for ledgers: records locked together, stored where they are missing, changed as one; rows that
come and stay.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from engine.model.criteria import ALWAYS
from engine.model.storage import Column, Storage
from engine.model.types import Kind, Type
from engine.ports import DocumentStore, Stale
from engine.testing.contracts.expecting import raises
from engine.testing.contracts.samples import found, id_of, record, stored

LINE = Storage(
    "book.lines",
    (Column("what", Type(Kind.TEXT)), Column("total", Type(Kind.NUMBER), digits=12, scale=2)),
    indexes=(("what",),),
    append_only=True,
)


class PostingContract:
    """Locks, records that may be there already, many changes, tables that are only added to."""

    def test_records_are_locked_together_and_changed_as_one(self, store: DocumentStore) -> None:
        stored(store, record("owner", 1, name="a"), record("owner", 2, name="b"))
        with store.begin() as unit:
            locked = unit.fetch_locked("owner", [id_of(2), id_of(1), id_of(3)])
            assert [locked[id_of(number)].values["name"] for number in (1, 2)] == ["a", "b"]
            assert id_of(3) not in locked
            unit.update_many([record("owner", 1, name="c", version=2), record("owner", 2, name="d", version=2)])
            assert unit.fetch_locked("owner", [id_of(1)])[id_of(1)].values["name"] == "c"
        with raises(Stale), store.begin() as unit:
            unit.update_many([record("owner", 1, name="e", version=3), record("owner", 2, name="e", version=4)])
        with store.begin(write=False) as unit:
            names = {one.values["name"] for one in unit.fetch_many("owner", [id_of(1), id_of(2)]).values()}
        assert names == {"c", "d"}

    def test_what_is_there_already_stays_as_it_is(self, store: DocumentStore) -> None:
        stored(store, record("owner", 1, name="a"))
        with store.begin() as unit:
            unit.insert_missing([record("owner", 1, name="b"), record("owner", 2, name="c")])
        with store.begin(write=False) as unit:
            held = unit.fetch_many("owner", [id_of(1), id_of(2)])
        assert {one.id: one.values["name"] for one in held.values()} == {id_of(1): "a", id_of(2): "c"}

    def test_rows_that_come_and_stay(self, store: DocumentStore) -> None:
        store.apply([LINE])
        stored(store, record("book.lines", 1, what="a", total=Decimal("1.50")))
        with raises(Exception), store.begin() as unit:
            unit.update(record("book.lines", 1, what="b", version=2), 1)
        assert found(store, document="book.lines") == [id_of(1)]

    def test_their_columns_follow_the_definitions_all_the_same(self, store: DocumentStore) -> None:
        store.apply([LINE])
        stored(store, record("book.lines", 1, what="a", total=Decimal("1.50")))
        wider = Column("total", Type(Kind.NUMBER), digits=19, scale=5)
        store.apply([replace(LINE, columns=(LINE.columns[0], wider, Column("more", Type(Kind.TEXT))))])
        stored(store, record("book.lines", 2, what="b", total=Decimal("0.00001"), more="x"))
        with raises(Exception), store.begin() as unit:
            unit.update(record("book.lines", 1, what="b", version=2), 1)
        with store.begin(write=False) as unit:
            (tally,) = unit.tally("book.lines", ALWAYS, (), ("total",))
        assert tally.sums == (Decimal("1.50001"),)
