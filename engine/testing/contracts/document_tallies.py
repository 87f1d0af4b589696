"""What every store of documents answers when records are counted and added up by groups."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from engine.model.criteria import NEVER, Compare, Tally
from engine.ports import DocumentStore
from engine.testing.contracts.expecting import raises
from engine.testing.contracts.samples import record, stored

ITEMS = (
    (1, {"code": "a", "count": 2, "amount": Decimal("0.10"), "free": Decimal("0.001"), "day": date(2026, 5, 6)}),
    (2, {"code": "a", "count": 3, "amount": Decimal("0.20"), "free": Decimal("-2.5"), "owner": "o1", "done": True}),
    (3, {"code": "b", "count": None, "amount": None, "rate": Decimal("1.50000"), "owner": "o1"}),
    (4, {"code": None, "count": -4, "amount": Decimal("9999999999.99"), "rate": Decimal("2.25000")}),
)


class TallyContract:
    """Groups and sums."""

    def _filled(self, store: DocumentStore) -> None:
        stored(store, record("owner", "o1", name="Ann", rank=1))
        stored(store, *(record("item", number, **{**values, "ID": str(number)}) for number, values in ITEMS))

    def test_one_group_without_paths(self, store: DocumentStore) -> None:
        self._filled(store)
        sums = ("count", "amount", "rate", "free")
        with store.begin(write=False) as unit:
            assert unit.tally("item", _ANY, (), sums) == [
                Tally((), 4, (1, Decimal("10000000000.29"), Decimal("3.75000"), Decimal("-2.499")))
            ]
            assert unit.tally("item", NEVER, (), ("amount",)) == [Tally((), 0, (None,))]

    def test_groups_by_fields_and_references(self, store: DocumentStore) -> None:
        self._filled(store)
        with store.begin(write=False) as unit:
            assert _told(unit.tally("item", _ANY, (("code",),), ("count",))) == {
                ("a",): (2, (5,)),
                ("b",): (1, (None,)),
                (None,): (1, (-4,)),
            }
            by = (("owner", "name"), ("done",), ("day",))
            assert _told(unit.tally("item", Compare(("code",), "==", "a"), by)) == {
                (None, None, date(2026, 5, 6)): (1, ()),
                ("Ann", True, None): (1, ()),
            }
            assert len(unit.tally("item", _ANY, (("ID",),), most=3)) == 3

    def test_deleted_records_do_not_count(self, store: DocumentStore) -> None:
        self._filled(store)
        with store.begin() as unit:
            held = unit.fetch("item", f"{1:032x}")
            assert held is not None
            held.values.update(deleted=True, version=2)
            unit.update(held, 1)
        with store.begin(write=False) as unit:
            assert unit.tally("item", _ANY)[0].count == 3

    def test_what_cannot_be_grouped_or_added_up(self, store: DocumentStore) -> None:
        with store.begin(write=False) as unit:
            for by in (("marks",), ("data",), ("picture",), ("length",), ("nothing",)):
                with raises(ValueError, ""):
                    unit.tally("item", _ANY, (by,))
            for name in ("title", "marks", "nothing"):
                with raises(ValueError, ""):
                    unit.tally("item", _ANY, (), (name,))
            with raises(ValueError, ""):
                unit.tally("secret", _ANY, (("holder",),))
            with raises(ValueError, ""):
                unit.tally("secret", _ANY, (), ("sum",))


_ANY = Compare(("id",), "!=", None)


def _told(tallies: list[Tally]) -> dict[tuple[object, ...], tuple[int, tuple[object, ...]]]:
    return {one.keys: (one.count, one.sums) for one in tallies}
