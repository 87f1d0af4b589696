"""Connections: one way to a SQLite file, one to a PostgreSQL server.

In: a database URL. Out: a `Backend` that opens transactions and turns Core statements into text once. Knows drivers and
dialects; knows no document.

SQLite: write-ahead log, every commit on the disk (`synchronous=FULL`), foreign keys on. Writers of one process queue at
a pool of one connection instead of sleeping and retrying; readers have connections of their own that cannot write.
PostgreSQL: writing transactions are READ COMMITTED (rows are locked where it matters), reading ones see one snapshot.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.pool import QueuePool

from adapters.database.decimals import TextSum, from_scaled, to_text
from adapters.database.errors import committing, translated, worded
from adapters.database.upkeep import Upkeep

_DISCREET = {"hide_parameters": True}
"""Values of records stay out of errors, and so out of logs."""
_LITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-32768",
    "PRAGMA temp_store=MEMORY",
)


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL of the driver and the order in which it takes the values (None: as they come)."""

    sql: str
    order: tuple[int, ...] | None = None

    def bound(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """The values as the driver takes them."""
        return tuple(values) if self.order is None else tuple([values[place] for place in self.order])


class Transaction:
    """An open transaction: runs statements and gives plain rows.

    Statements go to the driver's own cursor: what SQLAlchemy does around each of them takes longer than a small one.
    """

    __slots__ = ("_cursor", "_failures", "connection", "written")

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.written = 0
        self._cursor: Any = connection.connection.cursor()
        self._failures: type[Exception] = connection.dialect.loaded_dbapi.Error

    def rows(self, statement: Statement, values: Sequence[Any] = ()) -> Sequence[Sequence[Any]]:
        """All rows. Raises SQLAlchemy's errors, as all of these do."""
        cursor = self._cursor
        try:
            cursor.execute(statement.sql, statement.bound(values))
            found: Sequence[Sequence[Any]] = cursor.fetchall()
        except self._failures as error:
            raise worded(self.connection, statement.sql, error) from error
        return found

    def row(self, statement: Statement, values: Sequence[Any] = ()) -> Sequence[Any] | None:
        """The first row, or None. All are fetched: an open cursor would keep SQLite in this transaction's past."""
        found = self.rows(statement, values)
        return found[0] if found else None

    def change(self, statement: Statement, values: Sequence[Any] = ()) -> int:
        """How many rows were written."""
        return self._changed(self._cursor.execute, statement.sql, statement.bound(values))

    def change_many(self, statement: Statement, many: Sequence[Sequence[Any]]) -> int:
        """The statement once for each list of values, in one go."""
        if not many:
            return 0
        return self._changed(self._cursor.executemany, statement.sql, [statement.bound(values) for values in many])

    def _changed(self, run: Callable[[str, Any], object], sql: str, values: Sequence[Any]) -> int:
        try:
            run(sql, values)
        except self._failures as error:
            raise worded(self.connection, sql, error) from error
        self.written += (rows := int(self._cursor.rowcount))
        return rows

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Everything in the block or nothing of it; the transaction stays usable."""
        self.connection.exec_driver_sql("SAVEPOINT guiju")
        try:
            yield
        except BaseException:
            self.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT guiju")
            raise
        finally:
            self.connection.exec_driver_sql("RELEASE SAVEPOINT guiju")

    def stream(self, statement: Statement, values: Sequence[Any] = (), *, size: int = 1000) -> Generator[Sequence[Any]]:
        """Rows one after the other, never all of them in memory."""
        how = {"stream_results": True, "max_row_buffer": size}
        result = self.connection.exec_driver_sql(statement.sql, statement.bound(values), execution_options=how)
        with closing(result):
            for part in result.partitions(size):
                yield from part

    def copy(self, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
        """Rows into a table by PostgreSQL's COPY. Raises IntegrityError."""
        try:
            cursor: Any = self.connection.connection.cursor()
            with cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copying:
                for row in rows:
                    copying.write_row(row)
        except self.connection.dialect.loaded_dbapi.IntegrityError as error:
            raise exc.IntegrityError(f"COPY {table}", None, error) from error


class Backend:
    """A database and what is special about it."""

    def __init__(self, url: str, *, connections: int = 10, patience: float = 30) -> None:
        """`patience`: seconds that a SQLite writer waits for another before its transaction is Stale."""
        parsed = sa.make_url(url)
        self.postgres = parsed.get_backend_name() == "postgresql"
        if self.postgres:
            self.writer, self.reader = _postgres(parsed.set(drivername="postgresql+psycopg"), connections)
        else:
            self.writer, self.reader = _sqlite(parsed, connections, patience)
        self._upkeep = None if self.postgres else Upkeep(self.writer)
        self._writing = threading.local()
        dialect = type(self.writer.dialect)
        self._dialect = dialect(paramstyle="format" if self.postgres else "qmark")  # type: ignore[call-arg]

    @contextmanager
    def begin(self, *, write: bool) -> Iterator[Transaction]:
        """A transaction. Raises Stale when the database gave it up because of another one, or the connection was lost
        before its end; RuntimeError for a writing one within another of the same thread, which would wait for ever."""
        with translated(), ExitStack() as ends:
            if write:
                ends.enter_context(self._alone())
            connection = ends.enter_context((self.writer if write else self.reader).connect())
            begun = connection.begin()
            transaction = Transaction(connection)
            try:
                yield transaction
            except BaseException:
                begun.rollback()
                raise
            with committing():
                begun.commit()
        if self._upkeep is not None and write:
            self._upkeep.written(transaction.written)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if getattr(self._writing, "now", False):
            raise RuntimeError("another writing unit is open")
        self._writing.now = True
        try:
            yield
        finally:
            self._writing.now = False

    def compiled(self, clause: sa.sql.ClauseElement) -> Statement:
        """The statement as text; its parameters are named by their place, `p0`, `p1` and so on."""
        compiled = clause.compile(dialect=self._dialect)
        names = getattr(compiled, "positiontup", None) or ()
        order = tuple(int(name[1:]) for name in names)
        return Statement(str(compiled), None if order == tuple(range(len(order))) else order)

    def spelled(self, clause: sa.sql.ClauseElement) -> str:
        """A condition with its values written out and without the table's name, for DDL."""
        return str(
            clause.compile(dialect=self._dialect, compile_kwargs={"literal_binds": True, "include_table": False})
        )

    def quoted(self, name: str) -> str:
        """An identifier as it stands in SQL."""
        return self._dialect.identifier_preparer.quote(name)

    def close(self) -> None:
        """Give all connections back."""
        self.writer.dispose()
        self.reader.dispose()


def limited(query: sa.Select[Any], most: sa.ColumnElement[int]) -> sa.Select[Any]:
    """The first rows of a query. The offset is spelled out: SQLite's dialect would bind one that has no place."""
    return query.limit(most).offset(sa.literal_column("0", sa.Integer()))


ONE: sa.ColumnElement[int] = sa.literal_column("1", sa.Integer())


def place(number: int, type_: sa.types.TypeEngine[Any]) -> sa.BindParameter[Any]:
    """The parameter at a place."""
    return sa.bindparam(f"p{number}", type_=type_)


def _sqlite(url: sa.URL, connections: int, patience: float) -> tuple[sa.Engine, sa.Engine]:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    options: dict[str, Any] = {"isolation_level": None, "check_same_thread": False, "cached_statements": 512}
    made: dict[str, Any] = {"poolclass": QueuePool, "connect_args": options, **_DISCREET}
    writer = sa.create_engine(url, pool_size=1, max_overflow=0, pool_timeout=patience, **made)
    reader = sa.create_engine(url, pool_size=connections, **made)
    waiting = f"PRAGMA busy_timeout={int(patience * 1000)}"
    for engine, pragmas, begin in (
        (writer, (*_LITE_PRAGMAS, waiting), "BEGIN IMMEDIATE"),
        (reader, (*_LITE_PRAGMAS, waiting, "PRAGMA query_only=ON"), "BEGIN"),
    ):
        _listen(engine, pragmas, begin)
    return writer, reader


def _listen(engine: sa.Engine, pragmas: Sequence[str], begin: str) -> None:
    def connected(connection: Any, _: Any) -> None:
        for pragma in pragmas:
            connection.execute(pragma)
        connection.create_function("guiju_decimal", 2, _decimal, deterministic=True)
        connection.create_aggregate("guiju_sum", 1, TextSum)

    def begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)


def _decimal(value: int | None, scale: int) -> str | None:
    """A scaled number in the form that all stored numbers can be compared in."""
    return None if value is None else to_text(from_scaled(value, scale))


def _postgres(url: sa.URL, connections: int) -> tuple[sa.Engine, sa.Engine]:
    made: dict[str, Any] = {"pool_size": connections, "max_overflow": connections, **_DISCREET}
    writer = sa.create_engine(url, isolation_level="READ COMMITTED", **made)
    reader = sa.create_engine(url, isolation_level="REPEATABLE READ", **made)

    def connected(connection: Any, _: Any) -> None:
        connection.read_only = True

    event.listen(reader, "connect", connected)
    return writer, reader
