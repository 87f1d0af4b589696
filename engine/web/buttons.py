"""The events of a document as buttons, with the dialogs in which they ask.

In: the view of a document; the form of an event that was just refused, so that its dialog opens as it was sent. Out:
buttons in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.documents.rules import ASKED
from engine.model.formula import Formula
from engine.usecases.views import DetailView, EventView
from engine.web import submission
from engine.web.choices import choices
from engine.web.controls import Control, control
from engine.web.drawing import Drawing
from engine.web.following import asking_data
from engine.web.form_pages import FormPage
from engine.web.surroundings import runtime


@dataclass(frozen=True, slots=True)
class EventButton:
    """An event as a button: a link to its form, a dialog with what it asks, or just a button.

    `page` is what was typed into its dialog and refused, `live` what its script needs where answers depend on others.
    """

    event: EventView
    way: str
    asked: tuple[Control, ...] = ()
    draw: Drawing | None = None
    page: FormPage | None = None
    live: Mapping[str, object] | None = None


def event_buttons(view: DetailView, page: FormPage | None = None) -> list[EventButton]:
    """Buttons in order: the primary one first, what is dangerous last."""
    rank = {"primary": 0, "danger": 2}
    ordered = sorted(view.events, key=lambda event: (not event.allowed, rank.get(event.style, 1)))
    return [_button(view, event, page if page and page.view.event.name == event.name else None) for event in ordered]


def _button(view: DetailView, event: EventView, page: FormPage | None) -> EventButton:
    if event.edits:
        return EventButton(event, "form")
    live = None
    if _depends(view.document, event):
        live = asking_data(view.document, event, view.record_id, view.version, posted=page is not None)
    if page is not None:
        return EventButton(event, "dialog", page.asked, page.draw_asked, page, live)
    if not event.ask:
        return EventButton(event, "confirm" if event.style == "danger" else "post")
    of = choices(view.document, event.name)
    asked = tuple(control(one, submission.ASKED + one.name, {}, of) for one in event.ask)
    return EventButton(event, "dialog", asked, Drawing(view.document, event.name), None, live)


def _depends(document: str, event: EventView) -> bool:
    """Whether answers depend on others: what is shown, required or checked, or what a rule says of them."""
    rules = [one for one in runtime().definitions.documents[document].rules.values() if event.name in one.on]
    ruled = any(one.at[0].startswith(ASKED) for one in rules if one.at)
    ways = [how for one in event.ask for how in (one.field.show, one.field.required, one.field.check)]
    return ruled or any(isinstance(how, Formula) for how in ways)
