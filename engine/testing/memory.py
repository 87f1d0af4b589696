"""Documents in memory: a `DocumentStore` for fast tests that keeps the contract of the real ones.

In: calls of the port. Out: copies of what was kept. A writing unit works on copies of the maps it touches and puts them
in place at its end. One writer at a time, one process, no threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from engine.model.records import ENGINE_PARTS, AuditEntry, Effect, HistoryEntry
from engine.model.storage import Storage
from engine.testing.memory_state import State
from engine.testing.memory_unit import MemoryUnit, seal_of
from engine.usecases.internal import is_internal


class MemoryStore:
    """An in-memory `DocumentStore`. It keeps protected fields in plain: it never leaves the test."""

    def __init__(self) -> None:
        self._state = State()
        self._storages: dict[str, Storage] = {}
        self._writing = False
        self._blocks: list[tuple[int, int, str]] = []

    @contextmanager
    def begin(self, *, write: bool = True) -> Iterator[MemoryUnit]:
        """A transaction; a second writer beside an open one would wait for ever and is refused."""
        if write and self._writing:
            raise RuntimeError("another writing unit is open")
        unit = MemoryUnit(self._state.copied() if write else self._state, self._storages, write=write)
        self._writing = self._writing or write
        try:
            yield unit
            if write:
                self._state = unit.state
        finally:
            if write:
                self._writing = False

    def reading(self) -> AbstractContextManager[None]:
        """Units see what there is when they begin."""
        return nullcontext()

    def note(self, entry: AuditEntry) -> None:
        """Keep an entry of the audit by itself."""
        with self.begin() as unit:
            unit.append_audit(entry)

    def use(self, storages: Sequence[Storage]) -> None:
        self._storages.update({storage.document: storage for storage in storages})

    def plan(self, storages: Sequence[Storage]) -> Sequence[str]:
        return [f"keep {storage.document}" for storage in storages if self._storages.get(storage.document) != storage]

    def apply(self, storages: Sequence[Storage], *, drop: bool = False) -> Sequence[str]:
        done = self.plan(storages)
        for storage in storages:
            self._rename(storage.document, storage.renamed)
            if drop:
                self._state.forget_fields(storage)
        self.use(storages)
        return done

    def _rename(self, document: str, renamed: Mapping[str, str]) -> None:
        for new, old in renamed.items():
            table, _, name = new.rpartition(".")
            self._state.rename(document, table, old.rpartition(".")[2], name)

    def claim_effects(self, now: datetime, limit: int, lease_seconds: int) -> list[Effect]:
        ready = self._state.ready
        due = sorted((moment, key) for key, moment in ready.items() if moment <= now)[:limit]
        for _, key in due:
            ready[key] = now + timedelta(seconds=lease_seconds)
            effect = self._state.effects[key]
            self._state.effects[key] = replace(effect, state="running", attempts=effect.attempts + 1)
        taken = [self._state.effects[key] for _, key in due]
        return sorted(taken, key=lambda effect: (effect.due, effect.id))

    def finish_effect(self, effect_id: str) -> None:
        self.finish_effects([effect_id])

    def finish_effects(self, effect_ids: Sequence[str]) -> None:
        for effect_id in effect_ids:
            if effect_id in self._state.effects:
                self._end(effect_id, "done", "")

    def extend_effects(self, effect_ids: Sequence[str], until: datetime) -> None:
        for effect_id in effect_ids:
            if effect_id in self._state.effects and self._state.effects[effect_id].state == "running":
                self._state.ready[effect_id] = until

    def fail_effect(self, effect_id: str, error: str, retry_at: datetime | None) -> None:
        effect = self._state.effects.get(effect_id)
        if effect is None or effect.state != "running":
            return
        if retry_at is None:
            self._end(effect_id, "failed", error)
            return
        self._state.effects[effect_id] = replace(effect, state="waiting", error=error)
        self._state.ready[effect_id] = retry_at

    def retry_effects(self, effect_ids: Sequence[str], now: datetime) -> int:
        failed = [one for one in effect_ids if self._state_of(one) == "failed"]
        for effect_id in failed:
            effect = self._state.effects[effect_id]
            self._state.effects[effect_id] = replace(effect, state="waiting", attempts=0, error="")
            self._state.ready[effect_id] = now
        return len(failed)

    def drop_effects(self, effect_ids: Sequence[str], because: str) -> int:
        found = [one for one in effect_ids if self._state_of(one) in {"waiting", "failed"}]
        for effect_id in found:
            self._end(effect_id, "cancelled", because)
        return len(found)

    def _state_of(self, effect_id: str) -> str:
        effect = self._state.effects.get(effect_id)
        return "" if effect is None else effect.state

    def forget(self, before: datetime) -> int:
        effects = self._state.effects.values()
        old = [one for one in effects if one.state in {"done", "cancelled"} and one.due < before]
        for effect in old:
            del self._state.effects[effect.id]
            self._state.keys.discard(effect.key)
        return len(old)

    def _end(self, effect_id: str, state: str, error: str) -> None:
        self._state.effects[effect_id] = replace(self._state.effects[effect_id], state=state, error=error)
        self._state.ready.pop(effect_id, None)

    def effects(
        self, *, state: str | None = None, record: tuple[str, str] | None = None, limit: int = 100
    ) -> list[Effect]:
        found = [
            effect
            for effect in self._state.effects.values()
            if (state is None or effect.state == state)
            and (record is None or (effect.document, effect.record_id) == record)
        ]
        return sorted(found, key=lambda effect: effect.id, reverse=True)[:limit]

    def seal_history(self) -> str:
        seals = self._state.seals
        start, previous = (self._blocks[-1][1], self._blocks[-1][2]) if self._blocks else (0, "")
        if start < len(seals):
            previous = sha256("\n".join([previous, *seals[start:]]).encode()).hexdigest()
            self._blocks.append((start, len(seals), previous))
        return previous

    def verify_history(self, anchor: str = "") -> Iterator[str]:
        chains: dict[str, list[HistoryEntry] | list[AuditEntry]] = {**self._state.history, **self._state.audit_chains()}
        for chain, entries in chains.items():
            previous = ""
            for entry in entries:
                previous = seal_of(previous, replace(entry, seal=""))
                if previous != entry.seal:
                    yield f"{chain}: an entry does not fit its seal"
                    break
        if anchor and anchor not in {seal for _, _, seal in self._blocks}:
            yield "the anchor is not among the seals"

    def audit(
        self,
        *,
        limit: int = 100,
        document: str = "",
        record_id: str = "",
        span: tuple[datetime, datetime] | None = None,
        actions: Sequence[str] = (),
        others: bool = False,
    ) -> list[AuditEntry]:
        found = [
            entry
            for entry in reversed(self._state.audit)
            if document in {"", entry.document} and record_id in {"", entry.record_id}
            if span is None or span[0] <= entry.at < span[1]
            if not actions or (entry.action in actions) is not others
        ]
        return found[:limit]

    def acts(self, span: tuple[datetime, datetime], limit: int) -> list[HistoryEntry]:
        chains = self._state.history.values()
        found = [
            replace(one, changes={}, comment="", on_behalf="", definitions="", seal="")
            for entries in chains
            for one in entries
            if span[0] <= one.at < span[1] and one.actor not in ENGINE_PARTS and not is_internal(one.document)
        ]
        return sorted(found, key=lambda one: one.at, reverse=True)[:limit]
