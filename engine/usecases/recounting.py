"""What happened to a document and what waits to happen, worded for the actor: history and approval tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from engine.access.masks import masked
from engine.access.rights import RecordRights
from engine.documents.compute import rows_of
from engine.model.documents import Document, Field
from engine.model.formula import Title
from engine.model.machines import Machine, Step
from engine.model.records import HistoryEntry, Record
from engine.usecases.desk import Working
from engine.usecases.handing import HANDED
from engine.usecases.presenting import Presenter
from engine.usecases.rounds import round_of, tasks_of
from engine.usecases.signing import SIGNED
from engine.usecases.summaries import summary_of
from engine.usecases.views import HistoryView, TaskView
from engine.usecases.watching import LOOKED_UP, RUN
from engine.usecases.work import Work

MOST_STEPS = 500
Places = Mapping[str, int]
_OWN_EVENTS = {event.name: event for event in (LOOKED_UP, RUN, SIGNED, *HANDED.values())}
_ENGINE = {
    "engine": Title("系统", "System"),
    "itself": Title("系统", "System"),
    "timer": Title("定时", "Timer"),
    "approval": Title("审批", "Approval"),
}


def account_name(work: Work, user: str) -> str:
    """The name of an account; the engine's parts have names of their own."""
    if user in _ENGINE:
        return _ENGINE[user].worded(work.actor.language)
    accounts = work.runtime.node.accounts
    row = work.world.follow(accounts.document, user) if accounts is not None and user else None
    return str(row[accounts.name]) if row is not None and accounts is not None else user


def history_views(
    work: Work, presenter: Presenter, document: Document, machine: Machine, record_id: str, rights: RecordRights
) -> tuple[HistoryView, ...]:
    """Steps newest first; changes only of fields the actor may read, masked where they are masked.

    Of a very long life the last steps are told, and how many there were before them.
    """
    entries, places = work.unit.history(document.id, record_id), _places(work, document, record_id)
    told = tuple(
        _step(work, presenter, document, machine, entry, rights, places) for entry in reversed(entries[-MOST_STEPS:])
    )
    before = len(entries) - len(told)
    if not before:
        return told
    left_out = Title(f"更早的{before}步未列出", f"{before} earlier steps are not listed")
    return (*told, HistoryView(entries[before - 1].at, "", left_out, None, None))


def _places(work: Work, document: Document, record_id: str) -> Places:
    """Where each row of the record stands now, by its id: so people know rows."""
    values = work.world.follow(document.id, record_id) or {}
    tables = [name for name, field in document.fields.items() if field.is_table]
    return {str(row["id"]): place for name in tables for place, row in enumerate(rows_of(values, name), start=1)}


def _step(
    work: Work,
    presenter: Presenter,
    document: Document,
    machine: Machine,
    entry: HistoryEntry,
    rights: RecordRights,
    places: Places,
) -> HistoryView:
    event = machine.events.get(entry.event) or _OWN_EVENTS.get(entry.event)
    return HistoryView(
        entry.at,
        account_name(work, entry.actor),
        event.title if event is not None else Title(entry.event),
        _title(machine, entry.from_state),
        _title(machine, entry.to_state),
        tuple(_changes(presenter, document, entry.changes, rights, places)),
        entry.comment,
        account_name(work, entry.on_behalf),
    )


def _title(machine: Machine, state: str | None) -> Title | None:
    found = machine.states.get(state or "")
    return found.title if found is not None else None


def _changes(
    presenter: Presenter,
    document: Document,
    changes: Mapping[str, tuple[object, object]],
    rights: RecordRights,
    places: Places,
) -> Iterator[tuple[Title, str, str]]:
    for path, (before, after) in changes.items():
        parts = path.split(".")
        field = document.fields.get(parts[0])
        if field is None or not rights.reads(parts[0]):
            continue
        if len(parts) == 1:
            hidden = parts[0] in rights.masked
            yield field.title, _worded(presenter, field, before, hidden), _worded(presenter, field, after, hidden)
        elif parts[0] in rights.masked:
            continue  # of a table that is masked nothing can be shown
        elif len(parts) == 2:
            title = _row_title(field, places.get(parts[1]))
            yield title, _row_text(presenter, field, before), _row_text(presenter, field, after)
        elif parts[2] in field.fields:
            cell = field.fields[parts[2]]
            row = _row_title(field, places.get(parts[1]))
            title = Title(f"{row.zh}·{cell.title.zh}", f"{row.en}: {cell.title.worded('en')}")
            yield title, _worded(presenter, cell, before, False), _worded(presenter, cell, after, False)


def _row_title(table: Field, place: int | None) -> Title:
    """What a row is called: its table and, as long as it is there, its place."""
    number = "" if place is None else f" {place}"
    return Title(f"{table.title.zh}{number}", f"{table.title.worded('en')}{number}")


def _worded(presenter: Presenter, field: Field, value: object, hidden: bool) -> str:
    text = presenter.text(field, value)
    return masked(text, field.mask) if hidden and text else text


def _row_text(presenter: Presenter, table: Field, row: object) -> str:
    if not isinstance(row, Mapping):
        return ""
    texts = (presenter.text(field, row.get(name)) for name, field in table.fields.items())
    return " ".join(text for text in texts if text)


def task_views(work: Work, working: Working) -> tuple[TaskView, ...]:
    """The approval tasks of a document, oldest first; what is only kept from an earlier round is told there."""
    tasks = tasks_of(work.unit, working.document.id, str(working.values["id"]))
    return tuple(task_view(work, task) for task in tasks if task.values["status"] != "kept")


def task_view(work: Work, task: Record) -> TaskView:
    """One task, worded."""
    values = task.values
    document, record_id = str(values["document"]), str(values["record_id"])
    step = _step_of(work, task)
    row = work.world.follow(document, record_id) or {"id": record_id}
    presenter = Presenter(work.world)
    rights = presenter.rights(document, row)
    state = work.machine(document).states.get(str(row.get("state") or ""))
    return TaskView(
        task.id,
        document,
        record_id,
        presenter.number(row, rights),
        presenter.label(document, row, rights) if rights.any else "",
        step_title(work, task),
        account_name(work, str(values["assignee"] or "")),
        _moment(values["created_at"]) or work.now,
        _moment(values["due"]),
        str(values["status"]),
        str(values["opinion"] or ""),
        _moment(values["decided_at"]),
        step is not None and step.comment == "required",
        work.runtime.definitions.documents[document].title,
        state.title if state is not None and rights.reads("state") else Title(),
        state.name if state is not None and rights.reads("state") else "",
        int(str(row.get("version") or 0)),
        step is None or step.comment == "required" or bool(step.edit),
        account_name(work, str(values["on_behalf"] or "")),
        round_of(task),
    )


def told_task(work: Work, task: Record) -> TaskView:
    """One task with what its document says of itself, as far as the step lets its signer see."""
    values, step = task.values, _step_of(work, task)
    row = work.world.follow(str(values["document"]), str(values["record_id"]))
    if row is None:
        return task_view(work, task)
    presenter, declared = Presenter(work.world), work.runtime.definitions.documents[str(values["document"])]
    narrowed = (*step.read, *step.edit) if step is not None and step.read and "*" not in step.read else ()
    told = summary_of(presenter, declared, row, presenter.rights(declared.id, row), narrowed)
    return replace(task_view(work, task), summary=told)


def step_title(work: Work, task: Record) -> Title:
    """The title of a task's step; its id where the definitions have no such step any more."""
    step = _step_of(work, task)
    return step.title if step is not None else Title(str(task.values["step"]))


def _step_of(work: Work, task: Record) -> Step | None:
    approval = work.machine(str(task.values["document"])).approvals.get(str(task.values["approval"]))
    steps = approval.steps if approval is not None else ()
    return next((one for one in steps if one.id == task.values["step"]), None)


def _moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None
