"""The first page: what waits for me, what I was told, what I started, what I can begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.problems import Refused
from engine.usecases import inbox, listing, search, tasks
from engine.usecases.views import EventView, FieldView, ListRequest, ListView
from engine.web.ages import age, left, urgency
from engine.web.doors import signed_in
from engine.web.surroundings import actor, menu, runtime, title
from engine.web.tones import tones

blueprint = Blueprint("workbench", __name__)
MOST_TASKS, MOST_STARTED, MOST_NOTICES, EACH = 8, 10, 6, 5


@dataclass(frozen=True, slots=True)
class Start:
    """Something that can be begun."""

    document: str
    title: str
    event: EventView


@dataclass(frozen=True, slots=True)
class Mine:
    """A document that I started."""

    document: str
    record_id: str
    kind: str
    label: str
    state: str
    tone: str
    changed: str


@blueprint.get("/")
@signed_in
def workbench() -> str:
    """The workbench."""
    lists = _my_lists()
    started = sorted((one for view in lists for one in _mine(view)), key=lambda one: one.changed, reverse=True)
    waiting = tasks.my_tasks(runtime(), actor())
    return render_template(
        "workbench.html",
        tasks=waiting[:MOST_TASKS],
        waiting=len(waiting),
        notices=inbox.my_notices(runtime(), actor(), MOST_NOTICES),
        unread=inbox.unread(runtime(), actor()),
        started=started[:MOST_STARTED],
        starts=[_start(view, event) for view in lists for event in view.creating],
        kind=_kind,
        age=age,
        left=left,
        urgency=urgency,
    )


@blueprint.post("/notices/<notice_id>")
@signed_in
def read_notice(notice_id: str) -> Response:
    """Note that a notice was read, and go to what it is about."""
    found = inbox.note_read(runtime(), actor(), notice_id)
    if not found.document:
        return redirect(url_for("workbench.workbench"), 303)
    return redirect(url_for("details.detail", document=found.document, record_id=found.record_id), 303)


@blueprint.get("/search")
@signed_in
def found() -> str:
    """Documents by number or name, over all types."""
    text = request.args.get("q", "").strip()
    hits = search.search(runtime(), actor(), text, 50) if text else ()
    named = [(_kind(document), document, record_id, label, number) for document, record_id, label, number in hits]
    template = "search_hits.html" if request.headers.get("HX-Request") else "search.html"
    return render_template(template, text=text, hits=named)


def _kind(document: str) -> str:
    declared = runtime().definitions.documents.get(document)
    return title(declared.title) if declared else document


def _my_lists() -> list[ListView]:
    """The newest of mine, of each type in my menu."""
    found = []
    for document in dict.fromkeys(document for group in menu() for _, document, _ in group.entries):
        asked = ListRequest(document, filters={"created_by": actor().id}, sort="-changed_at", limit=EACH)
        try:
            found.append(listing.list_documents(runtime(), actor(), asked))
        except Refused:
            continue
    return found


def _start(view: ListView, event: EventView) -> Start:
    kind = title(view.title)
    return Start(view.document, kind if len(view.creating) == 1 else f"{kind} · {title(event.title)}", event)


def _mine(view: ListView) -> list[Mine]:
    shades = tones(view.document)
    return [
        Mine(
            view.document,
            record_id,
            title(view.title),
            _label(view, row),
            title(state),
            shades.get(name, "moving"),
            _text(row, "changed_at"),
        )
        for record_id, row, state, name in zip(view.ids, view.rows, view.states, view.state_names, strict=True)
    ]


def _label(view: ListView, row: Mapping[str, FieldView]) -> str:
    """The first two columns that say something."""
    texts = (row[column.name].text for column in view.columns if column.name in row)
    return " ".join([text for text in texts if text][:2])


def _text(row: Mapping[str, FieldView], name: str) -> str:
    found = row.get(name)
    return found.text if found is not None else ""
