"""One event on the selected records of a list: asked about on a page where it asks something, else begun at once."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.problems import Finding
from engine.usecases import bulk
from engine.usecases.bulk import BulkRequest, Target
from engine.web.choices import choices
from engine.web.controls import control
from engine.web.doors import signed_in
from engine.web.drawing import Drawing
from engine.web.list_requests import arguments, list_request
from engine.web.submission import ASKED, asked_fields, raw_values
from engine.web.surroundings import actor, runtime, title

blueprint = Blueprint("bulk_pages", __name__)


@blueprint.post("/d/<document>/bulk/<event>")
@signed_in
def start(document: str, event: str) -> Response | str:
    """Begin, or ask first: where answers are needed, where it cannot be undone, where many are meant."""
    wanted = _wanted(document, event)
    target = bulk.bulk_target(runtime(), actor(), wanted)
    missing = [one.name for one in target.event.ask if one.required and one.name not in wanted.asked]
    if "_sure" in request.form and missing:
        return make_response(_ask(wanted, target, missing), 422)
    if "_sure" not in request.form and _is_weighty(wanted, target):
        return _ask(wanted, target)
    begun = bulk.start_bulk(runtime(), actor(), wanted)
    return redirect(url_for("errands.errand", errand_id=begun.id), 303)


def _wanted(document: str, event: str) -> BulkRequest:
    given = request.form
    answers = raw_values(given, ASKED, asked_fields(document, event))
    return BulkRequest(
        document,
        event,
        ids=tuple(dict.fromkeys(given.getlist("id"))),
        matching=list_request(document, given) if given.get("matching") else None,
        asked={name: answer for name, answer in answers.items() if answer not in ("", [])},
        confirmed=frozenset(given.getlist("_confirm")),
        comment=given.get("_comment", "").strip(),
    )


def _is_weighty(wanted: BulkRequest, target: Target) -> bool:
    return bool(target.event.ask) or target.event.style == "danger" or wanted.matching is not None


def _ask(wanted: BulkRequest, target: Target, missing: Sequence[str] = ()) -> str:
    of, raw = choices(wanted.document, wanted.event), dict(wanted.asked)
    told = Finding("required", {"zh": "必填", "en": "Required"})
    views = [one._replace(findings=(told,)) if one.name in missing else one for one in target.event.ask]
    asked = [control(one, ASKED + one.name, raw, of) for one in views]
    declared = runtime().definitions.documents[wanted.document]
    return render_template(
        "bulk.html",
        wanted=wanted,
        target=target,
        kind=title(declared.title),
        controls=asked,
        draw=Drawing(wanted.document, wanted.event),
        matching=arguments(wanted.matching) if wanted.matching is not None else {},
        at_once=bulk.AT_ONCE,
        most=bulk.MOST,
    )
