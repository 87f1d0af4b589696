"""What SQLite's planner knows of the tables, kept fresh as they grow (PostgreSQL looks by itself).

In: how many rows were written. Out: an ANALYZE now and then. Without it SQLite takes every index for selective, and a
list of most of a table is sorted instead of read in the order of its index. Each look waits for the tables to have
grown by half, so that all of them together cost about as much as the last one.
"""

from __future__ import annotations

from contextlib import suppress

import sqlalchemy as sa
from sqlalchemy import exc

_FIRST = 5_000
_ROWS_KNOWN = (
    "SELECT coalesce(sum(rows), 0) FROM (SELECT max(CAST(stat AS INTEGER)) AS rows FROM sqlite_stat1 GROUP BY tbl)"
)


class Upkeep:
    """Counts what was written and looks at the tables when that is much."""

    def __init__(self, writer: sa.Engine) -> None:
        self._writer = writer
        self._written = 0
        self._next = _FIRST
        self._known = False

    def written(self, rows: int) -> None:
        """After a commit."""
        self._written += rows
        if self._written < self._next:
            return
        with suppress(exc.OperationalError):  # another process writes; there will be a next time
            if self._known or not self._rows_known():
                self._look()
            self._next = self._written + max(_FIRST, self._rows_known() // 2)
            self._known = True

    def _look(self) -> None:
        with self._writer.begin() as connection:
            connection.exec_driver_sql("ANALYZE")

    def _rows_known(self) -> int:
        with self._writer.begin() as connection:
            there = connection.exec_driver_sql("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'").all()
            return int(connection.exec_driver_sql(_ROWS_KNOWN).scalar_one()) if there else 0
