"""Where a typed text is looked for: only in what the actor sees in the clear, record by record.

In: a document type and a text. Out: a criterion for a store. A search over a field that is hidden or masked would tell,
by what it finds, what the field holds.
"""

from __future__ import annotations

from engine.access.rights import Rights
from engine.model.criteria import NEVER, Compare, Criterion, Every, Like, Matches, Some
from engine.model.documents import Document
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.usecases.presenting import label_field
from engine.usecases.work import Work

LONGEST = 200
"""A longer text names no record; stores refuse patterns of some length."""
_TEXTS = {Kind.TEXT, Kind.CODE, Kind.REF}


def found_by_text(
    work: Work, document: Document, text: str, *, by_name: bool = False, by_number: bool = False
) -> Criterion:
    """Records whose search fields fit the text, or also those whose name contains it, or that have it as number.

    A document type without search fields is always searched by name and number.
    """
    needle = text.strip()
    if not needle or len(needle) > LONGEST:
        return NEVER
    rights = work.runtime.rights(document.id, work.actor)
    searched = {name for name in document.search if not _is_protected(document, name)}
    looked_into = {label_field(document)} if by_name or not searched else set()
    ways: list[Criterion] = []
    if by_number or not searched:
        ways.append(_where_seen(work, rights, "number", Compare(("number",), "==", needle)))
    if searched and all(rights.sees_everywhere(name) for name in searched):
        ways.append(Matches(needle))
        looked_into -= searched
    else:
        looked_into |= searched
    texts = (name for name in sorted(looked_into) if _is_text(document, name))
    ways += [_where_seen(work, rights, name, Like((name,), needle)) for name in texts]
    return ways[0] if len(ways) == 1 else Some(tuple(ways))


def _where_seen(work: Work, rights: Rights, name: str, criterion: Criterion) -> Criterion:
    """The criterion on a field, limited to the records where it may be seen in the clear."""
    if rights.sees_everywhere(name):
        return criterion
    return Every((rights.rows_showing(work.world, name, clear=True), criterion))


def _is_protected(document: Document, name: str) -> bool:
    """Whether a field is encrypted: it is not searched, and parts of it cannot be looked for."""
    return name in document.fields and document.fields[name].protect


def _is_text(document: Document, name: str) -> bool:
    field = document.fields.get(name)
    kind = SYSTEM_FIELDS[name].kind if field is None else field.type.kind
    return kind in _TEXTS and not _is_protected(document, name)
