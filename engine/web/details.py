"""One document, read only: sections, events, prints, life so far, what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template

from engine.model.values import StoredFile
from engine.usecases import reading, task_lists
from engine.usecases.beside import shown_beside
from engine.usecases.page_views import PageView
from engine.usecases.views import DetailView, FieldView, TaskView
from engine.web.ages import left, urgency
from engine.web.buttons import event_buttons
from engine.web.controls import Path
from engine.web.doors import signed_in
from engine.web.form_pages import FormPage, summed_columns
from engine.web.free_pages import drawing
from engine.web.grids import grid
from engine.web.surroundings import actor, runtime, title
from engine.web.templating import as_files
from engine.web.tones import tones

blueprint = Blueprint("details", __name__)
BUTTONS_AT_HAND = 3
ROWS_DRAWN = 100
"""More rows than this are shown by the grid, which draws only what is in view."""


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
    return render_template("detail.html", mine=_mine(view), **_beside(view), **detail_values(view))


def _beside(view: DetailView) -> dict[str, object]:
    """What stands beside the fields, and what templates need to draw it."""
    found = shown_beside(runtime(), actor(), view.document, view.record_id)
    return {"beside": found, **drawing(PageView(view.document, view.title, found))}


def _mine(view: DetailView) -> TaskView | None:
    """The task of this document that waits for the person who looks at it."""
    if all(one.state != "open" for one in view.tasks):
        return None
    return task_lists.task_on(runtime(), actor(), view.document, view.record_id)


def detail_again(document: str, record_id: str, page: FormPage) -> str:
    """The detail page with the dialog of an event open as it was sent, and what refused it."""
    view = reading.read_document(runtime(), actor(), document, record_id)
    return render_template("detail.html", mine=_mine(view), **_beside(view), **detail_values(view, page))


def detail_values(view: DetailView, page: FormPage | None = None) -> dict[str, object]:
    """What templates need to draw a document read only; `page` is that of an event that was just refused."""
    buttons = event_buttons(view, page)
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
