"""What hangs on a port: each protocol's most harmless question, at the speed and address that devices come with.

In: paths of ports. Out: what answered. Nothing is ever ordered, only asked; a port that somebody has open is left
alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from adapters.devices import ups
from adapters.devices.cards import sdt
from adapters.devices.fingers import zfm
from adapters.devices.framing import Damaged
from adapters.devices.line import Line, Wire
from adapters.devices.locks.boards import Cu16Board, Cu48Board, WinnsenBoard, WklyBoard, Xor5Board
from adapters.devices.modbus import rtu
from adapters.devices.modbus.sensors import ADDRESS, METERED
from adapters.devices.modem.lines import Answer, AnswerEar, Command, encode
from adapters.devices.settings import racked
from adapters.devices.talk import Ask, Talk
from engine.model.devices import DeviceFault, FoundDevice, PortSetting

WITHIN = 0.3
ADDRESSES = (0, 1)
_LINES = frozenset({"supply_q1", "radio_at"})
"""Kinds that listen to lines of text: what others were asked before may stand at the head of the first one."""


def _read(unit: int, function: int, address: int, count: int) -> Ask:
    length = (count + 7) // 8 if function == rtu.COILS else count * 2

    def fits(event: object) -> bool:
        return isinstance(event, rtu.Given) and (event.unit, len(event.data)) == (unit, length)

    return Ask(rtu.encode(rtu.Read(unit, function, address, count)), rtu.answers, fits)


def _own_address(unit: int) -> Ask:
    """Any meter has registers where this sensor has its climate: it is known by the register of its address."""
    wanted = rtu.Given(unit, rtu.HOLDING, unit.to_bytes(2, "big"))
    return Ask(rtu.encode(rtu.Read(unit, rtu.HOLDING, ADDRESS, 1)), rtu.answers, lambda event: event == wanted)


def questions(address: int) -> dict[str, Ask]:
    """The question of each kind. Kinds without addresses are asked with the first one only; Modbus has no unit 0."""
    found = {
        "lock_cu16": Cu16Board(address).questions()[0].ask,
        "lock_cu48": Cu48Board(address).questions()[0].ask,
        "lock_wkly": WklyBoard(address).questions()[0].ask,
    }
    if address:
        return found | {
            "lock_xor5": Xor5Board(address).questions()[0].ask,
            "lock_winnsen": WinnsenBoard(address).questions()[0].ask,
            "climate_xymd02": _own_address(address),
            "current_pzem017": _read(address, rtu.REGISTERS, 0, METERED),
            "contacts_modbus": _read(address, rtu.COILS, 0, 8),
        }
    # text first: what others are asked would be the beginning of a line to a device that waits for the end of one
    return {
        "supply_q1": Ask(ups.encode(ups.Command("Q1")), ups.answers, lambda one: isinstance(one, ups.Status)),
        "radio_at": Ask(encode(Command("AT")), AnswerEar, lambda one: isinstance(one, Answer) and one.ok),
        "cards_sdt": Ask(sdt.encode(sdt.SERIAL), sdt.answers, lambda one: isinstance(one, sdt.Answer)),
        "fingers_zfm": Ask(zfm.encode(zfm.password()), zfm.answers, lambda one: isinstance(one, zfm.Packet)),
        **found,
    }


def find(
    paths: Sequence[str],
    opened: Callable[[PortSetting], Wire],
    addresses: Sequence[int] = ADDRESSES,
    within: float = WITHIN,
) -> list[FoundDevice]:
    """What answers on these ports. A port that cannot be opened has nothing."""
    asks = [(kind, address, ask) for address in addresses for kind, ask in questions(address).items()]
    return [
        found
        for path in paths
        for kind, address, ask in asks
        if (found := _asked(path, kind, address, replace(ask, within=within), opened)) is not None
    ]


def _asked(path: str, kind: str, address: int, ask: Ask, opened: Callable[[PortSetting], Wire]) -> FoundDevice | None:
    setting = racked({kind: {"adapter": kind, "port": path}})[0][path]
    try:
        line = Line(opened(setting), setting.gap)
    except DeviceFault:
        return None
    try:
        event = line.run(_talk(ask, tries=2 if kind in _LINES else 1))
    except DeviceFault:
        return None
    finally:
        line.close()
    return None if event is None or isinstance(event, Damaged) else FoundDevice(path, kind, address, setting.baud)


def _talk(ask: Ask, tries: int) -> Talk[object]:
    event: object = None
    for _ in range(tries):
        event = yield ask
        if event is not None and not isinstance(event, Damaged):
            break
    return event
