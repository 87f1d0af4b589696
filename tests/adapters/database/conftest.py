"""Stores to try: in memory, in a SQLite file, in a PostgreSQL database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from adapters.database.store import DatabaseStore
from tests.adapters.database.toy_cipher import ToyCipher

Make = Callable[[], DatabaseStore]
PLAIN = "postgresql+psycopg"


def emptied(url: str) -> str:
    """The PostgreSQL database without any table."""
    with psycopg.connect(url.replace(PLAIN, "postgresql"), autocommit=True) as connection:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
    return url


CLEAR = """do $$
declare place text;
begin
  set local session_replication_role = replica; -- what may only grow is emptied too
  for place in select quote_ident(tablename) from pg_tables where schemaname = 'public' loop
    execute 'delete from ' || place;
  end loop;
end $$"""


def cleared(url: str) -> str:
    """The PostgreSQL database without any row. Its tables stay: making them takes longer than most tests."""
    with psycopg.connect(url.replace(PLAIN, "postgresql"), autocommit=True) as connection:
        connection.execute(CLEAR)
    return url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/guiju.db"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind in turn."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    return emptied(request.getfixturevalue("postgres_url"))


@pytest.fixture
def make(database_url: str) -> Iterator[Make]:
    """Opens the database; called again in one test, it stands for another process."""
    opened: list[DatabaseStore] = []

    def make_one() -> DatabaseStore:
        opened.append(DatabaseStore(database_url, cipher=ToyCipher(), connections=8))
        return opened[-1]

    yield make_one
    for one in opened:
        one.close()
