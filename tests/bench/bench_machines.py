"""Steps of a machine a second against `transitions`, in one process, rounds interleaved.

draft -submit[amount > 0] / times += 1-> review -reject-> draft. Ours is what an event of a use case asks of the
machine: the obstacles for an actor in an environment of the document's values, the step, the value that the event sets.
The guard and the value are formulas of a checked definition. Run it with `python tests/bench/bench_machines.py`.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import transitions

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.expressions.environment import Env
from engine.expressions.limits import arithmetic
from engine.machines.step import obstacle, step
from engine.model.actions import Set
from engine.testing.office import Office

BAR = 2.5
ROUNDS = 41
ROUND_TRIPS = 500

CLAIM = {
    "desk/claim/document.yaml": "document: claim\ntitle: 报销\nfields:\n"
    "  amount: {title: 金额, type: money}\n  times: {title: 次数, type: integer}\n",
    "desk/claim/machine.yaml": """machine: claim
states:
  draft: {title: 草稿}
  review: {title: 审核}
events:
  enter: {title: 新建, from: new, to: draft, by: clerk}
  submit: {title: 提交, from: draft, to: review, by: clerk, when: amount > 0, do: [{set: {times: =times + 1}}]}
  reject: {title: 退回, from: review, to: draft, by: clerk}
""",
    "desk/claim/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: {fields: "*"}, events: "*"}\n',
}
Trip = Callable[[], None]


class Row(NamedTuple):
    """Steps a second of ours and of the peer, the ratio and what it has to reach."""

    name: str
    ours: float
    peer: float
    ratio: float
    bar: float


def ours() -> tuple[Trip, dict[str, Any]]:
    """One round trip through both states, and the values it works on."""
    office = Office(CLAIM)
    machine, actor = office.runtime.definitions.machines["claim"], office.people["clerk"]
    values: dict[str, Any] = {"amount": Decimal("12.50"), "times": 0, "state": "draft"}

    def raise_event(name: str) -> None:
        event, state = machine.events[name], values["state"]
        env = Env(values, None, this=values)  # type: ignore[arg-type]
        assert not obstacle(machine, event, state, roles=actor.roles, user=actor.id, special=actor.special, env=env)
        values["state"] = step(machine, event, state).to
        for act in event.do:
            assert isinstance(act, Set)
            for field, given in act.values.items():
                values[field] = given.value(env)

    def trip() -> None:
        raise_event("submit")
        raise_event("reject")

    return trip, values


class Claim:
    """The model of `transitions`."""

    def __init__(self) -> None:
        self.amount, self.times = Decimal("12.50"), 0

    def is_worth_something(self) -> bool:
        return self.amount > 0

    def count(self) -> None:
        self.times += 1


def peer() -> tuple[Trip, Claim]:
    """The same round trip in `transitions`."""
    claim: Any = Claim()
    arrows = [
        {
            "trigger": "submit",
            "source": "draft",
            "dest": "review",
            "conditions": "is_worth_something",
            "after": "count",
        },
        {"trigger": "reject", "source": "review", "dest": "draft"},
    ]
    transitions.Machine(claim, states=["draft", "review"], transitions=arrows, initial="draft", auto_transitions=False)

    def trip() -> None:
        assert claim.submit()
        assert claim.reject()

    return trip, claim


def rate(trip: Trip) -> float:
    """Steps a second."""
    begin = time.perf_counter()
    for _ in range(ROUND_TRIPS):
        trip()
    return 2 * ROUND_TRIPS / (time.perf_counter() - begin)


def run() -> list[Row]:
    """The comparison; each side counts its trips, so that none can have been left out."""
    (mine, values), (theirs, claim) = ours(), peer()
    with arithmetic():  # as each transaction does
        rounds = [(rate(mine), rate(theirs)) for _ in range(ROUNDS)]
    assert (values["times"], values["state"]) == (claim.times, claim.state) == (ROUNDS * ROUND_TRIPS, "draft")
    ratio = statistics.median(left / right for left, right in rounds)
    left, right = (statistics.median(side) for side in zip(*rounds, strict=True))
    return [Row("machine, guard and value", left, right, ratio, BAR)]


def test_steps_are_fast_enough() -> None:
    for row in run():
        assert row.ratio >= row.bar, row


if __name__ == "__main__":
    for row in run():
        speeds = f"{row.ours:,.0f}/s against {row.peer:,.0f}/s"
        sys.stdout.write(f"{row.name}: {speeds}, {row.ratio:.1f} x (bar {row.bar:.1f})\n")
