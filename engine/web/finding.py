"""The search of the top bar: pages, beginnings and documents, as a list under the box or as a page of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for

from engine.usecases import search
from engine.web.doors import signed_in
from engine.web.surroundings import actor, runtime, say, title

blueprint = Blueprint("finding", __name__)
MOST, AT_ONCE = 50, 8


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: where it leads, what it is called, what kind of thing it is."""

    address: str
    label: str
    kind: str = ""
    note: str = ""
    icon: str = "file"


@blueprint.get("/search")
@signed_in
def found() -> str:
    """What fits the text `q`."""
    text = request.args.get("q", "").strip()
    fragment = bool(request.headers.get("HX-Request"))
    groups = [
        (say("search.places"), list(_places(text))),
        (say("search.documents"), list(_documents(text, AT_ONCE + 1 if fragment else MOST))),
    ]
    template = "search_hits.html" if fragment else "search.html"
    return render_template(template, text=text, groups=[one for one in groups if one[1]], at_once=AT_ONCE)


def _places(text: str) -> Iterator[Hit]:
    for endpoint, key, symbol in _FIXED:
        if text and text.lower() in say(key).lower():
            yield Hit(url_for(endpoint), say(key), icon=symbol)
    for one in search.places(runtime(), actor(), text):
        if one.page:
            yield Hit(url_for("free_pages.page", page=one.page), title(one.title), icon="list")
        elif one.event:
            address = url_for("forms.new", document=one.document, event=one.event)
            yield Hit(address, say("search.begin", what=title(one.title)), _kind(one.document), icon="plus")
        else:
            yield Hit(url_for("lists.documents", document=one.document), title(one.title), icon="list")


_FIXED = (
    ("workbench.workbench", "workbench", "home"),
    ("tasks.waiting", "tasks", "inbox"),
    ("notices.page", "notices", "bell"),
    ("errands.mine", "errands", "clock"),
    ("account.account", "account", "key"),
)


def _documents(text: str, most: int) -> Iterator[Hit]:
    for document, record_id, label, number in search.search(runtime(), actor(), text, most) if text else ():
        address = url_for("details.detail", document=document, record_id=record_id)
        yield Hit(address, label or number, _kind(document), number if number != label else "")


def _kind(document: str) -> str:
    declared = runtime().definitions.documents.get(document)
    return title(declared.title) if declared else document
