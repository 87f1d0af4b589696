"""The first page: what waits for me, what I was told, what I started and not yet sent, what I can begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, url_for

from engine.problems import Refused
from engine.usecases import drafts, inbox, listing, task_lists
from engine.usecases.beginnings import begun_by_hand, first_states
from engine.usecases.task_lists import STARTED, TasksRequest, TasksView
from engine.usecases.views import EventView, FieldView, ListRequest, ListView
from engine.web.ages import age, left, urgency
from engine.web.doors import signed_in
from engine.web.surroundings import actor, menu, runtime, say, title
from engine.web.tones import tones

blueprint = Blueprint("workbench", __name__)
MOST_TASKS, MOST_STARTED, MOST_DRAFTS, MOST_NOTICES, EACH = 8, 8, 6, 6, 5


@dataclass(frozen=True, slots=True)
class Start:
    """Something that can be begun."""

    document: str
    title: str
    event: EventView


@dataclass(frozen=True, slots=True)
class Begun:
    """Something that I have begun and not sent: a form kept as it was typed, or a document in its first state."""

    address: str
    kind: str
    label: str
    note: str
    changed: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that matters, and where it leads. `tone` is late where something has to be done."""

    name: str
    count: str
    address: str
    tone: str = ""


@blueprint.get("/")
@signed_in
def workbench() -> str:
    """The workbench."""
    lists = _my_lists()
    waiting = task_lists.list_tasks(runtime(), actor(), TasksRequest(limit=MOST_TASKS))
    returned = task_lists.returned_to(runtime(), actor())
    started = task_lists.list_tasks(runtime(), actor(), TasksRequest(STARTED, limit=MOST_STARTED))
    return render_template(
        "workbench.html",
        tasks=waiting.tasks,
        returned=returned[:MOST_STARTED],
        waiting=_capped(waiting.total + waiting.more + len(returned)) if waiting.total or returned else "",
        further=_further(waiting),
        notices=inbox.my_notices(runtime(), actor(), MOST_NOTICES),
        unread=inbox.unread(runtime(), actor()),
        figures=_figures(len(returned)),
        started=started.started,
        all_started=started.total > len(started.started),
        drafts=_begun(lists)[:MOST_DRAFTS],
        starts=[_start(view, event) for view in lists for event in view.creating],
        tone=lambda one: tones(one.document).get(one.state_name, "moving"),
        age=age,
        left=left,
        urgency=urgency,
    )


def _figures(returned: int) -> list[Figure]:
    """What waits, `returned` to me among it, what of it is late, what I sent that still waits for others."""
    counts = task_lists.count_tasks(runtime(), actor())
    mine, sent = url_for("tasks.waiting"), url_for("tasks.waiting", tab=STARTED)
    return [
        Figure("workbench.figure.waiting", _capped(counts.waiting + returned), mine),
        Figure("workbench.figure.late", _capped(counts.late), mine, "late" if counts.late else ""),
        Figure("workbench.figure.sent", _capped(counts.sent), sent),
    ]


def _further(waiting: TasksView) -> str:
    """How many tasks wait beyond those that are shown; "" for none."""
    more = waiting.total + waiting.more - len(waiting.tasks)
    return _capped(more) if more > 0 else ""


def _capped(count: int) -> str:
    return f"{task_lists.CAP:,}+" if count > task_lists.CAP else f"{count:,}"


def _my_lists() -> list[ListView]:
    """The newest of mine, of each type in my menu."""
    found = []
    for document in dict.fromkeys(document for group in menu() for document in group.documents):
        asked = ListRequest(document, filters={"created_by": actor().id}, sort="-changed_at", limit=EACH)
        try:
            found.append(listing.list_documents(runtime(), actor(), asked))
        except Refused:
            continue
    return found


def _start(view: ListView, event: EventView) -> Start:
    kind = title(view.title)
    return Start(view.document, kind if len(view.creating) == 1 else f"{kind} · {title(event.title)}", event)


def _begun(lists: Sequence[ListView]) -> list[Begun]:
    """Forms that were kept, then documents that have not left their first state, what changed last first."""
    kept = [
        Begun(
            url_for("drafts.go_on", draft_id=one.id),
            title(one.title),
            one.label or title(one.event_title),
            say("workbench.unsaved"),
            age(one.at),
        )
        for one in drafts.mine(runtime(), actor())
    ]
    stored = sorted((pair for view in lists for pair in _in_first_state(view)), key=lambda pair: pair[0], reverse=True)
    return [*kept, *(one for _, one in stored)]


def _in_first_state(view: ListView) -> list[tuple[str, Begun]]:
    shades, first = tones(view.document), first_states(runtime(), view.document)
    own = begun_by_hand(runtime(), view.document, view.ids)
    found = zip(view.ids, view.rows, view.states, view.state_names, strict=True)
    return [
        (
            _text(row, "changed_at"),
            Begun(
                url_for("details.detail", document=view.document, record_id=record_id),
                title(view.title),
                _label(view, row) or title(view.title),
                title(state),
                _text(row, "changed_at"),
            ),
        )
        for record_id, row, state, name in found
        if record_id in own and name in first and shades.get(name) == "new" and not _is_settled(view.document)
    ]


def _is_settled(document: str) -> bool:
    """Whether documents of a type are complete as soon as they are made: without states that follow."""
    machine = runtime().definitions.machines.get(document)
    return machine is None or len(machine.states) < 2


def _label(view: ListView, row: Mapping[str, FieldView]) -> str:
    """The first two columns that say something."""
    texts = (row[column.name].text for column in view.columns if column.name in row)
    return " ".join([text for text in texts if text][:2])


def _text(row: Mapping[str, FieldView], name: str) -> str:
    found = row.get(name)
    return found.text if found is not None else ""
