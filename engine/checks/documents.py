"""Checks of documents as a whole: names that rules, keys, search and freezing use; names that meet each other.

In: documents. Out: problems.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from engine.checks.fields import check_fields, check_searched
from engine.checks.shapes import back_references
from engine.checks.subject import Subject, problem, unknown, warning
from engine.documents.rules import ASKED
from engine.expressions.expression import Checked
from engine.model.documents import Document, Field, Rule
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.problems import Problem, Span
from engine.sources.criteria import is_constant

_NO_KEY = frozenset({Kind.ROWS, Kind.FILE, Kind.FILES, Kind.JSON, Kind.CODES, Kind.REFS})
_NAMING = frozenset({Kind.TEXT, Kind.CODE, Kind.DATE, Kind.INTEGER, Kind.NUMBER, Kind.REF})
_RUNNING = ("seq", "uuid")


def check_documents(subject: Subject) -> Iterator[Problem]:
    """All document types."""
    for document in subject.documents():
        yield from check_fields(subject, document.fields, document.system)
        yield from _names(subject, document)
        yield from _uniques(subject, document)
        yield from _freeze(subject, document)
        yield from _number(document)
        for rule in document.rules.values():
            yield from _rule(subject, document, rule)
    yield from _backs(subject)


def _names(subject: Subject, document: Document) -> Iterator[Problem]:
    """Names that the document gives a part to."""
    fields, where = document.fields, document.where
    for name, place in subject.listed(where, "search", names=document.search):
        if name not in fields and name not in SYSTEM_FIELDS:
            yield _no_field(name, document, place)
    for name, place in subject.listed(where, "told_apart_by", names=document.told_apart_by):
        if name not in fields:
            yield _no_field(name, document, place)
    yield from check_searched(subject, document.search, fields, where)
    if document.label:
        label = fields.get(document.label)
        if label is None and document.label not in SYSTEM_FIELDS:
            yield _no_field(document.label, document, subject.places.value(where, "label"))
        elif label is not None and label.type.kind not in _NAMING:
            yield problem("DOC012", subject.places.value(where, "label"), name=document.label, type=label.kind)
    yield from _tree(subject, document)
    machine = subject.machine(document.id)
    states = machine.states if machine is not None else {}
    for state in document.retain:
        if state not in states:
            place = subject.places.key(where, "retain", state)
            yield unknown("REF005", state, states, place, document=document.id)
    yield from _renamed(subject, document)


def _tree(subject: Subject, document: Document) -> Iterator[Problem]:
    if not document.tree:
        return
    parent = document.fields.get(document.tree)
    place = subject.places.value(document.where, "tree")
    if parent is None:
        yield _no_field(document.tree, document, place)
    elif parent.type.kind is not Kind.REF or parent.type.of != document.id:
        yield problem("DOC013", place, name=document.tree, document=document.id)


def _renamed(subject: Subject, document: Document) -> Iterator[Problem]:
    """`was` maps a present name to the former one, which must be gone."""
    for new, old in document.renamed.items():
        if document.field_at(tuple(new.split("."))) is None:
            place = subject.places.key(document.where, "was", "fields", new)
            yield _no_field(new, document, place)
        elif document.field_at(tuple(old.split("."))) is not None:
            place = subject.places.value(document.where, "was", "fields", new)
            yield problem("DOC022", place, name=old, new=new)


def _no_field(name: str, document: Document, where: Span) -> Problem:
    return unknown("REF002", name, document.fields, where, owner=document.id)


def _uniques(subject: Subject, document: Document) -> Iterator[Problem]:
    seen: dict[frozenset[str], Span] = {}
    for unique in document.uniques:
        for index, name in enumerate(unique.fields):
            field = document.fields.get(name)
            place = subject.places.value(unique.where, index)
            if field is None and name not in SYSTEM_FIELDS:
                yield _no_field(name, document, place)
            elif field is not None and field.type.kind in _NO_KEY:
                yield problem("DOC008", place, name=name, type=field.kind)
        if unique.at and unique.at not in document.fields:
            yield _no_field(unique.at, document, subject.places.value(unique.where, len(unique.fields), "at"))
        key = frozenset(unique.fields)
        if len(key) < len(unique.fields) or (key in seen and unique.when is None):
            related = (seen[key],) if key in seen else ()
            yield problem("DOC019", unique.where, related=related, fields=", ".join(unique.fields))
        seen.setdefault(key, unique.where)
        linked = unique.when.linked if unique.when is not None else None
        if unique.when is not None and isinstance(linked, Checked) and not is_constant(linked):
            yield problem("DOC020", unique.when.where, condition=unique.when.text)


def _freeze(subject: Subject, document: Document) -> Iterator[Problem]:
    machine = subject.machine(document.id)
    events = machine.events if machine is not None else {}
    for name, place in subject.listed(document.where, "freeze", "on", names=document.freeze.on):
        if name not in events:
            yield unknown("REF004", name, events, place, document=document.id)
    for name, place in subject.listed(document.where, "freeze", "fields", names=document.freeze.fields):
        field = document.fields.get(name)
        if field is None:
            yield _no_field(name, document, place)
        elif not _is_given(field):
            yield problem("DOC009", place, name=name)


def _is_given(field: Field) -> bool:
    """Whether there is anything to freeze: the engine gives the field, or fields of its rows."""
    given = field.is_derived or field.copied is not None or field.filled is not None
    return given or any(_is_given(inner) for inner in field.fields.values())


def _number(document: Document) -> Iterator[Problem]:
    """A number without a sequence or fresh id comes back as soon as its other parts do."""
    if document.number is None or not document.number.pieces:
        return
    texts = [piece[0].text for piece in document.number.pieces if not isinstance(piece, str)]
    if not any(word in text for text in texts for word in _RUNNING):
        yield warning("DOC018", document.number.where, number=document.number.text)


def _rule(subject: Subject, document: Document, rule: Rule) -> Iterator[Problem]:
    fields: Mapping[str, Field] = document.fields
    if rule.each:
        table = document.fields.get(rule.each)
        if table is None or not table.is_table:
            tables = [name for name, field in document.fields.items() if field.is_table]
            yield unknown("REF016", rule.each, tables, subject.places.value(rule.where, "each"), document=document.id)
            fields = {}
        else:
            fields = {**document.fields, **table.fields}
    machine = subject.machine(document.id)
    events = machine.events if machine is not None else {}
    asked = {ASKED + name for event in events.values() if event.name in rule.on for name in event.ask}
    for name, place in subject.listed(rule.where, "at", names=rule.at if fields else ()):
        if not _reaches(document, fields, name) and name not in asked:
            yield unknown("REF002", name, [*fields, *asked], place, owner=rule.each or document.id)
    for name, place in subject.listed(rule.where, "on", names=rule.on):
        if name not in events:
            yield unknown("REF004", name, events, place, document=document.id)
    if rule.dated.start and rule.dated.end and rule.dated.start > rule.dated.end:
        place = subject.places.value(rule.where, "until")
        yield problem("DOC016", place, start=rule.dated.start, end=rule.dated.end)


def _reaches(document: Document, fields: Mapping[str, Field], name: str) -> bool:
    return name in fields or ("." in name and document.field_at(tuple(name.split("."))) is not None)


def _backs(subject: Subject) -> Iterator[Problem]:
    """Back references meet neither each other nor a field of the document type that gets them."""
    for target, backs in back_references(subject.definitions.documents).items():
        fields = subject.fields(target)
        seen: dict[str, list[Span]] = defaultdict(list)
        for back in backs:
            field = subject.definitions.documents[back.document].field_at(back.path)
            if field is None:
                continue
            place = subject.places.value(field.where, "back")
            if back.name in fields:
                yield problem("DOC001", place, related=(fields[back.name].where,), name=back.name, document=target)
            elif back.name in SYSTEM_FIELDS:
                yield problem("DOC001", place, name=back.name, document=target)
            elif seen[back.name]:
                yield problem("DOC001", place, related=(seen[back.name][0],), name=back.name, document=target)
            seen[back.name].append(place)
