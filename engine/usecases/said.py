"""What an event has come to, for whoever raised it: the state reached, who is waited for, what else was made.

Also what was changed, what is printed, and what comes next.

In: the outcome of an event. Out: its parts, worded as far as the actor may know of them. Read after the commit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.model.actions import Create
from engine.model.formula import Title
from engine.model.machines import Event
from engine.problems import Refused
from engine.usecases.bounds import bounded
from engine.usecases.desk import CHANGE, Working
from engine.usecases.forms import edits
from engine.usecases.presenting import Presenter
from engine.usecases.reading import opened
from engine.usecases.recounting import account_name, step_title
from engine.usecases.rounds import tasks_of
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, Outcome
from engine.usecases.work import Work

MOST_NAMED = 3
_MOST_READ = 50


@dataclass(frozen=True, slots=True)
class Other:
    """Another record that the event made, or changed."""

    document: str
    record_id: str
    kind: Title
    label: str
    made: bool
    may_change: bool
    state: Title = Title()


@dataclass(frozen=True, slots=True)
class Paper:
    """A print that the event asked for, which the actor may have."""

    document: str
    record_id: str
    print: str
    title: Title


@dataclass(frozen=True, slots=True)
class Said:
    """What happened. `saved`: the event only opened a form; `gone`: the record is not to be seen any more.

    `onward` is the record to go on with, where there is one. `state` is empty where the event left it as it was, `next`
    the main event that the actor may raise now.
    """

    event: Title
    what: str
    saved: bool
    state: Title = Title()
    step: Title = Title()
    waits_for: tuple[str, ...] = ()
    next: Title = Title()
    made: tuple[Other, ...] = ()
    changed: tuple[Other, ...] = ()
    papers: tuple[Paper, ...] = ()
    onward: Other | None = None
    gone: bool = False


def what_was_done(runtime: Runtime, actor: Actor, outcome: Outcome, event_name: str) -> Said:
    """The parts of what is said of an event that has just been raised."""
    event = runtime.definitions.machines[outcome.document].events[event_name]
    with bounded(), runtime.store.begin(write=False) as unit:
        try:
            work, working, rights = opened(runtime, unit, actor, outcome.document, outcome.record_id)
        except Refused:  # deleted by the event, or out of sight now
            return Said(event.title, outcome.number, saved=False, gone=True)
        presenter = Presenter(work.world)
        label, number = presenter.label(outcome.document, working.values, rights), outcome.number
        number = number if rights.reads("number") else ""
        others = list(_others(work, outcome.others[:_MOST_READ]))
        made = tuple(one for one in others if one.made)
        step, waits_for = _waiting(work, outcome)
        state = work.machine(outcome.document).states.get(outcome.state)
        moves = edits(event) or (event.to and state is not None)
        return Said(
            event.title,
            " ".join(dict.fromkeys(one for one in (label, number) if one)),
            edits(event),
            state.title if moves and state is not None else Title(),
            step,
            waits_for,
            Title() if waits_for else _next(work, working),
            made,
            tuple(one for one in others if not one.made),
            tuple(_papers(work, outcome.prints)),
            _onward(event, made),
        )


def where_it_stands(runtime: Runtime, actor: Actor, outcome: Outcome) -> Said:
    """The state of a record, and who is waited for, after somebody has signed; empty where the actor sees it not."""
    with bounded(), runtime.store.begin(write=False) as unit:
        try:
            work = opened(runtime, unit, actor, outcome.document, outcome.record_id)[0]
        except Refused:
            return Said(Title(), "", saved=False, gone=True)
        state = work.machine(outcome.document).states.get(outcome.state)
        return Said(Title(), "", False, Title() if state is None else state.title, *_waiting(work, outcome))


def _waiting(work: Work, outcome: Outcome) -> tuple[Title, tuple[str, ...]]:
    """The step that is open, and who signs there."""
    tasks = tasks_of(work.unit, outcome.document, outcome.record_id)
    waiting = [one for one in tasks if one.values["status"] == "open"]
    names = dict.fromkeys(account_name(work, str(one.values["assignee"])) for one in waiting)
    return step_title(work, waiting[0]) if waiting else Title(), tuple(names)


def _others(work: Work, keys: Sequence[tuple[str, str]]) -> Iterator[Other]:
    presenter = Presenter(work.world)
    for document, record_id in keys:
        row = work.world.follow(document, record_id)
        if row is None or row.get("deleted"):
            continue
        rights = presenter.rights(document, row)
        if rights.any:
            declared = work.runtime.definitions.documents[document]
            working = Working(declared, dict(row), dict(row))
            change = work.machine(document).events.get(CHANGE)
            may = change is not None and work.obstacle_to(working, change, work.actor) is None
            label = presenter.label(document, row, rights)
            state = work.machine(document).states.get(str(row["state"] or ""))
            made = row["created_at"] == row["changed_at"]
            yield Other(document, record_id, declared.title, label, made, may, state.title if state else Title())


def _papers(work: Work, prints: Sequence[tuple[str, str, str]]) -> Iterator[Paper]:
    presenter = Presenter(work.world)
    for document, record_id, print_id in prints:
        row = work.world.follow(document, record_id)
        if row is not None and presenter.rights(document, row).prints_form(print_id):
            yield Paper(document, record_id, print_id, work.runtime.definitions.prints[print_id].title)


def _next(work: Work, working: Working) -> Title:
    """The main event that the actor may raise on the record as it is now."""
    for event in work.machine(working.document.id).events.values():
        if event.style == "primary" and work.obstacle_to(working, event, work.actor) is None:
            return event.title
    return Title()


def _onward(event: Event, made: Sequence[Other]) -> Other | None:
    """The one record that the event is there to make, where the actor may go on with it."""
    meant = {act.document for act in event.do if isinstance(act, Create) and act.when is None and act.repeat is None}
    found = [one for one in made if one.document in meant]
    return found[0] if len(found) == 1 and found[0].may_change else None
