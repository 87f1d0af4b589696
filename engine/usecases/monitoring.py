"""What an operator watches: how deep the queues of each channel are, what it does, what waits longest, the machine.

In: landed messages that are not yet at their end, the listening resources, the node's bindings, the machine. Out: plain
views. What has come to its end is not looked at, so this costs what is open, however much was ever sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.expressions.environment import Env
from engine.incidents import Told, told, worded
from engine.model.criteria import Among, Compare, Every, Order, Selection
from engine.model.records import Record
from engine.ports import Unit
from engine.ports.watching import Certified, HostLoad
from engine.usecases.acting import ENGINE
from engine.usecases.incident_kinds import INTERRUPTED
from engine.usecases.landed import interrupted
from engine.usecases.landing_records import (
    ARRIVED,
    BLOCKED,
    FAILED,
    MESSAGE,
    QUARANTINED,
    SENDING,
    UNMATCHED,
)  # fmt: skip
from engine.usecases.listeners import FAULTY, ListenerView, listeners
from engine.usecases.runtime import Runtime
from engine.usecases.world import RecordWorld

ENDING = "MSG304"
SOON = timedelta(days=30)
"""How long before its end a certificate is warned of."""
WAITING = (SENDING, ARRIVED, BLOCKED)
ASIDE = (QUARANTINED, UNMATCHED, FAILED)
OPEN = (*WAITING, *ASIDE)
IDLE, HELD_UP, UNBOUND, SENDS = "idle", "held_up", "unbound", "sends"
_CAP = 1_000


@dataclass(frozen=True, slots=True)
class ChannelLoad:
    """One channel: how many messages wait (the blocked ones among them), are blocked, were put aside or have failed.
    `incident` is what keeps it from working; `said` its text by language, with what the far end said."""

    name: str
    adapter: str
    direction: str
    state: str
    waiting: int = 0
    blocked: int = 0
    aside: int = 0
    failed: int = 0
    oldest: datetime | None = None
    last_at: datetime | None = None
    incident: Told | None = None
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attention:
    """What the badges count: messages that are exceptions, messages that are blocked, listening resources that fail.
    Messages are counted up to a thousand."""

    exceptions: int = 0
    blocked: int = 0
    faulty: int = 0

    @property
    def all(self) -> int:
        """Everything that needs an eye."""
        return self.exceptions + self.blocked + self.faulty


def attention(runtime: Runtime) -> Attention:
    """What needs an eye now."""
    with runtime.store.begin(write=False) as unit:
        exceptions = unit.count(MESSAGE, Among(("state",), ASIDE), _CAP)
        blocked = unit.count(MESSAGE, Compare(("state",), "==", BLOCKED), _CAP)
    return Attention(exceptions, blocked, sum(one.state == FAULTY for one in listeners(runtime)))


def channel_loads(runtime: Runtime) -> tuple[ChannelLoad, ...]:
    """Every channel that the node binds, and those no longer bound that still hold messages, by name."""
    hearing = {one.name: one for one in listeners(runtime)}
    with runtime.store.begin(write=False) as unit:
        depths = _depths(unit)
        names = sorted({*runtime.node.channels, *(channel for channel, _ in depths)})
        return tuple(_load(runtime, unit, name, depths, hearing.get(name)) for name in names)


def waiting_to_leave(runtime: Runtime) -> int:
    """How much waits to be sent: messages that have not left, and what the node says of its own queues."""
    declared = runtime.node.kiosk.waiting if runtime.node.kiosk is not None else None
    with runtime.store.begin(write=False) as unit:
        found = _depths(unit)
        own = None if declared is None else declared(Env({}, RecordWorld(runtime, unit, ENGINE, runtime.clock.now())))
    names = [name for name, bound in runtime.node.channels.items() if bound.sends]
    on_channels = sum(found.get((name, state), 0) for name in names for state in WAITING)
    return on_channels + (own if isinstance(own, int) else 0)


def host_load(runtime: Runtime) -> HostLoad | None:
    """How busy the machine is; None where it does not say."""
    if runtime.host is None:
        return None
    try:
        return runtime.host.load()
    except OSError:
        return None


def _depths(unit: Unit) -> dict[tuple[str, str], int]:
    found = unit.tally(MESSAGE, Among(("state",), OPEN), (("channel",), ("state",)))
    return {(str(one.keys[0] or ""), str(one.keys[1])): one.count for one in found}


def _load(
    runtime: Runtime, unit: Unit, name: str, depths: Mapping[tuple[str, str], int], hearing: ListenerView | None
) -> ChannelLoad:
    bound = runtime.node.channels.get(name)
    count = {state: depths.get((name, state), 0) for state in OPEN}
    waiting = sum(count[state] for state in WAITING)
    oldest = _first(unit, name, WAITING) if waiting else None
    held = _first(unit, name, (BLOCKED,), newest=True) if count[BLOCKED] else None
    incident, said = _trouble(runtime, name, oldest, held, hearing)
    return ChannelLoad(
        name,
        bound.adapter if bound is not None else "",
        bound.direction if bound is not None else "",
        hearing.state if hearing is not None else _state(bound is not None, count[BLOCKED], waiting),
        waiting,
        count[BLOCKED],
        count[QUARANTINED] + count[UNMATCHED],
        count[FAILED],
        _moment(oldest, "created_at"),
        hearing.last_at if hearing is not None else _last_sent(unit, name),
        incident,
        said,
    )


def _state(is_bound: bool, blocked: int, waiting: int) -> str:
    if not is_bound:
        return UNBOUND
    if blocked:
        return HELD_UP
    return SENDS if waiting else IDLE


def _trouble(
    runtime: Runtime, name: str, oldest: Record | None, held: Record | None, hearing: ListenerView | None
) -> tuple[Told | None, Mapping[str, str]]:
    """What keeps a channel from working, or will."""
    if hearing is not None and hearing.state == FAULTY:
        return told(hearing.code), hearing.text
    if held is not None:
        texts = held.values["told"]
        return told(str(held.values["code"] or "")), texts if isinstance(texts, Mapping) else {}
    if oldest is not None and interrupted(oldest, runtime.clock.now()):
        known = told(INTERRUPTED)
        return known, known.text if known is not None else {}
    ends = _ends_soon(runtime, name)
    return (told(ENDING), worded(ENDING, f"{ends:%Y-%m-%d}")) if ends is not None else (None, {})


def _ends_soon(runtime: Runtime, name: str) -> datetime | None:
    """When a certificate of a channel ends, if that is soon or was."""
    line: object = runtime.channels.get(name) or runtime.sources.get(name)
    if not isinstance(line, Certified) or line.valid_until > runtime.clock.now() + SOON:
        return None
    return line.valid_until


def _first(unit: Unit, channel: str, states: tuple[str, ...], *, newest: bool = False) -> Record | None:
    where = Every((Among(("state",), states), Compare(("channel",), "==", channel)))
    found = unit.select(Selection(MESSAGE, where, (Order("created_at", descending=newest),), limit=1))
    return found[0] if found else None


def _last_sent(unit: Unit, channel: str) -> datetime | None:
    where = Every((Compare(("channel",), "==", channel), Compare(("sent_at",), "!=", None)))
    found = unit.select(Selection(MESSAGE, where, (Order("created_at", descending=True),), limit=1))
    return _moment(found[0], "sent_at") if found else None


def _moment(record: Record | None, name: str) -> datetime | None:
    value = record.values[name] if record is not None else None
    return value if isinstance(value, datetime) else None
