"""The contract of `DocumentStore`: what each implementation must do, whatever it stands on.

A test derives from the class and gives a fixture `store`: an empty store that was made with a `FieldCipher`, whose
`apply` was called with `samples.STORAGES`. Knows no adapter.
"""

from __future__ import annotations

from dataclasses import replace

from engine.model.criteria import ALWAYS
from engine.model.storage import Column
from engine.model.types import Kind, Type
from engine.ports import DocumentStore
from engine.testing.contracts.document_postings import PostingContract
from engine.testing.contracts.document_records import RecordContract
from engine.testing.contracts.document_secrets import SecretContract
from engine.testing.contracts.document_selections import SelectionContract, WordsContract
from engine.testing.contracts.document_tallies import TallyContract
from engine.testing.contracts.document_traces import EffectContract, HistoryContract
from engine.testing.contracts.expecting import raises
from engine.testing.contracts.samples import OWNER, STORAGES, found, id_of, record, stored


class EvolutionContract:
    """Tables follow the definitions."""

    def test_what_stands_needs_nothing(self, store: DocumentStore) -> None:
        assert store.plan(STORAGES) == store.apply(STORAGES) == []

    def test_a_new_field_is_empty_and_a_renamed_one_keeps_its_values(self, store: DocumentStore) -> None:
        stored(store, record("owner", 1, name="Ann", rank=1))
        columns = tuple(replace(c, name="level") if c.name == "rank" else c for c in OWNER.columns)
        changed = replace(OWNER, columns=(*columns, Column("note", Type(Kind.TEXT))), renamed={"level": "rank"})
        assert store.plan([changed])
        assert store.apply([changed])
        assert store.plan([changed]) == store.apply([changed]) == []
        with store.begin() as unit:
            back = unit.fetch("owner", id_of(1))
            assert back is not None
            assert (back.values["level"], back.values["note"], "rank" in back.values) == (1, None, False)


class ReadingContract:
    """A block of several reading units."""

    def test_a_unit_sees_what_its_thread_wrote_before(self, store: DocumentStore) -> None:
        with store.reading():
            assert found(store, ALWAYS, "owner") == []
            stored(store, record("owner", 1))
            assert found(store, ALWAYS, "owner") == [id_of(1)]
            with store.begin(write=False) as unit:
                stored(store, record("owner", 2))
                assert unit.fetch("owner", id_of(1)) is not None
            assert sorted(found(store, ALWAYS, "owner")) == [id_of(1), id_of(2)]

    def test_what_fails_within_leaves_the_block_usable(self, store: DocumentStore) -> None:
        stored(store, record("owner", 1))
        with store.reading():
            with raises(ZeroDivisionError), store.begin(write=False) as unit:
                assert unit.count("owner", ALWAYS, 2) / 0
            with store.reading():
                assert found(store, ALWAYS, "owner") == [id_of(1)]
            with store.begin(write=False) as outer, store.begin(write=False) as inner:
                assert outer.count("owner", ALWAYS, 2) == inner.count("owner", ALWAYS, 2) == 1
        assert found(store, ALWAYS, "owner") == [id_of(1)]


class DocumentStoreContract(
    ReadingContract,
    RecordContract,
    PostingContract,
    SelectionContract,
    TallyContract,
    WordsContract,
    HistoryContract,
    EffectContract,
    SecretContract,
    EvolutionContract,
):
    """All of it."""
