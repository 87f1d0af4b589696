"""The doors of one document type as OpenAPI tells them: list, read, create, change, events, history.

In: a document type, the rights of whoever asks. Out: paths with what may be sent and what comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.access.rights import RecordRights
from engine.documents.json_schema import is_given
from engine.model.documents import Document, Field
from engine.model.machines import NEW, Event
from engine.model.types import SYSTEM_FIELDS
from engine.problems import Level
from engine.usecases import listing
from engine.usecases.desk import CHANGE
from engine.usecases.filters import STRETCHES, UNASKED
from engine.usecases.views import ListRequest
from engine.web.openapi_examples import text_example, values_example
from engine.web.openapi_parts import (
    ASKING,
    TEXT,
    WHOLE,
    WRITING,
    Json,
    answer,
    body,
    given,
    listed,
    operation,
    paged,
    query,
    ref,
    shape,
)
from engine.web.schemas import values_of, writable
from engine.web.surroundings import actor, runtime, say, title

RESERVED = frozenset({"q", "sort", "after", "before", "limit", "view"})
"""Arguments of a list that are no filters; a field of such a name is asked for with `f.` before it."""


def document_paths(document: Document, rights: RecordRights) -> Json:
    """The paths of a document type for whoever has these rights."""
    one, events = f"/{document.id}/{{id}}", events_of(document, rights)
    creating = [event for event in events if NEW in event.sources]
    found: Json = {f"/{document.id}": {"get": _list(document, rights)}}
    if creating and rights.create:
        found[f"/{document.id}"]["post"] = _create(document, rights, creating)
    found[one] = {"get": _get(document)}
    if rights.everything or rights.edit:
        found[one]["patch"] = _change(document, rights)
    found[f"{one}/events"] = {"get": _reading(document, "events", ref("raisable"))}
    found[f"{one}/history"] = {"get": _reading(document, "history", ref("step"))}
    for event in events:
        if NEW not in event.sources:
            found[f"{one}/events/{event.name}"] = {"post": _event(document, rights, event)}
    return found


def events_of(document: Document, rights: RecordRights) -> list[Event]:
    """The events that the actor may raise in some record or other."""
    machine = runtime().definitions.machines.get(document.id)
    declared = [] if machine is None else list(machine.events.values())
    allowed = [one for one in declared if rights.raises(one.name) or (NEW in one.sources and rights.create)]
    edits = rights.everything or bool(rights.edit)
    return [one for one in allowed if (rights.everything or _is_for_people(one)) and (edits or one.name != CHANGE)]


def _is_for_people(event: Event) -> bool:
    """Whether an event is not the engine's alone, nor that of other roles."""
    by = event.by
    anybody = not (by.roles or by.special or by.formula)
    return anybody or by.formula is not None or bool(actor().roles & set(by.roles))


# --- reading ---------------------------------------------------------------------------------------------------------


def _list(document: Document, rights: RecordRights) -> Json:
    page = paged(ref(f"{document.id}.columns"), total=WHOLE | {"maximum": listing.CAP}, more={"type": "boolean"})
    orders = [order for name in sortable(document) for order in (name, f"-{name}")]
    asked = [
        *given("q", "after", "before", "limit"),
        query("sort", {"type": "string", "enum": orders}, say("rest.parameter.sort")),
        query("view", TEXT, say("rest.parameter.view")),
        *_filters(document, rights),
    ]
    answers = {"200": answer(say("rest.list"), page)}
    return operation("list", say("rest.list"), answers, tag=document.id, parameters=asked, refusals=ASKING)


def sortable(document: Document) -> list[str]:
    """The fields that a list can be ordered by: as the list itself judges it."""
    rights, names = runtime().rights(document.id, actor()), (*SYSTEM_FIELDS, *document.fields)
    orders = (
        (name, listing.order_of(runtime(), document, ListRequest(document.id, sort=name), rights)) for name in names
    )
    return [name for name, order in orders if order[0].field == name]


def _filters(document: Document, rights: RecordRights) -> Iterator[Json]:
    """An argument for each field that may be asked for, with `.from` and `.to` where it has an order."""
    for name in (*SYSTEM_FIELDS, *document.fields):
        field = listing.field_named(document, name)
        if not rights.reads(name) or field.type.kind in UNASKED or field.kind == "password":
            continue
        argument, told, example = f"f.{name}" if name in RESERVED else name, title(field.title), text_example(field)
        states = _states(document) if name == "state" else []
        yield query(argument, TEXT, " ".join((told, *states)), states[0] if states else example)
        if field.type.kind in STRETCHES and not field.protect and name not in rights.masked:
            yield query(f"{argument}.from", TEXT, told, example)
            yield query(f"{argument}.to", TEXT, told, example)


def _states(document: Document) -> list[str]:
    machine = runtime().definitions.machines.get(document.id)
    return [] if machine is None else [one for one in machine.states if one]


def _get(document: Document) -> Json:
    answers = {
        "200": answer(say("rest.get"), ref(document.id), headers=("ETag",)),
        "304": {"description": say("rest.unchanged")},
    }
    asked = given("id", "if_none_match")
    return operation("get", say("rest.get"), answers, tag=document.id, parameters=asked)


def _reading(document: Document, name: str, items: Json) -> Json:
    summary = say(f"rest.{name}")
    answers = {"200": answer(summary, listed(items))}
    return operation(name, summary, answers, tag=document.id, parameters=given("id"))


# --- writing ---------------------------------------------------------------------------------------------------------


def _create(document: Document, rights: RecordRights, creating: list[Event]) -> Json:
    asked = {name: field for event in creating for name, field in event.ask.items()}
    schema = _body_schema(document, asked)
    schema["properties"]["event"] = {"type": "string", "enum": [event.name for event in creating]}
    if len(creating) > 1:
        schema["required"] = ["event"]
    example: Json = {"event": creating[0].name, "values": values_example(_given(document, rights))}
    if creating[0].ask:
        example["asked"] = values_example(creating[0].ask.values())
    answers = {"201": answer(say("rest.create"), ref("outcome"), headers=("ETag", "Location"))}
    return operation(
        "create", say("rest.create"), answers, tag=document.id,
        parameters=given("key"), takes=body(schema, example), refusals=WRITING,
    )  # fmt: skip


def _change(document: Document, rights: RecordRights) -> Json:
    fields = _given(document, rights)
    plain = [one for one in fields if not one.is_table] or fields
    seen = {"name": "If-Match", "in": "header", "required": True, "schema": TEXT | {"examples": ['"1"']}}
    seen["description"] = say("rest.parameter.if_match")
    return operation(
        "change", say("rest.change"), {"200": _outcome(say("rest.change"))}, tag=document.id,
        parameters=[*given("id", "key"), seen],
        takes=body(_body_schema(document, {}), {"values": values_example(plain[:1])}),
        refusals=(*WRITING, 412, 428),
    )  # fmt: skip


def _event(document: Document, rights: RecordRights, event: Event) -> Json:
    summary = title(event.title) or event.name
    example: Json = {"asked": values_example(event.ask.values())} if event.ask else {"comment": summary}
    return operation(
        f"event.{event.name}", summary, {"200": _outcome(summary)}, tag=document.id,
        parameters=given("id", "if_match", "key"),
        takes=body(_body_schema(document, event.ask), example, needed=False),
        refusals=(*WRITING, 412),
    )  # fmt: skip


def _outcome(text: str) -> Json:
    return answer(text, ref("outcome"), headers=("ETag",))


def _given(document: Document, rights: RecordRights) -> list[Field]:
    return [one for one in writable(document, rights) if is_given(one) and one.kind != "password"]


def _body_schema(document: Document, asked: Mapping[str, Field]) -> Json:
    codes = [rule.id for rule in document.rules.values() if rule.level is Level.CONFIRM]
    confirmed = listed(TEXT | ({"examples": codes} if codes else {})) | {"description": say("rest.confirmed")}
    properties: Json = {"values": ref(f"{document.id}.values"), "confirmed": confirmed, "comment": TEXT}
    properties |= {"asked": values_of(asked.values())} if asked else {}
    return shape(properties, optional=properties)


def life_schemas() -> Json:
    """What the doors of a record's life answer with."""
    change = shape({"title": ref("title"), "before": TEXT, "after": TEXT})
    state = {"anyOf": [ref("title"), {"type": "null"}]}
    step = {
        "at": TEXT, "who": TEXT, "event": ref("title"), "from": state, "to": state,
        "changes": listed(change), "comment": TEXT, "on_behalf": TEXT,
    }  # fmt: skip
    asked = shape({"name": TEXT, "title": ref("title"), "required": {"type": "boolean"}})
    raisable = {
        "event": TEXT, "title": ref("title"), "allowed": {"type": "boolean"}, "refusal": TEXT, "asks": listed(asked),
    }  # fmt: skip
    outcome = {
        "id": TEXT, "number": {"type": ["string", "null"]}, "state": {"type": ["string", "null"]},
        "version": WHOLE, "notes": listed(ref("finding")),
    }  # fmt: skip
    return {"step": shape(step), "raisable": shape(raisable), "outcome": shape(outcome)}
