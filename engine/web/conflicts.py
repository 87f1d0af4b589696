"""Someone else was faster: who changed what since the form was opened, and the person's own values kept beside it.

What the person touched stays as typed; everything else is as it stands now. Sending again overwrites only the former.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from flask import Response, make_response, render_template

from engine.problems import Refused
from engine.usecases import forms, reading
from engine.usecases.views import DetailView, EventRequest, FieldView, FormView, HistoryView
from engine.web.form_pages import form_page
from engine.web.surroundings import actor, runtime, text_of, title

Values = Mapping[str, object]
MOST_TOLD = 60
"""Differences of one child table."""


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
    kept = {name: value for name, value in sent.raw.items() if not touched or name in touched}
    view = _form_as_it_stands(sent, kept)
    again = None if view is None else replace(sent, raw=kept, version=view.version, key=runtime().ids.new())
    told = "" if refusal is None else " ".join(text_of(finding) for finding in refusal.findings)
    return make_response(
        render_template(
            "conflict.html",
            detail=detail,
            page=None if view is None else form_page(view, again, touched=touched),
            steps=steps_since(detail, sent.version),
            differences=differences(detail, view, kept),
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


def differences(detail: DetailView, view: FormView | None, kept: Values) -> tuple[Difference, ...]:
    """What the person typed where it is not what stands now; `view` is the form with it, where there still is one."""
    mine = {} if view is None else {one.name: one for section in view.sections for one in section.fields}
    found: list[Difference] = []
    for standing in (one for section in detail.sections for one in section.fields if one.name in kept):
        own = mine.get(standing.name)
        if not standing.field.is_table:
            found += _difference(title(standing.title), standing, own, kept[standing.name])
        elif own is not None and isinstance(kept[standing.name], list):
            found += islice(_row_differences(standing, own), MOST_TOLD)
    return tuple(found)


def _difference(words: str, standing: FieldView, own: FieldView | None, typed: object) -> Iterator[Difference]:
    """A field of both sides, worded alike; a text that could not be read stands as it was typed."""
    plain = typed if isinstance(typed, str) else ""
    text = own.text if own is not None and (own.text or not plain) else plain
    if text not in (standing.text, "" if standing.value is None else str(standing.value)):
        yield Difference(words, standing.text, text)


def _row_differences(standing: FieldView, own: FieldView) -> Iterator[Difference]:
    """Rows that are new, gone or changed on this side, by their ids."""
    theirs = dict(zip(standing.row_ids, standing.rows, strict=True))
    for place, (row_id, row) in enumerate(zip(own.row_ids, own.rows, strict=True), start=1):
        words, other = f"{title(own.title)} {place}", theirs.pop(row_id, None)
        if other is None:
            yield Difference(words, "", _row_text(row))
            continue
        for name, cell in row.items():
            if cell.editable and name in other and cell.text != other[name].text:
                yield Difference(f"{words} · {title(cell.title)}", other[name].text, cell.text)
    for row in theirs.values():
        yield Difference(title(own.title), _row_text(row), "")


def _row_text(row: Mapping[str, FieldView]) -> str:
    return " ".join(cell.text for cell in row.values() if cell.text)


def _form_as_it_stands(sent: EventRequest, kept: Values) -> FormView | None:
    """The form on the present version, with what is kept in it; None where the event is no longer possible."""
    try:
        return forms.open_form(runtime(), actor(), sent.document, sent.event, sent.record_id, raw=kept)
    except Refused:
        return None
