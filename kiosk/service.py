"""The service behind a kiosk's page: one flow run, its orders to devices in threads, its deadlines, who watches.

In: touches, happenings, the time. Out: screens, and the token of each standing as it comes. Everything that happens
goes through one lock, one event after the other; orders begin when their event is committed, in threads that wait for
them, and come back as events. Nothing here decides what follows.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from engine.model.flow_devices import READ, WAIT
from engine.ports.devices import Devices
from engine.problems import Finding, Refused
from engine.usecases.flow_orders import OrderRoom
from engine.usecases.flow_running import FlowRun
from engine.usecases.flow_screens import screen_of
from engine.usecases.flow_standing import Order, Standing
from engine.usecases.flow_views import Screen, Touch
from engine.usecases.runtime import Runtime

LOG = logging.getLogger("guiju")
AT_ONCE = 12
"""Orders under way at once: those of one step, and reads of steps before that have not noticed yet."""
_LOOK_AGAIN, _STILL = 5.0, 30.0
_REST = 1.0
_TRIES = 5
_NOT_KEPT = Finding(
    "not_kept",
    {
        "zh": "操作未能保存，没有执行，请稍后重试或联系维护人员",
        "en": "this could not be stored, and was not done: try again later, or call for service",
    },
)
Listener = Callable[[str, Mapping[str, object]], None]


class Tells(Protocol):
    """Whoever attends to the devices."""

    def listen(self, listener: Listener) -> None:
        """Tell this listener of each happening."""
        ...


class _Wanted:
    """Whether somebody still waits for the answer to an order."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def __call__(self) -> bool:
        return not self._over.is_set()

    def pause(self, seconds: float) -> bool:
        """Wait so long, or until nobody wants it any more; whether somebody does."""
        return not self._over.wait(seconds)

    def end(self) -> None:
        """Nobody wants it any more."""
        self._over.set()


class KioskService:
    """Runs the flow of a node from `begin` to `close`. `runtime` gives the definitions in force."""

    def __init__(
        self,
        runtime: Callable[[], Runtime],
        devices: Devices | None = None,
        attendant: Tells | None = None,
    ) -> None:
        kiosk = runtime().node.kiosk
        self._runtime, self._devices = runtime, devices
        self._place = kiosk.place if kiosk is not None else ""
        self._run = FlowRun(runtime, self._place, time.monotonic)
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._standing: Standing | None = None
        self._revision = 0
        self._wanted: list[_Wanted] = []
        self._orders = ThreadPoolExecutor(AT_ONCE, "kiosk orders")
        self._over = threading.Event()
        self._clock = threading.Thread(target=self._tick, name="kiosk ticks", daemon=True)
        if attendant is not None:
            attendant.listen(self.heard)

    def begin(self) -> None:
        """Go on where the flow stood, and keep time."""
        try:
            self._event(self._run.begin)
        except Refused:
            LOG.exception("the kiosk cannot begin")
        self._clock.start()

    def close(self) -> None:
        """Stop; what was ordered is not waited for."""
        self._over.set()
        with self._changed:
            self._end_orders()
            self._changed.notify_all()
        self._orders.shutdown(wait=False, cancel_futures=True)
        if self._clock.is_alive():
            self._clock.join(5)

    # --- those who show it ---------------------------------------------------------------------------------------

    def standing(self) -> Standing:
        """Where it stands now. Raises Refused where it cannot begin."""
        with self._lock:
            return self._event(self._run.standing)

    def screen(self, language: str, starts: Mapping[str, int] | None = None) -> Screen:
        """The screen as it stands; `starts` are the first rows of tables. Raises Refused where it cannot begin."""
        return screen_of(self._runtime(), self.standing(), language, starts)

    def touch(self, touch: Touch, language: str) -> Screen:
        """What follows from a touch; one that carries an old token changes nothing. Where it cannot be kept nothing
        follows, and the screen says so."""
        try:
            standing = self._event(lambda: self._run.touch(touch))
        except Exception:
            LOG.exception("a touch could not be carried out")
            standing = self._event(lambda: self._run.stay((_NOT_KEPT,)))
        return screen_of(self._runtime(), standing, language)

    def subscribe(self, patience: float) -> Iterator[str | None]:
        """The token that stands, and each that follows, the same again where its step is read anew; None when nothing
        came within so many seconds."""
        seen, told = -1, time.monotonic()
        while not self._over.is_set():
            with self._changed:
                every = self._standing.refresh if self._standing is not None else None
                left = patience if every is None else min(patience, max(0.0, told + every - time.monotonic()))
                news = self._await_news(seen, left)
                seen, standing = self._revision, self._standing
            if self._over.is_set():
                return
            news = news or (every is not None and time.monotonic() >= told + every)
            told = time.monotonic() if news else told
            yield standing.token if news and standing is not None else None

    # --- events --------------------------------------------------------------------------------------------------

    def heard(self, name: str, values: Mapping[str, object]) -> None:
        """Something happened."""
        self._event(lambda: self._run.heard(name, values))

    def _event(self, happen: Callable[[], Standing]) -> Standing:
        """One event, and what follows it: orders begin, watchers are told. Only what changed is told."""
        with self._changed:
            before, standing = self._standing, happen()
            if before is None or standing.token != before.token:
                self._end_orders()
            self._standing = standing
            for order in standing.orders:
                self._start(order)
            if before is None or _looks_different(before, standing):
                self._revision += 1
                self._changed.notify_all()
        return standing

    def _tick(self) -> None:
        """Wake when the next deadline is there, or when something changed."""
        while not self._over.is_set():
            with self._changed:
                self._await_news(self._revision, self._left())
            if self._over.is_set():
                return
            try:
                self._event(self._run.tick)
            except Exception:
                LOG.exception("the kiosk's deadline could not be kept")
                self._over.wait(_LOOK_AGAIN)

    def _await_news(self, seen: int, seconds: float) -> bool:
        """Wait until something is new since then, or so long; whether something is."""
        return self._changed.wait_for(lambda: self._revision != seen or self._over.is_set(), seconds)

    def _left(self) -> float:
        """Seconds until the next deadline."""
        if self._standing is None:
            return _LOOK_AGAIN
        now = self._run.standing()
        return max(0.01, min(one for one in (now.seconds, now.idle, _STILL) if one is not None))

    # --- orders --------------------------------------------------------------------------------------------------

    def _end_orders(self) -> None:
        for one in self._wanted:
            one.end()
        self._wanted = []

    def _start(self, order: Order) -> None:
        wanted = _Wanted()
        self._wanted.append(wanted)
        self._orders.submit(self._carry_out, order, wanted)

    def _carry_out(self, order: Order, wanted: _Wanted) -> None:
        """In a thread of its own. A read goes on while its step stands, where nothing follows what it gave."""
        room = OrderRoom(self._runtime(), self._devices, self._place)
        while wanted():
            try:
                ended = room.carry_out(order, wanted)
            except Exception:
                LOG.exception("an order of the kiosk failed: %s", order.what)
                ended = "failed", {}
            if ended is None:
                if order.kind != WAIT or not wanted.pause(_REST):
                    return
                continue  # a door may open and close between two looks of the attendant: here it is looked at as well
            self._answered(order, *ended)
            if order.kind != READ or not wanted.pause(_REST):
                return

    def _answered(self, order: Order, outcome: str, answer: Mapping[str, object]) -> None:
        """Take an answer; where the store is away for a while it is taken later, not lost."""
        for attempt in range(_TRIES):
            try:
                self._event(lambda: self._run.answered(order.token, order.name, outcome, answer))
            except Exception:
                LOG.exception("an answer of %s could not be taken", order.what)
                if self._over.wait(_REST * (attempt + 1)):
                    return
            else:
                return


def _looks_different(before: Standing, after: Standing) -> bool:
    """Whether a screen may look different: time that goes by does not count."""
    marks = [(one.token, one.findings, one.busy, one.raw, one.form) for one in (before, after)]
    return marks[0] != marks[1]
