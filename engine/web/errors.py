"""What went wrong, as a page for people: refusals of use cases, unknown addresses, forged or oversized requests.

REST answers with its own envelope (`engine.web.envelope`); which of the two is decided by the address.
"""

from __future__ import annotations

import logging

from flask import Flask, Response, g, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException

from engine.problems import DeliveryError, Faulty, Refused
from engine.usecases.auditing import note_forgery
from engine.web import envelope
from engine.web.carried import carried, login_instead, take_over
from engine.web.doors import recognise
from engine.web.security import CSRFError
from engine.web.surroundings import actor, language, runtime, say, text_of

log = logging.getLogger(__name__)

STATUS = {
    "findings": 422,
    "forbidden": 403,
    "not_found": 404,
    "stale": 409,
    "not_allowed": 409,
    "duplicate": 409,
}
KNOWN = {400, 403, 404, 405, 409, 413, 422, 429, 500, 503}


def error_page(status: int, detail: str = "") -> Response:
    """A page that says what happened and what to do."""
    key = status if status in KNOWN else 500
    page = render_template(
        "error.html", status=status, heading=say(f"error.{key}.title"), advice=say(f"error.{key}.advice"), detail=detail
    )
    return make_response(page, status)


def is_rest() -> bool:
    """Whether a program asked: through the REST door, or a page's own script."""
    return request.path.startswith("/api/v1/") or request.accept_mimetypes.best == "application/json"


def refused(refusal: Refused) -> Response:
    """A refusal that no view turned into something better."""
    if is_rest():
        return envelope.of_refusal(refusal, STATUS.get(refusal.kind, 422))
    detail = " ".join(text_of(finding) for finding in refusal.findings)
    return error_page(STATUS.get(refusal.kind, 422), detail)


def http_error(error: HTTPException) -> Response:
    """An error of the protocol: unknown address, wrong method, body too large."""
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    if is_rest():
        return envelope.error(status, error.name.lower().replace(" ", "_"), message_of(error))
    if status == 404 and "actor" not in g:
        recognise()  # an address that no view has stands in the frame too
    return error_page(status)


def message_of(error: HTTPException) -> str:
    """What an error of the protocol says: its own words where a view gave them, else the wording of its number."""
    if error.description and error.description != type(error).description:
        return error.description
    return say(f"error.{error.code}.title") if error.code in KNOWN else error.name


def forged(error: CSRFError) -> Response:
    """A form without a valid token: most often the session has ended meanwhile; within a session it is suspicious."""
    if recognise():
        note_forgery(runtime(), actor(), request.endpoint or "")
        if kept := take_over(actor(), carried()):  # signed in anew beside it: what was typed is there, to be sent again
            return make_response(redirect(kept, 303))
    elif (carrying := login_instead()) is not None:
        return carrying
    if is_rest():
        return envelope.error(400, "bad_request", error.description)
    return error_page(400, say("error.session"))


def undelivered(error: DeliveryError) -> Response:
    """Something outside did not do its part, the printer of PDF for instance."""
    log.error("not delivered: %s", error)
    if isinstance(error, Faulty):
        return _at_fault(error)
    if is_rest():
        return envelope.error(503, "unavailable", say("error.503.title"))
    return error_page(503)


def _at_fault(error: Faulty) -> Response:
    """A definition that has to be mended: waiting does not help, and nobody outside is to blame."""
    text = error.texts[language()]
    if is_rest():
        return envelope.error(500, "definition", text)
    heading, advice = say("error.definition.title"), say("error.definition.advice")
    page = render_template("error.html", status=500, heading=heading, advice=advice, detail=text)
    return make_response(page, 500)


def unexpected(error: Exception) -> Response:
    """A defect. The log has the trace, the person gets no inner matters."""
    log.error("request failed: %s %r", request.method, request.path, exc_info=error)
    if is_rest():
        return envelope.error(500, "internal", say("error.500.title"))
    return error_page(500)


def register(app: Flask) -> None:
    """Put the error pages on an application."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(CSRFError, forged)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(DeliveryError, undelivered)
    app.register_error_handler(Exception, unexpected)
