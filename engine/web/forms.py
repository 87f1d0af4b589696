"""Forms: to create a document, to change one, or to answer what an event asks. A refused form comes back as it was."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from engine.problems import Refused
from engine.usecases import drafts, events, forms
from engine.usecases.views import EventRequest, FormView
from engine.web.conflicts import conflict_page, has_moved_on
from engine.web.details import detail_again
from engine.web.doors import signed_in
from engine.web.form_pages import form_page
from engine.web.saying import tell
from engine.web.submission import (
    VALUES,
    asked_fields,
    declared_fields,
    event_request,
    raw_values,
    touched_fields,
)
from engine.web.surroundings import actor, runtime

blueprint = Blueprint("forms", __name__)
GIVEN_BACK = {"findings": 422, "duplicate": 409, "not_allowed": 409}
OVERTAKEN = {"forbidden", "not_allowed"}
"""Refusals that may come from what others did after the form was opened."""
MOST_OFFERS = 3


@blueprint.get("/d/<document>/new/<event>")
@signed_in
def new(document: str, event: str) -> Response | str:
    """An empty form; the address may bring values along (`?v.FIELD=`)."""
    if "draft" in request.args:
        return _go_on(document, event, None)
    given = raw_values(request.args, VALUES, declared_fields(document))
    return _draw(forms.open_form(runtime(), actor(), document, event, raw=given or None))


@blueprint.post("/d/<document>/new/<event>")
@signed_in
def create(document: str, event: str) -> Response:
    """Make a document."""
    return _submit(document, event, None)


@blueprint.get("/d/<document>/<record_id>/do/<event>")
@signed_in
def change(document: str, record_id: str, event: str) -> Response | str:
    """The form of an event of an existing document."""
    if "draft" in request.args:
        return _go_on(document, event, record_id)
    return _draw(forms.open_form(runtime(), actor(), document, event, record_id))


@blueprint.post("/d/<document>/<record_id>/do/<event>")
@signed_in
def act(document: str, record_id: str, event: str) -> Response:
    """Raise an event on an existing document."""
    return _submit(document, event, record_id)


def _submit(document: str, event: str, record_id: str | None) -> Response:
    sent = event_request(
        request.form, document, event, declared_fields(document), asked_fields(document, event), record_id
    )
    try:
        outcome = events.raise_event(runtime(), actor(), sent)
    except Refused as refusal:
        if refusal.kind == "stale" or (refusal.kind in OVERTAKEN and has_moved_on(sent)):
            told = None if refusal.kind == "stale" else refusal
            return conflict_page(sent, touched_fields(request.form), told)
        if refusal.kind not in GIVEN_BACK:
            raise
        return _give_back(sent, refusal)
    drafts.drop_sent(runtime(), actor(), sent)
    return redirect(tell(outcome, event), 303)


def _give_back(sent: EventRequest, refusal: Refused) -> Response:
    """The form again, with everything that was typed and what refused it."""
    try:
        view = _opened(sent)
    except Refused:
        # The form itself is gone (the document has moved on): say why, and show what was typed.
        return conflict_page(sent, touched_fields(request.form), refusal)
    if any(one.code == "replayed" for one in refusal.findings):  # sending it once more is meant as another document
        sent = replace(sent, key=runtime().ids.new())
    page = form_page(view, sent, refusal.findings, touched_fields(request.form))
    status = GIVEN_BACK[refusal.kind]
    if sent.record_id and view.event.allowed and not view.event.edits:  # a dialog asked, and asks again
        return make_response(detail_again(sent.document, sent.record_id, page), status)
    return make_response(render_template("form.html", page=page, offers=()), status)


def _opened(sent: EventRequest) -> FormView:
    """The form with what was typed into it."""
    raw, asked = {**sent.raw}, {**sent.asked}
    return forms.open_form(runtime(), actor(), sent.document, sent.event, sent.record_id, raw=raw, asked=asked)


def _draw(view: FormView) -> str:
    offers = drafts.drafts_of(runtime(), actor(), view.document, view.event.name, view.record_id)
    return render_template("form.html", page=form_page(view), offers=offers[:MOST_OFFERS])


def _go_on(document: str, event: str, record_id: str | None) -> Response | str:
    """The form with what its draft holds; where the document was changed since, both sides of it."""
    draft = drafts.opened(runtime(), actor(), request.args["draft"])
    sent = draft.request
    if (sent.document, sent.event, sent.record_id) != (document, event, record_id):
        raise Refused((), kind="not_found")
    if has_moved_on(sent):
        return conflict_page(sent, sent.changed)
    view = _opened(sent)
    return render_template("form.html", page=form_page(view, sent, touched=sent.changed, draft_of=draft.at), offers=())
