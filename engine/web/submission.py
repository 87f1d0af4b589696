"""A posted form becomes raw input of a use case: names, lists and rows sorted out, nothing judged.

Names in the form: `v.FIELD` values, `a.FIELD` what the event asks for, a child table as one JSON text; `_version`,
`_key`, `_changed`, `_emptied`, `_confirm`, `_comment`, `_record` and `_owner` (whose form it is) belong to the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from engine.model.documents import Field
from engine.usecases.views import EventRequest
from engine.web.incoming import read_json
from engine.web.surroundings import runtime

SEVERAL = {"codes", "refs"}
VALUES, ASKED = "v.", "a."


def event_request(
    form: MultiDict[str, str],
    document: str,
    event: str,
    fields: Mapping[str, Field],
    asked: Mapping[str, Field],
    record_id: str | None,
) -> EventRequest:
    """The request that a posted form makes."""
    return EventRequest(
        document=document,
        event=event,
        record_id=record_id,
        version=whole(form.get("_version")),
        raw=raw_values(form, VALUES, fields) | dict.fromkeys(_emptied(form, fields)),
        asked=raw_values(form, ASKED, asked),
        confirmed=frozenset(" ".join(form.getlist("_confirm")).split()),
        key=form.get("_key", ""),
        comment=form.get("_comment", "").strip(),
    )


def _emptied(form: MultiDict[str, str], fields: Mapping[str, Field]) -> list[str]:
    """Fields that came empty and that the form's script notes as emptied on purpose: they came as null."""
    return [name for name in form.get("_emptied", "").split() if name in fields and not form.get(VALUES + name, "?")]


def raw_values(form: MultiDict[str, str], prefix: str, fields: Mapping[str, Field]) -> dict[str, object]:
    """Raw values by field name. A field that nobody declared is kept too: the use case refuses it by name."""
    found: dict[str, object] = {}
    for posted in form:
        if posted.startswith(prefix):
            name = posted.removeprefix(prefix)
            found[name] = _raw(form.getlist(posted), fields.get(name))
    return found


def _raw(texts: list[str], declared: Field | None) -> object:
    if declared is not None and declared.kind in SEVERAL:
        return [text for text in texts if text]
    last = texts[-1]
    if declared is not None and (declared.is_table or declared.many):
        return structured(last)
    return last


def structured(text: str) -> object:
    """JSON as sent by our own scripts; anything else stays text and is refused by name later."""
    if not text.strip():
        return []
    try:
        found: Any = read_json(text)
    except ValueError:
        return text
    return found


def declared_fields(document: str) -> Mapping[str, Field]:
    """The fields of a document type; empty for an unknown one, which the use case then refuses."""
    found = runtime().definitions.documents.get(document)
    return {} if found is None else found.fields


def asked_fields(document: str, event: str) -> Mapping[str, Field]:
    """The fields that an event asks for."""
    machine = runtime().definitions.machines.get(document)
    found = None if machine is None else machine.events.get(event)
    return {} if found is None else found.ask


def touched_fields(form: MultiDict[str, str]) -> tuple[str, ...]:
    """The fields that the person touched, as the form's script noted them.

    They are not `EventRequest.changed`: the form has shown what is copied from them, and what was changed after that
    must stand.
    """
    return tuple(dict.fromkeys(form.get("_changed", "").split()))


def whole(text: str | None) -> int | None:
    """A whole number, or None."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
