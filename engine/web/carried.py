"""A form that was sent after its session had ended: what was typed goes through the login and comes back as a draft.

In: the request that was refused. Out: a text that the login page carries in a hidden field; after the login, the
address of the form with everything in it. Only forms of this site are taken, and only for the account that typed them.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from flask import Response, make_response, render_template, request, url_for

from engine.problems import Refused
from engine.usecases import drafts
from engine.usecases.views import Actor, EventRequest
from engine.web.incoming import read_json
from engine.web.submission import ASKED, VALUES, asked_fields, declared_fields, raw_values, touched_fields, whole
from engine.web.surroundings import runtime

FORMS = {"forms.create", "forms.act", "drafts.keep"}


def carried() -> str:
    """The form of this request as a text; empty where it holds none that could be a draft."""
    if request.method != "POST" or request.endpoint not in FORMS or request.is_json or not _from_here():
        return ""
    form, place = request.form, request.view_args or {}
    document, event = place["document"], place["event"]
    raw = raw_values(form, VALUES, declared_fields(document))
    asked = raw_values(form, ASKED, asked_fields(document, event))
    if not (raw or asked):
        return ""  # a mere button: it can be pressed again
    return json.dumps(
        {
            "owner": form.get("_owner", ""),
            "document": document,
            "event": event,
            "record_id": place.get("record_id") or form.get("_record") or None,
            "version": whole(form.get("_version")),
            "raw": raw,
            "asked": asked,
            "changed": touched_fields(form),
            "key": form.get("_key", ""),
        },
        ensure_ascii=False,
    )


def login_instead() -> Response | None:
    """The login page with the form inside; None where the request is no form of ours."""
    text = carried()
    if not text:
        return None
    return make_response(render_template("login.html", refusal="", login="", next="", carried=text), 401)


def take_over(actor: Actor, text: str) -> str | None:
    """Keep a carried form as a draft of whoever typed it; the address that opens it, None where that cannot be."""
    if not text:
        return None
    try:
        found = read_json(text)
        sent = request_of(found)
        if found.get("owner") != actor.id:
            return None
        return address_of(drafts.keep(runtime(), actor, sent))
    except (Refused, ValueError, TypeError, KeyError, AttributeError):
        return None  # what a stranger made up, or a form that is gone: the login counts all the same


def request_of(body: dict[str, object]) -> EventRequest:
    """A form as JSON: `{document, event, record_id, version, raw, asked, changed, key}`. Raises TypeError, KeyError."""
    raw, asked, changed, version = body["raw"], body["asked"], body["changed"], body.get("version")
    if not (isinstance(raw, dict) and isinstance(asked, dict) and isinstance(changed, list)):
        raise TypeError("no form")
    return EventRequest(
        str(body["document"]),
        str(body["event"]),
        str(body["record_id"]) if body.get("record_id") else None,
        version=version if isinstance(version, int) else None,
        raw=raw,
        asked=asked,
        key=str(body.get("key") or "")[:64],
        changed=tuple(str(name) for name in changed),
    )


def address_of(draft: drafts.Draft) -> str:
    """Where a draft is gone on with."""
    sent = draft.request
    if sent.record_id is None:
        return url_for("forms.new", document=sent.document, event=sent.event, draft=draft.id)
    return url_for("forms.change", document=sent.document, record_id=sent.record_id, event=sent.event, draft=draft.id)


def _from_here() -> bool:
    """Whether a page of this site sent the form: nobody else shall put words into a form of ours."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host
