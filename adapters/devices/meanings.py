"""The families of devices as a frames file names them: how each direction is heard, written, and what a frame means.

In: frames. Out: objects whose attributes are the facts of a frame. Where the bytes alone do not say what was asked, the
usual question is assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any

from adapters.devices import ups
from adapters.devices.cards import sdt
from adapters.devices.cards.text import BLOCK, Reading, data_of, reading_of
from adapters.devices.fingers import zfm
from adapters.devices.framing import Ear
from adapters.devices.locks import cu16, cu48, winnsen, wkly, xor5
from adapters.devices.modbus import relays, rtu, sensors
from adapters.devices.modem import lines
from adapters.devices.modem.module import dbm
from adapters.devices.zones import blocks
from adapters.devices.zones.reading import read

Meaning = Callable[[Any, bool, date], object]
"""A frame, whether it goes to the device, today: an object with the frame's facts."""


def _itself(frame: object, asks: bool, today: date) -> object:
    return frame


@dataclass(frozen=True, slots=True)
class Family:
    """Ears for both directions, how a frame is written, what it means."""

    requests: Callable[[], Ear]
    answers: Callable[[], Ear]
    encode: Callable[[Any], bytes]
    meaning: Meaning = _itself


def _exception(frame: object) -> object:
    return SimpleNamespace(exception=frame.exception) if isinstance(frame, rtu.Refused) else frame


def _relays(frame: object, asks: bool, today: date) -> object:
    if isinstance(frame, rtu.Write):
        order = relays.order_of(frame)
        return SimpleNamespace(unit=order.unit, all=order.on) if isinstance(order, relays.Every) else order
    if isinstance(frame, rtu.Given):
        return SimpleNamespace(on=frame.bits, active=frame.bits)
    return _exception(frame)


def _climate(frame: object, asks: bool, today: date) -> object:
    if not isinstance(frame, rtu.Given) or not frame.registers:
        return _exception(frame)
    raw = [sensors.signed(one) for one in frame.registers]
    facts = {"raw": raw[0], "temperature": Decimal(raw[0]) / 10, "temperature_if_x100": Decimal(raw[0]) / 100}
    return SimpleNamespace(**facts, humidity=Decimal(raw[-1]) / 10)


def _current(frame: object, asks: bool, today: date) -> object:
    if not isinstance(frame, rtu.Given):
        return _exception(frame)
    told = sensors.current_of(frame.registers)
    return SimpleNamespace(
        volt=told.volt, amp=told.ampere, watt=told.watt, wh=told.watt_hours,
        over_v=told.over_voltage, under_v=told.under_voltage,
    )  # fmt: skip


def _card(frame: object, asks: bool, today: date) -> object:
    if not isinstance(frame, sdt.Answer) or len(frame.data) < BLOCK:
        return frame
    card = reading_of(frame.data).card
    return SimpleNamespace(**{name: getattr(card, name) for name in card.__slots__})


def _card_written(frame: sdt.Frame) -> bytes:
    """What a card says is written from its fields, not from the bytes that were heard."""
    if isinstance(frame, sdt.Answer) and len(frame.data) >= BLOCK:
        read_ = reading_of(frame.data)
        return sdt.encode(sdt.Answer(frame.status, data_of(Reading(read_.card, read_.picture)), frame.before))
    return sdt.encode(frame)


def _finger(frame: zfm.Packet, asks: bool, today: date) -> object:
    data, words = frame.data, zfm.numbers(frame.data)
    if asks:
        return _finger_asked(data)
    if len(data) == 17:
        return zfm.parameters_of(data)
    facts: dict[str, object] = {"code": frame.code}
    if len(words) == 2 and frame.code == zfm.OK:
        facts |= {"page": words[0], "score": words[1]}
    if len(words) == 1:
        facts["count"] = words[0]
    return SimpleNamespace(**facts)


def _finger_asked(data: bytes) -> object:
    value = int.from_bytes
    match data[0], len(data):
        case 0x06, 4:
            return SimpleNamespace(buffer=data[1], page=value(data[2:], "big"))
        case 0x04, 6:
            return SimpleNamespace(buffer=data[1], start=value(data[2:4], "big"), count=value(data[4:], "big"))
        case 0x0C, 5:
            return SimpleNamespace(page=value(data[1:3], "big"), count=value(data[3:], "big"))
    return SimpleNamespace()


def _zone(frame: blocks.Block, asks: bool, today: date) -> object:
    return read(frame.lines, today)


def _modem(frame: object, asks: bool, today: date) -> object:
    if not isinstance(frame, lines.Answer):
        return frame
    facts: dict[str, object] = {}
    if (signal := frame.after("+CSQ:")) is not None:
        index = int(signal.partition(",")[0])
        facts |= {"index": index, "dbm": dbm(index)}
    if (sim := frame.after("+CPIN:")) is not None:
        facts["sim"] = sim
    if (stands := frame.after("+CEREG:")) is not None:
        facts["stat"] = int(stands.split(",")[1])
    return SimpleNamespace(**facts)


def _silent() -> Ear:
    """Nothing is ever sent to a reader that only speaks."""
    return blocks.BlockEar()


_modbus = partial(Family, rtu.requests, rtu.answers, rtu.encode)
FAMILIES: Mapping[str, Family] = {
    "lock-kr-cu16": Family(cu16.requests, cu16.answers, cu16.encode),
    "lock-kr-cu48": Family(cu48.requests, cu48.answers, cu48.encode),
    "lock-xor5": Family(xor5.requests, xor5.answers, xor5.encode),
    "lock-wkly": Family(wkly.requests, wkly.answers, wkly.encode),
    "lock-winnsen": Family(winnsen.requests, winnsen.answers, winnsen.encode),
    "relay-modbus": _modbus(_relays),
    "th-xymd02": _modbus(_climate),
    "power-pzem017": _modbus(_current),
    "ups-q1": Family(ups.requests, ups.answers, ups.encode),
    "idcard-sdt": Family(sdt.requests, sdt.answers, _card_written, _card),
    "fp-zfm": Family(zfm.requests, zfm.answers, zfm.encode, _finger),
    "mrz-serial": Family(_silent, blocks.BlockEar, blocks.encode, _zone),
    "modem-4g": Family(lines.requests, lines.AnswerEar, lines.encode, _modem),
}
