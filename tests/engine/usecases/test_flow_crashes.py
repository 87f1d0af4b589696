"""The process dies at every step of a flow, before the commit, after it, and with an answer not yet taken: after it
begins anew, the flow stands where the right question is asked, no lock is pulsed twice without a look, nothing is done
twice. On a SQLite file."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from engine.testing.flow_office import FLOWS, FlowOffice, ToyDevices, ToyLocks
from engine.usecases.flow_orders import OrderRoom


@pytest.fixture(scope="module")
def definitions():
    return FLOWS


@pytest.fixture
def kiosk(made, definitions):
    return FlowOffice(store=made.file(definitions).blanked())


@dataclass
class Cabinet:
    """The devices, which outlive the process."""

    kiosk: FlowOffice
    locks: ToyLocks

    def carry_out(self, standing, *, taken=True):
        """Do what was ordered; its answer may be lost with the process."""
        room = OrderRoom(self.kiosk.runtime, ToyDevices(self.locks), "kiosk1")
        for order in standing.orders:
            if order.what.startswith("lock."):
                ended = room.carry_out(order, Always())
                if ended is not None and taken:
                    standing = self.kiosk.run.answered(order.token, order.name, *ended)
        return standing


class Always:
    def __call__(self):
        return True

    def pause(self, seconds):
        return True


@dataclass(frozen=True)
class Move:
    """What somebody does at a step of the main line, and what the locks see of it."""

    step: str
    act: Callable[[FlowOffice], object]
    see: Callable[[ToyLocks], object] = lambda locks: None


def shut(locks):
    locks.is_open.clear()


LINE = [
    Move("lay", lambda kiosk: kiosk.answered("done", number="E1")),
    Move("open", lambda kiosk: kiosk.run.standing()),
    Move("put", lambda kiosk: kiosk.run.heard("lock.closed", {"board": "board", "lock": 7}), shut),
    Move("confirm", lambda kiosk: kiosk.press("yes", remark="好")),
    Move("finished", lambda kiosk: kiosk.after(6)),
]
AFTER_DEATH = {"lay": "lay", "open": "check", "put": "check", "confirm": "confirm", "finished": "finished"}
"""Where the flow stands right after the process began anew, by the step that stood when it died."""


def settled(cabinet, standing):
    """Orders carried out until the flow waits for people or for a happening."""
    while any(one.what.startswith("lock.") for one in standing.orders):
        before = standing.token
        standing = cabinet.carry_out(standing)
        if standing.token == before:
            return standing
    return standing


def finish(cabinet, standing):
    """Whoever comes back does what the screen says, whatever it says."""
    kiosk = cabinet.kiosk
    moves = {move.step: move for move in LINE}
    for _ in range(12):
        standing = settled(cabinet, standing)
        if standing.flow.id == "main":
            return standing
        move = moves[standing.step.name]
        move.see(cabinet.locks)
        standing = move.act(kiosk)
    raise AssertionError(standing.step.name)


def stored_once(kiosk):
    full = kiosk.all("box", state="full")
    assert [one["lock"] for one in full] == [7]
    assert len(kiosk.all("thing")) == 1
    assert kiosk.all("box", state="bound") == []
    assert full[0]["version"] == 3


@pytest.mark.parametrize("died_at", [move.step for move in LINE])
@pytest.mark.parametrize("how", ["before_the_commit", "after_the_commit", "with_the_answer"])
def test_the_process_dies_at_every_step(kiosk, died_at, how):
    cabinet = Cabinet(kiosk, ToyLocks())
    kiosk.signed_in()
    standing = kiosk.press("put")
    for move in LINE:
        assert standing.step.name == move.step
        if move.step == died_at:
            if how == "with_the_answer":
                cabinet.carry_out(standing, taken=False)
            elif how == "after_the_commit" and move.step != "open":
                move.see(cabinet.locks)
                standing = move.act(kiosk)  # committed; its orders never begin
            break
        move.see(cabinet.locks)
        standing = cabinet.carry_out(standing) if move.step == "open" else move.act(kiosk)
    stood = standing.step.name
    pulsed = len(cabinet.locks.pulses)
    back = kiosk.dies()
    assert back.step.name == AFTER_DEATH.get(stood, stood)
    assert not [one for one in back.orders if one.what == "lock.open"]
    assert back.user is not None
    assert len(cabinet.locks.pulses) == pulsed
    assert finish(cabinet, back).step.name == "home"
    stored_once(kiosk)
    assert len(cabinet.locks.pulses) <= 1 or how != "with_the_answer"


def test_a_lock_that_never_got_its_order_is_found_closed_and_people_are_asked(kiosk):
    """Committed, and dead before the pulse: the box is closed, and whoever is there may have it opened again."""
    cabinet = Cabinet(kiosk, ToyLocks())
    kiosk.signed_in()
    kiosk.press("put")
    kiosk.answered("done", number="E1")
    asked = settled(cabinet, kiosk.dies())
    assert (asked.step.name, cabinet.locks.pulses) == ("confirm", [])
    assert settled(cabinet, kiosk.press("reopen", remark="x")).step.name == "put"
    assert cabinet.locks.pulses == [7]


def test_dying_again_and_again_changes_nothing(kiosk):
    kiosk.signed_in()
    kiosk.press("put")
    kiosk.answered("done", number="E1")
    assert {kiosk.dies().step.name for _ in range(4)} == {"check"}
    assert len(kiosk.all("thing")) == 1


def test_a_touch_that_died_with_its_transaction_is_as_if_it_had_not_been(kiosk, monkeypatch):
    kiosk.signed_in()
    standing = kiosk.press("put")

    def dies(*_):
        raise SystemExit

    monkeypatch.setattr("engine.usecases.flow_running.keep", dies)
    with pytest.raises(SystemExit):
        kiosk.answered("done", number="E1")
    monkeypatch.undo()
    assert kiosk.all("thing") == []
    assert kiosk.all("box", state="bound") == []
    assert kiosk.run.standing().token == standing.token
    assert kiosk.dies().step.name == "lay"


def test_what_is_kept_of_a_flow_cannot_be_read_in_the_file(kiosk, made, definitions):
    kiosk.signed_in()
    kiosk.press("put")
    kiosk.answered("done", number="E1234567", surname="ZHANGSAN")
    path = made.file(definitions).path
    kept = b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
    assert b"ZHANGSAN" not in kept
    assert kiosk.run.standing().memory["read"]["surname"] == "ZHANGSAN"
