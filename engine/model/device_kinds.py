"""Kinds of devices that a node may name: which class of device each is, whether it hangs on a line, its own words.

Plain values: checks read a node's words by them, the rack of `adapters.devices` makes the devices. What a word may be
is named by its form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

LOCK, READER, FINGER, CAMERA = "lock", "reader", "finger", "camera"
RADIO, SUPPLY, CLIMATE, CURRENT, CONTACTS = "radio", "supply", "climate", "current", "contacts"
"""Classes of devices, as flows name them."""


class Form(StrEnum):
    """What a word of a device may be."""

    TEXT = "text"
    NUMBER = "number"
    DECIMAL = "decimal"
    YES = "yes"
    PARITY = "parity"
    NUMBERS = "numbers"


_FORMS: Mapping[Form, re.Pattern[str]] = {
    Form.TEXT: re.compile(r"(?s).+"),
    Form.NUMBER: re.compile(r"\d+|0x[0-9a-fA-F]+"),
    Form.DECIMAL: re.compile(r"\d+(\.\d+)?"),
    Form.YES: re.compile(r"yes|no|true|false"),
    Form.PARITY: re.compile(r"[NEO]"),
    Form.NUMBERS: re.compile(r"\d+([ ,]+\d+)*"),
}
LINE: Mapping[str, Form] = {
    "port": Form.TEXT,
    "address": Form.NUMBER,
    "baud": Form.NUMBER,
    "bits": Form.NUMBER,
    "parity": Form.PARITY,
    "stop": Form.NUMBER,
    "gap": Form.DECIMAL,
    "echo": Form.YES,
    "patience": Form.DECIMAL,
}
"""Words of whatever hangs on a serial line."""
SHARED = ("baud", "bits", "parity", "stop", "echo", "patience")
"""Words that all devices on one port have alike; of several gaps the longest holds."""
ALL: Mapping[str, Form] = {"adapter": Form.TEXT, "simulate": Form.YES, "every": Form.DECIMAL}
"""Words of every device: its kind, whether it stands on a simulator, seconds between two looks of whoever attends."""
_LOCKS: Mapping[str, Form] = {"left_after": Form.DECIMAL, "rest": Form.DECIMAL}


@dataclass(frozen=True, slots=True)
class DeviceKind:
    """`device` is its class; `words` those that it alone knows; `baud` the speed that it comes with."""

    device: str
    words: Mapping[str, Form] = field(default_factory=dict)
    baud: int = 9600
    on_line: bool = True

    @property
    def gap(self) -> float:
        """Seconds between two commands on its port; short for locks, so that an order is on the wire at once."""
        return 0.01 if self.device == LOCK else 0.05

    @property
    def knows(self) -> Mapping[str, Form]:
        """All words of a device of this kind."""
        return {**ALL, **(LINE if self.on_line else {}), **self.words}


DEVICE_KINDS: Mapping[str, DeviceKind] = {
    "lock_cu16": DeviceKind(LOCK, {**_LOCKS, "closed_when_set": Form.YES}, 19200),
    "lock_cu48": DeviceKind(LOCK, {**_LOCKS, "closed_when_set": Form.YES, "counted": Form.YES}, 19200),
    "lock_xor5": DeviceKind(LOCK, {**_LOCKS, "channels": Form.NUMBER, "closed_value": Form.NUMBER}),
    "lock_wkly": DeviceKind(LOCK, {**_LOCKS, "channels": Form.NUMBER}),
    "lock_winnsen": DeviceKind(LOCK, {**_LOCKS, "channels": Form.NUMBER}),
    "contacts_modbus": DeviceKind(
        CONTACTS, {"relays": Form.NUMBER, "inputs": Form.NUMBER, "active_low": Form.NUMBERS}
    ),
    "climate_xymd02": DeviceKind(CLIMATE, {"scale": Form.NUMBER}),
    "current_pzem017": DeviceKind(CURRENT),
    "supply_q1": DeviceKind(SUPPLY, baud=2400),
    "cards_sdt": DeviceKind(READER, baud=115200),
    "zones_serial": DeviceKind(READER),
    "fingers_zfm": DeviceKind(FINGER, {"password": Form.NUMBER, "capacity": Form.NUMBER}, 57600),
    "radio_at": DeviceKind(RADIO, baud=115200),
    "camera_v4l2": DeviceKind(
        CAMERA, {"path": Form.TEXT, "width": Form.NUMBER, "height": Form.NUMBER}, on_line=False
    ),
    "camera_folder": DeviceKind(CAMERA, {"path": Form.TEXT}, on_line=False),
}  # fmt: skip
"""By the word that a node uses for `adapter`."""


def is_of(form: Form, word: str) -> bool:
    """Whether a word has a form."""
    return _FORMS[form].fullmatch(word) is not None


def classes(devices: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """The class of each device that a node names; none for those of a kind that there is not."""
    kinds = {name: DEVICE_KINDS.get(words.get("adapter", "")) for name, words in devices.items()}
    return {name: kind.device for name, kind in kinds.items() if kind is not None}
