"""What a print has shown, field by field: whoever asks for it again must see as much.

In: fields as a template reads them, with the rights of whom it was made for. Out: a note of plain data, kept beside the
file, and whether an actor sees the same or at least as much of every field now. A print leads through references, so
the rights on the printed document alone do not tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.access.rights import NEEDED_SYSTEM, RecordRights
from engine.usecases.internal import is_internal
from engine.usecases.presenting import Presenter

HIDDEN, MASKED, CLEAR = 0, 1, 2
Sights = dict[str, int]
"""`document:id.field` to how it was seen."""


_READER, _SIGNED = "@", "#"


def reader(actor_id: str) -> str:
    """The place that notes who asked for the paper, where it says so."""
    return f"{_READER}{actor_id}"


def note_signatures(sights: Sights, document: str, tasks: Iterable[str]) -> None:
    """Note that the signatures were read, and which there were: whoever sees the document sees them."""
    sights[_SIGNED] = CLEAR
    for task in tasks:
        sights.update({f"{document}:{task}.{name}": CLEAR for name in ("status", "opinion", "decided_by")})


def shows_signatures(sights: object) -> bool:
    """Whether the signatures were read, be there any or not."""
    return isinstance(sights, Mapping) and _SIGNED in sights


def signatures_in(sights: Mapping[str, object], document: str) -> set[str]:
    """The tasks whose signatures were seen."""
    return {record.partition(":")[2] for record, _ in stored(sights) if record.startswith(f"{document}:")}


def stored(sights: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Records and names of what was read from the store."""
    for place in sights:
        if not place.startswith((_READER, _SIGNED)):
            record, _, name = place.rpartition(".")
            yield record, name


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
        if place == _SIGNED or is_internal(record):
            continue
        if record not in rights:
            document, _, record_id = record.partition(":")
            row = presenter.world.follow(document, record_id)
            rights[record] = None if row is None else presenter.rights(document, row)
        held = rights[record]
        now = HIDDEN if held is None else sight_of(held, name)
        if now < seen or (exactly and now != seen):
            return False
    return True
