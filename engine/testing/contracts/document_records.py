"""What every store of documents does with records: keeps values exactly, keeps versions, rows and uniqueness."""

from __future__ import annotations

from decimal import Decimal

from engine.model.criteria import Compare
from engine.model.values import Duration
from engine.ports import DocumentStore, Duplicate, Stale
from engine.testing.contracts.expecting import raises
from engine.testing.contracts.samples import EVERY_KIND, found, id_of, record, stored


class RecordContract:
    """Values, transactions, versions, child rows, uniqueness, numbers."""

    def test_every_kind_of_value_comes_back_as_it_was(self, store: DocumentStore) -> None:
        given = record("item", 1, **EVERY_KIND)
        stored(store, given)
        with store.begin(write=False) as unit:
            back = unit.fetch("item", id_of(1))
        assert back is not None
        assert back.values == given.values
        assert [type(value) for value in back.values.values()] == [type(given.values[name]) for name in back.values]
        assert str(back.values["rate"]) == "99999999999999.99999"

    def test_nothing_comes_back_as_nothing(self, store: DocumentStore) -> None:
        stored(store, record("item", 1))
        with store.begin(write=False) as unit:
            back = unit.fetch("item", id_of(1))
            assert unit.fetch("item", id_of(2)) is None
        assert back is not None
        assert {back.values[name] for name in EVERY_KIND if name not in {"lines", "notes"}} == {None}
        assert back.values["lines"] == []

    def test_numbers_come_back_with_their_scale(self, store: DocumentStore) -> None:
        stored(store, record("item", 1, amount=Decimal("1.5"), rate=Decimal(-2)))
        with store.begin(write=False) as unit:
            values = unit.fetch_many("item", [id_of(1)])[id_of(1)].values
        assert (str(values["amount"]), str(values["rate"])) == ("1.50", "-2.00000")

    def test_what_would_be_lost_is_refused(self, store: DocumentStore) -> None:
        wrongs: tuple[dict[str, object], ...] = (
            {"amount": Decimal("0.001")},
            {"amount": Decimal(10) ** 16},
            {"count": 2**63},
            {"unknown": 1},
        )
        for wrong in wrongs:
            with raises(ValueError), store.begin() as unit:
                unit.insert(record("item", 1, **wrong))
            assert found(store) == []

    def test_what_comes_back_is_a_copy(self, store: DocumentStore) -> None:
        stored(store, record("item", 1, **EVERY_KIND))
        with store.begin(write=False) as unit:
            one = unit.fetch("item", id_of(1))
            assert one is not None
            one.values["lines"].append({"id": "l3"})  # type: ignore[attr-defined]
            again = unit.fetch("item", id_of(1))
        assert again is not None
        assert again.values["lines"] == EVERY_KIND["lines"]

    def test_an_error_undoes_everything(self, store: DocumentStore) -> None:
        with raises(KeyError), store.begin() as unit:
            unit.insert(record("item", 1, title="x"))
            unit.next_number("n")
            raise KeyError
        with store.begin() as unit:
            assert unit.fetch("item", id_of(1)) is None
            assert unit.next_number("n") == 1

    def test_a_unit_sees_what_it_wrote(self, store: DocumentStore) -> None:
        with store.begin() as unit:
            unit.insert(record("item", 1, title="x"))
            assert unit.fetch("item", id_of(1)) is not None
            assert unit.count("item", Compare(("title",), "==", "x"), 5) == 1

    def test_update_stores_the_whole_record(self, store: DocumentStore) -> None:
        stored(store, record("item", 1, **EVERY_KIND))
        with store.begin() as unit:
            one = unit.fetch("item", id_of(1), lock=True)
            assert one is not None
            one.values |= {"version": 2, "title": None, "length": Duration(1)}
            unit.update(one, 1)
        with store.begin(write=False) as unit:
            assert unit.fetch("item", id_of(1)) == one

    def test_rows_are_added_changed_removed_and_moved(self, store: DocumentStore) -> None:
        rows: list[dict[str, object]] = [
            {"id": f"r{n}", "what": str(n), "qty": n, "price": Decimal(n), "tags": ("a",)} for n in range(5)
        ]
        stored(store, record("item", 1, lines=rows, notes=[{"id": "n", "position": "p"}]))
        changed: list[dict[str, object]] = [
            {**rows[4], "qty": None},
            rows[0],
            {**rows[2], "tags": ("a", "b")},
            {"id": "new", "what": "w"},
        ]
        with store.begin() as unit:
            unit.update(record("item", 1, lines=changed, version=2), 1)
        with store.begin(write=False) as unit:
            back = unit.fetch("item", id_of(1))
        assert back is not None
        blank: dict[str, object] = {"what": None, "qty": None, "price": None, "tags": None}
        assert back.values["lines"] == [{**blank, **row} for row in changed]
        assert back.values["notes"] == [{"id": "n", "position": "p"}]  # not named, so not touched

    def test_rows_of_two_records_may_share_ids(self, store: DocumentStore) -> None:
        row = {"id": "r", "what": "w"}
        stored(store, record("item", 1, lines=[row]), record("item", 2, lines=[row]))
        with store.begin() as unit:
            unit.update(record("item", 1, lines=[], version=2), 1)
            other = unit.fetch("item", id_of(2))
        assert other is not None
        assert len(other.values["lines"]) == 1  # type: ignore[arg-type]

    def test_an_old_version_is_stale(self, store: DocumentStore) -> None:
        stored(store, record("item", 1, title="a"))
        with store.begin() as unit:
            unit.update(record("item", 1, title="b", version=2), 1)
        with raises(Stale), store.begin() as unit:
            unit.update(record("item", 1, title="c", version=2), 1)
        with raises(Stale), store.begin() as unit:
            unit.update(record("item", 9, version=2), 1)
        assert found(store, Compare(("title",), "==", "b")) == [id_of(1)]

    def test_duplicates_name_fields_and_record(self, store: DocumentStore) -> None:
        stored(store, record("item", 1, code="a", count=1, done=True, ID="x"))
        with raises(Duplicate) as caught, store.begin() as unit:
            unit.insert(record("item", 2, code="a", count=1, done=True))
        assert (caught.value.fields, caught.value.existing) == (("code", "count"), id_of(1))
        with raises(Duplicate) as caught, store.begin() as unit:
            unit.insert(record("item", 2, ID="x"))
        assert (caught.value.document, caught.value.fields, caught.value.existing) == ("item", ("ID",), id_of(1))
        with raises(Duplicate) as caught, store.begin() as unit:
            unit.insert(record("item", 1))
        assert caught.value.fields == ("id",)

    def test_uniqueness_counts_living_rows_where_it_applies(self, store: DocumentStore) -> None:
        stored(
            store,
            record("item", 1, code="a", count=1, done=True),
            record("item", 2, code="a", count=1, done=False),
            record("item", 3, code="a", count=1, done=None),
            record("item", 4, code="a", done=True),
            record("item", 5, code="a", done=True),
            record("item", 6, ID="x", deleted=True),
            record("item", 7, ID="x"),
        )
        assert len(found(store, deleted=True)) == 7

    def test_an_update_may_break_uniqueness_and_the_unit_goes_on(self, store: DocumentStore) -> None:
        stored(store, record("item", 1, ID="x"), record("item", 2, ID="y"))
        with store.begin() as unit:
            two = unit.fetch("item", id_of(2))
            assert two is not None
            two.values |= {"ID": "x", "version": 2}
            with raises(Duplicate) as caught:
                unit.update(two, 1)
            two.values["ID"] = "z"
            unit.update(two, 1)
        assert (caught.value.fields, caught.value.existing) == (("ID",), id_of(1))
        assert found(store, Compare(("ID",), "==", "z")) == [id_of(2)]

    def test_many_at_once_are_all_or_none(self, store: DocumentStore) -> None:
        with store.begin() as unit:
            unit.insert_many([record("item", n, title=f"海事{n}", lines=[{"id": "r", "qty": n}]) for n in range(50)])
        assert len(found(store, limit=100)) == 50
        with raises(Duplicate) as caught, store.begin() as unit:
            unit.insert_many([record("item", n, ID=str(n % 55)) for n in range(50, 120)])
        assert (caught.value.fields, len(found(store, limit=200))) == (("ID",), 50)
        with store.begin(write=False) as unit:
            one = unit.fetch("item", id_of(7))
        assert one is not None
        assert one.values["lines"] == [{"id": "r", "what": None, "qty": 7, "price": None, "tags": None}]

    def test_fetching_many_leaves_out_the_unknown(self, store: DocumentStore) -> None:
        stored(store, *(record("owner", n, rank=n) for n in range(3)))
        with store.begin(write=False) as unit:
            many = unit.fetch_many("owner", [id_of(2), "none", id_of(0), id_of(2)])
            assert unit.fetch_many("owner", []) == {}
        assert {key: one.values["rank"] for key, one in many.items()} == {id_of(0): 0, id_of(2): 2}

    def test_numbers_run_without_gaps(self, store: DocumentStore) -> None:
        with store.begin() as unit:
            assert [unit.next_number("a"), unit.next_number("b"), unit.next_number("a")] == [1, 1, 2]
        with store.begin() as unit:
            assert unit.next_number("a") == 3

    def test_messages_are_noted_once(self, store: DocumentStore) -> None:
        with store.begin() as unit:
            assert [unit.seen("a", "1"), unit.seen("a", "1"), unit.seen("b", "1")] == [False, True, False]
        with store.begin() as unit:
            assert unit.seen("a", "1")

    def test_rows_are_taken_away_for_good(self, store: DocumentStore) -> None:
        stored(store, *(record("owner", n, rank=n) for n in range(4)))
        with raises(KeyError), store.begin() as unit:
            unit.remove("owner", [id_of(0)])
            raise KeyError
        with store.begin() as unit:
            unit.remove("owner", [id_of(1), "none", id_of(3)])
            assert unit.fetch("owner", id_of(1)) is None
            unit.insert(record("owner", 3, rank=9))
        with store.begin(write=False) as unit:
            many = unit.fetch_many("owner", [id_of(n) for n in range(4)])
        assert {key: one.values["rank"] for key, one in many.items()} == {id_of(0): 0, id_of(2): 2, id_of(3): 9}

    def test_unknown_document_types_are_refused(self, store: DocumentStore) -> None:
        with raises(ValueError, words="nowhere"), store.begin() as unit:
            unit.insert(record("nowhere", 1))
