"""Whatever goes wrong on the line, in whatever order: one order is one pulse at most, and no outcome says too much."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.devices.locks.opening import opening
from adapters.devices.simulators.bank import Bank
from adapters.devices.simulators.faults import NOISE, Faults
from engine.model.devices import PulseOutcome
from tests.adapters.devices.lines import MemoryWire, line_to
from tests.adapters.devices.test_opening import FAMILIES

LOCK = 5
FAULTS = [
    {}, {"silent": True}, {"noise": NOISE}, {"split": True}, {"glued": True}, {"stale": True}, {"flip": True},
    {"cut": 3}, {"echo": True}, {"echo": True, "silent": True}, {"delay": 0.4}, {"delay": 2.0},
]  # fmt: skip
MECHANICS = [
    {},
    {"stuck": {LOCK}},
    {"wired": {LOCK: 9}},
    {"neighbours": {LOCK: 6}},
    {"cooling": {LOCK}},
    {"open": {LOCK}},
]


@dataclass
class Troubled:
    """A board with another fault for each question; when the list is through all is well, or there is no current."""

    model: object
    faults: Faults
    script: list[dict[str, object]]
    dies_at: int | None
    wire: MemoryWire | None = None
    asked: int = field(default=0)

    def hear(self, data):
        self.faults.clear()
        vars(self.faults).update(self.script.pop(0) if self.script else {})
        self.asked += 1
        answers = self.model.hear(data)
        if self.dies_at == self.asked:
            self.wire.has_power = False
            return []
        return answers


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    script=st.lists(st.sampled_from(FAULTS), max_size=12),
    mechanics=st.sampled_from(MECHANICS),
    dies_at=st.none() | st.integers(1, 20),
)
def test_one_order_is_one_pulse_and_is_told_truly(family, script, mechanics, dies_at):
    board, simulated = FAMILIES[family]
    bank = Bank(16, **{name: type(value)(value) for name, value in mechanics.items()})
    model = Troubled(simulated(bank), Faults(), list(script), dies_at)
    wire = MemoryWire(model, model.faults)
    model.wire = wire
    done = line_to(wire).run(opening(board, LOCK))
    assert bank.pulses in ([], [LOCK])
    assert done.pulsed or bank.pulses == []
    match done.outcome:
        case PulseOutcome.OPENED:
            assert LOCK in bank.open
            assert bank.pulses == [LOCK]
        case PulseOutcome.WRONG:
            assert set(done.others) <= bank.open
        case PulseOutcome.STUCK:
            assert LOCK not in bank.open
        case PulseOutcome.OPEN_BEFORE:
            assert LOCK in bank.open
    assert wire.time < 60
