"""Postings against the same written by hand (select for update, check, update, insert), in one run, rounds interleaved.

Run it with `python tests/bench/bench_ledgers.py [--postgres URL]`. Over many accounts, over one that everybody posts
to, and with 100 accounts in one transaction. Half of what is done by hand is the bar.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adapters.clock.system import TimeOrderedIds
from adapters.database.store import DatabaseStore
from engine.model.actions import Post
from engine.testing.office import Office
from engine.usecases.acting import ENGINE, environment
from engine.usecases.events import in_work
from engine.usecases.posting import post
from engine.usecases.work import Applied, Work
from tests.adapters.database.toy_cipher import ToyCipher
from tests.bench.bench_storage import Row, compared
from tests.engine.ledgers.stocks import ROOM

ACCOUNTS, THREADS, BAR = 500, 4, 0.5
META = sa.MetaData()
HELD = sa.Table(
    "hand_accounts", META, sa.Column("id", sa.Text, primary_key=True), sa.Column("item", sa.Text),
    sa.Column("place", sa.Text), sa.Column("expiry", sa.Date), sa.Column("total", sa.Integer),
    sa.Column("held", sa.Integer), sa.Column("version", sa.Integer), sa.Column("changed_at", sa.DateTime),
    sa.Index("hand_accounts_item", "item", "place", "expiry"), sa.Index("hand_accounts_at", "changed_at"),
)  # fmt: skip
LINES = sa.Table(
    "hand_entries", META, sa.Column("id", sa.Text, primary_key=True), sa.Column("account", sa.Text),
    sa.Column("at", sa.DateTime), sa.Column("entry", sa.Text), sa.Column("item", sa.Text), sa.Column("place", sa.Text),
    sa.Column("total", sa.Integer), sa.Column("document", sa.Text), sa.Column("event", sa.Text),
    sa.Column("actor", sa.Text), sa.Column("posting", sa.Text),
    sa.Index("hand_entries_account", "account", "at"), sa.Index("hand_entries_document", "document", "event"),
    sa.Index("hand_entries_at", "at"),
)  # fmt: skip


class Bench:
    """A store room with accounts, and tables of the same form that are written by hand."""

    def __init__(self, url: str) -> None:
        self.postgres = url.startswith("postgresql")
        self.store = DatabaseStore(url, cipher=ToyCipher(), connections=THREADS)
        self.office = Office(ROOM, store=self.store, ids=TimeOrderedIds())
        self.ids = TimeOrderedIds()
        driver = url.replace("postgresql://", "postgresql+psycopg://")
        self.engine = sa.create_engine(
            driver, isolation_level=None if self.postgres else "AUTOCOMMIT", pool_size=THREADS
        )
        if not self.postgres:
            sa.event.listen(self.engine, "connect", _pragmas)
        META.create_all(self.engine)
        self.item = self.office.engine("item", {"name": "纸"})
        force = self.office.runtime.force
        (act,) = force.definitions.machines["delivery"].events["store"].do
        assert isinstance(act, Post)
        self.act = act
        self.event = force.definitions.machines["delivery"].events["store"]
        self.many(range(ACCOUNTS))
        self.hand_many(range(ACCOUNTS))

    def close(self) -> None:
        self.store.close()
        self.engine.dispose()

    # --- ours ---

    def many(self, places: range | list[int]) -> None:
        """A posting to each place, in one transaction."""
        in_work(self.office.runtime, ENGINE, partial(self._post, places))

    def _post(self, places: range | list[int], work: Work) -> None:
        working = work.blank("delivery")
        lines = [
            {"id": str(place), "item": self.item, "place": f"P{place}", "expiry": None, "qty": 1} for place in places
        ]
        working.values["lines"] = lines
        applied = Applied(working, self.event, "draft", {}, ENGINE)
        env = environment(work, applied)
        for line in lines:
            post(work, applied, self.act, env.inner(line))
        work.postings.finish()

    # --- by hand ---

    def hand_many(self, places: range | list[int]) -> None:
        with self.engine.connect() as connection:
            if not self.postgres:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            now, document = datetime(2026, 5, 6, 9, 0), self.ids.new()
            for place in sorted(places):
                self._by_hand(connection, place, now, document)
            connection.commit() if self.postgres else connection.exec_driver_sql("COMMIT")

    def _by_hand(self, connection: sa.Connection, place: int, now: datetime, document: str) -> None:
        account = f"{place:032x}"
        query = sa.select(HELD).where(HELD.c.id == account).with_for_update()
        row = connection.execute(query).first()
        if row is None:
            new = {"id": account, "item": self.item, "place": f"P{place}", "total": 0, "held": 0, "version": 1}
            connection.execute(HELD.insert().values(**new, changed_at=now))
            row = connection.execute(query).one()
        total = row.total + 1
        assert total >= 0
        assert total - row.held >= 0
        changed = {"total": total, "version": row.version + 1, "changed_at": now}
        connection.execute(HELD.update().where(HELD.c.id == account).values(changed))
        told = {
            "entry": "receive",
            "item": row.item,
            "place": row.place,
            "total": 1,
            "event": "store",
            "actor": "engine",
        }
        connection.execute(
            LINES.insert().values(
                id=self.ids.new(), account=account, at=now, document=document, posting=document, **told
            )
        )


def _pragmas(connection: Any, _: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "cache_size=-32768"):
        connection.execute(f"PRAGMA {pragma}")


def measured(bench: Bench) -> Iterator[Row]:
    """Each way, postings in a second."""
    ours, hand = count(), count()
    yield compared(
        "one of many accounts", lambda: bench.many([next(ours) % ACCOUNTS]),
        lambda: bench.hand_many([next(hand) % ACCOUNTS]), BAR, 100,
    )  # fmt: skip
    yield compared("100 accounts at once", lambda: bench.many(range(100)), lambda: bench.hand_many(range(100)), BAR, 5)
    with ThreadPoolExecutor(THREADS) as pool:

        def all_at_once(act: Callable[[list[int]], None]) -> None:
            for one in [pool.submit(act, [0]) for _ in range(40)]:
                one.result()

        yield compared(
            "one account, four threads", lambda: all_at_once(bench.many), lambda: all_at_once(bench.hand_many), BAR, 2
        )


def run(url: str = "") -> list[Row]:
    """All rows, in a SQLite file of its own or the (empty) PostgreSQL database at `url`."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(url or f"sqlite:///{folder}/bench.db")
        try:
            return list(measured(bench))
        finally:
            bench.close()


def test_sqlite_reaches_its_bars() -> None:
    assert not [row for row in run() if row.ratio < row.bar]


def test_postgresql_reaches_its_bars(postgres_url: str) -> None:
    assert not [row for row in run(postgres_url) if row.ratio < row.bar]


def main() -> int:
    """Print every row; 1 when one misses its bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", default="", help="an empty database, as SQLAlchemy writes its address")
    rows = run(parser.parse_args().postgres)
    for row in rows:
        told = f"ours {row.ours:9.1f}/s  by hand {row.peer:9.1f}/s  ratio {row.ratio:.2f}  bar {row.bar:.2f}"
        sys.stdout.write(f"{row.name:28} {told}\n")
    return 0 if all(row.ratio >= row.bar for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
