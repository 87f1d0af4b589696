"""One search over everything the actor may see: documents by number or text."""

from __future__ import annotations

from engine.model.criteria import Every, Order, Selection
from engine.usecases.acting import Performer
from engine.usecases.bounds import bounded
from engine.usecases.needles import found_by_text
from engine.usecases.presenting import Presenter
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work


def search(runtime: Runtime, actor: Actor, text: str, limit: int = 20) -> tuple[tuple[str, str, str, str], ...]:
    """(document, id, label, number) of records that match, newest first within each document type."""
    needle, found = text.strip(), []
    if not needle:
        return ()
    with bounded(), runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        presenter = Presenter(work.world)
        for document in runtime.definitions.documents.values():
            rights = runtime.rights(document.id, actor)
            if not rights.in_general().any or not (document.search or document.number):
                continue
            where = Every((rights.rows(work.world), found_by_text(work, document, needle, by_number=True)))
            order = (Order("changed_at", descending=True),)
            for record in unit.select(Selection(document.id, where, order, limit=limit)):
                own = rights.on(record.values, work.world)
                if own.any:
                    label = presenter.label(document.id, record.values, own)
                    found.append((document.id, record.id, label, presenter.number(record.values, own)))
    return tuple(found[:limit])
