"""Errors of the drivers to those of the ports.

In: what SQLAlchemy raises. Out: `Stale` for a transaction that may be tried again, ValueError for a value that cannot
be kept. Knows error codes of both databases, no document.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from engine.ports import Stale

_PG_RETRY = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock not available
_LITE_BUSY = {5, 6}  # SQLITE_BUSY, SQLITE_LOCKED


@contextmanager
def translated() -> Iterator[None]:
    """Raise Stale in place of a driver's error that says so."""
    try:
        yield
    except exc.DataError as error:  # a value that the database cannot keep
        raise ValueError(str(error.orig)) from error
    except exc.DBAPIError as error:
        if given_up(error):
            raise Stale(str(error.orig)) from error
        raise
    except exc.TimeoutError as error:  # every connection was busy for the whole waiting time
        raise Stale(str(error)) from error


def worded(connection: sa.Connection, sql: str, error: Any) -> BaseException:
    """A driver's error in SQLAlchemy's words. A lost connection is given up, and with it those that wait beside it."""
    dialect = connection.dialect
    lost = not connection.invalidated and dialect.is_disconnect(error, connection.connection, None)
    if lost or _outdated(error):
        connection.invalidate(error)
        connection.engine.dispose()
    failures = dialect.loaded_dbapi.Error
    told: BaseException = exc.DBAPIError.instance(
        sql, None, error, failures, connection_invalidated=lost, dialect=dialect
    )
    return told


class OutcomeUnknownError(Exception):
    """The connection was lost during a commit: whether it happened has to be looked up, not tried again."""


@contextmanager
def committing() -> Iterator[None]:
    """Around a commit: a lost connection there says nothing of what the database has done."""
    try:
        yield
    except exc.DBAPIError as error:
        if error.connection_invalidated:
            raise OutcomeUnknownError(str(error.orig)) from error
        raise


def _outdated(error: object) -> bool:
    """Whether a statement was prepared before another process changed the table: a new connection prepares it anew."""
    return getattr(error, "sqlstate", None) == "0A000" and "cached plan" in str(error)


def given_up(error: exc.DBAPIError) -> bool:
    """Whether the transaction was given up because of another one, or the connection was lost before its end."""
    if getattr(error.orig, "sqlstate", None) in _PG_RETRY or error.connection_invalidated or _outdated(error.orig):
        return True
    return (getattr(error.orig, "sqlite_errorcode", 0) & 0xFF) in _LITE_BUSY


def broken_unique(error: exc.IntegrityError) -> bool:
    """Whether a uniqueness was broken, not another constraint."""
    return getattr(error.orig, "sqlstate", None) == "23505" or "UNIQUE constraint failed" in str(error.orig)
