"""The course of an approval as a table of tasks. In: the approval, the tasks of the present round, who takes part in
each step. Out: tasks to open, tasks to close, or the end. No store, no clock, no definitions beyond the approval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from engine.model.machines import Approval, Step

Outcome = Literal["agree", "refuse"]


@dataclass(frozen=True, slots=True)
class Task:
    """One user's part in a step. `state`: open, agreed, refused, cancelled."""

    step: str
    assignee: str
    state: str = "open"
    id: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """What follows: tasks to open (already agreed ones are kept for the record), tasks to close, or the end."""

    opened: tuple[Task, ...] = ()
    closed: tuple[str, ...] = ()
    ended: Outcome | None = None


Find = Callable[[Step], Sequence[str]]
"""Users who take part in a step, in order."""
Holds = Callable[[Step], bool]
"""Whether a step is taken at all."""


def begin(approval: Approval, starter: str, find: Find, holds: Holds) -> Move:
    """Open the first step that somebody must sign, or end at once."""
    return _from_step(approval, 0, starter, [], find, holds)


def decide(
    approval: Approval, tasks: Sequence[Task], task_id: str, outcome: Outcome, starter: str, find: Find, holds: Holds
) -> Move:
    """What one user's decision leads to. `tasks` are those of the round, before the decision."""
    decided = {"agree": "agreed", "refuse": "refused"}[outcome]
    present = next(task for task in tasks if task.id == task_id)
    after = [Task(t.step, t.assignee, decided, t.id) if t.id == task_id else t for t in tasks]
    index = next(i for i, step in enumerate(approval.steps) if step.id == present.step)
    step = approval.steps[index]
    mine = [task for task in after if task.step == step.id and task.state != "cancelled"]
    verdict = _verdict(step, mine, () if step.sign != "in_order" else find(step))
    still_open = tuple(task.id for task in mine if task.state == "open")
    if verdict == "refused":
        everything_open = tuple(task.id for task in after if task.state == "open")
        return Move(closed=everything_open, ended="refuse")
    if verdict == "agreed":
        move = _from_step(approval, index + 1, starter, after, find, holds)
        return Move(move.opened, (*still_open, *move.closed), move.ended)
    if step.sign == "in_order":
        return Move(opened=_next_in_order(step, mine, find(step)))
    return Move()


def _verdict(step: Step, tasks: Sequence[Task], people: Sequence[str] = ()) -> str:
    agreed = sum(task.state == "agreed" for task in tasks)
    refused = sum(task.state == "refused" for task in tasks)
    total = len(tasks)
    if isinstance(step.sign, Decimal):
        if agreed >= step.sign * total:
            return "agreed"
        return "refused" if total - refused < step.sign * total else "open"
    if refused:
        return "refused"
    if step.sign in ("one", "any"):
        return "agreed" if agreed else "open"
    everyone = agreed == total and (step.sign == "all" or not _next_in_order(step, tasks, people))
    return "agreed" if everyone else "open"


def _next_in_order(step: Step, tasks: Sequence[Task], people: Sequence[str]) -> tuple[Task, ...]:
    done = {task.assignee for task in tasks}
    following = [user for user in people if user not in done]
    return (Task(step.id, following[0]),) if following else ()


def _from_step(approval: Approval, index: int, starter: str, tasks: Sequence[Task], find: Find, holds: Holds) -> Move:
    passed: list[Task] = []
    for step in approval.steps[index:]:
        if not holds(step):
            continue
        people = list(dict.fromkeys(find(step)))
        had_people = bool(people)
        if approval.same_as_starter != "allow":
            people = [user for user in people if user != starter]
        if not people:
            if had_people and approval.same_as_starter == "skip":
                continue
            if approval.nobody.outcome == "agree":
                continue
            if approval.nobody.outcome == "refuse":
                return Move(tuple(passed), ended="refuse")
            return Move((*passed, Task(step.id, "")))
        again = _agreed_before(approval, [*tasks, *passed], people)
        waiting = [user for user in people if user not in again]
        agreed = [Task(step.id, user, "agreed") for user in people if user in again]
        if _verdict(step, [*agreed, *(Task(step.id, user) for user in waiting)]) == "agreed":
            passed.extend(agreed)
            continue
        opened = waiting[:1] if step.sign == "in_order" else waiting
        return Move((*passed, *agreed, *(Task(step.id, user) for user in opened)))
    return Move(tuple(passed), ended="agree")


def _agreed_before(approval: Approval, tasks: Sequence[Task], people: Sequence[str]) -> set[str]:
    if approval.repeated != "agree_once":
        return set()
    return {task.assignee for task in tasks if task.state == "agreed"} & set(people)
