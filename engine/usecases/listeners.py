"""Listening resources as operators see them: each channel that messages come in by can be started and stopped.

In: the channels that the node listens to, and what is wanted of them, which is stored and so outlives the process. Out:
plain views; records of `_listener`, in which every process that listens tells of itself (`engine.usecases.listening`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.incidents import told, worded
from engine.model.criteria import Among, Selection
from engine.model.records import AuditEntry, Record
from engine.ports import Duplicate, Stale, Unit
from engine.problems import Refused
from engine.usecases.landing_records import LISTENER, renewed
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor

RUNNING, STOPPED, STARTING, STOPPING, FAULTY = "running", "stopped", "starting", "stopping", "faulty"
_DEAD = timedelta(seconds=60)
"""A process that has not told of itself for so long has died."""


@dataclass(frozen=True, slots=True)
class ListenerView:
    """One resource. `processes` listen now; `text` and `repair` say what went wrong last, by language."""

    name: str
    adapter: str
    state: str
    wanted: bool
    since: datetime | None = None
    processes: int = 0
    received: int = 0
    last_at: datetime | None = None
    code: str = ""
    error: str = ""
    error_at: datetime | None = None
    text: Mapping[str, str] = field(default_factory=dict)
    repair: Mapping[str, str] = field(default_factory=dict)


def listeners(runtime: Runtime, text: str = "") -> tuple[ListenerView, ...]:
    """The resources of this node by name, those whose name holds a text."""
    names = [name for name in _names(runtime) if text.casefold() in name.casefold()]
    with runtime.store.begin(write=False) as unit:
        records = records_of(unit, names)
    return tuple(_view(runtime, name, records.get(name)) for name in names)


def start(runtime: Runtime, actor: Actor, names: Sequence[str] = ()) -> int:
    """Start resources, all of them where none is named; how many were stopped. Raises Refused(not_found)."""
    return _want(runtime, actor, names, wanted=True)


def stop(runtime: Runtime, actor: Actor, names: Sequence[str] = ()) -> int:
    """Stop resources, all of them where none is named; they stay so until they are started. Raises
    Refused(not_found)."""
    return _want(runtime, actor, names, wanted=False)


def _want(runtime: Runtime, actor: Actor, names: Sequence[str], *, wanted: bool) -> int:
    known = _names(runtime)
    chosen = list(dict.fromkeys(names)) or known
    if not set(chosen) <= set(known):
        raise Refused((), kind="not_found")
    now = runtime.clock.now()
    for name in chosen:
        ensure(runtime, name)
    with runtime.store.begin() as unit:
        changed = []
        for record in records_of(unit, chosen).values():
            if bool(record.values["wanted"]) is not wanted:
                unit.update(renewed(record, now, wanted=wanted, since=now), record.version)
                changed.append(str(record.values["name"]))
        action = "listening_start" if wanted else "listening_stop"
        unit.append_audit(AuditEntry(now, actor.id, action, "", "", {"channels": changed}, actor.address))
    return len(changed)


def _names(runtime: Runtime) -> list[str]:
    return sorted(name for name, bound in runtime.node.channels.items() if bound.listens)


def records_of(unit: Unit, names: Sequence[str]) -> dict[str, Record]:
    found = unit.select(Selection(LISTENER, Among(("name",), tuple(names)), limit=max(1, len(names)))) if names else []
    return {str(record.values["name"]): record for record in found}


def _view(runtime: Runtime, name: str, record: Record | None) -> ListenerView:
    adapter = runtime.node.channels[name].adapter
    if record is None:
        return ListenerView(name, adapter, STARTING, wanted=True)
    values, live = record.values, living(record, runtime.clock.now())
    code = str(values["code"] or "")
    known, is_faulty = told(code), FAULTY in live.values()
    since, last, error_at = (_moment(values[key]) for key in ("since", "last_at", "error_at"))
    return ListenerView(
        name,
        adapter,
        _state(bool(values["wanted"]), live),
        bool(values["wanted"]),
        since,
        sum(1 for state in live.values() if state == RUNNING),
        int(str(values["received"] or 0)),
        last,
        code,
        str(values["error"] or ""),
        error_at,
        worded(code, str(values["error"] or "")) if code else {},
        known.repair if known is not None and is_faulty else {},
    )


def _state(wanted: bool, live: Mapping[str, str]) -> str:
    states = set(live.values()) - {STOPPED}
    if not wanted:
        return STOPPING if states else STOPPED
    if RUNNING in states:
        return RUNNING
    return FAULTY if FAULTY in states else STARTING


def living(record: Record, now: datetime) -> dict[str, str]:
    """What each living process does."""
    workers = record.values["workers"]
    found = {}
    for process, about in (workers if isinstance(workers, Mapping) else {}).items():
        if now - datetime.fromisoformat(str(about["at"])) <= _DEAD:
            found[str(process)] = str(about["state"])
    return found


def _moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def ensure(runtime: Runtime, name: str) -> None:
    """See that a resource has its record; it is started unless somebody stopped it."""
    now = runtime.clock.now()
    try:
        with runtime.store.begin() as unit:
            if name in records_of(unit, [name]):
                return
            system = {"id": runtime.ids.new(), "version": 1, "created_at": now, "changed_at": now}
            about = {"name": name, "wanted": True, "since": now, "received": 0, "workers": {}}
            unit.insert(Record(LISTENER, {**system, "deleted": False, "frozen": False, **about}))
    except (Duplicate, Stale):
        return  # another process was first
