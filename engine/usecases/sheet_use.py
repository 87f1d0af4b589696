"""A sheet as it is in force, and who may import by it.

In: the runtime, an actor, a sheet's id. Out: the sheet with the document type, event and places that it leads to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.model.documents import Document
from engine.model.machines import Event, Machine
from engine.model.sheets import Sheet
from engine.problems import Refused
from engine.sheets.columns import Page, Place, event_of, places_of
from engine.usecases.auditing import Hidden, watched
from engine.usecases.runtime import Runtime
from engine.usecases.sheet_records import Understood
from engine.usecases.views import Actor


@dataclass(frozen=True, slots=True)
class InUse:
    """A sheet with what it stands on."""

    sheet: Sheet
    document: Document
    machine: Machine
    event: Event
    places: Sequence[Place]

    @classmethod
    def of(cls, runtime: Runtime, sheet: Sheet) -> InUse | None:
        """None where the definitions in force have no such event any more."""
        definitions = runtime.definitions
        document, machine = definitions.documents[sheet.document], definitions.machines[sheet.document]
        event = event_of(sheet, machine)
        if event is None:
            return None
        return cls(sheet, document, machine, event, places_of(sheet, document, machine, definitions.documents))

    def pages(self, understood: Understood) -> list[Page]:
        """The columns that the pages of the workbook at hand have; several pages go by their titles."""
        several = len(understood.pages) > 1
        return [Page(one.title if several else "", self._columns(one.columns)) for one in understood.pages]

    def _columns(self, known: Mapping[str, int]) -> list[tuple[int, Place]]:
        return [(known[place.column.name], place) for place in self.places if place.column.name in known]


def may_import(runtime: Runtime, actor: Actor, used: InUse) -> bool:
    """Whether somebody may bring in documents by a sheet."""
    rights = runtime.rights(used.document.id, actor).in_general()
    return rights.bring_in and rights.create and used.event.name not in rights.denied


def in_use(runtime: Runtime, actor: Actor, document: str, sheet_id: str) -> InUse:
    """A sheet that the actor may import by. Raises Refused(not_found)."""
    with watched(runtime, actor, "import", document):
        sheet = runtime.definitions.sheets.get(sheet_id)
        used = InUse.of(runtime, sheet) if sheet is not None and sheet.document == document else None
        if used is None:
            raise Refused((), kind="not_found")
        if not may_import(runtime, actor, used):
            raise Hidden
        return used
