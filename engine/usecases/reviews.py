"""Documents under review, for whoever started them: one record for a document, renewed whenever an approval begins.

Called within the transaction. Who is waited for is told by the open tasks.
"""

from __future__ import annotations

from engine.model.criteria import Compare, Every, Selection
from engine.model.records import Record
from engine.usecases.deadlines import system_values
from engine.usecases.desk import Working
from engine.usecases.internal import REVIEW
from engine.usecases.work import Work

RETURNED = "returned"


def begun(work: Work, working: Working, approval: str, starter: str) -> None:
    """An approval of the document begins."""
    values = {"approval": approval, "starter": starter, "begun_at": work.now, "status": "open"}
    held = _held(work, working)
    if held is None:
        about = {"document": working.document.id, "record_id": str(working.values["id"])}
        work.unit.insert(Record(REVIEW, {**system_values(work), **about, **values}))
    else:
        _keep(work, held, **values)


def ended(work: Work, working: Working) -> None:
    """The approval of the document is over, whatever came of it."""
    held = _held(work, working)
    if held is not None and held.values["status"] == "open":
        _keep(work, held, status="ended")


def returned(work: Work, working: Working) -> None:
    """The document went back to whoever started it, and waits for them."""
    held = _held(work, working)
    if held is not None and held.values["status"] == "ended":
        _keep(work, held, status=RETURNED)


def _held(work: Work, working: Working) -> Record | None:
    record, document = str(working.values["id"]), working.document.id
    parts = (Compare(("record_id",), "==", record), Compare(("document",), "==", document))
    found = work.unit.select(Selection(REVIEW, Every(parts), limit=1))
    return found[0] if found else None


def _keep(work: Work, held: Record, **values: object) -> None:
    version = held.version
    held.values.update(values, version=version + 1, changed_at=work.now)
    work.unit.update(held, version)
