"""A whole simulated cabinet: every device that a node names, on a line of its own, and the hands that play with it.

In: the words of a node about its devices, a folder; orders as JSON objects (`{"act": "close", "board": "left", "lock":
3}`). Out: the same words with paths that a rack can open, and how everything stands. What each order is called is in
docs/devices.md. Orders come one at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import fields as columns_of
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from threading import Lock, Timer
from typing import Any, TypeVar

from adapters.devices.cards import sdt
from adapters.devices.simulators import desk, locks, radios, scene, shelf, slaves, supplies, thumbs
from adapters.devices.simulators.bank import Bank
from adapters.devices.simulators.faults import NOISE, Faults
from adapters.devices.simulators.plugs import Plug
from adapters.devices.simulators.stand import Bus, Words, model_of
from adapters.devices.simulators.standing import BOARDS, line_told, model_told
from adapters.devices.simulators.terminal import Model
from engine.model.device_kinds import CAMERA, DEVICE_KINDS
from engine.model.devices import Climate

Order = Mapping[str, Any]
Found = TypeVar("Found")
_STEPS = {"select": sdt.SELECT, "read": sdt.READ}


class SimulatedCabinet:
    """`words` are for a rack, `folder` holds ports and the camera's picture."""

    def __init__(self, told: Mapping[str, Words], folder: Path) -> None:
        """Raises ValueError, with the device's name, for a kind that has no simulator."""
        self.folder, self.kinds = folder, {name: words.get("adapter", "") for name, words in told.items()}
        self.models: dict[str, Model] = {}
        self.network, self.shelf = True, shelf.usual_shelf()
        self.lying: dict[str, str] = {}
        self._turn, self._pictures = Lock(), folder / "camera"
        self._pictures.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.plugs, self.words = self._plugged(told)
        self.has_camera = True
        self._draw()

    def _plugged(self, told: Mapping[str, Words]) -> tuple[dict[str, Plug], dict[str, Words]]:
        buses: dict[str, Bus] = {}
        words: dict[str, Words] = {}
        for name, said in told.items():
            kind = DEVICE_KINDS.get(said.get("adapter", ""))
            if kind is not None and kind.device == CAMERA:
                words[name] = {"adapter": "camera_folder", "path": str(self._pictures)}
                continue
            self.models[name] = model_of(name, said)
            buses.setdefault(said["port"], Bus()).models.append(self.models[name])
            words[name] = {**said, "port": str(self.folder / f"port{list(buses).index(said['port'])}")}
        plugs = {port: Plug(bus, self.folder / f"port{at}") for at, (port, bus) in enumerate(buses.items())}
        return {name: plugs[told[name]["port"]] for name in self.models}, words

    def close(self) -> None:
        """Pull all plugs."""
        for plug in self.plugs.values():
            plug.pull()

    def act(self, order: Order) -> dict[str, object]:
        """Do what a hand does. Raises KeyError, ValueError for what there is not."""
        acts: Mapping[str, Callable[[Order], None]] = {
            "close": self._close, "force": self._force, "door": self._door, "stick": self._stick, "wire": self._wire,
            "put": self._put, "take": self._take, "lay": self._lay, "lift": self._lift,
            "lift_during": self._lift_during, "finger": self._finger, "mains": self._mains,
            "battery": self._battery, "network": self._cut,
            "climate": self._climate, "current": self._current, "input": self._input, "radio": self._radio,
            "fault": self._fault, "power": self._power, "unplug": self._unplug, "plug": self._plug,
            "camera": self._camera, "reset": self._reset, "shelf": self._shelve,
        }  # fmt: skip
        with self._turn:
            acts[str(order["act"])](order)
            self._draw()
        return self.state()

    # --- doors

    def _bank(self, order: Order) -> tuple[str, Bank, int]:
        name = str(order["board"])
        board = self.models[name]
        if not isinstance(board, BOARDS):
            raise KeyError(name)
        lock = int(order["lock"])
        if not 1 <= lock <= board.bank.count:
            raise ValueError(f"{name} {lock}")
        return name, board.bank, lock

    def _changed(self, name: str, lock: int) -> None:
        board = self.models[name]
        if isinstance(board, locks.Wkly):
            self.plugs[name].say(board.changed(lock))

    def _close(self, order: Order) -> None:
        name, bank, lock = self._bank(order)
        bank.push(lock)
        self._changed(name, lock)

    def _force(self, order: Order) -> None:
        name, bank, lock = self._bank(order)
        bank.force(lock)
        self._changed(name, lock)

    def _door(self, order: Order) -> None:
        _, bank, lock = self._bank(order)
        (self._close if lock in bank.open else self._force)(order)

    def _stick(self, order: Order) -> None:
        _, bank, lock = self._bank(order)
        bank.stuck = bank.stuck | {lock} if order.get("on", True) else bank.stuck - {lock}

    def _wire(self, order: Order) -> None:
        _, bank, lock = self._bank(order)
        bank.wired.pop(lock, None)
        if order.get("to"):
            bank.wired[lock] = int(order["to"])

    def _put(self, order: Order) -> None:
        _, bank, lock = self._bank(order)
        bank.items.add(lock)

    def _take(self, order: Order) -> None:
        _, bank, lock = self._bank(order)
        bank.items.discard(lock)

    # --- the desk

    def _first(self, wanted: type[Found], order: Order) -> tuple[str, Found]:
        """The device that an order names, or the first of its kind. Raises KeyError."""
        for name, model in self.models.items():
            if isinstance(model, wanted) and order.get("device", name) == name:
                return name, model
        raise KeyError(str(order.get("device", wanted.__name__)))

    def _lay(self, order: Order) -> None:
        found = self._paper(order)
        if found.card is not None:
            name, cards = self._first(desk.Cards, order)
            cards.lay(found.card)
        else:
            name, zones = self._first(desk.Zones, order)
            self.plugs[name].say(zones.laid(found.lines))
        self.lying[name] = found.id

    def _paper(self, order: Order) -> shelf.Paper:
        if "lines" in order:
            return shelf.Paper("lines", "", shelf.BOOK, "", tuple(str(line) for line in order["lines"]))
        if "paper" in order:
            return shelf.paper("paper", {str(key): str(value) for key, value in order["paper"].items()})
        return self.shelf[str(order["item"])]

    def _shelve(self, order: Order) -> None:
        told = {str(key): str(value) for key, value in order["paper"].items()}
        self.shelf[str(order["item"])] = shelf.paper(str(order["item"]), told)

    def _lift(self, order: Order) -> None:
        for name, model in self.models.items():
            if isinstance(model, desk.Cards | desk.Zones) and order.get("device", name) == name:
                self.lying.pop(name, None)
                if isinstance(model, desk.Cards):
                    model.lift()

    def _lift_during(self, order: Order) -> None:
        _, cards = self._first(desk.Cards, order)
        step = str(order.get("step") or "")
        cards.lifted_before = _STEPS[step] if step else None

    def _finger(self, order: Order) -> None:
        _, module = self._first(thumbs.Fingers, order)
        module.coming = [None if one is None else str(one) for one in order.get("coming", ())]
        module.finger = str(order["finger"]) if order.get("finger") else None

    # --- what is measured

    def _mains(self, order: Order) -> None:
        self._first(supplies.Unit, order)[1].mains = bool(order["on"])

    def _battery(self, order: Order) -> None:
        self._first(supplies.Unit, order)[1].battery_volt = Decimal(str(order["volt"]))

    def _cut(self, order: Order) -> None:
        self.network = bool(order["on"])

    def _climate(self, order: Order) -> None:
        _, meter = self._first(slaves.ClimateSlave, order)
        now = meter.climate
        told = (order.get("temperature", now.temperature), order.get("humidity", now.humidity))
        meter.climate = Climate(*(Decimal(str(one)) for one in told))

    def _current(self, order: Order) -> None:
        _, meter = self._first(slaves.CurrentSlave, order)
        told = {name: Decimal(str(order[name])) for name in ("volt", "ampere") if name in order}
        meter.current = replace(meter.current, **told)  # type: ignore[arg-type]

    def _input(self, order: Order) -> None:
        _, board = self._first(slaves.Relays, order)
        number = int(order["input"])
        board.active = board.active | {number} if order.get("active", True) else board.active - {number}
        if order.get("ms"):
            Timer(int(order["ms"]) / 1000, lambda: board.active.discard(number)).start()

    def _radio(self, order: Order) -> None:
        _, module = self._first(radios.Module, order)
        module.signal, module.sim = int(order.get("signal", module.signal)), str(order.get("sim", module.sim))
        module.refuses = bool(order.get("refuses", module.refuses))

    # --- lines

    def _fault(self, order: Order) -> None:
        faults = self.plugs[str(order["device"])].faults
        faults.clear()
        for column in columns_of(Faults):
            if column.name in order and not column.name.startswith("_"):
                value = order[column.name]
                noisy = column.name in ("noise", "after")
                setattr(
                    faults, column.name, (NOISE if value is True else bytes.fromhex(value or "")) if noisy else value
                )

    def _power(self, order: Order) -> None:
        name = str(order["device"])
        model, bus = self.models[name], self.plugs[name].model
        assert isinstance(bus, Bus)
        bus.off = [one for one in bus.off if one is not model] + ([] if order["on"] else [model])

    def _unplug(self, order: Order) -> None:
        self.plugs[str(order["device"])].pull()

    def _plug(self, order: Order) -> None:
        self.plugs[str(order["device"])].put_in()

    def _camera(self, order: Order) -> None:
        self.has_camera = bool(order["on"])

    def _reset(self, order: Order) -> None:
        """Everything well again; what lies in drawers and which of them are open stays."""
        for plug in self.plugs.values():
            plug.put_in()
            plug.faults.clear()
            assert isinstance(plug.model, Bus)
            plug.model.off = []
        for model in self.models.values():
            match model:
                case locks.Cu16() | locks.Cu48() | locks.Xor5() | locks.Wkly() | locks.Winnsen():
                    model.bank.stuck, model.bank.wired = set(), {}
                case desk.Cards():
                    model.lifted_before = None
                    model.lift()
                case supplies.Unit():
                    model.mains, model.battery_volt = True, Decimal("13.6")
                case slaves.Relays():
                    model.active = set()
                case slaves.ClimateSlave():
                    model.climate = slaves.ClimateSlave().climate
                case slaves.CurrentSlave():
                    model.current = slaves.CurrentSlave().current
                case thumbs.Fingers():
                    model.finger, model.coming = None, []
        self.network, self.has_camera, self.lying = True, True, {}

    def _draw(self) -> None:
        path = self._pictures / "now.png"
        if not self.has_camera:
            path.unlink(missing_ok=True)
            return
        boards = [model for model in self.models.values() if isinstance(model, BOARDS)]
        doors = [lock in one.bank.open for one in boards for lock in range(1, one.bank.count + 1)]
        fresh = path.with_suffix(".new")
        fresh.write_bytes(scene.picture(doors, time.time_ns()))
        fresh.replace(path)

    # --- how it stands

    def state(self) -> dict[str, object]:
        """Everything, as a page shows it."""
        return {
            "devices": [self._told(name) for name in self.models],
            "network": self.network,
            "camera": self.has_camera,
            "shelf": [
                {"id": one.id, "title": one.title, "form": one.form, "number": one.number}
                for one in self.shelf.values()
            ],
        }

    def _told(self, name: str) -> dict[str, object]:
        kind = self.kinds[name]
        about = {"name": name, "adapter": kind, "kind": DEVICE_KINDS[kind].device, "lies": self.lying.get(name, "")}
        return {**about, **line_told(self.plugs[name], self.models[name]), **model_told(self.models[name])}
