"""One document, read only: sections, events, prints, life so far, what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template

from engine.model.values import StoredFile
from engine.usecases import reading, task_lists
from engine.usecases.views import DetailView, EventView, FieldView, TaskView
from engine.web.ages import left, urgency
from engine.web.choices import choices
from engine.web.controls import Control, Path, control
from engine.web.doors import signed_in
from engine.web.drawing import Drawing
from engine.web.form_pages import summed_columns
from engine.web.grids import grid
from engine.web.submission import ASKED
from engine.web.surroundings import actor, runtime, title
from engine.web.templating import as_files
from engine.web.tones import tones

blueprint = Blueprint("details", __name__)
BUTTONS_AT_HAND = 3
ROWS_DRAWN = 100
"""More rows than this are shown by the grid, which draws only what is in view."""


@dataclass(frozen=True, slots=True)
class EventButton:
    """An event as a button: a link to its form, a dialog with what it asks, or just a button."""

    event: EventView
    way: str
    asked: tuple[Control, ...] = ()
    draw: Drawing | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One round of an approval: who has signed what, who is waited for. A return begins the next one."""

    number: int
    tasks: tuple[TaskView, ...]


@blueprint.get("/d/<document>/<record_id>")
@signed_in
def detail(document: str, record_id: str) -> str:
    """The detail page."""
    view = reading.read_document(runtime(), actor(), document, record_id)
    return render_template("detail.html", mine=_mine(view), **detail_values(view))


def _mine(view: DetailView) -> TaskView | None:
    """The task of this document that waits for the person who looks at it."""
    if all(one.state != "open" for one in view.tasks):
        return None
    return task_lists.task_on(runtime(), actor(), view.document, view.record_id)


def detail_values(view: DetailView) -> dict[str, object]:
    """What templates need to draw a document read only."""
    buttons = event_buttons(view.document, view.events)
    return {
        "view": view,
        "buttons": buttons[:BUTTONS_AT_HAND],
        "more_buttons": buttons[BUTTONS_AT_HAND:],
        "tone": tones(view.document).get(view.state, "moving"),
        "key": runtime().ids.new(),
        "now": runtime().clock.now(),
        "grids": {
            one.name: grid(one, view.document, None, nothing, (), summed_columns(view.document, one))
            for section in view.sections
            for one in section.fields
            if one.field.is_table and len(one.rows) > ROWS_DRAWN
        },
        "summed": lambda table: summed_columns(view.document, table),
        "files": _attached(view),
        "late": _late,
        "rounds": rounds(view.tasks),
        "left": left,
        "urgency": urgency,
        "system": _system(view.document),
    }


def rounds(tasks: Sequence[TaskView]) -> list[Round]:
    """Signatures by round, the last one first. What was taken from somebody because another signed is left out."""
    found: dict[int, list[TaskView]] = {}
    for one in tasks:
        found.setdefault(one.round, []).append(one)
    return [Round(number, _told(found[number])) for number in sorted(found, reverse=True)]


def _told(tasks: Sequence[TaskView]) -> tuple[TaskView, ...]:
    done = {one.step for one in tasks if one.decided_at is not None}
    return tuple(one for one in tasks if one.state != "cancelled" or one.step not in done)


def event_buttons(document: str, events: Sequence[EventView]) -> list[EventButton]:
    """Buttons in order: the primary one first, what is dangerous last."""
    rank = {"primary": 0, "danger": 2}
    ordered = sorted(events, key=lambda event: (not event.allowed, rank.get(event.style, 1)))
    return [_button(document, event) for event in ordered]


def _button(document: str, event: EventView) -> EventButton:
    if event.edits:
        return EventButton(event, "form")
    if not event.ask:
        return EventButton(event, "confirm" if event.style == "danger" else "post")
    of = choices(document, event.name)
    asked = tuple(control(one, ASKED + one.name, {}, of) for one in event.ask)
    return EventButton(event, "dialog", asked, Drawing(document, event.name))


def _attached(view: DetailView) -> list[tuple[str, StoredFile]]:
    """All files of a document that are shown, with what they are: those of fields, and those of rows."""
    found: list[tuple[str, StoredFile]] = []
    for one in (one for section in view.sections if section.shown for one in section.fields if one.shown):
        cells = [cell for row in one.rows for cell in row.values()] if one.field.is_table else [one]
        found += [(title(cell.title), file) for cell in cells for file in as_files(cell.value)]
    return list(dict.fromkeys(found))


def _late(due: datetime | None) -> bool:
    return due is not None and due < runtime().clock.now()


def _system(document: str) -> object:
    declared = runtime().definitions.documents.get(document)
    return None if declared is None else runtime().definitions.systems.get(declared.system)


def nothing(view: FieldView, path: Path) -> None:
    """Options of what is only read: none."""
