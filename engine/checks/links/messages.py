"""Scopes of mappings: the document that a message is made of, or the names that one reads, and what follows from it.

In: a mapping and the linker of its system. Out: linked formulas. A mapping without a document type gives names itself:
each leaf that is one plain name is a value of the message, typed by the field of that name in the documents it is
matched to, by its code list, its type or the form of its dates; any other is text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.checks.linking import UNKNOWN, Linker
from engine.checks.links.actions import ActionLinker
from engine.checks.links.documents import document_scope
from engine.checks.shapes import row_type, rows_type
from engine.expressions.names import Scope
from engine.mappings.nesting import holds_itself
from engine.mappings.ways import BODY, MESSAGE
from engine.model.envelopes import Envelope
from engine.model.formula import Formula
from engine.model.guards import Guard, Holds, Known
from engine.model.messages import MessageLeaf, MessageMapping
from engine.model.types import ANY, BOOLEAN, DATE, DATETIME, TEXT, Kind, Shape, Type

ANSWER_NAMES: Mapping[str, Type] = {"code": ANY, "text": TEXT, "field": TEXT, "duplicate": BOOLEAN}
"""What the answer of an envelope says beside its names: the code and its text, the fields at fault, and whether the
same came before."""
_MESSAGE = {"id": TEXT, "kind": TEXT, "at": DATETIME, "sender": TEXT, "receiver": TEXT, "signer": TEXT}
MESSAGE_ROW = row_type(Shape(MESSAGE, _MESSAGE))
_CAME = {**_MESSAGE, "raw": Type(Kind.FILE), "part": Type(Kind.FILE), "channel": TEXT, "topic": TEXT}
CAME_ROW = row_type(Shape(MESSAGE, _CAME))
"""One that came in is also there as a file, and says by which channel it came."""
REFUSED_ROW = row_type(Shape(MESSAGE, {**_CAME, "fault": TEXT, "content": TEXT, "refusal": TEXT}))
"""A message that is not taken also says why, and what it is."""


def link_mapping(linker: Linker, mapping: MessageMapping) -> None:
    """Link the elements of a message, and what is done with one that comes in."""
    scope = message_scope(linker, mapping)
    linker.formulas(mapping.attributes, scope)
    linker.formula(mapping.sender, scope, TEXT)
    linker.formula(mapping.receiver, scope, TEXT)
    _leaves(linker, mapping.tree, scope)
    scope = scope.with_locals(**{MESSAGE: CAME_ROW})
    _event(linker, mapping, scope)
    linker.formulas(mapping.org, scope)
    if mapping.sign is not None:
        linker.formula(mapping.sign.when, linker.surroundings, BOOLEAN)
    for given in (*mapping.values.values(), *mapping.set.values()):
        linker.given(given, scope)
    if mapping.seal is not None:
        linker.formula(mapping.seal.certificate, scope, Type(Kind.FILE))
    link_guards(linker, mapping.accept, scope)
    bare = replace(scope, this=None)
    ActionLinker(linker, "").actions(mapping.unmatched, bare)
    ActionLinker(linker, "").actions(mapping.refused, bare.with_locals(**{MESSAGE: REFUSED_ROW}))


def message_scope(linker: Linker, mapping: MessageMapping) -> Scope:
    """The scope of a message's elements; `message` is the message itself."""
    if mapping.document:
        scope = document_scope(linker, mapping.document)
    else:
        scope = replace(linker.surroundings, row=Shape(mapping.id, _names(linker, mapping, mapping.tree)))
    return scope.with_locals(**{MESSAGE: MESSAGE_ROW})


def mapping_names(linker: Linker, mapping: MessageMapping) -> Mapping[str, Type]:
    """The names that reading a message gives."""
    if mapping.document and (shape := linker.shape(mapping.document)) is not UNKNOWN:
        return shape.fields
    return _names(linker, mapping, mapping.tree)


def link_envelope(linker: Linker, envelope: Envelope) -> None:
    """Link the elements of an envelope: `body` is the message within, bytes."""
    mapping = envelope.mapping
    names = {**_names(linker, mapping, mapping.tree), BODY: Type(Kind.FILE)}
    scope = replace(linker.surroundings, row=Shape(mapping.id, names)).with_locals(**{MESSAGE: MESSAGE_ROW})
    linker.formulas(mapping.attributes, scope)
    _leaves(linker, mapping.tree, scope)
    if mapping.sign is not None:
        linker.formula(mapping.sign.when, linker.surroundings, BOOLEAN)
    if mapping.seal is not None:
        linker.formula(mapping.seal.certificate, scope, Type(Kind.FILE))
    link_guards(linker, envelope.accept, scope)
    if envelope.security is not None:
        linker.given(envelope.security.own, linker.surroundings, TEXT)
    told = {**_names(linker, mapping, envelope.answer), **names, **ANSWER_NAMES}
    _leaves(linker, envelope.answer, replace(scope, row=Shape(mapping.id, told)))


def link_guards(linker: Linker, guards: Sequence[Guard], scope: Scope) -> None:
    """Link the conditions of guards: they read the message, and its caller once that is known."""
    for guard in guards:
        linker.formula(guard.only, scope, BOOLEAN)
        if isinstance(guard, Known) and (shape := linker.shape(guard.document)) is not UNKNOWN:
            scope = replace(scope, caller=row_type(shape))
        elif isinstance(guard, Holds):
            linker.formula(guard.condition, scope, BOOLEAN)


def _event(linker: Linker, mapping: MessageMapping, scope: Scope) -> None:
    """The event that follows: the name of one, or an expression that gives one."""
    formula = mapping.event
    if formula is None:
        return
    if formula.text in event_names(linker, mapping) and formula.text not in scope.row.fields:
        constant = Formula(repr(formula.text), formula.where)
        linker.formula(constant, scope, TEXT)
        formula.linked = constant.linked
    else:
        linker.formula(formula, scope, TEXT)


def event_names(linker: Linker, mapping: MessageMapping) -> set[str]:
    """Events of all document types that a message may belong to."""
    machines = linker.definitions.machines
    documents = [match.document for match in mapping.match] or [mapping.document]
    return {event for document in documents if document in machines for event in machines[document].events}


def _leaves(linker: Linker, leaves: Sequence[MessageLeaf], scope: Scope) -> None:
    for leaf in leaves:
        linker.formula(leaf.value, scope)
        linker.formulas(leaf.attributes, scope)
        inner = scope
        if leaf.each is not None:
            rows = linker.source(leaf.each, scope)
            inner = replace(rows, locals={**rows.locals, **scope.locals})
        _leaves(linker, leaf.children, inner)


def _names(linker: Linker, mapping: MessageMapping, leaves: Sequence[MessageLeaf]) -> Mapping[str, Type]:
    found: dict[str, Type] = {}
    for leaf in leaves:
        if leaf.each is not None:
            if leaf.each.text.isidentifier():
                inner = Shape(leaf.each.text, _names(linker, mapping, leaf.children), parent=mapping.id)
                found[leaf.each.text] = rows_type(inner)
        elif leaf.children:
            found.update(_names(linker, mapping, leaf.children))
        elif leaf.value is not None and leaf.value.text.isidentifier():
            found[leaf.value.text] = _type(linker, mapping, leaf, leaf.value.text)
    return found


def _type(linker: Linker, mapping: MessageMapping, leaf: MessageLeaf, name: str) -> Type:
    mappings = linker.definitions.mappings
    if (nested := mappings.get(leaf.mapping)) is not None and not holds_itself(mappings, leaf.mapping, mapping.id):
        shape = (
            linker.shape(nested.document) if nested.document else Shape(nested.id, _names(linker, nested, nested.tree))
        )
        return row_type(shape)
    if leaf.codes:
        return linker.shared.sound(Type(Kind.CODE, of=leaf.codes))
    if leaf.type is not None:
        return leaf.type
    for match in mapping.match:
        shape = linker.shape(match.document)
        if shape is not UNKNOWN and name in shape.fields and shape.fields[name].kind is not Kind.ROWS:
            return shape.fields[name].nullable()
    if "%" in leaf.format:
        return DATETIME if "%H" in leaf.format else DATE
    return TEXT
