"""The attendant over pseudo-terminals: each happening once, lost devices come back, a dead one keeps nobody waiting."""

import threading
import time
from datetime import datetime

import pytest

from adapters.devices.rack import rack_of
from adapters.devices.serial_wire import open_wire
from adapters.devices.simulators.cabinet import SimulatedCabinet
from engine.model.devices import PulseOutcome
from engine.ports.watching import NetworkState
from kiosk import rounds
from kiosk.attending import Attendant, Post
from kiosk.floods import Floods
from kiosk.rounds import Heard

WORDS = {
    "left": {"adapter": "lock_cu48", "port": "a", "address": "1", "left_after": "0.4", "rest": "0"},
    "right": {"adapter": "lock_xor5", "port": "b", "address": "1", "channels": "16", "rest": "0"},
    "inputs": {"adapter": "contacts_modbus", "port": "c", "address": "1", "gap": "0"},
    "air": {"adapter": "climate_xymd02", "port": "c", "address": "2", "gap": "0"},
    "supply": {"adapter": "supply_q1", "port": "d", "gap": "0"},
}


class Cable:
    online = True

    def state(self):
        return NetworkState(online=self.online, address="192.0.2.7")


class Told:
    """Whom the attendant tells."""

    def __init__(self):
        self.all, self.kept, self.away = [], [], 0

    def hear(self, name, values):
        self.all.append((name, dict(values)))

    def keep(self, name, values, at):
        if self.away:
            self.away -= 1
            raise OSError("the store is away")
        self.kept.append((name, dict(values)))

    def wait_for(self, name, within=5.0):
        until = time.monotonic() + within
        while time.monotonic() < until:
            if any(one == name for one, _ in self.all):
                return [values for one, values in self.all if one == name]
            time.sleep(0.005)
        raise AssertionError(f"{name} of {self.all}")


class Stood:
    """A simulated cabinet with an attendant who has seen it once."""

    def __init__(self, folder):
        self.cabinet = SimulatedCabinet(WORDS, folder)
        self.devices = rack_of(self.cabinet.words, open_wire)
        self.told, self.cable = Told(), Cable()
        self.devices.supply("supply")._mains.returned_after = 0.02
        posts = [
            Post("left", "lock", rounds.LockRound("left", self.devices.locks("left"), 0.02)),
            Post("right", "lock", rounds.LockRound("right", self.devices.locks("right"), 0.02)),
            Post("inputs", "contacts", rounds.InputRound("inputs", self.devices.contacts("inputs"), 0.02)),
            Post("air", "climate", rounds.MeterRound(lambda: rounds.climate(self.devices.climate("air")), 0.02)),
            Post("supply", "supply", rounds.SupplyRound(self.devices.supply("supply"), 0.02)),
            Post("network", "node", rounds.NetworkRound(self.cable, 0.02)),
        ]
        self.attendant = Attendant(self.devices, posts, self.told.keep, datetime.now, measured_every=0.1)
        self.attendant.listen(self.told.hear)
        self.attendant.begin()
        time.sleep(0.25)

    def act(self, **order):
        self.cabinet.act(order)

    def close(self):
        self.attendant.close()
        self.devices.close()
        self.cabinet.close()


@pytest.fixture
def stood(tmp_path):
    stood = Stood(tmp_path)
    yield stood
    stood.close()


def names(told, *without):
    return [name for name, _ in told if name not in ("device.measured", *without)]


def test_each_happening_is_told_once(stood):
    told = stood.told
    stood.act(act="force", board="left", lock=3)
    assert told.wait_for("lock.forced") == [{"board": "left", "lock": 3}]
    assert told.wait_for("lock.left_open") == [{"board": "left", "lock": 3}]
    stood.act(act="close", board="left", lock=3)
    told.wait_for("lock.closed")
    stood.act(act="input", input=2)
    assert told.wait_for("input.active") == [{"board": "inputs", "input": 2}]
    stood.act(act="input", input=2, active=False)
    told.wait_for("input.idle")
    stood.act(act="mains", on=False)
    told.wait_for("power.lost")
    stood.act(act="battery", volt="10.2")
    told.wait_for("power.low")
    stood.act(act="mains", on=True)
    told.wait_for("power.back")
    stood.cable.online = False
    told.wait_for("network.lost")
    stood.cable.online = True
    told.wait_for("network.back")
    time.sleep(0.3)
    assert names(told.all) == [
        "lock.opened", "lock.forced", "lock.left_open", "lock.closed", "input.active", "input.idle",
        "power.lost", "power.low", "power.back", "network.lost", "network.back",
    ]  # fmt: skip
    assert names(told.kept) == names(told.all)
    row = stood.attendant.measured()
    assert (str(row["temperature"]), row["mains"], row["online"]) == ("21.5", True, True)
    assert any(name == "device.measured" and values["humidity"] for name, values in told.kept)


def test_an_order_is_told_with_its_opening(stood):
    assert stood.devices.locks("right").open(5).outcome is PulseOutcome.OPENED
    assert stood.told.wait_for("lock.opened") == [{"board": "right", "lock": 5, "ordered": True}]
    assert names(stood.told.all) == ["lock.open_sent", "lock.opened"]


def test_what_opened_while_nobody_attended_is_told(stood):
    stood.attendant.close()
    stood.act(act="force", board="left", lock=1)
    again = Told()
    posts = [Post("left", "lock", rounds.LockRound("left", stood.devices.locks("left"), 0.02))]
    fresh = Attendant(stood.devices, posts, again.keep, datetime.now)
    fresh.listen(again.hear)
    fresh.begin()
    again.wait_for("lock.forced")  # the board was watched before: what came in between is told
    fresh.close()


def test_a_port_that_is_unplugged_comes_back(stood):
    stood.act(act="unplug", device="right")
    (lost,) = stood.told.wait_for("device.lost")
    assert (lost["name"], lost["kind"], lost["trouble"]) == ("right", "lock", "gone")
    assert "right" in stood.attendant.lost
    stood.act(act="force", board="left", lock=2)  # the others are watched as before
    stood.told.wait_for("lock.forced", within=1.0)
    stood.act(act="plug", device="right")
    assert [one["name"] for one in stood.told.wait_for("device.back", within=8.0)] == ["right"]
    stood.act(act="force", board="right", lock=4)
    until = time.monotonic() + 3
    while ("lock.forced", {"board": "right", "lock": 4}) not in stood.told.all and time.monotonic() < until:
        time.sleep(0.01)
    assert ("lock.forced", {"board": "right", "lock": 4}) in stood.told.all
    assert names(stood.told.all).count("device.lost") == names(stood.told.all).count("device.back") == 1


def test_a_dead_device_on_the_line_keeps_nobody_waiting(stood):
    stood.act(act="power", device="inputs", on=False)
    began = time.monotonic()
    assert stood.devices.locks("left").open(1).outcome is PulseOutcome.OPENED
    assert time.monotonic() - began < 1.0
    assert str(stood.devices.climate("air").read().temperature) == "21.5"  # on the very line of the dead one


def test_a_store_that_is_away_loses_nothing_and_keeps_the_order(stood):
    stood.told.away = 1
    stood.act(act="force", board="left", lock=1)
    stood.act(act="input", input=1)
    until = time.monotonic() + 8
    while len(names(stood.told.kept)) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    assert sorted(names(stood.told.kept, "lock.left_open")) == ["input.active", "lock.forced", "lock.opened"]
    assert names(stood.told.kept) == names(stood.told.all)[: len(names(stood.told.kept))]


def test_a_listener_that_fails_keeps_nobody_from_hearing(stood):
    heard = threading.Event()
    stood.attendant._listeners.insert(0, lambda name, values: 1 / 0)
    stood.attendant.listen(lambda name, values: heard.set())
    stood.attendant.say("lock.forced", {"board": "left", "lock": 9})
    assert heard.wait(2)
    stood.told.wait_for("lock.forced")


def test_equal_happenings_in_a_flood_are_counted():
    floods, chatter = Floods(most=3, within=10.0), Heard("input.active", {"board": "inputs", "input": 1})
    told = [one for at in range(50) for one in floods.take(chatter, at / 10)]
    assert told == [chatter] * 3
    assert floods.take(Heard("input.active", {"board": "inputs", "input": 2}), 5.0)  # another one is no flood
    assert floods.due(9.0) == []
    assert floods.due(10.0) == [Heard("input.active", {"board": "inputs", "input": 1, "count": 47})]
    assert floods.due(30.0) == []
    assert floods.take(chatter, 31.0) == (chatter,)


def test_pages_of_a_fingerprint_module_are_told_at_the_start_and_when_it_is_back(tmp_path):
    cabinet = SimulatedCabinet({"finger": {"adapter": "fingers_zfm", "port": "f", "gap": "0"}}, tmp_path)
    devices, told = rack_of(cabinet.words, open_wire), Told()
    pages = sorted(devices.fingers("finger").pages())
    attendant = Attendant(
        devices, [Post("finger", "finger", rounds.FingerRound("finger", devices, 0.02))], told.keep, datetime.now
    )
    attendant.listen(told.hear)
    attendant.begin()
    try:
        assert told.wait_for("finger.listed") == [{"name": "finger", "pages": [{"page": one} for one in pages]}]
        cabinet.act({"act": "unplug", "device": "finger"})
        told.wait_for("device.lost", within=10)
        cabinet.act({"act": "plug", "device": "finger"})
        told.wait_for("device.back", within=10)
        time.sleep(0.2)
        assert names(told.all, "device.lost", "device.back") == ["finger.listed", "finger.listed"]
    finally:
        attendant.close()
        devices.close()
        cabinet.close()


def test_how_each_device_is_doing_is_a_row(stood):
    def row(name):
        return next(one for one in stood.attendant.measured()["parts"] if one["name"] == name)

    well = row("air")
    assert (well["kind"], well["adapter"], well["state"], well["trouble"]) == ("", "climate_xymd02", "working", None)
    assert well["answers"] > 0
    assert well["failures"] == 0
    assert well["answer_ms"] < 1000
    assert well["heard_at"] >= well["since"]
    stood.act(act="power", device="air", on=False)
    stood.told.wait_for("device.lost", within=20)
    lost = row("air")
    assert (lost["state"], lost["trouble"]) == ("lost", "silent")
    assert lost["failures"] >= 3
    assert lost["retries"] >= 3 * lost["failures"]
    assert lost["since"] >= well["since"]
    stood.act(act="power", device="air", on=True)
    stood.told.wait_for("device.back", within=20)
    assert row("air")["state"] == "working"
    assert "parts" not in dict(stood.told.kept)["device.measured"], "what is kept holds figures alone"
