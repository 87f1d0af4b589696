"""Full-text search: one mechanism of tokens over the index that each database has.

In: values of records and texts people type. Out: what stands in the side table `s_<document>`, the query for it, and
the condition that joins it. SQLite: FTS5 over the tokens, found by the record's `_row`. PostgreSQL: a tsvector of the
same tokens with a GIN index. An encrypted field is one token, its blind index, so only its whole value is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from adapters.database import names
from adapters.database.engine import ONE, Backend, Statement, Transaction
from adapters.database.protection import Protection
from adapters.database.queries import Query, fts5, joined, tsquery
from adapters.database.tables import ROW, DocumentLayout, StoredColumn
from adapters.database.words import MOST, Phrase, phrases, tokens

_GAP = "\u241f"  # stands between two fields, so that no phrase reaches over
_MOST_PHRASES = 16
_FEW = 2_000


class Searcher:
    """The words of records and queries, for one database."""

    def __init__(self, protection: Protection, backend: Backend) -> None:
        self._protection = protection
        self._postgres = backend.postgres
        self._quoted = backend.quoted

    def words(self, layout: DocumentLayout, values: Mapping[str, Any]) -> str:
        """What is kept of a record: tokens between spaces, or the text of a tsvector."""
        found: list[str] = []
        for stored in layout.searched:
            value = values.get(stored.field)
            if value is None:
                continue
            if found:
                found.append(_GAP)
            found += self._field_tokens(stored, value)
        return _vector(found[:MOST]) if self._postgres else " ".join(found[:MOST])

    def _field_tokens(self, stored: StoredColumn, value: Any) -> Sequence[str]:
        if stored.encrypted and stored.codec.write is not None:
            return [self._blind(stored, stored.codec.write(value))]
        return tokens(" ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))

    def _blind(self, stored: StoredColumn, text: str) -> str:
        blind = self._protection.cipher.blind_index(text, stored.context)
        return "bi" + sha256(blind.encode()).hexdigest()[:38]

    def query(self, layout: DocumentLayout, text: str) -> Query | None:
        """What a text asks for; None when it asks for nothing. Raises ValueError where nothing is searchable."""
        if not layout.searched:
            raise ValueError(f"{layout.storage.document} has no search fields")
        asked = phrases(text)[:_MOST_PHRASES]
        secret = [stored for stored in layout.searched if stored.encrypted]
        if not asked or not secret:
            return joined(asked, every=True) if asked else None
        words = [joined([phrase, *self._blinds(secret, phrase.word)], every=False) for phrase in asked]
        if len(words) == 1:
            return words[0]
        return joined([joined(words, every=True), *self._blinds(secret, text.strip())], every=False)

    def _blinds(self, secret: Sequence[StoredColumn], word: str) -> list[Query]:
        return [Phrase((self._blind(stored, word),), prefix=False) for stored in secret]

    def finds_few(self, transaction: Transaction, layout: DocumentLayout, query: Query) -> bool:
        """Whether few records are found. Few are best taken from the index and sorted, many met on the way through
        whatever order is asked for. They are counted as far as it matters: a planner supposes that two in a hundred
        records have a word with a given beginning."""
        side = self._quoted(names.search_table(layout.storage.document))
        wanted = "words @@ %s::tsquery" if self._postgres else "words MATCH ?"
        some = f"SELECT 1 FROM {side} WHERE {wanted} LIMIT {_FEW + 1}"  # noqa: S608
        row = transaction.row(Statement(f"SELECT count(*) FROM ({some}) AS found"), [self.spoken(query)])  # noqa: S608
        return row is None or row[0] <= _FEW

    def spoken(self, query: Query) -> str:
        """The query as the index takes it."""
        return tsquery(query) if self._postgres else fts5(query)

    def condition(
        self, layout: DocumentLayout, source: sa.FromClause, wanted: sa.ColumnElement[Any], *, few: bool
    ) -> sa.ColumnElement[Any]:
        """Whether a record is among those that the index finds."""
        side = names.search_table(layout.storage.document)
        if not self._postgres:
            table = sa.table(side, sa.column("rowid"), sa.column("words"))
            return source.c[ROW].in_(sa.select(table.c.rowid).where(table.c.words.op("MATCH")(wanted)))
        table = sa.table(side, sa.column("id"), sa.column("words"))
        ids = sa.select(table.c.id).where(table.c.words.op("@@")(sa.cast(wanted, postgresql.TSQUERY())))
        # A limit well beyond the few keeps the planner from walking through another index or the table in their place.
        return source.c.id.in_(ids.limit(sa.literal_column(str(2 * _FEW), sa.Integer())) if few else ids)

    def words_of(self, layout: DocumentLayout, source: sa.FromClause) -> tuple[sa.Select[Any], sa.ColumnElement[str]]:
        """The kept words of a record (SQLite): a query for its row, and the words with a space on either side."""
        table = sa.table(names.search_table(layout.storage.document), sa.column("rowid"), sa.column("words", sa.Text()))
        space = sa.literal_column("' '", sa.Text())
        return sa.select(ONE).where(table.c.rowid == source.c[ROW]), space.concat(table.c.words).concat(space)


class SearchStatements:
    """The statements that keep the side table; each takes the words, then the record's id. `copied`: for COPY."""

    __slots__ = ("copied", "insert", "update")

    def __init__(self, layout: DocumentLayout, quoted: Any, *, postgres: bool) -> None:
        side = quoted(names.search_table(layout.storage.document))
        self.copied = side, "words, id"
        if postgres:
            self.insert = Statement(f"INSERT INTO {side} (words, id) VALUES (%s::tsvector, %s::text)")  # noqa: S608
            self.update = Statement(f"UPDATE {side} SET words = %s::tsvector WHERE id = %s::text")  # noqa: S608
            return
        main = quoted(layout.main.name)
        found = f"(SELECT {ROW} FROM {main} WHERE id = ?)"  # noqa: S608
        self.insert = Statement(f"INSERT INTO {side} (words, rowid) VALUES (?, {found})")  # noqa: S608
        self.update = Statement(f"UPDATE {side} SET words = ? WHERE rowid = {found}")  # noqa: S608


def search_ddl(layout: DocumentLayout, quoted: Any, *, postgres: bool) -> tuple[str, ...]:
    """Statements that make the side table."""
    side = quoted(names.search_table(layout.storage.document))
    if not postgres:
        return (f"CREATE VIRTUAL TABLE {side} USING fts5(words, tokenize='ascii')",)
    index, main = names.index("gs", layout.storage.document), quoted(layout.main.name)
    key = f'id text COLLATE "C" PRIMARY KEY REFERENCES {main} (id) ON DELETE CASCADE'
    return (
        f"CREATE TABLE {side} ({key}, words tsvector NOT NULL)",
        # Words that are rare must not be taken for common ones.
        f"ALTER TABLE {side} ALTER COLUMN words SET STATISTICS 500",
        f"CREATE INDEX {index} ON {side} USING gin (words)",
    )


def _vector(found: Sequence[str]) -> str:
    places: dict[str, list[str]] = {}
    for number, token in enumerate(found, 1):
        if token != _GAP:
            places.setdefault(token, []).append(str(number))
    return " ".join(f"'{token}':{','.join(numbers[:255])}" for token, numbers in places.items())
