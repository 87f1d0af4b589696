"""The choices of pickers: codes and records that fit what was typed, and what a field's `where` lets be chosen.

In: a field's path, the text typed, the form as it is filled in. Out: options. `where` speaks of the document as it
would be stored: what was typed on top of what stands there, with everything that the engine gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from engine.access.rights import RecordRights
from engine.documents import compute as computing
from engine.expressions.environment import Env
from engine.model.criteria import Criterion, Every, Order, Selection
from engine.model.documents import Document, Field
from engine.model.formula import Formula
from engine.model.records import Record
from engine.problems import Refused
from engine.sources.criteria import checked_of, criterion_of, residual_of
from engine.usecases.acting import Performer
from engine.usecases.auditing import Hidden, watched
from engine.usecases.bounds import bounded
from engine.usecases.code_titles import code_title
from engine.usecases.course import step_of
from engine.usecases.desk import Inputs, Working
from engine.usecases.forms import opened_form
from engine.usecases.needles import found_by_text
from engine.usecases.presenting import Presenter
from engine.usecases.rounds import tasks_of
from engine.usecases.runtime import Runtime
from engine.usecases.signing import opened_by
from engine.usecases.views import Actor, Option
from engine.usecases.work import Work

_MOST = 50
_MOST_JUDGED = 1_000
"""Records that are judged one by one where a store cannot answer the whole of a `where`."""
_OF_THE_FORM = frozenset({"this", "up", "parent", "event"})


@dataclass(frozen=True, slots=True)
class Filling:
    """A form as it is filled in: of a stored record or a new one; `row` counts from 0 for a picker in a table."""

    record_id: str | None = None
    raw: Mapping[str, object] = field(default_factory=dict)
    asked: Mapping[str, object] = field(default_factory=dict)
    row: int | None = None


def options(
    runtime: Runtime,
    actor: Actor,
    document: str,
    path: tuple[str, ...],
    text: str = "",
    event: str = "",
    filling: Filling | None = None,
) -> tuple[Option, ...]:
    """Choices of a code or reference field that match what was typed. Raises Refused for a hidden field.

    With `event`, the path names a field that the event asks for. Without a form that is filled in (a filter of a list,
    an event on many records) a `where` counts only as far as it is the same for all documents.
    """
    declared = runtime.definitions.documents.get(document)
    with watched(runtime, actor, "options", document), bounded(), runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        chosen = None if declared is None else _choosing(work, declared, path, event)
        if declared is None or chosen is None:
            raise Refused((), kind="not_found")
        if chosen.kind in ("code", "codes"):
            return code_options(work, chosen, text)
        if chosen.kind not in ("ref", "refs") or not chosen.type.of:
            return ()
        env = None if chosen.filter is None else _place(work, declared, chosen.filter, path, event, filling)
        return _reference_options(work, chosen, text, env)


def _choosing(work: Work, document: Document, path: tuple[str, ...], event: str) -> Field | None:
    """The field whose choices are wanted, where the actor may know of it."""
    rights = work.rights(document.id, None, work.actor)
    if not event:
        found = document.field_at(path)
        if found is not None and not rights.reads(path[0]):
            raise Hidden
        return found
    asking = work.machine(document.id).events.get(event)
    return asking.ask.get(path[0]) if asking is not None and rights.any else None


def code_options(work: Work, field: Field, text: str, most: int = _MOST) -> tuple[Option, ...]:
    """Codes whose code, titles, further names or pinyin match, as of today; what begins so before what contains it.

    What is a further name of one code alone means that one.
    """
    iso, needle = work.now.date().isoformat(), text.strip().lower()
    pinyin = work.runtime.pinyin
    found: tuple[list[Option], list[Option]] = ([], [])
    for entry in work.runtime.definitions.codes[field.type.of].entries:
        if not entry.dated.holds_on(iso):
            continue
        title, own = code_title(entry, work.actor.language), code_title(entry, "")
        names = f"{title}\n{own}".lower()
        keys = " ".join((pinyin.readings(own), *entry.also)).strip().lower()
        option = Option(entry.code, title, entry.code, keys, needle in map(str.lower, entry.also))
        begins = f" {needle}" in f" {keys}" or f"\n{needle}" in f"\n{names}" or entry.code.lower() == needle
        if begins:
            found[0].append(option)
        elif needle in entry.code.lower() or needle in names:
            found[1].append(option)
        if len(found[0]) >= most:
            break
    named = [one for one in found[0] if one.named]
    return tuple(named) if len(named) == 1 else (*found[0], *found[1])[:most]


# --- records ---------------------------------------------------------------------------------------------------------


def _reference_options(work: Work, field: Field, text: str, env: Env | None) -> tuple[Option, ...]:
    target = work.runtime.definitions.documents[field.type.of]
    presenter = Presenter(work.world)
    parts: list[Criterion] = [work.runtime.rights(target.id, work.actor).rows(work.world)]
    if text.strip():
        parts.append(found_by_text(work, target, text, by_name=True))
    found = _selected(work, target.id, parts, field.filter, env)
    seen = ((record, presenter.rights(target.id, record.values)) for record in found)
    return tuple(_option(presenter, record, rights) for record, rights in seen if rights.any)


def _selected(
    work: Work, target: str, parts: list[Criterion], where: Formula | None, env: Env | None
) -> Iterator[Record]:
    """The newest records that fit; what no store can answer is judged record by record, as it is when one is saved."""
    if where is None or env is None:
        yield from _newest(work, target, parts, _MOST)
        return
    rest = residual_of(where, env)
    found = _newest(work, target, [*parts, criterion_of(where, env)], _MOST if rest is None else _MOST_JUDGED)
    kept = [record for record in found if rest is None or rest(record.values)]
    yield from kept[:_MOST]


def _newest(work: Work, target: str, parts: list[Criterion], most: int) -> list[Record]:
    order = (Order("changed_at", descending=True),)
    return work.unit.select(Selection(target, Every(tuple(parts)), order, limit=most))


def _option(presenter: Presenter, record: Record, rights: RecordRights) -> Option:
    label = presenter.label(record.document, record.values, rights)
    return Option(record.id, label, presenter.apart(record.document, record.values, rights))


# --- what `where` speaks of ------------------------------------------------------------------------------------------


def _place(
    work: Work, document: Document, where: Formula, path: tuple[str, ...], event: str, filling: Filling | None
) -> Env | None:
    """The environment of the field that is chosen for, as it will be judged; None where `where` cannot be judged."""
    if not any(base in _OF_THE_FORM for base, *_ in checked_of(where).reads):
        return Env({}, work.world, this={})
    if filling is None:
        return None
    working = opened_form(work, work.actor, document.id, filling.record_id)
    rights = work.rights(document.id, working.before, work.actor)
    if working.before is not None:
        rights = replace(rights, edit=rights.edit | _opened_for_signing(work, working))
    work.fill_in(working, rights, Inputs(filling.raw))
    values = working.values
    if event:
        answers, _ = work.answers_to(work.machine(document.id).events[event], filling.asked, working)
        return Env(answers, work.world, this=values, event=answers)
    own = Env(values, work.world, this=values)
    return own if len(path) == 1 else _row(document.fields[path[0]], values, own, filling.row)


def _row(table: Field, values: Mapping[str, object], own: Env, place: int | None) -> Env:
    """A row of a child table in its place; one that is not there yet is empty."""
    rows = computing.rows_of(values, table.name)
    if place is not None and 0 <= place < len(rows):
        return list(computing.row_envs(rows, values, own.world))[place]
    return Env(computing.blank(table.fields), own.world, this=values, parent=values, up=own)


def _opened_for_signing(work: Work, working: Working) -> frozenset[str]:
    """Fields that an open task of the actor lets him fill in."""
    found: set[str] = set()
    approvals = work.machine(working.document.id).approvals
    for task in tasks_of(work.unit, working.document.id, str(working.values["id"])) if approvals else ():
        if task.values["assignee"] == work.actor.id and task.values["status"] == "open":
            step = step_of(approvals[str(task.values["approval"])], str(task.values["step"]))
            found |= opened_by(working, step)
    return frozenset(found)
