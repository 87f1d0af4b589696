"""Storage against Core written by hand, in one run, on the same rows, rounds interleaved; medians.

Run it with `python tests/bench/bench_storage.py [--full] [--rows N] [--postgres URL]`. Without `--full` it takes 50,000
rows; with it, a million. Every ratio has to reach its bar: three times as slow as by hand is 0.33.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import sqlalchemy as sa
from sqlalchemy import orm

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adapters.database.store import DatabaseStore
from engine.model.criteria import Compare, Every, Matches, Order, Selection
from engine.model.records import Record
from engine.model.storage import Column
from engine.model.types import Kind, Type
from tests.bench.orders import ORDER, PLANTED, by_hand, hand_row, id_of, orders, values

ROUNDS = 7
WHERE = Every((Compare(("kind",), "==", "BC"), Compare(("paid",), "==", True)))
CITY = Every((Compare(("kind",), "==", "BC"), Compare(("city",), "==", "重庆")))
NEWEST = (Order("created_at", descending=True),)


class Row(NamedTuple):
    """One measurement: what ours and the peer do in a second, their ratio and what it has to reach."""

    name: str
    ours: float
    peer: float
    ratio: float
    bar: float


class Bench:
    """A filled database and a second way into it."""

    def __init__(self, url: str, rows: int) -> None:
        self.rows = rows
        self.postgres = url.startswith("postgresql")
        self.store = DatabaseStore(url)
        self.engine = sa.create_engine(url, isolation_level=None if self.postgres else "AUTOCOMMIT")
        if not self.postgres:
            sa.event.listen(self.engine, "connect", _plain_pragmas)
        self.store.apply([ORDER])
        self.table = by_hand(sa.MetaData(), "d_order", postgres=self.postgres)

    def fill(self) -> None:
        """All rows, 5,000 a transaction, then what a real database does by itself."""
        for start in range(0, self.rows, 5_000):
            with self.store.begin() as unit:
                unit.insert_many(list(orders(min(5_000, self.rows - start), start)))
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE" if self.postgres else "ANALYZE")

    def close(self) -> None:
        self.store.close()
        self.engine.dispose()

    # --- ours ---

    def page(self, selection: Selection) -> list[Any]:
        with self.store.begin(write=False) as unit:
            return unit.select(selection)

    def count(self) -> int:
        with self.store.begin(write=False) as unit:
            return unit.count("order", WHERE, 1_001)

    def change(self, number: int) -> None:
        with self.store.begin() as unit:
            record = unit.fetch("order", id_of(number))
            assert record is not None
            record.values |= {"note": "changed", "version": record.version + 1}
            unit.update(record, record.version - 1)

    # --- by hand ---

    def hand_page(self, *conditions: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
        table = self.table
        query = sa.select(*table.c).where(*conditions, table.c.deleted == sa.false())
        query = query.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(50)
        with self.engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def hand_search(self) -> list[dict[str, Any]]:
        side = "s_order"
        if self.postgres:
            found = sa.text(f"SELECT id FROM {side} WHERE words @@ cast(:word AS tsquery)")  # noqa: S608
            inside = self.table.c.id.in_(found.bindparams(word=f"'{PLANTED}'").columns(sa.column("id", sa.Text)))
        else:
            found = sa.text(f"SELECT rowid FROM {side} WHERE words MATCH :word")  # noqa: S608
            rowid: sa.ColumnElement[int] = sa.literal_column("d_order._row", sa.Integer)
            inside = rowid.in_(found.bindparams(word=f'"{PLANTED}"').columns(sa.column("rowid", sa.Integer)))
        query = sa.select(*self.table.c).where(inside).order_by(self.table.c.id).limit(50)
        with self.engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def hand_count(self) -> int:
        table = self.table
        some = sa.select(sa.literal(1)).where(table.c.kind == "BC", table.c.paid == sa.true()).limit(1_001).subquery()
        with self.engine.connect() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())

    def hand_change(self, number: int) -> None:
        table = self.table
        with self.engine.connect() as connection:
            if not self.postgres:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            row = connection.execute(sa.select(*table.c).where(table.c.id == id_of(number))).one()
            changed = {**row._mapping, "note": "changed", "version": row.version + 1}
            query = table.update().where(table.c.id == row.id, table.c.version == row.version).values(changed)
            assert connection.execute(query).rowcount == 1
            connection.commit() if self.postgres else connection.exec_driver_sql("COMMIT")


def _plain_pragmas(connection: Any, _: Any) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "cache_size=-32768",
    ):
        connection.execute(f"PRAGMA {pragma}")


def seconds(do: Callable[[], object], times: int) -> float:
    """Seconds for one call."""
    start = time.perf_counter()
    for _ in range(times):
        do()
    return (time.perf_counter() - start) / times


def compared(name: str, ours: Callable[[], object], peer: Callable[[], object], bar: float, times: int = 20) -> Row:
    """Both in turn, warm; medians."""
    ours(), peer()
    rounds = [(seconds(ours, times), seconds(peer, times)) for _ in range(ROUNDS)]
    mine, theirs = (1 / statistics.median(column) for column in zip(*rounds, strict=True))
    return Row(name, mine, theirs, mine / theirs, bar)


def lists(bench: Bench) -> Iterator[Row]:
    """P5: two filters and a sort, the first page and the ten thousandth (or the last that there is)."""
    table = bench.table
    by_city = (table.c.kind == "BC", table.c.city == "重庆")
    first = Selection("order", CITY, NEWEST)
    assert [record.id for record in bench.page(first)] == [row["id"] for row in bench.hand_page(*by_city)]
    yield compared("list, 2 filters + sort", lambda: bench.page(first), lambda: bench.hand_page(*by_city), 1 / 3)
    with bench.engine.connect() as connection:
        bc = sa.select(sa.func.count()).where(table.c.kind == "BC").select_from(table)
        skipped = min(10_000 * 50, connection.execute(bc).scalar_one() - 100)
        edge = sa.select(table.c.created_at, table.c.id).where(table.c.kind == "BC")
        edge = edge.order_by(table.c.created_at.desc(), table.c.id.desc()).offset(skipped).limit(1)
        after = tuple(connection.execute(edge).one())
    wide = Selection("order", Compare(("kind",), "==", "BC"), NEWEST)
    far = replace(wide, after=after)
    assert len(bench.page(far)) == 50
    page = skipped // 50
    yield compared(f"page {page:,} against page 1", lambda: bench.page(far), lambda: bench.page(wide), 1 / 1.5)
    key = sa.tuple_(table.c.created_at, table.c.id) < sa.tuple_(*(sa.literal(v) for v in after))
    yield compared(f"page {page:,}", lambda: bench.page(far), lambda: bench.hand_page(table.c.kind == "BC", key), 1 / 3)


def search(bench: Bench) -> Row:
    """P18: two Chinese characters; every planted hit is found."""
    wanted = Selection("order", Matches(PLANTED))
    found = bench.page(replace(wanted, limit=10_000))
    planted = [number for number in range(bench.rows) if number % 2427 == 7]
    assert [record.id for record in found] == [id_of(number) for number in planted]
    return compared("search, 2 characters", lambda: bench.page(wanted), bench.hand_search, 1 / 3)


def counting(bench: Bench) -> Row:
    """P17: a count capped at 1,001."""
    assert bench.count() == bench.hand_count() == 1_001
    return compared("capped count", bench.count, bench.hand_count, 1 / 2)


def changing(bench: Bench) -> Row:
    """P19: read, change where the version is the one read, commit."""
    numbers = iter(range(bench.rows))
    return compared(
        "optimistic update", lambda: bench.change(next(numbers)), lambda: bench.hand_change(next(numbers)), 0.6, 50
    )


def evolving(bench: Bench) -> Row:
    """P16: a new field; the bar is one second for ours, whatever the peer takes."""
    added = replace(ORDER, columns=(*ORDER.columns, Column("added", Type(Kind.TEXT))))
    ours = seconds(lambda: bench.store.apply([added]), 1)
    with bench.engine.begin() as connection:
        peer = seconds(lambda: connection.exec_driver_sql("ALTER TABLE d_order ADD COLUMN by_hand TEXT"), 1)
    return Row(f"add a field to {bench.rows:,} rows", 1 / ours, 1 / peer, 1 / ours, 1.0)


class Loading:
    """P7: many new rows, into tables with the same indexes and no other rows."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.storage = replace(ORDER, document="bulk", search=())
        bench.store.apply([self.storage])
        registry = orm.registry()
        self.table = by_hand(registry.metadata, "by_hand", postgres=bench.postgres)
        for number, names in enumerate(ORDER.indexes):
            sa.Index(f"by_hand_{number}", *(self.table.c[name] for name in names))
        self.mapped = type("Mapped", (), {})
        registry.map_imperatively(self.mapped, self.table)
        registry.metadata.create_all(bench.engine)

    def ours(self, numbers: range) -> float:
        records = [Record("bulk", values(number)) for number in numbers]
        start = time.perf_counter()
        with self.bench.store.begin() as unit:
            unit.insert_many(records)
        return time.perf_counter() - start

    def add_all(self, numbers: range) -> float:
        rows = [self._row(number) for number in numbers]
        start = time.perf_counter()
        with orm.Session(self.bench.engine) as session:
            if not self.bench.postgres:
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            made = []
            for row in rows:
                one = self.mapped()
                for name, value in row.items():
                    setattr(one, name, value)
                made.append(one)
            session.add_all(made)
            session.flush()
            session.connection().exec_driver_sql("COMMIT")
        return time.perf_counter() - start

    def driver(self, numbers: range) -> float:
        """COPY, or tuples to executemany; dates are text already on SQLite."""
        names = [column.name for column in self.table.c]
        rows = [tuple(self._plain(row[name]) for name in names) for row in map(self._row, numbers)]
        listed = ", ".join(names)
        start = time.perf_counter()
        with self.bench.engine.connect() as connection:
            cursor: Any = connection.connection.cursor()
            if self.bench.postgres:
                with cursor.copy(f"COPY by_hand ({listed}) FROM STDIN") as copying:
                    for row in rows:
                        copying.write_row(row)
                connection.connection.commit()
            else:
                cursor.execute("BEGIN IMMEDIATE")
                cursor.executemany(f"INSERT INTO by_hand ({listed}) VALUES ({', '.join('?' * len(names))})", rows)  # noqa: S608
                cursor.execute("COMMIT")
            cursor.close()
        return time.perf_counter() - start

    def _row(self, number: int) -> dict[str, Any]:
        return hand_row(Record("bulk", values(number)), postgres=self.bench.postgres)

    def _plain(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) and not self.bench.postgres else value


def loading(bench: Bench, rows: int = 5_000) -> Iterator[Row]:
    """Against ORM add_all, and against the driver alone."""
    loads = Loading(bench)
    starts = iter(range(10**8, 10**9, rows))
    ways = (loads.ours, loads.add_all, loads.driver)
    rounds = [[way(range(start := next(starts), start + rows)) for way in ways] for _ in range(5)]
    ours, orm_rate, driver = (rows / statistics.median(column) for column in zip(*rounds, strict=True))
    yield Row("bulk insert against ORM add_all", ours, orm_rate, ours / orm_rate, 1.5)
    yield Row("bulk insert against the driver", ours, driver, ours / driver, 0.15)


def run(rows: int = 50_000, url: str = "") -> list[Row]:
    """All rows of this bench, in a SQLite file of its own or the (empty) PostgreSQL database at `url`."""
    with opened(url, rows) as bench:
        bench.fill()
        return [*lists(bench), counting(bench), search(bench), changing(bench), *loading(bench), evolving(bench)]


@contextmanager
def opened(url: str, rows: int) -> Iterator[Bench]:
    """A bench over the database, its tables not yet filled."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(url or f"sqlite:///{folder}/bench.db", rows)
        try:
            yield bench
        finally:
            bench.close()


def test_sqlite_reaches_its_bars() -> None:
    missed = [row for row in run(20_000) if row.ratio < row.bar]
    assert not missed


def test_postgresql_reaches_its_bars(postgres_url: str) -> None:
    missed = [row for row in run(20_000, postgres_url) if row.ratio < row.bar]
    assert not missed


def circumstances() -> str:
    """Versions, and what one write to this disk costs."""
    with tempfile.TemporaryFile() as file:

        def write() -> None:
            file.write(bytes(8192))
            file.flush()
            os.fdatasync(file.fileno())

        cost = seconds(write, 100) * 1e6
    versions = f"Python {platform.python_version()}, SQLAlchemy {sa.__version__}, SQLite {sqlite3.sqlite_version}"
    return f"{versions}, psycopg {psycopg.__version__}; fdatasync of 8 KB {cost:,.0f} us; medians of {ROUNDS} rounds"


def told(rows: Sequence[Row]) -> str:
    """The rows as a table."""
    head = f"{'':36}{'ours/s':>12}{'peer/s':>12}{'ratio':>8}{'bar':>7}"
    lines = [
        f"{row.name:36}{row.ours:12,.1f}{row.peer:12,.1f}{row.ratio:8.2f}{row.bar:7.2f}"
        f"{'' if row.ratio >= row.bar else '  MISSED'}"
        for row in rows
    ]
    return "\n".join([head, *lines])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="a million rows")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--postgres", metavar="URL", default="", help="an empty PostgreSQL database instead of SQLite")
    asked = parser.parse_args()
    found = run(1_000_000 if asked.full else asked.rows, asked.postgres)
    sys.stdout.write(f"{circumstances()}\n{told(found)}\n")
    sys.exit(any(row.ratio < row.bar for row in found))
