"""The simulated cabinet: papers are right by their check digits, hands do what they say, it answers from afar."""

import json
import threading
import time
from datetime import date

import pytest

from adapters.devices.cards.text import block_of, card_of
from adapters.devices.rack import rack_of
from adapters.devices.serial_wire import open_wire
from adapters.devices.simulators import served
from adapters.devices.simulators.cabinet import SimulatedCabinet
from adapters.devices.simulators.far import FarCabinet
from adapters.devices.simulators.shelf import paper, usual_shelf
from adapters.devices.zones.reading import read
from engine.model.devices import DeviceFault, PulseOutcome, Trouble

TODAY = date(2026, 11, 22)
WORDS = {
    "left": {"adapter": "lock_wkly", "port": "a", "channels": "8"},
    "reader": {"adapter": "zones_serial", "port": "b"},
    "cards": {"adapter": "cards_sdt", "port": "c"},
    "finger": {"adapter": "fingers_zfm", "port": "d"},
    "supply": {"adapter": "supply_q1", "port": "e"},
    "air": {"adapter": "climate_xymd02", "port": "f", "address": "1"},
    "wires": {"adapter": "current_pzem017", "port": "f", "address": "2"},
    "inputs": {"adapter": "contacts_modbus", "port": "f", "address": "3"},
    "radio": {"adapter": "radio_at", "port": "g"},
    "eye": {"adapter": "camera_v4l2", "path": "/dev/video0"},
}


@pytest.fixture
def stood(tmp_path):
    cabinet = SimulatedCabinet(WORDS, tmp_path)
    devices = rack_of(cabinet.words, open_wire)
    yield cabinet, devices
    devices.close()
    cabinet.close()


@pytest.mark.parametrize("found", usual_shelf().values(), ids=lambda one: one.id)
def test_papers_of_the_shelf_are_right(found):
    if found.card is not None:
        assert card_of(block_of(found.card)).faults == ()
    else:
        text = read(found.lines, TODAY)
        assert (text.number, text.faults) == (found.number, ())


def test_a_paper_of_ones_own(stood):
    cabinet, devices = stood
    told = {"form": "book", "number": "E1", "surname": "Nobody", "given": "A", "birth": "700101", "expiry": "300101"}
    assert paper("x", told).lines[1][:10] == "E1<<<<<<<" + paper("x", told).lines[1][9]
    reader = devices.zones("reader")
    assert reader.read(0.01, TODAY) is None
    cabinet.act({"act": "lay", "paper": told})
    text = reader.read(2.0, TODAY)
    assert (text.number, text.surname, text.faults) == ("E1", "NOBODY", ())


def test_hands(stood):
    cabinet, devices = stood
    locks = devices.locks("left")
    cabinet.act({"act": "stick", "board": "left", "lock": 2})
    assert locks.open(2).outcome is PulseOutcome.STUCK
    cabinet.act({"act": "wire", "board": "left", "lock": 3, "to": 4})
    assert locks.open(3).outcome is PulseOutcome.WRONG
    cabinet.act({"act": "close", "board": "left", "lock": 4})
    assert not any(state.open for state in locks.look().values())
    cabinet.act({"act": "lay", "item": "card_1"})
    assert devices.cards("cards").read().number == "110101198506120012"
    cabinet.act({"act": "lift_during", "step": "read"})
    cabinet.act({"act": "lift"})
    cabinet.act({"act": "lay", "item": "card_2"})
    with pytest.raises(DeviceFault) as fault:
        devices.cards("cards").read()
    assert fault.value.trouble is Trouble.REMOVED
    cabinet.act({"act": "mains", "on": False})
    assert not devices.supply("supply").read().mains
    cabinet.act({"act": "climate", "temperature": 31.5})
    cabinet.act({"act": "current", "volt": "10.9"})
    assert str(devices.climate("air").read().temperature) == "31.5"
    assert str(devices.current("wires").read().volt) in ("10.9", "10.90")
    cabinet.act({"act": "input", "input": 2, "ms": 400})
    assert devices.contacts("inputs").active() == {2}
    time.sleep(0.45)
    assert devices.contacts("inputs").active() == frozenset()
    cabinet.act({"act": "radio", "signal": 7})
    assert devices.radio("radio").read().signal == -99
    before = devices.camera("eye").snapshot()
    cabinet.act({"act": "door", "board": "left", "lock": 1})
    assert devices.camera("eye").snapshot() != before
    cabinet.act({"act": "camera", "on": False})
    with pytest.raises(DeviceFault):
        devices.camera("eye").snapshot()
    state = cabinet.act({"act": "reset"})
    left = next(one for one in state["devices"] if one["name"] == "left")
    assert (left["open"], left["stuck"], left["wired"], state["camera"]) == ([1], [], {}, True)


def test_faults_are_of_a_line_and_current_of_one_device(stood):
    cabinet, devices = stood
    cabinet.act({"act": "fault", "device": "air", "noise": True, "times": 1})
    assert devices.climate("air").read()
    state = cabinet.act({"act": "power", "device": "wires", "on": False})
    told = {one["name"]: (one["power"], one["faults"]) for one in state["devices"] if one["name"] in ("air", "wires")}
    assert (told["air"][0], told["wires"][0]) == (True, False)
    with pytest.raises(DeviceFault):
        devices.current("wires").read()
    assert devices.climate("air").read()


def test_it_answers_from_afar_and_says_what_it_does_not_understand(tmp_path):
    over, far = threading.Event(), FarCabinet(tmp_path / "socket")
    assert not far.is_there()
    thread = threading.Thread(target=served.run, args=(WORDS, tmp_path, over))
    thread.start()
    while not far.is_there():
        time.sleep(0.01)
    assert far.words()["eye"]["adapter"] == "camera_folder"
    assert far.is_online()
    assert json.loads(far.ask('{"act": "network", "on": false}'))["network"] is False
    assert not far.is_online()
    for wrong in ("{}", "nonsense", '{"act": "fly"}', '{"act": "door", "board": "left", "lock": 99}', "[]"):
        assert "wrong" in json.loads(far.ask(wrong)), wrong
    over.set()
    thread.join(5)
    assert not far.is_there()
