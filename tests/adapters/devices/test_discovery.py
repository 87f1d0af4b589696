"""What hangs on a port, and settings as a node writes them."""

import pytest

from adapters.devices.discovery import find
from adapters.devices.locks.door import BoardLocks
from adapters.devices.rack import Rack
from adapters.devices.serial_wire import open_wire, port_paths
from adapters.devices.settings import racked
from adapters.devices.simulators.bank import Bank
from adapters.devices.simulators.desk import Cards
from adapters.devices.simulators.locks import Cu16, Cu48, Winnsen, Wkly, Xor5
from adapters.devices.simulators.radios import Module
from adapters.devices.simulators.slaves import ClimateSlave, CurrentSlave, Relays
from adapters.devices.simulators.supplies import Unit
from adapters.devices.simulators.terminal import Terminal
from adapters.devices.simulators.thumbs import Fingers
from engine.model.devices import DeviceSetting, FoundDevice, PortSetting
from tests.adapters.devices.lines import MemoryWire

BANK = Bank(24)
MODELS = {
    "lock_cu16": lambda: Cu16(BANK, 1), "lock_cu48": lambda: Cu48(BANK, 1), "lock_xor5": lambda: Xor5(BANK, 1),
    "lock_wkly": lambda: Wkly(BANK, 1), "lock_winnsen": lambda: Winnsen(BANK, 1), "climate_xymd02": ClimateSlave,
    "current_pzem017": CurrentSlave, "contacts_modbus": Relays, "supply_q1": Unit, "cards_sdt": Cards,
    "fingers_zfm": Fingers, "radio_at": Module,
}  # fmt: skip


@pytest.mark.parametrize("kind", MODELS)
def test_each_kind_is_found_by_its_own_question_alone(kind):
    found = find(["p"], lambda _: MemoryWire(MODELS[kind]()), within=0.005)
    assert [one.kind for one in found] == [kind]
    assert BANK.pulses == []


@pytest.mark.parametrize("kind", ["supply_q1", "radio_at"])
def test_whoever_listens_to_lines_is_found_again(kind):
    wire = MemoryWire(MODELS[kind]())
    for _ in range(2):  # what the others were asked stands at the head of the first line of the second time
        assert [one.kind for one in find(["p"], lambda _: wire, within=0.005)] == [kind]


def test_through_a_port_and_no_port():
    with Terminal(Unit()) as end:
        found = find([end.path, "/dev/there-is-none"], open_wire, addresses=[0], within=0.1)
    assert found == [FoundDevice(found[0].port, "supply_q1", 0, 2400)]


def test_ports_of_this_machine_are_paths():
    assert all(path.startswith("/dev/") for path in port_paths())


TOLD = {
    "left": {"adapter": "lock_xor5", "port": "/dev/a", "address": "1", "channels": "16", "closed_value": "0"},
    "right": {"adapter": "lock_xor5", "port": "/dev/a", "address": "0x02", "rest": "2"},
    "supply": {"adapter": "supply_q1", "port": "/dev/b", "echo": "yes"},
    "eye": {"adapter": "camera_folder", "path": "pictures"},
}


def test_settings_of_a_node():
    ports, devices = racked(TOLD)
    quick = PortSetting("/dev/a", 9600, gap=0.01)
    assert ports == {"/dev/a": quick, "/dev/b": PortSetting("/dev/b", 2400, echo=True)}
    air = {"adapter": "climate_xymd02", "port": "/dev/a", "address": "3"}
    assert racked({**TOLD, "air": air})[0]["/dev/a"].gap == 0.05  # the slowest says how fast it goes
    assert devices["right"] == DeviceSetting("lock_xor5", "/dev/a", 2, {"rest": "2"})
    rack = Rack(ports, devices, open_wire)
    assert rack.device("left", BoardLocks).board.closed_value == 0
    assert [one.device for one in rack.health()] == ["left", "right", "supply", "eye"]


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"adapter": "lock_cu16", "port": "x", "address": "one"},
        {"adapter": "lock_cu16", "port": "x", "echo": "perhaps"},
        {"adapter": "lock_cu16", "port": "/dev/a"},
    ],
)
def test_words_that_cannot_be_meant_are_refused_with_the_name(words):
    with pytest.raises(ValueError, match=r"^third: "):
        racked({**TOLD, "third": words})
