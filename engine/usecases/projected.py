"""The world as one person may see it: expressions of pages read through the projection.

In: the surroundings of one reading. Out: the same, with records that the person may not see left out, hidden fields
null, masked texts masked. A condition on a field holds only for records in which the person sees that field: a count
must not tell what a mask hides. Rules and machines read the whole world; this one is for what is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from engine.access.masks import masked
from engine.access.rights import SHOWN_SYSTEM, RecordRights, Rights
from engine.expressions.environment import RowsOf
from engine.model.criteria import ALWAYS, NEVER, Criterion, Every, Order, Tally
from engine.model.documents import Document, Field
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.sources.paths import behind, paths_in_rows, paths_of
from engine.usecases.world import RecordWorld

Row = Mapping[str, object]
MOST_GROUPS = 10_000


class ProjectedWorld(RecordWorld):
    """Reads what the actor may read. `whole` are the surroundings without the projection, for judging rights."""

    def __init__(self, whole: RecordWorld) -> None:
        super().__init__(whole.runtime, whole.unit, whole.actor, whole.now, whole.day)
        self.whole, self.asking = whole, whole.asking
        self._seen: dict[tuple[str, str], Row | None] = {}
        self._veils: dict[tuple[object, ...], _Veil] = {}
        self._read: dict[tuple[object, ...], Sequence[Row]] = {}
        self._told: dict[tuple[object, ...], object] = {}

    def as_of(self, day: date) -> ProjectedWorld:
        """The same view on another business date."""
        return self if day == self.day else ProjectedWorld(self.whole.as_of(day))

    @property
    def user(self) -> Row | None:
        """The account's own record: its owner sees it whole."""
        return self.whole.user

    @property
    def org(self) -> Row | None:
        """The record of the actor's organisation, as far as the actor sees it: which one it is in any case."""
        row, accounts = self.whole.org, self.runtime.node.accounts
        if row is None or accounts is None:
            return None
        name = self.runtime.definitions.documents[accounts.document].fields[accounts.org].type.of
        declared, rights = self.runtime.definitions.documents[name], self._rights(name).on(row, self.whole)
        return {**self._shown(declared, row, rights), "id": row["id"]}

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
        """Records of a type that the actor may see; what several parts of a page ask for is read once."""
        key = (document, where, tuple(order), limit)
        if not _is_key(key):
            return self._select(document, where, order, limit)
        if key not in self._read:
            self._read[key] = self._select(document, where, order, limit)
        return self._read[key]

    def _select(self, document: str, where: Criterion, order: Sequence[Order], limit: int | None) -> Sequence[Row]:
        rights = self._rights(document)
        allowed = [rights.rows(self.whole), *self._seen_by(document, where)]
        found = self.whole.select(document, Every((*allowed, where)), order, limit)
        rows = (self._projected(document, row) for row in found)
        return [row for row in rows if row is not None]

    def call(self, name: str, arguments: Mapping[str, object]) -> object:
        """A decision table, or a query with parameters; what is asked again is worked out once."""
        key = (name, *arguments.items())
        if not _is_key(key):
            return super().call(name, arguments)
        if key not in self._told:
            self._told[key] = super().call(name, arguments)
        return self._told[key]

    def added_up(self, document: str, where: Criterion, field: str) -> int | Decimal | None:
        """A sum or count of what the actor may see; None where the field is not seen in all of it."""
        found = self.tally(document, where, (), (field,) if field else ())
        if found is None:
            return None
        total = found[0].sums[0] if field else found[0].count
        return total if isinstance(total, int | Decimal) else 0

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

    def tally(
        self, document: str, where: Criterion, by: Sequence[tuple[str, ...]] = (), sums: Sequence[str] = ()
    ) -> list[Tally] | None:
        """Records that the actor may see, counted and added up by the store.

        None where a field is hidden or masked in some of them, or the store cannot tell: then the rows must be read.
        """
        rights = self._rights(document)
        paths = (*by, *((name,) for name in sums))
        if not all(rights.sees_everywhere(path[0]) and self._shows_end(document, path) for path in paths):
            return None
        allowed = Every((rights.rows(self.whole), *self._seen_by(document, where), where))
        try:
            found = self.unit.tally(document, allowed, by, sums, MOST_GROUPS)
        except ValueError:
            return None
        return found if len(found) < MOST_GROUPS else None

    # --- the projection ------------------------------------------------------------------------------------------

    def _rights(self, document: str) -> Rights:
        return self.runtime.rights(document, self.actor)

    def _projected(self, document: str, row: Row) -> Row | None:
        key = (document, str(row["id"]))
        if key not in self._seen:
            rights = self._rights(document).on(row, self.whole)
            declared = self.runtime.definitions.documents[document]
            self._seen[key] = self._shown(declared, row, rights) if rights.any else None
        return self._seen[key]

    def _shown(self, document: Document, row: Row, rights: RecordRights) -> Row:
        """What is seen of a record. Records of one type come by the thousand: what lies before them is worked out once
        for all that have the same fields and the same rights."""
        if rights.everything:
            return row
        key = (document.id, id(rights), *row)
        veil = self._veils.get(key)
        if veil is None:
            veil = self._veils[key] = _veil(document, row, rights)
        shown = {**row, **veil.hidden}
        for field in veil.masked:
            if (value := row[field.name]) is not None:
                shown[field.name] = _masked(field, value)
        return shown

    def _seen_by(self, document: str, where: Criterion) -> Iterator[Criterion]:
        """What keeps a condition from telling of fields that are hidden, of this record or of one that it refers to."""
        for path in set(paths_of(where)):
            rights = self._rights(document)
            name = path[0]
            if name not in ("id", "deleted") and not rights.sees_everywhere(name):
                yield rights.rows_showing(self.whole, name, clear=True)
            for depth, (target, inner) in enumerate(self._followed(self._fields(document), path), 1):
                for shown in self._showing(target, inner):
                    yield behind(shown, path[:depth])
        for table, path in set(paths_in_rows(where)):
            columns = self._fields(document)[table].fields
            for target, inner in self._followed(columns, path):
                # Which row is meant cannot be said here: only what all see of all records may be asked for.
                if any(shown != ALWAYS for shown in self._showing(target, inner)):
                    yield NEVER

    def _fields(self, document: str) -> Mapping[str, Field]:
        return self.runtime.definitions.documents[document].fields

    def _followed(self, fields: Mapping[str, Field], path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """The further steps of a path: the document type that a reference leads to, and what is asked of it there."""
        for name, inner in pairwise(path):
            declared = fields.get(name)
            if declared is None or declared.type.kind not in (Kind.REF, Kind.REFS) or not declared.type.of:
                return
            yield declared.type.of, inner
            fields = self._fields(declared.type.of)

    def _shows_end(self, document: str, path: tuple[str, ...]) -> bool:
        """Whether what a path leads to is seen in the clear whatever the record."""
        steps = self._followed(self._fields(document), path)
        return all(shown == ALWAYS for target, inner in steps for shown in self._showing(target, inner))

    def _showing(self, document: str, name: str) -> Iterator[Criterion]:
        """The records of a type that the actor sees, and of these the ones whose field he sees in the clear."""
        if name == "id":
            return
        rights = self._rights(document)
        yield rights.rows(self.whole)
        if not rights.sees_everywhere(name):
            yield rights.rows_showing(self.whole, name, clear=True)


@dataclass(frozen=True, slots=True)
class _Veil:
    """What rights keep from being seen: names with what stands in their place, and fields whose values are masked."""

    rights: RecordRights  # held, so that nothing else gets its identity
    hidden: Mapping[str, object]
    masked: tuple[Field, ...]


def _is_key(given: object) -> bool:
    """Whether something can be looked up by; a row cannot."""
    try:
        hash(given)
    except TypeError:
        return False
    return True


def _veil(document: Document, names: Iterable[str], rights: RecordRights) -> _Veil:
    hidden: dict[str, object] = {}
    veiled: list[Field] = []
    for name in names:
        field = document.fields.get(name)
        if name in SYSTEM_FIELDS:
            if name in SHOWN_SYSTEM and not rights.reads(name):
                hidden[name] = None
        elif field is None or not rights.reads(name) or field.kind == "password":
            hidden[name] = () if field is not None and field.is_table else None
        elif name in rights.masked:
            veiled.append(field)
    return _Veil(rights, hidden, tuple(veiled))


def _masked(field: Field, value: object) -> object:
    """A value behind its mask: of the wrong kind for one it is not seen at all."""
    if field.is_table:
        return ()
    return masked(str(value), field.mask) if field.type.kind is Kind.TEXT else None
