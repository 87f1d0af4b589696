"""One order to a lock, one pulse at most: five families of boards, each fault with the outcome that it must have."""

import pytest

from adapters.devices.locks.boards import Cu16Board, Cu48Board, WinnsenBoard, WklyBoard, Xor5Board
from adapters.devices.locks.opening import look, opening
from adapters.devices.simulators.bank import Bank
from adapters.devices.simulators.faults import NOISE, Faults
from adapters.devices.simulators.locks import Cu16, Cu48, Winnsen, Wkly, Xor5
from engine.model.devices import DeviceFault, LockState, Opening, PulseOutcome, Trouble
from tests.adapters.devices.lines import MemoryWire, line_to

FAMILIES = {
    "cu16": (Cu16Board(3), lambda bank: Cu16(bank, 3)),
    "cu16 answering": (Cu16Board(0), lambda bank: Cu16(bank, 0, answers_pulses=True)),
    "cu16 wired the other way": (Cu16Board(0, closed_when_set=False), lambda bank: Cu16(bank, closed_when_set=False)),
    "cu48": (Cu48Board(1), lambda bank: Cu48(bank, 1)),
    "cu48 counted": (Cu48Board(1, counted=True), lambda bank: Cu48(bank, 1, counted=True)),
    "xor5": (Xor5Board(1, 16), lambda bank: Xor5(bank, 1)),
    "xor5 wired the other way": (Xor5Board(1, 16, closed_value=0), lambda bank: Xor5(bank, 1, closed_value=0)),
    "wkly": (WklyBoard(2, 16), lambda bank: Wkly(bank, 2)),
    "winnsen": (WinnsenBoard(1, 16), lambda bank: Winnsen(bank, 1)),
}
families = pytest.mark.parametrize("family", FAMILIES)
LOCK = 5


class Cabinet:
    """A board, its bank, a line between them."""

    def __init__(self, family, **faults):
        self.board, simulated = FAMILIES[family]
        self.bank = Bank(16)
        self.wire = MemoryWire(simulated(self.bank), Faults(**faults))
        self.line = line_to(self.wire, echo=False)

    def open(self, lock=LOCK):
        return self.line.run(opening(self.board, lock))

    def outcome(self):
        return self.open().outcome


@families
def test_a_lock_opens(family):
    cabinet = Cabinet(family)
    assert cabinet.open() == Opening(LOCK, PulseOutcome.OPENED)
    assert (cabinet.bank.open, cabinet.bank.pulses) == ({LOCK}, [LOCK])


@families
@pytest.mark.parametrize(
    "fault",
    [
        {"noise": NOISE}, {"split": True}, {"glued": True}, {"stale": True}, {"echo": True}, {"after": NOISE},
        {"flip": True, "times": 1}, {"silent": True, "times": 1}, {"cut": 2, "times": 1},
        {"echo": True, "noise": NOISE, "split": True}, {"instead": True, "times": 2},
    ],
    ids=str,
)  # fmt: skip
def test_what_happens_on_the_line_changes_nothing(family, fault):
    cabinet = Cabinet(family, **fault)
    assert cabinet.outcome() is PulseOutcome.OPENED
    assert cabinet.bank.pulses == [LOCK]


@families
def test_an_echo_that_is_known_is_dropped(family):
    cabinet = Cabinet(family, echo=True)
    cabinet.line.echo = True
    assert cabinet.outcome() is PulseOutcome.OPENED


@families
def test_an_echo_is_never_taken_for_an_opened_lock(family):
    cabinet = Cabinet(family, echo=True)
    cabinet.bank.stuck = {LOCK}
    assert cabinet.outcome() is PulseOutcome.STUCK


@families
def test_a_stuck_bolt_is_told_and_gets_one_pulse(family):
    cabinet = Cabinet(family)
    cabinet.bank.stuck = {LOCK}
    assert cabinet.outcome() is PulseOutcome.STUCK
    assert cabinet.bank.pulses == [LOCK]


@families
def test_another_drawer_is_told_by_its_number(family):
    cabinet = Cabinet(family)
    cabinet.bank.wired = {LOCK: 9}
    done = cabinet.open()
    assert (done.outcome, done.others, cabinet.bank.pulses) == (PulseOutcome.WRONG, (9,), [LOCK])


@families
def test_two_drawers_are_told(family):
    cabinet = Cabinet(family)
    cabinet.bank.neighbours = {LOCK: 6}
    done = cabinet.open()
    assert (done.outcome, done.others) == (PulseOutcome.WRONG, (6,))


@families
def test_a_silent_board_gets_no_pulse(family):
    cabinet = Cabinet(family, silent=True)
    done = cabinet.open()
    assert (done.outcome, done.pulsed) == (PulseOutcome.SILENT, False)
    assert cabinet.bank.pulses == []


@families
def test_current_that_fails_after_the_pulse_leaves_it_unknown(family):
    cabinet = Cabinet(family)
    cabinet.bank.after_pulse = lambda: setattr(cabinet.wire, "has_power", False)
    done = cabinet.open()
    assert (done.outcome, done.pulsed) == (PulseOutcome.UNKNOWN, True)
    assert cabinet.bank.pulses == [LOCK]


@families
def test_a_line_that_breaks_after_the_pulse_leaves_it_unknown(family):
    cabinet = Cabinet(family)
    cabinet.bank.after_pulse = lambda: setattr(cabinet.wire, "is_gone", True)
    done = cabinet.open()
    assert (done.outcome, done.pulsed, cabinet.bank.pulses) == (PulseOutcome.UNKNOWN, True, [LOCK])
    assert cabinet.line.is_lost


@families
def test_after_an_unknown_pulse_the_next_order_looks_first(family):
    cabinet = Cabinet(family)
    cabinet.bank.after_pulse = lambda: setattr(cabinet.wire, "has_power", False)
    cabinet.open()
    assert cabinet.outcome() is PulseOutcome.SILENT
    assert cabinet.bank.pulses == [LOCK]
    cabinet.wire.has_power = True
    seen = cabinet.line.run(look(cabinet.board))
    assert [number for number, state in seen.items() if state.open] == [LOCK]


@families
def test_a_lock_that_was_said_to_be_open_proves_nothing(family):
    """A cut wire says open, too: the order is carried out all the same."""
    cabinet = Cabinet(family)
    cabinet.bank.force(LOCK)
    done = cabinet.open()
    assert (done.outcome, cabinet.bank.pulses) == (PulseOutcome.OPEN_BEFORE, [LOCK])


@families
def test_answers_of_another_board_are_not_ours(family):
    cabinet = Cabinet(family)
    cabinet.wire.model.board += 1
    assert cabinet.open().pulsed is False


def test_a_coil_that_cools_is_told_by_boards_that_know():
    cabinet = Cabinet("winnsen")
    cabinet.bank.cooling = {LOCK}
    done = cabinet.open()
    assert (done.outcome, done.pulsed) == (PulseOutcome.RESTING, False)


def test_a_lock_that_is_not_there_is_refused():
    cabinet = Cabinet("xor5")
    with pytest.raises(ValueError, match="17"):
        cabinet.open(17)
    assert cabinet.wire.written == b""


def test_a_pulse_is_answered_late_and_still_one():
    """The answer to the pulse comes when everybody has stopped waiting for it."""
    cabinet = Cabinet("xor5")
    cabinet.wire.model.hear = late(cabinet, cabinet.wire.model.hear)
    assert cabinet.outcome() is PulseOutcome.OPENED
    assert cabinet.bank.pulses == [LOCK]


def late(cabinet, hear):
    def heard(data):
        cabinet.wire.faults.delay = 2.0 if data[:1] == b"\x8a" else 0.0
        return hear(data)

    return heard


def test_sensors_are_told_beside_hooks():
    cabinet = Cabinet("cu16")
    cabinet.bank.items = {2}
    seen = cabinet.line.run(look(cabinet.board))
    assert (seen[2], seen[3]) == (LockState(open=False, item=True), LockState(open=False, item=False))


def test_a_board_that_only_talks_noise_is_garbled():
    cabinet = Cabinet("cu16", flip=True)
    with pytest.raises(DeviceFault) as fault:
        cabinet.line.run(look(cabinet.board))
    assert fault.value.trouble is Trouble.GARBLED


def test_doors_that_speak_between_question_and_answer_are_heard_aside():
    cabinet = Cabinet("wkly")
    told = []
    cabinet.bank.force(3)
    cabinet.wire.say(cabinet.wire.model.changed(3))
    cabinet.wire.faults.noise = cabinet.wire.model.changed(3)
    cabinet.line.run(look(cabinet.board), told.append)
    assert [cabinet.board.pushed(event) for event in told] == [{3: LockState(open=True)}] * 2
