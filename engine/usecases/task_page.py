"""The page of one task: the document as its step shows it, what may be filled in, where it may be returned to.

In: an open task of the actor. Out: a `SigningView`. What access hides stays hidden, whatever the step says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from engine.access.rights import RecordRights
from engine.model.formula import Title
from engine.model.machines import Approval, Step
from engine.model.records import Record
from engine.problems import Finding, Refused
from engine.usecases.auditing import Hidden, note_protected, watched
from engine.usecases.bounds import bounded
from engine.usecases.course import step_of
from engine.usecases.desk import Inputs, Working
from engine.usecases.internal import TASK
from engine.usecases.presenting import Presenter
from engine.usecases.reading import detail_of, opened
from engine.usecases.recounting import task_view
from engine.usecases.runtime import Runtime
from engine.usecases.signing import SIGNED, opened_by, ways_of
from engine.usecases.views import Actor, DetailView, EventView, FormView, SectionView, TaskView
from engine.usecases.work import Work

ALL = "*"
STARTER = "starter"
"""What programs call the way back to whoever started it."""


@dataclass(frozen=True, slots=True)
class SigningView:
    """One task to be decided. `fill` has the fields that its step opens, `back` where a return may lead."""

    task: TaskView
    detail: DetailView
    fill: FormView
    back: tuple[tuple[str, Title], ...]
    may: tuple[str, ...]


def read_task(
    runtime: Runtime,
    actor: Actor,
    task_id: str,
    raw: Mapping[str, object] | None = None,
    findings: Iterable[Finding] = (),
) -> SigningView:
    """The page of an open task of the actor; with what was typed and what refused it. Raises Refused(not_found)."""
    with watched(runtime, actor, "read", TASK, task_id), bounded(), runtime.store.begin(write=False) as unit:
        task = unit.fetch(TASK, task_id)
        if task is None or task.values["status"] != "open":
            raise Refused((), kind="not_found")
        if task.values["assignee"] != actor.id:
            raise Hidden
        document, record_id = str(task.values["document"]), str(task.values["record_id"])
        work, working, rights = opened(runtime, unit, actor, document, record_id)
        approval = work.machine(document).approvals[str(task.values["approval"])]
        step = step_of(approval, str(task.values["step"]))
        shown = _narrowed(rights, step)
        presenter = Presenter(work.world.as_of(work.day_of(working)))
        detail = _detail(detail_of(work, presenter, working, shown), step)
        view = SigningView(
            task_view(work, task),
            detail,
            _fill(work, working, step, raw or {}, list(findings)),
            tuple(_back(work, working, approval, task)),
            step.may,
        )
    note_protected(runtime, actor, working.document, record_id, shown)
    return view


def _narrowed(rights: RecordRights, step: Step) -> RecordRights:
    """What the signer sees of the document: of what access shows him, what the step names."""
    if not step.read or ALL in step.read:
        return rights
    return replace(rights, read=rights.read & {*step.read, *step.edit}, everything=False)


def _detail(view: DetailView, step: Step) -> DetailView:
    """Without the fields that stand in the form beside it; a narrowed view leads nowhere else."""
    kept = [
        replace(section, fields=tuple(one for one in section.fields if one.name not in step.edit))
        for section in view.sections
    ]
    view = replace(view, sections=tuple(section for section in kept if section.fields))
    if not step.read or ALL in step.read:
        return view
    return replace(view, prints=(), related=(), history=tuple(replace(one, changes=()) for one in view.history))


def _fill(work: Work, working: Working, step: Step, raw: Mapping[str, object], findings: list[Finding]) -> FormView:
    """The fields that the step opens, as a form."""
    document = working.document
    names = opened_by(working, step)
    if raw:
        work.prepare(working, SIGNED, work.actor, Inputs(raw), checked=False, opened=names)
    paths: set[tuple[str, ...]] = set()
    for name in sorted(names & document.fields.keys()):
        field = document.fields[name]
        if work.is_editable(document, field, working.values, (name,)):
            paths.add((name,))
            inner = ((name, one) for one in field.fields)
            paths |= {p for p in inner if work.is_editable(document, field.fields[p[1]], working.values, p)}
    presenter = Presenter(work.world.as_of(work.day_of(working)))
    rights = work.rights(document.id, working.before, work.actor)
    sections = presenter.sections(document, working.values, rights, editable=frozenset(paths), findings=findings)
    fields = tuple(one for section in sections for one in section.fields if (one.name,) in paths)
    return FormView(
        document.id,
        document.title,
        EventView(SIGNED.name, step.title, edits=True),
        (SectionView(Title(), fields),) if fields else (),
        str(working.values["id"]),
        int(str(working.values["version"])),
        str(working.values["state"] or ""),
        tuple(one for one in findings if not one.at or (one.at[0],) not in paths),
    )


def _back(work: Work, working: Working, approval: Approval, task: Record) -> Iterable[tuple[str, Title]]:
    for name in ways_of(work, working, approval, task):
        yield name, step_of(approval, name).title if name else Title("发起人", "Who started it")
