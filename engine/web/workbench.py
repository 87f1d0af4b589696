"""The first page: what waits for me, what I started, what I can begin."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from engine.problems import Refused
from engine.usecases import listing, search, tasks
from engine.usecases.views import EventView, FieldView, ListRequest, ListView
from engine.web.ages import age, left, urgency
from engine.web.doors import signed_in
from engine.web.surroundings import actor, menu, runtime, title
from engine.web.tones import tones

blueprint = Blueprint("workbench", __name__)
MOST_TASKS, MOST_STARTED, EACH = 8, 10, 5


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
        started=started[:MOST_STARTED],
        starts=[Start(view.document, title(view.title), event) for view in lists for event in view.creating],
        age=age,
        left=left,
        urgency=urgency,
    )


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


def _mine(view: ListView) -> list[Mine]:
    shades = tones(view.document)
    return [
        Mine(
            view.document,
            record_id,
            title(view.title),
            _label(row),
            title(state),
            shades.get(state.zh, "moving"),
            _text(row, "changed_at"),
        )
        for record_id, row, state in zip(view.ids, view.rows, view.states, strict=True)
    ]


def _label(row: dict[str, FieldView] | object) -> str:
    assert isinstance(row, dict)
    texts = [one.text for one in row.values() if one.text]
    return " ".join(texts[:2])


def _text(row: object, name: str) -> str:
    assert isinstance(row, dict)
    found = row.get(name)
    return found.text if found is not None else ""
