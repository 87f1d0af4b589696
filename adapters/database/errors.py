"""Errors of the drivers to those of the ports.

In: what SQLAlchemy raises. Out: `Stale` for a transaction that may be tried again, the names that a broken uniqueness
carries. Knows error codes of both databases, no document.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from engine.ports import Stale

_PG_RETRY = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock not available
_LITE_BUSY = {5, 6}  # SQLITE_BUSY, SQLITE_LOCKED


@contextmanager
def translated() -> Iterator[None]:
    """Raise Stale in place of a driver's error that says so."""
    try:
        yield
    except exc.DBAPIError as error:
        if given_up(error):
            raise Stale(str(error.orig)) from error
        if isinstance(error, exc.DataError):  # a value that the database cannot keep
            raise ValueError(str(error.orig)) from error
        raise
    except exc.TimeoutError as error:  # every connection was busy for the whole waiting time
        raise Stale(str(error)) from error


def given_up(error: exc.DBAPIError) -> bool:
    """Whether the transaction was given up because of another one, or the connection was lost before its end."""
    if getattr(error.orig, "sqlstate", None) in _PG_RETRY or error.connection_invalidated:
        return True
    return (getattr(error.orig, "sqlite_errorcode", 0) & 0xFF) in _LITE_BUSY


def broken_unique(error: exc.IntegrityError) -> tuple[str, tuple[str, ...]] | None:
    """Name of the index (PostgreSQL) or its columns (SQLite) where a uniqueness was broken, else None."""
    if getattr(error.orig, "sqlstate", None) == "23505":
        diagnosis = getattr(error.orig, "diag", None)
        return str(getattr(diagnosis, "constraint_name", "")), ()
    text = str(error.orig)
    marker = "UNIQUE constraint failed: "
    if marker not in text:
        return None
    names = text.split(marker, 1)[1].split(", ")
    return "", tuple(name.split(".", 1)[-1] for name in names)
