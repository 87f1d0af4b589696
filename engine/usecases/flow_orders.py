"""What a step asks of devices, of accounts, of the node's care and of outside services, carried out after its commit.

In: an order, and whether it is still wanted. Out: an outcome and an answer, as `engine.model.flow_devices` declares
them; nothing where nobody wants it any more. Never raises. A lock is told to open at most once by one order.
Long because every command of the catalogue is carried out here, a few lines each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Protocol, TypeVar

from engine.mappings.json_messages import parsed
from engine.model.device_kinds import classes
from engine.model.devices import (
    CardText,
    DeviceFault,
    Enrolment,
    LockState,
    Opening,
    PulseOutcome,
    ReadText,
    Trouble,
)
from engine.model.flow_devices import BOARD, CALL, WAIT, command
from engine.model.flows import DONE, FAILED
from engine.ports.devices import Devices
from engine.ports.xml import UnreadableMessage
from engine.problems import DeliveryError, Refused
from engine.usecases import flow_accounts, flow_parameters
from engine.usecases.calling import answer_of
from engine.usecases.flow_accounts import Ended
from engine.usecases.flow_standing import Order
from engine.usecases.runtime import Runtime

Row = Mapping[str, object]
Door = TypeVar("Door")
READS_FOR = 0.5
"""Seconds that one look at a reader of zones lasts."""
_POLL, _REST, _SETTLES = 0.15, 0.3, 0.05
_PARAMETER = "parameter."
_LOOKS = 5
"""Looks at a lock that does not come to rest."""
_OUTCOMES = {
    PulseOutcome.OPENED: DONE,
    PulseOutcome.OPEN_BEFORE: "unsure",
    PulseOutcome.STUCK: FAILED,
    PulseOutcome.WRONG: "wrong",
    PulseOutcome.UNKNOWN: "unsure",
    PulseOutcome.SILENT: "silent",
    PulseOutcome.RESTING: FAILED,
}
_ENROLLED = {
    Enrolment.STORED: DONE,
    Enrolment.KNOWN: "known",
    Enrolment.FULL: "full",
    Enrolment.BAD_PAGE: FAILED,
    Enrolment.FAILED: FAILED,
}
_GONE = (Trouble.GONE, Trouble.BUSY, Trouble.UNKNOWN_DEVICE)
_UNREAD = (Trouble.GARBLED, Trouble.CUT_SHORT, Trouble.UNREADABLE, Trouble.REMOVED, Trouble.IMPLAUSIBLE)


class Wanted(Protocol):
    """Whether an order is still wanted, and waiting while it is."""

    def __call__(self) -> bool:
        """Whether anybody still waits for the answer."""
        ...

    def pause(self, seconds: float) -> bool:
        """Wait so long, or until nobody waits for the answer; whether somebody still does."""
        ...


@dataclass(frozen=True, slots=True)
class OrderRoom:
    """What orders are carried out with; without devices every order to one fails as `gone`."""

    runtime: Runtime
    devices: Devices | None
    place: str

    def carry_out(self, order: Order, wanted: Wanted) -> Ended | None:
        """How the order ended; None where it was given up because nobody wants it any more."""
        if order.kind == CALL:
            return self._call(order)
        known = command(self._class(order.what))
        if known is not None and known.internal:
            return self._internal(order, beside=known.beside)
        if order.kind == WAIT:
            return self._already_closed(order, wanted)
        return self._device(order, wanted)

    # --- devices -----------------------------------------------------------------------------------------------------

    def _class(self, what: str) -> str:
        """CLASS.COMMAND, where the node's own name for a device is written."""
        name, _, order = what.rpartition(".")
        return f"{classes(self.runtime.node.devices).get(name, name)}.{order}"

    def _device(self, order: Order, wanted: Wanted) -> Ended | None:
        what = self._class(order.what)
        act = _COMMANDS.get(what)
        if act is None or self.devices is None:
            return "gone", {}
        try:
            return act(self, order, wanted)
        except DeviceFault as fault:
            return _outcome(fault, reads="unreadable" in _declared(what)), {}
        except ValueError:  # a lock or relay that the board does not have
            return FAILED, {}

    def door(self, order: Order, door: Callable[[Devices, str], Door]) -> Door:
        """The device that is named, or else the node's first that is of this kind. Raises DeviceFault."""
        assert self.devices is not None
        name, named = order.what.rpartition(".")[0], str(order.given.get(BOARD) or "")
        known = classes(self.runtime.node.devices)
        alike = [one for one, kind in known.items() if kind == name and one != name]
        own = [name] if name in known else []  # a node may well call its reader `reader`
        wanted: Sequence[str] = [named] if named else [*own, *alike]
        for one in wanted:
            try:
                return door(self.devices, one)
            except DeviceFault as fault:  # readers are of two kinds
                if fault.trouble is not Trouble.UNKNOWN_DEVICE:
                    raise
        raise DeviceFault(Trouble.UNKNOWN_DEVICE, order.what)

    def _already_closed(self, order: Order, wanted: Wanted) -> Ended | None:
        """A lock that is waited for may be closed before anybody looks."""
        if self.devices is None:
            return None
        try:
            state = _settled(self, order, wanted)
        except DeviceFault:
            return None
        return (DONE, {"lock": order.given.get("lock")}) if state is not None and not state.open else None

    # --- what needs no device ----------------------------------------------------------------------------------------

    def _internal(self, order: Order, *, beside: bool) -> Ended:
        if beside:
            care = self.runtime.care
            if care is None:
                return FAILED, {}
            found = care.order(order.what, order.given)
            return found.outcome, found.answer
        try:
            if order.what.startswith(_PARAMETER):
                what = order.what.removeprefix(_PARAMETER)
                return flow_parameters.carry_out(self.runtime, order.actor, what, order.given)
            return self._account(order)
        except Refused:
            return FAILED, {}

    def _account(self, order: Order) -> Ended:
        what, given = order.what.partition(".")[2], order.given
        if what == "check":
            return flow_accounts.check(self.runtime, given, self.place)
        if what == "failed":
            return flow_accounts.failed(self.runtime, given, self.place)
        if what == "set_password":
            return flow_accounts.set_password(self.runtime, given, self.place)
        if what == "code_check":
            return flow_accounts.check_code(self.runtime, given)
        return flow_accounts.send_code(self.runtime, given, order.token, self._text(order))

    def _text(self, order: Order) -> flow_accounts.Text | None:
        if self.devices is None or "radio" not in classes(self.runtime.node.devices).values():
            return None

        def send(number: str, text: str) -> bool:
            by_radio = Order(order.token, order.name, order.kind, "radio.send", {}, order.actor)
            try:
                self.door(by_radio, lambda devices, name: devices.radio(name)).send(number, text)
            except (DeviceFault, ValueError):
                return False
            return True

        return send

    def _call(self, order: Order) -> Ended:
        """An outside service: its answer as JSON."""
        try:
            content = answer_of(self.runtime, order.given, f"flow:{order.token}:{order.name}")
            return DONE, (parsed(content) if content else {})
        except (DeliveryError, UnreadableMessage, Refused):
            return FAILED, {}


def _outcome(fault: DeviceFault, *, reads: bool) -> str:
    if fault.trouble in _GONE:
        return "gone"
    if fault.trouble is Trouble.SILENT:
        return "silent"
    return "unreadable" if reads and fault.trouble in _UNREAD else FAILED


def _declared(what: str) -> tuple[str, ...]:
    known = command(what)
    return known.outcomes if known is not None else ()


def _whole(value: object) -> int:
    return int(str(value)) if value is not None else 0


# --- commands --------------------------------------------------------------------------------------------------------


def _open(room: OrderRoom, order: Order, wanted: Wanted) -> Ended | None:
    """One pulse. While the coil rests none is given, so that it may be asked again."""
    locks = room.door(order, lambda devices, name: devices.locks(name))
    while True:
        opening: Opening = locks.open(_whole(order.given.get("lock")))
        if opening.outcome is not PulseOutcome.RESTING or not wanted.pause(_REST):
            break
    answer = {"outcome": opening.outcome.value, "others": list(opening.others)}
    return _OUTCOMES[opening.outcome], answer


def _settled(room: OrderRoom, order: Order, wanted: Wanted) -> LockState | None:
    """The state of a lock on which two looks agree, as far as it settles: a bolt in motion is no state."""
    locks, lock = room.door(order, lambda devices, name: devices.locks(name)), _whole(order.given.get("lock"))
    seen = locks.look().get(lock)
    for _ in range(_LOOKS):
        if not wanted.pause(_SETTLES):
            break
        before, seen = seen, locks.look().get(lock)
        if seen == before:
            break
    return seen


def _state(room: OrderRoom, order: Order, wanted: Wanted) -> Ended | None:
    found = _settled(room, order, wanted)
    if found is None:
        return FAILED, {}
    return ("open" if found.open else "closed"), {"open": found.open, "item": found.item}


def _document(room: OrderRoom, order: Order, wanted: Wanted) -> Ended | None:
    reader = room.door(order, lambda devices, name: devices.zones(name))
    today: date = room.runtime.clock.now().date()
    while wanted():
        found = reader.read(READS_FOR, today)
        if found is not None:
            return DONE, _read_row(found)
    return None


def _card(room: OrderRoom, order: Order, wanted: Wanted) -> Ended | None:
    reader = room.door(order, lambda devices, name: devices.cards(name))
    while wanted():
        found = reader.read()
        if found is not None:
            return DONE, _read_row(found)
        wanted.pause(_POLL)
    return None


def _match(room: OrderRoom, order: Order, wanted: Wanted) -> Ended | None:
    module = room.door(order, lambda devices, name: devices.fingers(name))
    while wanted():
        found = module.identify()
        if found is not None:
            return (DONE if found.page is not None else "unknown"), {"page": found.page, "score": found.score}
        wanted.pause(_POLL)
    return None


def _enrol(room: OrderRoom, order: Order, _wanted: Wanted) -> Ended | None:
    found = room.door(order, lambda devices, name: devices.fingers(name)).enrol(_whole(order.given.get("page")))
    return _ENROLLED.get(found.outcome, "unreadable"), {"page": found.page, "outcome": found.outcome.value}


def _forget(room: OrderRoom, order: Order, _wanted: Wanted) -> Ended | None:
    room.door(order, lambda devices, name: devices.fingers(name)).delete(_whole(order.given.get("page")))
    return DONE, {}


def _pages(room: OrderRoom, order: Order, _wanted: Wanted) -> Ended | None:
    module = room.door(order, lambda devices, name: devices.fingers(name))
    return DONE, {"pages": [{"page": page} for page in sorted(module.pages())]}


def _snapshot(room: OrderRoom, order: Order, _wanted: Wanted) -> Ended | None:
    picture = room.door(order, lambda devices, name: devices.camera(name)).snapshot()
    kind = picture.media_type.rpartition("/")[2] or "bin"
    return DONE, {"file": room.runtime.files.put(picture.data, f"snapshot.{kind}", picture.media_type)}


def _send(room: OrderRoom, order: Order, _wanted: Wanted) -> Ended | None:
    radio = room.door(order, lambda devices, name: devices.radio(name))
    return DONE, {"parts": radio.send(str(order.given.get("number") or ""), str(order.given.get("text") or ""))}


def _switch(room: OrderRoom, order: Order, _wanted: Wanted) -> Ended | None:
    contacts = room.door(order, lambda devices, name: devices.contacts(name))
    contacts.switch(_whole(order.given.get("relay")), on=order.given.get("on") is True)
    return DONE, {}


def _read_row(read: CardText | ReadText) -> Row:
    """A reading as expressions know it: tuples as lists, doubt as its word."""
    found: dict[str, object] = {one.name: getattr(read, one.name) for one in fields(read)}
    plain = {name: list(value) if isinstance(value, tuple) else value or None for name, value in found.items()}
    return {**plain, "doubt": read.doubt.value if read.doubt is not None else None}


_COMMANDS: Mapping[str, Callable[[OrderRoom, Order, Wanted], Ended | None]] = {
    "lock.open": _open,
    "lock.state": _state,
    "reader.document": _document,
    "reader.card": _card,
    "finger.match": _match,
    "finger.enrol": _enrol,
    "finger.delete": _forget,
    "finger.pages": _pages,
    "camera.snapshot": _snapshot,
    "radio.send": _send,
    "contacts.switch": _switch,
}
