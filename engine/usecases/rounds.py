"""The approval tasks of a document as stored: every round, oldest first; and whether it is too late to withdraw."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model.criteria import Compare, Every, Order, Selection
from engine.model.machines import Event, Machine
from engine.model.records import Record
from engine.ports import Unit
from engine.usecases.internal import TASK

_MOST = 1000


def tasks_of(unit: Unit, document: str, record_id: str) -> list[Record]:
    """All tasks a document ever had, oldest first."""
    parts = (Compare(("record_id",), "==", record_id), Compare(("document",), "==", document))
    return unit.select(Selection(TASK, Every(parts), order=(Order("created_at"),), limit=_MOST))


def round_of(task: Record) -> int:
    """The round that a task belongs to."""
    return int(str(task.values["round"]))


def is_too_late(machine: Machine, event: Event, values: Mapping[str, object], unit: Unit) -> bool:
    """Whether the event withdraws from an approval whose step `withdraw: {until: …}` has begun in this round."""
    state = machine.states.get(str(values.get("state") or ""))
    approval = machine.approvals.get(state.approval) if state is not None else None
    if approval is None or not approval.withdraw_until or approval.withdraw_event != event.name:
        return False
    names = [step.id for step in approval.steps]
    late = set(names[names.index(approval.withdraw_until) :])
    tasks = [task.values for task in tasks_of(unit, machine.document, str(values["id"]))]
    present = max((int(str(task["round"])) for task in tasks), default=0)
    begun = [task for task in tasks if task["round"] == present and task["status"] != "kept"]
    return any(task["step"] in late for task in begun)
