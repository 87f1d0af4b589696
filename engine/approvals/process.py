"""The course of an approval as a table of tasks. In: the approval, the tasks of the present round, who takes part in
each step. Out: tasks to open, tasks to close, or the end. No store, no clock, no definitions beyond the approval.

A return within an approval begins a new round; agreements that stay valid are kept in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from engine.model.machines import Approval, Step

Outcome = Literal["agree", "refuse"]
AGREED = frozenset({"agreed", "kept"})
GONE = frozenset({"cancelled", "transferred", "delegated"})
STARTER = ""
"""Where a return leads that leaves the approval."""


@dataclass(frozen=True, slots=True)
class Task:
    """One user's part in a step.

    `state`: open, agreed, refused, cancelled; kept is an agreement of an earlier round that stays valid; transferred
    and delegated are parts that somebody else signs. `principal` is whose part it was then; an added signer takes
    part beside those whom the step names, and has to agree whatever its `sign` says.
    """

    step: str
    assignee: str
    state: str = "open"
    id: str = ""
    principal: str = ""
    added: bool = False


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


def begin(approval: Approval, starter: str, find: Find, holds: Holds, kept: Sequence[Task] = ()) -> Move:
    """Open the first step that somebody must sign, or end at once. `kept` are agreements that are not asked again."""
    return _from_step(approval, 0, starter, kept, find, holds)


def ways_back(approval: Approval, tasks: Sequence[Task], step: str) -> tuple[str, ...]:
    """Where a signer of a step may return to: passed steps, the latest first, and `STARTER`; none where he may not.

    Where no such step was passed, the return leads to the starter, if the approval names an event for that.
    """
    if not approval.return_to:
        return ()
    agreed = {task.step for task in tasks if task.state in AGREED}
    names = [one.id for one in approval.steps]
    passed = [name for name in names[: names.index(step)] if name in agreed][::-1]
    out = (STARTER,) if approval.return_event else ()
    if approval.return_to == "starter":
        return out
    if approval.return_to == "any_passed":
        return (*passed, *out)
    wanted = passed[:1] if approval.return_to == "previous" else [name for name in passed if name == approval.return_to]
    return tuple(wanted) or out


def kept_after(approval: Approval, tasks: Sequence[Task], target: str) -> tuple[Task, ...]:
    """Agreements of a round that stay valid after a return to a step or to the starter.

    To be done again is what follows the target; with `continue_here` nothing but the target itself.
    """
    names = [one.id for one in approval.steps]
    agreed = [task for task in tasks if task.state in AGREED]
    if approval.resume == "continue_here":
        return tuple(task for task in agreed if task.step != target)
    before = names[: names.index(target)] if target else []
    return tuple(task for task in agreed if task.step in before)


def send_back(approval: Approval, kept: Sequence[Task], target: str, starter: str, find: Find, holds: Holds) -> Move:
    """The new round after a return to a step, in which people are asked anew whatever they agreed to before."""
    index = [one.id for one in approval.steps].index(target)
    return _from_step(approval, index, starter, kept, find, holds, anew=target)


def decide(
    approval: Approval, tasks: Sequence[Task], task_id: str, outcome: Outcome, starter: str, find: Find, holds: Holds
) -> Move:
    """What one user's decision leads to. `tasks` are those of the round, before the decision."""
    decided = {"agree": "agreed", "refuse": "refused"}[outcome]
    present = next(task for task in tasks if task.id == task_id)
    after = [replace(t, state=decided) if t.id == task_id else t for t in tasks]
    index = next(i for i, step in enumerate(approval.steps) if step.id == present.step)
    step = approval.steps[index]
    mine = [task for task in after if task.step == step.id and task.state not in GONE]
    people = _signers(approval, step, starter, find) if step.sign == "in_order" else ()
    verdict = _verdict(step, mine, people)
    still_open = tuple(task.id for task in mine if task.state == "open")
    if verdict == "refused":
        everything_open = tuple(task.id for task in after if task.state == "open")
        return Move(closed=everything_open, ended="refuse")
    if verdict == "agreed":
        move = _from_step(approval, index + 1, starter, after, find, holds)
        return Move(move.opened, (*still_open, *move.closed), move.ended)
    if step.sign == "in_order" and not still_open:
        return Move(opened=_next_in_order(step, mine, people))
    return Move()


def _verdict(step: Step, tasks: Sequence[Task], people: Sequence[str] = ()) -> str:
    added = [task.state for task in tasks if task.added]
    found = _verdict_of_step(step, [task for task in tasks if not task.added], people)
    if "refused" in (found, *added):
        return "refused"
    return found if set(added) <= AGREED else "open"


def _verdict_of_step(step: Step, tasks: Sequence[Task], people: Sequence[str]) -> str:
    """Of those whom the step itself names."""
    agreed = sum(task.state in AGREED for task in tasks)
    refused = sum(task.state == "refused" for task in tasks)
    total = len(tasks)
    if isinstance(step.sign, Decimal) and not (step.veto and refused):
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
    done = _parts(tasks)
    following = [user for user in people if user not in done]
    return (Task(step.id, following[0]),) if following else ()


def _from_step(
    approval: Approval,
    index: int,
    starter: str,
    tasks: Sequence[Task],
    find: Find,
    holds: Holds,
    anew: str = "",
) -> Move:
    passed: list[Task] = []
    for step in approval.steps[index:]:
        if not holds(step):
            continue
        given = [task for task in tasks if task.step == step.id and task.state in AGREED]
        people = [user for user in _signers(approval, step, starter, find) if user not in _parts(given)]
        if not people and not given:
            if find(step) and approval.same_as_starter == "skip":
                continue
            if approval.nobody.outcome == "agree":
                continue
            if approval.nobody.outcome == "refuse":
                return Move(tuple(passed), ended="refuse")
            return Move((*passed, Task(step.id, "")))
        again = set() if step.id == anew else _agreed_before(approval, [*tasks, *passed], people)
        waiting = [user for user in people if user not in again]
        agreed = [Task(step.id, user, "agreed") for user in people if user in again]
        if _verdict(step, [*given, *agreed, *(Task(step.id, user) for user in waiting)]) == "agreed":
            passed.extend(agreed)
            continue
        opened = waiting[:1] if step.sign == "in_order" else waiting
        return Move((*passed, *agreed, *(Task(step.id, user) for user in opened)))
    return Move(tuple(passed), ended="agree")


def _signers(approval: Approval, step: Step, starter: str, find: Find) -> list[str]:
    """Who takes part in a step, in order: not whoever started it, unless the approval allows that."""
    return [user for user in dict.fromkeys(find(step)) if approval.same_as_starter == "allow" or user != starter]


def _parts(tasks: Sequence[Task]) -> set[str]:
    """Whose parts tasks are, and who signs them."""
    return {user for task in tasks for user in (task.assignee, task.principal) if user}


def _agreed_before(approval: Approval, tasks: Sequence[Task], people: Sequence[str]) -> set[str]:
    if approval.repeated != "agree_once":
        return set()
    return {task.assignee for task in tasks if task.state in AGREED} & set(people)
