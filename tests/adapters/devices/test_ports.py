"""Drivers against simulators through real pseudo-terminals and pyserial: the contract of every device, and of the rack.

What a fault comes to is tried for every board in `test_opening`; here it is tried that the way through the system
changes nothing of that. Times are short: a port answers in less than a millisecond.
"""

import threading
import time
from contextlib import ExitStack
from datetime import date
from decimal import Decimal

import pytest

from adapters.devices import doors
from adapters.devices.cards.sdt import READ
from adapters.devices.locks.door import BoardLocks
from adapters.devices.locks.opening import Pace
from adapters.devices.rack import Rack
from adapters.devices.serial_wire import open_wire
from adapters.devices.simulators.bank import Bank
from adapters.devices.simulators.desk import Cards, Zones
from adapters.devices.simulators.faults import NOISE
from adapters.devices.simulators.locks import Cu16, Cu48, Winnsen, Wkly, Xor5
from adapters.devices.simulators.radios import Module
from adapters.devices.simulators.slaves import ClimateSlave, CurrentSlave, Relays
from adapters.devices.simulators.supplies import Unit
from adapters.devices.simulators.terminal import Terminal
from adapters.devices.simulators.thumbs import Fingers
from engine.model.devices import (
    Condition,
    DeviceFault,
    DeviceSetting,
    Enrolment,
    LockChange,
    PortSetting,
    PulseOutcome,
    Registration,
    Trouble,
)
from tests.adapters.devices.test_readers import CARD, CHN

TODAY = date(2026, 11, 22)
BOARDS = {
    "lock_cu16": (lambda bank: Cu16(bank, 1), {}),
    "lock_cu48": (lambda bank: Cu48(bank, 1), {}),
    "lock_xor5": (lambda bank: Xor5(bank, 1), {"channels": "16"}),
    "lock_wkly": (lambda bank: Wkly(bank, 1), {"channels": "16"}),
    "lock_winnsen": (lambda bank: Winnsen(bank, 1), {"channels": "4"}),
}
boards = pytest.mark.parametrize("kind", BOARDS)
SHORT = Pace(settle=0.005, again=0.005, looks=4, retries=(0.01, 0.01))


@pytest.fixture
def stand():
    """Devices on terminals of their own, and a rack of them."""
    with ExitStack() as stack:

        def built(**models):
            ends = {name: stack.enter_context(Terminal(model)) for name, (model, _) in models.items()}
            ports = {name: PortSetting(end.path, 115200, gap=0.0) for name, end in ends.items()}
            devices = {
                name: DeviceSetting(kind, name, 0 if kind == "fingers_zfm" else 1, options)
                for name, (_, (kind, options)) in models.items()
            }  # fmt: skip
            rack = Rack(ports, devices, open_wire)
            stack.callback(rack.close)
            return rack, ends

        yield built


def locks_of(stand, kind):
    make, options = BOARDS[kind]
    bank = Bank(16)
    rack, ends = stand(locks=(make(bank), (kind, options)))
    locks = rack.device("locks", BoardLocks)
    locks.pace, locks.rest, locks.board = SHORT, 0.0, shortened(locks.board, 0.5)
    return locks, bank, ends["locks"], rack


@boards
def test_locks(stand, kind):
    locks, bank, end, rack = locks_of(stand, kind)
    assert locks.open(2).outcome is PulseOutcome.OPENED
    bank.push(2)
    bank.stuck = {3}
    assert locks.open(3).outcome is PulseOutcome.STUCK
    bank.wired = {1: 4}
    assert (done := locks.open(1)).outcome is PulseOutcome.WRONG
    assert done.others == (4,)
    bank.push(4)
    for fault in ({"noise": NOISE}, {"split": True}, {"glued": True}, {"stale": True}):
        end.faults.clear()
        vars(end.faults).update(fault)
        assert locks.open(2).outcome is PulseOutcome.OPENED, fault
        bank.push(2)
    end.faults.clear()
    assert bank.pulses == [2, 3, 1, 2, 2, 2, 2]
    assert rack.health()[0].condition is Condition.WELL


@boards
def test_current_fails_right_after_the_pulse(stand, kind):
    locks, bank, end, rack = locks_of(stand, kind)
    bank.after_pulse = lambda: setattr(end, "has_power", False)
    locks.board = shortened(locks.board)
    done = locks.open(2)
    assert (done.outcome, done.pulsed, bank.pulses) == (PulseOutcome.UNKNOWN, True, [2])
    assert locks.open(2).outcome is PulseOutcome.SILENT
    assert bank.pulses == [2]
    assert rack.health()[0].condition is Condition.SHAKY
    end.has_power = True
    assert [lock for lock, state in locks.look().items() if state.open] == [2]
    assert rack.health()[0].condition is Condition.WELL


def shortened(board, within=0.1):
    """Does not wait as long for answers that will not come."""
    told = {name: getattr(board, name) for name in board.__slots__ if name != "locks"}
    return type(board)(**{**told, "within": within, "answer": 0.05})


def test_what_the_watch_has_just_seen_is_not_asked_again(stand):
    """The pulse is the first thing on the wire."""
    locks, bank, end, _ = locks_of(stand, "lock_cu16")
    locks.watch(), locks.watch()
    before = len(end.heard)
    assert locks.open(2).outcome is PulseOutcome.OPENED
    assert bytes(end.heard[before : before + 5]) == bytes.fromhex("02 11 31 03 47")
    bank.push(2)
    before = len(end.heard)
    locks.open(2)
    assert bytes(end.heard[before : before + 5]) == bytes.fromhex("02 10 30 03 45")


def test_a_coil_rests_between_two_pulses(stand):
    locks, bank, _, _ = locks_of(stand, "lock_cu16")
    locks.rest = 30.0
    assert locks.open(2).outcome is PulseOutcome.OPENED
    assert locks.open(2).outcome is PulseOutcome.RESTING
    assert locks.open(3).outcome is PulseOutcome.OPENED
    assert bank.pulses == [2, 3]


def test_a_watch_tells_what_was_ordered_forced_and_left(stand):
    locks, bank, end, _ = locks_of(stand, "lock_wkly")
    locks.watch(), locks.watch()
    locks.open(2)
    bank.force(7)
    end.say(end.model.changed(7))
    told = {(one.lock, one.change) for _ in range(3) for one in locks.watch()}
    assert told == {(2, LockChange.ORDERED), (2, LockChange.OPENED), (7, LockChange.FORCED)}
    bank.push(2)
    locks.now = lambda: time.monotonic() + 31
    assert {(one.lock, one.change) for _ in range(3) for one in locks.watch()} == {
        (2, LockChange.CLOSED),
        (7, LockChange.LEFT_OPEN),
    }


@boards
def test_a_drawer_that_the_pulse_of_another_opened_was_not_forced(stand, kind):
    locks, bank, _, _ = locks_of(stand, kind)
    locks.watch(), locks.watch()
    bank.wired = {1: 4}
    assert locks.open(1).others == (4,)
    told = {(one.lock, one.change) for _ in range(3) for one in locks.watch()}
    assert told == {(1, LockChange.ORDERED), (4, LockChange.OPENED)}


def test_contacts_let_go_of_coils_first(stand):
    model = Relays(on={4}, active={2, 3})
    rack, _ = stand(io=(model, ("contacts_modbus", {"active_low": "1"})))
    contacts = rack.device("io", doors.BoardContacts)
    assert contacts.active() == {1, 2, 3}
    assert (model.on, model.offs) == (set(), 1)
    contacts.switch(1, on=True)
    contacts.pulse(2, 300)
    assert (model.on, model.flashed, model.offs) == ({1}, [(2, 300)], 1)


def test_sensors_and_supply(stand):
    unit = Unit()
    rack, _ = stand(
        air=(ClimateSlave(scale=100), ("climate_xymd02", {"scale": "100"})),
        power=(CurrentSlave(), ("current_pzem017", {})),
        ups=(unit, ("supply_q1", {})),
    )
    assert rack.device("air", doors.Climates).read().temperature == Decimal("21.5")
    assert rack.device("power", doors.Currents).read().volt == Decimal("12.1")
    supply = rack.device("ups", doors.Supplies)
    assert supply.mains()
    unit.mains = False
    assert [supply.mains(), supply.mains()] == [True, False]
    assert supply.read().mains is False


def test_cards_and_zones(stand):
    cards = Cards()
    rack, ends = stand(cards=(cards, ("cards_sdt", {})), zones=(Zones(), ("zones_serial", {})))
    reader = rack.device("cards", doors.Cards)
    assert reader.read() is None
    cards.lay(CARD)
    ends["cards"].faults.split = True
    assert reader.read() == CARD
    ends["cards"].faults.clear()
    cards.lay(CARD)
    cards.lifted_before = READ
    with pytest.raises(DeviceFault) as fault:
        reader.read()
    assert fault.value.trouble is Trouble.REMOVED
    assert rack.health()[0].condition is Condition.WELL
    zones = rack.device("zones", doors.Zones)
    zones.is_open()
    threading.Timer(0.02, lambda: ends["zones"].say(Zones().laid(CHN))).start()
    assert zones.read(5, TODAY).number == "E12345678"
    assert zones.read(0.01, TODAY) is None


def test_fingers_and_radio(stand):
    fingers, module = Fingers(coming=["left", None, "left"]), Module()
    rack, ends = stand(thumbs=(fingers, ("fingers_zfm", {})), radio=(module, ("radio_at", {})))
    thumbs = rack.device("thumbs", doors.FingerPages)
    assert thumbs.enrol(1).outcome is Enrolment.STORED
    ends["thumbs"].faults.stale = True
    assert thumbs.identify().page == 1
    ends["thumbs"].faults.clear()
    fingers.is_open = False  # it was without current
    with pytest.raises(DeviceFault):
        thumbs.pages()
    assert thumbs.pages() == {1}
    radio = rack.device("radio", doors.Radios)
    assert radio.read().registration is Registration.HOME
    assert radio.send("10086", "请归还") == 1
    assert module.sent == [("10086", "请归还")]


# --- the rack --------------------------------------------------------------------------------------------------------


def test_a_port_belongs_to_one(stand):
    rack, ends = stand(air=(ClimateSlave(), ("climate_xymd02", {})))
    rack.device("air", doors.Climates).read()
    with pytest.raises(DeviceFault) as fault:
        open_wire(PortSetting(ends["air"].path))
    assert fault.value.trouble is Trouble.BUSY
    with pytest.raises(DeviceFault) as fault:
        open_wire(PortSetting("/dev/there-is-no-such-port"))
    assert fault.value.trouble is Trouble.GONE


class Clock:
    def __init__(self):
        self.time = 0.0

    def __call__(self):
        return self.time


def test_a_port_that_goes_away_is_opened_again(stand):
    _, ends = stand(first=(ClimateSlave(), ("climate_xymd02", {})), second=(ClimateSlave(), ("climate_xymd02", {})))
    paths, opened, clock = [ends["first"].path, ends["second"].path], [], Clock()

    def take(setting):
        opened.append(paths[0])
        return open_wire(PortSetting(paths[0]))

    rack = Rack({"p": PortSetting("x")}, {"air": DeviceSetting("climate_xymd02", "p", 1)}, take, now=clock,
                sleep=lambda _: None)  # fmt: skip
    clock.time = 1
    air = rack.device("air", doors.Climates)
    port = rack._ports["p"]
    port.now = time.monotonic
    air.read()
    ends["first"].close()
    for _ in range(2):  # at once, and again before its time has come
        with pytest.raises(DeviceFault) as fault:
            air.read()
        assert fault.value.trouble is Trouble.GONE
    assert len(opened) == 1
    paths.pop(0)
    port._again = float("-inf")
    assert air.read().temperature == Decimal("21.5")
    assert rack.health()[0].condition is Condition.WELL
    rack.close()


def test_one_dead_device_does_not_hold_up_the_others(stand):
    bank = Bank(16)
    rack, ends = stand(
        dead=(Cu16(bank, 1), ("lock_cu16", {})),
        air=(ClimateSlave(), ("climate_xymd02", {})),
    )
    ends["dead"].has_power = False
    locks = rack.device("dead", BoardLocks)
    locks.board, locks.pace = shortened(locks.board), SHORT
    conditions = [[one.condition for one in rack.look_round()] for _ in range(4)]
    assert [one[1] for one in conditions] == [Condition.WELL] * 4
    assert [one[0] for one in conditions] == [Condition.SHAKY, Condition.SHAKY, Condition.OFFLINE, Condition.OFFLINE]
    dead = rack.health()[0]
    assert (dead.failures, dead.trouble, dead.silent_for) == (
        3,
        Trouble.SILENT,
        None,
    )  # the fourth time it was not asked


def test_devices_share_a_line(stand):
    """Two kinds on one pair of wires, one after the other, from several threads."""
    bank = Bank(16)
    board, air = Cu16(bank, 1), ClimateSlave()

    class Both:
        def hear(self, data):
            return [*board.hear(data), *air.hear(data)]

    with Terminal(Both()) as end:
        settings = {"air": DeviceSetting("climate_xymd02", "bus", 1), "locks": DeviceSetting("lock_cu16", "bus", 1)}
        rack = Rack({"bus": PortSetting(end.path, gap=0.0)}, settings, open_wire)
        locks, reader, seen = rack.device("locks", BoardLocks), rack.device("air", doors.Climates), []
        locks.pace = SHORT
        threads = [threading.Thread(target=lambda: seen.append(reader.read().temperature)) for _ in range(6)]
        for one in threads:
            one.start()
        assert locks.open(2).outcome is PulseOutcome.OPENED
        for one in threads:
            one.join()
        assert seen == [Decimal("21.5")] * 6
        rack.close()


@pytest.mark.parametrize(
    ("setting", "wrong"),
    [
        (DeviceSetting("lock_nobody", "p"), "lock_nobody"),
        (DeviceSetting("lock_cu16", "other"), "other"),
        (DeviceSetting("lock_cu16", "p", 0, {"colour": "red"}), "colour"),
    ],
)
def test_settings_that_make_no_sense_are_refused(setting, wrong):
    with pytest.raises(ValueError, match=wrong):
        Rack({"p": PortSetting("x")}, {"it": setting}, open_wire)


@pytest.mark.parametrize(
    ("kind", "options"),
    [("lock_xor5", {"closed_value": "3"}), ("lock_cu16", {"closed_when_set": "perhaps"}), ("lock_cu16", {"rest": "x"})],
)
def test_options_that_make_no_sense_are_refused(kind, options):
    rack = Rack({"p": PortSetting("x")}, {"it": DeviceSetting(kind, "p", 0, options)}, open_wire)
    with pytest.raises(ValueError, match=r"x|closed"):
        rack.device("it", BoardLocks)


def test_a_name_of_another_kind_is_no_device():
    rack = Rack({"p": PortSetting("x")}, {"it": DeviceSetting("lock_cu16", "p")}, open_wire)
    for name, made in (("it", doors.Climates), ("that", BoardLocks)):
        with pytest.raises(DeviceFault) as fault:
            rack.device(name, made)
        assert fault.value.trouble is Trouble.UNKNOWN_DEVICE
