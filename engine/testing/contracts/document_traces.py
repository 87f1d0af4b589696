"""What every store of documents remembers: history and audit, sealed; effects with leases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from engine.model.records import AuditEntry, Effect, HistoryEntry
from engine.model.values import StoredFile
from engine.ports import DocumentStore
from engine.testing.contracts.expecting import raises
from engine.testing.contracts.samples import MORNING, id_of, record

ENTRY = HistoryEntry(
    "item",
    id_of(1),
    1,
    MORNING,
    "tester",
    "enter",
    None,
    "draft",
    {
        "amount": (None, Decimal("1.50")),
        "day": (date(2024, 1, 1), None),
        "marks": (("a",), ("a", "b")),
        "lines": ([], [{"id": "r", "qty": 1}]),
        "picture": (None, StoredFile("ab", "n", 1, "m")),
    },
    comment="说明",
    on_behalf="other",
    definitions="v1",
)


class HistoryContract:
    """History and audit."""

    def test_entries_come_back_in_order_and_sealed(self, store: DocumentStore) -> None:
        with store.begin() as unit:
            unit.insert(record("item", 1))
            unit.append_history(ENTRY)
            unit.append_history(replace(ENTRY, version=2, from_state="draft", changes={}))
            unit.append_history(replace(ENTRY, record_id=id_of(2)))
        with store.begin() as unit:
            unit.append_history(replace(ENTRY, version=3))
            entries = unit.history("item", id_of(1))
            assert unit.history("item", id_of(9)) == []
        assert [entry.version for entry in entries] == [1, 2, 3]
        assert replace(entries[0], seal="") == ENTRY
        assert len({entry.seal for entry in entries} - {""}) == 3
        assert list(store.verify_history()) == []

    def test_what_people_did_is_listed_without_what_the_engine_did(self, store: DocumentStore) -> None:
        with store.begin() as unit:
            unit.append_history(ENTRY)
            unit.append_history(replace(ENTRY, version=2, actor="engine"))
            unit.append_history(replace(ENTRY, document="_task"))
            unit.append_history(replace(ENTRY, version=3, event="other", at=MORNING + timedelta(hours=1)))
        day = (MORNING, MORNING + timedelta(days=1))
        assert [(one.version, one.event) for one in store.acts(day, 9)] == [(3, "other"), (1, ENTRY.event)]
        assert [one.version for one in store.acts(day, 1)] == [3]
        assert store.acts((day[1], day[1] + timedelta(days=1)), 9) == []
        assert {(*one.changes, one.comment) for one in store.acts(day, 9)} == {("",)}

    def test_sealing_again_without_news_changes_nothing(self, store: DocumentStore) -> None:
        with store.begin() as unit:
            unit.append_history(ENTRY)
            unit.append_audit(AuditEntry(MORNING, "tester", "read"))
        seal = store.seal_history()
        assert seal
        assert store.seal_history() == seal
        with store.begin() as unit:
            unit.append_history(replace(ENTRY, version=2))
        assert store.seal_history() != seal
        assert list(store.verify_history(anchor=seal)) == []
        assert list(store.verify_history(anchor="of another store"))

    def test_nothing_to_seal_is_no_error(self, store: DocumentStore) -> None:
        assert store.seal_history() == ""
        assert list(store.verify_history()) == []

    def test_audit_is_listed_newest_first(self, store: DocumentStore) -> None:
        one = AuditEntry(MORNING, "tester", "read", "item", id_of(1), {"fields": ["a", "b"]}, "10.0.0.1")
        other = AuditEntry(MORNING + timedelta(seconds=1), "tester", "login")
        with store.begin() as unit:
            unit.append_audit(one)
            unit.append_audit(other)
            unit.append_audit(one)
        entries = store.audit()
        assert [replace(entry, seal="") for entry in entries] == [one, other, one]
        assert len({entry.seal for entry in entries}) == 3
        assert [entry.action for entry in store.audit(document="item")] == ["read", "read"]
        assert store.audit(document="item", record_id=id_of(2)) == []
        assert len(store.audit(limit=1)) == 1
        assert [one.action for one in store.audit(actions=["login", "logout"])] == ["login"]
        assert [one.action for one in store.audit(actions=["login"], others=True)] == ["read", "read"]
        late = (MORNING + timedelta(seconds=1), MORNING + timedelta(days=1))
        assert [one.action for one in store.audit(span=late)] == ["login"]
        assert store.audit(span=(late[1], late[1] + timedelta(days=1)), actions=["login"]) == []
        assert list(store.verify_history()) == []


def effect(number: int, minutes: int = 0, **changes: object) -> Effect:
    """An effect due some minutes after the morning."""
    plain = Effect(f"e{number}", "print", f"key-{number}", MORNING + timedelta(minutes=minutes), created_at=MORNING)
    return replace(plain, **changes)  # type: ignore[arg-type]


class EffectContract:
    """The outbox."""

    def _queue(self, store: DocumentStore, *effects: Effect) -> list[bool]:
        with store.begin() as unit:
            return [unit.put_effect(one) for one in effects]

    def test_a_key_is_known_once(self, store: DocumentStore) -> None:
        assert self._queue(store, effect(1), effect(2, key="key-1")) == [True, False]
        assert self._queue(store, effect(3, key="key-1")) == [False]
        assert [one.id for one in store.effects()] == ["e1"]

    def test_an_effect_comes_back_as_it_was(self, store: DocumentStore) -> None:
        given = effect(1, document="item", record_id=id_of(1), payload={"n": Decimal("1.0"), "who": ["a", None]})
        self._queue(store, given)
        assert store.effects(record=("item", id_of(1))) == [given]
        assert store.effects(record=("item", id_of(2))) == []
        assert store.claim_effects(MORNING, 9, 60) == [replace(given, state="running", attempts=1)]

    def test_an_undone_unit_queues_nothing(self, store: DocumentStore) -> None:
        with raises(KeyError), store.begin() as unit:
            unit.put_effect(effect(1))
            raise KeyError
        assert self._queue(store, effect(1)) == [True]

    def test_only_what_is_due_is_taken_oldest_first(self, store: DocumentStore) -> None:
        self._queue(store, effect(1, 5), effect(2, 1), effect(3, 2), effect(4, 60))
        later = MORNING + timedelta(minutes=5)
        assert [one.id for one in store.claim_effects(later, 2, 60)] == ["e2", "e3"]
        assert [one.id for one in store.claim_effects(later, 2, 60)] == ["e1"]
        assert store.claim_effects(later, 2, 60) == []

    def test_a_lease_that_passes_gives_the_effect_back(self, store: DocumentStore) -> None:
        self._queue(store, effect(1))
        store.claim_effects(MORNING, 1, 60)
        assert store.claim_effects(MORNING + timedelta(seconds=59), 1, 60) == []
        again = store.claim_effects(MORNING + timedelta(seconds=60), 1, 60)
        assert [(one.id, one.attempts) for one in again] == [("e1", 2)]

    def test_a_lease_can_be_made_longer_while_somebody_is_at_it(self, store: DocumentStore) -> None:
        self._queue(store, effect(1), effect(2))
        store.claim_effects(MORNING, 2, 60)
        store.finish_effect("e2")
        store.extend_effects(["e1", "e2", "e9"], MORNING + timedelta(seconds=90))
        assert store.claim_effects(MORNING + timedelta(seconds=89), 9, 60) == []
        assert [one.id for one in store.claim_effects(MORNING + timedelta(seconds=90), 9, 60)] == ["e1"]

    def test_ends(self, store: DocumentStore) -> None:
        self._queue(store, *(effect(n) for n in range(1, 6)))
        store.claim_effects(MORNING, 9, 60)
        store.finish_effect("e1")
        store.finish_effects(["e4", "e5"])
        store.fail_effect("e2", "no answer", MORNING + timedelta(hours=1))
        store.fail_effect("e3", "refused", None)
        assert {one.id: (one.state, one.error) for one in store.effects()} == {
            "e1": ("done", ""),
            "e2": ("waiting", "no answer"),
            "e3": ("failed", "refused"),
            "e4": ("done", ""),
            "e5": ("done", ""),
        }
        assert [one.id for one in store.effects(state="failed")] == ["e3"]
        assert [one.id for one in store.claim_effects(MORNING + timedelta(hours=2), 9, 60)] == ["e2"]
        assert self._queue(store, effect(9, key="key-1")) == [False]

    def test_an_effect_that_has_ended_cannot_fail(self, store: DocumentStore) -> None:
        self._queue(store, effect(1))
        store.claim_effects(MORNING, 9, 60)
        store.finish_effect("e1")
        store.fail_effect("e1", "too late", MORNING)
        assert [one.state for one in store.effects()] == ["done"]

    def test_waiting_effects_are_cancelled_by_the_beginning_of_their_key(self, store: DocumentStore) -> None:
        keys = ["a/1/x", "a/1/y", "a/10/x", "a/2/x", "b", "a/1_z"]
        self._queue(store, *(effect(n, key=key) for n, key in enumerate(keys)), effect(8, -1, key="a/1/taken"))
        store.claim_effects(MORNING - timedelta(minutes=1), 1, 60)
        with store.begin() as unit:
            assert unit.cancel_effects("a/1/") == 2
            assert unit.cancel_effects("a/1/") == 0
            assert unit.cancel_effects("%") == 0
        assert {one.key for one in store.effects(state="cancelled")} == {"a/1/x", "a/1/y"}

    def test_effects_are_listed_newest_first(self, store: DocumentStore) -> None:
        made = [effect(n, created_at=MORNING + timedelta(minutes=n)) for n in range(5)]
        self._queue(store, *made)
        assert [one.id for one in store.effects(limit=2)] == ["e4", "e3"]

    def test_what_failed_is_tried_anew_or_given_up(self, store: DocumentStore) -> None:
        self._queue(store, *(effect(n) for n in range(1, 6)))
        store.claim_effects(MORNING, 4, 60)
        for name in ("e1", "e2", "e3"):
            store.fail_effect(name, "no answer", None)
        store.finish_effect("e4")
        assert store.retry_effects(["e1", "e4", "e5", "unknown"], MORNING) == 1
        assert store.drop_effects(["e2", "e4", "e5"], "sent by hand") == 2
        states = {one.id: (one.state, one.error, one.attempts) for one in store.effects()}
        assert states["e1"] == ("waiting", "", 0)
        assert states["e2"] == ("cancelled", "sent by hand", 1)
        assert states["e3"][0] == "failed"
        assert states["e5"] == ("cancelled", "sent by hand", 0)
        assert [one.id for one in store.claim_effects(MORNING, 9, 60)] == ["e1"]

    def test_what_ended_long_ago_is_forgotten(self, store: DocumentStore) -> None:
        self._queue(store, *(effect(n, n) for n in range(1, 6)))
        store.claim_effects(MORNING + timedelta(minutes=4), 4, 60)
        store.finish_effects(["e1", "e4"])
        store.fail_effect("e2", "no answer", None)
        assert store.forget(MORNING + timedelta(minutes=4)) == 1
        assert {one.id for one in store.effects()} == {"e2", "e3", "e4", "e5"}

    def test_notes_of_the_inbox_are_kept_until_they_are_old(self, store: DocumentStore) -> None:
        with store.begin() as unit:
            assert not unit.seen("out", "1")
        assert store.forget(MORNING - timedelta(days=36_500)) == 0
        with store.begin() as unit:
            assert unit.seen("out", "1")
