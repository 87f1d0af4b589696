"""How soon an order to a lock is on the wire while the attendant watches, against a plain write in the same run.

Both go to pseudo-terminals; what is timed is from the call to the moment at which the far end has read the bytes of
the pulse. Three boards share the line, and one of them is dead in the last part.
"""

from __future__ import annotations

import os
import statistics
import sys
import threading
import time
import tty
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import serial

from adapters.devices.rack import rack_of
from adapters.devices.serial_wire import open_wire
from adapters.devices.simulators.cabinet import SimulatedCabinet
from engine.model.devices import PulseOutcome
from kiosk import rounds
from kiosk.attending import Attendant, Post

ORDERS, MOST_MS = 40, 20.0
WORDS = {
    name: {"adapter": "lock_cu48", "port": "a", "address": str(at), "rest": "0"}
    for at, name in enumerate(("one", "two", "three"), 1)
}


def plain(times: int) -> list[float]:
    """Milliseconds of a write by pyserial alone."""
    master, slave = os.openpty()
    tty.setraw(slave)
    port = serial.Serial(os.ttyname(slave), 19200, exclusive=True)
    found: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        port.write(bytes(5))
        os.read(master, 16)
        found.append((time.perf_counter() - began) * 1000)
        time.sleep(0.01)
    port.close()
    os.close(master)
    os.close(slave)
    return found


def ordered(folder: Path, times: int, dead: str = "") -> list[float]:
    """Milliseconds from an order to its pulse at the board."""
    cabinet = SimulatedCabinet(WORDS, folder)
    devices = rack_of(cabinet.words, open_wire)
    posts = [Post(name, "lock", rounds.LockRound(name, devices.locks(name), 0.2)) for name in WORDS]
    attendant = Attendant(devices, posts, lambda name, values, at: None, datetime.now)
    attendant.begin()
    pulsed: list[float] = []
    bank = cabinet.models["one"].bank  # type: ignore[attr-defined]
    bank.after_pulse = lambda: pulsed.append(time.perf_counter())
    if dead:
        cabinet.act({"act": "power", "device": dead, "on": False})
    time.sleep(1.0)
    found: list[float] = []
    for at in range(times):
        lock = at % 40 + 1
        began = time.perf_counter()
        outcome = devices.locks("one").open(lock).outcome
        assert outcome is PulseOutcome.OPENED, outcome
        found.append((pulsed[-1] - began) * 1000)
        bank.push(lock)
        time.sleep(0.45 + at % 7 / 40)
    attendant.close()
    devices.close()
    cabinet.close()
    return found


def told(what: str, found: list[float]) -> tuple[float, float]:
    """Median and 95th of a hundred, printed."""
    median, late = statistics.median(found), sorted(found)[int(len(found) * 0.95) - 1]
    numbers = f"median {median:.2f} ms, p95 {late:.2f} ms, longest {max(found):.2f} ms, of {len(found)}"
    sys.stdout.write(f"{what}: {numbers}\n")
    return median, late


def test_an_order_is_on_the_wire_at_once() -> None:
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        told("a plain write", plain(ORDERS))
        watched = told("an order, three boards watched", ordered(Path(first), ORDERS))
        told("an order, one board of the line dead", ordered(Path(second), ORDERS // 2, "three"))
    assert watched[1] < MOST_MS
    assert threading.active_count() < 20
