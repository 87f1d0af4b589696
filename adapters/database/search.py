"""Full-text search: one mechanism of tokens over the index that each database has.

In: values of records and texts people type. Out: what stands in the side table `s_<document>`, the query for it, and the
condition that joins it. SQLite: FTS5 over the tokens, found by the record's `_row`. PostgreSQL: a tsvector of the same
tokens with a GIN index. An encrypted field is one token, its blind index, so only its whole value is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from adapters.database import names
from adapters.database.engine import Statement
from adapters.database.protection import Protection
from adapters.database.tables import ROW, DocumentLayout, StoredColumn
from adapters.database.words import MOST, Phrase, phrases, tokens

_GAP = "\u241f"  # stands between two fields, so that no phrase reaches over
_MOST_PHRASES = 16


class Searcher:
    """The words of records and queries, for one database."""

    def __init__(self, protection: Protection, *, postgres: bool) -> None:
        self._protection = protection
        self._postgres = postgres

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

    def wanted(self, layout: DocumentLayout, text: str) -> str | None:
        """The query for a text; None when it asks for nothing. Raises ValueError where nothing is searchable."""
        if not layout.searched:
            raise ValueError(f"{layout.storage.document} has no search fields")
        asked = phrases(text)[:_MOST_PHRASES]
        if not asked:
            return None
        secret = [stored for stored in layout.searched if stored.encrypted]
        both, either = (" & ", " | ") if self._postgres else (" AND ", " OR ")
        parts = [self._phrase(phrase) for phrase in asked]
        if secret:
            spoken = text.split()
            parts = [
                self._grouped(either, [part, *self._blinds(secret, word)])
                for part, word in zip(parts, spoken if len(spoken) == len(parts) else [text] * len(parts), strict=True)
            ]
        whole = both.join(parts)
        blinds = self._blinds(secret, text.strip()) if len(parts) > 1 else []
        return self._grouped(either, [f"({whole})", *blinds]) if blinds else whole

    def _blinds(self, secret: Sequence[StoredColumn], word: str) -> list[str]:
        quote = "'" if self._postgres else '"'
        return [f"{quote}{self._blind(stored, word)}{quote}" for stored in secret]

    def _grouped(self, either: str, parts: Sequence[str]) -> str:
        return f"({either.join(parts)})"

    def _phrase(self, phrase: Phrase) -> str:
        if self._postgres:
            quoted = [f"'{token}'" for token in phrase.tokens]
            return f"({' <-> '.join(quoted)}{':*' if phrase.prefix else ''})"
        return f'"{" ".join(phrase.tokens)}"{" *" if phrase.prefix else ""}'

    def condition(
        self, layout: DocumentLayout, source: sa.FromClause, wanted: sa.ColumnElement[Any]
    ) -> sa.ColumnElement[Any]:
        """Whether a record is among those found."""
        side = names.search_table(layout.storage.document)
        if self._postgres:
            table = sa.table(side, sa.column("id"), sa.column("words"))
            query = sa.cast(wanted, postgresql.TSQUERY())
            return source.c.id.in_(sa.select(table.c.id).where(table.c.words.op("@@")(query)))
        table = sa.table(side, sa.column("rowid"), sa.column(side))
        return source.c[ROW].in_(sa.select(table.c.rowid).where(table.c[side].op("MATCH")(wanted)))


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
    return (
        f'CREATE TABLE {side} (id text COLLATE "C" PRIMARY KEY REFERENCES {main} (id) ON DELETE CASCADE, '
        "words tsvector NOT NULL)",
        f"CREATE INDEX {index} ON {side} USING gin (words)",
    )


def _vector(found: Sequence[str]) -> str:
    places: dict[str, list[str]] = {}
    for number, token in enumerate(found, 1):
        if token != _GAP:
            places.setdefault(token, []).append(str(number))
    return " ".join(f"'{token}':{','.join(numbers[:255])}" for token, numbers in places.items())
