"""How simulated devices stand, as plain data for whoever shows them.

In: models and plugs. Out: columns by name: text, numbers, lists of them.
"""

from __future__ import annotations

from dataclasses import fields as columns_of

from adapters.devices.simulators import desk, locks, radios, slaves, supplies, thumbs
from adapters.devices.simulators.faults import Faults
from adapters.devices.simulators.plugs import Plug
from adapters.devices.simulators.stand import Bus
from adapters.devices.simulators.terminal import Model

BOARDS = (locks.Cu16, locks.Cu48, locks.Xor5, locks.Wkly, locks.Winnsen)
_LAST = 20
_NONE = (False, b"", 0, 0.0, None)


def line_told(plug: Plug, model: Model) -> dict[str, object]:
    """Whether it is plugged in and has power, and the faults of its line."""
    told = {one.name: getattr(plug.faults, one.name) for one in columns_of(Faults) if not one.name.startswith("_")}
    ordered = {name: value for name, value in told.items() if value not in _NONE}
    faults = {name: value.hex() if isinstance(value, bytes) else value for name, value in ordered.items()}
    off = isinstance(plug.model, Bus) and any(one is model for one in plug.model.off)
    return {"plugged": plug.terminal is not None, "power": not off, "faults": faults}


def model_told(model: Model) -> dict[str, object]:
    """What a device shows of itself."""
    match model:
        case locks.Cu16() | locks.Cu48() | locks.Xor5() | locks.Wkly() | locks.Winnsen():
            bank = model.bank
            return {
                "locks": bank.count, "open": sorted(bank.open), "items": sorted(bank.items),
                "stuck": sorted(bank.stuck), "wired": {str(one): to for one, to in bank.wired.items()},
                "pulses": bank.pulses[-_LAST:], "pulsed": len(bank.pulses),
            }  # fmt: skip
        case desk.Cards():
            return {"lies": "card" if model.card is not None else ""}
        case thumbs.Fingers():
            return {"finger": model.finger or "", "kept": {str(page): one for page, one in model.kept.items()}}
        case supplies.Unit():
            return {"mains": model.mains, "battery_volt": str(model.battery_volt)}
        case slaves.Relays():
            return {"active": sorted(model.active), "on": sorted(model.on)}
        case radios.Module():
            return {"signal": model.signal, "sim": model.sim, "sent": model.sent[-_LAST:]}
    return _measured(model)


def _measured(model: Model) -> dict[str, object]:
    match model:
        case slaves.ClimateSlave():
            return {"temperature": str(model.climate.temperature), "humidity": str(model.climate.humidity)}
        case slaves.CurrentSlave():
            return {"volt": str(model.current.volt), "ampere": str(model.current.ampere)}
    return {}
