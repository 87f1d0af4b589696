"""A whole stand of simulated devices out of a node's words, and another library that reads one of them."""

from datetime import date
from decimal import Decimal

import pytest
from pymodbus.client import ModbusSerialClient

from adapters.devices.rack import rack_of
from adapters.devices.serial_wire import open_wire
from adapters.devices.simulators.slaves import ClimateSlave
from adapters.devices.simulators.stand import Stand
from adapters.devices.simulators.terminal import Terminal
from engine.model.devices import Condition, DeviceFault, PulseOutcome
from tests.adapters.devices.test_ports import SHORT

TOLD = {
    "left": {"adapter": "lock_xor5", "port": "bus", "address": "1", "channels": "16", "gap": "0"},
    "right": {"adapter": "lock_xor5", "port": "bus", "address": "2", "channels": "16", "gap": "0", "closed_value": "0"},
    "air": {"adapter": "climate_xymd02", "port": "bus", "address": "1", "gap": "0"},
    "io": {"adapter": "contacts_modbus", "port": "bus", "address": "3", "gap": "0"},
    "power": {"adapter": "current_pzem017", "port": "bus", "address": "4", "gap": "0"},
    "ups": {"adapter": "supply_q1", "port": "ups", "gap": "0"},
    "cards": {"adapter": "cards_sdt", "port": "cards", "gap": "0"},
    "zones": {"adapter": "zones_serial", "port": "zones", "gap": "0"},
    "thumbs": {"adapter": "fingers_zfm", "port": "thumbs", "gap": "0"},
    "radio": {"adapter": "radio_at", "port": "radio", "gap": "0"},
}


def test_all_devices_of_a_node_are_well():
    with Stand(TOLD) as stand:
        rack = rack_of(stand.words, open_wire)
        assert {one.device: one.condition for one in rack.look_round()} == dict.fromkeys(TOLD, Condition.WELL)
        right = rack.locks("right")
        right.pace = SHORT
        assert right.open(16).outcome is PulseOutcome.OPENED
        assert (stand.models["right"].bank.open, stand.models["left"].bank.open) == ({16}, set())
        assert rack.climate("air").read().temperature == Decimal("21.5")
        assert rack.contacts("io").active() == set()
        assert rack.current("power").read().volt == Decimal("12.1")
        assert rack.supply("ups").mains()
        assert rack.cards("cards").read() is None
        assert rack.zones("zones").read(0.01, date(2026, 11, 22)) is None
        assert rack.fingers("thumbs").identify() is None
        assert rack.radio("radio").read().sim == "READY"
        with pytest.raises(DeviceFault):
            rack.camera("radio")
        rack.close()


def test_another_library_reads_the_simulated_sensor():
    with Terminal(ClimateSlave()) as end:
        client = ModbusSerialClient(end.path, baudrate=9600, timeout=1, retries=0)
        assert client.connect()
        told = client.read_input_registers(1, count=2, device_id=1)
        refused = client.read_input_registers(9, count=2, device_id=1)
        client.close()
    assert (told.registers, refused.exception_code) == ([215, 482], 2)


@pytest.mark.parametrize("words", [{"adapter": "camera_v4l2"}, {"adapter": "lock_cu16"}, {}])
def test_what_has_no_simulator_is_refused_with_its_name(words):
    with pytest.raises(ValueError, match="odd"):
        Stand({"odd": words})
