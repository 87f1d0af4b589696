"""Lists of documents: filter row, search, sorting by head, paging by key, export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.model.types import Kind
from engine.problems import Refused
from engine.usecases import listing
from engine.usecases.views import FieldView, ListRequest, ListView, Option
from engine.web.choices import choices
from engine.web.doors import signed_in
from engine.web.surroundings import actor, runtime, say, text_of, title
from engine.web.tones import tones

blueprint = Blueprint("lists", __name__)
FILTER = "f."
RANGES = {Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.DATETIME}
AT_HAND = 3
"""How many filters are shown at once; the rest unfold."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter as drawn: a text, a choice, a search, or a range with its two ends."""

    view: FieldView
    name: str
    widget: str
    value: str = ""
    text: str = ""
    low: str = ""
    high: str = ""
    options: tuple[Option, ...] = ()

    @property
    def used(self) -> bool:
        """Whether it limits the list now."""
        return bool(self.value or self.low or self.high)


@blueprint.get("/d/<document>")
@signed_in
def documents(document: str) -> Response:
    """One page of a list; the table alone where a script asks for it."""
    asked, told = list_request(document), ""
    try:
        view = listing.list_documents(runtime(), actor(), asked)
    except Refused as refusal:
        if refusal.kind != "findings":
            raise
        told = " ".join(text_of(one) for one in refusal.findings)
        view = listing.list_documents(runtime(), actor(), ListRequest(document, limit=1))
    ordered = sorted(view.filters, key=lambda one: one.name != "state")  # where it stands is asked most
    filters = tuple(_filter(view, one, asked.filters) for one in ordered)
    template = "list_rows.html" if request.headers.get("HX-Request") else "list.html"
    page = render_template(
        template,
        view=view,
        told=told,
        asked=asked,
        filters=filters,
        at_hand=AT_HAND,
        tones=tones(document),
        link=lambda **changes: list_link(asked, **changes),
        without=lambda one: _without(asked, one),
        may_export=may_export(document),
        exports={kind: _export_link(asked, kind) for kind in ("xlsx", "csv")},
        totals=total_text(view),
    )
    return make_response(page, 422 if told else 200)


def list_request(document: str) -> ListRequest:
    """What the address asks for."""
    filters = {name.removeprefix(FILTER): value for name, value in request.args.items() if name.startswith(FILTER)}
    return ListRequest(
        document,
        filters={name: value.strip() for name, value in filters.items() if value.strip()},
        text=request.args.get("q", "").strip(),
        sort=request.args.get("sort", ""),
        after=request.args.get("after", ""),
        backwards=request.args.get("back") == "1",
        limit=50,
    )


def list_link(asked: ListRequest, **changes: str) -> str:
    """The same list with something else; paging begins anew unless it is what changes."""
    found: dict[str, Any] = {FILTER + name: value for name, value in asked.filters.items()}
    found |= {"q": asked.text, "sort": asked.sort}
    found |= changes
    return url_for("lists.documents", document=asked.document, **{key: value for key, value in found.items() if value})


def may_export(document: str) -> bool:
    """Whether the actor may take the list away as a file."""
    declared = runtime().definitions.documents.get(document)
    return declared is not None and listing.document_rights(runtime(), actor(), declared).in_general().export


def total_text(view: ListView) -> str:
    """How many there are, honest about where counting stopped."""
    return say("list.total", count=f"{view.total:,}" + ("+" if view.more else ""))


def _export_link(asked: ListRequest, kind: str) -> str:
    found: dict[str, Any] = {FILTER + name: value for name, value in asked.filters.items()}
    found |= {"q": asked.text, "sort": asked.sort}
    used = {key: value for key, value in found.items() if value}
    return url_for("exports.export", document=asked.document, kind=kind, **used)


def _without(asked: ListRequest, one: Filter) -> str:
    name = one.view.name
    return list_link(asked, **{f"{FILTER}{name}{end}": "" for end in ("", ".from", ".to")})


def _filter(view: ListView, one: FieldView, used: Mapping[str, str]) -> Filter:
    name, kind, value = FILTER + one.name, one.field.type.kind, used.get(one.name, "")
    states = _state_options(view.document) if one.name == "state" else ()
    if states:
        return Filter(one, name, "one", value, options=states)
    if kind in RANGES:
        widget = "dates" if kind in {Kind.DATE, Kind.DATETIME} else "numbers"
        return Filter(one, name, widget, low=used.get(f"{one.name}.from", ""), high=used.get(f"{one.name}.to", ""))
    if kind is Kind.BOOLEAN:
        return Filter(one, name, "one", value, options=(Option("true", say("yes")), Option("false", say("no"))))
    if kind in {Kind.CODE, Kind.CODES, Kind.REF, Kind.REFS}:
        options = choices(view.document, {})(one, (one.name,))
        if options is not None:
            return Filter(one, name, "one", value, options=tuple(options))
        return Filter(one, name, "search", value, text=one.text or value)
    return Filter(one, name, "text", value)


def _state_options(document: str) -> tuple[Option, ...]:
    machine = runtime().definitions.machines.get(document)
    if machine is None:
        return ()
    return tuple(Option(name, title(state.title) or name) for name, state in machine.states.items())
