"""What a document says of itself in one line, where it stands among others: in lists of tasks, before a signature.

In: a record, the actor's rights on it, fields that a step narrows it to. Out: titles with worded values, after the
projection. What is protected is never among them: a line that nobody asked for reads nothing that has to be noted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from engine.access.masks import masked
from engine.access.rights import RecordRights
from engine.documents.rules import condition
from engine.expressions.environment import Env
from engine.model.documents import Document, Field
from engine.model.formula import Title
from engine.model.types import SYSTEM_FIELDS
from engine.usecases.listing import columns_of, field_named
from engine.usecases.presenting import Presenter, label_field
from engine.usecases.runtime import Runtime

MOST = 3
Summary = tuple[tuple[Title, str], ...]


def summary_of(
    presenter: Presenter,
    document: Document,
    values: Mapping[str, object],
    rights: RecordRights,
    only: Collection[str] = (),
) -> Summary:
    """The columns of the card that say something; without a card the first columns of the list that do, an amount among
    them where the list has one.

    `only` are the fields that may be shown at all; none: all that the rights allow.
    """
    runtime = presenter.world.runtime
    pages = runtime.definitions.pages.get(document.id)
    card = pages.card if pages is not None else ()
    worded = _worded(presenter, document, values, rights, card or _listed(runtime, document, rights), only)
    found = [(field, text) for field, text in worded if text]
    if not card:
        amount = [one for one in found[MOST:] if one[0].kind == "money"][:1]
        lacks = all(field.kind != "money" for field, _ in found[:MOST])
        found = [*found[: MOST - 1], *amount] if amount and lacks else found[:MOST]
    return tuple((field.title, text) for field, text in found)


def _worded(
    presenter: Presenter,
    document: Document,
    values: Mapping[str, object],
    rights: RecordRights,
    names: Collection[str],
    only: Collection[str],
) -> Iterator[tuple[Field, str]]:
    env = Env(values, presenter.world, this=values)
    for name in names:
        known = name in document.fields or name in SYSTEM_FIELDS
        if not known or not rights.reads(name) or (only and name not in only):
            continue
        field = field_named(document, name)
        if field.is_table or field.protect or not condition(field.show, env, True):
            continue
        text = presenter.text(field, presenter.spoken(field, values, rights))
        yield field, masked(text, field.mask) if name in rights.masked and text else text


def _listed(runtime: Runtime, document: Document, rights: RecordRights) -> tuple[str, ...]:
    """Columns of the list without what names the record anyway."""
    naming = {"number", label_field(document)}
    return tuple(name for name in columns_of(runtime, document, rights) if name not in naming)
