"""The same call again: known by what its offer says, done once, answered as the first was.

In: a call that was let in, its names. Out: the note of it, in the transaction of what it does; for a repetition the
records that the first one made. Whoever never heard an answer asks again: that must not be worth less than the first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from engine.expressions.environment import Env
from engine.model.interfaces import Offer
from engine.model.records import Record
from engine.ports import Duplicate, Stale
from engine.problems import Finding, Refused
from engine.usecases.deadlines import system_values
from engine.usecases.internal import REQUEST
from engine.usecases.work import Work


def noted(work: Work, offer: Offer, content: bytes, caller: str, env: Env) -> tuple[Record | None, bool]:
    """The note of this call, where the offer says by what it is known, and whether the same was done before. Raises
    Refused for the same key with another content."""
    value = offer.once.value(env) if offer.once is not None else None
    if value in (None, ""):
        return None, False
    key = hashlib.sha256("\0".join(("offer", offer.id, caller, str(value))).encode()).hexdigest()[:32]
    digest = hashlib.sha256(content).hexdigest()
    before = work.unit.fetch(REQUEST, key)
    if before is not None:
        if before.values["digest"] != digest:
            text = "同一编号已收过另一份内容", "the same key came with another content"
            raise Refused((Finding("duplicate", {"zh": text[0], "en": text[1]}),), kind="duplicate")
        return before, True
    about = {"document": "", "record_id": "", "event": offer.id, "digest": digest}
    note = Record(REQUEST, {**system_values(work), "id": key, **about})
    try:
        work.unit.insert(note)
    except Duplicate:
        raise Stale from None
    return note, False


def note_made(work: Work, note: Record | None, names: Mapping[str, object]) -> None:
    """Keep with the note which records the call made, by the names that its answer knows them by."""
    documents = {record_id: document for document, record_id in work.touched}
    rows = {name: str(row["id"]) for name, row in names.items() if isinstance(row, Mapping) and "id" in row}
    made = {name: [documents[record_id], record_id] for name, record_id in rows.items() if record_id in documents}
    if note is not None and made:
        kept = replace(note, values={**note.values, "version": note.version + 1, "made": made})
        work.unit.update(kept, note.version)


def made_before(work: Work, note: Record) -> dict[str, object]:
    """The records that the first call made, as they are now. Raises Refused where one is gone."""
    made = note.values.get("made")
    kept = made.items() if isinstance(made, Mapping) else ()
    return {name: work.open(document, record_id).values for name, (document, record_id) in kept}
