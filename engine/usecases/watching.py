"""Events that happen by themselves: after a change, documents whose guard may have become true are queued for a look.

The look itself happens in its own transaction, by `engine.usecases.deliver`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.documents.changes import changes
from engine.model.criteria import ALWAYS, Compare, Criterion, Every, Selection
from engine.model.formula import Title
from engine.model.machines import ANY, Event
from engine.model.program import Watch
from engine.usecases.desk import Working
from engine.usecases.views import Actor
from engine.usecases.work import Applied, Work

_MOST = 1000
RUN = Event("job", Title("定时任务", "Job"), (ANY,))
LOOKED_UP = Event("looked_up", Title("重新查找", "Looked up again"), (ANY,))
ITSELF = Actor("itself", "itself", special="itself")


def look_again(work: Work, applied: Applied, before: Mapping[str, object] | None = None) -> None:
    """Queue looks at this document and at those whose guards or look-ups read it, or read it as it was before."""
    document, values = applied.working.document.id, applied.working.values
    if _may_happen(work, applied.working):
        _queue(work, document, str(values["id"]), "")
    look_around(work, document, values, before)


def _may_happen(work: Work, working: Working) -> bool:
    """Whether an event may happen by itself now. What reads no other documents is judged at once: a look that finds
    nothing costs as much as an event. What reads others is looked at after the commit, when theirs are seen."""
    program = work.runtime.force.programs[working.document.id]
    if program.itself_watches or program.find_watches:
        return bool(program.itself_events)
    events = work.machine(working.document.id).events
    try:
        return any(work.obstacle_to(working, events[name], ITSELF) is None for name in program.itself_events)
    except Exception:  # noqa: BLE001 - a guard that fails must not fail what a person does; the look tells the operator
        return True


def look_around(
    work: Work, document: str, values: Mapping[str, object], before: Mapping[str, object] | None = None
) -> None:
    """Queue looks at documents whose guards or look-ups read a record that was changed: one of theirs, an account."""
    for other in work.runtime.force.programs.values():
        for why, watches in (("", other.itself_watches), ("find", other.find_watches)):
            for watch in watches:
                if watch.document == document:
                    for row in _sides(watch, values, before):
                        _queue_all(work, (document, row), other.document, watch, why)


def _sides(
    watch: Watch, values: Mapping[str, object], before: Mapping[str, object] | None
) -> Sequence[Mapping[str, object]]:
    """The record as it is, and as it was where it concerned others then."""
    moved = before is not None and any(before.get(theirs) != values.get(theirs) for _, theirs in watch.pairs)
    return (values, before) if before is not None and moved else (values,)


def look_up_again(work: Work, working: Working) -> None:
    """Compute the record anew; where a look-up leads elsewhere by now, that is stored as a step of its own."""
    work.derive(working)
    if changes(working.document.fields, working.before, working.values):
        working.dirty = True
        work.save(Applied(working, LOOKED_UP, str(working.values["state"] or ""), {}, work.actor))


def _queue_all(work: Work, changed: tuple[str, Mapping[str, object]], document: str, watch: Watch, why: str) -> None:
    own, values = changed
    parts: list[Criterion] = [Compare(ours, "==", values.get(theirs)) for ours, theirs in watch.pairs]
    final = [state.name for state in work.machine(document).states.values() if state.final]
    parts += [Compare(("state",), "!=", name) for name in final]
    where = Every(tuple(parts)) if parts else ALWAYS
    for record in work.unit.select(Selection(document, where, limit=_MOST)):
        if (document, record.id) != (own, values["id"]):
            _queue(work, document, record.id, why)


def _queue(work: Work, document: str, record_id: str, why: str) -> None:
    key = f"look:{document}:{record_id}:{work.runtime.ids.new()}"
    work.effect("look", key, {"why": why}, document=document, record_id=record_id)
