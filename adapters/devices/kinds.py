"""Kinds of devices by the names that settings give them: how each is made of its slot, and how it is asked after.

In: a slot (settings, port, health). Out: the doors of `engine.ports.devices`. Options are words out of settings; one
that is not known, or makes no sense, is refused when the rack is set up or the device is first asked for, never
passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Protocol, TypeVar

from adapters.devices import doors
from adapters.devices.camera.folder import FolderCamera
from adapters.devices.camera.v4l2 import V4l2Camera
from adapters.devices.cards.reading import CardReader
from adapters.devices.fingers.module import FingerModule
from adapters.devices.locks.boards import Board, Cu16Board, Cu48Board, WinnsenBoard, WklyBoard, Xor5Board
from adapters.devices.locks.door import LEFT_AFTER, REST, BoardLocks
from adapters.devices.modbus.relays import RelayBoard
from adapters.devices.modbus.sensors import ClimateSensor, CurrentSensor
from adapters.devices.modem.module import Modem
from adapters.devices.runner import Runner
from adapters.devices.ups import Ups
from adapters.devices.zones.reader import ZoneReader
from engine.model.devices import DeviceSetting

Built = TypeVar("Built")


class SlotLike(Runner, Protocol):
    """What a device is made of."""

    @property
    def setting(self) -> DeviceSetting:
        """Its settings."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: the class of its door, how that is made, how it is asked after. Words: `model.device_kinds`."""

    made: type
    make: Callable[[SlotLike, Lock], object]
    probe: Callable[[Any], object]


def _yes(options: Mapping[str, str], name: str, usual: str) -> bool:
    """Raises ValueError for a word that is neither."""
    said = options.get(name, usual)
    if said not in ("yes", "no", "true", "false"):
        raise ValueError(f"{name}: {said}")
    return said in ("yes", "true")


def _number(options: Mapping[str, str], name: str, usual: int) -> int:
    return int(options.get(name, str(usual)), 0)


def _cu16(setting: DeviceSetting) -> Board:
    return Cu16Board(setting.address, _yes(setting.options, "closed_when_set", "yes"))


def _cu48(setting: DeviceSetting) -> Board:
    options = setting.options
    return Cu48Board(setting.address, _yes(options, "counted", "no"), _yes(options, "closed_when_set", "yes"))


def _xor5(setting: DeviceSetting) -> Board:
    """Raises ValueError where the feedback of a closed lock is neither of the two that there are."""
    options = setting.options
    closed = _number(options, "closed_value", 0x11)
    if closed not in (0x00, 0x11):
        raise ValueError(f"closed_value: {closed}")
    return Xor5Board(setting.address, _number(options, "channels", 24), closed)


def _wkly(setting: DeviceSetting) -> Board:
    return WklyBoard(setting.address, _number(setting.options, "channels", 24))


def _winnsen(setting: DeviceSetting) -> Board:
    return WinnsenBoard(setting.address, _number(setting.options, "channels", 8))


def _locks(board: Callable[[DeviceSetting], Board]) -> Kind:
    def make(slot: SlotLike, coils: Lock) -> object:
        told = slot.setting.options
        left_after, rest = float(told.get("left_after", LEFT_AFTER)), float(told.get("rest", REST))
        return BoardLocks(slot, board(slot.setting), coils, left_after, rest)

    return Kind(BoardLocks, make, BoardLocks.look)


def _contacts(slot: SlotLike, coils: Lock) -> object:
    """`active_low`: inputs that are active at their low level, as a list of numbers."""
    options = slot.setting.options
    low = {int(one): False for one in options.get("active_low", "").replace(",", " ").split()}
    board = RelayBoard(slot.setting.address, _number(options, "relays", 8), _number(options, "inputs", 8), low)
    return doors.BoardContacts(slot, board, coils)


def _climate(slot: SlotLike, coils: Lock) -> object:
    return doors.Climates(slot, ClimateSensor(slot.setting.address, _number(slot.setting.options, "scale", 10)))


def _fingers(slot: SlotLike, coils: Lock) -> object:
    options = slot.setting.options
    address, password = slot.setting.address or 0xFFFFFFFF, _number(options, "password", 0)
    return doors.FingerPages(slot, FingerModule(address, password, _number(options, "capacity", 200)))


def _camera(slot: SlotLike, coils: Lock) -> object:
    options = slot.setting.options
    size = _number(options, "width", 1280), _number(options, "height", 720)
    return doors.Pictures(slot, V4l2Camera(options.get("path", "/dev/video0"), *size))


def _folder(slot: SlotLike, coils: Lock) -> object:
    return doors.Pictures(slot, FolderCamera(Path(slot.setting.options.get("path", ""))))


KINDS: Mapping[str, Kind] = {
    "lock_cu16": _locks(_cu16),
    "lock_cu48": _locks(_cu48),
    "lock_xor5": _locks(_xor5),
    "lock_wkly": _locks(_wkly),
    "lock_winnsen": _locks(_winnsen),
    "contacts_modbus": Kind(doors.BoardContacts, _contacts, doors.BoardContacts.active),
    "climate_xymd02": Kind(doors.Climates, _climate, doors.Climates.read),
    "current_pzem017": Kind(
        doors.Currents, lambda slot, _: doors.Currents(slot, CurrentSensor(slot.setting.address)), doors.Currents.read
    ),
    "supply_q1": Kind(doors.Supplies, lambda slot, _: doors.Supplies(slot, Ups()), doors.Supplies.read),
    "cards_sdt": Kind(doors.Cards, lambda slot, _: doors.Cards(slot, CardReader()), doors.Cards.test),
    "zones_serial": Kind(doors.Zones, lambda slot, _: doors.Zones(slot, ZoneReader()), doors.Zones.is_open),
    "fingers_zfm": Kind(doors.FingerPages, _fingers, doors.FingerPages.test),
    "radio_at": Kind(doors.Radios, lambda slot, _: doors.Radios(slot, Modem()), doors.Radios.read),
    "camera_v4l2": Kind(doors.Pictures, _camera, doors.Pictures.snapshot),
    "camera_folder": Kind(doors.Pictures, _folder, doors.Pictures.snapshot),
}
"""By the word that settings use."""
