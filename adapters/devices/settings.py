"""Settings of devices as words, as a node writes them, into ports and devices.

In: for each device its words: `adapter` (the kind), `port`, `address`, line parameters, options of the kind. Out:
settings for the rack. Devices on one port share its line: they must agree on what they say of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from engine.model.device_kinds import ALL, DEVICE_KINDS, LINE
from engine.model.devices import DeviceSetting, PortSetting


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
    meant or that contradict those of another device on the same port; of several gaps the longest holds."""
    ports: dict[str, PortSetting] = {}
    devices: dict[str, DeviceSetting] = {}
    for name, words in told.items():
        try:
            port, device = _one(words)
        except (KeyError, ValueError) as error:
            raise ValueError(f"{name}: {error}") from error
        if port.path:
            former = ports.get(port.path, port)
            if replace(former, gap=port.gap) != port:
                raise ValueError(f"{name}: {port.path}")
            ports[port.path] = replace(port, gap=max(former.gap, port.gap))
        devices[name] = device
    return ports, devices


def _one(words: Mapping[str, str]) -> tuple[PortSetting, DeviceSetting]:
    kind, path = words["adapter"], words.get("port", "")
    line = {key: _LINE[key](value) for key, value in words.items() if key in _LINE}
    known = {*ALL, *LINE}
    options = {key: value for key, value in words.items() if key not in known}
    told = DEVICE_KINDS.get(kind)
    usual = {} if told is None else {"baud": told.baud, "gap": told.gap}
    port = PortSetting(**{"path": path, **usual, **line})  # type: ignore[arg-type]
    return port, DeviceSetting(kind, path, int(words.get("address", "0"), 0), options)
