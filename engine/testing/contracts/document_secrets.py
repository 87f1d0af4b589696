"""What every store of documents does with encrypted fields: equality and whole values, nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from engine.model.criteria import Among, Compare, CompareFields, Criterion, HasRow, Like, Matches, Not, Order
from engine.ports import DocumentStore, Duplicate
from engine.testing.contracts.document_traces import ENTRY
from engine.testing.contracts.expecting import raises
from engine.testing.contracts.samples import found, id_of, record, stored

PARTS: list[dict[str, object]] = [
    {"id": "p", "hidden": "内情", "shown": "s"},
    {"id": "q", "hidden": None, "shown": None},
]
MINE, OTHER = [id_of(1)], [id_of(2)]
FOUND: tuple[tuple[Criterion, list[str]], ...] = (
    (Compare(("holder",), "==", "110101 X"), MINE),
    (Compare(("holder",), "!=", "110101 X"), OTHER),
    (Not(Compare(("holder",), "==", "110101 X")), OTHER),
    (Compare(("sum",), "==", Decimal("1.500")), MINE),
    (Compare(("born",), "==", date(2000, 1, 1)), MINE),
    (Compare(("born",), "==", None), OTHER),
    (CompareFields(("holder",), "==", ("holder",)), [*MINE, *OTHER]),
    (Among(("holder",), ("110101 X", "y")), MINE),
    (HasRow("parts", Compare(("hidden",), "==", "内情")), MINE),
    (Matches("110101 X"), MINE),
    (Matches("110101"), []),
    (Matches("别人"), OTHER),
    (Matches("别"), []),
    (Matches("海事"), MINE),
    (Matches("海"), MINE),
)


class SecretContract:
    """Encrypted fields; the store was made with a cipher."""

    def _two(self, store: DocumentStore) -> None:
        mine = record(
            "secret", 1, holder="110101 X", sum=Decimal("1.5"), born=date(2000, 1, 1), open="海事", parts=PARTS
        )
        stored(store, mine, record("secret", 2, holder="别人"))

    def test_protected_values_come_back(self, store: DocumentStore) -> None:
        self._two(store)
        with store.begin() as unit:
            back = unit.fetch("secret", id_of(1))
            assert back is not None
            assert (back.values["holder"], str(back.values["sum"]), back.values["parts"]) == ("110101 X", "1.50", PARTS)
            back.values |= {"version": 2, "holder": None, "parts": [{**PARTS[0], "hidden": "别情"}]}
            unit.update(back, 1)
        with store.begin(write=False) as unit:
            assert unit.fetch("secret", id_of(1)) == back

    def test_protected_fields_are_found_by_their_whole_value(self, store: DocumentStore) -> None:
        self._two(store)
        for where, expected in FOUND:
            assert found(store, where, "secret") == expected, where

    def test_anything_else_is_refused(self, store: DocumentStore) -> None:
        for where in (Compare(("holder",), "<", "a"), Like(("holder",), "1")):
            with raises(ValueError, words="holder"):
                found(store, where, "secret")
        with raises(ValueError, words="holder"):
            found(store, document="secret", order=(Order("holder"),))

    def test_protected_fields_can_be_unique(self, store: DocumentStore) -> None:
        self._two(store)
        with raises(Duplicate) as caught, store.begin() as unit:
            unit.insert(record("secret", 3, holder="别人"))
        assert (caught.value.fields, caught.value.existing) == (("holder",), id_of(2))

    def test_history_gives_protected_values_back(self, store: DocumentStore) -> None:
        changes: dict[str, tuple[object, object]] = {
            "holder": (None, "110101 X"),
            "parts.0.hidden": ("a", "b"),
            "parts": ([], PARTS),
            "open": ("x", "y"),
        }
        with store.begin() as unit:
            unit.append_history(replace(ENTRY, document="secret", changes=changes))
            assert unit.history("secret", id_of(1))[0].changes == changes
