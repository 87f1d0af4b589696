"""Scopes of interfaces: what came in a call, who calls, the rows of a query; what a call to outside takes.

In: offers, services, listens and the linker of their system. Out: linked formulas. In an offer `body` are its fields,
`raw` is the whole message as a file, `message` what the envelope says, `caller` the record that the envelope found; in
the answer of a query the first row is at hand and `rows` are all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.checks.linking import UNKNOWN, Linker
from engine.checks.links.actions import ActionLinker
from engine.checks.links.documents import link_fields
from engine.checks.links.messages import CAME_ROW, MESSAGE_ROW, REFUSED_ROW, mapping_names
from engine.checks.shapes import row_type, rows_type
from engine.expressions.names import Scope
from engine.mappings.ways import MESSAGE
from engine.model.interfaces import BODY, RAW, ROWS, DeclaredChannel, Listen, Offer, Part, Service
from engine.model.types import BOOLEAN, DURATION, TEXT, Kind, Shape, Type

FILE = Type(Kind.FILE, optional=False)
REFUSED_CALL: Mapping[str, Type] = {"code": TEXT, "text": TEXT}
"""What the answer to a call that was refused can say: the word for why, and in words."""


def offer_scope(linker: Linker, offer: Offer) -> Scope:
    """The scope of everything in an offer but its query's rows."""
    scope = linker.surroundings.with_locals(
        **{BODY: row_type(body_shape(linker, offer)), RAW: FILE, MESSAGE: CAME_ROW if offer.mapping else MESSAGE_ROW}
    )
    envelope = linker.definitions.envelopes.get(offer.envelope)
    known = envelope.known if envelope is not None else None
    shape = linker.shape(known.document) if known is not None else UNKNOWN
    return scope if shape is UNKNOWN else replace(scope, caller=row_type(shape))


def body_shape(linker: Linker, offer: Offer) -> Shape:
    """What a call brings: the fields of its body, or the names of its mapping."""
    mapping = linker.definitions.mappings.get(offer.mapping)
    if mapping is not None:
        return Shape(BODY, mapping_names(linker, mapping))
    return Shape(BODY, linker.types({name: one.field for name, one in offer.body.items()}))


def link_offer(linker: Linker, offer: Offer) -> None:
    """Link one offer."""
    scope = offer_scope(linker, offer)
    fields = {name: one.field for name, one in offer.body.items()}
    link_fields(linker, fields, replace(scope, row=Shape(BODY, linker.types(fields))))
    linker.given(offer.once, scope, TEXT)
    inner = ActionLinker(linker).actions(offer.do, scope)
    if offer.of is not None:
        rows = linker.source(offer.of, scope)
        inner = replace(rows, locals={**rows.locals, **scope.locals})
        linker.formula(offer.filter, inner, BOOLEAN)
        linker.order(offer.sort, inner)
        inner = inner.with_locals(**{ROWS: rows_type(rows.row)})
    _parts(linker, offer.answer, inner)
    linker.formula(offer.file, scope, FILE)
    _parts(linker, offer.otherwise, linker.surroundings.with_locals(**REFUSED_CALL))
    if offer.later is not None:
        linker.given(offer.later.topic, scope, TEXT)
        linker.formula(offer.later.within, scope, DURATION)


def _parts(linker: Linker, parts: Mapping[str, Part], scope: Scope) -> None:
    for part in parts.values():
        linker.given(part.value, scope)
        inner = scope
        if part.each is not None:
            rows = linker.source(part.each, scope)
            inner = replace(rows, locals={**rows.locals, **scope.locals})
        _parts(linker, part.parts, inner)


def link_service(linker: Linker, service: Service) -> None:
    """Link what a service is always told. What a call gives besides is linked where it is called."""
    for given in service.values.values():
        linker.given(given, linker.surroundings)
    linker.given(service.partner, linker.surroundings, TEXT)


def link_listen(linker: Linker, listen: Listen) -> None:
    """Link the topic that is listened to."""
    linker.given(listen.topic, linker.surroundings, TEXT)


def link_channel(linker: Linker, channel: DeclaredChannel) -> None:
    """Link what is done about what comes and cannot be understood."""
    scope = linker.surroundings.with_locals(**{MESSAGE: REFUSED_ROW})
    ActionLinker(linker, "").actions(channel.refused, scope)
