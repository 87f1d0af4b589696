"""A clock that is corrected: calibrated, jumping, set back over a start."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.clock.corrected import CorrectedClock

BEGIN = datetime(2026, 11, 22, 12, 0)


class Machine:
    """Two clocks: one that may be set, one that only goes on."""

    def __init__(self, moment: datetime = BEGIN) -> None:
        self.wall = moment.timestamp()
        self.steady = 100.0

    def go_on(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


def clock_of(machine: Machine, tmp_path: Path) -> CorrectedClock:
    return CorrectedClock(tmp_path / "clock.json", "UTC", wall=lambda: machine.wall, steady=lambda: machine.steady)


def test_without_a_calibration_it_is_the_machine_s(machine: Machine, tmp_path: Path) -> None:
    clock = clock_of(machine, tmp_path)
    assert clock.state().trusted
    assert clock.state().offset == 0
    assert clock.seconds() == machine.wall


def test_what_a_right_clock_says_is_added_and_kept_for_all_processes(machine: Machine, tmp_path: Path) -> None:
    clock, other = clock_of(machine, tmp_path), clock_of(machine, tmp_path)
    assert other.now() == clock.now()
    clock.set(clock.now() + timedelta(minutes=10))
    assert clock.state().offset == 600
    machine.go_on(1)
    assert other.now() == clock.now()
    assert clock.seconds() == machine.wall + 600
    clock.set(clock.now() + timedelta(milliseconds=300))
    assert clock.state().offset == 600, "what is on the way is no difference"
    clock.was_set()
    assert clock.state().offset == 0


def test_a_jump_of_a_calibrated_clock_is_taken_back(machine: Machine, tmp_path: Path) -> None:
    clock = clock_of(machine, tmp_path)
    clock.set(clock.now())
    assert clock.look() == 0
    before = clock.now()
    machine.go_on(5)
    machine.wall -= 86_400
    assert clock.look() == pytest.approx(-86_400)
    assert clock.now() == before + timedelta(seconds=5)
    assert (clock.state().trusted, clock.state().jumps) == (True, 1)
    machine.go_on(5)
    assert clock.look() == 0


def test_a_jump_of_another_clock_is_followed_and_not_trusted(machine: Machine, tmp_path: Path) -> None:
    clock = clock_of(machine, tmp_path)
    clock.look()
    machine.go_on(5)
    machine.wall += 3600
    assert clock.look() == pytest.approx(3600)
    assert clock.seconds() == machine.wall
    assert (clock.state().trusted, clock.state().jumps) == (False, 1)
    clock.set(clock.now())
    assert clock.state().trusted


def test_after_a_start_it_never_stands_before_what_was_seen(machine: Machine, tmp_path: Path) -> None:
    former = clock_of(machine, tmp_path)
    former.look()
    seen = former.now()
    machine.wall = datetime(2000, 1, 1).timestamp()  # the battery was empty
    machine.steady = 5.0
    clock = clock_of(machine, tmp_path)
    assert clock.look() < 0
    assert clock.now() >= seen
    assert not clock.state().trusted


def test_a_clock_that_stood_still_while_the_machine_was_off_is_no_jump(machine: Machine, tmp_path: Path) -> None:
    clock_of(machine, tmp_path).look()
    machine.go_on(7200)
    clock = clock_of(machine, tmp_path)
    assert clock.look() == 0
    assert clock.state().trusted


@pytest.mark.parametrize("content", ["", "[]", "{", '{"offset": 5}'])
def test_a_file_that_cannot_be_read_adds_nothing_wrong(machine: Machine, tmp_path: Path, content: str) -> None:
    (tmp_path / "clock.json").write_text(content)
    clock = clock_of(machine, tmp_path)
    assert clock.state().offset in (0, 5)
    assert clock.look() == 0


def test_identifiers_follow_the_corrected_clock(machine: Machine, tmp_path: Path) -> None:
    clock = clock_of(machine, tmp_path)
    clock.set(clock.now() + timedelta(hours=1))
    assert clock.milliseconds() == int((machine.wall + 3600) * 1000)
