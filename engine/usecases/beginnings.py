"""Which documents a person has begun himself, and which the engine has made along with something else he did.

In: a document type, ids of records. Out: ids. The store notes for both who acted, so the event that began one decides.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.model.machines import By
from engine.usecases.runtime import Runtime


def begun_by_hand(runtime: Runtime, document: str, ids: Sequence[str]) -> frozenset[str]:
    """Those of the records that began with an event of people."""
    machine = runtime.definitions.machines.get(document)
    if machine is None:
        return frozenset(ids)
    own = {event.name for event in machine.creating() if not _is_of_engine(event.by)}
    if len(own) == len(machine.creating()):
        return frozenset(ids)
    if not own:
        return frozenset()
    with runtime.store.begin(write=False) as unit:
        lives = ((record_id, unit.history(document, record_id)) for record_id in ids)
        return frozenset(record_id for record_id, life in lives if life and life[0].event in own)


def first_states(runtime: Runtime, document: str) -> frozenset[str]:
    """States in which people begin documents of a type. Where the engine begins others, that is no sign of a draft."""
    machine = runtime.definitions.machines.get(document)
    events = machine.creating() if machine is not None else ()
    return frozenset(event.to for event in events if not _is_of_engine(event.by))


def _is_of_engine(by: By) -> bool:
    """Whether no person may raise what is raised so."""
    return bool(by.special) and not by.roles and by.formula is None
