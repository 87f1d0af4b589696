"""Lists of documents: saved views, filter row, search, sorting by head, chosen columns, paging by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from engine.model.types import Kind
from engine.problems import Refused
from engine.usecases import listing, saved, sheets
from engine.usecases.preferences import ListChoice, list_choice
from engine.usecases.saved import SavedFilter
from engine.usecases.views import FieldView, ListRequest, ListView, Option
from engine.web.choices import choices
from engine.web.doors import signed_in
from engine.web.list_requests import FILTER, arguments, arguments_of, list_link, list_request, query_of, same_list
from engine.web.surroundings import actor, runtime, say, text_of, title
from engine.web.tones import tones

blueprint = Blueprint("lists", __name__)
RANGES = {Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.DATETIME}
AT_HAND = 3
"""How many filters are shown at once; the rest unfold."""
ALL = "all"
"""The view of everything, said in an address where another view would open by itself."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter as drawn: a text, a choice, a search, or a range with its two ends; `told` words what is on."""

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

    @property
    def told(self) -> str:
        """What it is set to, for people."""
        if self.low and self.high:
            return f"{self.low} – {self.high}"
        if self.low or self.high:
            return f"≥ {self.low}" if self.low else f"≤ {self.high}"
        named = {option.value: option.title for option in self.options}
        if named:
            return "、".join(named.get(one, one) for one in self.value.split(","))
        return self.text or self.value


@dataclass(frozen=True, slots=True)
class Tabs:
    """The saved views of a list: which one is looked at, whether it has been changed, which one opens by itself."""

    views: tuple[SavedFilter, ...]
    current: SavedFilter | None
    changed: bool
    opening: str
    query: str

    def link(self, document: str, view: SavedFilter | None) -> str:
        """The address of a view, or of everything."""
        if view is None:
            return list_link(ListRequest(document), ALL if self.opening else "")
        return list_link(ListRequest(document), view.id, **arguments_of(view.query))


@blueprint.get("/d/<document>")
@signed_in
def documents(document: str) -> Response:
    """One page of a list; the table alone where a script asks for it."""
    choice = list_choice(runtime(), actor(), document)
    asked, told = list_request(document, request.args, choice), ""
    try:
        view = listing.list_documents(runtime(), actor(), asked)
    except Refused as refusal:
        if refusal.kind != "findings":
            raise
        told = " ".join(text_of(one) for one in refusal.findings)
        view = listing.list_documents(runtime(), actor(), ListRequest(document, limit=1, columns=asked.columns))
    tabs = _tabs(asked, choice)
    opening = next((one for one in tabs.views if one.id == choice.view), None)
    if opening is not None and not request.args and not request.headers.get("HX-Request"):
        return redirect(tabs.link(document, opening))
    page = render_template(
        "list_rows.html" if request.headers.get("HX-Request") else "list.html",
        **_page_values(view, asked, told, tabs, choice),
    )
    return make_response(page, 422 if told else 200)


def _page_values(view: ListView, asked: ListRequest, told: str, tabs: Tabs, choice: ListChoice) -> Mapping[str, object]:
    """What the templates of a list draw."""
    ordered = sorted(view.filters, key=lambda one: one.name != "state")  # where it stands is asked most
    current = tabs.current.id if tabs.current is not None else (ALL if tabs.opening else "")
    return {
        "view": view,
        "told": told,
        "asked": asked,
        "arguments": arguments(asked),
        "filters": tuple(_filter(view, one, asked.filters) for one in ordered),
        "at_hand": AT_HAND,
        "tones": tones(view.document),
        "tabs": tabs,
        "tab": current,
        "choice": choice,
        "roles": _roles(),
        "link": lambda **changes: list_link(asked, current, **changes),
        "without": lambda one: _without(asked, current, one),
        "may_export": may_export(view.document),
        "may_import": sheets.may_bring_in(runtime(), actor(), view.document),
        "totals": total_text(view),
        "count": f"{view.total:,}{'+' if view.more else ''}",
        "with_state": any(title(one) for one in view.states),
        "fragment": bool(request.headers.get("HX-Request")),
    }


def may_export(document: str) -> bool:
    """Whether the actor may take the list away as a file."""
    declared = runtime().definitions.documents.get(document)
    return declared is not None and listing.document_rights(runtime(), actor(), declared).in_general().export


def total_text(view: ListView) -> str:
    """How many there are, honest about where counting stopped."""
    return say("list.total", count=f"{view.total:,}" + ("+" if view.more else ""))


def _tabs(asked: ListRequest, choice: ListChoice) -> Tabs:
    views = saved.saved_filters(runtime(), actor(), asked.document)
    wanted = request.args.get("view", "")
    named = next((one for one in views if one.id == wanted), None)
    fitting = next((one for one in views if same_list(one.query, asked)), None) if not wanted else None
    current = named or fitting
    known = choice.view if any(one.id == choice.view for one in views) else ""
    changed = current is not None and not same_list(current.query, asked)
    return Tabs(views, current, changed, known, query_of(asked))


def _roles() -> tuple[tuple[str, str], ...]:
    """The roles of the actor with their titles: those a view can be shared with."""
    systems = runtime().definitions.systems.values()
    declared = {name: role.title for system in systems for name, role in system.roles.items()}
    return tuple((name, title(declared.get(name)) or name) for name in sorted(actor().roles))


def _without(asked: ListRequest, current: str, one: Filter) -> str:
    name = one.view.name
    return list_link(asked, current, **{f"{FILTER}{name}{end}": "" for end in ("", ".from", ".to")})


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
        options = choices(view.document)(one, (one.name,))
        if options is not None:
            return Filter(one, name, "one", value, options=tuple(options))
        return Filter(one, name, "search", value, text=one.text or value)
    return Filter(one, name, "text", value)


def _state_options(document: str) -> tuple[Option, ...]:
    machine = runtime().definitions.machines.get(document)
    if machine is None:
        return ()
    return tuple(Option(name, title(state.title) or name) for name, state in machine.states.items())
