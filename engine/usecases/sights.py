"""What a print has shown, field by field: whoever asks for it again must see as much.

In: fields as a template reads them, with the rights of whom it was made for. Out: a note of plain data, kept beside the
file, and whether an actor sees the same or at least as much of every field now. A print leads through references, so
the rights on the printed document alone do not tell.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.access.rights import NEEDED_SYSTEM, RecordRights
from engine.usecases.presenting import Presenter

HIDDEN, MASKED, CLEAR = 0, 1, 2
Sights = dict[str, int]
"""`document:id.field` to how it was seen."""


_READER = "@"


def reader(actor_id: str) -> str:
    """The place that notes who asked for the paper, where it says so."""
    return f"{_READER}{actor_id}"


def sight_of(rights: RecordRights, name: str) -> int:
    """How somebody sees a field."""
    if not rights.reads(name):
        return HIDDEN
    return MASKED if name in rights.masked else CLEAR


def note(sights: Sights, document: str, record_id: str, name: str, rights: RecordRights) -> int:
    """Note that a field was read; gives how it is seen."""
    found = sight_of(rights, name)
    if name not in NEEDED_SYSTEM:
        sights[f"{document}:{record_id}.{name}"] = found
    return found


def same(presenter: Presenter, sights: object) -> bool:
    """Whether the actor sees every field as it was seen then, and is the reader that the paper names."""
    return _compare(presenter, sights, exactly=True)


def enough(presenter: Presenter, sights: object) -> bool:
    """Whether the actor sees every field at least as well."""
    return _compare(presenter, sights, exactly=False)


def _compare(presenter: Presenter, sights: object, *, exactly: bool) -> bool:
    if not isinstance(sights, Mapping):
        return False
    rights: dict[str, RecordRights | None] = {}
    for place, seen in sights.items():
        if place.startswith(_READER):
            if exactly and place != reader(presenter.world.actor.id):
                return False
            continue
        record, _, name = place.rpartition(".")
        if record not in rights:
            document, _, record_id = record.partition(":")
            row = presenter.world.follow(document, record_id)
            rights[record] = None if row is None else presenter.rights(document, row)
        held = rights[record]
        now = HIDDEN if held is None else sight_of(held, name)
        if now < seen or (exactly and now != seen):
            return False
    return True
