"""What happened, told to the rules over events (`watches`): devices and the node tell it, documents by themselves.

In: the name of a happening (`engine.model.happenings`) or of a document's event, and its values. Out: a row that waits
for `engine.usecases.watches`, kept only where a rule in force on this node listens. What happens in a transaction is
kept with it or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from engine.documents.passwords import KIND as PASSWORD
from engine.model.criteria import Compare
from engine.model.event_rules import EventRule
from engine.model.records import Record
from engine.ports import Stale, Unit
from engine.usecases.desk import Desk, Working
from engine.usecases.runtime import Runtime
from engine.usecases.watch_records import HAPPENING, moment_text
from engine.watches.listening import listeners

_TRIES = 5
MOST_ALIKE = 100
"""Equal happenings that wait at once: a contact that chatters is heard of, and drowns nobody."""


def rules_of(runtime: Runtime) -> tuple[EventRule, ...]:
    """The rules over events that this node runs: those of its systems, and the shared ones."""
    return tuple(rule for rule in runtime.definitions.watches.values() if runtime.node.runs(rule.system))


def heard(runtime: Runtime) -> Mapping[str, tuple[EventRule, ...]]:
    """Rules of this node by the event that they listen to; worked out once."""
    return runtime.force.once("heard", " ".join(runtime.node.systems), lambda: listeners(rules_of(runtime)))


def tell(
    runtime: Runtime, name: str, values: Mapping[str, object], *, key: str = "", at: datetime | None = None
) -> None:
    """Tell that something happened, in a transaction of its own; what was told with the same key before is not kept.

    `at` is when it happened, now unless given. Within a unit of work use `tell_in`. Raises Stale when the database
    gave up again and again.
    """
    if name not in heard(runtime):
        return
    for attempt in range(_TRIES):
        try:
            with runtime.store.begin() as unit:
                if not (key and unit.seen("happening", f"{name}:{key}")):
                    _keep(runtime, unit, name, {"values": dict(values)}, at or runtime.clock.now())
        except Stale:
            if attempt == _TRIES - 1:
                raise
        else:
            return


def tell_in(work: Desk, name: str, values: Mapping[str, object]) -> None:
    """Tell that something happened, as a part of what a transaction does."""
    if name in heard(work.runtime):
        _keep(work.runtime, work.unit, name, {"values": dict(values)}, work.now)


def tell_event(work: Desk, working: Working, event: str, asked: Mapping[str, object]) -> None:
    """Tell that a document's event has happened: the record as it is now, and what was asked."""
    name = f"{working.document.id}.{event}"
    if name in heard(work.runtime):
        secret = {one.name for one in working.document.fields.values() if one.kind == PASSWORD}
        values = {field: None if field in secret else value for field, value in working.values.items()}
        _keep(work.runtime, work.unit, name, {"values": values, "asked": dict(asked)}, work.now)


def _flooded(runtime: Runtime, unit: Unit, name: str, alike: str) -> bool:
    """Whether so many equal happenings wait that one more would change nothing."""
    counts = [max(rule.times, rule.in_a_row) for rule in heard(runtime)[name]]
    most = max(MOST_ALIKE, 2 * max(counts))
    return unit.count(HAPPENING, Compare(("alike",), "==", alike), most) >= most


def _keep(runtime: Runtime, unit: Unit, name: str, content: Mapping[str, object], at: datetime) -> None:
    alike = sha256(f"{name}\0{sorted(content.items())!r}".encode()).hexdigest()[:32]
    if "asked" not in content and _flooded(runtime, unit, name, alike):
        return
    now = runtime.clock.now()
    system = {"id": runtime.ids.new(), "number": None, "state": None, "version": 1, "deleted": False, "frozen": False}
    made = {"created_at": now, "created_by": "engine", "changed_at": now, "changed_by": "engine"}
    about = {"name": name, "at": moment_text(at), "alike": alike, "content": content}
    unit.insert(Record(HAPPENING, {**system, **made, **about}))
