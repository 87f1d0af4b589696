"""The world as one person may see it: expressions of pages read through the projection.

In: the surroundings of one reading. Out: the same, with records that the person may not see left out, hidden fields
null, masked texts masked. A condition on a field holds only for records in which the person sees that field: a count
must not tell what a mask hides. Rules and machines read the whole world; this one is for what is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

from engine.access.masks import masked
from engine.access.rights import SHOWN_SYSTEM, RecordRights, Rights
from engine.expressions.environment import RowsOf
from engine.model.criteria import (
    NEVER,
    Among,
    Compare,
    CompareFields,
    Criterion,
    Every,
    HasRow,
    Holds,
    Like,
    Matches,
    Not,
    Order,
    Some,
)
from engine.model.documents import Document
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.usecases.world import RecordWorld

Row = Mapping[str, object]


class ProjectedWorld(RecordWorld):
    """Reads what the actor may read. `whole` are the surroundings without the projection, for judging rights."""

    def __init__(self, whole: RecordWorld) -> None:
        super().__init__(whole.runtime, whole.unit, whole.actor, whole.now, whole.day)
        self.whole = whole
        self._seen: dict[tuple[str, str], Row | None] = {}

    def as_of(self, day: date) -> ProjectedWorld:
        """The same view on another business date."""
        return self if day == self.day else ProjectedWorld(self.whole.as_of(day))

    @property
    def user(self) -> Row | None:
        """The account's own record: its owner sees it whole."""
        return self.whole.user

    @property
    def org(self) -> Row | None:
        """The record of the actor's organisation."""
        return self.whole.org

    def follow(self, document: str, record_id: str) -> Row | None:
        """A record by reference, as far as the actor sees it; None where not at all."""
        row = self.whole.follow(document, record_id)
        if row is None or row.get("deleted"):
            return None
        name = document or record_id.partition(":")[0]
        return self._projected(name, row)

    def select(
        self, document: str, where: Criterion, order: Sequence[Order] = (), limit: int | None = None
    ) -> Sequence[Row]:
        """Records of a type that the actor may see."""
        rights = self._rights(document)
        allowed = [rights.rows(self.whole), *self._seen_by(document, where)]
        found = self.whole.select(document, Every((*allowed, where)), order, limit)
        rows = (self._projected(document, row) for row in found)
        return [row for row in rows if row is not None]

    def rows(self, source: RowsOf) -> Sequence[Row]:
        """Records that refer back to one that the actor sees."""
        if source.kind == "back" and self.follow(source.document, source.id) is None:
            return ()
        return super().rows(source)

    def history(self, document: str, record_id: str) -> Sequence[Row]:
        """The steps of a record that the actor sees."""
        return () if self.follow(document, record_id) is None else self.whole.history(document, record_id)

    def below(self, document: str, ancestor: str) -> Collection[str]:
        """Ids of a record of a tree and of all under it: where units stand is known to all."""
        return self.whole.below(document, ancestor)

    def under(self, document: str, record_id: str, ancestor: str) -> bool:
        """Whether a record lies at or beneath another."""
        return self.whole.under(document, record_id, ancestor)

    # --- the projection ------------------------------------------------------------------------------------------

    def _rights(self, document: str) -> Rights:
        return self.runtime.rights(document, self.actor)

    def _projected(self, document: str, row: Row) -> Row | None:
        key = (document, str(row["id"]))
        if key not in self._seen:
            rights = self._rights(document).on(row, self.whole)
            declared = self.runtime.definitions.documents[document]
            self._seen[key] = _shown(declared, row, rights) if rights.any else None
        return self._seen[key]

    def _seen_by(self, document: str, where: Criterion) -> Iterator[Criterion]:
        """What keeps a condition from telling of fields that are hidden."""
        for path in set(_paths(where)):
            rights = self._rights(document)
            name = path[0]
            if name not in ("id", "deleted") and not rights.sees_everywhere(name):
                yield rights.rows_showing(self.whole, name, clear=True)
            if not all(self._follows(document, path)):
                yield NEVER

    def _follows(self, document: str, path: tuple[str, ...]) -> Iterator[bool]:
        """Whether each further step of a path is seen wherever its record is."""
        for name, inner in pairwise(path):
            declared = self.runtime.definitions.documents[document].fields.get(name)
            if declared is None or declared.type.kind not in (Kind.REF, Kind.REFS) or not declared.type.of:
                return
            document = declared.type.of
            yield inner == "id" or self._rights(document).sees_everywhere(inner)


def _shown(document: Document, row: Row, rights: RecordRights) -> Row:
    if rights.everything:
        return row
    return {name: _value(document, name, value, rights) for name, value in row.items()}


def _value(document: Document, name: str, value: object, rights: RecordRights) -> object:
    """A value as the actor sees it: of the wrong kind for a mask it is not seen at all."""
    if name in SYSTEM_FIELDS:
        return value if name not in SHOWN_SYSTEM or rights.reads(name) else None
    field = document.fields.get(name)
    if field is None or not rights.reads(name) or field.kind == "password":
        return () if field is not None and field.is_table else None
    if name not in rights.masked or value is None:
        return value
    if field.is_table:
        return ()
    return masked(str(value), field.mask) if field.type.kind is Kind.TEXT else None


def _paths(where: Criterion) -> Iterator[tuple[str, ...]]:
    """The fields that a condition speaks of."""
    if isinstance(where, Every | Some):
        for part in where.parts:
            yield from _paths(part)
    elif isinstance(where, Not):
        yield from _paths(where.part)
    elif isinstance(where, CompareFields):
        yield where.left
        yield where.right
    elif isinstance(where, Compare | Among | Holds | Like):
        yield where.path
    elif isinstance(where, HasRow):
        yield (where.table,)
    elif isinstance(where, Matches):
        yield from ()
