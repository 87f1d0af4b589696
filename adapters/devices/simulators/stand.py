"""All devices of a node, simulated: a pseudo-terminal for each of its ports, models of whatever hangs on it.

In: the words of a node about its devices. Out: the same words with paths that a rack can open, and the models and
faults by name, for whoever plays the hands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from adapters.devices.simulators import desk, locks, radios, slaves, supplies, thumbs
from adapters.devices.simulators.bank import Bank
from adapters.devices.simulators.shelf import usual_fingers
from adapters.devices.simulators.terminal import Model, Terminal

Words = Mapping[str, str]


def _number(words: Words, name: str, usual: int) -> int:
    return int(words.get(name, str(usual)), 0)


def _bank(words: Words, usual: int) -> Bank:
    return Bank(_number(words, "channels", usual))


def _closed(words: Words) -> bool:
    return words.get("closed_when_set", "yes") == "yes"


_MODELS: Mapping[str, Callable[[Words, int], Model]] = {
    "lock_cu16": lambda words, at: locks.Cu16(_bank(words, 16), at, closed_when_set=_closed(words)),
    "lock_cu48": lambda words, at: locks.Cu48(_bank(words, 48), at, words.get("counted") == "yes", _closed(words)),
    "lock_xor5": lambda words, at: locks.Xor5(_bank(words, 24), at, _number(words, "closed_value", 0x11)),
    "lock_wkly": lambda words, at: locks.Wkly(_bank(words, 24), at),
    "lock_winnsen": lambda words, at: locks.Winnsen(_bank(words, 8), at),
    "contacts_modbus": lambda words, at: slaves.Relays(at, _number(words, "relays", 8)),
    "climate_xymd02": lambda words, at: slaves.ClimateSlave(unit=at, scale=_number(words, "scale", 10)),
    "current_pzem017": lambda words, at: slaves.CurrentSlave(unit=at),
    "supply_q1": lambda words, at: supplies.Unit(),
    "cards_sdt": lambda words, at: desk.Cards(),
    "zones_serial": lambda words, at: desk.Zones(),
    "fingers_zfm": lambda words, at: thumbs.Fingers(kept=usual_fingers(), password=_number(words, "password", 0)),
    "radio_at": lambda words, at: radios.Module(),
}  # fmt: skip


def model_of(name: str, words: Words) -> Model:
    """The model of one device. Raises ValueError, with its name, for a kind that has no simulator on a line."""
    if words.get("adapter", "") not in _MODELS or not words.get("port"):
        raise ValueError(name)
    return _MODELS[words["adapter"]](words, _number(words, "address", 0))


@dataclass
class Bus:
    """Several devices on one pair of wires: each hears all, and answers what is meant for it. Those that are `off` have
    no current."""

    models: list[Model] = field(default_factory=list)
    off: list[Model] = field(default_factory=list)

    def hear(self, data: bytes) -> list[bytes]:
        """The answers to what just came."""
        awake = [model for model in self.models if not any(model is one for one in self.off)]
        return [answer for model in awake for answer in model.hear(data)]


class Stand:
    """`models` and `ports` (a terminal each, with its faults) by the names of devices; `words` for a rack."""

    def __init__(self, told: Mapping[str, Words]) -> None:
        """Raises ValueError, with the device's name, for a kind that has no simulator on a line."""
        self.models: dict[str, Model] = {}
        buses: dict[str, Bus] = {}
        for name, words in told.items():
            self.models[name] = model_of(name, words)
            buses.setdefault(words["port"], Bus()).models.append(self.models[name])
        terminals = {port: Terminal(bus) for port, bus in buses.items()}
        self.ports = {name: terminals[words["port"]] for name, words in told.items()}
        self.words = {name: {**words, "port": self.ports[name].path} for name, words in told.items()}

    def close(self) -> None:
        """Pull all plugs."""
        for terminal in {one.path: one for one in self.ports.values()}.values():
            terminal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
