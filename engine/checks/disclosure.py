"""Checks of what access shows through another document: labels that nobody may see, copies that lay open a secret.

In: documents and their grants. Out: warnings. Conditions of rows are not looked at: a role that may read some records
of a type is taken to read those it needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks.subject import Subject, warning
from engine.model.access import ALL, Grant
from engine.model.documents import Document, Field
from engine.model.types import SYSTEM_FIELDS
from engine.problems import Problem, Span

_REFERRING = ("ref", "refs")


def check_disclosure(subject: Subject) -> Iterator[Problem]:
    """All document types."""
    for document in subject.documents():
        if document.ledger not in ("", document.id):  # entries: their account says the same
            continue
        known = subject.roles(document.system)
        for role, grant in subject.definitions.access.get(document.id, {}).items():
            if role in known:
                yield from _labels(subject, document, grant)
        yield from _copies(subject, document, document.fields)
        for table in document.fields.values():
            yield from _copies(subject, document, table.fields)


# --- references ------------------------------------------------------------------------------------------------------


def _labels(subject: Subject, document: Document, grant: Grant) -> Iterator[Problem]:
    """References that a role sees to documents of which it may not even see how they are called."""
    unseen: dict[str, list[str]] = {}
    for name, field in document.fields.items():
        target = subject.definitions.documents.get(field.type.of) if field.kind in _REFERRING else None
        if target is None or not _reads(grant, name) or _is_called(subject, target, grant.role):
            continue
        unseen.setdefault(target.id, []).append(name)
    for target_id, names in unseen.items():
        target = subject.definitions.documents[target_id]
        values = {"role": grant.role, "document": target_id, "names": ", ".join(names), "owner": document.id}
        yield warning("ACC012", _place(subject, grant, names[0]), related=(target.where,), **values)


def _place(subject: Subject, grant: Grant, name: str) -> Span:
    places = dict(subject.listed(grant.where, "read", names=grant.read))
    return places.get(name) or subject.places.value(grant.where, "read")


def _reads(grant: Grant, name: str) -> bool:
    return (ALL[0] in grant.read or name in grant.read) and name not in (*grant.hide, *grant.deny)


def _is_called(subject: Subject, target: Document, role: str) -> bool:
    """Whether a role may see how records of a type are called."""
    grant = subject.definitions.access.get(target.id, {}).get(role)
    if grant is None or not grant.read:
        return False
    return not target.label or target.label in SYSTEM_FIELDS or _reads(grant, target.label)


# --- copies ----------------------------------------------------------------------------------------------------------


def _copies(subject: Subject, document: Document, fields: Mapping[str, Field]) -> Iterator[Problem]:
    """Fields copied from one that is protected or masked, and not so themselves."""
    for name, field in fields.items():
        source = _source(subject, {**document.fields, **fields}, field)
        if source is None:
            continue
        lost = [key for key in ("protect", "mask") if getattr(source, key) and not getattr(field, key)]
        if lost and not (source.mask and field.mask and field.protect):
            values = {"name": name, "source": field.copied.text if field.copied else "", "keys": ", ".join(lost)}
            yield warning("ACC013", subject.name_of(field.where, name), related=(source.where,), **values)


def _source(subject: Subject, fields: Mapping[str, Field], field: Field) -> Field | None:
    """The field that a copy is taken from, where a plain path leads to it."""
    if field.copied is None:
        return None
    found: Field | None = None
    for step in field.copied.text.removeprefix("this.").split("."):
        if found is not None:
            fields = subject.fields(found.type.of)
        found = fields.get(step.strip())
        if found is None:
            return None
    return found
