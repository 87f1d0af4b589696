"""Who attends to the devices of a node: looks at each in a thread of its own, keeps what was measured, tells.

In: the port `Devices`, the words of the node about them, whoever is to be told. Out: happenings of
`engine.model.happenings`, the device row, health. A device that is silent is asked less and less often, and nobody
else waits for it. Listeners hear at once and everything; what is kept is told in order, held against floods, with a
picture where the node wants one; it waits where the store is away and is never passed over by what came later.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, Queue

from engine.model.devices import Condition, DeviceFault, Health
from engine.ports.devices import Devices
from kiosk.floods import Floods
from kiosk.rounds import Heard, Round

LOG = logging.getLogger("guiju")
Listener = Callable[[str, Mapping[str, object]], None]
Tell = Callable[[str, Mapping[str, object], datetime], None]
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds until a device that is lost is looked at again; the last one for ever."""
LOST_AFTER = 3
"""Failures in a row after which a device counts as lost."""
FAILED = 0.5
MEASURED_EVERY = 15.0
MOST_WAITING = 10_000
_TRIES = (0.2, 1.0, 2.0, 5.0, *[10.0] * 360)
"""Seconds between two tries to keep a happening: an hour in all."""
Happened = tuple[Heard, datetime]


@dataclass(frozen=True, slots=True)
class Post:
    """One device, or a part of the machine, and the round over it."""

    name: str
    kind: str
    round: Round


@dataclass
class Attendant:
    """`posts` are looked at from `begin` to `close`. `tell` is told what happened and when, by `now`; `pictured` gives
    what a picture adds to the values of a happening; `beside` columns of the row that nobody looks at by rounds;
    `classes` are those of the devices."""

    devices: Devices
    posts: Sequence[Post]
    tell: Tell
    now: Callable[[], datetime]
    pictured: Callable[[str], Mapping[str, object]] = lambda name: {}
    beside: Callable[[], Mapping[str, object]] = dict
    classes: Mapping[str, str] = field(default_factory=dict)
    measured_every: float = MEASURED_EVERY
    floods: Floods = field(default_factory=Floods)
    _row: dict[str, object] = field(default_factory=dict)
    _lost: dict[str, str] = field(default_factory=dict)
    _listeners: list[Listener] = field(default_factory=list)
    _heard: Queue[Happened] = field(default_factory=lambda: Queue(MOST_WAITING))
    _kept: Queue[Happened] = field(default_factory=lambda: Queue(MOST_WAITING))
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        """Begin to look."""
        for post in self.posts:
            self._start(f"attends {post.name}", self._attend, post)
        self._start("attendant hears", self._pass_on)
        self._start("attendant tells", self._keep)
        self._start("attendant measures", self._measure)

    def close(self) -> None:
        """Stop looking; the devices stay open for whoever opened them."""
        self._over.set()
        for thread in self._threads:
            thread.join(5)

    def listen(self, listener: Listener) -> None:
        """Tell somebody of each happening, as soon as it is known; a listener that fails keeps nobody from hearing."""
        self._listeners.append(listener)

    def say(self, name: str, values: Mapping[str, object]) -> None:
        """Take in something that somebody else has seen: an order to a lock, for instance."""
        self._put(self._heard, Heard(name, values))

    def measured(self) -> Mapping[str, object]:
        """What is known of this node: the device row, by what was measured last, with a row for each device."""
        return {**self._figures(), "parts": parts_of(self.health(), self.now(), self.classes)}

    def _figures(self) -> Mapping[str, object]:
        return {**self._row, "lost": ", ".join(sorted(self.lost)), **self.beside()}

    def health(self) -> Sequence[Health]:
        """How each device is doing."""
        return self.devices.health()

    def _start(self, name: str, work: Callable[..., None], *given: object) -> None:
        self._threads.append(threading.Thread(target=work, args=given, name=name, daemon=True))
        self._threads[-1].start()

    def _attend(self, post: Post) -> None:
        failures, rest = 0, 0.0
        while not self._over.wait(rest):
            try:
                heard, row = post.round.look()
            except (DeviceFault, OSError) as fault:
                failures += 1
                if failures == LOST_AFTER:
                    self._lose(post, fault)
            except Exception:
                failures += 1
                LOG.exception("a look at a device failed", extra={"about": {"device": post.name}})
            else:
                failures = 0
                self._row.update(row)
                self._find(post)
                for one in heard:
                    self._put(self._heard, one)
            rest = self._rest(post, failures)

    def _rest(self, post: Post, failures: int) -> float:
        if failures >= LOST_AFTER:
            return PAUSES[min(failures - LOST_AFTER, len(PAUSES) - 1)]
        return max(FAILED, post.round.pause) if failures else post.round.pause

    def _lose(self, post: Post, fault: Exception) -> None:
        trouble = fault.trouble.value if isinstance(fault, DeviceFault) else "gone"
        self._lost[post.name] = trouble
        self._put(self._heard, Heard("device.lost", {"name": post.name, "kind": post.kind, "trouble": trouble}))

    def _find(self, post: Post) -> None:
        trouble = self._lost.pop(post.name, None)
        if trouble is not None:
            self._put(self._heard, Heard("device.back", {"name": post.name, "kind": post.kind, "trouble": trouble}))

    def _put(self, queue: Queue[Happened], heard: Heard, at: datetime | None = None) -> None:
        while queue.full():  # the newest is of more use than the oldest
            LOG.error("a happening is lost: nobody takes them", extra={"about": {"name": queue.get()[0].name}})
        queue.put((heard, at or self.now()))

    def _pass_on(self) -> None:
        while not self._over.is_set():
            happened = _next(self._heard, 0.5)
            if happened is None:
                continue
            heard, at = happened
            for listener in self._listeners:
                try:
                    listener(heard.name, heard.values)
                except Exception:
                    LOG.exception("a listener failed", extra={"about": {"name": heard.name}})
            self._put(self._kept, heard, at)

    def _keep(self) -> None:
        while not self._over.is_set():
            happened = _next(self._kept, 0.5)
            if happened is not None:
                heard, at = happened
                for one in self.floods.take(heard, time.monotonic()):
                    self._told(one, at)
            for one in self.floods.due(time.monotonic()):
                self._told(one, self.now())

    def _told(self, heard: Heard, at: datetime) -> None:
        values = {**heard.values, **self.pictured(heard.name)}
        for pause in _TRIES:
            try:
                self.tell(heard.name, values, at)
            except Exception:
                LOG.exception("a happening waits to be kept", extra={"about": {"name": heard.name}})
            else:
                return
            if self._over.wait(pause):
                return

    def _measure(self) -> None:
        while not self._over.wait(self.measured_every):
            self._put(self._kept, Heard("device.measured", self._figures()))

    @property
    def lost(self) -> frozenset[str]:
        """Names of those that do not answer."""
        return frozenset(self._lost) | {one.device for one in self.health() if one.condition is Condition.OFFLINE}


_STATES = {
    Condition.NEW: "unknown",
    Condition.WELL: "working",
    Condition.SHAKY: "degraded",
    Condition.OFFLINE: "lost",
}


def parts_of(health: Sequence[Health], now: datetime, classes: Mapping[str, str]) -> Sequence[Mapping[str, object]]:
    """A row of `engine.model.node_rows.PART` for each device."""

    def ago(seconds: float | None) -> datetime | None:
        return None if seconds is None else (now - timedelta(seconds=seconds)).replace(microsecond=0)

    return tuple(
        {
            "name": one.device,
            "kind": classes.get(one.device, ""),
            "adapter": one.kind,
            "port": one.port or None,
            "state": _STATES[one.condition],
            "trouble": one.trouble.value if one.trouble is not None else None,
            "since": None if one.condition is Condition.NEW else ago(one.stands_for),
            "heard_at": ago(one.silent_for),
            "answer_ms": None if one.took is None else round(one.took * 1000),
            "answers": one.answered,
            "failures": one.failed,
            "retries": one.missed,
        }
        for one in health
    )


def _next(queue: Queue[Happened], seconds: float) -> Happened | None:
    try:
        return queue.get(timeout=seconds)
    except Empty:
        return None
