"""Listening: a process at one channel takes what is there, lands it, and accepts it after that commit.

In: a source of the runtime, and whether somebody stopped it. Out: landed messages; what this process does, told in the
record of the resource. A thread of the composition root calls `step` over and over; several processes share a channel.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from engine.model.records import Record
from engine.model.traffic import Arrived
from engine.ports import Source, Stale
from engine.ports.receipts import Answering
from engine.problems import DeliveryError
from engine.usecases.door_taking import outcomes
from engine.usecases.incident_kinds import over
from engine.usecases.landing_records import renewed
from engine.usecases.licensing import exchanges
from engine.usecases.listeners import FAULTY, RUNNING, STOPPED, ensure, living, records_of
from engine.usecases.runtime import Runtime
from engine.usecases.taking_in import take_in_many

LOG = logging.getLogger("guiju.listening")
LIMIT = 200
WAIT = 1.0
"""Seconds that a round waits for messages, and so until a stop is noticed."""
_REST = 1.0
_LONGEST_REST = 30.0
_TELLS = timedelta(seconds=5)
_ROUNDS = 3
"""Rounds after which a message that cannot be kept, though others can, is put aside at its source."""


class Listening:
    """One process at one channel. `step` is called over and over by a thread; nothing of it is shared."""

    def __init__(self, name: str, process: str) -> None:
        self.name, self._process = name, process
        self._source: Source | None = None
        self._rest = _REST
        self._state, self._told_at = "", datetime(1, 1, 1)
        self._received = 0
        self._last_at: datetime | None = None
        self._rounds: dict[str, int] = {}
        self._ensured = False

    def step(self, runtime: Runtime, wait: float = WAIT) -> float:
        """One round: take what is there, land it, accept it; how many seconds to rest before the next one. Raises what
        the store raises when it is away; nothing is held by then."""
        try:
            return self._round(runtime, wait)
        except Exception:
            self.close()
            raise

    def _round(self, runtime: Runtime, wait: float) -> float:
        source = runtime.sources.get(self.name)
        if source is not self._source:
            self.close()
            self._source = source
        if source is None or not exchanges(runtime) or not self._is_wanted(runtime):
            self.close()
            self._tell(runtime, STOPPED)
            return WAIT
        try:
            arrived = source.receive(LIMIT, wait)
            self._tell(runtime, RUNNING)
        except DeliveryError as failed:
            return self._faulty(runtime, source, self._away(runtime), failed.incident.text)
        if not arrived:
            self._rest = _REST
            return 0.0
        return self._taken(runtime, source, arrived)

    def close(self) -> None:
        """Give the source back; what was not accepted goes to others."""
        if self._source is not None:
            self._source.close()

    def _taken(self, runtime: Runtime, source: Source, arrived: Sequence[Arrived]) -> float:
        try:
            landed = list(zip(arrived, take_in_many(runtime, self.name, arrived), strict=True))
        except Exception as fault:  # noqa: BLE001 - whatever keeps them from landing, they stay where they came from
            landed = self._one_by_one(runtime, source, arrived)
            if not landed:
                return self._faulty(runtime, source, "MSG302", type(fault).__name__)
        try:
            if isinstance(source, Answering):
                told = outcomes(runtime, [landed_id for _, landed_id in landed])
                source.answer({one.tag: code for (one, _), code in zip(landed, told, strict=True)})
            source.accept([one.tag for one, _ in landed])
        except DeliveryError as failed:  # they come again, and are known by then
            return self._faulty(runtime, source, self._away(runtime), failed.incident.text)
        self._received += len(landed)
        self._last_at = runtime.clock.now()
        self._rest = _REST
        self._tell(runtime, RUNNING)
        return 0.0

    def _one_by_one(self, runtime: Runtime, source: Source, arrived: Sequence[Arrived]) -> list[tuple[Arrived, str]]:
        """Land what can be landed; what cannot be, though others can or the store answers, is put aside in the end."""
        landed, left = [], []
        for one in arrived:
            try:
                landed.append((one, take_in_many(runtime, self.name, [one])[0]))
            except Exception:  # noqa: BLE001 - it is counted below
                left.append(one)
        if landed or self._answers(runtime):
            for one in left:
                self._put_back(source, one)
        return landed

    def _put_back(self, source: Source, one: Arrived) -> None:
        key = one.key or one.tag
        self._rounds[key] = self._rounds.get(key, 0) + 1
        again = self._rounds[key] < _ROUNDS
        source.refuse(one.tag, again=again)
        if not again:
            del self._rounds[key]

    def _answers(self, runtime: Runtime) -> bool:
        try:
            ensure(runtime, self.name)
        except Exception:  # noqa: BLE001 - that is the question
            return False
        return True

    def _faulty(self, runtime: Runtime, source: Source, code: str, error: str) -> float:
        source.close()
        rest, self._rest = self._rest, min(_LONGEST_REST, self._rest * 2)
        self._tell(runtime, FAULTY, code=code, error=error, error_at=runtime.clock.now())
        return rest

    def _away(self, runtime: Runtime) -> str:
        """The kind of incident that it is when the far side cannot be reached."""
        bound = runtime.node.channels.get(self.name)
        return over("MSG301", bound.adapter if bound is not None else "")

    def _is_wanted(self, runtime: Runtime) -> bool:
        if not self._ensured:
            ensure(runtime, self.name)
            self._ensured = True
        with runtime.store.begin(write=False) as unit:
            record = records_of(unit, [self.name]).get(self.name)
        return record is None or bool(record.values["wanted"])

    def _tell(self, runtime: Runtime, state: str, **about: object) -> None:
        """Note what this process does: at once when that changes, else now and then."""
        now = runtime.clock.now()
        if state == self._state and not about and (state == STOPPED or now - self._told_at < _TELLS):
            return
        try:
            with runtime.store.begin() as unit:
                record = records_of(unit, [self.name]).get(self.name)
                if record is None:
                    return
                unit.update(renewed(record, now, **self._noted(record, now, state), **about), record.version)
        except Stale:
            return  # another process tells of itself; the next round does it
        if state != self._state:
            told = {"channel": self.name, "code": str(about.get("code") or ""), "error": str(about.get("error") or "")}
            LOG.log(logging.WARNING if state == FAULTY else logging.INFO, "listening: %s", state, extra={"about": told})
        self._state, self._told_at, self._received = state, now, 0

    def _noted(self, record: Record, now: datetime, state: str) -> dict[str, object]:
        workers = record.values["workers"]
        assert isinstance(workers, Mapping)
        live = {process: workers[process] for process in living(record, now)}
        live[self._process] = {"at": now.isoformat(), "state": state}
        noted: dict[str, object] = {"workers": live}
        noted["received"] = int(str(record.values["received"] or 0)) + self._received
        noted["last_at"] = self._last_at or record.values["last_at"]
        if state == RUNNING:
            noted |= {"code": "", "error": ""}
        return noted
