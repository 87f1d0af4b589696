"""The words of records that are there already, for a search index that is built.

In: a layout whose side table was just made. Out: a row of words for each record, in batches.
"""

from __future__ import annotations

from adapters.database.engine import Statement
from adapters.database.search import SearchStatements
from adapters.database.steps import Work
from adapters.database.tables import DocumentLayout

_BATCH = 2_000


def build_words(work: Work, layout: DocumentLayout) -> None:
    """Index every record."""
    backend, searcher = work.database.backend, work.database.searcher
    insert = SearchStatements(layout, backend.quoted, postgres=backend.postgres).insert
    columns = ", ".join(["id", *(backend.quoted(stored.name) for stored in layout.searched)])
    mark = "%s" if backend.postgres else "?"
    page = Statement(
        f"SELECT {columns} FROM {backend.quoted(layout.main.name)} WHERE id > {mark} ORDER BY id LIMIT {_BATCH}"  # noqa: S608
    )
    readers = dict(layout.main.readers)
    last = ""
    while rows := work.transaction.rows(page, [last]):
        last = rows[-1][0]
        written = []
        for id_, *cells in rows:
            values = {}
            for stored, cell in zip(layout.searched, cells, strict=True):
                read = readers[stored.field]
                values[stored.field] = cell if cell is None or read is None else read(cell)
            written.append([searcher.words(layout, values), id_])
        work.transaction.change_many(insert, written)
