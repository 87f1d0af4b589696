"""Bodies of messages go to the archive when their time is over; what is known of them stays.

In: messages that came to their end long ago. Out: parts of the archive, many messages each; rows without a body that
say where it went. A part is whole before the first row refers to it. What is not at its end is never touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from engine.model.criteria import Among, Compare, Every, Order, Selection
from engine.model.records import Record
from engine.ports import Stale
from engine.usecases.landing import body
from engine.usecases.landing_records import CONFIRMED, DISCARDED, MESSAGE, PROCESSED, SENT, renewed
from engine.usecases.runtime import Runtime

_ENDED = (SENT, CONFIRMED, PROCESSED, DISCARDED)
_AT_ONCE = 200
_LARGEST = 16 << 20
"""Bytes of one part, unless a single message has more."""


def purge_bodies(runtime: Runtime) -> int:
    """Archive and remove the bodies of messages that landed before `message_days`; how many."""
    if runtime.archive is None:
        return 0
    before, gone = runtime.clock.now() - timedelta(days=runtime.message_days), 0
    old = Every((
        Compare(("purged_at",), "==", None), Compare(("created_at",), "<", before), Among(("state",), _ENDED),
    ))  # fmt: skip
    while True:
        with runtime.store.begin(write=False) as unit:
            found = unit.select(Selection(MESSAGE, old, (Order("created_at"),), limit=_AT_ONCE))
        try:
            gone += sum(_purged(runtime, some) for some in _parts(found))
        except Stale:
            return gone  # somebody is at work on one of them; the rest is for the next time
        if len(found) < _AT_ONCE:
            return gone


def archived_body(runtime: Runtime, archive: str, landed_id: str) -> bytes:
    """The body of a message that was archived. Raises KeyError where it was taken away."""
    if runtime.archive is None or not archive:
        raise KeyError(landed_id)
    return runtime.archive.fetch(archive, landed_id)


def _parts(found: Sequence[Record]) -> Iterator[list[Record]]:
    part, size = list[Record](), 0
    for record in found:
        size += int(str(record.values["size"] or 0))
        if part and size > _LARGEST:
            yield part
            part, size = [], int(str(record.values["size"] or 0))
        part.append(record)
    if part:
        yield part


def _purged(runtime: Runtime, part: Sequence[Record]) -> int:
    """Archive one part, then let go of its bodies. Raises Stale."""
    assert runtime.archive is not None
    bodies = {record.id: found for record in part if (found := _body(runtime, record)) is not None}
    now = runtime.clock.now()
    name = f"messages-{now:%Y%m%d}-{runtime.ids.new()}"
    runtime.archive.keep(name, bodies)
    with runtime.store.begin() as unit:
        for record in part:
            kept = name if record.id in bodies else ""
            unit.update(renewed(record, now, body=None, file=None, purged_at=now, archive=kept), record.version)
    return len(part)


def _body(runtime: Runtime, record: Record) -> bytes | None:
    """A body; None where its file is lost."""
    try:
        return body(runtime.files, record)
    except KeyError:
        return None
