"""The rack: all devices of a node, each port opened by this process alone and shared by what hangs on it.

In: settings of ports and devices. Out: the port `Devices`, and health. A port that goes away is closed and opened
again when somebody asks, after a pause that grows; a device that is silent is asked less and less often, and nobody
else waits for it. Coils are pulsed one at a time, over all boards: the supply stands no more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TypeVar

from adapters.devices import doors
from adapters.devices.kinds import KINDS, Built, Kind
from adapters.devices.line import Line, Wire, ignored
from adapters.devices.locks.door import BoardLocks
from adapters.devices.runner import heard
from adapters.devices.settings import racked
from adapters.devices.talk import Talk, observed
from adapters.devices.turns import Turns
from engine.model.device_kinds import DEVICE_KINDS
from engine.model.devices import Condition, DeviceFault, DeviceSetting, Health, PortSetting, Trouble
from engine.ports.devices import Devices

Result = TypeVar("Result")
AGAIN = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds until a port that is gone, or a device that is offline, is tried again; the last one for ever."""
OFFLINE_AFTER = 3


def pause(failures: int) -> float:
    """How long to wait after so many failures in a row."""
    return AGAIN[min(max(failures, 1), len(AGAIN)) - 1]


@dataclass
class Port:
    """One serial port: opened when it is needed, and again when it went away."""

    setting: PortSetting
    opened: Callable[[PortSetting], Wire]
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _line: Line | None = None
    _turns: Turns = field(default_factory=Turns)
    _failures: int = 0
    _again: float = float("-inf")

    def turn(self, *, first: bool = False) -> AbstractContextManager[None]:
        """Have the port for oneself; whoever has it may run talks meanwhile."""
        return self._turns.taken(first=first)

    def run(self, talk: Talk[Result], aside: Callable[[object], None] = ignored, *, first: bool = False) -> Result:
        """Run a talk on the port. Raises DeviceFault: gone or busy where the port is, at once between two tries."""
        with self._turns.taken(first=first):
            line = self._open()
            try:
                return line.run(talk, aside)
            finally:
                if line.is_lost:
                    self._lose()

    def _open(self) -> Line:
        if self._line is None:
            if self.now() < self._again:
                raise DeviceFault(Trouble.GONE, self.setting.path)
            try:
                wire = self.opened(self.setting)
            except DeviceFault:
                self._lose()
                raise
            told = self.setting
            self._line = Line(wire, told.gap, told.echo, patience=told.patience, now=self.now, sleep=self.sleep)
            self._failures = 0
        return self._line

    def _lose(self) -> None:
        self.close()
        self._failures += 1
        self._again = self.now() + pause(self._failures)

    def close(self) -> None:
        """Let go of the port."""
        with self._turns.taken():
            line, self._line = self._line, None
            if line is not None:
                line.close()


@dataclass
class Slot:
    """One device: what it is, the port that it hangs on, how it is doing. Several threads may use it: how a talk ended
    is taken in before the next one has the port, so that the last word is the last that was said."""

    health: Health
    kind: Kind
    setting: DeviceSetting
    port: Port | None
    now: Callable[[], float] = time.monotonic
    _heard: float | None = None
    _again: float = float("-inf")
    _since: float | None = None
    _guard: Lock = field(default_factory=Lock)
    """Around everything above that changes."""

    def run(
        self,
        talk: Talk[Result],
        aside: Callable[[object], None] = ignored,
        *,
        first: bool = False,
        silent: Callable[[Result], bool] = heard,
    ) -> Result:
        """See `runner.Runner`. Raises DeviceFault."""
        port = self.port
        if port is None:
            raise DeviceFault(Trouble.GONE, self.health.device)
        with port.turn(first=first):
            return self._judged(lambda: port.run(observed(talk, self.now, self._note), aside, first=first), silent)

    def call(self, act: Callable[[], Result]) -> Result:
        """The same for a device without a serial line. Raises DeviceFault."""
        return self._judged(act, heard)

    def _judged(self, act: Callable[[], Result], silent: Callable[[Result], bool]) -> Result:
        """Do it, and take its end into the health of the device."""
        try:
            result = act()
        except DeviceFault as fault:
            if fault.trouble in (Trouble.REFUSED, Trouble.REMOVED, Trouble.UNREADABLE):
                self._well()  # it answered; what it said is for whoever asked
            else:
                self._failed(fault)
            raise
        if silent(result):
            self._failed(DeviceFault(Trouble.SILENT))
        else:
            self._well()
        return result

    def _well(self) -> None:
        with self._guard:
            self._heard, self._again = self.now(), float("-inf")
            answered = self.health.answered + 1
            self._stands(Condition.WELL, failures=0, trouble=None, about="", answered=answered)

    def _failed(self, fault: DeviceFault) -> None:
        with self._guard:
            failures = self.health.failures + 1
            condition = Condition.OFFLINE if failures >= OFFLINE_AFTER else Condition.SHAKY
            told, failed = {"trouble": fault.trouble, "about": fault.about}, self.health.failed + 1
            self._stands(condition, failures=failures, failed=failed, **told)
            if condition is Condition.OFFLINE:
                self._again = self.now() + pause(failures - OFFLINE_AFTER + 1)

    def _note(self, good: bool, took: float) -> None:
        with self._guard:
            before = self.health
            self.health = replace(before, took=took) if good else replace(before, missed=before.missed + 1)

    def _stands(self, condition: Condition, **told: object) -> None:
        """Only under the guard."""
        if condition is not self.health.condition or self._since is None:
            self._since = self.now()
        self.health = replace(self.health, condition=condition, **told)  # type: ignore[arg-type]

    @property
    def is_due(self) -> bool:
        """Whether it is time to ask after it again."""
        return self.now() >= self._again

    def told(self) -> Health:
        """How it is doing."""
        with self._guard:
            now, since, heard_at = self.now(), self._since, self._heard
            silent = None if heard_at is None else now - heard_at
            return replace(self.health, silent_for=silent, stands_for=0.0 if since is None else now - since)


class Rack:
    """See `engine.ports.devices.Devices`; may be used by several threads."""

    def __init__(
        self,
        ports: Mapping[str, PortSetting],
        devices: Mapping[str, DeviceSetting],
        opened: Callable[[PortSetting], Wire],
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._ports = {name: Port(setting, opened, now, sleep) for name, setting in ports.items()}
        self._slots = {name: self._slot(name, setting, now) for name, setting in devices.items()}
        self._built: dict[str, object] = {}
        self._coils, self._building = Lock(), Lock()

    def _slot(self, name: str, setting: DeviceSetting, now: Callable[[], float]) -> Slot:
        """Raises ValueError for a kind or an option that is not known, or a port that has no settings."""
        if setting.kind not in KINDS:
            raise ValueError(f"{name}: {setting.kind}")
        kind, port = KINDS[setting.kind], self._ports.get(setting.port)
        told = DEVICE_KINDS[setting.kind]
        strange = sorted(setting.options.keys() - told.words.keys())
        if strange or (port is None and told.on_line):
            raise ValueError(f"{name}: {', '.join(strange) or setting.port}")
        return Slot(Health(name, setting.kind, setting.port, Condition.NEW), kind, setting, port, now)

    def device(self, name: str, wanted: type[Built]) -> Built:
        """A device by its name. Raises DeviceFault: unknown_device for one that is not there, or of another kind."""
        slot = self._slots.get(name)
        if slot is None or not issubclass(slot.kind.made, wanted):
            raise DeviceFault(Trouble.UNKNOWN_DEVICE, name)
        with self._building:
            if name not in self._built:
                self._built[name] = slot.kind.make(slot, self._coils)
            built = self._built[name]
        assert isinstance(built, wanted)
        return built

    def locks(self, name: str) -> BoardLocks:
        """A lock board. Raises DeviceFault."""
        return self.device(name, BoardLocks)

    def contacts(self, name: str) -> doors.BoardContacts:
        """A board of relays and inputs. Raises DeviceFault."""
        return self.device(name, doors.BoardContacts)

    def climate(self, name: str) -> doors.Climates:
        """A sensor of temperature and humidity. Raises DeviceFault."""
        return self.device(name, doors.Climates)

    def current(self, name: str) -> doors.Currents:
        """A meter of direct current. Raises DeviceFault."""
        return self.device(name, doors.Currents)

    def supply(self, name: str) -> doors.Supplies:
        """An uninterruptible supply. Raises DeviceFault."""
        return self.device(name, doors.Supplies)

    def cards(self, name: str) -> doors.Cards:
        """A reader of identity cards. Raises DeviceFault."""
        return self.device(name, doors.Cards)

    def zones(self, name: str) -> doors.Zones:
        """A reader of machine-readable zones. Raises DeviceFault."""
        return self.device(name, doors.Zones)

    def fingers(self, name: str) -> doors.FingerPages:
        """A fingerprint module. Raises DeviceFault."""
        return self.device(name, doors.FingerPages)

    def radio(self, name: str) -> doors.Radios:
        """A mobile module. Raises DeviceFault."""
        return self.device(name, doors.Radios)

    def camera(self, name: str) -> doors.Pictures:
        """A camera. Raises DeviceFault."""
        return self.device(name, doors.Pictures)

    def health(self) -> Sequence[Health]:
        """How each device is doing."""
        return [slot.told() for slot in self._slots.values()]

    def ask_after(self, name: str) -> None:
        """Ask one device whether it is there. Raises DeviceFault."""
        slot = self._slots.get(name)
        if slot is None:
            raise DeviceFault(Trouble.UNKNOWN_DEVICE, name)
        slot.kind.probe(self.device(name, slot.kind.made))

    def look_round(self) -> Sequence[Health]:
        """Ask each device in turn whether it is there; one that is offline is asked less often."""
        for name, slot in self._slots.items():
            if slot.is_due:
                try:
                    self.ask_after(name)
                except DeviceFault:
                    continue  # its health says so
        return self.health()

    def close(self) -> None:
        """Let go of all ports."""
        for port in self._ports.values():
            port.close()


def rack_of(told: Mapping[str, Mapping[str, str]], opened: Callable[[PortSetting], Wire]) -> Devices:
    """The devices that a node names. Raises ValueError for words that cannot be meant."""
    return Rack(*racked(told), opened)
