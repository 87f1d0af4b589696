"""Names in the database: what a document, a child table or a field is called there.

In: names of definitions. Out: identifiers that both databases keep whole and tell apart. Knows no connection.

Names stay as they are wherever that works, so that SQL tools show the words of the definitions. PostgreSQL cuts
identifiers at 63 bytes and SQLite does not tell `ID` from `id`; a name that would suffer gets a digest at its end.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

LIMIT = 63
BLIND_SUFFIX = "__bi"


def identifier(name: str, limit: int = LIMIT) -> str:
    """The name itself, or its beginning and a digest where it is longer than `limit` bytes."""
    encoded = name.encode()
    if len(encoded) <= limit:
        return name
    return f"{encoded[: limit - 9].decode(errors='ignore')}_{_digest(name)}"


def columns(taken: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """Field names to column names; a field that differs from an earlier one by case alone is set apart."""
    used = {name.lower() for name in taken}
    found: dict[str, str] = {}
    for name in names:
        column = identifier(name, LIMIT - len(BLIND_SUFFIX))
        if column.lower() in used:
            column = identifier(f"{column[:40]}_{_digest(name)}", LIMIT - len(BLIND_SUFFIX))
        used.add(column.lower())
        found[name] = column
    return found


def document_table(document: str) -> str:
    return identifier(f"d_{document}")


def child_table(document: str, table: str) -> str:
    return identifier(f"d_{document}__{table}")


def search_table(document: str) -> str:
    """The side table of full-text search (SQLite keeps shadow tables beside it, with suffixes of at most 8)."""
    return identifier(f"s_{document}", LIMIT - 8)


def index(prefix: str, *parts: str) -> str:
    """A short name that says by itself what it indexes: the same parts always give the same name."""
    return f"{prefix}_{sha256(chr(0).join(parts).encode()).hexdigest()[:20]}"


def _digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:8]
