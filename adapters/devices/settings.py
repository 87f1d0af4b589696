"""Settings of devices as words, as a node writes them, into ports and devices.

In: for each device its words: `adapter` (the kind), `port`, `address`, line parameters, options of the kind. Out:
settings for the rack. Devices on one port share its line: they must agree on what they say of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.model.devices import DeviceSetting, PortSetting

_USUAL: Mapping[str, Mapping[str, int]] = {
    "lock_cu16": {"baud": 19200}, "lock_cu48": {"baud": 19200}, "supply_q1": {"baud": 2400},
    "cards_sdt": {"baud": 115200}, "fingers_zfm": {"baud": 57600}, "radio_at": {"baud": 115200},
}  # fmt: skip
"""Line parameters that a kind comes with; 9600 8N1 for the others."""


def _yes(text: str) -> bool:
    """Raises KeyError for a word that is neither."""
    return {"yes": True, "no": False, "true": True, "false": False}[text.lower()]


_LINE: Mapping[str, Callable[[str], object]] = {
    "baud": int, "bits": int, "parity": str, "stop": int, "gap": float, "echo": _yes, "patience": float,
}  # fmt: skip


def racked(
    told: Mapping[str, Mapping[str, str]],
) -> tuple[dict[str, PortSetting], dict[str, DeviceSetting]]:
    """Ports by their path, devices by their name. Raises ValueError, with the device's name, for words that cannot be
    meant or that contradict those of another device on the same port."""
    ports: dict[str, PortSetting] = {}
    devices: dict[str, DeviceSetting] = {}
    for name, words in told.items():
        try:
            port, device = _one(words)
        except (KeyError, ValueError) as error:
            raise ValueError(f"{name}: {error}") from error
        if port.path and ports.setdefault(port.path, port) != port:
            raise ValueError(f"{name}: {port.path}")
        devices[name] = device
    return ports, devices


def _one(words: Mapping[str, str]) -> tuple[PortSetting, DeviceSetting]:
    kind, path = words["adapter"], words.get("port", "")
    line = {key: _LINE[key](value) for key, value in words.items() if key in _LINE}
    options = {key: value for key, value in words.items() if key not in {"adapter", "port", "address", *_LINE}}
    port = PortSetting(**{"path": path, **_USUAL.get(kind, {}), **line})  # type: ignore[arg-type]
    return port, DeviceSetting(kind, path, int(words.get("address", "0"), 0), options)
