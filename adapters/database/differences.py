"""What keeps the schema from being as the storages want it.

In: the live schema, what the database remembers of itself, the storages. Out: steps in the order in which they can be
taken: indexes that go, tables and columns that come, values written anew, columns that go, indexes and words that come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adapters.database import names, steps
from adapters.database.described import Described, Former, described, guessed, remember, remembered, with_leftovers
from adapters.database.indexes import wanted_indexes
from adapters.database.live import Live
from adapters.database.recoding import recode
from adapters.database.reindexing import build_words
from adapters.database.search import search_ddl
from adapters.database.steps import Step, Work
from adapters.database.tables import POSITION, RECORD, ROW, StoredColumn, TableLayout
from engine.model.storage import Column, Storage
from engine.model.types import Kind

_OURS = ("gx_", "gu_")
_FAMILIES = {Kind.CODE: Kind.TEXT, Kind.REF: Kind.TEXT, Kind.REFS: Kind.CODES, Kind.LIST: Kind.JSON}


def fixed_steps(work: Work, live: Live) -> Iterator[Step]:
    """The tables beside those of documents."""
    for table in work.database.fixed.metadata.sorted_tables:
        if not live.has(table.name):
            yield steps.create_fixed(work, table)
        else:
            missing = [one for one in table.indexes if str(one.name) not in live.indexes]
            yield from (steps.create_fixed_index(work, one) for one in missing)


class DocumentDifference:
    """The steps of one document type."""

    def __init__(self, work: Work, live: Live, storage: Storage) -> None:
        self._work, self._live, self._storage = work, live, storage
        self._database = work.database
        self._layout = work.database.layout(storage)
        known = live.has("guiju_facts")
        self._before = remembered(work.transaction, self._database.backend, storage.document) if known else Described()
        self._recoded: set[str] = set()

    def steps(self) -> list[Step]:
        """All steps; empty when nothing has to change."""
        columns = [*self._main(), *self._children()]
        gone, come = self._indexes()
        found = [*gone, *columns, *come, *self._search()]
        whole = self._described()
        if self._before != whole:
            backend, document = self._database.backend, self._storage.document
            found.append(Step("", lambda: remember(self._work.transaction, backend, document, whole)))
        return found

    def _described(self) -> Described:
        document = self._storage.document
        there = {"": self._live.columns.get(self._layout.main.name, {})}
        for table in self._before.columns.keys() - {""}:
            there[table] = self._live.columns.get(names.child_table(document, table), {})
        return with_leftovers(described(self._layout), self._before, there)

    def _main(self) -> Iterator[Step]:
        main = self._layout.main
        if not self._live.has(main.name):
            yield steps.create_table(self._work, main, append_only=self._storage.append_only)
            return
        found = self._columns(main, "", main.name, self._storage.renamed)
        yield from (steps.opened(self._work, main.name, step) for step in found) if self._storage.append_only else found

    def _children(self) -> Iterator[Step]:
        document = self._storage.document
        wanted = {child.name for child in self._layout.children.values()}
        carried: set[str] = set()
        for name, child in self._layout.children.items():
            former = names.child_table(document, self._storage.renamed.get(name, name))
            stands = child.name
            if not self._live.has(child.name) and former not in wanted and self._live.has(former):
                carried.add(former)
                stands = former
                yield steps.rename_table(self._work, former, child.name)
            if not self._live.has(stands):
                yield steps.create_table(self._work, child)
                continue
            renamed = {n.split(".", 1)[1]: o for n, o in self._storage.renamed.items() if n.startswith(f"{name}.")}
            yield from self._columns(child, name, stands, renamed)
        for name in self._before.columns.keys() - {""}:
            table = names.child_table(document, name)
            if table not in wanted | carried and self._live.has(table):
                yield steps.drop_table(self._work, table)

    def _columns(self, layout: TableLayout, table: str, stands: str, renamed: Mapping[str, str]) -> Iterator[Step]:
        there = dict(self._live.columns[stands])
        before = self._before.columns.get(table, {})
        wanted = {name for stored in layout.columns.values() for name in (stored.name, stored.blind)}
        for stored in layout.columns.values():
            former = (
                stored.field if stored.name in there else renamed.get(stored.field, stored.field).rpartition(".")[2]
            )
            known = before.get(former)
            if stored.name not in there:
                old = known.name if known is not None else names.identifier(former)
                if old not in there or old in wanted:
                    yield steps.add_column(self._work, layout, stored)
                    continue
                yield from self._renamed(layout, stored, old, there)
            yield from self._retyped(layout, stored, there, known)
        for name in sorted(there.keys() - wanted - {ROW, RECORD, POSITION}):
            if not (name.endswith(names.BLIND_SUFFIX) and name.removesuffix(names.BLIND_SUFFIX) in wanted):
                yield steps.drop_column(self._work, layout.name, name)

    def _renamed(self, layout: TableLayout, stored: StoredColumn, old: str, there: dict[str, str]) -> Iterator[Step]:
        for suffix in ("", names.BLIND_SUFFIX):
            if old + suffix in there:
                new = stored.name + suffix
                yield steps.rename_column(self._work, layout, old + suffix, new)
                there[new] = there.pop(old + suffix)

    def _retyped(
        self, layout: TableLayout, stored: StoredColumn, there: Mapping[str, str], known: Former | None
    ) -> Iterator[Step]:
        declared = there[stored.name]
        encrypted = stored.name + names.BLIND_SUFFIX in there
        same_type = encrypted == stored.encrypted and (encrypted or declared == stored.codec.declared)
        before = known.column if known is not None else stored.column if same_type else guessed(stored.field, declared)
        context = known.context if known is not None else stored.context
        if same_type and _family(before) == _family(stored.column) and (not encrypted or context == stored.context):
            return
        self._recoded.add(stored.field)
        column = Column(stored.field, before.type, digits=before.digits, scale=before.scale, encrypted=encrypted)
        former = Former(stored.name, column, context)
        yield recode(self._work, layout, stored, former, "cipher text" if encrypted else declared)

    def _indexes(self) -> tuple[list[Step], list[Step]]:
        main = self._layout.main.name
        wanted = {index.name: index for index in wanted_indexes(self._database, self._layout)}
        there = {n for n, table in self._live.indexes.items() if table == main and n.startswith(_OURS)}
        anew = {name for name, index in wanted.items() if self._recoded.intersection(index.looks_at)}
        gone = [steps.drop_index(self._work, name, main) for name in sorted(there & anew | there - wanted.keys())]
        stands = self._live.has(main)
        come = [index for name, index in wanted.items() if name not in there or name in anew]
        return gone, [steps.create_index(self._work, index, stands=stands) for index in come]

    def _search(self) -> Iterator[Step]:
        document = self._storage.document
        side = names.search_table(document)
        there = self._live.has(side)
        wanted = described(self._layout).search
        if there and wanted == self._before.search and not self._recoded.intersection(self._storage.search):
            return
        quoted = self._database.backend.quoted(side)
        if there:
            yield Step(f"drop the search index of {document}", lambda: self._work.execute(f"DROP TABLE {quoted}"))
        if not wanted:
            return

        def run() -> None:
            for sql in search_ddl(
                self._layout, self._database.backend.quoted, postgres=self._database.backend.postgres
            ):
                self._work.execute(sql)
            if self._live.has(self._layout.main.name):
                build_words(self._work, self._layout)

        time = (
            self._work.duration(self._layout.main.name, 16_000, 8_000) if self._live.has(self._layout.main.name) else ""
        )
        yield Step(f"build the search index of {document} over {', '.join(self._storage.search)}{time}", run)


def _family(column: Column) -> tuple[Kind, int | None]:
    """Columns of one declared type are kept in the same way when this is equal."""
    kind = column.type.kind
    return _FAMILIES.get(kind, kind), column.scale if column.encrypted and kind is Kind.NUMBER else None
