"""Where the columns of a sheet lead: a field, a column of a child table, a reference by one of its target's fields, or
a question of the event.

In: a sheet's definition and the document types. Out: places. A path that leads nowhere is told by its faulty step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.model.documents import Document, Field
from engine.model.formula import Title
from engine.model.machines import Event, Machine
from engine.model.sheets import ASKED, Sheet, SheetColumn
from engine.model.types import TEXT, Kind

_NUMBER = Field("number", Title("编号", "Number"), "text", TEXT)
_UNWRITTEN = frozenset({Kind.ROWS, Kind.FILE, Kind.FILES, Kind.JSON})
_SECRET = frozenset({"password", "signature"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cells of a column go: `field`, in `table` where it is one of a child table, or `asked` by the event.

    `by` is the field of the referred record that the cells hold.
    """

    column: SheetColumn
    field: Field
    table: str = ""
    by: Field | None = None
    is_asked: bool = False

    @property
    def path(self) -> tuple[str, ...]:
        """The path of the field, as findings name it, without the row of a table."""
        if self.is_asked:
            return (ASKED, self.field.name)
        return (self.table, self.field.name) if self.table else (self.field.name,)


@dataclass(frozen=True, slots=True)
class Page:
    """The columns of one page that is read, by their numbers. `title` is told where there are several."""

    title: str
    columns: Sequence[tuple[int, Place]]

    def column_of(self, path: tuple[str, ...]) -> tuple[int, str]:
        """Number and head of the column of a path; 0 where the page has none."""
        return next(((number, place.column.head) for number, place in self.columns if place.path == path), (0, ""))


@dataclass(frozen=True, slots=True)
class Astray:
    """A path that leads nowhere: the step, what it was looked for in and what is there. Without names, that is nothing
    that has fields."""

    step: str
    owner: str
    names: tuple[str, ...] = ()


def place_of(
    column: SheetColumn, document: Document, event: Event | None, documents: Mapping[str, Document]
) -> Place | Astray:
    """Where one column leads."""
    first, *rest = column.path
    if first == ASKED and rest and event is not None:
        return _ending(column, rest, event.ask, f"{event.name}.ask", documents, is_asked=True)
    table = document.fields.get(first)
    if table is not None and table.is_table and rest:
        return _ending(column, rest, table.fields, f"{document.id}.{first}", documents, table=first)
    return _ending(column, column.path, document.fields, document.id, documents)


def _ending(
    column: SheetColumn,
    steps: tuple[str, ...] | list[str],
    fields: Mapping[str, Field],
    owner: str,
    documents: Mapping[str, Document],
    *,
    table: str = "",
    is_asked: bool = False,
) -> Place | Astray:
    field = fields.get(steps[0])
    if field is None:
        return Astray(steps[0], owner, tuple(fields))
    if len(steps) == 1:
        return Place(column, field, table, None, is_asked)
    target = documents.get(field.type.of) if field.type.kind is Kind.REF else None
    if target is None or len(steps) > 2:
        return Astray(steps[0], owner)
    by = target.fields.get(steps[1]) or (_NUMBER if steps[1] == _NUMBER.name and target.number is not None else None)
    if by is None:
        return Astray(steps[1], target.id, tuple(target.fields))
    return Place(column, field, table, by, is_asked)


def stands_in_a_cell(field: Field) -> bool:
    """Whether a value of the field can be written into a cell."""
    return field.type.kind not in _UNWRITTEN and field.kind not in _SECRET


def is_for_people(field: Field) -> bool:
    """Whether a person may ever give the value."""
    if field.edit is False:
        return False
    return field.edit is not None or not (field.is_derived or field.copied is not None)


def event_of(sheet: Sheet, machine: Machine | None) -> Event | None:
    """The event that makes a document of a row: the one that is named, or the only one that creates."""
    if machine is None:
        return None
    if sheet.event:
        return machine.events.get(sheet.event)
    creating = machine.creating()
    return creating[0] if len(creating) == 1 else None


def places_of(sheet: Sheet, document: Document, machine: Machine, documents: Mapping[str, Document]) -> list[Place]:
    """Where all columns of a sound sheet lead, in its order."""
    event = event_of(sheet, machine)
    found = (place_of(column, document, event, documents) for column in sheet.columns.values())
    return [one for one in found if isinstance(one, Place)]
