"""The doors that others prescribe, as OpenAPI tells them: address, body, answer, refusals, what comes later.

In: the offers of this node, whoever asks. Out: paths. Deny by default: an offer is told to whoever may call it; one
that an envelope guards to administrators alone, since its callers have no account. Messages within envelopes and
mappings are told by their trees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from engine.documents.json_schema import FieldSchemas, nullable, of_kind
from engine.model.envelopes import Envelope
from engine.model.guards import Guard, Known, Rate, Size, Verified, Wellformed
from engine.model.interfaces import BODY, BodyField, Offer, Part
from engine.model.messages import MessageLeaf
from engine.model.types import Kind
from engine.usecases.administration import is_administrator
from engine.web.offers import offers_of
from engine.web.openapi_examples import example_of
from engine.web.openapi_parts import TEXT, Json, answer, listed, query, shape
from engine.web.surroundings import actor, runtime, say, title

OFFERS = "_offers"
API = "/api/v1"
_MEDIA = {"json": "application/json", "xml": "application/xml", "csv": "text/csv", "fixed": "text/plain"}
_FORM = "application/x-www-form-urlencoded"
_GUARDS: Mapping[type[Guard], int] = {Size: 413, Rate: 429, Wellformed: 400, Known: 401, Verified: 401}
_FILES = frozenset({Kind.FILE, Kind.FILES})


def told() -> list[Offer]:
    """The offers that whoever asks may call."""
    may, roles = is_administrator(runtime(), actor()), actor().roles
    found = {one.id: one for one in offers_of(runtime()).values()}.values()
    return [one for one in found if one.public or (roles & set(one.roles)) or (may and not one.is_bare)]


def offer_paths(others: Mapping[str, Json]) -> Json:
    """The paths of offers, beside the others: those go before them where both have one address."""
    made: Json = {}
    for offer in told():
        for number, path in enumerate((offer.path, *offer.also)):
            key = f"{path}#offer" if path in others else path
            made.setdefault(key, {})[offer.method.lower()] = _operation(offer, number)
    return made


def shadowed(paths: Json) -> Json:
    """Our own paths without what an offer stands before."""
    taken = {(path.removeprefix(API), way.lower()) for way, path in offers_of(runtime()) if path.startswith(API)}
    left = {path: {way: one for way, one in ways.items() if (path, way) not in taken} for path, ways in paths.items()}
    return {path: ways for path, ways in left.items() if ways}


def _operation(offer: Offer, number: int) -> Json:
    made: Json = {
        "operationId": f"{OFFERS}.{offer.id}" + (f".{number}" if number else ""),
        "summary": title(offer.title) or offer.id,
        "tags": [OFFERS],
        "servers": [{"url": "/"}],
        "security": [{"token": []}] if offer.is_bare and not offer.public else [],
        "parameters": list(_arguments(offer)),
        "responses": _responses(offer),
    }
    if description := "\n\n".join(_said(offer)):
        made["description"] = description
    if offer.later is not None:
        event, channel = offer.later.event, offer.later.channel
        made["x-later"] = {"mapping": offer.later.mapping, "on": channel, "event": event}
    taken = _request(offer)
    return made if taken is None else made | {"requestBody": taken}


def _said(offer: Offer) -> Iterator[str]:
    """What people have to know of it."""
    if offer.limit is not None:
        limit = offer.limit
        yield say("rest.offer.limit", count=limit.count, seconds=f"{limit.seconds:g}", per=limit.per or "caller")
    if offer.once is not None:
        yield say("rest.offer.once")
    if offer.later is not None:
        within = offer.later.within.text if offer.later.within is not None else ""
        yield say("rest.offer.later", mapping=offer.later.mapping, channel=offer.later.channel, within=within)
    if not offer.is_bare:
        yield say("rest.offer.envelope", envelope=offer.envelope)


# --- what is asked ---------------------------------------------------------------------------------------------------


def _is_asked_by_address(offer: Offer) -> bool:
    return offer.method in ("GET", "DELETE") and offer.is_bare and not offer.mapping


def _arguments(offer: Offer) -> Iterator[Json]:
    """Of an offer that is asked by its address: each field, under each of its spellings."""
    if not _is_asked_by_address(offer):
        return
    for one in offer.body.values():
        for name in (one.field.name, *one.also):
            told = title(one.field.title)
            made = query(name, TEXT, told, str(_example(one)) if name == one.field.name else "")
            yield made | ({"required": True} if one.field.required is True and not one.also else {})


def _request(offer: Offer) -> Json | None:
    """The body, or None where there is none."""
    if _is_asked_by_address(offer) or not (offer.body or offer.mapping or not offer.is_bare):
        return None
    media, schema = "application/json", _fields(offer.body)
    example: object = {one.field.name: _example(one) for one in offer.body.values()}
    if offer.mapping:
        mapping = runtime().definitions.mappings[offer.mapping]
        media = _MEDIA.get(mapping.format, "application/octet-stream")
        schema, example = (_tree(mapping.tree, {}), {}) if mapping.format == "json" else (TEXT, "")
    envelope = runtime().definitions.envelopes.get(offer.envelope)
    if envelope is not None:
        media = _MEDIA.get(envelope.mapping.format, "application/octet-stream")
        is_json = envelope.mapping.format == "json"
        schema, example = (_wrapped(envelope, envelope.mapping.tree, schema), {}) if is_json else (TEXT, "")
    if offer.form:
        inner = {"type": "string", "contentMediaType": media, "contentSchema": schema}
        media, schema, example = _FORM, shape({offer.form: inner}), {offer.form: ""}
    needed = bool(offer.body or offer.mapping)
    return {"required": needed, "content": {media: {"schema": schema, "example": example}}}


def _fields(body: Mapping[str, BodyField]) -> Json:
    """The fields of a body, each under any one of its spellings."""
    properties = {name: _field(one) for one in body.values() for name in (one.field.name, *one.also)}
    made: Json = {"type": "object", "properties": properties}
    needed = [(one.field.name, *one.also) for one in body.values() if one.field.required is True]
    alone = [names[0] for names in needed if len(names) == 1]
    several = [{"anyOf": [{"required": [name]} for name in names]} for names in needed if len(names) > 1]
    return made | ({"required": alone} if alone else {}) | ({"allOf": several} if several else {})


def _field(one: BodyField) -> Json:
    said = {"title": title(one.field.title)} if title(one.field.title) else {}
    if one.field.type.kind in _FILES:
        return said | {"type": ["string", "null"], "contentEncoding": "base64"}
    if one.format or one.wrap or one.mapping:
        how = " ".join((one.format, *one.wrap, one.mapping)).strip()
        return said | {"type": ["string", "integer", "null"], "description": how}
    schemas = FieldSchemas(runtime().definitions.codes, title)
    return nullable(schemas.field(one.field, written=True))


def _example(one: BodyField) -> object:
    """A value that the field takes."""
    if one.field.type.kind in _FILES:
        return "MQ=="
    made = example_of(one.field)
    if one.format and isinstance(made, str):
        kind = date if one.field.type.kind is Kind.DATE else datetime
        try:
            return kind.fromisoformat(made).strftime(one.format)
        except ValueError:
            return made
    return made


# --- what is answered ------------------------------------------------------------------------------------------------


def _responses(offer: Offer) -> Json:
    data = _object(offer.answer)
    if offer.once is not None:
        data["properties"]["duplicate"] = {"const": True}
    envelope = runtime().definitions.envelopes.get(offer.envelope)
    if envelope is not None:
        return {"200": _enveloped(offer, envelope, data)}
    internal = {str(status): _refusal(["internal"]) for status in (500, 503)}
    if offer.otherwise:
        either = {"anyOf": [data, _object(offer.otherwise)]}
        return {"200": answer(say("rest.offer.answer"), either), **internal}
    refusals = {str(status): _refusal(codes) for status, codes in sorted(_refused(offer).items())}
    return {"200": answer(say("rest.offer.answer"), data), **refusals, **internal}


def _refused(offer: Offer) -> dict[int, list[object]]:
    """What a bare offer refuses with: codes by status."""
    found: dict[int, list[object]] = {413: ["size"], 415: ["malformed"]}
    if not offer.public:
        found |= {401: ["not_allowed"], 403: ["not_allowed"]}
    if offer.of is not None:
        found[404] = ["unknown"]
    if offer.do or offer.mapping:
        found[409] = ["duplicate", "not_allowed"]
    if offer.body or offer.mapping:
        found[422] = ["malformed", "missing", "bad_code"]
    if offer.limit is not None:
        found[429] = ["rate"]
    mapping = runtime().definitions.mappings.get(offer.mapping)
    for guard in mapping.accept if mapping is not None else ():
        found.setdefault(_GUARDS.get(type(guard), 403), []).append(guard.code)
    return found


def _refusal(codes: Sequence[object]) -> Json:
    schema = shape({"code": {"enum": list(dict.fromkeys(codes))}, "text": TEXT, "fields": listed(TEXT)})
    return answer(say("rest.offer.refused"), schema)


def _object(parts: Mapping[str, Part]) -> Json:
    return shape({name: _part(part) for name, part in parts.items()})


def _part(part: Part) -> Json:
    if part.each is not None:
        return listed(_object(part.parts))
    if part.value is None:
        return _object(part.parts)
    formula = part.value.formula
    if formula is None:
        return {"const": part.value.literal}
    kind = formula.linked.type.kind if formula.linked is not None else Kind.JSON
    return nullable(dict(TEXT) if kind in _FILES else of_kind(kind))


# --- envelopes -------------------------------------------------------------------------------------------------------


def _enveloped(offer: Offer, envelope: Envelope, data: Json) -> Json:
    """The answer in an envelope: its code says what became of the call."""
    codes = {"enum": list(dict.fromkeys([*envelope.codes.values(), *(one.code for one in envelope.accept)]))}
    text = say("rest.offer.coded", codes=", ".join(f"{word} {code}" for word, code in _named(envelope)))
    if envelope.mapping.format != "json":
        return answer(text, TEXT, _MEDIA.get(envelope.mapping.format, "application/octet-stream"))
    tops = {leaf.name for leaf in envelope.answer}
    inner = {name: one for name, one in data["properties"].items() if name not in tops}
    if not envelope.answer:
        data["properties"] |= {"code": codes, "text": TEXT, "field": TEXT, "duplicate": {"const": True}}
        return answer(text, data | {"required": ["code"]})
    return answer(text, _wrapped(envelope, envelope.answer, shape(inner, optional=inner), {"code": codes}))


def _named(envelope: Envelope) -> Iterator[tuple[str, object]]:
    """What each code of an envelope means: a word, or the kind of a guard."""
    yield from envelope.codes.items()
    yield from ((type(one).__name__.lower(), one.code) for one in envelope.accept if one.code != "")


def _wrapped(
    envelope: Envelope, leaves: Sequence[MessageLeaf], body: Json, known: Mapping[str, Json] | None = None
) -> Json:
    """The tree of an envelope around a body, which is text where it is sealed."""
    sealed = envelope.security is not None and bool(envelope.security.seal)
    either = {"anyOf": [body, TEXT]} if sealed else body
    return _tree(leaves, {BODY: either, **(known or {})})


def _tree(leaves: Sequence[MessageLeaf], known: Mapping[str, Json]) -> Json:
    """A message in JSON by its elements; what stands for a known name has its own schema."""
    made: Json = {"type": "object", "properties": {}}
    for leaf in leaves:
        inner = _tree(leaf.children, known) if leaf.children else known.get(leaf.value.text if leaf.value else "", {})
        for name in (leaf.name, *leaf.also):
            made["properties"][name] = listed(inner) if leaf.each is not None else inner
    return made
