"""Someone else was faster: who changed what since the form was opened, and the person's own values kept beside it.

What the person touched stays as typed; everything else is as it stands now. Sending again overwrites only the former.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Response, make_response, render_template

from engine.problems import Refused
from engine.usecases import forms, reading
from engine.usecases.views import DetailView, EventRequest, FieldView, FormView, HistoryView
from engine.web.form_pages import FormPage, form_page
from engine.web.surroundings import actor, runtime, text_of, title


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that both changed: what stands now, and what was typed here."""

    title: str
    theirs: str
    mine: str


def conflict_page(sent: EventRequest, touched: Sequence[str], refusal: Refused | None = None) -> Response:
    """The page after a stale or overtaken submission. Raises Refused when the document may not be seen any more."""
    assert sent.record_id is not None
    detail = reading.read_document(runtime(), actor(), sent.document, sent.record_id)
    page = _form_as_it_stands(sent, touched)
    told = "" if refusal is None else " ".join(text_of(finding) for finding in refusal.findings)
    return make_response(
        render_template(
            "conflict.html",
            detail=detail,
            page=page,
            steps=steps_since(detail, sent.version),
            differences=differences(detail, sent, touched),
            told=told,
        ),
        409,
    )


def has_moved_on(sent: EventRequest) -> bool:
    """Whether the document has changed since the form was opened. Raises Refused when it may not be seen."""
    if sent.record_id is None or sent.version is None:
        return False
    return reading.read_document(runtime(), actor(), sent.document, sent.record_id).version != sent.version


def steps_since(detail: DetailView, version: int | None) -> tuple[HistoryView, ...]:
    """What happened after the version that the person saw, newest first. Every step raises the version by one."""
    behind = detail.version - (version or 0)
    newest = sorted(detail.history, key=lambda step: step.at, reverse=True)
    return tuple(newest[: max(behind, 1)])


def differences(detail: DetailView, sent: EventRequest, touched: Sequence[str]) -> tuple[Difference, ...]:
    """Touched fields whose typed text is not what stands now."""
    standing = {one.name: one for section in detail.sections for one in section.fields}
    found = []
    for name in touched or tuple(sent.raw):
        view, typed = standing.get(name), sent.raw.get(name)
        if view is None or view.field.is_table or isinstance(typed, list | dict):
            continue
        mine = "" if typed is None else str(typed)
        if mine not in (view.text, _plain(view)):
            found.append(Difference(title(view.title), view.text, mine))
    return tuple(found)


def _plain(view: FieldView) -> str:
    return "" if view.value is None else str(view.value)


def _form_as_it_stands(sent: EventRequest, touched: Sequence[str]) -> FormPage | None:
    """The form on the present version, with the touched fields as typed; None where the event is no longer possible."""
    try:
        view: FormView = forms.open_form(runtime(), actor(), sent.document, sent.event, sent.record_id)
    except Refused:
        return None
    kept: Mapping[str, object] = {name: value for name, value in sent.raw.items() if not touched or name in touched}
    again = replace(sent, raw=kept, version=view.version, key=runtime().ids.new())
    return form_page(view, again, touched=touched)
