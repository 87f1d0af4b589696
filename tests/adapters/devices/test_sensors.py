"""Modbus devices and supplies against their simulators: values, polarity, what cannot be, what is refused."""

from decimal import Decimal

import pytest
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest, WriteSingleCoilRequest
from pymodbus.pdu.register_message import ReadInputRegistersRequest

from adapters.devices.modbus import rtu
from adapters.devices.modbus.relays import Every, Flash, Relay, RelayBoard, frame_of
from adapters.devices.modbus.sensors import ClimateSensor, CurrentSensor
from adapters.devices.simulators.faults import NOISE, Faults
from adapters.devices.simulators.slaves import ClimateSlave, CurrentSlave, Relays
from adapters.devices.simulators.supplies import Unit
from adapters.devices.ups import MainsWatch, Ups
from engine.model.devices import Climate, DeviceFault, Trouble
from tests.adapters.devices.lines import MemoryWire, line_to

LINE_FAULTS = pytest.mark.parametrize(
    "fault",
    [{}, {"noise": NOISE}, {"split": True}, {"glued": True}, {"echo": True}, {"flip": True, "times": 1}],
    ids=str,
)


def run(model, talk, **faults):
    return line_to(MemoryWire(model, Faults(**faults))).run(talk)


def trouble(model, talk, **faults):
    with pytest.raises(DeviceFault) as fault:
        run(model, talk, **faults)
    return fault.value.trouble


# --- Modbus, held against pymodbus -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (rtu.Read(1, rtu.COILS, 0, 8), ReadCoilsRequest(dev_id=1, address=0, count=8)),
        (rtu.Read(255, rtu.INPUTS, 0, 8), ReadDiscreteInputsRequest(dev_id=255, address=0, count=8)),
        (rtu.Read(1, rtu.REGISTERS, 1, 2), ReadInputRegistersRequest(dev_id=1, address=1, count=2)),
        (frame_of(Relay(1, 0, on=True)), WriteSingleCoilRequest(dev_id=1, address=0, bits=[True])),
        (frame_of(Every(1, on=False)), WriteSingleCoilRequest(dev_id=1, address=255, bits=[False])),
    ],
)
def test_frames_are_those_of_another_library(ours, theirs):
    assert rtu.encode(ours) == FramerRTU(DecodePDU(is_server=True)).buildFrame(theirs)


def test_answers_are_read_by_another_library_as_we_read_them():
    framer = FramerRTU(DecodePDU(is_server=False))
    for frame in (rtu.Given(1, rtu.REGISTERS, bytes.fromhex("01310222")), rtu.Given(1, rtu.COILS, b"\x05")):
        _, pdu = framer.handleFrame(rtu.encode(frame), 1, 0)
        assert (pdu.registers or pdu.bits) == (
            list(frame.registers) if pdu.registers else [n in frame.bits for n in range(1, 9)]
        )
    _, refused = framer.handleFrame(rtu.encode(rtu.Refused(1, 5, 2)), 1, 0)
    assert (refused.isError(), refused.exception_code) == (True, 2)


def test_a_pulse_is_timed_by_the_board_and_short():
    assert rtu.encode(frame_of(Flash(1, 1, 700))) == bytes.fromhex("01 05 02 00 00 07 8D B0")
    for ms in (0, 50, 750, 6_528_000):
        with pytest.raises(ValueError, match=str(ms)):
            frame_of(Flash(1, 1, ms))


# --- relays and inputs -----------------------------------------------------------------------------------------------


@LINE_FAULTS
def test_relays_switch(fault):
    model = Relays()
    run(model, RelayBoard(1).switch(3, on=True), **fault)
    assert model.on == {3}
    if fault.get("flip"):  # sent once, whatever is answered
        assert trouble(model, RelayBoard(1).pulse(2, 700), **fault) is Trouble.GARBLED
    else:
        run(model, RelayBoard(1).pulse(2, 700), **fault)
    assert model.flashed == [(2, 700)]


def test_a_relay_that_does_not_switch_is_found():
    assert trouble(Relays(welded={3}), RelayBoard(1).switch(3, on=True)) is Trouble.REFUSED


def test_a_relay_that_is_not_there_is_refused():
    assert trouble(Relays(count=2), RelayBoard(1).switch(3, on=True)) is Trouble.REFUSED


def test_inputs_have_a_polarity():
    board = RelayBoard(1, inputs=3, active_when={1: False})
    assert run(Relays(active={1}), board.active()) == set()
    assert run(Relays(active={2}), board.active()) == {1, 2}  # 1 is a loop that is cut


# --- climate, current ------------------------------------------------------------------------------------------------


@LINE_FAULTS
def test_climate(fault):
    climate = Climate(Decimal("-20.5"), Decimal("54.6"))
    assert run(ClimateSlave(climate), ClimateSensor(1).read(), **fault) == climate
    assert run(ClimateSlave(climate, scale=100), ClimateSensor(1, scale=100).read(), **fault) == climate


def test_what_cannot_be_is_no_climate():
    assert trouble(ClimateSlave(scale=100), ClimateSensor(1).read()) is Trouble.IMPLAUSIBLE
    assert trouble(ClimateSlave(dead=True), ClimateSensor(1).read()) is Trouble.IMPLAUSIBLE


def test_the_answer_of_another_question_is_not_ours():
    """What comes late belongs to the question before: the line has to be quiet first."""
    wire = MemoryWire(ClimateSlave(), Faults(delay=0.31, times=1))
    line = line_to(wire)
    assert line.run(ClimateSensor(1).read()).temperature == Decimal("21.5")


class Chatter(MemoryWire):
    """Somebody who never stops."""

    def read(self, seconds):
        self.time += min(seconds, 0.04) or 0.001
        return b"\x00"


def test_a_line_that_never_falls_quiet_is_given_up():
    wire = Chatter(ClimateSlave())
    with pytest.raises(DeviceFault):
        line_to(wire).run(ClimateSensor(1).read())
    assert wire.time < 6


def test_a_slow_line_is_given_time():
    wire = MemoryWire(ClimateSlave(), Faults(delay=2.0))
    line = line_to(wire)
    with pytest.raises(DeviceFault):
        line.run(ClimateSensor(1).read())
    line.patience = 8
    assert line.run(ClimateSensor(1).read()).temperature == Decimal("21.5")


@LINE_FAULTS
def test_current(fault):
    told = run(CurrentSlave(), CurrentSensor(1).read(), **fault)
    assert (told.volt, told.watt, told.under_voltage) == (Decimal("12.1"), Decimal("30.2"), False)


def test_silence_and_another_unit_are_told():
    assert trouble(CurrentSlave(), CurrentSensor(1).read(), silent=True) is Trouble.SILENT
    assert trouble(CurrentSlave(unit=2), CurrentSensor(1).read()) is Trouble.SILENT
    assert trouble(CurrentSlave(), CurrentSensor(1).read(), cut=3) is Trouble.CUT_SHORT


# --- supply ----------------------------------------------------------------------------------------------------------


@LINE_FAULTS
def test_supply(fault):
    told = run(Unit(mains=False, battery_volt=Decimal("10.8")), Ups().read(), **fault)
    assert (told.mains, told.battery_low, told.battery_volt) == (False, True, Decimal("10.8"))


def test_closing_down_gives_the_current_back():
    unit = Unit()
    run(unit, Ups().close_down(Decimal(2), 3))
    assert (unit.closing.off_min, unit.closing.on_min) == (2, 3)
    run(unit, Ups().stay())
    assert unit.closing is None
    for off, on in ((Decimal(2), 2), (Decimal("0.1"), 3), (Decimal(11), 3)):
        with pytest.raises(ValueError, match=str(on)):
            run(unit, Ups().close_down(off, on))


def test_a_command_that_is_said_back_is_not_known():
    assert trouble(Unit(knows_closing=False), Ups().close_down(Decimal(2), 3)) is Trouble.UNSUPPORTED


def test_mains_fail_after_two_looks_and_are_back_after_a_while():
    watch, unit = MainsWatch(returned_after=5), Unit()
    looks = [(0, True), (1, False), (2, True), (3, False), (4, False), (5, True), (8, True), (10, True), (11, True)]
    told = []
    for now, mains in looks:
        unit.mains = mains
        told.append(watch.see(run(unit, Ups().read()), now))
    assert told == [True, True, True, True, False, False, False, True, True]


def test_a_self_test_is_no_outage():
    watch, unit = MainsWatch(), Unit(mains=False, testing=True)
    assert [watch.see(run(unit, Ups().read()), now) for now in range(4)] == [True] * 4
