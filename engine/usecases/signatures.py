"""Who has signed an approval and stands by it: what paper shows of signers, opinions and times.

In: a document within a transaction. Out: the tasks that count, and rows as a template sees them. A round that ended
with a return, or was taken back, counts no more: a document that changes again bears no old signatures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from engine.model.machines import Approval, Machine
from engine.model.records import HistoryEntry, Record
from engine.printing.views import CodeView, RefView, RowView
from engine.printing.vocabulary import AGREE, REFUSE
from engine.usecases import sights
from engine.usecases.desk import Working
from engine.usecases.internal import TASK
from engine.usecases.paper import Sheet, account
from engine.usecases.recounting import account_name
from engine.usecases.rounds import round_of, tasks_of
from engine.usecases.work import Work

_DECISIONS = {"agreed": AGREE, "kept": AGREE, "refused": REFUSE}
_TITLES = {AGREE: "同意", REFUSE: "不同意"}
"""Paper says the same whoever prints it, in the language of codes on it."""


def standing(work: Work, working: Working) -> list[Record]:
    """The tasks of each approval's last round that were decided and still count, in the order of their decisions."""
    machine = work.machine(working.document.id)
    tasks = tasks_of(work.unit, working.document.id, str(working.values["id"])) if machine.approvals else []
    history = work.unit.history(working.document.id, str(working.values["id"])) if tasks else []
    found: list[Record] = []
    for approval in machine.approvals.values():
        own = [task for task in tasks if task.values["approval"] == approval.id]
        if own and _counts(machine, approval, history):
            last = max(map(round_of, own))
            found += [one for one in own if round_of(one) == last and one.values["status"] in _DECISIONS]
    return sorted(found, key=_moment)


def _counts(machine: Machine, approval: Approval, history: Sequence[HistoryEntry]) -> bool:
    """Whether the last round goes on, or ended by agreement or refusal."""
    inside = {state.name for state in machine.states.values() if state.approval == approval.id}
    for entry in reversed(history):
        if entry.to_state in inside:
            return True
        if entry.from_state in inside:
            return entry.event in (approval.agreed, approval.refused)
    return False


def _moment(task: Record) -> tuple[datetime, datetime]:
    made, decided = task.values["created_at"], task.values["decided_at"]
    assert isinstance(made, datetime)
    return (decided if isinstance(decided, datetime) else made, made)


def signatures(work: Work, working: Working, sheet: Sheet) -> tuple[RowView, ...]:
    """The rows that templates see; that they were seen is noted."""
    tasks = standing(work, working)
    sights.note_signatures(sheet.sights, TASK, [task.id for task in tasks])
    return tuple(_rows(work, working, sheet, tasks))


def _rows(work: Work, working: Working, sheet: Sheet, tasks: Sequence[Record]) -> Iterator[RowView]:
    decisions = {code: CodeView(code, title) for code, title in _TITLES.items()}
    approvals = work.machine(working.document.id).approvals
    for task in tasks:
        values = task.values
        approval = approvals[str(values["approval"])]
        steps = {step.id: CodeView(step.id, step.title.zh) for step in approval.steps}
        step = str(values["step"])
        yield RowView(
            {
                "approval": CodeView(approval.id, approval.title.zh),
                "step": steps.get(step, CodeView(step, step)),
                "signer": _account(work, sheet, values["decided_by"] or values["assignee"]),
                "on_behalf": _account(work, sheet, values["on_behalf"]),
                "decision": decisions[_DECISIONS[str(values["status"])]],
                "opinion": str(values["opinion"] or ""),
                "at": values["decided_at"],
            }
        )


def _account(work: Work, sheet: Sheet, user: object) -> RefView | None:
    return account(sheet, str(user), account_name(work, str(user))) if user else None
